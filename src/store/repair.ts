import { randomUUID } from 'node:crypto';
import { toCheckpoint } from '../core/checkpoint';
import { emptyState } from '../core/state';
import { encodeCheckpoint, writeCheckpoint } from './checkpoint';
import type { Clock } from './clock';
import { StoreError } from './errors';
import { type Files, replaceFile, unlinkIfThere } from './files';
import { type Layout, layoutOf, previousSnapshotName, snapshotName, writerMark } from './layout';
import { takeLock } from './lock';
import {
  type ArchiveEntry,
  type CoverEntry,
  type FoundManifest,
  type Manifest,
  type SegmentEntry,
  encodeManifest,
  findManifest,
  homeFormat,
  manifestName,
  sha256,
} from './manifest';
import { takeWriting } from './opening';
import type { Processes } from './processes';
import { encodeRecord, maxRecordBytes, prepareRecord } from './record';
import { type Recovered, recover } from './recovery';
import { foundManifest, readFile, salvage } from './repairFinding';
import { segmentBytes, segmentName } from './segment';
import type { StoredEvent } from './storedEvent';

/** What a repair found and did. */
export interface RepairReport {
  /** Something was wrong. */
  readonly changed: boolean;
  /** Offsets of events that are lost; a fact `gap.journaled` stands for each. */
  readonly gaps: readonly { readonly from: number; readonly to: number }[];
  /** Threads of which messages are certainly lost, as far as the events that are left tell, and how many. */
  readonly threads: readonly { readonly thread: string; readonly messages: number }[];
  /** The head state before this offset is lost: who was on the roster, which calls and threads were open. */
  readonly stateLostBefore?: number | undefined;
  /** Archives that were missing or damaged: what was said in them is lost, unless a backup has it. */
  readonly archives: readonly string[];
  /** Snapshots of the index and checkpoints that did not prove themselves; others stand for them. */
  readonly dropped: readonly string[];
  /** Damaged files as they were, by their names in `damaged/` of the home. */
  readonly kept: readonly string[];
}

export interface RepairOptions {
  readonly files: Files;
  /** Absolute path of the home. */
  readonly home: string;
  readonly processes: Processes;
  readonly clock: Clock;
}

/** A gap of more events than this is not filled: the head state begins anew behind it. */
const mostFilled = 200_000;

/**
 * Makes a damaged home writable again. The broker MUST NOT run. Damaged files are kept as they were in `damaged/`; what cannot
 * be read is lost, a fact stands in the place of each lost event, and every thread that was open then is archived. A home
 * without damage stays as it is.
 *
 * @throws StoreError `home_locked` while a broker runs, `home_too_new`, `storage_full`, `storage_failed`.
 */
export async function repairHome({ files, home, processes, clock }: RepairOptions): Promise<RepairReport> {
  const layout = layoutOf(home);
  const { journal, checkpoints, archives } = layout;
  for (const folder of [home, journal, checkpoints, archives]) await files.makeFolder(folder);
  const lock = await takeLock(files, layout.lock, processes);
  let mark: string | undefined;
  try {
    const found = await findManifest(files, home, journal);
    const epoch = await takeWriting(files, layout, found.manifest);
    mark = writerMark(layout, epoch);
    return await new Repair(files, layout, clock, epoch).run(found);
  } finally {
    if (mark !== undefined) await unlinkIfThere(files, mark).catch(() => undefined);
    await lock.release();
  }
}

type Covers = Pick<Manifest, 'checkpoints' | 'snapshots' | 'archives'>;

class Repair {
  readonly #files: Files;
  readonly #layout: Layout;
  readonly #clock: Clock;
  readonly #epoch: number;
  readonly #gaps: { from: number; to: number }[] = [];
  readonly #kept: string[] = [];
  #stateLostBefore: number | undefined;

  constructor(files: Files, layout: Layout, clock: Clock, epoch: number) {
    this.#files = files;
    this.#layout = layout;
    this.#clock = clock;
    this.#epoch = epoch;
  }

  async run(found: FoundManifest): Promise<RepairReport> {
    if (found.kind === 'new') return this.#report(false, found.manifest, found.manifest, []);
    let manifest = found.manifest;
    const seen = (await this.#recover(manifest)).damage;
    let damage = found.kind === 'lost' || seen !== undefined;
    if (found.kind === 'lost' || seen?.kind === 'manifest_behind') {
      await this.#keep(this.#layout.home, manifestName);
      manifest = { ...manifest, ...(await foundManifest(this.#files, this.#layout)) };
    }
    const before = manifest;
    manifest = { ...manifest, ...(await this.#proven(manifest)) };
    damage ||= (await this.#recover(manifest)).damage !== undefined;
    // What stands before the newest checkpoint no start looks at, but the index may still need it.
    const needed = manifest.segments.filter(({ final }) => (final?.last ?? Infinity) >= neededFrom(manifest));
    damage ||= (await salvage(this.#files, this.#layout, needed)).damaged.length > 0;
    const changed = damage || lostNames(before, manifest).length > 0;
    let events: readonly StoredEvent[] = [];
    if (damage) ({ manifest, events } = await this.#rebuild(manifest));
    if (changed) await this.#write(manifest);
    return this.#report(changed, before, manifest, events);
  }

  async #recover(manifest: Manifest): Promise<Recovered> {
    return (await recover(this.#files, this.#layout, { kind: 'found', manifest })).recovered;
  }

  /** Of what the manifest names beside the journal, what is there and proves itself; the other is put aside. */
  async #proven({ snapshots, checkpoints, archives }: Manifest): Promise<Covers> {
    const { home } = this.#layout;
    const there: string[] = [];
    for (const name of [snapshotName, previousSnapshotName]) {
      const bytes = await readFile(this.#files, `${home}/${name}`);
      if (bytes) there.push(sha256(bytes));
    }
    return {
      snapshots: snapshots.filter((entry) => there.includes(entry.sha256)),
      checkpoints: await this.#sound(this.#layout.checkpoints, checkpoints),
      archives: await this.#sound(this.#layout.archives, archives),
    };
  }

  async #sound<T extends CoverEntry | ArchiveEntry>(folder: string, entries: readonly T[]): Promise<T[]> {
    const sound: T[] = [];
    for (const entry of entries) {
      const bytes = await readFile(this.#files, `${folder}/${entry.name}`);
      if (bytes?.length === entry.length && sha256(bytes) === entry.sha256) sound.push(entry);
      else await this.#keep(folder, entry.name);
    }
    return sound;
  }

  /** Writes the journal anew out of all that can be read of it, with a fact in the place of each event that is lost. */
  async #rebuild(manifest: Manifest): Promise<{ manifest: Manifest; events: readonly StoredEvent[] }> {
    const { events: there, damaged } = await salvage(this.#files, this.#layout, manifest.segments);
    for (const name of damaged) await this.#keep(this.#layout.journal, name);
    const covers = [...manifest.checkpoints, ...manifest.snapshots].map(({ offset }) => offset);
    const offsets = [...there.keys()].sort((a, b) => a - b);
    const last = Math.max(0, offsets.at(-1) ?? 0, ...covers);
    let { checkpoints } = manifest;
    const newest = checkpoints[0]?.offset ?? 0;
    let first = Math.min(offsets[0] ?? last + 1, newest + 1);
    const begin = offsets[0] ?? last + 1;
    if (newest === 0 ? begin > 1 : begin - newest > mostFilled) {
      first = this.#stateLostBefore = begin;
      checkpoints = [await this.#emptyState(begin - 1, there.get(begin)?.origin ?? randomUUID())];
    }
    // The same for the first events of a segment that the index needs.
    const oldest = Math.max(neededFrom(manifest), Math.min(last + 1, ...manifest.segments.map((entry) => entry.first)));
    if (newest >= oldest && begin - oldest <= mostFilled) first = Math.min(first, oldest);
    const events: StoredEvent[] = [];
    for (let offset = first; offset <= last; offset++)
      events.push(there.get(offset) ?? this.#lost(offset, last, there));
    // The head state has passed these gaps, the index has not: once more at the end, where both close what is open.
    const [gap] = this.#gaps;
    if (gap && this.#gaps.every(({ from }) => from <= newest)) events.push(this.#gapAt(last + 1, gap, there));
    const rebuilt = { ...manifest, checkpoints, segments: await this.#writeSegments(events) };
    const { damage } = await this.#recover(rebuilt);
    if (damage) throw new StoreError('storage_damaged', `The repair has left ${damage.file} damaged (${damage.kind}).`);
    return { manifest: rebuilt, events };
  }

  /** Nobody is here and nothing goes on: the state from which what is left of the journal is replayed. */
  #emptyState(offset: number, home: string): Promise<CoverEntry> {
    const data = encodeCheckpoint({ offset, state: toCheckpoint({ ...emptyState(home), offset }) });
    return writeCheckpoint(this.#files, this.#layout.checkpoints, offset, data);
  }

  #lost(offset: number, last: number, there: ReadonlyMap<number, StoredEvent>): StoredEvent {
    let gap = this.#gaps.at(-1);
    if (!gap || offset > gap.to) {
      let to = offset;
      while (to < last && !there.has(to + 1)) to++;
      this.#gaps.push((gap = { from: offset, to }));
    }
    return this.#gapAt(offset, gap, there);
  }

  #gapAt(offset: number, gap: object, there: ReadonlyMap<number, StoredEvent>): StoredEvent {
    const [origin = ''] = [...there.values()].slice(0, 1).map((event) => event.origin);
    return { offset, time: this.#clock.now(), origin, type: 'gap.journaled', payload: { ...gap } };
  }

  /** Events in segments of this epoch, one after the other. */
  async #writeSegments(events: readonly StoredEvent[]): Promise<SegmentEntry[]> {
    const segments: SegmentEntry[] = [];
    const scratch = Buffer.allocUnsafe(maxRecordBytes);
    let records: Buffer[] = [];
    let bytes = 0;
    let begin = events[0]?.offset ?? 1;
    const flush = async (last: number): Promise<void> => {
      if (records.length === 0) return;
      const data = Buffer.concat(records);
      const name = segmentName(begin, this.#epoch);
      await replaceFile(this.#files, this.#layout.journal, name, data);
      const final = { last, length: data.length, sha256: sha256(data) };
      segments.push({ name, first: begin, epoch: this.#epoch, final });
      [records, bytes, begin] = [[], 0, last + 1];
    };
    for (const event of events) {
      const record = prepareRecord(event);
      if (!record) throw new StoreError('record_too_large', `Event ${event.offset} cannot be written again.`);
      if (bytes + record.bytes > segmentBytes) await flush(event.offset - 1);
      const end = encodeRecord(record, this.#epoch, event.offset, scratch, 0);
      records.push(Buffer.from(scratch.subarray(0, end)));
      bytes += end;
    }
    await flush(events.at(-1)?.offset ?? 0);
    return segments;
  }

  /** Copies a damaged file to where nobody changes it. */
  async #keep(folder: string, name: string): Promise<void> {
    const bytes = await readFile(this.#files, `${folder}/${name}`);
    const kept = `${this.#epoch}-${name}`;
    if (!bytes || this.#kept.includes(kept)) return;
    await this.#files.makeFolder(this.#layout.damaged);
    await replaceFile(this.#files, this.#layout.damaged, kept, Buffer.from(bytes));
    this.#kept.push(kept);
  }

  async #write(manifest: Manifest): Promise<void> {
    const written = { ...manifest, format: homeFormat, epoch: this.#epoch };
    await replaceFile(this.#files, this.#layout.home, manifestName, encodeManifest(written));
  }

  #report(changed: boolean, before: Covers, after: Covers, events: readonly StoredEvent[]): RepairReport {
    return {
      changed,
      gaps: this.#gaps,
      threads: lostMessages(events),
      ...(this.#stateLostBefore !== undefined && { stateLostBefore: this.#stateLostBefore }),
      archives: lostNames({ ...before, checkpoints: [], snapshots: [] }, after),
      dropped: lostNames({ ...before, archives: [] }, after),
      kept: this.#kept,
    };
  }
}

/** The first event that a start or the index reads from the journal: what is before stands in both kinds of copies. */
function neededFrom({ checkpoints, snapshots }: Covers): number {
  return Math.min(checkpoints[0]?.offset ?? 0, snapshots[0]?.offset ?? 0) + 1;
}

/** Names of the files that are named in `before` and no more in `after`. */
function lostNames(before: Covers, after: Covers): string[] {
  return (['checkpoints', 'snapshots', 'archives'] as const).flatMap((kind) => {
    const left = new Set(after[kind].map(({ sha256: hash }) => hash));
    return before[kind].filter((entry) => !left.has(entry.sha256)).map(({ name }) => name);
  });
}

/** Threads in which a seq is missing. */
function lostMessages(events: readonly StoredEvent[]): { thread: string; messages: number }[] {
  const last = new Map<string, number>();
  const lost = new Map<string, number>();
  for (const { type, payload } of events) {
    if (type === 'thread.opened') last.set((payload as { thread: string }).thread, 0);
    if (type !== 'message.sent') continue;
    const { thread, seq } = (payload as { message: { thread: string; seq: number } }).message;
    const before = last.get(thread);
    if (before !== undefined && seq > before + 1) lost.set(thread, (lost.get(thread) ?? 0) + seq - before - 1);
    last.set(thread, seq);
  }
  return [...lost].map(([thread, messages]) => ({ thread, messages }));
}
