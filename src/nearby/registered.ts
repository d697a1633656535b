import type { Identity } from '../contract/home';
import type { NearbySession } from './session';

/**
 * Whether the session is an agent of ours already: one of the identities that the home keeps was made in this very session,
 * or by this very process. The process of Codex says nothing: one daemon serves many threads.
 */
export function isRegistered(session: NearbySession, identities: readonly Identity[]): boolean {
  const id = session.sessionId === undefined ? undefined : `${session.client}:${session.sessionId}`;
  return identities.some(
    ({ sessions, process }) =>
      (id !== undefined && sessions.includes(id)) ||
      (session.client !== 'codex' && process?.pid === session.pid && process.start === session.start),
  );
}
