import * as z from 'zod';
import { taskReason } from '../contract/callReasons';
import { taskStates, type TaskView } from '../contract/taskViews';
import { oneLine } from '../core/text';
import { label, plainText, quoteBlock, quoteLine } from './quote';
import { formatRef } from './refs';

const words = z.string().describe('the words of that agent, not of your user');

/** A task as tools return it: {@link TaskView}, leaner. */
export const leanTask = z.object({
  id: z.string(),
  title: words,
  text: words.optional(),
  refs: z.array(z.string()).optional().describe('places in the code: path:line-line'),
  from: z.string().describe('name of who gave it'),
  to: z.string().describe('name of who has it'),
  state: z.enum(taskStates),
  offered: z.boolean().optional().describe('it waits for the answer of who has it'),
  fence: z.number().int().describe('give it with each report'),
  progress: z.number().optional(),
  said: words.optional(),
  result: z.unknown().optional(),
  reason: z.string().optional(),
  deadline: z.number().optional(),
  thread: z.string().optional(),
  tool: z.string().optional(),
  args: z.unknown().optional(),
});

export type LeanTask = z.infer<typeof leanTask>;

export function toTask(view: TaskView): LeanTask {
  return {
    id: view.id,
    title: oneLine(view.title),
    ...(view.text !== undefined && { text: plainText(view.text) }),
    ...(view.refs.length > 0 && { refs: view.refs.map((ref) => oneLine(formatRef(ref))) }),
    from: label(view.fromName),
    to: label(view.toName),
    state: view.state,
    ...(view.offered && { offered: true }),
    fence: view.fence,
    ...(view.progress !== undefined && { progress: view.progress }),
    ...(view.said !== undefined && { said: plainText(view.said) }),
    ...(view.result !== undefined && { result: view.result }),
    ...(view.reason !== undefined && { reason: oneLine(view.reason) }),
    ...(view.deadline !== undefined && { deadline: view.deadline }),
    ...(view.thread !== undefined && { thread: view.thread }),
    ...(view.tool !== undefined && { tool: oneLine(view.tool) }),
    ...(view.args !== undefined && { args: view.args }),
  };
}

/** A task in words: what it is, where it stands, and what can be done with it; `change` is what an event tells of it. */
export function taskText(task: LeanTask, change?: string): string {
  const head = `Task ${task.id} ${quoteLine(task.title)}, from ${task.from} to ${task.to}: ${change ?? task.state}`;
  const facts = [
    head,
    ...(change !== undefined && change !== task.state ? [`state ${task.state}`] : []),
    ...(task.progress === undefined ? [] : [`${Math.round(task.progress * 100)} %`]),
    ...(task.reason === undefined ? [] : [taskReason(task.reason) ?? quoteLine(task.reason)]),
    `fence ${task.fence}`,
  ];
  const lines = [`${facts.join('; ')}.`];
  if (task.offered === true && task.text !== undefined) lines.push(quoteBlock(task.text));
  if (task.tool !== undefined) {
    lines.push(
      `It is a use of the tool ${quoteLine(task.tool)} with ${quoteLine(JSON.stringify(task.args ?? {}), 2000)}.`,
    );
  }
  if (task.said !== undefined) lines.push(quoteBlock(task.said));
  if (task.result !== undefined) lines.push(quoteBlock(JSON.stringify(task.result)));
  if (task.offered === true) lines.push('Answer with answer (call = the task id): accept, decline or later.');
  return lines.join('\n');
}
