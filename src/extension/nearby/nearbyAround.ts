import * as path from 'node:path';
import type { Clock } from '../../client/clock';
import type { IdentityStore } from '../../client/identityStore';
import { homeFiles } from '../../contract/home';
import { watchFolder } from '../../nearby/folderWatch';
import { clientTitles, keyOf, type Found, type NearbySession as Session } from '../../nearby/session';
import { NearbyWatch } from '../../nearby/watch';
import type { Disposable } from '../disposable';
import type { NearbySession, NearbySessions } from './nearbySessions';
import { words } from '../words';

export interface NearbyAroundParts {
  /** Absolute path of the home, and the identities in it: who signs on is nearby no longer. */
  readonly home: string;
  readonly store: Pick<IdentityStore, 'list'>;
  /** Whether that agent is on the roster; doubt says yes. */
  readonly isOnRoster: (agent: string) => boolean;
  readonly clock: Clock;
  readonly env: NodeJS.ProcessEnv;
  /** The user's home folder, absolute. */
  readonly userFolder: string;
}

/** The sessions on this machine that have not signed on, looked for while somebody looks at them. */
export class NearbyAround implements NearbySessions {
  readonly #watch: NearbyWatch;
  #end: (() => void) | undefined;

  constructor({ home, store, isOnRoster, clock, env, userFolder }: NearbyAroundParts) {
    const known = () => store.list().filter(({ id }) => isOnRoster(id));
    // Evaluated only when somebody looks: no window needs it to start.
    let eyes: Promise<Eyes> | undefined;
    const open = (): Promise<Eyes> => (eyes ??= openEyes({ env, home: userFolder, identities: known }));
    const identities = path.join(home, homeFiles.identities);
    this.#watch = new NearbyWatch({
      look: async () => (await open()).look(),
      folders: async () => [identities, ...(await (await open()).folders(clock.now()))],
      watchFolder,
      now: () => clock.now(),
      after: (milliseconds, run) => clock.after(milliseconds, run),
    });
  }

  get sessions(): readonly NearbySession[] {
    return this.#watch.sessions.map(shown);
  }

  /** As the client's files tell of it, with its door; undefined when it is there no longer. */
  find(id: string): Session | undefined {
    return this.#watch.sessions.find((session) => keyOf(session) === id);
  }

  /** Something may be otherwise than the last look found it. */
  occasion(): void {
    this.#watch.occasion();
  }

  /** Looks now. */
  refresh(): Promise<void> {
    return this.#watch.refresh();
  }

  onDidChange(listener: () => void): Disposable {
    return { dispose: this.#watch.onDidChange(listener) };
  }

  look(isSeen: boolean): void {
    if (isSeen === (this.#end !== undefined)) return;
    this.#end?.();
    this.#end = isSeen ? this.#watch.look() : undefined;
  }

  dispose(): void {
    this.#watch.dispose();
  }
}

function shown(session: Session): NearbySession {
  const { client, version, pid, folder, title, startedAt, status } = session;
  return {
    id: keyOf(session),
    client: clientTitles[client],
    ...(version !== undefined && { version }),
    pid,
    folder,
    ...(title !== undefined && { title }),
    startedAt,
    status: words.nearby.status[status],
  };
}

interface Eyes {
  readonly look: () => Promise<Found>;
  /** Folders in which a change may mean another session. */
  readonly folders: (now: number) => Promise<readonly string[]>;
}

async function openEyes(given: {
  readonly env: NodeJS.ProcessEnv;
  readonly home: string;
  readonly identities: () => ReturnType<IdentityStore['list']>;
}): Promise<Eyes> {
  const { lookAround } = await import('../../nearby/lookAround');
  const { recordFolders } = await import('../../nearby/recordFolders');
  const { ownFiles } = await import('../../nearby/files');
  const { machineTable } = await import('../../nearby/processTable');
  const parts = { files: ownFiles(), table: machineTable(), ...given };
  return { look: () => lookAround(parts), folders: (now) => recordFolders({ ...parts, now }) };
}
