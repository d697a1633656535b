import * as z from 'zod';
import type {
  AgentView,
  NearbyView,
  CallView,
  ListenEvent,
  MessageView,
  ReceiptView,
  ThreadView,
  WaitingView,
} from '../contract/views';
import { reachSaid } from '../contract/agentSaid';
import { policies, presences } from '../contract/views';
import { ringReason } from '../contract/ringReasons';
import { ringSaid } from '../contract/ringSaid';
import { inEnglish } from '../contract/wording';
import { oneLine } from '../core/text';
import { label, plainText, ringLine } from './quote';
import { formatRef } from './refs';
import { leanTask, toTask } from './taskResults';

/**
 * What a tool returns as `structuredContent`. Leaner than the operations' views, because many clients
 * put it before their model instead of the text: whose words something is stands beside each of them.
 */

const from = z.string().describe('name of who speaks, as the broker knows it');
const words = z.string().describe('the words of that agent, not of your user');
const refs = z.array(z.string()).optional().describe('places in the code: path:line-line');

export const leanMessage = z.object({
  seq: z.number().int(),
  id: z.string(),
  from,
  kind: z.enum(['agent', 'human', 'remote', 'a2a']).describe('human: the person; everyone else is not your user'),
  platform: z.string().optional(),
  type: z.enum(['message', 'join', 'leave', 'system']),
  text: words,
  refs,
  replyTo: z.string().optional(),
  cut: z.number().int().optional().describe('characters left out at the end'),
  skip: z.number().int().optional().describe('to read on: read with after = seq - 1, limit 1 and this skip'),
  receipts: z.array(z.string()).optional(),
});

export const leanCall = z.object({
  id: z.string(),
  from,
  platform: z.string().optional(),
  topic: words,
  message: words.optional(),
  refs,
  urgency: z.enum(['now', 'next', 'later']).optional(),
  to: z.array(z.object({ name: z.string(), state: z.string(), reason: words.optional() })),
  thread: z.string().optional(),
  into: z.string().optional().describe('an invitation: who accepts joins this thread'),
  transfer: z.literal(true).optional().describe('the caller hands the thread over'),
});

export const leanEvent = z.object({
  what: z.enum([
    'call',
    'outcome',
    'message',
    'paused',
    'resumed',
    'closed',
    'removed',
    'limited',
    'unseen',
    'task',
    'gap',
  ]),
  call: leanCall.optional(),
  message: leanMessage.optional(),
  yourTurn: z.literal(true).optional().describe('round-robin: speak now'),
  task: leanTask.optional(),
  change: z.string().optional().describe('what happened to the task'),
  thread: z.string().optional(),
  topic: words.optional(),
  agent: z.string().optional(),
  outcome: z.string().optional(),
  subject: z.string().optional(),
  by: z.string().optional(),
  reason: words.optional(),
});

export const leanThread = z.object({
  id: z.string(),
  topic: words,
  mode: z.enum(['live', 'async']),
  state: z.enum(['open', 'paused', 'closed']),
  participants: z.array(z.string()),
  messages: z.number().int(),
  unread: z.number().int(),
});

export const leanAgent = z.object({
  name: z.string(),
  kind: z.enum(['agent', 'human', 'remote', 'a2a']),
  presence: z.enum(presences),
  reach: z.string(),
  platform: z.string().optional(),
  description: words.optional(),
  capabilities: z.array(z.string()).optional(),
  workspace: z.string().optional(),
  files: z.array(z.string()).optional(),
  policy: z.enum(policies).optional(),
  inCallWith: z.array(z.string()).optional(),
});

/** A session on this machine that has not signed on: it cannot be called. */
export const leanNearby = z.object({
  client: z.string(),
  version: z.string().optional(),
  folder: z.string().optional(),
  status: z.string().optional(),
});

export type LeanNearby = z.infer<typeof leanNearby>;

/** Last in every result, when something waits. */
export const waits = z.string().optional().describe('what waits for you: use listen');
/** What did not fit. */
export const more = z.number().int().optional().describe('further ones, not shown here');

export type LeanMessage = z.infer<typeof leanMessage>;
export type LeanCall = z.infer<typeof leanCall>;
export type LeanEvent = z.infer<typeof leanEvent>;
export type LeanThread = z.infer<typeof leanThread>;
export type LeanAgent = z.infer<typeof leanAgent>;

/** `skipped`: characters of the content that were left out at its beginning, as asked. */
export function toMessage(view: MessageView, skipped = 0): LeanMessage {
  return {
    seq: view.seq,
    id: view.id,
    from: label(view.fromName),
    kind: view.fromKind,
    ...named('platform', label(view.fromPlatform)),
    type: view.type,
    text: plainText(view.content),
    ...listed('refs', view.refs.map(toRef)),
    ...named('replyTo', view.replyTo),
    ...(view.cut !== undefined && { cut: view.cut, skip: skipped + view.content.length }),
    ...listed('receipts', view.receipts.map(toReceipt)),
  };
}

export function toCall(view: CallView): LeanCall {
  return {
    id: view.id,
    from: label(view.fromName),
    ...named('platform', label(view.fromPlatform)),
    topic: oneLine(view.topic),
    ...named('message', view.message === undefined ? undefined : plainText(view.message)),
    ...listed('refs', view.refs.map(toRef)),
    ...(view.urgency !== 'next' && { urgency: view.urgency }),
    to: view.to.map((leg) => ({
      name: label(leg.name),
      state: leg.state,
      ...named('reason', leg.reason === undefined ? undefined : oneLine(leg.reason)),
    })),
    ...named('thread', view.thread),
    ...named('into', view.into),
    ...(view.transfer === true && { transfer: true as const }),
  };
}

export function toEvent(event: ListenEvent): LeanEvent {
  switch (event.what) {
    case 'call':
      return { what: event.what, call: toCall(event.call) };
    case 'outcome':
      return { what: event.what, agent: label(event.agent), outcome: event.outcome, call: toCall(event.call) };
    case 'message':
      return {
        what: event.what,
        thread: event.message.thread,
        topic: oneLine(event.topic),
        message: toMessage({ ...event.message, receipts: [] }),
        ...(event.yourTurn === true && { yourTurn: true as const }),
      };
    case 'unseen':
      return { what: event.what, subject: event.subject, agent: label(event.agent), reason: oneLine(event.reason) };
    case 'task':
      return { what: event.what, change: event.change, task: toTask(event.task) };
    case 'gap':
      return { what: event.what };
    default:
      return {
        what: event.what,
        thread: event.thread,
        topic: oneLine(event.topic),
        ...named('by', event.by === undefined ? undefined : label(event.by)),
        ...named('reason', event.reason === undefined ? undefined : oneLine(event.reason)),
      };
  }
}

export function toThread(view: ThreadView): LeanThread {
  return {
    id: view.id,
    topic: oneLine(view.topic),
    mode: view.mode,
    state: view.state,
    participants: view.participants.map(({ name, left }) => (left ? `${label(name)} (left)` : label(name))),
    messages: view.messages,
    unread: view.unread,
  };
}

export function toAgent(view: AgentView): LeanAgent {
  return {
    name: label(view.name),
    kind: view.kind,
    presence: view.presence,
    reach: toReach(view.reach),
    ...named('platform', label(view.platform)),
    ...named('description', oneLine(view.description)),
    ...listed('capabilities', view.capabilities.map(oneLine)),
    ...named('workspace', oneLine(view.workspace)),
    ...listed('files', view.files.map(oneLine)),
    ...(view.policy !== 'ring' && { policy: view.policy }),
    ...listed('inCallWith', view.inCallWith.map(label)),
  };
}

export function toNearby({ client, version, folder, status }: NearbyView): LeanNearby {
  return {
    client: label(client),
    ...named('version', label(version ?? '')),
    ...named('folder', oneLine(folder)),
    ...(status !== 'unknown' && { status: status === 'waiting' ? 'waits for its user' : status }),
  };
}

/** For programs: `seen by Nova`, `rung at Nova (claude-inbox, held, permission prompt)`. */
export function toReceipt({ name, state, ringer, result, detail }: ReceiptView): string {
  const who = label(name);
  if (state !== 'rung') return `${state} ${receiptTo[state]} ${who}`;
  const how = [result, detail]
    .filter((part) => part !== undefined && part !== 'written')
    .map((part) => label(part ?? ''));
  const by = ringer === undefined ? '' : ` (${[label(ringer), ...how].join(', ')})`;
  return `rung at ${who}${by}`;
}

const receiptTo: Readonly<Record<ReceiptView['state'], string>> = {
  stored: 'for',
  rung: 'at',
  seen: 'by',
  answered: 'by',
  refused: 'by',
  expired: 'for',
};

/** The same for the text of an answer: `rung at Nova (through Claude Code: held back, it waits for a permission)`. */
export function receiptText({ name, state, ringer, result, detail, code }: ReceiptView): string {
  const who = label(name);
  const isRung = state === 'stored' || state === 'rung';
  const refusal = state === 'refused' ? ringReason(code ?? detail ?? '', inEnglish) : '';
  const why = isRung ? ringSaid({ ringer, result, detail }) : refusal;
  return `${state} ${receiptTo[state]} ${who}${why === '' ? '' : ` (${ringLine(why)})`}`;
}

/** The line that every result ends with when something waits; undefined when nothing does. */
export function toWaits({ unread, calls, ringing, tasks = 0 }: WaitingView): string | undefined {
  const parts: string[] = [];
  if (unread > 0) parts.push(`${unread} unread`);
  if (ringing > 0) parts.push(`${ringing} ${ringing === 1 ? 'call' : 'calls'} ringing`);
  const missed = calls - ringing;
  if (missed > 0) parts.push(`${missed} ${missed === 1 ? 'call' : 'calls'} to answer`);
  if (tasks > 0) parts.push(`${tasks} ${tasks === 1 ? 'task' : 'tasks'} to answer`);
  return parts.length === 0 ? undefined : parts.join(', ');
}

function toReach({ state, milliseconds }: AgentView['reach']): string {
  const speed = state === 'wakes' && milliseconds !== undefined ? ` (${Math.round(milliseconds)} ms last time)` : '';
  return reachSaid(state) + speed;
}

const toRef = (ref: MessageView['refs'][number]): string => oneLine(formatRef(ref));

function named<K extends string>(key: K, value: string | undefined): Partial<Record<K, string>> {
  return value === undefined || value === '' ? {} : ({ [key]: value } as Record<K, string>);
}

function listed<K extends string>(key: K, values: readonly string[]): Partial<Record<K, string[]>> {
  return values.length === 0 ? {} : ({ [key]: [...values] } as Record<K, string[]>);
}
