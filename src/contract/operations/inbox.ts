import * as z from 'zod';
import { taskView } from '../taskViews';
import { callView, listenEvent, threadView, waitingView } from '../views';
import { wait, operation } from './operation';

export const inbox = {
  listen: operation({
    description: 'What concerns you since you listened last: calls, answers, messages. Can wait for the next.',
    input: z.object({
      wait,
      cursor: z.number().int().min(0).optional().describe('re-read from here; moves nothing'),
      limit: z.number().int().min(1).max(200).optional(),
    }),
    output: z.object({
      events: z.array(listenEvent),
      cursor: z.number().int().describe('where the next listen goes on'),
      more: z.number().int().describe('events left for the next listen'),
      waiting: waitingView,
    }),
    permission: 'agent',
    doors: ['mcp', 'cli'],
  }),
  inbox: operation({
    description: 'What waits for you: calls that ring, calls you missed, unread threads.',
    input: z.object({
      limit: z
        .number()
        .int()
        .min(1)
        .max(200)
        .optional()
        .describe('calls and threads together; default 50 for models, else 200'),
      skip: z.number().int().min(0).optional().describe('leave out so many: reads on'),
    }),
    output: z.object({
      calls: z.array(callView),
      threads: z.array(threadView).describe('with unread messages'),
      grants: z.array(threadView).optional().describe('for the person: agents wait there for more turns'),
      tasks: z.array(taskView).optional().describe('tasks offered to you, or given by you and in need of your word'),
      more: z.number().int().optional().describe('calls and threads left out'),
      waiting: waitingView,
    }),
    permission: 'agent',
    doors: ['cli'],
  }),
  confirm: operation({
    description: 'These deliveries were handed over whole: what they held counts as seen.',
    input: z.object({ deliveries: z.array(z.string().max(64)).max(1000), via: z.string().max(64).optional() }),
    output: z.object({}),
    permission: 'agent',
    doors: [],
  }),
  ringReport: operation({
    description: 'What became of a ring, told by the client that rang.',
    input: z.object({
      subject: z.string().max(64),
      agent: z.string().max(64),
      ringer: z.string().max(64),
      result: z.enum(['written', 'held', 'refused', 'failed']),
      detail: z.string().max(500).optional(),
    }),
    output: z.object({}),
    permission: 'agent',
    doors: [],
  }),
} as const;
