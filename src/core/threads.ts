import { pairWindow } from './apply';
import { findAgent, knownAgent } from './agents';
import type { KeyUse } from './events';
import type { AgentId, CallId, CloseReason, Message, MessageId, MessageType, Ref, ThreadId, ThreadMode } from './model';
import { liveThreads } from './presence';
import { aftermath, pairKey, present, type KeyResult, type ThreadRecord } from './state';
import type { Step } from './step';
import { fingerprint, oneLine, utf8Length } from './text';

export interface Draft {
  readonly content: string;
  readonly refs?: readonly Ref[] | undefined;
  readonly replyTo?: MessageId | undefined;
  /** Idempotency key, per sender. */
  readonly key?: string | undefined;
}

export interface Sent {
  readonly thread: ThreadId;
  readonly message: MessageId;
  readonly seq: number;
  /** The key was used before for the same message: nothing happened now. */
  readonly repeated: boolean;
}

/** The topic of a thread that `message` opens when none is given. */
export const defaultTopic = 'Messages';

/**
 * Sends into a thread, or into the sender's only open live thread.
 * @throws `no_current_thread`, `which_thread`, `unknown_thread`, `thread_closed`, `thread_paused`, `not_participant` and what {@link checkDraft} throws
 */
export function send(step: Step, from: AgentId, threadId: ThreadId | undefined, draft: Draft): Sent {
  const agent = knownAgent(step, from);
  const key = keyUse(draft.key, ['send', threadId ?? '', draft.content, draft.replyTo ?? '', draft.refs ?? []]);
  const earlier = usedKey(step, from, key);
  if (earlier?.kind === 'message') return { ...earlier, repeated: true };
  const thread = openThread(step, threadId ?? currentThread(step, from));
  const inside = isIn(thread, from);
  if (!inside && agent.kind !== 'human') step.refuse('not_participant', { thread: thread.id, topic: thread.topic });
  if (thread.state === 'paused' && agent.kind !== 'human') step.refuse('thread_paused', { thread: thread.id });
  checkDraft(step, from, thread, draft);
  if (!inside) join(step, thread.id, from);
  return { ...post(step, thread.id, from, 'message', draft, key), repeated: false };
}

/**
 * Leaves a message for one agent: in the open async thread of exactly these two with that topic, else in a new one.
 * @throws `unknown_agent`, `cannot_call_yourself`, `inbox_full` and what {@link checkDraft} throws
 */
export function leaveMessage(step: Step, from: AgentId, to: string, topic: string | undefined, draft: Draft): Sent {
  const sender = knownAgent(step, from);
  const recipient = findAgent(step, to);
  if (recipient.id === sender.id) step.refuse('cannot_call_yourself', { name: sender.name });
  const about = topic === undefined ? defaultTopic : checkTopic(step, topic);
  const key = keyUse(draft.key, ['message', recipient.id, about, draft.content, draft.replyTo ?? '', draft.refs ?? []]);
  const earlier = usedKey(step, from, key);
  if (earlier?.kind === 'message') return { ...earlier, repeated: true };
  const existing = threadOfTwo(step, from, recipient.id, about);
  if (existing?.state === 'paused' && sender.kind !== 'human') step.refuse('thread_paused', { thread: existing.id });
  checkDraft(step, from, existing, draft, [recipient.id]);
  const thread = existing?.id ?? openThreadFor(step, { topic: about, mode: 'async', pair: [from, recipient.id] });
  return { ...post(step, thread, from, 'message', draft, key), repeated: false };
}

/** The open async thread of exactly these two with this topic that `message` goes on in. */
function threadOfTwo({ state }: Step, from: AgentId, to: AgentId, topic: string): ThreadRecord | undefined {
  const [own, others] = [state.inThreads.get(from), state.inThreads.get(to)];
  const [fewer, more] = (own?.size ?? 0) < (others?.size ?? 0) ? [own, others] : [others, own];
  for (const id of fewer ?? []) {
    const thread = more?.has(id) === true ? state.threads.get(id) : undefined;
    if (!thread?.pair?.includes(from) || !thread.pair.includes(to)) continue;
    if (thread.topic.toLowerCase() === topic.toLowerCase() && present(thread).length === 2) return thread;
  }
  return undefined;
}

export interface Opening {
  readonly topic: string;
  readonly mode: ThreadMode;
  readonly call?: CallId;
  /** Both join at once. */
  readonly pair: readonly [AgentId, AgentId];
}

/** Opens a thread of two, both joined. The caller of this rule has checked everything. */
export function openThreadFor(step: Step, { topic, mode, call, pair }: Opening): ThreadId {
  const thread = step.newId();
  const isDirect = mode === 'async' && call === undefined;
  step.emit({
    type: 'thread.opened',
    payload: {
      thread,
      topic,
      mode,
      home: step.state.home,
      open: false,
      ...(call !== undefined && { call }),
      ...(isDirect && { pair }),
    },
  });
  for (const agent of pair) join(step, thread, agent);
  return thread;
}

export function join(step: Step, thread: ThreadId, agent: AgentId): void {
  post(step, thread, agent, 'join', { content: '' });
}

/**
 * Leaves a thread; a live thread in which fewer than two remain closes. `close` ends it for everyone.
 * @throws `no_current_thread`, `which_thread`, `unknown_thread`, `thread_closed`, `not_participant`, `already_left`
 */
export function leave(step: Step, from: AgentId, threadId: ThreadId | undefined, close = false): ThreadId {
  const agent = knownAgent(step, from);
  const thread = openThread(step, threadId ?? currentThread(step, from));
  const inside = isIn(thread, from);
  if (!inside && !(close && agent.kind === 'human')) {
    if (thread.places.has(from)) step.refuse('already_left', { thread: thread.id });
    step.refuse('not_participant', { thread: thread.id, topic: thread.topic });
  }
  if (close) closeThread(step, thread.id, 'closed', from);
  else leaveThread(step, thread, from);
  return thread.id;
}

/** Takes the agent out; closes a live thread with fewer than two left, and an async one with nobody. */
export function leaveThread(step: Step, thread: ThreadRecord, agent: AgentId): void {
  post(step, thread.id, agent, 'leave', { content: '' });
  if (present(thread).length < (thread.mode === 'live' ? 2 : 1)) closeThread(step, thread.id, 'left', agent);
}

export function closeThread(step: Step, thread: ThreadId, reason: CloseReason, by?: AgentId): void {
  step.emit({ type: 'thread.closed', payload: { thread, reason, ...(by !== undefined && { by }) } });
}

/** The agent's only open live thread. @throws `no_current_thread`, `which_thread` with the choices */
export function currentThread(step: Step, agent: AgentId): ThreadId {
  const live = liveThreads(step.state, agent);
  const [only] = live;
  if (only === undefined) step.refuse('no_current_thread');
  if (live.length > 1) {
    step.refuse('which_thread', { choices: live.map((id) => `${id} ${step.state.threads.get(id)?.topic ?? ''}`) });
  }
  return only;
}

/** @throws `thread_closed`, `unknown_thread` */
export function openThread(step: Step, id: ThreadId): ThreadRecord {
  const thread = step.state.threads.get(id);
  if (thread) return thread;
  const closed = step.state.closed.get(id);
  const isRecent = closed !== undefined && step.now - closed.at < aftermath;
  return step.refuse(isRecent ? 'thread_closed' : 'unknown_thread', { thread: oneLine(id).slice(0, 64) });
}

export function isIn(thread: ThreadRecord, agent: AgentId): boolean {
  const place = thread.places.get(agent);
  return place !== undefined && place.leftAt === undefined;
}

/** A topic as it is stored. @throws `empty_topic`, `topic_too_long` */
export function checkTopic(step: Step, topic: string): string {
  const line = oneLine(topic);
  const { topicLength } = step.world.limits;
  if (line === '') step.refuse('empty_topic');
  if (line.length > topicLength) step.refuse('topic_too_long', { length: line.length, limit: topicLength });
  return line;
}

/** @throws `message_too_long`, `too_many_refs`, `ref_too_long` */
export function checkSize(step: Step, content: string, refs: readonly Ref[]): void {
  const { limits } = step.world;
  const bytes = utf8Length(content);
  if (bytes > limits.messageBytes) step.refuse('message_too_long', { bytes, limit: limits.messageBytes });
  if (refs.length > limits.refsPerMessage)
    step.refuse('too_many_refs', { count: refs.length, limit: limits.refsPerMessage });
  for (const ref of refs) {
    const size = utf8Length(ref.excerpt ?? '');
    if (size > limits.refExcerptBytes) step.refuse('ref_too_long', { bytes: size, limit: limits.refExcerptBytes });
  }
}

/**
 * Everything that can be wrong with a message, and the limits of its sender. `thread` is undefined for a new one.
 * @throws `empty_text`, `message_too_long`, `too_many_refs`, `ref_too_long`, `unknown_message`, `inbox_full`,
 * `repeated_text`, `turn_limit`, `loop_guard`, `rate_limited`
 */
function checkDraft(
  step: Step,
  from: AgentId,
  thread: ThreadRecord | undefined,
  draft: Draft,
  recipients: readonly AgentId[] = thread ? present(thread).filter((agent) => agent !== from) : [],
): void {
  const { state, world } = step;
  const { limits } = world;
  if (draft.content.trim() === '') step.refuse('empty_text');
  checkSize(step, draft.content, draft.refs ?? []);
  if (draft.replyTo !== undefined && (thread?.ids.lastIndexOf(draft.replyTo) ?? -1) < 0) {
    step.refuse('unknown_message', { message: oneLine(draft.replyTo).slice(0, 64) });
  }
  for (const agent of recipients) checkInbox(step, agent);
  if (state.agents.get(from)?.kind === 'human') return;
  if (thread) {
    const { repeat } = thread;
    if (repeat?.from === from && repeat.times >= 2 && repeat.fingerprint === fingerprint(draft.content))
      step.refuse('repeated_text');
    if (thread.turns >= limits.turns) step.refuse('turn_limit', { limit: limits.turns });
  }
  checkPairs(step, from, recipients);
  takeToken(step, from);
}

/** @throws `loop_guard` when the agent has written enough to one of these without a person */
export function checkPairs(step: Step, from: AgentId, recipients: readonly AgentId[]): void {
  const { state, world, now } = step;
  const { pairMessagesPerHour: limit } = world.limits;
  for (const agent of recipients) {
    const pair = state.pairs.get(pairKey(from, agent));
    if (!pair || now - pair.at >= pairWindow || pair.count < limit) continue;
    step.refuse('loop_guard', { limit, with: state.agents.get(agent)?.name ?? agent });
  }
}

/** @throws `inbox_full` when nothing more may wait for the agent */
export function checkInbox(step: Step, agent: AgentId): void {
  const { state, world } = step;
  const items = (state.waiting.get(agent)?.length ?? 0) + (state.unread.get(agent) ?? 0);
  if (items >= world.limits.inboxItems) {
    step.refuse('inbox_full', { agent: state.agents.get(agent)?.name ?? agent, limit: world.limits.inboxItems });
  }
}

/** Token bucket: `messageBurst` at once, refilled at `messagesPerMinute`. @throws `rate_limited` with the wait in ms */
export function takeToken(step: Step, agent: AgentId): void {
  const { world, now } = step;
  const { messageBurst, messagesPerMinute } = world.limits;
  const perMs = messagesPerMinute / 60_000;
  const bucket = world.rates.get(agent) ?? { tokens: messageBurst, at: now };
  const tokens = Math.min(messageBurst, bucket.tokens + Math.max(0, now - bucket.at) * perMs);
  if (tokens < 1) step.refuse('rate_limited', { limit: messagesPerMinute, retryMs: Math.ceil((1 - tokens) / perMs) });
  world.rates.set(agent, { tokens: tokens - 1, at: now });
}

function post(
  step: Step,
  thread: ThreadId,
  from: AgentId,
  type: MessageType,
  draft: Draft,
  key?: KeyUse,
): KeyResult & { kind: 'message' } {
  const record = openThread(step, thread);
  const message: Message = {
    id: step.newId(),
    thread,
    from,
    type,
    content: draft.content,
    refs: draft.refs ?? [],
    ...(draft.replyTo !== undefined && { replyTo: draft.replyTo }),
    seq: record.ids.length + 1,
    timestamp: step.now,
  };
  const answers = type === 'message' ? answered(record, from, draft.replyTo) : [];
  step.emit({ type: 'message.sent', payload: { message, answers, ...(key && { key }) } });
  return { kind: 'message', thread, message: message.id, seq: message.seq };
}

/** Posts the caller's first message of an accepted call. */
export function postFirst(step: Step, thread: ThreadId, from: AgentId, content: string, refs: readonly Ref[]): void {
  post(step, thread, from, 'message', { content, refs });
}

/** What a message answers: the one it replies to, and in a thread of two all that its sender was shown. */
function answered(thread: ThreadRecord, from: AgentId, replyTo: MessageId | undefined): MessageId[] {
  const shown = present(thread).length === 2 ? (thread.places.get(from)?.seen ?? []) : [];
  return replyTo === undefined || shown.includes(replyTo) ? [...shown] : [...shown, replyTo];
}

export function keyUse(key: string | undefined, parts: readonly unknown[]): KeyUse | undefined {
  return key === undefined ? undefined : { key, fingerprint: fingerprint(JSON.stringify(parts)) };
}

/** What the key led to before, if it was used. @throws `key_conflict` when it was used for something else */
export function usedKey(step: Step, from: AgentId, use: KeyUse | undefined): KeyResult | undefined {
  if (use === undefined) return undefined;
  const record = step.state.keys.get(`${from} ${use.key}`);
  if (!record || step.now - record.at >= step.world.limits.keysKept) return undefined;
  if (record.fingerprint !== use.fingerprint) step.refuse('key_conflict', { key: use.key });
  return record.result;
}
