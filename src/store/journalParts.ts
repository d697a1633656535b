import type { StoreError } from './errors';
import type { SegmentEntry } from './manifest';
import { type PreparedRecord, isFollowed } from './record';
import type { SegmentWriter } from './segmentWriter';

/** Somebody who waits until everything up to `offset` is safe. */
export interface Waiter {
  readonly offset: number;
  readonly resolve: () => void;
  readonly reject: (error: StoreError) => void;
}

/** Resolves the waiters that `last` satisfies and answers the others. */
export function settle(waiters: Waiter[], last: number): Waiter[] {
  if (waiters.length === 0) return waiters;
  const rest: Waiter[] = [];
  for (const waiter of waiters) {
    if (waiter.offset <= last) waiter.resolve();
    else rest.push(waiter);
  }
  return rest;
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
