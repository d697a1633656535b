import type { ToolAnnotations } from '@modelcontextprotocol/sdk/types.js';
import * as z from 'zod';
import type { ErrorCode } from '../contract/errors';
import { operations, type Input, type OperationName } from '../contract/operations';
import { parseRef } from './refs';
import { leanAgent, leanCall, leanEvent, leanMessage, leanThread, more, waits } from './results';

/** Which operation a tool call asks for. */
export interface Plan<N extends OperationName = OperationName> {
  readonly operation: N;
  readonly input: Readonly<Record<string, unknown>>;
  /** The operation waits, the default time if the call names none. */
  readonly waits: boolean;
  /** On one of these refusals, this is what was meant. */
  readonly otherwise?: { readonly codes: readonly ErrorCode[]; readonly plan: Plan };
}

/** What the door or bridge knows of the one who calls. */
export interface CallerContext {
  /** Relative paths are taken from here. */
  readonly workspace?: string | undefined;
  /** Which chat or turn the call comes from. */
  readonly note?: string | undefined;
}

export interface Tool<S extends z.ZodObject = z.ZodObject> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly input: S;
  readonly output: z.ZodObject;
  readonly annotations: ToolAnnotations;
  plan(args: z.infer<S>, context: CallerContext): Plan;
}

function tool<S extends z.ZodObject>(declared: Tool<S>): Tool {
  return declared;
}

/** Every tool of Parley adds to a conversation and takes nothing away; none reaches beyond this machine's roster. */
const reads: ToolAnnotations = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
};
const adds: ToolAnnotations = {
  readOnlyHint: false,
  destructiveHint: false,
  idempotentHint: false,
  openWorldHint: false,
};
const settles: ToolAnnotations = { ...adds, idempotentHint: true };

const wait = z.number().min(0).optional().describe('seconds to wait for a reply; default 25, 0: do not wait');
const refs = z.array(z.string().min(1).max(4096)).optional().describe('places in the code, as path:10-20');
const key = z.string().max(128).optional().describe('set the same when you retry');
const thread = z.string().optional().describe('thread id; default: your live thread');

function plan<N extends OperationName>(
  operation: N,
  input: Input<N>,
  rest: { readonly waits?: boolean; readonly otherwise?: Plan['otherwise'] } = {},
): Plan<N> {
  const given = Object.entries(input).filter(([, value]) => value !== undefined);
  return {
    operation,
    input: Object.fromEntries(given),
    waits: rest.waits ?? false,
    ...(rest.otherwise && { otherwise: rest.otherwise }),
  };
}

const asRefs = (texts: readonly string[] | undefined, { workspace }: CallerContext): Input<'send'>['refs'] =>
  texts?.map((text) => parseRef(text, workspace));

const { who, call, answer, profile } = operations;

export const tools: readonly Tool[] = [
  tool({
    name: 'who',
    title: 'Who Is There',
    description: 'See which agents are on this machine, what they are good at and how they can be reached.',
    input: z.object({
      agent: z.string().optional().describe('only this one, by name'),
      capability: z.string().optional().describe('only those good at this'),
      status: who.input.shape.status,
      workspace: z.string().optional().describe('only those in this folder'),
    }),
    output: z.object({ you: z.string().optional(), agents: z.array(leanAgent), more, waits }),
    annotations: reads,
    plan: (args) => plan('who', args),
  }),
  tool({
    name: 'call',
    title: 'Call an Agent',
    description:
      'Call an agent by name to talk now. It is rung, even when idle, and its answer opens a thread for send. If away, the call waits in its inbox.',
    input: z.object({
      to: z
        .union([z.string(), z.array(z.string())])
        .optional()
        .describe('name, or names for a talk of several'),
      topic: z.string().optional().describe('what it is about, one line'),
      message: z.string().optional().describe('your first message'),
      refs,
      urgency: call.input.shape.urgency,
      wait,
      cancel: z.string().optional().describe('instead: id of a call of yours to take back'),
      key,
    }),
    output: z.object({
      call: leanCall,
      thread: z.string().optional(),
      events: z.array(leanEvent).optional(),
      more,
      waits,
    }),
    annotations: adds,
    plan: ({ cancel, refs: places, to = '', topic = '', ...args }, context) =>
      cancel === undefined
        ? plan('call', { ...args, to, topic, refs: asRefs(places, context), note: context.note }, { waits: true })
        : plan('cancel', { call: cancel }),
  }),
  tool({
    name: 'answer',
    title: 'Answer a Call',
    description: 'Accept a call to you, decline it, or keep it for later. Accepting opens the thread: then use send.',
    input: z.object({
      answer: answer.input.shape.answer,
      call: z.string().optional().describe('call id; default: the one that rings'),
      message: z.string().optional().describe('your first words'),
      reason: answer.input.shape.reason,
      wait: z.number().min(0).optional().describe('seconds to wait for a reply to your first words'),
    }),
    output: z.object({
      call: leanCall,
      thread: z.string().optional(),
      ringBack: z.string().optional(),
      messages: z.array(leanMessage).optional(),
      events: z.array(leanEvent).optional(),
      more,
      waits,
    }),
    annotations: settles,
    // Without words of one's own there is nothing to wait for but what the caller said already.
    plan: (args) => plan('answer', args, { waits: args.wait !== undefined || args.message !== undefined }),
  }),
  tool({
    name: 'send',
    title: 'Say Something',
    description:
      'Say something in your thread and wait for the reply. With "to", leave a message for that agent instead, present or away.',
    input: z.object({
      text: z.string(),
      to: z.string().optional().describe('agent name: leave a message'),
      topic: z.string().optional().describe('with "to": subject'),
      thread,
      refs,
      replyTo: z.string().optional().describe('message id'),
      wait,
      key,
    }),
    output: z.object({
      thread: z.string(),
      seq: z.number().int(),
      id: z.string(),
      receipts: z.array(z.string()),
      events: z.array(leanEvent).optional(),
      more,
      waits,
    }),
    annotations: adds,
    plan: ({ to, topic, thread: into, replyTo, refs: places, ...args }, context) => {
      const refs = asRefs(places, context);
      if (to === undefined) return plan('send', { ...args, thread: into, replyTo, refs }, { waits: true });
      // A message for someone who may be away is not waited for unless the call says so.
      return plan('message', { ...args, to, topic, refs }, { waits: args.wait !== undefined });
    },
  }),
  tool({
    name: 'listen',
    title: 'Listen',
    description:
      'What concerns you since you listened last: calls, answers, messages. Waits for the next if there is none.',
    input: z.object({
      wait: z.number().min(0).optional().describe('seconds; default 25'),
      inbox: z.boolean().optional().describe('instead: all that waits for you, missed calls and unread threads'),
      cursor: z.number().int().min(0).optional().describe('re-read from there'),
      limit: z.number().int().min(1).max(200).optional(),
    }),
    output: z.object({
      events: z.array(leanEvent).optional(),
      cursor: z.number().int().optional(),
      calls: z.array(leanCall).optional(),
      threads: z.array(leanThread).optional(),
      more,
      waits,
    }),
    // It moves the listening position: asking twice is not the same. For the user's files and the world it only reads.
    annotations: { ...reads, idempotentHint: false },
    plan: ({ inbox, ...args }) =>
      inbox === true ? plan('inbox', {}) : plan('listen', args, { waits: args.cursor === undefined }),
  }),
  tool({
    name: 'read',
    title: 'Read a Thread',
    description: 'The messages of a thread, with receipts. If you name none and are in none, lists your threads.',
    input: z.object({
      thread,
      after: z.number().int().min(0).optional().describe('messages after this number'),
      before: z.number().int().min(1).optional(),
      limit: z.number().int().min(1).max(200).optional(),
      skip: z.number().int().min(0).optional().describe('characters of the first to leave out'),
      list: z.boolean().optional().describe('list your threads'),
    }),
    output: z.object({
      thread: leanThread.optional(),
      messages: z.array(leanMessage).optional(),
      threads: z.array(leanThread).optional(),
      more,
      waits,
    }),
    annotations: reads,
    plan: ({ list, ...args }) => {
      const threads = plan('threads', { state: 'all', limit: args.limit ?? 20 });
      if (list === true) return threads;
      if (args.thread !== undefined) return plan('read', args);
      return plan('read', args, { otherwise: { codes: ['no_current_thread', 'which_thread'], plan: threads } });
    },
  }),
  tool({
    name: 'leave',
    title: 'Leave a Thread',
    description: 'Hang up: leave your thread when the matter is settled.',
    input: z.object({ thread, close: z.boolean().optional().describe('end it for everyone') }),
    output: z.object({ thread: z.string(), closed: z.boolean(), waits }),
    annotations: settles,
    plan: (args) => plan('leave', args),
  }),
  tool({
    name: 'profile',
    title: 'Your Profile',
    description: 'See yourself on the roster, or change your name, presence or card so that others find you.',
    input: z.object({
      name: z.string().optional(),
      presence: profile.input.shape.presence,
      description: z.string().optional().describe('who you are, one sentence'),
      capabilities: z.array(z.string()).optional().describe('what you are good at'),
      files: z.array(z.string()).optional().describe('files you are working on'),
      policy: z.enum(['ring', 'accept', 'decline']).optional().describe('what calls to you do'),
    }),
    output: z.object({ agent: leanAgent, waits }),
    annotations: settles,
    plan: (args) => plan('profile', args),
  }),
];
