import { randomUUID } from 'node:crypto';
import { StoreError, asStoreError, errno } from './errors';
import { type Files, unlinkIfThere } from './files';
import type { Owner, Processes } from './processes';

const maxLockBytes = 4096;
/** How often taking the lock is tried again when other starters come between. */
const tries = 20;

/** A held lock. */
export interface Lock {
  release(): Promise<void>;
}

interface Content extends Owner {
  /** Makes every lock file different from every other. */
  readonly nonce: string;
}

/**
 * Takes the lock file at `path` for this process.
 *
 * It is created whole or not at all. A lock whose owner is provably gone is stolen by rename, re-reading and exclusive
 * creation, and only by who holds the lock `PATH.steal`: without it, a slow thief could carry off the lock that a
 * faster one has just made.
 *
 * @throws StoreError `home_locked` (someone alive, or not provably gone, has it), `home_read_only`, `storage_full`.
 */
export async function takeLock(files: Files, path: string, processes: Processes): Promise<Lock> {
  const mine: Content = { ...processes.self, nonce: randomUUID() };
  for (let attempt = 0; attempt < tries; attempt++) {
    try {
      await files.createWhole(path, Buffer.from(JSON.stringify(mine)));
      return { release: () => unlinkIfThere(files, path) };
    } catch (error) {
      if (errno(error) !== 'EEXIST') throw asStoreError(error, `create ${path}`);
    }
    const holder = await readLock(files, path);
    if (holder === 'none') continue;
    if (holder === 'unreadable' || !processes.isGone(holder)) throw lockedBy(path, holder);
    await steal(files, path, processes, holder);
  }
  throw new StoreError('home_locked', `Other programs keep taking ${path}.`);
}

/** Removes the lock of an owner that is gone, unless someone else did so first. */
async function steal(files: Files, path: string, processes: Processes, gone: Content): Promise<void> {
  const right = await takeLock(files, `${path}.steal`, processes);
  try {
    const now = await readLock(files, path);
    if (typeof now === 'string' || now.nonce !== gone.nonce) return;
    const aside = `${path}.${randomUUID()}.stale`;
    await files.rename(path, aside);
    const moved = await readLock(files, aside);
    if (typeof moved === 'string' || moved.nonce !== gone.nonce) {
      // Cannot happen while everyone follows the rule above. If it does, the file goes back rather than away.
      await files.rename(aside, path);
      throw lockedBy(path, moved === 'none' ? 'unreadable' : moved);
    }
    await files.unlink(aside);
  } finally {
    await right.release();
  }
}

async function readLock(files: Files, path: string): Promise<Content | 'none' | 'unreadable'> {
  try {
    const content = JSON.parse(Buffer.from(await files.read(path, maxLockBytes)).toString('utf8')) as Partial<Content>;
    const { host, boot, space, pid, started, nonce } = content;
    const isWhole =
      typeof host === 'string' &&
      typeof boot === 'string' &&
      typeof space === 'string' &&
      typeof pid === 'number' &&
      typeof started === 'string' &&
      typeof nonce === 'string';
    return isWhole ? { host, boot, space, pid, started, nonce } : 'unreadable';
  } catch (error) {
    if (errno(error) === 'ENOENT') return 'none';
    if (error instanceof SyntaxError) return 'unreadable';
    throw asStoreError(error, `read ${path}`);
  }
}

function lockedBy(path: string, holder: Content | 'unreadable'): StoreError {
  const who = holder === 'unreadable' ? 'someone it does not name' : `process ${holder.pid} on ${holder.host}`;
  return new StoreError('home_locked', `The home is held by ${who} (${path}).`);
}
