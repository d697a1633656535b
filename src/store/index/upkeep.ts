import type { Clock } from '../clock';
import { Pace } from '../pace';
import type { Store } from '../store';
import type { ImportPiece, ImportProgress } from './answers';
import { archiveFullAt } from './archiving';
import type { FoldAsk, IndexAskKind, IndexAsks } from './protocol';

/** How often it is looked whether the home is quiet, while `state.db` is behind. */
export const quietMs = 5000;
/** `state.db` is written, quiet or not, when it is this many events behind. */
export const snapshotEvery = 20_000;
/** While snapshots rest (see {@link Pace}), it may be so many events behind: the next question has to wait for them. */
export const mostBehind = 100_000;
/** How long what failed waits. */
export const snapshotRetryMs = 60_000;
/** How often ripe threads are looked for, while the home is in use (ms). */
export const archiveEveryMs = 10 * 60_000;

/** When threads leave the live index. */
export interface StorageLimits {
  /** A thread that was closed for so long (ms) is archived. */
  readonly archiveAfter: number;
  /** No archive is begun for less than this, bytes of text: a small home has none. */
  readonly archiveLeast: number;
  /** An archive takes no more messages from this size on, bytes. */
  readonly archiveFullAt: number;
  /** Of an index larger than this (bytes) every closed thread is archived. */
  readonly liveIndex: number;
}

export const defaultStorageLimits: StorageLimits = {
  archiveAfter: 24 * 3_600_000,
  archiveLeast: 8 * 1024 * 1024,
  archiveFullAt,
  liveIndex: 64 * 1024 * 1024,
};

export interface UpkeepOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly limits?: StorageLimits | undefined;
  readonly log: (what: string, facts: object) => void;
  readonly ask: <K extends IndexAskKind>(
    kind: K,
    ask: IndexAsks[K]['ask'],
    atLeast: number,
  ) => Promise<IndexAsks[K]['answer']>;
  /** Lets the worker go when it is not needed; answers whether one runs still. */
  readonly letGo: () => Promise<boolean>;
}

type Folding = Omit<FoldAsk, 'offset' | 'base'>;

/** Keeps the files of the index in order, in the background: snapshots, archives, what was erased. One thing at a time. */
export class Upkeep {
  readonly #options: UpkeepOptions;
  #lastSeen = 0;
  readonly #pace = new Pace(snapshotEvery, mostBehind);
  #archivedAt: number;
  #cancelTimer: (() => void) | undefined;
  /** What is erased and may still be on disk. */
  #purging: { readonly offset: number; readonly fold: Folding } | undefined;
  #working: Promise<unknown> = Promise.resolve();
  #stopped = false;

  constructor(options: UpkeepOptions) {
    this.#options = options;
    this.#archivedAt = options.clock.now() - archiveEveryMs;
    if (this.#behind() > 0) this.#lookIn(quietMs);
  }

  /** There is something new: looks after it when it is time. */
  follow(): void {
    if (!this.#cancelTimer) this.#lookIn(quietMs);
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelTimer?.();
  }

  /** Runs `work` when nothing else that reads or writes the files of the index does. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#working.then(work);
    this.#working = done.catch(() => undefined);
    return done;
  }

  snapshot(): Promise<void> {
    return this.alone(async () => {
      if (this.#behind() > 0) await this.#snapshot();
    });
  }

  archive(): Promise<number> {
    return this.alone(() => this.#archive());
  }

  /** What came in counts when the manifest names its archives, all at once; the index takes them in from there. */
  import(piece: ImportPiece, atLeast: number): Promise<ImportProgress> {
    return this.alone(async () => {
      const { store, ask } = this.#options;
      const { added, ...progress } = await ask('import', piece, atLeast);
      if (added.length > 0) {
        await store.changeArchives(added);
        await this.#snapshot();
      }
      return progress;
    });
  }

  async purge(offset: number, fold: Folding): Promise<void> {
    this.#purging = { offset: Math.max(offset, this.#purging?.offset ?? 0), fold };
    this.follow();
    await this.alone(() => this.#purge());
  }

  /** How many events `state.db` lacks; none while it could not be written anyway. */
  #behind(): number {
    const { store } = this.#options;
    if (store.refusal) return 0;
    return store.durableOffset - (store.manifest.snapshots[0]?.offset ?? 0);
  }

  async #snapshot(): Promise<void> {
    const { store, clock, ask } = this.#options;
    const began = clock.monotonic();
    const listed = store.manifest.snapshots[0]?.sha256;
    await store.recordSnapshot(await ask('snapshot', { listed }, store.durableOffset));
    this.#pace.done(began, clock.monotonic());
  }

  /** When the home is quiet, at once: somebody may look into `state.db`. */
  #isSnapshotDue(isQuiet: boolean): boolean {
    const behind = this.#behind();
    if (behind === 0 || isQuiet) return behind > 0;
    return this.#pace.isDue(behind, this.#options.clock.monotonic());
  }

  /** The archive counts first, then the index lets go of what is in it: a crash in between leaves it in both. */
  async #archive(): Promise<number> {
    const { store, clock, ask, limits = defaultStorageLimits, log } = this.#options;
    this.#archivedAt = clock.now();
    const { archiveAfter, archiveLeast: least, archiveFullAt: fullAt, liveIndex: mostLive } = limits;
    let written = 0;
    for (let more = true; more && !store.refusal && !this.#stopped;) {
      const closedBefore = clock.now() - archiveAfter;
      const made = await ask('archive', { closedBefore, least, fullAt, mostLive }, store.durableOffset);
      more = made.more;
      if (!made.entry) break;
      await store.changeArchives([made.entry]);
      log('archived', { file: made.entry.name, bytes: made.entry.length });
      written++;
    }
    if (written > 0) await this.#snapshot();
    return written;
  }

  /**
   * After this every file is newer than what was erased: the journal goes on in a new segment, archives are written anew,
   * and of the index and the head state there are two copies each, so that nothing older is called for.
   */
  async #purge(): Promise<void> {
    const wanted = this.#purging;
    if (!wanted) return;
    const { store, ask, log } = this.#options;
    const from = await store.beginSegment();
    const { gone, added } = await ask('purge', {}, from);
    if (gone.length > 0) await store.changeArchives(added, gone);
    for (let copy = 0; copy < 2; copy++) await this.#snapshot();
    await store.renewCheckpoints(wanted.offset, (base) =>
      ask('checkpoint', { ...wanted.fold, offset: from, base }, from),
    );
    await store.recordPurge(wanted.offset);
    if (this.#purging === wanted) this.#purging = undefined;
    log('purged', { offset: wanted.offset, archives: gone.length });
  }

  #lookIn(milliseconds: number): void {
    if (this.#stopped) return;
    this.#cancelTimer = this.#options.clock.after(milliseconds, () => {
      this.#cancelTimer = undefined;
      void this.#look();
    });
  }

  /** Does what is due, lets the worker go when it is not needed, and looks again if there is a reason. */
  async #look(): Promise<void> {
    const { store, clock, log, letGo, limits = defaultStorageLimits } = this.#options;
    const isQuiet = store.durableOffset === this.#lastSeen;
    this.#lastSeen = store.durableOffset;
    let next = quietMs;
    try {
      await this.alone(async () => {
        if (this.#purging && !store.refusal) await this.#purge();
        else if (this.#isSnapshotDue(isQuiet)) {
          await this.#snapshot();
          const isLarge = (store.manifest.snapshots[0]?.length ?? 0) > limits.liveIndex;
          if (isLarge || clock.now() - this.#archivedAt >= archiveEveryMs) await this.#archive();
        }
      });
    } catch (error) {
      log(this.#purging ? 'purge failed' : 'snapshot failed', { error: String(error) });
      next = snapshotRetryMs;
    }
    const isRunning = await letGo();
    if ((isRunning || this.#behind() > 0 || this.#purging) && !this.#cancelTimer) this.#lookIn(next);
  }
}
