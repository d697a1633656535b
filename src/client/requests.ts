import { ParleyError } from '../contract/errors';
import { takesKey } from '../contract/keyedOperations';
import type { OperationName } from '../contract/operations';
import type { Clock } from './clock';
import type { ToolProgress } from '../contract/wire';
import type { RequestOptions } from '../transport/rpcPeer';
import type { Link } from './link';
import type { AskOptions } from './options';

/** As the rpc door answers an operation. */
export interface RawAnswer {
  readonly output: object;
  readonly delivery?: string;
}

interface Waiting {
  readonly operation: OperationName;
  readonly input: Readonly<Record<string, unknown>>;
  readonly askedAt: number;
  readonly options: AskOptions;
  readonly abort: () => void;
  readonly resolve: (answer: RawAnswer) => void;
  readonly reject: (error: unknown) => void;
  /** The link it was sent over last. */
  link?: Link;
  giveUp?: () => void;
}

/** A second time this would do something else than the first, and no key tells the two apart. */
const once: ReadonlySet<OperationName> = new Set(['stop']);

/**
 * The requests that wait for an answer. They outlive the link they were sent over: over the next one they are sent again,
 * with the same key, so that what was done is done once.
 */
export class Requests {
  readonly #waiting = new Set<Waiting>();
  readonly #clock: Clock;
  readonly #patience: number;
  readonly #newKey: () => string;
  #link: Link | undefined;

  constructor(clock: Clock, patience: number, newKey: () => string) {
    this.#clock = clock;
    this.#patience = patience;
    this.#newKey = newKey;
  }

  get size(): number {
    return this.#waiting.size;
  }

  add(operation: OperationName, input: object, options: AskOptions = {}): Promise<RawAnswer> {
    const { signal } = options;
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason as Error);
        return;
      }
      const waiting: Waiting = {
        operation,
        input: this.#withKey(operation, input),
        askedAt: this.#clock.now(),
        options,
        abort: () => this.#end(waiting, () => reject(signal?.reason as Error)),
        resolve,
        reject,
      };
      this.#waiting.add(waiting);
      signal?.addEventListener('abort', waiting.abort, { once: true });
      if (this.#link) this.#send(waiting, this.#link);
      else this.#awaitLink(waiting);
    });
  }

  /** A link stands: everything that waits is sent over it. */
  linked(link: Link): void {
    this.#link = link;
    for (const waiting of [...this.#waiting]) this.#send(waiting, link);
  }

  /** The link is gone: what can be repeated waits for the next one. */
  unlinked(): void {
    this.#link = undefined;
    for (const waiting of [...this.#waiting]) {
      if (waiting.link && once.has(waiting.operation)) {
        this.#end(waiting, () => waiting.reject(new ParleyError('broker_gone')));
      } else this.#awaitLink(waiting);
    }
  }

  rejectAll(error: ParleyError): void {
    for (const waiting of [...this.#waiting]) this.#end(waiting, () => waiting.reject(error));
  }

  #send(waiting: Waiting, link: Link): void {
    waiting.giveUp?.();
    delete waiting.giveUp;
    waiting.link = link;
    link.request<RawAnswer>(waiting.operation, this.#inputNow(waiting), requestOptions(waiting.options)).then(
      (answer) => this.#end(waiting, () => waiting.resolve(answer)),
      (error: unknown) => {
        // A link that went does not answer for the request: `unlinked` decides what becomes of it.
        if (this.#link === link && link.isOpen) this.#end(waiting, () => waiting.reject(error));
      },
    );
  }

  #awaitLink(waiting: Waiting): void {
    waiting.giveUp ??= this.#clock.after(this.#patience, () =>
      this.#end(waiting, () => waiting.reject(new ParleyError('broker_gone'))),
    );
  }

  #end(waiting: Waiting, settle: () => void): void {
    if (!this.#waiting.delete(waiting)) return;
    waiting.giveUp?.();
    waiting.options.signal?.removeEventListener('abort', waiting.abort);
    settle();
  }

  #withKey(operation: OperationName, input: object): Readonly<Record<string, unknown>> {
    const given: Record<string, unknown> = { ...input };
    if (takesKey(operation) && given['key'] === undefined) given['key'] = this.#newKey();
    return given;
  }

  /** The input as it is sent now: of the wait, only what is left. */
  #inputNow(waiting: Waiting): object {
    const wait = waiting.input['wait'];
    const gone = (this.#clock.now() - waiting.askedAt) / 1000;
    return typeof wait === 'number' && gone > 0.05
      ? { ...waiting.input, wait: Math.max(0, wait - gone) }
      : waiting.input;
  }
}

/** The wire says of progress what it likes; it is believed no further than it is used. */
function requestOptions({ signal, progress }: AskOptions): RequestOptions {
  return { ...(signal && { signal }), ...(progress && { progress: (value) => progress(value as ToolProgress) }) };
}
