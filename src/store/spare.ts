import type { Clock } from './clock';
import { type StoreError, asStoreError, isPassing } from './errors';
import { type Files, type OpenFile, unlinkIfThere, writeFully } from './files';
import { type Layout, sparePath } from './layout';

/** How long a refused preparation waits before it is tried again. */
export const spareRetryMs = 1000;
/** Zeros are written in steps of this size. */
const stepBytes = 512 * 1024;

export interface SpareOptions {
  readonly files: Files;
  readonly layout: Layout;
  readonly clock: Clock;
  /** Size of a segment. */
  readonly bytes: number;
  /** Called when a spare has become ready. */
  readonly onReady: () => void;
  /** Called once for a failure that does not pass by itself. */
  readonly onFailure: (error: StoreError) => void;
}

type State =
  | { kind: 'none' }
  | { kind: 'preparing'; done: Promise<void>; refused: StoreError | undefined }
  | { kind: 'ready'; file: OpenFile }
  | { kind: 'refused'; error: StoreError; cancelRetry: () => void }
  | { kind: 'closed' };

/**
 * One segment's worth of real blocks, written and synced before they are needed. A full disk shows here, where nothing
 * has been accepted yet, and a sync of the journal never has to allocate.
 */
export class SpareSegment {
  readonly #options: SpareOptions;
  #state: State = { kind: 'none' };

  constructor(options: SpareOptions) {
    this.#options = options;
  }

  /** Why there is no room for another segment, while that is so: also while it is tried again. */
  get refusal(): StoreError | undefined {
    if (this.#state.kind === 'preparing') return this.#state.refused;
    return this.#state.kind === 'refused' ? this.#state.error : undefined;
  }

  /** Starts preparing unless that is under way or done. Resolves when it ended, either way. */
  prepare(): Promise<void> {
    switch (this.#state.kind) {
      case 'preparing':
        return this.#state.done;
      case 'ready':
      case 'closed':
        return Promise.resolve();
      case 'refused':
        this.#state.cancelRetry();
        break;
      case 'none':
        break;
    }
    const refused = this.refusal;
    const done = this.#prepare();
    this.#state = { kind: 'preparing', done, refused };
    return done;
  }

  /** Hands the spare over, if there is one. Its file is still at `sparePath`. */
  take(): OpenFile | undefined {
    if (this.#state.kind !== 'ready') return undefined;
    const { file } = this.#state;
    this.#state = { kind: 'none' };
    return file;
  }

  async close(): Promise<void> {
    const state = this.#state;
    this.#state = { kind: 'closed' };
    if (state.kind === 'refused') state.cancelRetry();
    if (state.kind === 'preparing') await state.done;
    if (state.kind !== 'ready') return;
    await state.file.close();
    await unlinkIfThere(this.#options.files, sparePath(this.#options.layout));
  }

  async #prepare(): Promise<void> {
    const { files, layout, bytes, clock, onReady, onFailure } = this.#options;
    const path = sparePath(layout);
    let file: OpenFile | undefined;
    try {
      await unlinkIfThere(files, path);
      file = await files.open(path, 'create');
      const zeros = new Uint8Array(Math.min(stepBytes, bytes));
      for (let at = 0; at < bytes; at += zeros.length) {
        await writeFully(file, zeros.subarray(0, Math.min(zeros.length, bytes - at)), at);
      }
      await file.sync();
      if (this.#isClosed()) {
        await this.#discard(file, path);
        return;
      }
      this.#state = { kind: 'ready', file };
    } catch (cause) {
      await this.#discard(file, path).catch(() => undefined);
      if (this.#isClosed()) return;
      const error = asStoreError(cause, 'make room for the journal');
      if (isPassing(error)) {
        const cancelRetry = clock.after(spareRetryMs, () => void this.prepare());
        this.#state = { kind: 'refused', error, cancelRetry };
      } else {
        this.#state = { kind: 'closed' };
        onFailure(error);
      }
      return;
    }
    onReady();
  }

  #isClosed(): boolean {
    return this.#state.kind === 'closed';
  }

  async #discard(file: OpenFile | undefined, path: string): Promise<void> {
    await file?.close();
    await unlinkIfThere(this.#options.files, path);
  }
}
