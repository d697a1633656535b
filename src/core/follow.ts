import { ringNext } from './callRings';
import type { DurableEvent } from './events';
import { ruleOf, silence } from './govern';
import { huntOn, huntOnward } from './hunts';
import { closeLonely, followInvitations } from './invitations';
import type { AgentId } from './model';
import { presenceOf } from './presence';
import { everyone } from './state';
import type { Step } from './step';

/**
 * What follows from what this step did: invitations into threads that closed end, hunts go on, and what waited for agents
 * who are free by now rings. The last thing that every step does.
 */
export function follow(step: Step): void {
  // What rings may be accepted at once, or merge with a call the other way, and free somebody in turn.
  for (let looked = 0; looked < step.events.length;) {
    const news = step.events.slice(looked);
    looked = step.events.length;
    followInvitations(step, news);
    const freed = new Set(news.flatMap((event) => mayFree(event) ?? []));
    if (freed.size > 0 || (step.state.hunts.size > 0 && news.some(mayTurnHunt)))
      ringWaiting(step, freed.has(everyone) ? undefined : freed);
  }
}

/** Whom this can make free to be rung: one agent, or {@link everyone} where it may be anybody. It may stop a hunt besides. */
function mayFree(event: DurableEvent): AgentId | undefined {
  switch (event.type) {
    case 'call.accepted': // By the person for it, or into an async thread: it rings no more and is in no call.
    case 'call.declined':
    case 'call.missed':
    case 'call.passed':
    case 'call.cancelled':
    case 'call.returned':
    case 'call.expired':
    case 'call.merged':
    case 'agent.profiled':
    case 'call.awaited': // With urgency later, by one who is free already.
      return event.payload.agent;
    case 'agent.governed':
      return event.payload.agent ?? everyone;
    case 'person.quieted':
    case 'thread.closed':
    case 'all.resumed':
      return everyone;
    case 'message.sent': // Who is left alone in a room is in no call.
      return event.payload.message.type === 'leave' ? everyone : undefined;
    default:
      return undefined;
  }
}

/**
 * Whether somebody is free no more: in a call, by coming into a room, or rung. A hunt that rings there, or waits for them
 * while another is free, goes on.
 */
function mayTurnHunt(event: DurableEvent): boolean {
  return event.type === 'call.rang' || (event.type === 'message.sent' && event.payload.message.type === 'join');
}

/** Goes on with what was left for this step because it was too much for the one before (see {@link Step.isFull}). */
export function goOn(step: Step): void {
  silence(step);
  // The invitation whose end left somebody alone may be forgotten: all threads are looked at.
  closeLonely(step, step.state.threads.keys());
  ringWaiting(step);
}

/** Rings what waits for agents who are free now, for all or for these alone. To be run for all when somebody came or went. */
export function ringWaiting(step: Step, only?: ReadonlySet<AgentId>): void {
  const { hunts, waiting } = step.state;
  for (const id of [...hunts]) if (!step.isFull()) huntOnward(step, id);
  for (const agent of [...waiting.keys()]) {
    if (only?.has(agent) === false) continue;
    if (step.isFull()) return;
    ringNext(step, agent);
    tellFree(step, agent);
  }
  for (const id of [...hunts]) if (!step.isFull()) huntOn(step, id);
}

/** Tells those who wait for the agent to be free that it is, once they are there to hear it. */
function tellFree(step: Step, agent: AgentId): void {
  const { state, world } = step;
  for (const id of [...(state.waiting.get(agent) ?? [])]) {
    const record = state.calls.get(id);
    if (record?.legs.get(agent)?.state !== 'awaited' || !world.isConnected(record.call.from)) continue;
    if (state.paused || ruleOf(state, agent).hold) return;
    if (presenceOf(state, world.isConnected(agent), agent) !== 'available') return;
    step.emit({ type: 'call.freed', payload: { call: id, agent } });
  }
}
