import { ringsSince } from './govern';
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
 * has waited in a queue for less than a ring. The wait counts from when the person lets it ring ({@link ringsSince}).
 * Undefined when nobody is expected; `Infinity` while it rings, and while the person holds the one who is rung or everything.
 */
export function expectedUntil(state: State, { limits }: Pick<World, 'limits'>, thread: ThreadId): number | undefined {
  let until: number | undefined;
  for (const id of state.invitations.get(thread) ?? []) {
    const record = state.calls.get(id);
    for (const leg of record?.legs.values() ?? []) {
      if (leg.state === 'ringing') return Infinity;
      if (leg.state !== 'queued') continue;
      const since = Math.max(record?.call.placedAt ?? 0, ringsSince(state, leg.agent));
      until = Math.max(until ?? 0, since + limits.ringAgent);
    }
  }
  return until;
}
