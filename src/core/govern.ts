import { knownAgent } from './agents';
import { expireOld } from './inboxCalls';
import type { Agent, AgentId, CallPolicy, Rule } from './model';
import { ringingCalls } from './presence';
import { everyone, type State } from './state';
import type { Step } from './step';

/**
 * From the most open to the strictest. To ring and to be connected at once are equally open: between these two the agent's
 * own word holds.
 */
const strictness: Readonly<Record<CallPolicy, number>> = {
  ring: 0,
  accept: 0,
  'same-workspace': 1,
  'ask-person': 2,
  decline: 3,
};

/** What the person decided for this agent, or else for everyone. Nobody governs the person. */
export function ruleOf({ agents, rules }: State, agent: AgentId): Rule {
  if (rules.size === 0 || agents.get(agent)?.kind === 'human') return {};
  return { ...rules.get(everyone), ...rules.get(agent) };
}

/** Since when (ms) calls may ring at the agent, for all that the person says: `Infinity` while it is held or all is paused. */
export function ringsSince(state: State, agent: AgentId): number {
  if (state.paused || ruleOf(state, agent).hold === true) return Infinity;
  return Math.max(state.resumedAt ?? 0, state.released.get(agent) ?? 0);
}

/** The stricter of what the agent says and what the person allows it. */
export function policyOf(state: State, agent: Agent): CallPolicy {
  const own = agent.card.policy;
  const allowed = ruleOf(state, agent.id).policy ?? own;
  return strictness[allowed] > strictness[own] ? allowed : own;
}

/** Whether calls of this caller get through at all. The person is in every workspace. */
export function takesCalls(state: State, callee: Agent, caller: Agent): boolean {
  const policy = policyOf(state, callee);
  if (policy !== 'same-workspace') return policy !== 'decline';
  return caller.kind === 'human' || (callee.card.workspace !== '' && caller.card.workspace === callee.card.workspace);
}

/** The person whom a call of this caller must be put before first; undefined when it may ring at the callee. */
export function askedFirst(state: State, callee: Agent, caller: Agent | undefined): AgentId | undefined {
  if (caller?.kind === 'human' || policyOf(state, callee) !== 'ask-person') return undefined;
  for (const { id, kind } of state.agents.values()) if (kind === 'human') return id;
  return undefined;
}

/** @throws `not_allowed_to_send` when the person does not let this agent call or write */
export function checkMaySend(step: Step, agent: AgentId): void {
  if (ruleOf(step.state, agent).maySend === false) step.refuse('not_allowed_to_send');
}

/**
 * What the sender's calls and messages may wake others with: nothing; what a client lets in by its own door; or every
 * ringer, which the person must have said. Agents of other machines wake nobody until then.
 */
export function mayWake(state: State, sender: AgentId): 'none' | 'own-door' | 'all' {
  const said = ruleOf(state, sender).mayWake;
  if (said !== undefined) return said ? 'all' : 'none';
  const kind = state.agents.get(sender)?.kind ?? 'agent';
  return kind === 'agent' || kind === 'human' ? 'own-door' : 'none';
}

/** How often the agent may be woken in an hour. */
export function wakeCap(state: State, agent: AgentId, byDefault: number): number {
  return ruleOf(state, agent).wakesPerHour ?? byDefault;
}

/** When (ms) the agent was woken in the hour before `now`. */
export function wakesOf(state: State, agent: AgentId, now: number): readonly number[] {
  return (state.wakes.get(agent) ?? []).filter((at) => now - at < wakeWindow);
}

/** The window in which wakes are counted, in milliseconds. */
export const wakeWindow = 3_600_000;

/** Counts a wake; those of an hour ago are forgotten. */
export function countWake(state: State, agent: AgentId, time: number): void {
  if (state.agents.has(agent)) state.wakes.set(agent, [...wakesOf(state, agent, time), time]);
}

/** What the person changes: a field that is not there stays, null takes back. */
export type RuleChange = { readonly [F in keyof Rule]?: Rule[F] | null };

/**
 * Changes what the person allows an agent, or (undefined) everyone who has no rule of their own. What rings at one who is
 * held from now on rings no more, and queues.
 * @returns the rule as it stands now
 * @throws `unknown_agent`
 */
export function govern(step: Step, by: AgentId, agent: AgentId | undefined, change: RuleChange): Rule {
  const { state } = step;
  if (agent !== undefined) knownAgent(step, agent);
  const before = state.rules.get(agent ?? everyone) ?? {};
  const given = Object.entries(change).filter(([, value]) => value !== undefined);
  const rule = Object.fromEntries(
    Object.entries({ ...before, ...Object.fromEntries(given) }).filter(([, value]) => (value as unknown) !== null),
  ) as Rule;
  if (JSON.stringify(sorted(before)) !== JSON.stringify(sorted(rule)))
    step.emit({ type: 'agent.governed', payload: { ...(agent !== undefined && { agent }), rule, by } });
  silence(step);
  return rule;
}

/** Stops everything, until {@link resumeAll}: what rings queues. Nothing happens when it is paused already. */
export function pauseAll(step: Step, by: AgentId): void {
  if (step.state.paused) return;
  step.emit({ type: 'all.paused', payload: { by } });
  silence(step);
}

/** Lets everything go on. Nothing happens when nothing is paused. */
export function resumeAll(step: Step, by: AgentId): void {
  if (step.state.paused) step.emit({ type: 'all.resumed', payload: { by } });
}

/** What rings though all is paused, or at one who is held, queues: it rings anew when the reason is gone. */
export function silence(step: Step): void {
  const { state } = step;
  if (!state.paused && state.rules.size === 0) return;
  for (const agent of [...state.waiting.keys()]) {
    if (!state.paused && ruleOf(state, agent).hold !== true) continue;
    const reason = state.paused ? 'paused' : 'held';
    for (const call of ringingCalls(state, agent)) {
      if (step.isFull()) return;
      const record = state.calls.get(call);
      const asks = record?.legs.get(agent)?.asks;
      step.emit({ type: 'call.queued', payload: { call, agent, reason, ...(asks !== undefined && { asks }) } });
      if (record) expireOld(step, record, agent);
    }
  }
}

function sorted(rule: Rule): unknown {
  return Object.entries(rule).sort(([a], [b]) => a.localeCompare(b));
}

/** Folds the person's decisions into the state; `time` (ms) is when they were made. */
export function applyGoverned(
  state: State,
  { agent, rule }: { readonly agent?: AgentId; readonly rule: Rule },
  time: number,
): void {
  const isHeld = (one: AgentId): boolean => ruleOf(state, one).hold === true;
  const held = [...state.waiting.keys()].filter(isHeld);
  if (Object.keys(rule).length === 0) state.rules.delete(agent ?? everyone);
  else state.rules.set(agent ?? everyone, rule);
  for (const one of held) if (!isHeld(one)) state.released.set(one, time);
}
