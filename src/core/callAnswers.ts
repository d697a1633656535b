import { findAgent, knownAgent } from './agents';
import type { KeyUse } from './events';
import { accept, checkCanCome, knownCall } from './accepting';
import { ringOrQueue, whyNotNow } from './callRings';
import { pass } from './hunts';
import { expireOld, putBefore } from './inboxCalls';
import { keyUse, usedKey } from './keys';
import type { AgentId, Call, CallId, Leg, ThreadId } from './model';
import { ringingCalls } from './presence';
import { isOver, type CallRecord } from './state';
import type { Step } from './step';
import { oneLine } from './text';

export type Answer = 'accept' | 'decline' | 'later';

export interface Answering {
  readonly reason?: string | undefined;
  /** The person answers for this agent. */
  readonly leg?: AgentId | undefined;
  /** Idempotency key: the same answer under it happens once, and is answered as it was. */
  readonly key?: string | undefined;
}

export interface Answered {
  readonly call: CallId;
  /** The thread, when one was opened. */
  readonly thread?: ThreadId;
  /** Answered late: this call rings the caller back. */
  readonly ringBack?: CallId;
}

/**
 * Answers a call at oneself, or as the person for an agent (`leg`). `later` keeps it in the inbox: it rings no more; a hunt
 * goes on.
 * @throws `unknown_call`, `not_your_call`, `call_over` with the outcome and who, `person_decides`, `key_conflict`; an invitation also
 * `thread_closed`, `thread_paused`, `thread_full`
 */
export function answerCall(
  step: Step,
  by: AgentId,
  callId: CallId | undefined,
  answer: Answer,
  { reason, leg: forAgent, key: given }: Answering = {},
): Answered {
  const person = knownAgent(step, by).kind === 'human';
  const key = keyUse(given, ['answer', callId ?? '', answer, reason ?? '', forAgent ?? '']);
  const earlier = usedKey(step, by, key);
  if (earlier?.kind === 'answer') return earlier;
  const id = callId ?? onlyRinging(step, by, person ? forAgent : undefined);
  const record = knownCall(step, id);
  if (!person && forAgent !== undefined && forAgent !== by) step.refuse('not_your_call', { call: id });
  const agent = person ? (forAgent ?? meant(record, by)) : by;
  const leg = record.legs.get(agent) ?? step.refuse('not_your_call', { call: id });
  const { into } = record.call;
  if (answer === 'accept' && into !== undefined && step.state.closed.has(into))
    step.refuse('thread_closed', { thread: into });
  if (isOver(leg)) refuseOver(step, record, leg);
  if (!person && leg.asks !== undefined)
    step.refuse('person_decides', { person: step.state.agents.get(leg.asks)?.name ?? '' });
  // Who placed the call would talk to nobody but themself.
  if (answer === 'accept' && by === record.call.from && into === undefined) step.refuse('not_your_call', { call: id });
  switch (answer) {
    case 'decline': {
      const why = reason === undefined ? undefined : oneLine(reason).slice(0, step.world.limits.topicLength);
      step.emit({
        type: 'call.declined',
        payload: { call: id, agent, by, ...(why !== undefined && { reason: why }), ...(key && { key }) },
      });
      return { call: id };
    }
    case 'later':
      if (record.call.line !== undefined) pass(step, id, agent, 'later', by);
      else if (leg.state !== 'missed') {
        step.emit({ type: 'call.missed', payload: { call: id, agent, by, ...(key && { key }) } });
        expireOld(step, record, agent);
      }
      return { call: id };
    case 'accept':
      checkCanCome(step, record.call, by);
      return leg.state === 'ringing' || into !== undefined
        ? { call: id, thread: accept(step, id, agent, by, { key }) }
        : answerLate(step, record, { agent, by, key });
  }
}

/** At whom the person answers who names nobody: at themself, or at the one agent for which this call was put before them. */
function meant({ legs }: CallRecord, person: AgentId): AgentId {
  if (legs.has(person)) return person;
  const asked = [...legs.values()].filter((leg) => leg.asks === person && !isOver(leg));
  return asked.length === 1 ? (asked[0]?.agent ?? person) : person;
}

/** The call that `by` can answer now, as itself or for another. @throws `unknown_call`, `which_call` with the choices */
function onlyRinging(step: Step, by: AgentId, other: AgentId | undefined): CallId {
  const { state } = step;
  const own = other ?? by;
  const isFor = (id: CallId): boolean => other !== undefined || state.calls.get(id)?.legs.get(own)?.asks === undefined;
  const ringing = [...ringingCalls(state, own).filter(isFor), ...(other === undefined ? putBefore(state, by) : [])];
  const [only] = ringing;
  if (only === undefined) step.refuse('unknown_call', { call: '' });
  if (ringing.length > 1) {
    const describe = (id: CallId): string => {
      const call = state.calls.get(id)?.call;
      return `${id} from ${state.agents.get(call?.from ?? '')?.name ?? ''} about "${call?.topic ?? ''}"`;
    };
    step.refuse('which_call', { choices: ringing.map(describe) });
  }
  return only;
}

/** Missed or queued: joins the call's thread while that is open, rings the caller back when it is free, else opens an async thread with it. */
function answerLate(
  step: Step,
  { call, thread: opened }: CallRecord,
  { agent, by, key }: { readonly agent: AgentId; readonly by: AgentId; readonly key: KeyUse | undefined },
): Answered {
  const { state } = step;
  const back: { -readonly [K in keyof Call]: Call[K] } = {
    ...call,
    id: step.newId(),
    from: by,
    placedAt: step.now,
    returns: call.id,
    // It was for later once; now both want to talk.
    ...(call.urgency === 'later' && { urgency: 'next' }),
  };
  delete back.callBack;
  delete back.line;
  const open = opened !== undefined && state.threads.has(opened);
  // Called back only where it would ring at once: `now` too waits for nobody who was kept waiting.
  const free = state.agents.has(call.from) && whyNotNow(step, { ...back, urgency: 'next' }, call.from) === undefined;
  if (open || !free) return { call: call.id, thread: accept(step, call.id, agent, by, { isLate: true, key }) };
  step.emit({ type: 'call.returned', payload: { call: call.id, agent, by, into: back.id, ...(key && { key }) } });
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

/**
 * The person lets the agent answer a call: it was put before them, or its client must not be woken without them.
 * @throws `unknown_call`, `unknown_agent`, `not_your_call`, `call_over`
 */
export function permitAnswer(step: Step, by: AgentId, id: CallId, name: string): AgentId {
  const record = knownCall(step, id);
  const agent = findAgent(step, name).id;
  const leg = record.legs.get(agent) ?? step.refuse('not_your_call', { call: id });
  if (isOver(leg)) refuseOver(step, record, leg);
  if (leg.asks !== undefined) {
    const { limits } = step.world;
    const length = record.call.line === undefined ? limits.ringAgent : limits.huntRing;
    step.emit({ type: 'call.permitted', payload: { call: id, agent, by, deadline: step.now + length } });
  }
  return agent;
}

function refuseOver(step: Step, record: CallRecord, leg: Leg): never {
  const who = leg.by ?? (leg.state === 'merged' ? record.call.from : leg.agent);
  const isByTime = leg.state === 'expired' || (leg.state === 'passed' && leg.by === undefined);
  return step.refuse('call_over', {
    call: record.call.id,
    outcome: leg.state,
    by: isByTime ? 'time' : (step.state.agents.get(who)?.name ?? who),
    ...(record.thread !== undefined && { thread: record.thread }),
  });
}
