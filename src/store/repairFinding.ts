import { checkpointName, readSoundCheckpoint } from './checkpoint';
import { errno } from './errors';
import type { Files } from './files';
import { type Layout, previousSnapshotName, snapshotName } from './layout';
import { type ArchiveEntry, type CoverEntry, type Manifest, type SegmentEntry, sha256 } from './manifest';
import { decodeRecord, findMagic } from './record';
import { maxSegmentFileBytes, parseSegmentName, scanSegment } from './segment';
import { databaseOffset } from './sqliteHeader';
import type { StoredEvent } from './storedEvent';

/** A file's bytes; nothing when it is gone or cannot be read. */
export async function readFile(
  files: Files,
  path: string,
  limit = Number.MAX_SAFE_INTEGER,
): Promise<Uint8Array | undefined> {
  try {
    return await files.read(path, limit);
  } catch (error) {
    if (['ENOENT', 'EFBIG', 'EIO'].includes(errno(error))) return undefined;
    throw error;
  }
}

/** What the files say by their names and headers that the manifest would say. `format` and `epoch` are not known from them. */
export async function foundManifest(files: Files, layout: Layout): Promise<Omit<Manifest, 'format' | 'epoch'>> {
  const segments = (await files.list(layout.journal))
    .flatMap((name): SegmentEntry[] => {
      const parsed = parseSegmentName(name);
      return parsed ? [{ name, ...parsed }] : [];
    })
    .sort((a, b) => a.epoch - b.epoch || a.first - b.first);
  const checkpoints: CoverEntry[] = [];
  for (const name of (await files.list(layout.checkpoints)).sort().reverse()) {
    const offset = Number.parseInt(name, 10);
    if (![checkpointName(offset), checkpointName(offset, true)].includes(name)) continue;
    const entry = await readSoundCheckpoint(files, layout.checkpoints, name, offset);
    if (entry && checkpoints.length < 2) checkpoints.push(entry);
  }
  const snapshots = await databases(files, layout.home, [snapshotName, previousSnapshotName]);
  const archives = (await files.list(layout.archives)).filter((name) => name.endsWith('.db'));
  return {
    segments,
    checkpoints,
    snapshots: snapshots.sort((a, b) => b.offset - a.offset),
    archives: await databases(files, layout.archives, archives.sort()),
  };
}

async function databases(files: Files, folder: string, names: readonly string[]): Promise<ArchiveEntry[]> {
  const found: ArchiveEntry[] = [];
  for (const name of names) {
    const bytes = await readFile(files, `${folder}/${name}`);
    const offset = bytes && databaseOffset(bytes);
    if (bytes && offset !== undefined) found.push({ name, offset, length: bytes.length, sha256: sha256(bytes) });
  }
  return found;
}

/** What can be read of a journal. */
export interface Salvaged {
  readonly events: ReadonlyMap<number, StoredEvent>;
  /** Names of the segments that are not as they were written. */
  readonly damaged: readonly string[];
}

/** Everything that is readable in these segments; where two have the same offset, the later writer counts. */
export async function salvage(files: Files, layout: Layout, segments: readonly SegmentEntry[]): Promise<Salvaged> {
  const events = new Map<number, StoredEvent>();
  const damaged: string[] = [];
  for (const entry of segments.toSorted((a, b) => a.epoch - b.epoch || a.first - b.first)) {
    // What an earlier writer had from here on was never acknowledged.
    for (const offset of events.keys()) if (offset >= entry.first) events.delete(offset);
    const bytes = await readFile(files, `${layout.journal}/${entry.name}`, maxSegmentFileBytes);
    if (!bytes) {
      damaged.push(entry.name);
      continue;
    }
    const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const content = entry.final ? whole.subarray(0, entry.final.length) : whole;
    const scan = scanSegment(content, entry.first, entry.epoch, entry.final?.last ?? 0);
    const isWhole = !entry.final || sha256(content) === entry.final.sha256;
    const isSound = isWhole && scan.end.kind !== 'damaged';
    if (!isSound) damaged.push(entry.name);
    for (const event of isSound ? scan.events : readable(content, entry)) events.set(event.offset, event);
  }
  return { events, damaged };
}

/** The records of a segment wherever they are, as far as they are whole; not a last command of which the end is missing. */
function readable(content: Buffer, { epoch, first }: SegmentEntry): StoredEvent[] {
  const events: StoredEvent[] = [];
  let whole = 0;
  for (let at = findMagic(content, 0); at >= 0;) {
    const found = decodeRecord(content, at);
    if (found.kind === 'record' && found.epoch === epoch && found.event.offset >= first) {
      events.push(found.event);
      if (!found.followed) whole = events.length;
      at = findMagic(content, found.next);
    } else at = findMagic(content, at + 1);
  }
  return events.slice(0, whole);
}
