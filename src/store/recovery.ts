import { type Checkpoint, findCheckpoint, readCheckpoint } from './checkpoint';
import { StoreError, errno } from './errors';
import type { Files } from './files';
import type { Layout } from './layout';
import { type CoverEntry, type FoundManifest, type Manifest, type SegmentEntry, sha256 } from './manifest';
import { maxSegmentFileBytes, parseSegmentName, scanSegment } from './segment';
import type { StoredEvent } from './storedEvent';

/** Why a store is open for reading only, and which offsets cannot be had. */
export interface Damage {
  readonly kind: 'manifest_lost' | 'checkpoint_damaged' | 'journal_damaged' | 'manifest_behind';
  /** The file that is damaged or missing. */
  readonly file: string;
  /** First offset that cannot be read. */
  readonly from: number;
  /** Last one, when it is known. */
  readonly to?: number | undefined;
}

/** What a start found out of the ordinary. All zero or empty after a clean stop. */
export interface RecoveryReport {
  /** Bytes of writes that were cut short and never acknowledged. */
  readonly tornBytes: number;
  /** Readable records among them; they were behind something unreadable, so they never counted. */
  readonly tornRecords: number;
  /** Checkpoints that did not prove themselves, by name. */
  readonly rejectedCheckpoints: readonly string[];
}

/** What the disk says. */
export interface Recovered {
  /** The newest that proves itself. */
  readonly checkpoint?: Checkpoint | undefined;
  /** Everything after it, in order and without a gap; with damage, as far as that goes. */
  readonly events: StoredEvent[];
  readonly report: RecoveryReport;
  readonly damage?: Damage | undefined;
}

/** The end of the last segment, as it has to be made final before anything is added. */
export interface OpenEnd {
  readonly entry: SegmentEntry;
  readonly length: number;
  readonly last: number;
  readonly sha256: string;
  /** Bytes after `length` must be cut off. */
  readonly torn: boolean;
}

/** Reads the home. Changes nothing. @throws StoreError `home_too_new`, and what reading throws. */
export async function recover(
  files: Files,
  layout: Layout,
  found: FoundManifest,
): Promise<{ recovered: Recovered; openEnd?: OpenEnd | undefined }> {
  const { manifest } = found;
  const { checkpoint, rejected } = await newestCheckpoint(files, layout, found);
  const journal = new JournalReader(files, layout, manifest, highestProof(manifest, checkpoint));
  await journal.readAfter(checkpoint?.offset ?? 0);
  const last = journal.next - 1;
  const damage =
    journal.damage ?? lostOutside(found, manifest, last) ?? (await strayRecords(files, layout, manifest, last));
  const report = { tornBytes: journal.tornBytes, tornRecords: journal.tornRecords, rejectedCheckpoints: rejected };
  return {
    recovered: { checkpoint, events: journal.events, report, damage },
    openEnd: damage ? undefined : journal.openEnd,
  };
}

async function newestCheckpoint(
  files: Files,
  layout: Layout,
  found: FoundManifest,
): Promise<{ checkpoint?: Checkpoint | undefined; rejected: string[] }> {
  if (found.kind === 'lost') return { checkpoint: await findCheckpoint(files, layout.checkpoints), rejected: [] };
  const rejected: string[] = [];
  for (const entry of found.manifest.checkpoints) {
    const checkpoint = await readCheckpoint(files, layout.checkpoints, entry);
    if (checkpoint) return { checkpoint, rejected };
    rejected.push(entry.name);
  }
  return { rejected };
}

/** The highest offset that a checkpoint or snapshot stands for: the journal was synced that far before it counted. */
function highestProof(manifest: Manifest, checkpoint: Checkpoint | undefined): number {
  const covers: readonly CoverEntry[] = [...manifest.checkpoints, ...manifest.snapshots];
  return covers.reduce((highest, cover) => Math.max(highest, cover.offset), checkpoint?.offset ?? 0);
}

function lostOutside(found: FoundManifest, manifest: Manifest, last: number): Damage | undefined {
  if (found.kind === 'lost') return { kind: 'manifest_lost', file: 'manifest.json', from: last + 1 };
  const covered = highestProof(manifest, undefined);
  if (covered > last) return { kind: 'journal_damaged', file: 'journal', from: last + 1, to: covered };
  return undefined;
}

/** Reads the listed segments from where they are needed, and stops at the first damage. */
class JournalReader {
  readonly events: StoredEvent[] = [];
  /** The offset that comes next. */
  next = 1;
  tornBytes = 0;
  tornRecords = 0;
  damage: Damage | undefined;
  openEnd: OpenEnd | undefined;
  readonly #files: Files;
  readonly #layout: Layout;
  readonly #manifest: Manifest;
  readonly #proof: number;

  constructor(files: Files, layout: Layout, manifest: Manifest, proof: number) {
    this.#files = files;
    this.#layout = layout;
    this.#manifest = manifest;
    this.#proof = proof;
  }

  async readAfter(offset: number): Promise<void> {
    this.next = offset + 1;
    const { segments } = this.#manifest;
    const needed = segments.filter(({ final }, index) => {
      const following = segments[index + 1]?.first ?? Number.POSITIVE_INFINITY;
      return (final?.last ?? following - 1) > offset;
    });
    const begin = needed[0]?.first ?? this.next;
    if (begin > this.next) {
      const file = this.#manifest.checkpoints[0]?.name ?? needed[0]?.name ?? 'journal';
      this.damage = { kind: 'checkpoint_damaged', file, from: this.next, to: begin - 1 };
      return;
    }
    for (const [index, entry] of needed.entries()) {
      if (index > 0 && entry.first !== this.next) {
        this.damage = { kind: 'journal_damaged', file: entry.name, from: this.next, to: entry.first - 1 };
        return;
      }
      const following = needed[index + 1];
      if (!(await this.#readSegment(entry, offset, following?.first))) return;
    }
  }

  /** Answers whether reading may go on behind this segment. `following` is where the next one begins, if there is one. */
  async #readSegment(entry: SegmentEntry, after: number, following: number | undefined): Promise<boolean> {
    const lastKnown = entry.final?.last ?? (following === undefined ? undefined : following - 1);
    const bytes = await this.#content(entry);
    if (bytes === undefined) {
      this.next = Math.max(after + 1, entry.first);
      this.damage = { kind: 'journal_damaged', file: entry.name, from: entry.first, to: lastKnown };
      return false;
    }
    const scan = scanSegment(bytes, entry.first, entry.epoch, lastKnown ?? this.#proof);
    for (const event of scan.events) if (event.offset > after) this.events.push(event);
    const last = entry.first + scan.events.length - 1;
    this.next = Math.max(after, last) + 1;
    const isWhole = entry.final === undefined || sha256(bytes) === entry.final.sha256;
    if (scan.end.kind === 'damaged' || !isWhole) {
      this.damage = { kind: 'journal_damaged', file: entry.name, from: last + 1, to: lastKnown };
      return false;
    }
    if (scan.end.kind === 'torn') {
      this.tornBytes += scan.end.bytes;
      this.tornRecords += scan.end.records;
    }
    if (entry.final === undefined) {
      const kept = sha256(bytes.subarray(0, scan.length));
      this.openEnd = { entry, length: scan.length, last, sha256: kept, torn: scan.end.kind === 'torn' };
    }
    return true;
  }

  /** The bytes that count; nothing when they are not all there. */
  async #content(entry: SegmentEntry): Promise<Buffer | undefined> {
    try {
      const bytes = await this.#files.read(`${this.#layout.journal}/${entry.name}`, maxSegmentFileBytes);
      const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      if (entry.final === undefined) return whole;
      return whole.length < entry.final.length ? undefined : whole.subarray(0, entry.final.length);
    } catch (error) {
      if (['ENOENT', 'EFBIG', 'EIO'].includes(errno(error))) return undefined;
      throw error;
    }
  }
}

/** A segment that the manifest does not name, with records that nothing else has: the manifest is an old copy. */
async function strayRecords(
  files: Files,
  layout: Layout,
  manifest: Manifest,
  last: number,
): Promise<Damage | undefined> {
  for (const { name, first, epoch } of await straySegments(files, layout, manifest)) {
    if (first <= last) continue;
    const bytes = await files.read(`${layout.journal}/${name}`, maxSegmentFileBytes);
    const scan = scanSegment(Buffer.from(bytes), first, epoch, 0);
    // A first write that was torn is no loss: such a segment was taken out of the manifest and not yet removed.
    if (scan.events.length > 0 || scan.end.kind === 'damaged') {
      return { kind: 'manifest_behind', file: name, from: last + 1, to: first + scan.events.length - 1 };
    }
  }
  return undefined;
}

/** Segment files that the manifest does not name: retired and not yet removed, or made and not yet used. */
export async function straySegments(
  files: Files,
  layout: Layout,
  manifest: Manifest,
): Promise<{ name: string; first: number; epoch: number }[]> {
  const listed = new Set(manifest.segments.map((segment) => segment.name));
  return (await files.list(layout.journal)).flatMap((name) => {
    const parsed = parseSegmentName(name);
    return parsed && !listed.has(name) ? [{ name, ...parsed }] : [];
  });
}

/** For messages: what is damaged, in words. */
export function describeDamage(damage: Damage): StoreError {
  const offsets = damage.to === undefined ? `from offset ${damage.from} on` : `offsets ${damage.from} to ${damage.to}`;
  return new StoreError(
    'storage_damaged',
    `The home is open for reading only: ${damage.file} (${damage.kind}, ${offsets}).`,
  );
}
