import type { AgentId, CallId } from './model';
import { ringingCalls } from './presence';
import type { CallRecord, FeedEntry, State } from './state';
import type { Step } from './step';

/** From this offset on the agent is told of nothing but the person's words, because all is paused; `Infinity` when it hears everything, as the person does. */
export function heldFrom({ paused, agents }: State, agent: AgentId): number {
  return paused && agents.get(agent)?.kind !== 'human' ? paused.offset : Infinity;
}

/** Whether what stands in an agent's feed waits until everything goes on; `from` as of {@link heldFrom}. */
export function isHeld(entry: FeedEntry, from: number): boolean {
  return entry.offset >= from && !(entry.what === 'message' && entry.person === true);
}

/**
 * The calls that wait for the agent and that it may know of, oldest first: not those that a person is asked about before,
 * and while all is paused not those that came since. To the person, also what is put before them.
 */
export function inboxCalls(state: State, agent: AgentId): CallId[] {
  const from = heldFrom(state, agent);
  const own = (state.waiting.get(agent) ?? []).filter((id) => {
    const record = state.calls.get(id);
    return record !== undefined && record.offset < from && record.legs.get(agent)?.asks === undefined;
  });
  return [...own, ...putBefore(state, agent)];
}

/** Calls that ring at this person before the agents that they are for. */
export function putBefore(state: State, person: AgentId): CallId[] {
  if (state.agents.get(person)?.kind !== 'human') return [];
  return [...state.waiting.keys()].flatMap((agent) =>
    ringingCalls(state, agent).filter((id) => state.calls.get(id)?.legs.get(agent)?.asks === person),
  );
}

/** Whether this call rings at the agent, or at the person in the stead of another. */
export function ringsAt(state: State, id: CallId, agent: AgentId): boolean {
  for (const leg of state.calls.get(id)?.legs.values() ?? []) {
    if (leg.state === 'ringing' && (leg.asks ?? leg.agent) === agent) return true;
  }
  return false;
}

/** Ends a call that rings no more and whose time in the inbox is over already: what rings then may ring to the end. */
export function expireOld(step: Step, { call }: CallRecord, agent: AgentId): void {
  if (call.placedAt + step.world.limits.callExpiry > step.now) return;
  step.emit({ type: 'call.expired', payload: { call: call.id, agent } });
}
