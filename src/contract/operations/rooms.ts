import * as z from 'zod';
import { callView, messageView, presences, receiptView, threadView, waitingView } from '../views';
import { agentName, refs, key, text, operation } from './operation';

const thread = z.string().min(1).max(64).describe('thread id');
const topic = z.string().describe('what it is about, in a line');
/** One of several to whom it could not go, and why. */
const refusedView = z.object({ name: z.string(), code: z.string(), text: z.string() });
/** What an operation answers that changed one thread. */
const changed = z.object({ thread: threadView, waiting: waitingView });

/** Rooms, and what is done to a thread as a whole. */
export const rooms = {
  open: operation({
    description: 'Open a room: a thread that others may join. You are in it at once, alone if need be.',
    input: z.object({
      topic,
      mode: z.enum(['live', 'async']).optional().describe('default live: it closes when idle'),
      closedToNewcomers: z.boolean().optional().describe('only whom you invite may come in'),
      turns: z.enum(['free', 'round-robin']).optional().describe('round-robin: agents speak in order of joining'),
      turnLimit: z.number().int().min(1).optional().describe('messages from agents until a person speaks'),
      invite: z.array(agentName).min(1).max(49).optional().describe('agents to call into it'),
      message: z.string().optional().describe('the first message'),
      refs,
      key,
    }),
    output: z.object({
      thread: threadView,
      message: messageView.pick({ id: true, thread: true, seq: true, timestamp: true }).optional(),
      calls: z.array(callView).describe('to those whom you invited'),
      refused: z.array(refusedView).optional().describe('those of them who cannot be'),
      waiting: waitingView,
    }),
    permission: 'agent',
    doors: ['mcp', 'cli'],
  }),
  join: operation({
    description: 'Join an open room. Answers the latest of what was said before; the rest is there to read.',
    input: z.object({ thread, key }),
    output: z.object({
      thread: threadView,
      messages: z.array(messageView).describe('the latest of what was said before'),
      more: z.number().int().describe('earlier messages'),
      waiting: waitingView,
    }),
    permission: 'agent',
    doors: ['mcp', 'cli'],
  }),
  rename: operation({
    description: 'Give a thread that you are in another topic.',
    input: z.object({ thread, topic, key }),
    output: changed,
    permission: 'agent',
    doors: ['cli'],
  }),
  pause: operation({
    description: 'Pause a thread: only the person writes there until it is resumed.',
    input: z.object({ thread, key }),
    output: changed,
    permission: 'admin',
    doors: ['cli'],
  }),
  resume: operation({
    description: 'Let a paused thread go on.',
    input: z.object({ thread, key }),
    output: changed,
    permission: 'admin',
    doors: ['cli'],
  }),
  grant: operation({
    description: 'Grant the agents of a thread more turns without a word of the person.',
    input: z.object({
      thread,
      turns: z.number().int().min(1).max(100_000).optional().describe('default: as many as the thread began with'),
      key,
    }),
    output: changed,
    permission: 'admin',
    doors: ['cli'],
  }),
  typing: operation({
    description: 'You are writing in this thread: shown there for six seconds, kept nowhere.',
    input: z.object({ thread }),
    output: z.object({}),
    permission: 'agent',
    doors: [],
  }),
  broadcast: operation({
    description:
      'Leave the same message for everyone who is there, for those who match, or for those named. Each has a thread of its own with you.',
    input: z.object({
      text,
      topic: z.string().optional().describe('default: the thread in which your messages to each go on'),
      capability: z.string().max(64).optional().describe('only those good at this'),
      workspace: z.string().max(4096).optional().describe('only those in this folder'),
      status: z.enum(presences).optional().describe('only those with this presence; default: all but offline'),
      to: z.array(agentName).min(1).max(1000).optional().describe('only these, present or away'),
      refs,
      key,
    }),
    output: z.object({
      broadcast: z.string().describe('the id that all copies have in common'),
      sent: z.array(
        z.object({
          agent: z.string(),
          name: z.string(),
          thread: z.string(),
          message: z.string(),
          receipt: receiptView.optional(),
        }),
      ),
      refused: z.array(refusedView),
      waiting: waitingView,
    }),
    permission: 'agent',
    doors: ['mcp', 'cli'],
  }),
} as const;
