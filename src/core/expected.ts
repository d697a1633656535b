import type { AgentId, CallId, ThreadId } from './model';
import { isOver, type State } from './state';
import type { World } from './step';

/** The legs of invitations into this thread that can still be answered. */
export function openInvitations(state: State, thread: ThreadId): { readonly call: CallId; readonly agent: AgentId }[] {
  const open: { readonly call: CallId; readonly agent: AgentId }[] = [];
  for (const call of state.invitations.get(thread) ?? []) {
    for (const leg of state.calls.get(call)?.legs.values() ?? [])
      if (!isOver(leg)) open.push({ call, agent: leg.agent });
  }
  return open;
}

/**
 * Until when (ms) a live thread stays open for one who waits in it alone: as long as somebody who was invited is rung, or
 * has waited in a queue for less than a ring. While the person has paused all, and nothing can ring, nobody's wait counts.
 * Undefined when nobody is expected; `Infinity` while it rings or all is paused.
 */
export function expectedUntil(state: State, { limits }: Pick<World, 'limits'>, thread: ThreadId): number | undefined {
  let until: number | undefined;
  for (const id of state.invitations.get(thread) ?? []) {
    const record = state.calls.get(id);
    for (const leg of record?.legs.values() ?? []) {
      if (leg.state === 'ringing') return Infinity;
      if (leg.state !== 'queued') continue;
      if (state.paused) return Infinity;
      const since = Math.max(record?.call.placedAt ?? 0, state.resumedAt ?? 0);
      until = Math.max(until ?? 0, since + limits.ringAgent);
    }
  }
  return until;
}
