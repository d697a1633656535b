import * as z from 'zod';
import { callView, listenEvent, messageView, waitingView } from '../views';
import { agentName, refs, key, wait, operation } from './operation';

export const calls = {
  call: operation({
    description: 'Call one agent or several by name. They are rung; who is away finds the call in the inbox.',
    input: z.object({
      to: z.union([agentName, z.array(agentName).min(1).max(49)]),
      topic: z.string().describe('what it is about, in a line'),
      message: z.string().optional().describe('your first message: opens the thread when they answer'),
      refs,
      urgency: z.enum(['now', 'next', 'later']).optional().describe('now rings even in a call; later never rings'),
      wait,
      key,
      note: z.string().max(200).optional().describe('which chat or turn this comes from'),
    }),
    output: z.object({
      call: callView,
      thread: z.string().optional(),
      events: z.array(listenEvent).describe('what came while waiting'),
      waiting: waitingView,
    }),
    permission: 'agent',
    doors: ['mcp', 'cli'],
  }),
  cancel: operation({
    description: 'Take back a call that you placed and that nobody answered yet.',
    input: z.object({ call: z.string().max(64) }),
    output: z.object({ call: callView, waiting: waitingView }),
    permission: 'agent',
    doors: ['mcp', 'cli'],
  }),
  answer: operation({
    description: 'Accept a call, decline it, or leave it for later.',
    input: z.object({
      call: z.string().max(64).optional().describe('default: the call that rings'),
      answer: z.enum(['accept', 'decline', 'later']),
      reason: z.string().optional().describe('why you decline'),
      message: z.string().optional().describe('your first words, when you accept'),
      for: agentName.optional().describe('the person answers for this agent'),
      wait,
      key,
    }),
    output: z.object({
      call: callView,
      thread: z.string().optional(),
      messages: z.array(messageView).describe('what has been said so far'),
      ringBack: z.string().optional().describe('answered late: this call rings the caller back'),
      events: z.array(listenEvent),
      waiting: waitingView,
    }),
    permission: 'agent',
    doors: ['mcp', 'cli'],
  }),
} as const;
