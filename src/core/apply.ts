import type { DurableEvent, Facts } from './events';
import { applyClosed, applyThread } from './applyThreads';
import { applyTask, applyTool } from './applyTasks';
import { applyErased } from './erasing';
import { feed } from './feed';
import { addPending, moveReceipt, refuseReceipt, setTold } from './pending';
import type { AgentId, CallId, Leg, LegState } from './model';
import { isOver, type Receipt, type State } from './state';

/**
 * Folds one event into the state. The same events in the same order give the same state, at a start as on the day.
 * MUST be given events in the order of their offsets, without a gap. Adds those whom it concerns to `audience`.
 */
export function apply(state: State, event: DurableEvent, audience: AgentId[] = []): void {
  if (event.offset !== state.offset + 1) {
    throw new Error(`event ${event.offset} cannot follow offset ${state.offset}`);
  }
  state.offset = event.offset;
  const { time } = event;
  switch (event.type) {
    case 'agent.registered': {
      const { agent } = event.payload;
      state.agents.set(agent.id, agent);
      state.names.set(agent.name.toLowerCase(), agent.id);
      break;
    }
    case 'agent.profiled':
      applyProfile(state, event.payload);
      break;
    case 'agent.retired':
      applyRetired(state, event.payload.agent, time);
      break;

    case 'call.placed': {
      const { call, to, key } = event.payload;
      state.calls.set(call.id, {
        call,
        offset: event.offset,
        legs: new Map(to.map((agent) => [agent, { agent, state: 'queued' } satisfies Leg])),
        settled: new Map(),
      });
      for (const agent of to) push(state.waiting, agent, call.id);
      const receipts = new Map<AgentId, Receipt>(to.map((agent) => [agent, { state: 'stored', at: time }]));
      addPending(state, { kind: 'call', id: call.id, from: call.from, at: time, receipts });
      if (key !== undefined) {
        state.keys.set(`${call.from} ${key.key}`, {
          fingerprint: key.fingerprint,
          at: time,
          result: { kind: 'call', call: call.id },
        });
      }
      break;
    }
    case 'call.queued':
      setLeg(state, event.payload, { state: 'queued', queued: event.payload.reason }, time);
      break;
    case 'call.rang': {
      const leg = state.calls.get(event.payload.call)?.legs.get(event.payload.agent);
      const rangAt = leg?.rangAt ?? time;
      setLeg(state, event.payload, { state: 'ringing', rangAt, deadline: event.payload.deadline }, time);
      break;
    }
    case 'call.accepted': {
      const { call, agent, by, thread } = event.payload;
      setLeg(state, event.payload, { state: 'accepted', by }, time);
      const record = state.calls.get(call);
      if (record) record.thread = thread;
      moveReceipt(state, call, agent, 'answered', time);
      break;
    }
    case 'call.declined': {
      const { call, agent, by, reason } = event.payload;
      setLeg(state, event.payload, { state: 'declined', by, ...(reason !== undefined && { reason }) }, time);
      refuseReceipt(state, call, agent, 'declined', time);
      break;
    }
    case 'call.missed':
      setLeg(state, event.payload, { state: 'missed' }, time);
      break;
    case 'call.cancelled':
      endLeg(state, event.payload, 'cancelled', time, event.payload.by);
      break;
    case 'call.merged': {
      const { call, into } = event.payload;
      endLeg(state, event.payload, 'merged', time);
      const [record, thread] = [state.calls.get(call), state.calls.get(into)?.thread];
      if (record && thread !== undefined) record.thread = thread;
      break;
    }
    case 'call.returned':
      setLeg(state, event.payload, { state: 'returned', by: event.payload.by }, time);
      moveReceipt(state, event.payload.call, event.payload.agent, 'answered', time);
      break;
    case 'call.expired':
      endLeg(state, event.payload, 'expired', time);
      break;

    case 'thread.opened':
    case 'thread.paused':
    case 'thread.resumed':
    case 'thread.renamed':
    case 'thread.granted':
    case 'thread.limited':
    case 'turn.skipped':
    case 'message.sent':
      applyThread(state, event);
      break;
    case 'broadcast.sent': {
      const { from, outcome, key } = event.payload;
      const result = { kind: 'broadcast', outcome } as const;
      state.keys.set(`${from} ${key.key}`, { fingerprint: key.fingerprint, at: time, result });
      break;
    }
    case 'thread.closed':
      applyClosed(state, event.payload, event, audience);
      return;

    case 'thread.erased':
      applyErased(state, event.payload.thread);
      break;
    case 'gap.journaled':
      break;

    case 'task.placed':
    case 'task.offered':
    case 'task.taken':
    case 'task.reported':
    case 'task.input':
    case 'task.leased':
    case 'task.returned':
    case 'task.ended':
      applyTask(state, event);
      break;
    case 'tool.allowed':
    case 'tool.used':
    case 'tool.ended':
      applyTool(state, event);
      break;

    case 'receipt.rung': {
      const { subject, agent, report } = event.payload;
      const receipt = state.pending.get(subject)?.receipts.get(agent);
      if (receipt) {
        receipt.report = report;
        if (receipt.state === 'stored' && report.result === 'written')
          Object.assign(receipt, { state: 'rung', at: time });
      }
      break;
    }
    case 'receipt.seen':
      applySeen(state, event.payload, time);
      break;
    case 'receipt.refused':
      refuseReceipt(state, event.payload.subject, event.payload.agent, event.payload.code, time);
      break;
    case 'watchdog.told':
      setTold(state, event.payload.subject, event.payload.agent);
      break;
  }
  feed(state, event, audience);
}

function applyProfile(state: State, { agent: id, name, card, busy }: Facts['agent.profiled']): void {
  const agent = state.agents.get(id);
  if (!agent) return;
  if (name !== undefined) {
    state.names.delete(agent.name.toLowerCase());
    state.names.set(name.toLowerCase(), id);
  }
  state.agents.set(id, {
    ...agent,
    ...(name !== undefined && { name, generated: false }),
    ...(busy !== undefined && { busy }),
    card: { ...agent.card, ...card },
  });
}

function applyRetired(state: State, id: AgentId, time: number): void {
  const agent = state.agents.get(id);
  if (!agent) return;
  state.names.delete(agent.name.toLowerCase());
  for (const map of [state.agents, state.waiting, state.inThreads, state.lastWords, state.feeds]) map.delete(id);
  for (const { id: subject, receipts } of [...state.pending.values()]) {
    if (receipts.has(id)) moveReceipt(state, subject, id, 'expired', time);
  }
}

/** Replaces the leg and keeps the list of waiting calls. */
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
  const leg: Leg = { agent, ...change, ...(rangAt !== undefined && { rangAt }) };
  record.legs.set(agent, isOver(leg) ? { ...leg, endedAt: time } : leg);
  if (!isOver(leg)) return;
  remove(state.waiting, agent, id);
  if ([...record.legs.values()].every(isOver)) record.overAt = time;
}

function endLeg(
  state: State,
  which: { readonly call: CallId; readonly agent: AgentId },
  outcome: 'cancelled' | 'merged' | 'expired',
  time: number,
  by?: AgentId,
): void {
  setLeg(state, which, { state: outcome, ...(by !== undefined && { by }) }, time);
  moveReceipt(state, which.call, which.agent, outcome === 'merged' ? 'answered' : 'expired', time);
}

function applySeen(state: State, seen: Facts['receipt.seen'], time: number): void {
  for (const id of [...seen.calls, ...seen.messages]) moveReceipt(state, id, seen.agent, 'seen', time);
  const reader = state.feeds.get(seen.agent);
  // Never beyond what has happened: what comes next would be skipped.
  const position = Math.min(seen.position ?? 0, state.offset);
  if (reader && position > reader.position) reader.position = position;
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

function remove<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key)?.filter((item) => item !== value);
  if (!list || list.length === 0) map.delete(key);
  else map.set(key, list);
}
