import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeRecord,
  encodeRecord,
  joinBatch,
  maxPayloadBytes,
  maxRecordBytes,
  prepareRecord,
} from '../../../src/store/record';
import { parseSegmentName, scanSegment, segmentName } from '../../../src/store/segment';
import type { StoredEvent } from '../../../src/store/storedEvent';
import { testEvents } from '../../support/faultsStore';

function encoded(event: StoredEvent, epoch = 3, synced = 0): Buffer {
  const record = prepareRecord(event);
  if (!record) throw new Error('too large');
  const bytes = Buffer.alloc(record.bytes);
  expect(encodeRecord(record, epoch, synced, bytes, 0)).toBe(record.bytes);
  return bytes;
}

const anyEvent = fc.record({
  offset: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  time: fc.integer({ min: 0, max: 8_640_000_000_000_000 }),
  origin: fc.string({ unit: 'binary', maxLength: 60 }),
  type: fc.string({ unit: 'binary', maxLength: 60 }),
  payload: fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()),
});

describe('a record', () => {
  it('gives back any event that it was made of', () => {
    fc.assert(
      fc.property(anyEvent, fc.nat(), (event, epoch) => {
        const expected = JSON.parse(JSON.stringify(event)) as StoredEvent;
        const bytes = encoded(event, epoch, event.offset - 1);
        const found = decodeRecord(bytes, 0);
        expect(found).toEqual({
          kind: 'record',
          event: expected,
          followed: false,
          epoch,
          synced: event.offset - 1,
          next: bytes.length,
        });
      }),
    );
  });

  it('is refused when a text or the payload is longer than its length can say or the bound allows', () => {
    const [event] = testEvents(1, 1);
    if (!event) throw new Error('no event');
    expect(prepareRecord({ ...event, type: 'x'.repeat(256) })).toBeUndefined();
    expect(prepareRecord({ ...event, origin: 'ü'.repeat(128) })).toBeUndefined();
    expect(prepareRecord({ ...event, payload: { text: 'x'.repeat(maxPayloadBytes) } })).toBeUndefined();
    const largest = prepareRecord({
      ...event,
      type: 'x'.repeat(255),
      origin: 'x'.repeat(255),
      payload: { text: 'x'.repeat(maxPayloadBytes - '{"text":""}'.length) },
    });
    expect(largest?.bytes).toBe(maxRecordBytes);
  });

  it('is not read when it claims to be longer than any record may be', () => {
    const bytes = encoded({ offset: 1, time: 1, origin: '', type: '', payload: {} });
    bytes.writeUInt32LE(0xffffffff, 8);
    expect(decodeRecord(bytes, 0)).toEqual({ kind: 'bad' });
  });
});

describe('the name of a segment', () => {
  it('says its first offset and epoch, and sorts by offset', () => {
    expect(parseSegmentName(segmentName(42, 7))).toEqual({ first: 42, epoch: 7 });
    expect([segmentName(100, 1), segmentName(99, 2)].sort()).toEqual([segmentName(99, 2), segmentName(100, 1)]);
    expect(parseSegmentName('00000000000000000042-7.log.tmp')).toBeUndefined();
  });
});

describe('the end of a segment', () => {
  const events = testEvents(1, 4);
  const records = events.map((event, index) => encoded(event, 1, index < 2 ? 0 : 2));
  const whole = Buffer.concat([...records, Buffer.alloc(500)]);
  const third = records.slice(0, 2).reduce((sum, record) => sum + record.length, 0);

  it('is clean where only zeros follow', () => {
    expect(scanSegment(whole, 1, 1, 0)).toEqual({ events, length: whole.length - 500, end: { kind: 'clean' } });
  });

  it('is torn where nothing says that the unreadable was ever synced', () => {
    const torn = Buffer.from(whole);
    torn.fill(0, third, third + 8);
    expect(scanSegment(torn, 1, 1, 2)).toMatchObject({ length: third, end: { kind: 'torn', records: 1 } });
  });

  it('is damage where a later record, or another file, says that it was', () => {
    const first = Buffer.from(whole);
    first.fill(0, 0, 8);
    expect(scanSegment(first, 1, 1, 0).end).toEqual({ kind: 'damaged', readableAfter: 3 });
    const torn = Buffer.from(whole);
    torn.fill(0, third, third + 8);
    expect(scanSegment(torn, 1, 1, 3).end).toEqual({ kind: 'damaged', readableAfter: 1 });
    expect(scanSegment(whole, 1, 1, 5).end).toEqual({ kind: 'damaged', readableAfter: 0 });
  });
});

describe('a batch of records', () => {
  const events = testEvents(1, 5);

  /** Two single events and a batch of three, and where each begins. */
  function segment(): { bytes: Buffer; begins: number[] } {
    const records = events.map((event) => prepareRecord(event)).filter((record) => record !== undefined);
    joinBatch(records.slice(2), 1 << 20);
    const bytes = Buffer.alloc(4096);
    let end = 0;
    const begins = records.map((record, index) => {
      const begin = end;
      end = encodeRecord(record, 1, index < 2 ? 0 : 2, bytes, end);
      return begin;
    });
    return { bytes, begins: [...begins, end] };
  }

  it('counts as a whole, or not at all when any of its bytes is missing', () => {
    const { bytes, begins } = segment();
    expect(scanSegment(bytes, 1, 1, 0)).toEqual({ events, length: begins[5], end: { kind: 'clean' } });
    const [batch = 0, end = 0] = [begins[2], begins[5]];
    for (let cut = batch + 1; cut < end; cut++) {
      const torn = Buffer.from(bytes);
      torn.fill(0, cut);
      // The last bytes of a checksum may have been zero anyway.
      if (torn.equals(bytes)) continue;
      expect(scanSegment(torn, 1, 1, 2)).toMatchObject({
        events: events.slice(0, 2),
        length: batch,
        end: { kind: 'torn' },
      });
    }
  });

  it('is damage, not a torn write, when something says that it was durable', () => {
    const { bytes, begins } = segment();
    bytes.fill(0, begins[4]);
    for (const known of [3, 4, 5]) {
      expect(scanSegment(bytes, 1, 1, known)).toMatchObject({ length: begins[2], end: { kind: 'damaged' } });
    }
  });

  it('stays single records when no segment could hold it', () => {
    const records = events.map((event) => prepareRecord(event)).filter((record) => record !== undefined);
    const bytes = records.reduce((sum, record) => sum + record.bytes, 0);
    expect(joinBatch(records, bytes - 1)).toBe(bytes);
    expect(records.every((record) => record.batchBytes === record.bytes)).toBe(true);
    joinBatch(records, bytes);
    expect(records[0]?.batchBytes).toBe(bytes);
    expect(records[4]?.batchBytes).toBe(records[4]?.bytes);
  });
});
