import type { Clock } from '../clock';
import { StoreError } from '../errors';
import type { CoverEntry } from '../manifest';
import type { Store } from '../store';
import type { IndexedThread, MessagesPage, MessagesQuery, SearchHit, SearchQuery, ThreadsQuery } from './answers';
import type { FoldAsk, IndexAskKind, IndexAsks, IndexPort, IndexReply, IndexRequest } from './protocol';

/** How often it is looked whether the home is quiet, while `state.db` is behind. */
export const quietMs = 5000;
/** `state.db` is written, quiet or not, when it is this many events behind. */
export const snapshotEvery = 20_000;
/** How long a snapshot that failed waits. */
export const snapshotRetryMs = 60_000;
/** A worker that was asked nothing for so long is stopped: its memory is worth more than its warmth. */
export const workerIdleMs = 20_000;

export interface IndexClientOptions {
  readonly store: Store;
  readonly home: string;
  readonly clock: Clock;
  readonly startWorker: () => IndexPort;
  readonly log: (what: string, facts: object) => void;
}

interface Waiting {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: StoreError) => void;
}

interface Running {
  readonly port: IndexPort;
  readonly waiting: Map<number, Waiting>;
}

/**
 * The index as the broker sees it. The worker reads the journal itself, and runs only while it is needed: it starts
 * with the first question or snapshot and stops when nobody asked for a while.
 */
export class IndexClient {
  readonly #options: IndexClientOptions;
  #running: Running | undefined;
  #lastId = 0;
  #lastAsked = 0;
  #lastSeen = 0;
  #cancelTimer: (() => void) | undefined;
  #snapshotting = false;
  #closed = false;

  constructor(options: IndexClientOptions) {
    this.#options = options;
    if (this.#behind() > 0) this.#lookIn(quietMs);
  }

  /** Tells that events became durable. Costs nothing: the worker reads them from the disk when it has to. */
  follow(): void {
    if (!this.#cancelTimer) this.#lookIn(quietMs);
  }

  /** Every question waits until `atLeast` is durable and answers with that and all before. @throws StoreError */
  messages(query: MessagesQuery, atLeast: number): Promise<MessagesPage> {
    return this.#ask('messages', query, atLeast);
  }

  thread(id: string, atLeast: number): Promise<IndexedThread | undefined> {
    return this.#ask('thread', { id }, atLeast);
  }

  threads(query: ThreadsQuery, atLeast: number): Promise<IndexedThread[]> {
    return this.#ask('threads', query, atLeast);
  }

  search(query: SearchQuery, atLeast: number): Promise<SearchHit[]> {
    return this.#ask('search', query, atLeast);
  }

  /** Brings `state.db` up to everything that is durable. @throws StoreError; the one before is then still good. */
  async snapshot(): Promise<void> {
    const { store } = this.#options;
    const listed = store.manifest.snapshots[0];
    if (this.#behind() <= 0) return;
    const cover = await this.#ask('snapshot', { listed: listed?.sha256 }, store.durableOffset);
    await store.recordSnapshot(cover);
  }

  /** Writes the checkpoint at an offset that is durable, in the worker, for `Store.keepCheckpoint`. @throws StoreError */
  fold(ask: FoldAsk): Promise<CoverEntry> {
    return this.#ask('checkpoint', ask, ask.offset);
  }

  /** Stops the worker. What `state.db` lacks, the next start reads from the journal. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelTimer?.();
    await this.#stop('The index was closed.');
  }

  /** How many events `state.db` lacks; none while it could not be written anyway. */
  #behind(): number {
    const { store } = this.#options;
    if (store.refusal) return 0;
    return store.durableOffset - (store.manifest.snapshots[0]?.offset ?? 0);
  }

  async #ask<K extends IndexAskKind>(
    kind: K,
    ask: IndexAsks[K]['ask'],
    atLeast: number,
  ): Promise<IndexAsks[K]['answer']> {
    await this.#options.store.durable(atLeast);
    if (this.#closed) throw new StoreError('storage_closed', 'The index is closed.');
    return this.#post(this.#running ?? this.#start(), kind, ask);
  }

  #post<K extends IndexAskKind>(
    { port, waiting }: Running,
    kind: K,
    ask: IndexAsks[K]['ask'],
  ): Promise<IndexAsks[K]['answer']> {
    const { store, clock } = this.#options;
    this.#lastAsked = clock.now();
    const id = ++this.#lastId;
    const segments = store.manifest.segments.map((segment) => segment.name);
    return new Promise<IndexAsks[K]['answer']>((resolve, reject) => {
      waiting.set(id, { resolve: resolve as Waiting['resolve'], reject });
      port.post({ id, kind, ask, upTo: store.durableOffset, segments } as IndexRequest);
    });
  }

  #start(): Running {
    const { store, home, startWorker, log } = this.#options;
    const running: Running = { port: startWorker(), waiting: new Map() };
    this.#running = running;
    running.port.onReply((reply) => settle(running, reply));
    running.port.onGone((why) => {
      log('index stopped', { why });
      if (this.#running === running) this.#running = undefined;
      rejectAll(running, `The index stopped: ${why}.`);
    });
    const snapshots = store.manifest.snapshots.map(({ sha256, offset }) => ({ sha256, offset }));
    this.#post(running, 'open', { home, snapshots })
      .then(async ({ lost, missing }) => {
        if (missing) log('index is incomplete', missing);
        if (lost.length === 0) return;
        log('snapshots lost', { lost: lost.length });
        if (!store.refusal) await store.dropSnapshots(lost);
      })
      .catch(async (error: unknown) => {
        log('index did not open', { error: String(error) });
        if (this.#running === running) await this.#stop(`The index did not open: ${String(error)}.`);
      });
    if (!this.#cancelTimer) this.#lookIn(quietMs);
    return running;
  }

  async #stop(why: string): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    if (!running) return;
    await running.port.stop();
    rejectAll(running, why);
  }

  #lookIn(milliseconds: number): void {
    if (this.#closed) return;
    this.#cancelTimer = this.#options.clock.after(milliseconds, () => {
      this.#cancelTimer = undefined;
      void this.#look();
    });
  }

  /** Writes a snapshot when it is time, lets the worker go when it is not needed, and looks again if there is a reason. */
  async #look(): Promise<void> {
    const { store, clock, log } = this.#options;
    const behind = this.#behind();
    const isQuiet = store.durableOffset === this.#lastSeen;
    this.#lastSeen = store.durableOffset;
    let next = quietMs;
    if (behind > 0 && (isQuiet || behind >= snapshotEvery) && !this.#snapshotting) {
      this.#snapshotting = true;
      try {
        await this.snapshot();
      } catch (error) {
        log('snapshot failed', { error: String(error) });
        next = snapshotRetryMs;
      }
      this.#snapshotting = false;
    }
    if (this.#running && this.#running.waiting.size === 0 && clock.now() - this.#lastAsked >= workerIdleMs) {
      await this.#stop('The index was idle.');
    }
    if ((this.#running || this.#behind() > 0) && !this.#cancelTimer) this.#lookIn(next);
  }
}

function settle({ waiting }: Running, reply: IndexReply): void {
  const one = waiting.get(reply.id);
  waiting.delete(reply.id);
  if (reply.ok) one?.resolve(reply.answer);
  else one?.reject(new StoreError(reply.code, reply.message));
}

function rejectAll({ waiting }: Running, why: string): void {
  for (const one of waiting.values()) one.reject(new StoreError('index_failed', why));
  waiting.clear();
}
