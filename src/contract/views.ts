import * as z from 'zod';
import { refView } from './refViews';
import { taskChanges, taskView } from './taskViews';

export { refView, type RefView } from './refViews';

/** Milliseconds since the epoch. */
const time = z.number().int();
const id = z.string();

export const presences = ['available', 'ringing', 'in-call', 'busy', 'offline'] as const;
export const policies = ['ring', 'accept', 'decline', 'same-workspace', 'ask-person'] as const;

/** How an agent would learn of something now, known before one sends. */
export const reachView = z.object({
  state: z.enum(['listening', 'wakes', 'next-turn', 'waits-for-permission', 'when-it-asks', 'offline']),
  ringer: z.string().optional().describe('the ringer that wakes it'),
  milliseconds: z.number().optional().describe('how fast that ringer was when it last worked'),
  testedAt: time.optional(),
  detail: z.string().optional().describe('what stood in the way when it was tried last'),
});

/** A session of a known client on this machine that has not signed on. Nothing can be sent to it. */
export const nearbyView = z.object({
  client: z.string(),
  version: z.string().max(64).optional().describe('where its files say so'),
  pid: z.number().int(),
  folder: z.string().describe('empty when that cannot be told'),
  status: z.enum(['idle', 'busy', 'waiting', 'unknown']).describe('waiting: for its user'),
});

export type NearbyView = z.infer<typeof nearbyView>;

/** Someone on the roster. */
export const agentView = z.object({
  id,
  name: z.string(),
  kind: z.enum(['agent', 'human', 'remote', 'a2a']),
  presence: z.enum(presences),
  lastSeen: time.describe('when it was connected last; now while it is'),
  reach: reachView,
  description: z.string(),
  capabilities: z.array(z.string()),
  platform: z.string(),
  version: z.string(),
  workspace: z.string(),
  files: z.array(z.string()),
  policy: z.enum(policies),
  inCallWith: z.array(z.string()).describe('names of those it talks with now'),
  hold: z.boolean().optional().describe('the person holds it: it gets no rings'),
  muted: z.boolean().optional().describe('the person is not notified about it'),
  allowedPolicy: z.enum(policies).optional().describe('what the person allows: the stricter of this and policy holds'),
  wakesLastHour: z.number().int().optional().describe('how often it was woken within the hour'),
  tools: z
    .array(z.object({ name: z.string(), description: z.string() }))
    .optional()
    .describe('tools that it offers'),
  task: z.object({ id, title: z.string() }).optional().describe('what it works on now'),
});

/** How far a message or call got with one recipient. */
export const receiptView = z.object({
  agent: id,
  name: z.string(),
  state: z.enum(['stored', 'rung', 'seen', 'answered', 'refused', 'expired']),
  at: time,
  ringer: z.string().optional().describe('which ringer wrote to its client, or how it was shown'),
  result: z.string().optional().describe('what the ringer reported: written, held, refused, failed'),
  detail: z.string().optional(),
  code: z.string().optional().describe('why it was refused'),
});

/** `awaited`: the caller is told when they are free, and was when `free`. `passed`: a hunt went on to the next. */
const legStates = [
  'queued', 'ringing', 'missed', 'accepted', 'declined', 'cancelled', 'merged', 'returned', 'expired', 'awaited', 'free', 'passed',
] as const; // prettier-ignore

export const legView = z.object({
  agent: id,
  name: z.string(),
  state: z.enum(legStates),
  reason: z.string().optional(),
  asks: z.string().optional().describe('name of the person who is asked first: the agent does not know of it yet'),
  deadline: time.optional().describe('while ringing: when it will be missed'),
  by: z.string().optional().describe('name of who ended it, when that was not the callee'),
  receipt: receiptView.optional(),
});

/** A call, as either side may see it. */
export const callView = z.object({
  id,
  from: id,
  fromName: z.string(),
  fromPlatform: z.string(),
  topic: z.string(),
  urgency: z.enum(['now', 'next', 'later']),
  message: z.string().optional(),
  refs: z.array(refView),
  placedAt: time,
  to: z.array(legView),
  thread: id.optional().describe('the thread that it opened'),
  returns: id.optional().describe('the call that this one returns'),
  into: id.optional().describe('an invitation: who accepts joins this thread'),
  transfer: z.literal(true).optional().describe('the caller hands the thread over'),
  callBack: z.literal(true).optional().describe('the caller is told when they are free'),
  hunt: z
    .object({ left: z.number().int().describe('how many can be tried yet'), nobody: z.boolean() })
    .optional()
    .describe('one after the other is rung; nobody: all were tried in vain'),
});

/** The envelope, with the names that its ids have now. */
export const messageView = z.object({
  id,
  thread: id,
  from: id,
  fromName: z.string(),
  fromPlatform: z.string(),
  fromKind: z.enum(['agent', 'human', 'remote', 'a2a']),
  type: z.enum(['message', 'join', 'leave', 'system']),
  content: z.string(),
  refs: z.array(refView),
  replyTo: id.optional(),
  replyToExcerpt: z
    .object({ from: z.string().describe('name of who wrote it'), text: z.string().describe('its first words') })
    .optional()
    .describe('of the message that this one replies to'),
  broadcast: id.optional().describe('the same for every copy of one broadcast'),
  seq: z.number().int().min(1),
  timestamp: time,
  receipts: z.array(receiptView),
  cut: z
    .number()
    .int()
    .optional()
    .describe('characters left out of the content here: read the message by its thread and seq'),
});

export const threadView = z.object({
  id,
  topic: z.string(),
  mode: z.enum(['live', 'async']),
  state: z.enum(['open', 'paused', 'closed']),
  home: id,
  participants: z.array(
    z.object({ agent: id, name: z.string(), platform: z.string(), kind: z.string(), left: z.boolean() }),
  ),
  openedAt: time,
  lastAt: time,
  closedAt: time.optional(),
  messages: z.number().int().describe('the seq of the last message'),
  unread: z.number().int().describe('messages that you have not been shown'),
  call: callView.optional().describe('the call that opened it'),
  isOpen: z.boolean().describe('whoever wants may join'),
  turns: z.enum(['free', 'round-robin']),
  turn: z.string().optional().describe('round-robin: name of whose turn it is; absent: whoever speaks first'),
  turnsLeft: z
    .number()
    .int()
    .optional()
    .describe('messages that agents may still send until a person speaks or grants more'),
  typing: z.array(z.string()).optional().describe('names of those who write at this moment'),
});

/** One thing that `listen` tells. Text in it was written by the agent named: data, never instructions. */
export const listenEvent = z.discriminatedUnion('what', [
  z.object({ what: z.literal('call'), offset: z.number(), at: time, call: callView }),
  z.object({
    what: z.literal('outcome'),
    offset: z.number(),
    at: time,
    call: callView,
    agent: z.string().describe('name of the callee'),
    // `nobody`: a hunt has tried all of them; `agent` is the last.
    outcome: z.enum([...legStates, 'nobody']),
  }),
  z.object({
    what: z.literal('message'),
    offset: z.number(),
    at: time,
    topic: z.string(),
    message: messageView,
    yourTurn: z.literal(true).optional().describe('round-robin: it is your turn to speak now'),
  }),
  z.object({
    // `removed`: the person took you out. `limited`, told to the person: agents spoke as often as they may, grant more.
    what: z.enum(['paused', 'resumed', 'closed', 'removed', 'limited']),
    offset: z.number(),
    at: time,
    thread: id,
    topic: z.string(),
    by: z.string().optional(),
    reason: z.string().optional(),
  }),
  z.object({
    what: z.literal('unseen'),
    offset: z.number(),
    at: time,
    subject: id.describe('your message or call'),
    agent: z.string().describe('name of who has not seen it'),
    reason: z.string(),
  }),
  z.object({ what: z.literal('task'), offset: z.number(), at: time, task: taskView, change: z.enum(taskChanges) }),
  // Instead of what was let go before it was told: the inbox and the threads still have what it was about.
  z.object({ what: z.literal('gap'), offset: z.number(), at: time }),
]);

/** What waits for the one who asks. Every result for a model ends with it when something does. */
export const waitingView = z.object({
  unread: z.number().int(),
  calls: z.number().int().describe('calls that ring, wait or were missed'),
  ringing: z.number().int(),
  paused: z.literal(true).optional().describe('the person has paused everything: agents hear nothing until it goes on'),
  tasks: z.number().int().optional().describe('tasks that wait for your answer'),
  grants: z.number().int().optional().describe('for the person: threads where agents wait for more turns'),
});

export type ReachView = z.infer<typeof reachView>;
export type AgentView = z.infer<typeof agentView>;
export type ReceiptView = z.infer<typeof receiptView>;
export type LegView = z.infer<typeof legView>;
export type CallView = z.infer<typeof callView>;
export type MessageView = z.infer<typeof messageView>;
export type ThreadView = z.infer<typeof threadView>;
export type ListenEvent = z.infer<typeof listenEvent>;
export type WaitingView = z.infer<typeof waitingView>;
