import { StoreError } from './errors';
import { decodeRecord, findMagic } from './record';
import type { StoredEvent } from './storedEvent';

/** Bytes that a segment is given before it is used. */
export const segmentBytes = 8 * 1024 * 1024;
/** A segment file longer than this is not read: no writer makes one. */
export const maxSegmentFileBytes = 64 * 1024 * 1024;

/** `00000000000000000042-7.log`: first offset 42, written by epoch 7. The digits make names sort as offsets do. */
export function segmentName(first: number, epoch: number): string {
  return `${String(first).padStart(20, '0')}-${epoch}.log`;
}

/** First offset and epoch out of a segment's name, or nothing if it is not one. */
export function parseSegmentName(name: string): { first: number; epoch: number } | undefined {
  const match = /^(\d{20})-(\d+)\.log$/.exec(name);
  return match ? { first: Number(match[1]), epoch: Number(match[2]) } : undefined;
}

/** What reading a segment from its beginning gave. */
export interface SegmentScan {
  /** The readable prefix, in order and without a gap, up to the end of a batch. */
  readonly events: StoredEvent[];
  /** Bytes of that prefix. */
  readonly length: number;
  readonly end: SegmentEnd;
}

export type SegmentEnd =
  /** Nothing but the zeros of preallocation follows. */
  | { kind: 'clean' }
  /** A write was cut short and never acknowledged: this many bytes, holding this many readable records, go. */
  | { kind: 'torn'; bytes: number; records: number }
  /** Something that was durable cannot be read. */
  | { kind: 'damaged'; readableAfter: number };

/**
 * Reads a segment. `known` is the highest offset that some other file proves to have been durable.
 *
 * What cannot be read is a torn write only when nothing proves that it was ever synced: not `known`, and no readable
 * record behind it. A power cut may let the later pages of one unsynced write reach the disk without the earlier.
 *
 * @throws StoreError `home_too_new` for a record of a newer version.
 */
export function scanSegment(bytes: Buffer, first: number, epoch: number, known: number): SegmentScan {
  const events: StoredEvent[] = [];
  let position = 0;
  let expected = first;
  /** Where the batch began that has not ended yet. */
  let batch: { position: number; expected: number } | undefined;
  for (;;) {
    const found = decodeRecord(bytes, position);
    if (found.kind === 'newer') {
      throw new StoreError('home_too_new', `The journal has records of version ${found.version}.`);
    }
    if (found.kind === 'bad' || found.epoch !== epoch || found.event.offset !== expected) break;
    events.push(found.event);
    batch = found.followed ? (batch ?? { position, expected }) : undefined;
    position = found.next;
    expected++;
  }
  if (batch) {
    // All of a command or nothing of it: a batch is one write, so that none of it was durable before all was.
    ({ position, expected } = batch);
    events.length = expected - first;
  }
  const lastByte = lastNonZero(bytes, position);
  if (lastByte < position) {
    return {
      events,
      length: position,
      end: expected > known ? { kind: 'clean' } : { kind: 'damaged', readableAfter: 0 },
    };
  }
  let records = 0;
  let provenDurable = expected <= known;
  for (let at = findMagic(bytes, position); at >= 0;) {
    const found = decodeRecord(bytes, at);
    if (found.kind === 'record' && found.epoch === epoch && found.event.offset >= expected) {
      records++;
      if (found.synced >= expected) provenDurable = true;
      at = findMagic(bytes, found.next);
    } else {
      at = findMagic(bytes, at + 1);
    }
  }
  const end: SegmentEnd = provenDurable
    ? { kind: 'damaged', readableAfter: records }
    : { kind: 'torn', bytes: lastByte - position + 1, records };
  return { events, length: position, end };
}

/** Position of the last byte that is not zero, at or after `from`; less than `from` when there is none. */
function lastNonZero(bytes: Buffer, from: number): number {
  let end = bytes.length;
  const zeros = Buffer.alloc(64 * 1024);
  while (end - from >= zeros.length && bytes.compare(zeros, 0, zeros.length, end - zeros.length, end) === 0) {
    end -= zeros.length;
  }
  while (end > from && bytes[end - 1] === 0) end--;
  return end - 1;
}
