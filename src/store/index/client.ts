import type { TaskRecord } from '../../core/taskModel';
import type { Clock } from '../clock';
import { StoreError } from '../errors';
import type { CoverEntry } from '../manifest';
import type { Store } from '../store';
import type {
  CallsQuery,
  ExportPage,
  ImportPiece,
  ImportProgress,
  IndexedCall,
  IndexedThread,
  MessagesPage,
  MessagesQuery,
  SearchPage,
  SearchQuery,
  SqlQuery,
  SqlRows,
  TasksPage,
  TasksQuery,
  ThreadsQuery,
} from './answers';
import type { FoldAsk, IndexAskKind, IndexAsks, IndexPort } from './protocol';
import { type StorageLimits, Upkeep } from './upkeep';
import { WorkerLink } from './workerLink';

/** A query that takes longer than this is ended (ms). */
export const sqlTime = 10_000;
/** A worker that was asked nothing for so long is stopped: its memory is worth more than its warmth. */
export const workerIdleMs = 20_000;

export interface IndexClientOptions {
  readonly store: Store;
  readonly home: string;
  readonly clock: Clock;
  readonly limits?: StorageLimits | undefined;
  readonly startWorker: () => IndexPort;
  readonly log: (what: string, facts: object) => void;
}

/**
 * The index as the broker sees it. The worker reads the journal itself, and runs only while it is needed: it starts
 * with the first question or snapshot and stops when nobody asked for a while.
 */
export class IndexClient {
  readonly #options: IndexClientOptions;
  readonly #upkeep: Upkeep;
  #worker: WorkerLink | undefined;
  #lastAsked = 0;
  #closed = false;

  constructor(options: IndexClientOptions) {
    this.#options = options;
    this.#upkeep = new Upkeep({
      ...options,
      ask: (kind, ask, atLeast) => this.#ask(kind, ask, atLeast),
      letGo: () => this.#letGo(),
    });
  }

  /** Tells that events became durable. Costs nothing: the worker reads them from the disk when it has to. */
  follow(): void {
    this.#upkeep.follow();
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

  /** The last calls that an agent placed or got, the latest first. */
  calls(query: CallsQuery, atLeast: number): Promise<IndexedCall[]> {
    return this.#ask('calls', query, atLeast);
  }

  tasks(query: TasksQuery, atLeast: number): Promise<TasksPage> {
    return this.#ask('tasks', query, atLeast);
  }

  task(id: string, atLeast: number): Promise<TaskRecord | undefined> {
    return this.#ask('task', { id }, atLeast);
  }

  names(ids: readonly string[], atLeast: number): Promise<Readonly<Record<string, string>>> {
    return this.#ask('names', { ids }, atLeast);
  }

  search(query: SearchQuery, atLeast: number): Promise<SearchPage> {
    return this.#ask('search', query, atLeast);
  }

  /** Runs in a worker of its own, which is ended when it takes too long. @throws StoreError `sql_too_slow` and others */
  async sql(query: SqlQuery, atLeast: number): Promise<SqlRows> {
    const { store, clock } = this.#options;
    await store.durable(atLeast);
    return this.#upkeep.alone(async () => {
      const worker = this.#connect(() => undefined);
      let cancel: () => void = () => undefined;
      const late = new Promise<never>((_resolve, reject) => {
        const error = new StoreError('sql_too_slow', 'The query took too long.', undefined, { limit: sqlTime });
        cancel = clock.after(sqlTime, () => reject(error));
      });
      try {
        return await Promise.race([worker.post('sql', query), late]);
      } finally {
        cancel();
        await worker.stop('The query is over.');
      }
    });
  }

  /** Brings `state.db` up to everything that is durable. @throws StoreError; the one before is then still good. */
  snapshot(): Promise<void> {
    return this.#upkeep.snapshot();
  }

  /** Moves ripe threads into archives. @returns how many archives were written. @throws StoreError */
  archive(): Promise<number> {
    return this.#upkeep.archive();
  }

  /** Tasks that were over before this time (ms), those first that ended first. */
  endedBefore(time: number, limit: number, atLeast: number): Promise<string[]> {
    return this.#ask('endedBefore', { time, limit }, atLeast);
  }

  /** Threads that were closed before this time (ms), those first that closed first. */
  closedBefore(time: number, limit: number, atLeast: number): Promise<string[]> {
    return this.#ask('closedBefore', { time, limit }, atLeast);
  }

  /** A page of the export; the first without a cursor, with these tasks. @throws StoreError `export_changed`, `archive_missing` */
  exportPage(cursor: string | undefined, atLeast: number, tasks: readonly TaskRecord[] = []): Promise<ExportPage> {
    return this.#ask('export', { cursor, now: this.#options.clock.now(), tasks }, atLeast);
  }

  /** Takes a piece of a file to import. @throws StoreError `import_refused`, `upload_expired`, `storage_full` */
  importPiece(piece: ImportPiece, atLeast: number): Promise<ImportProgress> {
    return this.#upkeep.import(piece, atLeast);
  }

  /**
   * Takes the words of every thread and task that was erased up to `offset` out of every file. Tried again until it has worked.
   *
   * @throws StoreError when it has not worked now.
   */
  purge(offset: number, fold: Omit<FoldAsk, 'offset' | 'base'>): Promise<void> {
    return this.#upkeep.purge(offset, fold);
  }

  /** Writes the checkpoint at an offset that is durable, in the worker, for `Store.keepCheckpoint`. @throws StoreError */
  fold(ask: FoldAsk): Promise<CoverEntry> {
    return this.#ask('checkpoint', ask, ask.offset);
  }

  /** Stops the worker. What `state.db` lacks, the next start reads from the journal. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#upkeep.stop();
    await this.#stop('The index was closed.');
  }

  async #ask<K extends IndexAskKind>(
    kind: K,
    ask: IndexAsks[K]['ask'],
    atLeast: number,
  ): Promise<IndexAsks[K]['answer']> {
    await this.#options.store.durable(atLeast);
    if (this.#closed) throw new StoreError('storage_closed', 'The index is closed.');
    this.#lastAsked = this.#options.clock.now();
    return (this.#worker ?? this.#start()).post(kind, ask);
  }

  #start(): WorkerLink {
    const { log } = this.#options;
    const worker = this.#connect((why) => {
      log('index stopped', { why });
      if (this.#worker === worker) this.#worker = undefined;
    });
    this.#worker = worker;
    this.#upkeep.follow();
    return worker;
  }

  /** A new worker that has opened the index, or is about to. */
  #connect(onGone: (why: string) => void): WorkerLink {
    const { store, home, startWorker, log } = this.#options;
    const worker = new WorkerLink(store, startWorker(), onGone);
    const snapshots = store.manifest.snapshots.map(({ sha256, offset }) => ({ sha256, offset }));
    worker
      .post('open', { home, snapshots })
      .then(async ({ lost, missing }) => {
        if (missing) log('index is incomplete', missing);
        if (lost.length === 0) return;
        log('snapshots lost', { lost: lost.length });
        if (!store.refusal) await store.dropSnapshots(lost);
      })
      .catch(async (error: unknown) => {
        log('index did not open', { error: String(error) });
        if (this.#worker === worker) this.#worker = undefined;
        await worker.stop(`The index did not open: ${String(error)}.`);
      });
    return worker;
  }

  /** Lets the worker go when it is not needed; answers whether one runs still. */
  async #letGo(): Promise<boolean> {
    const { clock } = this.#options;
    const isIdle = this.#worker?.isBusy === false && clock.now() - this.#lastAsked >= workerIdleMs;
    if (isIdle) await this.#stop('The index was idle.');
    return this.#worker !== undefined;
  }

  async #stop(why: string): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.stop(why);
  }
}
