import { crc32 } from 'node:zlib';
import type { StoredEvent } from './storedEvent';

/**
 * One journal record, little endian:
 *
 *      0  u32  magic "PLJ1"
 *      4  u8   version of the record
 *      5  u8   bytes of the type
 *      6  u8   bytes of the origin
 *      7  u8   1 when the next record belongs to the same command, else 0
 *      8  u32  bytes of the payload
 *     12  u32  epoch: which start of the broker wrote it
 *     16  u64  offset
 *     24  u64  time, ms
 *     32  u64  the highest offset that was synced when this record was written
 *     40  type, origin, payload (JSON, UTF-8)
 *      …  u32  CRC-32 of everything before
 *
 * The synced offset tells a torn write from damage: a record that cannot be read was once durable if, and only if, a
 * later one says so.
 *
 * The events of one command are one batch: all of them count or none. A batch whose last record (0 at byte 7) is not there
 * is a torn write. Programs before this wrote 0 in every record: there each is a batch of its own.
 */
export const recordVersion = 1;
const magic = 0x314a4c50;
const magicBytes = Buffer.from('PLJ1');
const headerBytes = 40;
const checksumBytes = 4;

/** Bytes of JSON that one event may have: a message of 64 KiB, escaped at worst (6 times), with its refs. */
export const maxPayloadBytes = 1024 * 1024;
/** Bytes that one record may have. */
export const maxRecordBytes = headerBytes + 255 + 255 + maxPayloadBytes + checksumBytes;

/** An event with its texts already in bytes, so that its size is known when it is accepted. */
export interface PreparedRecord {
  readonly offset: number;
  readonly time: number;
  readonly type: string;
  readonly origin: string;
  readonly payload: string;
  readonly typeBytes: number;
  readonly originBytes: number;
  readonly payloadBytes: number;
  /** Length of the whole record. */
  readonly bytes: number;
  /** Bytes of this record and of those that follow in its batch; `bytes` in the last one. */
  batchBytes: number;
}

/**
 * Makes these records one batch, to be written with one write.
 *
 * @returns its bytes. With more than `most` they stay single: no segment could hold the batch.
 */
export function joinBatch(records: readonly PreparedRecord[], most: number): number {
  const bytes = records.reduce((sum, record) => sum + record.bytes, 0);
  if (records.length < 2 || bytes > most) return bytes;
  let left = bytes;
  for (const record of records) {
    record.batchBytes = left;
    left -= record.bytes;
  }
  return bytes;
}

/** Whether the next record belongs to the same batch. */
export function isFollowed(record: PreparedRecord): boolean {
  return record.batchBytes > record.bytes;
}

/** Measures an event; answers nothing when a part of it is larger than a record can hold. */
export function prepareRecord(event: StoredEvent): PreparedRecord | undefined {
  const payload = JSON.stringify(event.payload);
  const typeBytes = Buffer.byteLength(event.type);
  const originBytes = Buffer.byteLength(event.origin);
  const payloadBytes = Buffer.byteLength(payload);
  if (typeBytes > 255 || originBytes > 255 || payloadBytes > maxPayloadBytes) return undefined;
  const { offset, time, type, origin } = event;
  const bytes = headerBytes + typeBytes + originBytes + payloadBytes + checksumBytes;
  return { offset, time, type, origin, payload, typeBytes, originBytes, payloadBytes, bytes, batchBytes: bytes };
}

/** Writes a record into `target` at `position`; answers where the next one goes. */
export function encodeRecord(
  record: PreparedRecord,
  epoch: number,
  synced: number,
  target: Buffer,
  position: number,
): number {
  target.writeUInt32LE(magic, position);
  target[position + 4] = recordVersion;
  target[position + 5] = record.typeBytes;
  target[position + 6] = record.originBytes;
  target[position + 7] = isFollowed(record) ? 1 : 0;
  target.writeUInt32LE(record.payloadBytes, position + 8);
  target.writeUInt32LE(epoch, position + 12);
  writeWhole(target, record.offset, position + 16);
  writeWhole(target, record.time, position + 24);
  writeWhole(target, synced, position + 32);
  let at = position + headerBytes;
  at += target.write(record.type, at);
  at += target.write(record.origin, at);
  at += target.write(record.payload, at);
  return target.writeUInt32LE(crc32(target.subarray(position, at)), at);
}

/** A whole number below 2 ** 53 as u64: without the three objects that big numbers make of it. */
function writeWhole(target: Buffer, value: number, position: number): void {
  target.writeUInt32LE(value % 2 ** 32, position);
  target.writeUInt32LE(Math.floor(value / 2 ** 32), position + 4);
}

/** What stands at one position of a segment. */
export type Decoded =
  /** `followed`: the next record belongs to the same batch. */
  | { kind: 'record'; event: StoredEvent; followed: boolean; epoch: number; synced: number; next: number }
  /** A whole record of a version that this program does not know. */
  | { kind: 'newer'; version: number }
  | { kind: 'bad' };

const bad: Decoded = { kind: 'bad' };

/** Reads the record at `position`. Lengths are held against their bounds before anything is taken. */
export function decodeRecord(bytes: Buffer, position: number): Decoded {
  if (position + headerBytes + checksumBytes > bytes.length) return bad;
  if (bytes.readUInt32LE(position) !== magic) return bad;
  const version = bytes.readUInt8(position + 4);
  const typeEnd = position + headerBytes + bytes.readUInt8(position + 5);
  const originEnd = typeEnd + bytes.readUInt8(position + 6);
  const payloadBytes = bytes.readUInt32LE(position + 8);
  if (payloadBytes > maxPayloadBytes) return bad;
  const end = originEnd + payloadBytes;
  if (end + checksumBytes > bytes.length) return bad;
  if (bytes.readUInt32LE(end) !== crc32(bytes.subarray(position, end))) return bad;
  if (version !== recordVersion) return version > recordVersion ? { kind: 'newer', version } : bad;
  const payload = parseObject(bytes.toString('utf8', originEnd, end));
  if (payload === undefined) return bad;
  return {
    kind: 'record',
    event: {
      offset: Number(bytes.readBigUInt64LE(position + 16)),
      time: Number(bytes.readBigUInt64LE(position + 24)),
      origin: bytes.toString('utf8', typeEnd, originEnd),
      type: bytes.toString('utf8', position + headerBytes, typeEnd),
      payload,
    },
    followed: bytes.readUInt8(position + 7) === 1,
    epoch: bytes.readUInt32LE(position + 12),
    synced: Number(bytes.readBigUInt64LE(position + 32)),
    next: end + checksumBytes,
  };
}

/** The next position at or after `from` where a record might begin, or -1. */
export function findMagic(bytes: Buffer, from: number): number {
  return bytes.indexOf(magicBytes, from);
}

function parseObject(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
