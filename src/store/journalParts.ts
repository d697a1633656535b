import type { Clock } from './clock';
import type { StoreError } from './errors';
import type { Files } from './files';
import type { Layout } from './layout';
import type { ManifestFile, SegmentEntry } from './manifest';
import { type PreparedRecord, isFollowed } from './record';
import type { SegmentWriter } from './segmentWriter';

/** `fsync`: acknowledged means on disk. `os`: acknowledged means with the operating system; a power cut may lose it. */
export type Durability = 'fsync' | 'os';

export interface JournalOptions {
  readonly files: Files;
  readonly layout: Layout;
  readonly manifest: ManifestFile;
  readonly clock: Clock;
  readonly durability: Durability;
  /** Which start of the broker this is. */
  readonly epoch: number;
  /** Offset of the last event that is on disk. */
  readonly last: number;
  /** Size of a segment. */
  readonly segmentBytes: number;
  /** Called once, when the journal has failed and will acknowledge nothing more. */
  readonly onFailure: (error: StoreError) => void;
}

interface Waiter {
  readonly offset: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Those who wait until everything up to an offset is safe. */
export class Waiters {
  #waiting: Waiter[] = [];

  get size(): number {
    return this.#waiting.length;
  }

  /** Resolves when {@link settle} was told this offset or a later one. */
  wait(offset: number): Promise<void> {
    return new Promise((resolve, reject) => this.#waiting.push({ offset, resolve, reject }));
  }

  /** Everything up to `last` is safe. */
  settle(last: number): void {
    if (this.#waiting.length === 0) return;
    const rest: Waiter[] = [];
    for (const waiter of this.#waiting) {
      if (waiter.offset <= last) waiter.resolve();
      else rest.push(waiter);
    }
    this.#waiting = rest;
  }

  rejectAll(error: unknown): void {
    for (const waiter of this.#waiting.splice(0)) waiter.reject(error);
  }
}

/** The segments with the one of `writer` made final, or gone if nothing is in it. */
export function withFinal(segments: readonly SegmentEntry[], writer: SegmentWriter | undefined): SegmentEntry[] {
  return segments.flatMap((entry) => {
    if (!writer || entry.name !== writer.entry.name) return [entry];
    return writer.isEmpty ? [] : [writer.finalEntry()];
  });
}

/** How many of these records go into `most` bytes without a batch being torn; the first batch always does. */
export function wholeBatches(queue: readonly PreparedRecord[], most: number): { count: number; bytes: number } {
  let bytes = 0;
  let count = 0;
  let isBatchOpen = false;
  for (const record of queue) {
    if (count > 0 && !isBatchOpen && bytes + record.batchBytes > most) break;
    isBatchOpen = isFollowed(record);
    bytes += record.bytes;
    count++;
  }
  return { count, bytes };
}
