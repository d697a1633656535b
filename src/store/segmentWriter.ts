import { createHash } from 'node:crypto';
import { type OpenFile, writeFullyNow } from './files';
import type { SegmentEntry } from './manifest';
import { type PreparedRecord, encodeRecord } from './record';

/** What is hashed at once: for every record alone, the way into the hash costs more than the hash. */
const hashedBytes = 64 * 1024;

/** The segment that is being written. */
export class SegmentWriter {
  readonly file: OpenFile;
  readonly entry: SegmentEntry;
  readonly #bytes: number;
  readonly #hash = createHash('sha256');
  /** Written and not hashed yet. */
  readonly #unhashed = Buffer.allocUnsafe(hashedBytes);
  #unhashedBytes = 0;
  #length = 0;
  #last: number;

  constructor(file: OpenFile, entry: SegmentEntry, bytes: number) {
    this.file = file;
    this.entry = entry;
    this.#bytes = bytes;
    this.#last = entry.first - 1;
  }

  /** Bytes that are left. */
  get room(): number {
    return this.#bytes - this.#length;
  }

  get length(): number {
    return this.#length;
  }

  get isEmpty(): boolean {
    return this.#length === 0;
  }

  /** Writes records that MUST fit, in one go; `scratch` MUST hold them. After an error the segment is not to be used. */
  write(records: readonly PreparedRecord[], synced: number, scratch: Buffer): void {
    let end = 0;
    for (const record of records) end = encodeRecord(record, this.entry.epoch, synced, scratch, end);
    const data = scratch.subarray(0, end);
    writeFullyNow(this.file, data, this.#length);
    this.#hashLater(data);
    this.#length += end;
    this.#last += records.length;
  }

  /** The entry when nothing more is added. May be asked for again after more was. */
  finalEntry(): SegmentEntry {
    this.#hashNow();
    const sha256 = this.#hash.copy().digest('hex');
    return { ...this.entry, final: { last: this.#last, length: this.#length, sha256 } };
  }

  #hashLater(data: Buffer): void {
    if (data.length > hashedBytes - this.#unhashedBytes) this.#hashNow();
    if (data.length > hashedBytes) this.#hash.update(data);
    else this.#unhashedBytes += data.copy(this.#unhashed, this.#unhashedBytes);
  }

  #hashNow(): void {
    this.#hash.update(this.#unhashed.subarray(0, this.#unhashedBytes));
    this.#unhashedBytes = 0;
  }
}
