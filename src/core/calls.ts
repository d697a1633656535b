import { findAgent, knownAgent } from './agents';
import type { DurableEvent } from './events';
import type { Agent, AgentId, Call, CallId, Leg, Presence, QueueReason, Ref, ThreadId, Urgency } from './model';
import { presenceOf, ringingCalls } from './presence';
import { aftermath, isOver, type CallRecord } from './state';
import type { Step, World } from './step';
import { oneLine } from './text';
import {
  checkInbox,
  checkPairs,
  checkSize,
  checkTopic,
  isIn,
  join,
  keyUse,
  openThreadFor,
  postFirst,
  takeToken,
  usedKey,
} from './threads';

export interface Placing {
  /** Names or ids. */
  readonly to: readonly string[];
  readonly topic: string;
  readonly content?: string | undefined;
  readonly refs?: readonly Ref[] | undefined;
  readonly urgency?: Urgency | undefined;
  readonly note?: string | undefined;
  readonly key?: string | undefined;
}

/**
 * Places a call. Each callee who is free is rung, the others find it in their inbox. When the one callee is calling the
 * caller at this moment, that older call is accepted and this one ends `merged`.
 * @throws `unknown_agent`, `cannot_call_yourself`, `empty_topic`, `topic_too_long`, `message_too_long`, `ref_too_long`,
 * `too_many_refs`, `already_calling`, `inbox_full`, `call_declined_by_policy`, `key_conflict`, `thread_full`, `loop_guard`,
 * `rate_limited` (a call counts as a message)
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
  const key = keyUse(placing.key, ['call', callees.map((agent) => agent.id), topic, content ?? '', placing.refs ?? []]);
  const earlier = usedKey(step, from, key);
  if (earlier?.kind === 'call') return earlier.call;
  for (const callee of callees) {
    if (callee.id === from) step.refuse('cannot_call_yourself', { name: caller.name });
    checkInbox(step, callee.id);
    const open = openCallBetween(step, from, callee.id);
    if (open !== undefined) step.refuse('already_calling', { name: callee.name, call: open });
    if (!takesCalls(callee, caller)) step.refuse('call_declined_by_policy', { name: callee.name });
  }
  if (caller.kind !== 'human') {
    if (content !== undefined)
      checkPairs(
        step,
        from,
        callees.map((callee) => callee.id),
      );
    takeToken(step, from);
  }
  const call: Call = {
    id: step.newId(),
    from,
    topic,
    urgency: placing.urgency ?? 'next',
    ...(content !== undefined && { content }),
    refs: placing.refs ?? [],
    placedAt: step.now,
    ...(placing.note !== undefined && { note: placing.note }),
  };
  const [only] = callees;
  const glare = only && ringingBetween(step, only.id, from);
  step.emit({ type: 'call.placed', payload: { call, to: callees.map((agent) => agent.id), ...(key && { key }) } });
  if (glare && callees.length === 1) {
    merge(step, glare, call);
    return call.id;
  }
  for (const callee of callees) ringOrQueue(step, call, callee.id);
  return call.id;
}

/** Whether the callee's policy lets this caller through. The person is in every workspace. */
function takesCalls({ card }: Agent, caller: Agent): boolean {
  if (card.policy !== 'same-workspace') return card.policy !== 'decline';
  return caller.kind === 'human' || (card.workspace !== '' && caller.card.workspace === card.workspace);
}

/** The caller's call to the callee that still rings or is queued. */
function openCallBetween({ state }: Step, from: AgentId, to: AgentId): CallId | undefined {
  return state.waiting.get(to)?.find((id) => {
    const record = state.calls.get(id);
    const leg = record?.legs.get(to);
    return record?.call.from === from && (leg?.state === 'ringing' || leg?.state === 'queued');
  });
}

/** The call that rings at `to` and was placed by `from`. */
function ringingBetween({ state }: Step, from: AgentId, to: AgentId): CallRecord | undefined {
  const id = ringingCalls(state, to).find((ringing) => state.calls.get(ringing)?.call.from === from);
  return id === undefined ? undefined : state.calls.get(id);
}

/** Two call each other: the older call is accepted, the newer ends merged and what it was placed with is said in the thread. */
function merge(step: Step, older: CallRecord, newer: Call): void {
  const thread = accept(step, older.call.id, newer.from, newer.from);
  step.emit({ type: 'call.merged', payload: { call: newer.id, agent: older.call.from, into: older.call.id } });
  postOpening(step, thread, newer, older.call.from);
}

function ringOrQueue(step: Step, call: Call, callee: AgentId): void {
  const { state, world } = step;
  const reason = whyQueued(step, call, presenceOf(state, world.isConnected(callee), callee));
  if (reason === undefined) ring(step, call.id, callee);
  else step.emit({ type: 'call.queued', payload: { call: call.id, agent: callee, reason } });
}

/** Why this call cannot ring now at a callee of this presence; undefined when it can. */
function whyQueued({ world }: Step, call: Call, presence: Presence): QueueReason | undefined {
  if (call.urgency === 'later') return 'later';
  if (world.paused) return 'paused';
  if (presence === 'available') return undefined;
  if (call.urgency === 'now' && presence !== 'offline' && presence !== 'busy') return undefined;
  return presence;
}

function ring(step: Step, call: CallId, agent: AgentId): void {
  const { limits } = step.world;
  const isPerson = step.state.agents.get(agent)?.kind === 'human';
  const deadline = step.now + (isPerson ? limits.ringPerson : limits.ringAgent);
  step.emit({ type: 'call.rang', payload: { call, agent, deadline } });
  if (step.state.agents.get(agent)?.card.policy === 'accept') accept(step, call, agent, agent);
}

/** Rings the oldest queued call that has not rung yet, when the agent is free. When it rings the caller itself, they are connected. */
export function ringNext(step: Step, agent: AgentId): void {
  const { state, world } = step;
  let presence: Presence | undefined;
  for (const id of state.waiting.get(agent) ?? []) {
    const record = state.calls.get(id);
    const leg = record?.legs.get(agent);
    if (!record || leg?.state !== 'queued') continue;
    presence ??= presenceOf(state, world.isConnected(agent), agent);
    if (whyQueued(step, record.call, presence) !== undefined) continue;
    const other = ringingBetween(step, agent, record.call.from);
    const [older, newer] = other && other.offset < record.offset ? [other, record] : [record, other];
    if (newer?.legs.size === 1) merge(step, older, newer.call);
    else ring(step, id, agent);
    return;
  }
}

/** Rings what waits for agents who are free now. To be run when somebody came, or when all was paused and is no more. */
export function ringWaiting(step: Step): void {
  for (const agent of [...step.state.waiting.keys()]) ringNext(step, agent);
}

/** Rings what waited for agents whom this step freed. The last thing that every step does. */
export function ringFreed(step: Step): void {
  // What rings may be accepted at once, or merge with a call the other way, and free somebody in turn.
  for (let looked = 0; step.events.slice(looked).some(mayFree);) {
    looked = step.events.length;
    ringWaiting(step);
  }
}

/** Whether this can make an agent free to be rung. */
function mayFree(event: DurableEvent): boolean {
  switch (event.type) {
    case 'call.accepted': // By the person for it, or into an async thread: it rings no more and is in no call.
    case 'call.declined':
    case 'call.missed':
    case 'call.cancelled':
    case 'call.returned':
    case 'call.expired':
    case 'call.merged':
    case 'thread.closed':
    case 'agent.profiled':
      return true;
    case 'message.sent':
      return event.payload.message.type === 'leave';
    default:
      return false;
  }
}

export type Answer = 'accept' | 'decline' | 'later';

export interface Answered {
  readonly call: CallId;
  /** The thread, when one was opened. */
  readonly thread?: ThreadId;
  /** Answered late: this call rings the caller back. */
  readonly ringBack?: CallId;
}

/**
 * Answers a call at oneself, or as the person for an agent (`leg`). `later` keeps it in the inbox: it rings no more.
 * @throws `unknown_call`, `not_your_call`, `call_over` with the outcome and who
 */
export function answerCall(
  step: Step,
  by: AgentId,
  callId: CallId | undefined,
  answer: Answer,
  { reason, leg: forAgent }: { readonly reason?: string | undefined; readonly leg?: AgentId | undefined } = {},
): Answered {
  const person = knownAgent(step, by).kind === 'human';
  const agent = person && forAgent !== undefined ? forAgent : by;
  const id = callId ?? onlyRinging(step, agent);
  const record = knownCall(step, id);
  if (!person && forAgent !== undefined && forAgent !== by) step.refuse('not_your_call', { call: id });
  const leg = record.legs.get(agent) ?? step.refuse('not_your_call', { call: id });
  if (isOver(leg)) refuseOver(step, record, leg);
  // Who placed the call would talk to nobody but themself.
  if (answer === 'accept' && by === record.call.from) step.refuse('not_your_call', { call: id });
  switch (answer) {
    case 'decline': {
      const why = reason === undefined ? undefined : oneLine(reason).slice(0, step.world.limits.topicLength);
      step.emit({ type: 'call.declined', payload: { call: id, agent, by, ...(why !== undefined && { reason: why }) } });
      return { call: id };
    }
    case 'later':
      if (leg.state !== 'missed') step.emit({ type: 'call.missed', payload: { call: id, agent, by } });
      return { call: id };
    case 'accept':
      return leg.state === 'ringing'
        ? { call: id, thread: accept(step, id, agent, by) }
        : answerLate(step, record, agent, by);
  }
}

/** The call that rings at the agent. @throws `unknown_call`, `which_call` with the choices */
function onlyRinging(step: Step, agent: AgentId): CallId {
  const ringing = ringingCalls(step.state, agent);
  const [only] = ringing;
  if (only === undefined) step.refuse('unknown_call', { call: '' });
  if (ringing.length > 1) {
    const describe = (id: CallId): string => {
      const call = step.state.calls.get(id)?.call;
      return `${id} from ${step.state.agents.get(call?.from ?? '')?.name ?? ''} about "${call?.topic ?? ''}"`;
    };
    step.refuse('which_call', { choices: ringing.map(describe) });
  }
  return only;
}

/** Opens the call's thread, or joins it. `by` is who speaks: the callee, or the person for it. */
function accept(step: Step, id: CallId, agent: AgentId, by: AgentId, isLate = false): ThreadId {
  const { state, world } = step;
  const record = knownCall(step, id);
  const { call } = record;
  const opened = record.thread === undefined ? undefined : state.threads.get(record.thread);
  if (opened) {
    step.emit({ type: 'call.accepted', payload: { call: id, agent, by, thread: opened.id } });
    if (!isIn(opened, by)) join(step, opened.id, by);
    return opened.id;
  }
  const mode = isLate || callerWasGone(record, agent, world) ? 'async' : 'live';
  const thread = openThreadFor(step, { topic: call.topic, mode, call: id, pair: [call.from, by] });
  step.emit({ type: 'call.accepted', payload: { call: id, agent, by, thread } });
  postOpening(step, thread, call, agent);
  return thread;
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

/** Missed or queued: joins the call's thread while that is open, rings the caller back when it is free, else opens an async thread with it. */
function answerLate(step: Step, { call, thread: opened }: CallRecord, agent: AgentId, by: AgentId): Answered {
  const { state, world } = step;
  const open = opened !== undefined && state.threads.has(opened);
  const caller = state.agents.get(call.from);
  const free =
    caller !== undefined && !world.paused && presenceOf(state, world.isConnected(call.from), call.from) === 'available';
  if (open || !free) return { call: call.id, thread: accept(step, call.id, agent, by, true) };
  const back: Call = {
    ...call,
    id: step.newId(),
    from: by,
    placedAt: step.now,
    returns: call.id,
    // It was for later once; now both want to talk.
    ...(call.urgency === 'later' && { urgency: 'next' }),
  };
  step.emit({ type: 'call.returned', payload: { call: call.id, agent, by, into: back.id } });
  step.emit({ type: 'call.placed', payload: { call: back, to: [call.from] } });
  ringOrQueue(step, back, call.from);
  const thread = knownCall(step, back.id).thread;
  return { call: call.id, ringBack: back.id, ...(thread !== undefined && { thread }) };
}

/** Takes a call back. @throws `unknown_call`, `not_your_call`, `call_over` */
export function cancelCall(step: Step, from: AgentId, id: CallId): void {
  const record = knownCall(step, id);
  if (record.call.from !== from) step.refuse('not_your_call', { call: id });
  const open = [...record.legs.values()].filter((leg) => !isOver(leg));
  if (open.length === 0) {
    const ended = [...record.legs.values()];
    const [told = step.refuse('unknown_call', { call: id })] = [
      ...ended.filter((leg) => leg.state === 'accepted'),
      ...ended,
    ];
    refuseOver(step, record, told);
  }
  for (const leg of open) step.emit({ type: 'call.cancelled', payload: { call: id, agent: leg.agent, by: from } });
}

/** A call that is open, or ended less than {@link aftermath} ago. @throws `unknown_call` */
export function knownCall(step: Step, id: CallId): CallRecord {
  const record = step.state.calls.get(id);
  if (record && step.now - (record.overAt ?? step.now) < aftermath) return record;
  return step.refuse('unknown_call', { call: oneLine(id).slice(0, 64) });
}

function refuseOver(step: Step, record: CallRecord, leg: Leg): never {
  const who = leg.by ?? (leg.state === 'merged' ? record.call.from : leg.agent);
  return step.refuse('call_over', {
    call: record.call.id,
    outcome: leg.state,
    by: leg.state === 'expired' ? 'time' : (step.state.agents.get(who)?.name ?? who),
    ...(record.thread !== undefined && { thread: record.thread }),
  });
}
