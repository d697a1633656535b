import { homedir } from 'node:os';
import { IdentityStore } from '../client/identityStore';
import type { NearbyView } from '../contract/views';
import { clientTitles } from '../nearby/session';
import type { Around } from '../operations/agents';

/** Whoever asks again within this time (ms) is told what was found before: agents ask in turns, and looking reads files. */
const lookAgain = 5000;

/**
 * The sessions on this machine that have not signed on: looked for when somebody asks, and not otherwise.
 * @param isOnRoster whether that agent is on the roster; whose identity is only left over counts as not signed on
 */
export function aroundBroker(home: string, now: () => number, isOnRoster: (agent: string) => boolean): Around {
  const store = new IdentityStore(home);
  let last: { readonly at: number; readonly found: Promise<readonly NearbyView[]> } | undefined;
  const look = async (): Promise<readonly NearbyView[]> => {
    // Evaluated only here: a broker that nobody asks does not need it.
    const { lookAround } = await import('../nearby/lookAround');
    const { ownFiles } = await import('../nearby/files');
    const { machineTable } = await import('../nearby/processTable');
    const known = () => store.list().filter(({ id }) => isOnRoster(id));
    const parts = { files: ownFiles(), table: machineTable(), env: process.env, home: homedir(), identities: known };
    const { sessions } = await lookAround(parts);
    return sessions.map(({ client, version, pid, folder, status }) => ({
      client: clientTitles[client],
      ...(version !== undefined && { version: version.slice(0, 64) }),
      pid,
      folder,
      status,
    }));
  };
  return () => {
    if (last === undefined || now() - last.at >= lookAgain) last = { at: now(), found: look() };
    return last.found;
  };
}
