import { findAgent, knownAgent } from './agents';
import { merge } from './accepting';
import { ringingBetween, ringOrQueue } from './callRings';
import { checkMaySend, takesCalls } from './govern';
import type { AgentId, Call, CallId, Ref, Urgency } from './model';
import type { Step } from './step';
import { checkInbox, checkPairs, checkSize, checkTopic, keyedRefs, takeToken } from './drafts';
import { keyUse, usedKey } from './keys';

export interface Placing {
  /** Names or ids. */
  readonly to: readonly string[];
  readonly topic: string;
  readonly content?: string | undefined;
  readonly refs?: readonly Ref[] | undefined;
  readonly urgency?: Urgency | undefined;
  /** Whom it cannot reach now is not rung later: the caller is told when they are free. */
  readonly callBack?: boolean | undefined;
  readonly note?: string | undefined;
  readonly key?: string | undefined;
}

/**
 * Places a call. Each callee who is free is rung, the others find it in their inbox. When the one callee is calling the
 * caller at this moment, that older call is accepted and this one ends `merged`.
 * @throws `unknown_agent`, `cannot_call_yourself`, `empty_topic`, `topic_too_long`, `message_too_long`, `ref_too_long`,
 * `too_many_refs`, `already_calling`, `inbox_full`, `call_declined_by_policy`, `key_conflict`, `thread_full`, `loop_guard`,
 * `rate_limited` (a call counts as a message), `not_allowed_to_send`
 */
export function placeCall(step: Step, from: AgentId, placing: Placing): CallId {
  const { world } = step;
  const caller = knownAgent(step, from);
  const callees = [...new Set(placing.to.map((name) => findAgent(step, name)))];
  if (callees.length === 0) step.refuse('unknown_agent', { agent: '' });
  if (callees.length + 1 > world.limits.participants) step.refuse('thread_full', { limit: world.limits.participants });
  const topic = checkTopic(step, placing.topic);
  const content = placing.content?.trim() === '' ? undefined : placing.content;
  checkSize(step, content ?? '', placing.refs ?? []);
  const { refs = [], callBack = false } = placing;
  const ids = callees.map((agent) => agent.id);
  const parts = ['call', ids, topic, content ?? '', keyedRefs(refs), ...(callBack ? ['callBack'] : [])];
  const key = keyUse(placing.key, parts);
  const earlier = usedKey(step, from, key);
  if (earlier?.kind === 'call') return earlier.call;
  checkMaySend(step, from);
  for (const callee of callees) {
    if (callee.id === from) step.refuse('cannot_call_yourself', { name: caller.name });
    checkInbox(step, callee.id);
    const open = openCallBetween(step, from, callee.id, callBack);
    if (open !== undefined) step.refuse('already_calling', { name: callee.name, call: open });
    if (!takesCalls(step.state, callee, caller)) step.refuse('call_declined_by_policy', { name: callee.name });
  }
  if (caller.kind !== 'human') {
    if (content !== undefined) checkPairs(step, from, ids);
    takeToken(step, from);
  }
  const call: Call = {
    id: step.newId(),
    from,
    topic,
    urgency: placing.urgency ?? 'next',
    ...(content !== undefined && { content }),
    refs,
    placedAt: step.now,
    ...(callBack && { callBack: true }),
    ...(placing.note !== undefined && { note: placing.note }),
  };
  const [only] = callees;
  const glare = only && ringingBetween(step, only.id, from);
  step.emit({ type: 'call.placed', payload: { call, to: ids, ...(key && { key }) } });
  if (glare && callees.length === 1 && glare.call.into === undefined) {
    merge(step, glare, call);
    return call.id;
  }
  for (const callee of callees) ringOrQueue(step, call, callee.id);
  return call.id;
}

/** The caller's call to the callee that still rings or is queued; with `awaited`, also the one that waits for the callee to be free. */
export function openCallBetween({ state }: Step, from: AgentId, to: AgentId, awaited = false): CallId | undefined {
  return state.waiting.get(to)?.find((id) => {
    const record = state.calls.get(id);
    if (record?.call.from !== from || record.call.into !== undefined) return false;
    const leg = record.legs.get(to);
    return leg?.state === 'ringing' || leg?.state === 'queued' || (awaited && leg?.state === 'awaited');
  });
}
