import * as z from 'zod';
import { listenEvent, messageView, receiptView, threadView, waitingView } from '../views';
import { agentName, refs, key, wait, text, operation } from './operation';

/** What `send` and `message` answer. */
const said = z.object({
  message: messageView.pick({ id: true, thread: true, seq: true, timestamp: true }),
  receipts: z.array(receiptView),
  nobodyElse: z.literal(true).optional().describe('a room that nobody else is in yet: who joins can read it'),
  events: z.array(listenEvent),
  waiting: waitingView,
});

export const threads = {
  send: operation({
    description: 'Say something in a thread.',
    input: z.object({
      thread: z.string().max(64).optional().describe('default: the live thread you are in'),
      text,
      refs,
      replyTo: z.string().max(64).optional(),
      key,
      wait,
    }),
    output: said,
    permission: 'agent',
    doors: ['mcp', 'cli'],
  }),
  message: operation({
    description: 'Leave a message for one agent, present or away.',
    input: z.object({ to: agentName, topic: z.string().optional(), text, refs, key, wait }),
    output: said,
    permission: 'agent',
    doors: ['mcp', 'cli'],
  }),
  read: operation({
    description: 'The messages of a thread, with receipts.',
    input: z.object({
      thread: z.string().max(64).optional().describe('default: the live thread you are in'),
      after: z.number().int().min(0).optional().describe('messages after this seq'),
      before: z.number().int().min(1).optional().describe('messages before this seq, the latest of them'),
      limit: z.number().int().min(1).max(200).optional(),
      skip: z
        .number()
        .int()
        .min(0)
        .optional()
        .describe('characters of the first message to leave out: reads on in a long one'),
    }),
    output: z.object({
      thread: threadView,
      messages: z.array(messageView),
      more: z.number().int().describe('further messages in the direction asked'),
      waiting: waitingView,
    }),
    permission: 'agent',
    doors: ['mcp', 'cli'],
  }),
  threads: operation({
    description: 'Threads that you are or were in, latest first. The person sees all.',
    input: z.object({
      state: z.enum(['open', 'closed', 'all']).optional(),
      limit: z.number().int().min(1).max(200).optional(),
      before: z.number().optional().describe('threads whose last message is before this time (ms)'),
      rooms: z.boolean().optional().describe('instead: open rooms that you may join or are in'),
    }),
    output: z.object({ threads: z.array(threadView), waiting: waitingView }),
    permission: 'agent',
    doors: ['mcp', 'cli'],
  }),
  leave: operation({
    description: 'Leave a thread; a live one that too few remain in is archived.',
    input: z.object({
      thread: z.string().max(64).optional().describe('default: the live thread you are in'),
      close: z.boolean().optional().describe('end it for everyone'),
      agent: agentName.optional().describe('the person removes this agent instead'),
      key,
    }),
    output: z.object({ thread: z.string(), closed: z.boolean(), waiting: waitingView }),
    permission: 'agent',
    doors: ['mcp', 'cli'],
  }),
  seen: operation({
    description: 'The person was shown this thread up to this message, in a focused view.',
    input: z.object({ thread: z.string().max(64), seq: z.number().int().min(1) }),
    output: z.object({}),
    permission: 'agent',
    doors: [],
  }),
} as const;
