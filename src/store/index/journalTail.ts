import { StoreError } from '../errors';
import type { Files } from '../files';
import { decodeRecord, maxRecordBytes } from '../record';
import { parseSegmentName } from '../segment';
import type { StoredEvent } from '../storedEvent';

/** Read at once; a longer record is asked for again with room for the longest. */
const chunkBytes = 256 * 1024;

/** Follows the journal by reading its files, so that the broker's own thread spends nothing on it. */
export class JournalTail {
  readonly #files: Files;
  readonly #folder: string;
  /** The offset that comes next. */
  #next: number;
  #segment: { name: string; epoch: number; position: number } | undefined;

  constructor(files: Files, folder: string, next: number) {
    this.#files = files;
    this.#folder = folder;
    this.#next = next;
  }

  /**
   * Everything up to `upTo`, which MUST be durable, in pieces. `segments` are those of the manifest, by name.
   *
   * @throws StoreError `storage_damaged` when an event cannot be read.
   */
  async *read(upTo: number, segments: readonly string[]): AsyncGenerator<StoredEvent[]> {
    // Erasing deletes segments: the one that was read last may be gone.
    if (this.#segment && !segments.includes(this.#segment.name)) this.#segment = undefined;
    while (this.#next <= upTo) {
      this.#segment ??= this.#find(segments);
      const events = await this.#readChunk(this.#segment, upTo);
      if (events.length > 0) yield events;
      else if (this.#next <= upTo) this.#segment = this.#find(segments, this.#segment.name);
    }
  }

  /** The segment that holds the next offset. `ended` is the one that has just been read to its end. */
  #find(segments: readonly string[], ended?: string): { name: string; epoch: number; position: number } {
    let found: { name: string; epoch: number; position: number } | undefined;
    for (const name of segments) {
      const parsed = parseSegmentName(name);
      if (parsed && parsed.first <= this.#next) found = { name, epoch: parsed.epoch, position: 0 };
    }
    if (!found || found.name === ended) {
      throw new StoreError('storage_damaged', `The journal does not have event ${this.#next}.`);
    }
    return found;
  }

  /** The events of the next chunk that are still wanted; none at the end of the segment. */
  async #readChunk(segment: { name: string; epoch: number; position: number }, upTo: number): Promise<StoredEvent[]> {
    for (const length of [chunkBytes, maxRecordBytes]) {
      const bytes = await this.#files.readRange(`${this.#folder}/${segment.name}`, segment.position, length);
      const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const events: StoredEvent[] = [];
      let position = 0;
      while (this.#next <= upTo) {
        const found = decodeRecord(chunk, position);
        if (found.kind !== 'record' || found.epoch !== segment.epoch || found.event.offset > this.#next) break;
        position = found.next;
        if (found.event.offset < this.#next) continue;
        events.push(found.event);
        this.#next++;
      }
      segment.position += position;
      if (events.length > 0) return events;
      // Only events from before were in it: go on behind them.
      if (position > 0) return this.#readChunk(segment, upTo);
    }
    return [];
  }
}
