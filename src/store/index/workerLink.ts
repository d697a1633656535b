import { StoreError } from '../errors';
import type { ArchiveEntry } from '../manifest';
import type { Store } from '../store';
import type { IndexAskKind, IndexAsks, IndexPort, IndexReply, IndexRequest } from './protocol';

interface Waiting {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: StoreError) => void;
}

/** One worker and the questions that it has not answered yet. */
export class WorkerLink {
  readonly #store: Store;
  readonly #port: IndexPort;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  /** The archives that the worker was told of. */
  #told: readonly ArchiveEntry[] | undefined;
  #gone: string | undefined;

  /** `onGone` is told once when the worker ended by itself. */
  constructor(store: Store, port: IndexPort, onGone: (why: string) => void) {
    this.#store = store;
    this.#port = port;
    port.onReply((reply) => this.#settle(reply));
    port.onGone((why) => {
      this.#end(`The index stopped: ${why}.`);
      onGone(why);
    });
  }

  get isBusy(): boolean {
    return this.#waiting.size > 0;
  }

  /** Answers with everything that is durable now. @throws StoreError */
  post<K extends IndexAskKind>(kind: K, ask: IndexAsks[K]['ask']): Promise<IndexAsks[K]['answer']> {
    if (this.#gone !== undefined) return Promise.reject(new StoreError('index_failed', this.#gone));
    const { durableOffset, manifest } = this.#store;
    const segments = manifest.segments.map((segment) => segment.name);
    // The worker opens the index first, then it has a use for archives.
    const archives = kind === 'open' || manifest.archives === this.#told ? undefined : manifest.archives;
    if (archives) this.#told = archives;
    const id = ++this.#lastId;
    return new Promise<IndexAsks[K]['answer']>((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as Waiting['resolve'], reject });
      this.#port.post({ id, kind, ask, upTo: durableOffset, segments, archives } as IndexRequest);
    });
  }

  /** Ends the worker; what it has not answered fails. */
  async stop(why: string): Promise<void> {
    await this.#port.stop();
    this.#end(why);
  }

  #settle(reply: IndexReply): void {
    const one = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (reply.ok) one?.resolve(reply.answer);
    else one?.reject(StoreError.told(reply.code, reply.message, reply.facts));
  }

  #end(why: string): void {
    this.#gone ??= why;
    for (const one of this.#waiting.values()) one.reject(new StoreError('index_failed', why));
    this.#waiting.clear();
  }
}
