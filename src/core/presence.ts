import type { AgentId, CallId, Presence, ThreadId } from './model';
import type { State } from './state';

/** The agent's presence. `offline` wins over `busy`, then `in-call`, then `ringing`. */
export function presenceOf(state: State, connected: boolean, agent: AgentId): Presence {
  if (!connected) return 'offline';
  if (state.agents.get(agent)?.busy) return 'busy';
  if (liveThreads(state, agent).length > 0) return 'in-call';
  if (ringingCalls(state, agent).length > 0) return 'ringing';
  return 'available';
}

/** The open live threads that the agent is in. */
export function liveThreads(state: State, agent: AgentId): ThreadId[] {
  return [...(state.inThreads.get(agent) ?? [])].filter((id) => state.threads.get(id)?.mode === 'live');
}

/** Calls that ring at the agent now, oldest first. */
export function ringingCalls(state: State, agent: AgentId): CallId[] {
  return (state.waiting.get(agent) ?? []).filter((id) => state.calls.get(id)?.legs.get(agent)?.state === 'ringing');
}

/** Messages and calls that wait for the agent. */
export function waitingFor(state: State, agent: AgentId): { unread: number; calls: number; ringing: number } {
  return {
    unread: state.unread.get(agent) ?? 0,
    calls: state.waiting.get(agent)?.length ?? 0,
    ringing: ringingCalls(state, agent).length,
  };
}
