import { FolderWatch, type WatchFolder } from './folderWatch';
import { keyOf, type Found, type NearbySession } from './session';

/** Changes within this time are looked at together. Milliseconds. */
export const gathering = 300;
/** The next look that changes ask for begins no sooner than this after the last one ended: a client may write all the time. Milliseconds. */
export const lookPause = 2000;

export interface WatchParts {
  readonly look: () => Promise<Found>;
  /** Absolute paths of the folders in which a change may mean another session, asked for before each look. */
  readonly folders: () => Promise<readonly string[]>;
  readonly watchFolder: WatchFolder;
  readonly now: () => number;
  /** Runs once after so many milliseconds, unless the function returned is called first. */
  readonly after: (milliseconds: number, run: () => void) => () => void;
}

/**
 * The sessions nearby, for as long as somebody looks. It looks when somebody begins to, after changes in the clients' own
 * folders, and on occasions that it is told of, and never by the clock: without a looker nothing is read and nothing watched.
 * That a process was killed stands in no folder: it shows at the next look.
 */
export class NearbyWatch {
  readonly #parts: WatchParts;
  readonly #folders: FolderWatch;
  readonly #listeners = new Set<() => void>();
  readonly #lookers = new Set<object>();
  #found: Found = { sessions: [], unclear: [] };
  #shown = '';
  #cancel: (() => void) | undefined;
  #looking: Promise<void> | undefined;
  #lookedAt = -Infinity;

  constructor(parts: WatchParts) {
    this.#parts = parts;
    this.#folders = new FolderWatch(parts.watchFolder, () => this.occasion());
  }

  /** What the last look found; stays as it was when nobody looks. */
  get sessions(): readonly NearbySession[] {
    return this.#found.sessions;
  }

  /** What it could not make out. */
  get unclear(): Found['unclear'] {
    return this.#found.unclear;
  }

  /** Told after a look that found something else than the one before; until the function returned is called. */
  onDidChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Somebody looks from now on, until the function returned is called. The first look begins at once. */
  look(): () => void {
    const looker = {};
    this.#lookers.add(looker);
    if (this.#lookers.size === 1) this.#begin();
    return () => {
      this.#lookers.delete(looker);
      if (this.#lookers.size === 0) this.#stop();
    };
  }

  /** Something may be otherwise than the last look found it: the next one comes soon, if somebody looks. */
  occasion(): void {
    if (this.#lookers.size === 0 || this.#cancel) return;
    const wait = Math.max(gathering, this.#lookedAt + lookPause - this.#parts.now());
    this.#cancel = this.#parts.after(wait, () => this.#begin());
  }

  /** Looks now, or waits for the look that is under way. */
  refresh(): Promise<void> {
    this.#looking ??= this.#parts
      .look()
      .then((found) => this.#take(found))
      .finally(() => {
        this.#looking = undefined;
        this.#lookedAt = this.#parts.now();
      });
    return this.#looking;
  }

  dispose(): void {
    this.#lookers.clear();
    this.#listeners.clear();
    this.#stop();
  }

  #begin(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    // A look that is under way began before what it is to see.
    const before = this.#looking ?? Promise.resolve();
    // A look never rejects; whoever was told and failed must not end the watching.
    void before
      .catch(() => undefined)
      .then(() => this.#watchFolders())
      .then(() => (this.#lookers.size > 0 ? this.refresh() : undefined))
      .catch(() => undefined);
  }

  /** Before the look, so that nothing falls between the two. */
  async #watchFolders(): Promise<void> {
    const folders = await this.#parts.folders();
    this.#folders.set(this.#lookers.size > 0 ? folders : []);
  }

  #stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#folders.set([]);
  }

  #take(found: Found): void {
    this.#found = found;
    const shown = JSON.stringify(found.sessions.map((session) => [keyOf(session), session]));
    if (shown === this.#shown) return;
    this.#shown = shown;
    for (const listener of this.#listeners) listener();
  }
}
