import { copyCheckpoint, encodeCheckpoint, writeCheckpoint } from './checkpoint';
import type { Clock } from './clock';
import { StoreError, asStoreError } from './errors';
import { type Files, unlinkIfThere } from './files';
import { Journal } from './journal';
import type { Durability } from './journalParts';
import { type Layout, layoutOf, previousSnapshotName, snapshotName, writerMark } from './layout';
import { type Lock, takeLock } from './lock';
import { type ArchiveEntry, type CoverEntry, type Manifest, ManifestFile, findManifest } from './manifest';
import type { Processes } from './processes';
import { begun, cutOpenEnd, removeForgotten, removeStrays, takeWriting } from './opening';
import { type Damage, type Recovered, describeDamage, recover } from './recovery';
import { segmentBytes } from './segment';
import type { StoredEvent } from './storedEvent';

/** Checkpoints and snapshots kept: the newest, and one in case that is lost. */
const generations = 2;

export interface StoreOptions {
  readonly files: Files;
  /** Absolute path of the home; made if it is not there. */
  readonly home: string;
  readonly durability: Durability;
  readonly clock: Clock;
  readonly processes: Processes;
  /** Size of a journal segment; only tests change it. */
  readonly segmentBytes?: number;
  /** Called once, when the store has failed. The broker then stops without answering: the next start reads the disk. */
  readonly onFailure: (error: StoreError) => void;
}

/**
 * Opens the home for this process: takes the lock, reads what is there, begins a new epoch.
 *
 * With damage before the end of the journal the store is open for reading only: `recovered.damage` says why, and
 * every write throws `storage_damaged`.
 *
 * @throws StoreError `home_locked`, `home_read_only`, `home_too_new`, `storage_full`, `storage_busy`, `storage_failed`.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const layout = layoutOf(options.home);
  const { files } = options;
  let held: Held | undefined;
  try {
    const { home, journal, checkpoints, archives } = layout;
    for (const folder of [home, journal, checkpoints, archives]) await files.makeFolder(folder);
    held = { lock: await takeLock(files, layout.lock, options.processes), mark: undefined };
    return await openLocked(options, layout, held);
  } catch (error) {
    if (held) await release(files, held);
    throw asStoreError(error, `open ${options.home}`);
  }
}

/** What makes this process the writer. */
interface Held {
  readonly lock: Lock;
  /** Path of its writer mark, once there is one. */
  mark: string | undefined;
}

async function release(files: Files, held: Held): Promise<void> {
  if (held.mark !== undefined) await unlinkIfThere(files, held.mark).catch(() => undefined);
  await held.lock.release().catch(() => undefined);
}

async function openLocked(options: StoreOptions, layout: Layout, held: Held): Promise<Store> {
  const { files } = options;
  const found = await findManifest(files, layout.home, layout.journal);
  const epoch = await takeWriting(files, layout, found.manifest);
  const mark = writerMark(layout, epoch);
  held.mark = mark;
  const { recovered, openEnd } = await recover(files, layout, found);
  const manifest = new ManifestFile(files, layout.home, found.manifest, () => files.exists(mark));
  if (recovered.damage) return new Store(options, layout, held, manifest, recovered, undefined);

  if (openEnd) await cutOpenEnd(files, layout, openEnd);
  await manifest.update((now) => begun(now, epoch, recovered, openEnd));
  await removeStrays(files, layout, found, manifest.current);
  const last = recovered.events.at(-1)?.offset ?? recovered.checkpoint?.offset ?? 0;
  const journal = new Journal({
    files,
    layout,
    manifest,
    clock: options.clock,
    durability: options.durability,
    epoch,
    last,
    segmentBytes: options.segmentBytes ?? segmentBytes,
    onFailure: options.onFailure,
  });
  await journal.open();
  return new Store(options, layout, held, manifest, recovered, journal);
}

/** The open store of one home. */
export class Store {
  readonly #options: StoreOptions;
  readonly #layout: Layout;
  readonly #held: Held;
  readonly #manifest: ManifestFile;
  /** Not there when the store is open for reading only. */
  readonly #journal: Journal | undefined;
  readonly #lastRead: number;
  #recovered: Recovered;
  #covering: Promise<void> = Promise.resolve();
  #closing: Promise<void> | undefined;

  /** Use `openStore`. */
  constructor(
    options: StoreOptions,
    layout: Layout,
    held: Held,
    manifest: ManifestFile,
    recovered: Recovered,
    journal: Journal | undefined,
  ) {
    this.#options = options;
    this.#layout = layout;
    this.#held = held;
    this.#manifest = manifest;
    this.#recovered = recovered;
    this.#journal = journal;
    this.#lastRead = recovered.events.at(-1)?.offset ?? recovered.checkpoint?.offset ?? 0;
  }

  /** What the disk said when the store was opened. */
  get recovered(): Recovered {
    return this.#recovered;
  }

  /** Lets go of the recovered state and events, once they are applied: they may be large. The report stays. */
  forgetRecovered(): void {
    this.#recovered = { ...this.#recovered, checkpoint: undefined, events: [] };
  }

  /** Everything up to here may be told to anyone. */
  get durableOffset(): number {
    return this.#journal?.durableOffset ?? this.#lastRead;
  }

  /** Why nothing can be written now, if so. `storage_full` and `storage_busy` pass by themselves. */
  get refusal(): StoreError | undefined {
    return this.recovered.damage ? describeDamage(this.recovered.damage) : this.#journal?.refusal;
  }

  /** Why nothing new should be begun now, see `Journal.busy`. */
  get busy(): StoreError | undefined {
    return this.#journal?.busy;
  }

  /** The files that the content consists of, as they are on disk. */
  get manifest(): Manifest {
    return this.#manifest.current;
  }

  /** Queues events, see `Journal.append`. @throws StoreError also `storage_damaged`. */
  append(events: readonly StoredEvent[], options: { lazy?: boolean } = {}): void {
    this.#writable().append(events, options);
  }

  /** Resolves when everything up to `offset` is durable, see `Journal.durable`. */
  durable(offset: number): Promise<void> {
    if (offset <= this.durableOffset) return Promise.resolve();
    return this.#journal?.durable(offset) ?? Promise.reject(this.#writeError());
  }

  /**
   * Keeps `state` as the head state at `offset`; `state` MUST be JSON and is read before this returns. One that is not
   * newer than the newest is dropped.
   *
   * @returns when it counts. Rejects with a StoreError; `storage_full` and `storage_busy` leave everything as it was.
   */
  checkpoint(offset: number, state: unknown): Promise<void> {
    const data = encodeCheckpoint({ offset, state });
    return this.keepCheckpoint(offset, () =>
      writeCheckpoint(this.#options.files, this.#layout.checkpoints, offset, data),
    );
  }

  /**
   * Keeps the checkpoint at `offset` that `write` puts beside the others; `base` is the newest there is. While it writes,
   * `base` and the journal behind it stay. One that is not newer than the newest is not written.
   *
   * @returns as `checkpoint`; rejects also with what `write` rejects with, and nothing has changed then.
   */
  keepCheckpoint(offset: number, write: (base: CoverEntry | undefined) => Promise<CoverEntry>): Promise<void> {
    return this.#cover(async (journal) => {
      await journal.synced(offset);
      const base = this.manifest.checkpoints[0];
      if (offset <= (base?.offset ?? 0)) return;
      const entry = await write(base);
      await this.#keep((now) => ({ ...now, checkpoints: [entry, ...now.checkpoints].slice(0, generations) }));
    });
  }

  /** Makes a snapshot of the index count, which is on disk already as `state.db`; the one before is beside it. */
  recordSnapshot(cover: { offset: number; length: number; sha256: string }): Promise<void> {
    return this.#cover(async (journal) => {
      await journal.synced(cover.offset);
      await this.#keep((now) => {
        const before = now.snapshots.slice(0, 1).map((entry) => ({ ...entry, name: previousSnapshotName }));
        return { ...now, snapshots: [{ name: snapshotName, ...cover }, ...before] };
      });
    });
  }

  /** Makes archives count, which are on disk already, and lets go of others, by name. */
  changeArchives(added: readonly ArchiveEntry[], gone: readonly string[] = []): Promise<void> {
    return this.#cover(async (journal) => {
      for (const { offset } of added) await journal.synced(offset);
      await this.#keep((now) => ({
        ...now,
        archives: [...now.archives.filter((entry) => !gone.includes(entry.name)), ...added],
      }));
    });
  }

  /**
   * Begins a new journal segment, so that what was written so far can go when something newer stands for it.
   *
   * @returns the last offset that is in an older segment
   */
  async beginSegment(): Promise<number> {
    return this.#writable().rotate();
  }

  /**
   * Leaves two checkpoints at or after `offset` and none before. `write` makes one, see `keepCheckpoint`; it MUST be at
   * `offset` or later.
   */
  renewCheckpoints(offset: number, write: (base: CoverEntry | undefined) => Promise<CoverEntry>): Promise<void> {
    return this.#cover(async () => {
      const { files } = this.#options;
      const { checkpoints } = this.manifest;
      let newest = checkpoints[0];
      if (!newest || newest.offset < offset) newest = await write(newest);
      const copy = await copyCheckpoint(files, this.#layout.checkpoints, newest);
      const renewed = [newest, copy];
      await this.#keep((now) => ({ ...now, checkpoints: renewed }));
    });
  }

  /**
   * Removes every file that the manifest does not name, and notes that nothing on disk holds what was erased up to
   * `offset`. Rejects when one of them cannot be removed.
   */
  recordPurge(offset: number): Promise<void> {
    return this.#cover(async () => {
      await removeForgotten(this.#options.files, this.#layout, this.manifest, offset);
      await this.#keep((now) => ({ ...now, purged: Math.max(offset, now.purged ?? 0) }));
    });
  }

  /** Takes snapshots that did not prove themselves out of the manifest, by SHA-256. */
  dropSnapshots(hashes: readonly string[]): Promise<void> {
    return this.#cover(async () => {
      const snapshots = this.manifest.snapshots.filter((entry) => !hashes.includes(entry.sha256));
      if (snapshots.length < this.manifest.snapshots.length) await this.#keep((now) => ({ ...now, snapshots }));
    });
  }

  /** Writes out what is queued and gives the home back. Never rejects; what could not be written went to `onFailure`. */
  close(): Promise<void> {
    // Once only: by the second time the lock may be somebody else's.
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#covering;
    await this.#journal?.close();
    await release(this.#options.files, this.#held);
  }

  #writable(): Journal {
    if (!this.#journal) throw this.#writeError();
    return this.#journal;
  }

  #writeError(): StoreError {
    return describeDamage(this.recovered.damage ?? unknownDamage);
  }

  /** One after the other: they read and change the same lists. */
  #cover(work: (journal: Journal) => Promise<void>): Promise<void> {
    if (this.#closing) return Promise.reject(new StoreError('storage_closed', 'The store is closed.'));
    const done = this.#covering.then(() => work(this.#writable()));
    this.#covering = done.catch(() => undefined);
    return done.catch((error: unknown) => Promise.reject(asStoreError(error, 'write a checkpoint')));
  }

  /** Changes the manifest, then removes the files that it no longer names. */
  async #keep(change: (manifest: Manifest) => Manifest): Promise<void> {
    const before = this.manifest;
    await this.#manifest.update((now) => withoutRetired(change(now)));
    const after = this.manifest;
    const gone = [
      ...missing(before.segments, after.segments).map((name) => `${this.#layout.journal}/${name}`),
      ...missing(before.checkpoints, after.checkpoints).map((name) => `${this.#layout.checkpoints}/${name}`),
      ...missing(before.archives, after.archives).map((name) => `${this.#layout.archives}/${name}`),
    ];
    // What cannot be removed now is a stray for the next start.
    for (const path of gone) await unlinkIfThere(this.#options.files, path).catch(() => undefined);
  }
}

const unknownDamage: Damage = { kind: 'journal_damaged', file: 'journal', from: 1 };

/** Drops the segments that even the loss of the newest checkpoint and the newest snapshot would not call for. */
function withoutRetired(manifest: Manifest): Manifest {
  const floors = [manifest.checkpoints, manifest.snapshots].map((covers) => covers[generations - 1]?.offset ?? 0);
  const floor = Math.min(...floors);
  const segments = manifest.segments.filter((entry) => entry.final === undefined || entry.final.last > floor);
  return { ...manifest, segments };
}

function missing(before: readonly { name: string }[], after: readonly { name: string }[]): string[] {
  const kept = new Set(after.map((entry) => entry.name));
  return before.filter((entry) => !kept.has(entry.name)).map((entry) => entry.name);
}
