import { findAgent, knownAgent } from './agents';
import { ringOrQueue } from './callRings';
import type { DurableEvent } from './events';
import { expectedUntil, openInvitations } from './expected';
import { checkMaySend, ringsSince, takesCalls } from './govern';
import type { AgentId, Call, CallId, ThreadId } from './model';
import { present, type State, type ThreadRecord } from './state';
import type { Step, World } from './step';
import { oneLine } from './text';
import { checkInbox, checkSize, takeToken } from './drafts';
import { keyUse, usedKey } from './keys';
import { closeThread, currentThread, isIn, leaveThread, note, openThread } from './threads';

export interface Inviting {
  /** Default: the inviter's only open live thread. */
  readonly thread?: ThreadId | undefined;
  /** Names or ids. */
  readonly to: readonly string[];
  readonly content?: string | undefined;
  readonly key?: string | undefined;
}

/**
 * Asks others into a thread: a call whose acceptance joins it. Who is in the thread may, and the person may anywhere.
 * @throws `unknown_agent`, `cannot_call_yourself`, `no_current_thread`, `which_thread`, `unknown_thread`, `thread_closed`,
 * `thread_paused`, `not_participant`, `already_in`, `already_calling`, `thread_full` (counting those invited),
 * `call_declined_by_policy`, `inbox_full`, `message_too_long`, `not_allowed_to_send`, `rate_limited`, `key_conflict`
 */
export function invite(step: Step, from: AgentId, inviting: Inviting): CallId {
  const { thread: named, to, content, key } = inviting;
  const use = keyUse(key, ['invite', named ?? '', to, content ?? '']);
  const earlier = usedKey(step, from, use);
  if (earlier?.kind === 'call') return earlier.call;
  const thread = mayInvite(step, from, named);
  const callees = checkInvited(step, from, thread, to, content);
  const call = invitation(step, from, thread, content);
  step.emit({ type: 'call.placed', payload: { call, to: callees, ...(use && { key: use }) } });
  for (const callee of callees) ringOrQueue(step, call, callee);
  return call.id;
}

export interface Transfer {
  readonly thread?: ThreadId | undefined;
  readonly to: string;
  readonly reason?: string | undefined;
  readonly key?: string | undefined;
}

/**
 * Hands a thread over: invites somebody and leaves, in one step. Those who stay are told who comes and why; a thread of two
 * stays open for the one who waits.
 * @throws as {@link invite}; `not_participant` also for the person who is not in it
 */
export function transfer(step: Step, from: AgentId, { thread: named, to, reason, key }: Transfer): CallId {
  const use = keyUse(key, ['transfer', named ?? '', to, reason ?? '']);
  const earlier = usedKey(step, from, use);
  if (earlier?.kind === 'call') return earlier.call;
  const thread = mayInvite(step, from, named);
  if (!isIn(thread, from)) step.refuse('not_participant', { thread: thread.id, topic: thread.topic });
  const why = reason === undefined ? undefined : oneLine(reason);
  const callees = checkInvited(step, from, thread, [to], why);
  const call: Call = { ...invitation(step, from, thread, why), transfer: true };
  const names = callees.map((callee) => knownAgent(step, callee).name).join(', ');
  step.emit({ type: 'call.placed', payload: { call, to: callees, ...(use && { key: use }) } });
  note(step, thread.id, `${knownAgent(step, from).name} hands over to ${names}${why ? `: ${why}` : '.'}`, from);
  for (const callee of callees) ringOrQueue(step, call, callee);
  leaveThread(step, thread, from);
  return call.id;
}

/** The thread that the agent may invite into now. */
function mayInvite(step: Step, from: AgentId, named: ThreadId | undefined): ThreadRecord {
  const agent = knownAgent(step, from);
  const thread = openThread(step, named ?? currentThread(step, from));
  const isPerson = agent.kind === 'human';
  if (!isPerson && !isIn(thread, from)) step.refuse('not_participant', { thread: thread.id, topic: thread.topic });
  if (!isPerson && thread.state === 'paused') step.refuse('thread_paused', { thread: thread.id });
  checkMaySend(step, from);
  return thread;
}

/** Whom these names mean, when all of them may be invited. */
function checkInvited(
  step: Step,
  from: AgentId,
  thread: ThreadRecord,
  to: readonly string[],
  content: string | undefined,
): AgentId[] {
  const { state, world } = step;
  const inviter = knownAgent(step, from);
  const callees = [...new Set(to.map((name) => findAgent(step, name)))];
  if (callees.length === 0) step.refuse('unknown_agent', { agent: '' });
  checkSize(step, content ?? '', []);
  for (const callee of callees) {
    const { id, name } = callee;
    if (id === from) step.refuse('cannot_call_yourself', { name });
    if (isIn(thread, id)) step.refuse('already_in', { thread: thread.id, name });
    const open = openInvitations(state, thread.id).find(({ agent }) => agent === id)?.call;
    if (open !== undefined) step.refuse('already_calling', { name, call: open });
    checkInbox(step, id);
    if (!takesCalls(state, callee, inviter)) step.refuse('call_declined_by_policy', { name });
  }
  const limit = world.limits.participants;
  if (present(thread).length + openInvitations(state, thread.id).length + callees.length > limit)
    step.refuse('thread_full', { limit });
  if (inviter.kind !== 'human') takeToken(step, from);
  return callees.map(({ id }) => id);
}

function invitation(step: Step, from: AgentId, thread: ThreadRecord, content: string | undefined): Call {
  const words = content?.trim() === '' ? undefined : content;
  return {
    id: step.newId(),
    from,
    topic: thread.topic,
    urgency: 'next',
    ...(words !== undefined && { content: words }),
    refs: [],
    placedAt: step.now,
    into: thread.id,
  };
}

/** Whether too few are in the thread for it to go on, and nobody is expected. */
function isLonely({ state, world, now }: Step, thread: ThreadRecord): boolean {
  return isAlone(thread) && (expectedUntil(state, world, thread.id) ?? 0) <= now;
}

function isAlone(thread: ThreadRecord): boolean {
  return thread.mode === 'live' && !thread.room && present(thread).length < 2;
}

/** Since when (ms) all can ring for whom one waits alone in this thread; 0 when nobody is alone, `Infinity` while the person keeps one from it. */
export function aloneSince(state: State, thread: ThreadRecord): number {
  if (!state.invitations.has(thread.id) || !isAlone(thread)) return 0;
  return Math.max(0, ...openInvitations(state, thread.id).map(({ agent }) => ringsSince(state, agent)));
}

/** When (ms) the next thread closes in which one waits in vain; undefined when none does. */
export function lonelyDue(state: State, world: Pick<World, 'limits'>): number | undefined {
  let next: number | undefined;
  for (const id of state.invitations.keys()) {
    const thread = state.threads.get(id);
    if (!thread || !isAlone(thread)) continue;
    const until = expectedUntil(state, world, id);
    if (until !== undefined && until !== Infinity) next = Math.min(next ?? Infinity, until);
  }
  return next;
}

/** Closes live threads in which one has waited in vain. Default: of those that somebody is invited into. */
export function closeLonely(step: Step, threads: Iterable<ThreadId> = step.state.invitations.keys()): void {
  for (const id of [...threads]) if (!step.isFull()) closeIfLonely(step, id);
}

function closeIfLonely(step: Step, id: ThreadId): void {
  const thread = step.state.threads.get(id);
  if (thread && isLonely(step, thread)) closeThread(step, id, 'left');
}

/**
 * What follows for invitations: into a closed thread they end, who comes in by another way has accepted, and a thread in
 * which one waited for somebody who does not come closes.
 */
export function followInvitations(step: Step, events: readonly DurableEvent[]): void {
  const { state } = step;
  for (const event of events) {
    if (event.type === 'thread.closed') {
      for (const { call, agent } of openInvitations(state, event.payload.thread))
        step.emit({ type: 'call.expired', payload: { call, agent, reason: 'thread_closed' } });
    } else if (event.type === 'message.sent' && event.payload.message.type === 'join') {
      const { thread, from } = event.payload.message;
      for (const { call, agent } of openInvitations(state, thread)) {
        if (agent === from) step.emit({ type: 'call.accepted', payload: { call, agent, by: agent, thread } });
      }
    } else if ('call' in event.payload && 'agent' in event.payload && event.type !== 'call.rang') {
      const into = state.calls.get(event.payload.call)?.call.into;
      if (into !== undefined && !step.isFull()) closeIfLonely(step, into);
    }
  }
}
