import { StoreError, asStoreError, isPassing } from './errors';
import type { OpenFile } from './files';
import { sparePath, writerMark } from './layout';
import { type JournalOptions, Waiters, wholeBatches, withFinal } from './journalParts';
import type { SegmentEntry } from './manifest';
import { type PreparedRecord, joinBatch, maxPayloadBytes, prepareRecord } from './record';
import { segmentName } from './segment';
import { SegmentWriter } from './segmentWriter';
import { SpareSegment, spareRetryMs } from './spare';
import type { StoredEvent } from './storedEvent';

/** How long lazy events may wait for company before they are written on their own. */
export const lazyDelayMs = 1000;
/** No more than this goes to the system in one write, so that none holds the event loop long; unless one batch is larger. */
const maxGroupBytes = 1024 * 1024;
/** What is kept to put a write together. */
const scratchBytes = 64 * 1024;
/** With more than this waiting to be written no command is taken: see `busy`. */
export const maxQueuedBytes = 8 * 1024 * 1024;
/** The part of a segment that is kept for what is accepted while the next one is brought in (512 KiB of 8 MiB). */
const reserve = 1 / 16;

/** A segment on its way in, and where its file is by now. */
interface Fresh {
  readonly file: OpenFile;
  path: string;
}

type State = { kind: 'open' } | { kind: 'closing' } | { kind: 'closed' } | { kind: 'failed'; error: StoreError };

/**
 * The journal while it is being written: a queue, one write for everything in it, one sync, then the answers.
 *
 * At most one write is on its way. The write itself does not leave the event loop (5 µs into preallocated blocks); the
 * sync does. A failed write or sync is never repeated: the system may have dropped the data and forgotten the error.
 */
export class Journal {
  readonly #options: JournalOptions;
  readonly #spare: SpareSegment;
  readonly #mark: string;
  #state: State = { kind: 'open' };
  #current: SegmentWriter | undefined;
  #fresh: Fresh | undefined;
  /** Why a new segment could not be brought in, until it could. */
  #refusal: StoreError | undefined;
  #isRetryDue = false;
  #queue: PreparedRecord[] = [];
  #queuedBytes = 0;
  /** The queue holds something that is waited for. */
  #urgent = false;
  #scheduled = false;
  /** A sync or a change of segments is under way. */
  #busy = false;
  #idle: (() => void)[] = [];
  readonly #waiters = new Waiters();
  #accepted: number;
  #durable: number;
  #synced: number;
  #syncWanted = 0;
  readonly #syncWaiters = new Waiters();
  /** Who waits for a new segment. */
  readonly #rotations = new Waiters();
  #cancelLazy: (() => void) | undefined;
  #cancelRetry: (() => void) | undefined;
  #scratch = Buffer.allocUnsafe(scratchBytes);

  constructor(options: JournalOptions) {
    this.#options = options;
    this.#mark = writerMark(options.layout, options.epoch);
    this.#accepted = this.#durable = this.#synced = options.last;
    this.#spare = new SpareSegment({
      files: options.files,
      layout: options.layout,
      clock: options.clock,
      bytes: options.segmentBytes,
      onReady: () => this.#run(),
      onFailure: (error) => this.#fail(error),
    });
  }

  /** Everything up to here may be told to anyone. */
  get durableOffset(): number {
    return this.#durable;
  }

  /**
   * So much waits to be written that nothing new should be begun, which passes by itself. What is appended all the same is
   * taken: it follows from what was accepted, and refused half-way it could not be undone.
   */
  get busy(): StoreError | undefined {
    if (this.#queuedBytes <= maxQueuedBytes) return undefined;
    return new StoreError('storage_busy', `More than ${maxQueuedBytes} bytes wait for the disk.`);
  }

  /** Why nothing is accepted now, if so. It passes by itself for `storage_full` and `storage_busy`. */
  get refusal(): StoreError | undefined {
    if (this.#state.kind === 'failed') return this.#state.error;
    return this.#refusal ?? this.#spare.refusal;
  }

  /** Makes the first segment. Resolves also when there is no room for it: see `refusal`. */
  async open(): Promise<void> {
    await this.#spare.prepare();
    this.#run();
    await this.#whenIdle();
  }

  /**
   * Queues events, whose offsets MUST go on from the last ones. All are taken or none, and all become durable together; more
   * than a segment holds do so one by one.
   *
   * `lazy` events force no write of their own: they go with the next others, or after `lazyDelayMs`.
   *
   * @throws StoreError `storage_full`, `storage_busy` (too many files are open), `storage_failed`, `record_too_large`, `storage_closed`.
   */
  append(events: readonly StoredEvent[], options: { lazy?: boolean } = {}): void {
    if (this.#state.kind === 'closing' || this.#state.kind === 'closed') {
      throw new StoreError('storage_closed', 'The journal is closed.');
    }
    if (this.refusal) throw this.refusal;
    const records = events.map((event, index) => this.#prepare(event, this.#accepted + 1 + index));
    this.#queuedBytes += joinBatch(records, this.#options.segmentBytes);
    this.#queue.push(...records);
    this.#accepted += records.length;
    if (options.lazy === true && !this.busy) this.#hurryLater();
    else this.#hurry();
  }

  /**
   * Resolves when everything up to `offset` is durable; rejects with the StoreError that prevents it. Waiting for a
   * lazy event makes it urgent.
   */
  durable(offset: number): Promise<void> {
    if (offset <= this.#durable) return Promise.resolve();
    if (this.#state.kind === 'failed') return Promise.reject(this.#state.error);
    if (offset > this.#accepted) return Promise.reject(new RangeError(`offset ${offset} was not appended`));
    this.#hurry();
    return this.#waiters.wait(offset);
  }

  /** As `durable`, and synced whatever the durability is: what refers to the journal must not outlast it. */
  async synced(offset: number): Promise<void> {
    await this.durable(offset);
    if (offset <= this.#synced) return;
    this.#syncWanted = Math.max(this.#syncWanted, offset);
    const done = this.#syncWaiters.wait(offset);
    this.#run();
    await done;
  }

  /**
   * Makes what is accepted durable and begins a new segment, unless nothing is in the current one.
   *
   * @returns the last offset before the new segment. Rejects with the StoreError that prevents it.
   */
  async rotate(): Promise<number> {
    await this.durable(this.#accepted);
    const segment = this.#current;
    if (segment?.isEmpty === true) return segment.entry.first - 1;
    if (this.refusal) throw this.refusal;
    const done = this.#rotations.wait(this.#durable);
    this.#run();
    await done;
    return (this.#current?.entry.first ?? this.#durable + 1) - 1;
  }

  /** Writes out what is queued, makes the segment final and lets go of the files. Never rejects. */
  async close(): Promise<void> {
    if (this.#state.kind === 'open') {
      this.#state = { kind: 'closing' };
      this.#hurry();
      this.#syncWanted = this.#accepted;
      this.#run();
      await this.#whenIdle();
    }
    this.#cancelLazy?.();
    this.#cancelRetry?.();
    this.#rejectAll(this.refusal ?? new StoreError('storage_closed', 'The journal is closed.'));
    await this.#spare.close().catch(() => undefined);
    await this.#finish().catch((error: unknown) => this.#fail(asStoreError(error, 'close the journal')));
    if (this.#state.kind !== 'failed') this.#state = { kind: 'closed' };
  }

  #prepare(event: StoredEvent, expected: number): PreparedRecord {
    if (event.offset !== expected) throw new RangeError(`offset ${event.offset} where ${expected} belongs`);
    const record = prepareRecord(event);
    if (!record || record.bytes > this.#options.segmentBytes) {
      throw new StoreError('record_too_large', `An event (${event.type}) has more than ${maxPayloadBytes} bytes.`);
    }
    return record;
  }

  #hurry(): void {
    this.#urgent = true;
    this.#cancelLazy?.();
    this.#cancelLazy = undefined;
    if (this.#scheduled || this.#busy) return;
    // A microtask, so that everything appended in one turn of the event loop goes in one write.
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#run();
    });
  }

  #hurryLater(): void {
    this.#cancelLazy ??= this.#options.clock.after(lazyDelayMs, () => this.#hurry());
  }

  /** Does what there is to do until something has to be waited for. */
  #run(): void {
    while (!this.#busy && (this.#state.kind === 'open' || this.#state.kind === 'closing')) {
      const segment = this.#current;
      const next = this.#urgent ? this.#queue[0] : undefined;
      if (this.#rotations.size > 0 && this.#wantsRotation(next) && this.#canRotate()) this.#waitFor(this.#rotate());
      else if (segment && next && next.batchBytes <= this.#roomIn(segment)) this.#writeGroup(segment);
      else if (segment && Math.min(this.#syncWanted, this.#durable) > this.#synced) this.#waitFor(this.#sync(segment));
      else if (this.#wantsRotation(next) && this.#canRotate()) this.#waitFor(this.#rotate());
      else break;
    }
    if (!this.#busy) for (const done of this.#idle.splice(0)) done();
  }

  /** Runs `work` while nothing else does; what it throws is a failure. */
  #waitFor(work: Promise<void>): void {
    this.#busy = true;
    work
      .catch((error: unknown) => this.#fail(asStoreError(error, 'write the journal')))
      .finally(() => {
        this.#busy = false;
        this.#run();
      });
  }

  #whenIdle(): Promise<void> {
    return this.#busy ? new Promise((resolve) => this.#idle.push(resolve)) : Promise.resolve();
  }

  #writeGroup(segment: SegmentWriter): void {
    const group = this.#takeGroup(this.#roomIn(segment));
    try {
      segment.write(group, this.#synced, this.#scratch);
    } catch (error) {
      this.#fail(asStoreError(error, 'write the journal'));
      return;
    }
    const last = group.at(-1)?.offset ?? this.#durable;
    if (this.#options.durability === 'fsync') this.#syncGroup(segment, last, group.length);
    else if (this.#reach(last)) this.#settle(last);
  }

  /** As {@link #sync}. The disk works on the next group already while those are answered who waited for this one. */
  #syncGroup(segment: SegmentWriter, last: number, records: number): void {
    this.#busy = true;
    segment.file
      .sync(records)
      .then(() => {
        this.#synced = last;
        this.#busy = false;
        const counts = this.#reach(last);
        this.#run();
        if (counts) this.#settle(last);
      })
      .catch((error: unknown) => {
        this.#busy = false;
        this.#fail(asStoreError(error, 'write the journal'));
        this.#run();
      });
  }

  /** Takes as many queued batches as go into one write. */
  #takeGroup(room: number): PreparedRecord[] {
    const { count, bytes } = wholeBatches(this.#queue, Math.min(room, maxGroupBytes));
    const scratch = this.#scratch.length;
    // A single large batch must not leave its size behind.
    if (scratch < bytes || scratch > maxGroupBytes) this.#scratch = Buffer.allocUnsafe(Math.max(bytes, scratchBytes));
    const group = count === this.#queue.length ? this.#queue : this.#queue.slice(0, count);
    this.#queue = count === this.#queue.length ? [] : this.#queue.slice(count);
    this.#queuedBytes -= bytes;
    if (this.#queue.length === 0) this.#urgent = false;
    return group;
  }

  /** Syncs what is durable without it. */
  async #sync(segment: SegmentWriter): Promise<void> {
    const last = this.#durable;
    await segment.file.sync();
    this.#synced = last;
    if (this.#reach(last)) this.#settle(last);
  }

  /** What was written up to here counts. @returns whether it does: not in a home that was taken */
  #reach(last: number): boolean {
    if (this.#options.files.exists(this.#mark)) this.#durable = last;
    // Whoever took the home read the journal after that, so it may have missed what was just written.
    else this.#fail(new StoreError('home_taken', 'Another broker has taken this home over.'));
    return this.#state.kind !== 'failed';
  }

  /** Lets go on who waited for this. */
  #settle(last: number): void {
    this.#waiters.settle(last);
    this.#syncWaiters.settle(Math.min(last, this.#synced));
  }

  /**
   * What may be written to the segment now. Its end is kept for what is accepted while the next one is brought in: on a
   * full disk that can fail, and what was accepted must become durable all the same, or nothing could be read any more.
   */
  #roomIn(segment: SegmentWriter): number {
    const usesReserve = segment.isEmpty || this.#state.kind !== 'open' || this.refusal !== undefined;
    return usesReserve ? segment.room : segment.room - this.#options.segmentBytes * reserve;
  }

  /** After a failed attempt only when it is time for another, whether or not anything waits for it. */
  #wantsRotation(next: PreparedRecord | undefined): boolean {
    if (this.#refusal) return this.#isRetryDue;
    return !this.#current || next !== undefined || this.#rotations.size > 0;
  }

  /** Whether a spare is there or under way; starts one if not. */
  #canRotate(): boolean {
    if (this.#fresh) return true;
    const file = this.#spare.take();
    if (file) this.#fresh = { file, path: sparePath(this.#options.layout) };
    else if (this.#state.kind === 'open' && !this.#spare.refusal) void this.#spare.prepare().then(() => this.#run());
    return file !== undefined;
  }

  /** Brings the spare in as the new segment. The manifest names it before anything is written to it. */
  async #rotate(): Promise<void> {
    const { files, layout, manifest, epoch, clock } = this.#options;
    const fresh = this.#fresh;
    if (!fresh) return;
    this.#isRetryDue = false;
    const old = this.#current;
    if (old && this.#synced < this.#durable) await this.#sync(old);
    const first = this.#durable + 1;
    const entry: SegmentEntry = { name: segmentName(first, epoch), first, epoch };
    try {
      // What was accepted before a refusal went to the old segment: then the new one begins later than was thought.
      const path = `${layout.journal}/${entry.name}`;
      if (fresh.path !== path) await files.rename(fresh.path, path);
      fresh.path = path;
      await files.syncFolder(layout.journal);
      await manifest.update((now) => ({ ...now, segments: [...withFinal(now.segments, old), entry] }));
    } catch (cause) {
      const error = asStoreError(cause, 'begin a journal segment');
      if (!isPassing(error)) throw error;
      this.#refusal = error;
      this.#rotations.rejectAll(error);
      // Refused until it has worked: what is taken meanwhile might have nowhere to go.
      this.#cancelRetry = clock.after(spareRetryMs, () => {
        this.#isRetryDue = true;
        this.#run();
      });
      return;
    }
    this.#refusal = undefined;
    this.#fresh = undefined;
    this.#current = new SegmentWriter(fresh.file, entry, this.#options.segmentBytes);
    await old?.file.close();
    this.#rotations.settle(this.#durable);
    if (this.#state.kind === 'open') void this.#spare.prepare();
  }

  /** After the last write: names the segment final and gives its unused blocks back. */
  async #finish(): Promise<void> {
    const { files, layout, manifest } = this.#options;
    const [segment, fresh] = [this.#current, this.#fresh];
    this.#current = this.#fresh = undefined;
    await fresh?.file.close();
    if (this.#state.kind === 'failed') {
      await segment?.file.close();
      return;
    }
    if (segment) {
      const path = `${layout.journal}/${segment.entry.name}`;
      await manifest.update((now) => ({ ...now, segments: withFinal(now.segments, segment) }));
      if (!segment.isEmpty) await segment.file.truncate(segment.length);
      await segment.file.close();
      if (segment.isEmpty) await files.unlink(path);
    }
  }

  #fail(error: StoreError): void {
    if (this.#state.kind === 'failed' || this.#state.kind === 'closed') return;
    const failure =
      error.code === 'storage_failed' || error.code === 'home_taken'
        ? error
        : new StoreError('storage_failed', `The journal failed. ${error.message}`, error);
    this.#state = { kind: 'failed', error: failure };
    this.#rejectAll(failure);
    this.#options.onFailure(failure);
  }

  #rejectAll(error: StoreError): void {
    for (const waiters of [this.#waiters, this.#syncWaiters, this.#rotations]) waiters.rejectAll(error);
  }
}
