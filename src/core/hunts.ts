import { ringOrQueue, whyNotNow } from './callRings';
import type { PassReason } from './events';
import type { AgentId, CallId } from './model';
import { presenceOf } from './presence';
import { isOver, type CallRecord, type State } from './state';
import type { Step } from './step';

/** The leg of a hunt that is tried now; there is never more than one. */
function tried({ legs }: CallRecord): AgentId | undefined {
  for (const leg of legs.values()) if (!isOver(leg)) return leg.agent;
  return undefined;
}

/** Those whom a hunt has not tried yet and who are still on the roster, best first. */
export function untried(state: State, { call, legs }: CallRecord): AgentId[] {
  return (call.line ?? []).filter((agent) => !legs.has(agent) && state.agents.has(agent));
}

/** Who is to be tried next, when somebody is free. */
function nextFree(step: Step, record: CallRecord): AgentId | undefined {
  return untried(step.state, record).find((agent) => whyNotNow(step, record.call, agent) === undefined);
}

/**
 * Leaves the one who is tried where that is in vain: who rings and is gone or busy by now, and who is only waited for while
 * somebody else is free.
 */
export function huntOnward(step: Step, id: CallId): void {
  const { state, world } = step;
  const record = state.calls.get(id);
  const agent = record && tried(record);
  if (!record || agent === undefined) return;
  const leg = record.legs.get(agent);
  if (leg?.state === 'ringing') {
    const presence = presenceOf(state, world.isConnected(agent), agent);
    // Nobody is connected just after the broker started: who rang before may come back while it rings on.
    const isExpected = (world.offlineSince(agent) ?? Infinity) <= (world.startedAt ?? -Infinity);
    const isGone = presence === 'busy' || (presence === 'offline' && !isExpected);
    if (isGone || (presence === 'in-call' && record.call.urgency !== 'now')) pass(step, id, agent, presence);
    return;
  }
  const reason = whyNotNow(step, record.call, agent);
  if (reason === undefined || reason === 'paused' || reason === 'later') return;
  if (nextFree(step, record) !== undefined) pass(step, id, agent, reason);
}

/** The hunt goes on without this one. */
export function pass(step: Step, call: CallId, agent: AgentId, reason: PassReason, by?: AgentId): void {
  step.emit({ type: 'call.passed', payload: { call, agent, reason, ...(by !== undefined && { by }) } });
}

/**
 * Tries the next, when nobody is tried now: the first who is free. When nobody is free at the very beginning, the best of
 * them finds the call in the inbox; later the hunt ends with nobody.
 */
export function huntOn(step: Step, id: CallId): void {
  const record = step.state.calls.get(id);
  if (!record || record.overAt !== undefined || tried(record) !== undefined) return;
  const free = nextFree(step, record);
  const [best] = record.legs.size === 0 ? untried(step.state, record) : [];
  const next = free ?? best;
  if (next === undefined) {
    const last = [...record.legs.keys()].at(-1);
    if (last !== undefined) step.emit({ type: 'call.nobody', payload: { call: id, agent: last } });
    return;
  }
  step.emit({ type: 'call.hunted', payload: { call: id, agent: next } });
  ringOrQueue(step, record.call, next);
}
