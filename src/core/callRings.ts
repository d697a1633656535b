import { accept, canCome, merge } from './accepting';
import { askedFirst, ruleOf, takesCalls } from './govern';
import type { AgentId, Call, CallId, Presence, QueueReason } from './model';
import { presenceOf, ringingCalls } from './presence';
import type { CallRecord } from './state';
import type { Step } from './step';

/** Why this call cannot ring now at a callee of this presence; undefined when it can. */
export function whyQueued({ state }: Step, call: Call, callee: AgentId, presence: Presence): QueueReason | undefined {
  if (call.urgency === 'later') return 'later';
  if (state.paused) return 'paused';
  if (ruleOf(state, callee).hold) return 'held';
  if (presence === 'available') return undefined;
  if (call.urgency === 'now' && presence !== 'offline' && presence !== 'busy') return undefined;
  return presence;
}

/** As {@link whyQueued}, for the presence that the callee has now. */
export function whyNotNow(step: Step, call: Call, callee: AgentId): QueueReason | undefined {
  return whyQueued(step, call, callee, presenceOf(step.state, step.world.isConnected(callee), callee));
}

/** Rings the callee, or puts the call into its inbox; with `callBack` the caller is told later instead. */
export function ringOrQueue(step: Step, call: Call, callee: AgentId): void {
  const reason = whyNotNow(step, call, callee);
  if (reason === undefined) {
    ring(step, call.id, callee);
    return;
  }
  const person = asked(step, call, callee);
  const payload = { call: call.id, agent: callee, reason, ...(person !== undefined && { asks: person }) };
  step.emit({ type: call.callBack ? 'call.awaited' : 'call.queued', payload });
}

/** Rings: at the callee, or where its policy says so at the person first. A policy that has become strict ends it. */
export function ring(step: Step, id: CallId, agent: AgentId): void {
  const { state, world } = step;
  const { limits } = world;
  const record = state.calls.get(id);
  const callee = state.agents.get(agent);
  if (!record || !callee) return;
  const caller = state.agents.get(record.call.from);
  // Who called is rung back whatever its policy: it has asked for this.
  const isReturn = record.call.returns !== undefined;
  if (caller && !isReturn && !takesCalls(state, callee, caller)) {
    step.emit({ type: 'call.declined', payload: { call: id, agent, by: agent, reason: 'takes no calls' } });
    return;
  }
  const person = record.legs.get(agent)?.permitted ? undefined : asked(step, record.call, agent);
  const patience = callee.kind === 'human' || person !== undefined ? limits.ringPerson : limits.ringAgent;
  const length = record.call.line === undefined ? patience : limits.huntRing;
  const payload = { call: id, agent, deadline: step.now + length };
  step.emit({ type: 'call.rang', payload: { ...payload, ...(person !== undefined && { asks: person }) } });
  if (person === undefined && callee.card.policy === 'accept' && canCome(step, record.call, agent))
    accept(step, id, agent, agent);
}

/** The person who is asked before the callee hears of this call. */
function asked({ state }: Step, call: Call, callee: AgentId): AgentId | undefined {
  if (call.returns !== undefined) return undefined;
  const agent = state.agents.get(callee);
  return agent && askedFirst(state, agent, state.agents.get(call.from));
}

/** The call that rings at `to` and was placed by `from`. */
export function ringingBetween({ state }: Step, from: AgentId, to: AgentId): CallRecord | undefined {
  const id = ringingCalls(state, to).find((ringing) => state.calls.get(ringing)?.call.from === from);
  return id === undefined ? undefined : state.calls.get(id);
}

/** Whether a call of this kind can be one with a call the other way: an invitation leads elsewhere, a hunt asks for anybody. */
export function canMerge({ call, legs }: CallRecord): boolean {
  return call.into === undefined && call.line === undefined && legs.size === 1;
}

/**
 * Rings the oldest queued call that has not rung yet, when the agent is free, and every urgent one. When it rings the
 * caller itself, they are connected.
 */
export function ringNext(step: Step, agent: AgentId): void {
  const { state, world } = step;
  let presence: Presence | undefined;
  for (const id of state.waiting.get(agent) ?? []) {
    const record = state.calls.get(id);
    if (!record || record.legs.get(agent)?.state !== 'queued') continue;
    if (step.isFull()) return;
    presence ??= presenceOf(state, world.isConnected(agent), agent);
    if (whyQueued(step, record.call, agent, presence) !== undefined) continue;
    const other = ringingBetween(step, agent, record.call.from);
    const [older, newer] = other && other.offset < record.offset ? [other, record] : [record, other];
    // An older invitation is answered for itself; an older hunt is answered by this as by any call.
    if (newer && canMerge(newer) && older.call.into === undefined) merge(step, older, newer.call);
    else ring(step, id, agent);
    presence = undefined;
  }
}
