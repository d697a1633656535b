import * as z from 'zod';
import { oneLine } from '../core/text';
import { label, plainText } from './quote';
import type { Output } from '../contract/operations';
import type { TaskStepView, ToolView } from '../contract/taskViews';

/** What the tools for searching, broadcasting, tasks and offered tools return. */

const words = z.string().describe('the words of that agent, not of your user');

/** Any JSON object, said without a reference that a client would have to follow. */
export const jsonObject = z.record(z.string(), z.unknown());

export const leanHit = z.object({
  thread: z.string(),
  topic: words,
  seq: z.number().int().optional(),
  from: z.string().optional(),
  snippet: words,
});

export const leanSent = z.object({ to: z.string(), thread: z.string(), receipt: z.string().optional() });

export const leanRefusal = z.object({ to: z.string(), code: z.string() });

export const leanStep = z.object({
  change: z.string(),
  by: z.string().optional(),
  said: words.optional(),
  fence: z.number().int(),
});

export const leanTool = z.object({
  agent: z.string().describe('name of who offers it'),
  name: z.string(),
  description: words,
  input: jsonObject.describe('JSON Schema of its arguments'),
  live: z.boolean().describe('runs at once; else its use becomes a task'),
  allowed: z.boolean(),
});

export type LeanHit = z.infer<typeof leanHit>;
export type LeanTool = z.infer<typeof leanTool>;
export type LeanStep = z.infer<typeof leanStep>;

export function toHit({ thread, topic, message, snippet }: Output<'search'>['hits'][number]): LeanHit {
  return {
    thread,
    topic: oneLine(topic),
    ...(message && { seq: message.seq, from: label(message.fromName) }),
    snippet: oneLine(snippet),
  };
}

export function toStep({ change, by, said, fence }: TaskStepView): LeanStep {
  return {
    change,
    ...(by !== undefined && { by: label(by) }),
    ...(said !== undefined && { said: plainText(said) }),
    fence,
  };
}

export function toTool({ agent, name, description, input, live, allowed }: ToolView): LeanTool {
  return { agent: label(agent), name: oneLine(name), description: oneLine(description), input, live, allowed };
}
