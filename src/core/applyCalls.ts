import type { DurableEvent, Facts, KeyUse } from './events';
import { rememberKey } from './keys';
import type { AgentId, CallId, Leg, LegState, ThreadId } from './model';
import { addPending, moveReceipt, refuseReceipt, setTold, settle } from './pending';
import { isOver, type CallRecord, type Receipt, type State } from './state';

/** The events that calls are made of. */
export type CallEvent = Extract<DurableEvent, { readonly type: `call.${string}` }>;

/** Folds an event of a call into the state. */
export function applyCall(state: State, event: CallEvent): void {
  const { time } = event;
  switch (event.type) {
    case 'call.placed':
      applyPlaced(state, event.payload, event.offset, time);
      break;
    case 'call.hunted':
      applyHunted(state, event.payload, time);
      break;
    case 'call.queued': {
      const { reason, asks } = event.payload;
      setLeg(state, event.payload, { state: 'queued', queued: reason, ...(asks !== undefined && { asks }) }, time);
      break;
    }
    case 'call.rang':
      applyRang(state, event.payload, event.offset, time);
      break;
    case 'call.permitted': {
      const { call, agent, deadline } = event.payload;
      const record = state.calls.get(call);
      const leg = record?.legs.get(agent);
      if (!record || !leg) break;
      const next: { -readonly [K in keyof Leg]: Leg[K] } = { ...leg, permitted: true };
      delete next.asks;
      if (leg.state === 'ringing') next.deadline = deadline;
      record.legs.set(agent, next);
      break;
    }
    case 'call.awaited': {
      const { call, agent, reason, asks } = event.payload;
      setLeg(state, event.payload, { state: 'awaited', queued: reason, ...(asks !== undefined && { asks }) }, time);
      // The callee has nothing to answer: nobody is warned that it was not seen.
      setTold(state, call, agent);
      break;
    }
    case 'call.freed':
      setLeg(state, event.payload, { state: 'free' }, time);
      settle(state, event.payload.call, event.payload.agent);
      break;
    case 'call.accepted': {
      const { call, agent, by, thread } = event.payload;
      setLeg(state, event.payload, { state: 'accepted', by }, time);
      const record = state.calls.get(call);
      if (record) record.thread = thread;
      moveReceipt(state, call, agent, 'answered', time);
      keepAnswer(state, event.payload, time, { thread });
      break;
    }
    case 'call.declined': {
      const { call, agent, by, reason } = event.payload;
      setLeg(state, event.payload, { state: 'declined', by, ...(reason !== undefined && { reason }) }, time);
      refuseReceipt(state, call, agent, 'declined', time);
      keepAnswer(state, event.payload, time);
      break;
    }
    case 'call.missed':
      setLeg(state, event.payload, { state: 'missed' }, time);
      keepAnswer(state, event.payload, time);
      break;
    case 'call.passed': {
      const { by, reason } = event.payload;
      endLeg(state, event.payload, { state: 'passed', reason, ...(by !== undefined && { by }) }, time);
      break;
    }
    case 'call.nobody': {
      const record = state.calls.get(event.payload.call);
      if (!record) break;
      record.nobody = true;
      endCall(state, record, time);
      break;
    }
    case 'call.cancelled':
      endLeg(state, event.payload, { state: 'cancelled', by: event.payload.by }, time);
      break;
    case 'call.merged': {
      const { call, into } = event.payload;
      endLeg(state, event.payload, { state: 'merged' }, time);
      const [record, thread] = [state.calls.get(call), state.calls.get(into)?.thread];
      if (record && thread !== undefined) record.thread = thread;
      break;
    }
    case 'call.returned':
      setLeg(state, event.payload, { state: 'returned', by: event.payload.by }, time);
      moveReceipt(state, event.payload.call, event.payload.agent, 'answered', time);
      keepAnswer(state, event.payload, time, { ringBack: event.payload.into });
      break;
    case 'call.expired': {
      const { reason } = event.payload;
      endLeg(state, event.payload, { state: 'expired', ...(reason !== undefined && { reason }) }, time);
      break;
    }
  }
}

/** Whoever gives the same answer again under its key is told what it led to. */
function keepAnswer(
  state: State,
  { call, by, key }: { readonly call: CallId; readonly by?: AgentId; readonly key?: KeyUse },
  at: number,
  led: { readonly thread?: ThreadId; readonly ringBack?: CallId } = {},
): void {
  if (by !== undefined) rememberKey(state, by, key, at, { kind: 'answer', call, ...led });
}

function applyPlaced(state: State, { call, to, key }: Facts['call.placed'], offset: number, time: number): void {
  state.calls.set(call.id, {
    call,
    offset,
    legs: new Map(to.map((agent) => [agent, { agent, state: 'queued' } satisfies Leg])),
    settled: new Map(),
  });
  if (call.into !== undefined) {
    const invitations = state.invitations.get(call.into) ?? new Set();
    state.invitations.set(call.into, invitations.add(call.id));
  }
  if (call.line !== undefined) state.hunts.add(call.id);
  for (const agent of to) push(state.waiting, agent, call.id);
  const receipts = new Map<AgentId, Receipt>(to.map((agent) => [agent, { state: 'stored', at: time }]));
  addPending(state, { kind: 'call', id: call.id, from: call.from, at: time, receipts });
  rememberKey(state, call.from, key, time, { kind: 'call', call: call.id });
}

function applyHunted(state: State, { call: id, agent }: Facts['call.hunted'], time: number): void {
  const record = state.calls.get(id);
  if (!record) return;
  record.legs.set(agent, { agent, state: 'queued' });
  push(state.waiting, agent, id);
  const receipts = new Map<AgentId, Receipt>([[agent, { state: 'stored', at: time }]]);
  addPending(state, { kind: 'call', id, from: record.call.from, at: time, receipts });
}

function applyRang(state: State, rang: Facts['call.rang'], offset: number, time: number): void {
  const { call, agent, deadline, asks } = rang;
  const record = state.calls.get(call);
  const before = record?.legs.get(agent);
  const isFirst = before?.rangAt === undefined;
  // Only the first ring is a turn: one that goes on after a pause or a restart is the same.
  if (record?.call.line !== undefined && isFirst) state.matched.set(agent, offset);
  const first = isFirst ? { rangAt: time, rangOffset: offset } : {};
  setLeg(state, rang, { state: 'ringing', deadline, ...first, ...(asks !== undefined && { asks }) }, time);
}

/** Replaces the leg and keeps the list of waiting calls. What a person permitted stays so, and who is asked while it waits. */
function setLeg(
  state: State,
  { call: id, agent }: { readonly call: CallId; readonly agent: AgentId },
  change: { readonly state: LegState } & Partial<Leg>,
  time: number,
): void {
  const record = state.calls.get(id);
  const before = record?.legs.get(agent);
  if (!record || !before) return;
  const rangAt = change.rangAt ?? before.rangAt;
  const rangOffset = change.rangOffset ?? before.rangOffset;
  const asks = change.state === 'ringing' || change.state === 'queued' ? change.asks : before.asks;
  const leg: Leg = {
    agent,
    ...change,
    ...(rangAt !== undefined && { rangAt }),
    ...(rangOffset !== undefined && { rangOffset }),
    ...(asks !== undefined && { asks }),
    ...(before.permitted && { permitted: true }),
  };
  record.legs.set(agent, isOver(leg) ? { ...leg, endedAt: time } : leg);
  if (!isOver(leg)) return;
  remove(state.waiting, agent, id);
  if (record.call.line === undefined ? [...record.legs.values()].every(isOver) : endsHunt(leg.state))
    endCall(state, record, time);
}

/** Whether a hunt is over with this; else the next is tried. */
function endsHunt(outcome: LegState): boolean {
  return outcome !== 'declined' && outcome !== 'passed';
}

function endCall(state: State, record: CallRecord, time: number): void {
  const { id, into } = record.call;
  record.overAt = time;
  state.hunts.delete(id);
  if (into === undefined) return;
  const invitations = state.invitations.get(into);
  invitations?.delete(id);
  if (invitations?.size === 0) state.invitations.delete(into);
}

/** Ends a leg that nobody answered: nobody will see it any more. */
function endLeg(
  state: State,
  which: { readonly call: CallId; readonly agent: AgentId },
  how: { readonly state: 'cancelled' | 'merged' | 'expired' | 'passed' } & Partial<Leg>,
  time: number,
): void {
  setLeg(state, which, how, time);
  moveReceipt(state, which.call, which.agent, how.state === 'merged' ? 'answered' : 'expired', time);
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

function remove<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key) ?? [];
  const at = list.indexOf(value);
  // Another list each time: whoever goes through the one before goes on through that.
  const rest = at === -1 ? list : list.toSpliced(at, 1);
  if (rest.length === 0) map.delete(key);
  else map.set(key, rest);
}
