import { knownAgent } from './agents';
import type { KeyUse } from './events';
import type { AgentId, Call, CallId, ThreadId } from './model';
import { aftermath, present, type CallRecord } from './state';
import type { Step, World } from './step';
import { oneLine } from './text';
import { isIn, join, openThread, openThreadFor, postFirst } from './threads';

/** A call that is open, or ended less than {@link aftermath} ago. @throws `unknown_call` */
export function knownCall(step: Step, id: CallId): CallRecord {
  const record = step.state.calls.get(id);
  if (record && step.now - (record.overAt ?? step.now) < aftermath) return record;
  return step.refuse('unknown_call', { call: oneLine(id).slice(0, 64) });
}

export interface Accepting {
  readonly isLate?: boolean;
  /** Under which the answer was given. */
  readonly key?: KeyUse | undefined;
}

/**
 * Opens the call's thread, or joins it; an invitation leads into the thread that it names, which MUST be open. `by` is who
 * speaks: the callee, or the person for it.
 */
export function accept(
  step: Step,
  id: CallId,
  agent: AgentId,
  by: AgentId,
  { isLate = false, key }: Accepting = {},
): ThreadId {
  const { state, world } = step;
  const record = knownCall(step, id);
  const { call } = record;
  const known = call.into ?? record.thread;
  const opened = known === undefined ? undefined : state.threads.get(known);
  if (opened) {
    step.emit({ type: 'call.accepted', payload: { call: id, agent, by, thread: opened.id, ...(key && { key }) } });
    if (!isIn(opened, by)) join(step, opened.id, by);
    return opened.id;
  }
  const mode = isLate || callerWasGone(record, agent, world) ? 'async' : 'live';
  const thread = openThreadFor(step, { topic: call.topic, mode, call: id, pair: [call.from, by] });
  step.emit({ type: 'call.accepted', payload: { call: id, agent, by, thread, ...(key && { key }) } });
  postOpening(step, thread, call, agent);
  return thread;
}

/** Two call each other: the older call is accepted, the newer ends merged and what it was placed with is said in the thread. */
export function merge(step: Step, older: CallRecord, newer: Call): void {
  const thread = accept(step, older.call.id, newer.from, newer.from);
  step.emit({ type: 'call.merged', payload: { call: newer.id, agent: older.call.from, into: older.call.id } });
  postOpening(step, thread, newer, older.call.from);
}

/** Out of a queue a call can ring when its caller has been away for long: it would leave a live thread at once. */
function callerWasGone({ call, legs }: CallRecord, agent: AgentId, world: World): boolean {
  const since = world.offlineSince(call.from);
  return since !== undefined && since < (legs.get(agent)?.rangAt ?? 0);
}

/** Posts what the call was placed with. A call that returns another carries the first message of that one, written by its callee. */
function postOpening(step: Step, thread: ThreadId, call: Call, callee: AgentId): void {
  if (call.content === undefined && call.refs.length === 0) return;
  const author = call.returns === undefined ? call.from : callee;
  // Not in the thread when the person answered for it: nobody speaks where they are not.
  const record = step.state.threads.get(thread);
  if (record && isIn(record, author)) postFirst(step, thread, author, call.content ?? '', call.refs);
}

/** Whether an acceptance leads somewhere now. A call that is no invitation always does. */
export function canCome({ state, world }: Step, { into }: Call, agent: AgentId): boolean {
  if (into === undefined) return true;
  const thread = state.threads.get(into);
  if (!thread || thread.state !== 'open') return false;
  return isIn(thread, agent) || present(thread).length < world.limits.participants;
}

/** @throws `thread_closed`, `thread_paused`, `thread_full` when an invitation cannot be accepted by this one */
export function checkCanCome(step: Step, { into }: Call, agent: AgentId): void {
  if (into === undefined) return;
  const thread = openThread(step, into);
  if (knownAgent(step, agent).kind === 'human' || isIn(thread, agent)) return;
  if (thread.state === 'paused') step.refuse('thread_paused', { thread: into });
  const { participants: limit } = step.world.limits;
  if (present(thread).length >= limit) step.refuse('thread_full', { limit });
}
