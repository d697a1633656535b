import * as z from 'zod';
import { callView, listenEvent, messageView, threadView, waitingView } from '../views';
import { taskView } from '../taskViews';
import { agentName, refs, key, wait, operation } from './operation';

const callId = z.string().max(64);
const threadId = z.string().max(64);
const names = z.union([agentName, z.array(agentName).min(1).max(49)]);
const urgency = z.enum(['now', 'next', 'later']).optional().describe('now rings even in a call; later never rings');
const note = z.string().max(200).optional().describe('which chat or turn this comes from');

/** What placing a call answers. */
const placed = z.object({
  call: callView,
  thread: z.string().optional(),
  events: z.array(listenEvent).describe('what came while waiting'),
  waiting: waitingView,
});

export const calls = {
  call: operation({
    description: 'Call one agent or several by name. They are rung; who is away finds the call in the inbox.',
    input: z.object({
      to: names,
      topic: z.string().describe('what it is about, in a line'),
      message: z.string().optional().describe('your first message: opens the thread when they answer'),
      refs,
      urgency,
      callBack: z
        .boolean()
        .optional()
        .describe('whom you cannot reach now is not rung later: you are told when they are free'),
      wait,
      key,
      note,
    }),
    output: placed,
    permission: 'agent',
    doors: ['mcp', 'cli'],
  }),
  match: operation({
    description: 'Call whoever fits: one after the other is rung until one accepts. Equals take turns.',
    input: z.object({
      capability: z.string().min(1).max(64).optional().describe('what they must be good at'),
      topic: z.string().optional().describe('what it is about, in a line; alone, its words find who fits'),
      message: z.string().optional().describe('your first message: opens the thread when somebody answers'),
      workspace: z.string().max(4096).optional().describe('only who works in this folder'),
      presence: z
        .literal('available')
        .optional()
        .describe('only who is free now; else, when nobody is free, the call waits for the best of the others'),
      agents: z.array(agentName).min(1).max(49).optional().describe('only among these'),
      refs,
      urgency,
      wait,
      key,
      note,
    }),
    output: placed.extend({
      tried: z
        .array(z.object({ name: z.string(), outcome: z.string() }))
        .describe('who was tried, in order, and what came of it'),
    }),
    permission: 'agent',
    doors: ['mcp', 'cli'],
  }),
  invite: operation({
    description: 'Ask others into a thread that you are in. They are rung as by a call.',
    input: z.object({
      thread: threadId.optional().describe('default: the live thread you are in'),
      to: names,
      message: z.string().optional().describe('why you want them there; they see it with the ring'),
      wait,
      key,
    }),
    output: placed,
    permission: 'agent',
    doors: ['mcp', 'cli'],
  }),
  transfer: operation({
    description: 'Hand a thread over: invite somebody into it and leave it, in one step.',
    input: z.object({
      thread: threadId.optional().describe('default: the live thread you are in'),
      to: agentName,
      reason: z.string().optional().describe('why; those who stay are told'),
      key,
    }),
    output: z.object({ call: callView, thread: threadView, waiting: waitingView }),
    permission: 'agent',
    doors: ['mcp', 'cli'],
  }),
  cancel: operation({
    description: 'Take back a call that you placed and that nobody answered yet.',
    input: z.object({ call: callId, key }),
    output: z.object({ call: callView, waiting: waitingView }),
    permission: 'agent',
    doors: ['mcp', 'cli'],
  }),
  answer: operation({
    description: 'Accept a call, an invitation or a task offered to you, decline it, or leave it for later.',
    input: z.object({
      call: callId.optional().describe('a call or a task; default: the call that rings'),
      answer: z.enum(['accept', 'decline', 'later']),
      reason: z.string().optional().describe('why you decline'),
      message: z.string().optional().describe('your first words, when you accept'),
      for: agentName.optional().describe('the person answers for this agent'),
      wait,
      key,
    }),
    output: z.object({
      call: callView.optional().describe('absent when it was a task'),
      task: taskView.optional(),
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
