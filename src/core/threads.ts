import { findAgent, knownAgent } from './agents';
import { checkDraft, checkTopic, keyedRefs, type Draft } from './drafts';
import { keyUse, usedKey } from './keys';
import type { KeyUse } from './events';
import { expectedUntil, openInvitations } from './expected';
import {
  defaultTopic,
  type AgentId,
  type BroadcastId,
  type CallId,
  type CloseReason,
  type Message,
  type MessageId,
  type MessageType,
  type Ref,
  type ThreadId,
  type ThreadMode,
} from './model';
import { liveThreads } from './presence';
import { aftermath, isAnyoneElse, present, type ThreadRecord } from './state';
import type { Step } from './step';
import { oneLine } from './text';
import { checkTurn, skipAbsent } from './turns';

export interface Sent {
  readonly thread: ThreadId;
  readonly message: MessageId;
  readonly seq: number;
  /** The key was used before for the same message: nothing happened now. */
  readonly repeated: boolean;
}

/**
 * Sends into a thread, or into the sender's only open live thread.
 * @throws `no_current_thread`, `which_thread`, `unknown_thread`, `thread_closed`, `thread_paused`, `not_participant`,
 * `not_your_turn`, `nobody_there` and what {@link checkDraft} throws
 */
export function send(step: Step, from: AgentId, threadId: ThreadId | undefined, draft: Draft): Sent {
  const agent = knownAgent(step, from);
  const key = keyUse(draft.key, ['send', threadId ?? '', draft.content, draft.replyTo ?? '', keyedRefs(draft.refs)]);
  const earlier = usedKey(step, from, key);
  if (earlier?.kind === 'message') return { ...earlier, repeated: true };
  const thread = openThread(step, threadId ?? currentThread(step, from));
  const inside = isIn(thread, from);
  if (!inside && agent.kind !== 'human') step.refuse('not_participant', { thread: thread.id, topic: thread.topic });
  if (thread.state === 'paused' && agent.kind !== 'human') step.refuse('thread_paused', { thread: thread.id });
  // In a room, and where somebody is invited, one may yet come; in any other thread nobody would ever read it.
  if (!isAnyoneElse(thread, from) && !thread.room && openInvitations(step.state, thread.id).length === 0)
    step.refuse('nobody_there', { thread: thread.id, topic: thread.topic });
  if (agent.kind !== 'human') checkTurn(step, thread, from);
  checkDraft(step, from, thread, draft);
  if (!inside) join(step, thread.id, from);
  return { ...say(step, thread.id, from, draft, { key }), repeated: false };
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
  const key = keyUse(draft.key, [
    'message',
    recipient.id,
    about,
    draft.content,
    draft.replyTo ?? '',
    keyedRefs(draft.refs),
  ]);
  const earlier = usedKey(step, from, key);
  if (earlier?.kind === 'message') return { ...earlier, repeated: true };
  const existing = threadOfTwo(step, from, recipient.id, about);
  if (existing?.state === 'paused' && sender.kind !== 'human') step.refuse('thread_paused', { thread: existing.id });
  checkDraft(step, from, existing, draft, [recipient.id]);
  const thread = existing?.id ?? openThreadFor(step, { topic: about, mode: 'async', pair: [from, recipient.id] });
  return { ...say(step, thread, from, draft, { key }), repeated: false };
}

/** The open async thread of exactly these two with this topic that `message` goes on in. */
export function threadOfTwo({ state }: Step, from: AgentId, to: AgentId, topic: string): ThreadRecord | undefined {
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
  // With a second speaker turns begin: the first may have been away for long.
  passTurns(step, openThread(step, thread));
}

/**
 * Leaves a thread. One that opened with a call, or by a live call's answer, closes when fewer than two remain; a room, and
 * an async thread, when nobody does. `close` ends it for everyone.
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

/** Takes the agent out, and closes what too few remain in. `by`: who removed it. */
export function leaveThread(step: Step, thread: ThreadRecord, agent: AgentId, by?: AgentId): void {
  post(step, thread.id, agent, 'leave', { content: '' }, { by });
  const fewest = thread.mode === 'live' && !thread.room ? 2 : 1;
  const left = present(thread).length;
  // One may wait alone for somebody who was invited.
  const isExpecting = left > 0 && (expectedUntil(step.state, step.world, thread.id) ?? 0) > step.now;
  if (left < fewest && !isExpecting) closeThread(step, thread.id, 'left', by ?? agent);
  else passTurns(step, thread);
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

interface Posting {
  readonly key?: KeyUse | undefined;
  /** Who did it, when that is not the sender. */
  readonly by?: AgentId | undefined;
  readonly broadcast?: BroadcastId | undefined;
}

interface Posted {
  readonly thread: ThreadId;
  readonly message: MessageId;
  readonly seq: number;
}

function post(
  step: Step,
  thread: ThreadId,
  from: AgentId,
  type: MessageType,
  draft: Draft,
  { key, by, broadcast }: Posting = {},
): Posted {
  const record = openThread(step, thread);
  const message: Message = {
    id: step.newId(),
    thread,
    from,
    type,
    content: draft.content,
    refs: draft.refs ?? [],
    ...(draft.replyTo !== undefined && { replyTo: draft.replyTo }),
    ...(broadcast !== undefined && { broadcast }),
    seq: record.ids.length + 1,
    timestamp: step.now,
  };
  const answers = type === 'message' ? answered(record, from, draft.replyTo) : [];
  step.emit({
    type: 'message.sent',
    payload: { message, answers, ...(by !== undefined && { by }), ...(key && { key }) },
  });
  return { thread, message: message.id, seq: message.seq };
}

/** Posts words that were checked, and what follows from them: the turn goes on, the turn limit is told. */
export function say(step: Step, thread: ThreadId, from: AgentId, draft: Draft, posting: Posting = {}): Posted {
  const posted = post(step, thread, from, 'message', draft, posting);
  const record = openThread(step, thread);
  const limit = turnLimitOf(step, record);
  if (record.turns === limit && step.state.agents.get(from)?.kind !== 'human') {
    step.emit({ type: 'thread.limited', payload: { thread, limit } });
    note(step, thread, `The turn limit (${limit}) is reached. Agents go on when a person speaks or grants more turns.`);
  }
  passTurns(step, record);
  return posted;
}

/** Messages that agents may send in this thread until a person speaks. */
export function turnLimitOf({ world }: Pick<Step, 'world'>, { turnLimit }: ThreadRecord): number {
  return Math.min(turnLimit ?? Infinity, world.limits.turns);
}

/** Puts a line of the broker into the thread, told to all in it but `by`. It is no message of anybody: nobody must see it. */
export function note(step: Step, thread: ThreadId, content: string, by?: AgentId): void {
  post(step, thread, step.state.home, 'system', { content }, { by });
}

/** In a round-robin, goes past those who are away or silent. */
export function passTurns(step: Step, thread: ThreadRecord): void {
  if (thread.order !== undefined) skipAbsent(step, thread, (id, text) => note(step, id, text));
}

/** Posts the caller's first message of an accepted call. */
export function postFirst(step: Step, thread: ThreadId, from: AgentId, content: string, refs: readonly Ref[]): void {
  say(step, thread, from, { content, refs });
}

/** What a message answers: the one it replies to, and in a thread of two all that its sender was shown. */
function answered(thread: ThreadRecord, from: AgentId, replyTo: MessageId | undefined): MessageId[] {
  const seen = thread.places.get(from)?.seen ?? [];
  const shown = seen.length > 0 && present(thread).length === 2 ? seen : [];
  return replyTo === undefined || shown.includes(replyTo) ? [...shown] : [...shown, replyTo];
}
