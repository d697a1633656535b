import type { DurableEvent, Facts } from './events';
import { applyCall } from './applyCalls';
import { applyClosed, applyThread } from './applyThreads';
import { applyTask, applyTool } from './applyTasks';
import { applyErased, applyTasksErased } from './erasing';
import { feed } from './feed';
import { applyGoverned, countWake } from './govern';
import { rememberKey } from './keys';
import { moveReceipt, refuseReceipt, setTold } from './pending';
import type { AgentId } from './model';
import { applyQuieted, untilWord } from './quiet';
import type { State } from './state';

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
    case 'agent.governed':
      applyGoverned(state, event.payload, time);
      break;
    case 'all.paused':
      state.paused = { offset: event.offset, at: time };
      break;
    case 'all.resumed':
      delete state.paused;
      state.resumedAt = time;
      break;

    case 'person.quieted':
      applyQuieted(state, event.payload);
      break;

    case 'call.placed':
    case 'call.hunted':
    case 'call.queued':
    case 'call.rang':
    case 'call.permitted':
    case 'call.awaited':
    case 'call.freed':
    case 'call.accepted':
    case 'call.declined':
    case 'call.missed':
    case 'call.passed':
    case 'call.nobody':
    case 'call.cancelled':
    case 'call.merged':
    case 'call.returned':
    case 'call.expired':
      applyCall(state, event);
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
      rememberKey(state, from, key, time, { kind: 'broadcast', outcome });
      break;
    }
    case 'key.used': {
      const { agent, key, result } = event.payload;
      rememberKey(state, agent, key, time, result);
      break;
    }
    case 'thread.closed':
      applyClosed(state, event.payload, event, audience);
      return;

    case 'thread.erased':
      applyErased(state, event.payload.thread);
      break;
    case 'tasks.erased':
      applyTasksErased(state, event.payload.tasks);
      break;
    case 'gap.journaled':
      // Nobody knows what was said last: what goes on here could stand in the place of something that was lost.
      for (const thread of [...state.threads.keys()]) {
        const closed = { type: 'thread.closed', payload: { thread, reason: 'closed' } } as const;
        applyClosed(state, closed.payload, { ...event, ...closed }, audience);
      }
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
      applyRung(state, event.payload, time);
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
  if (busy !== undefined && agent.kind === 'human') untilWord(state);
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
  const { agents, waiting, inThreads, lastWords, feeds, rules, released, matched, wakes } = state;
  for (const map of [agents, waiting, inThreads, lastWords, feeds, rules, released, matched, wakes]) map.delete(id);
  for (const { id: subject, receipts } of [...state.pending.values()]) {
    if (receipts.has(id)) moveReceipt(state, subject, id, 'expired', time);
  }
}

function applyRung(state: State, { subject, agent, report, wakes }: Facts['receipt.rung'], time: number): void {
  if (wakes) countWake(state, agent, time);
  const receipt = state.pending.get(subject)?.receipts.get(agent);
  if (!receipt) return;
  receipt.report = report;
  if (receipt.state === 'stored' && report.result === 'written') Object.assign(receipt, { state: 'rung', at: time });
}

function applySeen(state: State, seen: Facts['receipt.seen'], time: number): void {
  for (const id of [...seen.calls, ...seen.messages]) moveReceipt(state, id, seen.agent, 'seen', time);
  const reader = state.feeds.get(seen.agent);
  // Never beyond what has happened: what comes next would be skipped.
  const position = Math.min(seen.position ?? 0, state.offset);
  if (reader && position > reader.position) reader.position = position;
}
