import { inboxCalls, ringsAt } from './inboxCalls';
import type { AgentId, CallId, Presence, ThreadId } from './model';
import type { State, ThreadRecord } from './state';
import { waitingTasks } from './taskBook';

/** The agent's presence. `offline` wins over `busy`, then `in-call`, then `ringing`. */
export function presenceOf(state: State, connected: boolean, agent: AgentId): Presence {
  if (!connected) return 'offline';
  if (state.agents.get(agent)?.busy) return 'busy';
  if (isTalking(state, agent)) return 'in-call';
  if (state.waiting.get(agent)?.some((id) => isRinging(state, id, agent))) return 'ringing';
  return 'available';
}

/** Whether somebody else is in one of the agent's live threads: who is alone in a room is in no call. */
function isTalking(state: State, agent: AgentId): boolean {
  for (const id of liveThreads(state, agent)) {
    for (const [other, { leftAt }] of state.threads.get(id)?.places ?? []) {
      if (other !== agent && leftAt === undefined) return true;
    }
  }
  return false;
}

/** The open live threads that the agent is in. */
export function liveThreads(state: State, agent: AgentId): ThreadId[] {
  return [...(state.inThreads.get(agent) ?? [])].filter((id) => state.threads.get(id)?.mode === 'live');
}

/** Calls that ring at the agent now, oldest first. */
export function ringingCalls(state: State, agent: AgentId): CallId[] {
  return (state.waiting.get(agent) ?? []).filter((id) => isRinging(state, id, agent));
}

function isRinging(state: State, call: CallId, agent: AgentId): boolean {
  return state.calls.get(call)?.legs.get(agent)?.state === 'ringing';
}

/** What waits for an agent. */
export interface Waiting {
  readonly unread: number;
  readonly calls: number;
  readonly ringing: number;
  /** For the person: threads where agents wait for more turns. */
  readonly grants?: number;
  /** Tasks that wait for its answer. */
  readonly tasks?: number;
  /** The person has paused everything. */
  readonly paused?: true;
}

/** What waits for the agent. */
export function waitingFor(state: State, agent: AgentId): Waiting {
  const grants = state.agents.get(agent)?.kind === 'human' ? limitedThreads(state).length : 0;
  const tasks = waitingTasks(state, agent).length;
  const calls = inboxCalls(state, agent);
  return {
    ...(grants > 0 && { grants }),
    ...(tasks > 0 && { tasks }),
    ...(state.paused && { paused: true as const }),
    unread: state.unread.get(agent) ?? 0,
    calls: calls.length,
    ringing: calls.filter((id) => ringsAt(state, id, agent)).length,
  };
}

/** Threads where agents wait for a person to speak or grant more turns. */
export function limitedThreads(state: State): ThreadRecord[] {
  return [...state.threads.values()].filter(({ limited }) => limited !== undefined);
}
