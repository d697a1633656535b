import type { Change } from '../contract/wire';
import type { McpHost } from './host';
import type { After } from './repeat';
import { shownBy } from './resources';

/** Resources that one client may subscribe to at once. */
export const mostSubscriptions = 100;

/** Between two notices about one resource, in milliseconds: a thread that is spoken in fast is read anew four times a second. */
export const updatePause = 250;

/** Where notices go. */
export interface UpdateSink {
  updated(uri: string): void;
  listChanged(): void;
}

/**
 * Turns what changes for an agent into notices about the resources that its client subscribed to: at once after a pause,
 * and then at most one in each pause.
 */
export class Updates {
  readonly #host: McpHost;
  readonly #after: After;
  readonly #sink: UpdateSink;
  readonly #uris = new Set<string>();
  /** What was told a moment ago, and whether it has changed since. */
  readonly #resting = new Map<string, { again: boolean; readonly cancel: () => void }>();
  #endFollow: (() => void) | undefined;
  #isClosed = false;

  constructor(host: McpHost, after: After, sink: UpdateSink) {
    this.#host = host;
    this.#after = after;
    this.#sink = sink;
  }

  get size(): number {
    return this.#uris.size;
  }

  /** Tells of changes to the list of the resources too, from now on. */
  begin(): void {
    if (!this.#isClosed) this.#endFollow ??= this.#host.follow((change) => this.#changed(change));
  }

  subscribe(uri: string): void {
    this.#uris.add(uri);
    this.begin();
  }

  unsubscribe(uri: string): void {
    this.#uris.delete(uri);
  }

  /** Nobody looks now; what is subscribed to stays so. */
  pause(): void {
    this.#endFollow?.();
    this.#endFollow = undefined;
  }

  close(): void {
    this.#isClosed = true;
    this.pause();
    for (const { cancel } of this.#resting.values()) cancel();
    this.#resting.clear();
    this.#uris.clear();
  }

  #changed(change: Change): void {
    const { concerns, list } = shownBy(change);
    for (const uri of this.#uris) if (concerns(uri)) this.#tell(uri, () => this.#sink.updated(uri));
    if (list) this.#tell('', () => this.#sink.listChanged());
  }

  #tell(what: string, tell: () => void): void {
    const resting = this.#resting.get(what);
    if (resting) {
      resting.again = true;
      return;
    }
    const cancel = this.#after(updatePause, () => {
      const again = this.#resting.get(what)?.again === true;
      this.#resting.delete(what);
      if (again && (what === '' || this.#uris.has(what))) this.#tell(what, tell);
    });
    this.#resting.set(what, { again: false, cancel });
    tell();
  }
}
