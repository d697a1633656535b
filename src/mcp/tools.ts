import * as z from 'zod';
import { operations } from '../contract/operations';
import { leanAgent, leanCall, leanEvent, leanMessage, leanNearby, leanThread, more, waits } from './results';
import { leanTask } from './taskResults';
import { jsonObject } from './workResults';
import { adds, asRefs, key, missing, plan, reads, refs, settles, thread, tool, wait, type Tool } from './toolKit';
import { leanRefusal, leanSent, leanStep } from './workResults';
import { workTools } from './workTools';

const { who, call, answer, profile } = operations;

export const tools: readonly Tool[] = [
  tool({
    name: 'who',
    title: 'Who Is There',
    description: 'See which agents are on this machine, what they are good at and how they can be reached.',
    input: z.object({
      agent: z.string().optional().describe('only this one, by name'),
      capability: z.string().optional().describe('only those good at this'),
      topic: z.string().optional().describe('best first for this matter'),
      status: who.input.shape.status,
      workspace: z.string().optional().describe('only those in this folder'),
    }),
    output: z.object({
      you: z.string().optional(),
      agents: z.array(leanAgent),
      nearby: z.array(leanNearby).optional(),
      more,
      waits,
    }),
    annotations: reads,
    plan: (args) => plan('who', { ...args, ...(Object.keys(args).length === 0 && { nearby: true }) }),
  }),
  tool({
    name: 'call',
    title: 'Call an Agent',
    description:
      'Call an agent by name, or whoever fits, to talk now. It is rung, even when idle, and its answer opens a thread for send. If away, the call waits in its inbox.',
    input: z.object({
      to: z
        .union([z.string(), z.array(z.string())])
        .optional()
        .describe('name, or names for a talk of several; without: whoever fits capability or topic'),
      topic: z.string().optional().describe('what it is about, one line'),
      message: z.string().optional().describe('your first message'),
      capability: z.string().optional().describe('without "to": what they must be good at'),
      workspace: z.string().optional().describe('without "to": only in this folder'),
      refs,
      urgency: call.input.shape.urgency,
      callBack: z.boolean().optional().describe('if not free: do not ring later, tell you when free'),
      wait,
      cancel: z.string().optional().describe('instead: id of a call of yours to take back'),
      key,
    }),
    output: z.object({
      call: leanCall,
      thread: z.string().optional(),
      tried: z.array(z.object({ name: z.string(), outcome: z.string() })).optional(),
      events: z.array(leanEvent).optional(),
      more,
      waits,
    }),
    annotations: adds,
    plan: ({ cancel, refs: places, to, topic, capability, workspace, callBack, ...args }, context) => {
      if (cancel !== undefined) return plan('cancel', { call: cancel, key: args.key });
      const shared = { ...args, refs: asRefs(places, context), note: context.note };
      if (to !== undefined) return plan('call', { ...shared, to, topic: topic ?? '', callBack }, { waits: true });
      if (capability === undefined && topic === undefined)
        throw missing('"to" (a name) and "topic", or who fits by "capability" or "topic"');
      return plan('match', { ...shared, topic, capability, workspace }, { waits: true });
    },
  }),
  tool({
    name: 'answer',
    title: 'Answer a Call',
    description:
      'Accept a call, an invitation or a task offered to you, decline it, or keep it for later. Accepting a call opens the thread: then use send.',
    input: z.object({
      answer: answer.input.shape.answer,
      call: z.string().optional().describe('id of the call or task; default: the call that rings'),
      message: z.string().optional().describe('your first words'),
      reason: answer.input.shape.reason,
      wait: z.number().min(0).optional().describe('seconds to wait for a reply to your first words'),
      key,
    }),
    output: z.object({
      call: leanCall.optional(),
      task: leanTask.optional(),
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
      to: z.string().optional().describe('agent name: leave a message; *: one for everybody who is there'),
      capability: z.string().optional().describe('leave a message for everybody good at this'),
      topic: z.string().optional().describe('with "to": subject'),
      thread,
      refs,
      replyTo: z.string().optional().describe('message id'),
      wait: z.number().min(0).optional().describe('seconds to wait for a reply; default 25, with "to" 0'),
      key,
    }),
    output: z.object({
      thread: z.string().optional(),
      seq: z.number().int().optional(),
      id: z.string().optional(),
      receipts: z.array(z.string()).optional(),
      broadcast: z.string().optional(),
      sent: z.array(leanSent).optional(),
      refused: z.array(leanRefusal).optional(),
      events: z.array(leanEvent).optional(),
      more,
      waits,
    }),
    annotations: adds,
    plan: ({ to, capability, topic, thread: into, replyTo, refs: places, wait: seconds, ...args }, context) => {
      const shared = { ...args, refs: asRefs(places, context) };
      if (to === '*' || (to === undefined && capability !== undefined)) {
        return plan('broadcast', { ...shared, topic, capability });
      }
      if (to === undefined) return plan('send', { ...shared, thread: into, replyTo, wait: seconds }, { waits: true });
      // A message for someone who may be away is not waited for unless the call says so.
      return plan('message', { ...shared, to, topic, wait: seconds }, { waits: seconds !== undefined });
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
      tasks: z.array(leanTask).optional(),
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
    description:
      'The messages of a thread, with receipts. If you name none and are in none, lists your threads. Lists rooms and tasks, too.',
    input: z.object({
      thread,
      after: z.number().int().min(0).optional().describe('messages after this number'),
      before: z.number().int().min(1).optional(),
      limit: z.number().int().min(1).max(200).optional(),
      skip: z.number().int().min(0).optional().describe('characters of the first to leave out'),
      list: z
        .enum(['threads', 'rooms', 'tasks', 'ended-tasks'])
        .optional()
        .describe('list yours; rooms: those you may join'),
      task: z.string().optional().describe('instead: this task with its history'),
    }),
    output: z.object({
      thread: leanThread.optional(),
      messages: z.array(leanMessage).optional(),
      threads: z.array(leanThread).optional(),
      task: leanTask.optional(),
      history: z.array(leanStep).optional(),
      tasks: z.array(leanTask).optional(),
      more,
      waits,
    }),
    annotations: reads,
    plan: ({ list, task, ...args }) => {
      if (task !== undefined) return plan('task', { task });
      if (list === 'tasks' || list === 'ended-tasks')
        return plan('tasks', { state: list === 'tasks' ? 'open' : 'over', limit: args.limit ?? 20 });
      const threads = plan('threads', {
        ...(list === 'rooms' ? { rooms: true } : { state: 'all' as const }),
        limit: args.limit ?? 20,
      });
      if (list !== undefined) return threads;
      if (args.thread !== undefined) return plan('read', args);
      return plan('read', args, { otherwise: { codes: ['no_current_thread', 'which_thread'], plan: threads } });
    },
  }),
  tool({
    name: 'leave',
    title: 'Leave a Thread',
    description: 'Hang up: leave your thread when the matter is settled, or hand it over to somebody else.',
    input: z.object({
      thread,
      close: z.boolean().optional().describe('end it for everyone'),
      to: z.string().optional().describe('agent that is rung to take your place'),
      reason: z.string().optional().describe('with "to": why'),
      key,
    }),
    output: z.object({ thread: z.string(), closed: z.boolean(), call: leanCall.optional(), waits }),
    annotations: settles,
    plan: ({ thread: from, close, to, reason, key: same }) =>
      to === undefined
        ? plan('leave', { thread: from, close, key: same })
        : plan('transfer', { thread: from, to, reason, key: same }),
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
      tools: z
        .array(z.object({ name: z.string(), description: z.string(), input: jsonObject }))
        .optional()
        .describe('tools you offer, with JSON Schema: each use becomes a task for you'),
    }),
    output: z.object({ agent: leanAgent, waits }),
    annotations: settles,
    plan: (args) => plan('profile', args),
  }),
  ...workTools,
];
