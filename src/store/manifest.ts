import { createHash } from 'node:crypto';
import { StoreError, errno } from './errors';
import { type Files, replaceFile } from './files';
import { parseSegmentName } from './segment';

/** Version of the home's format. A home with a higher one is refused; one with a lower is raised when it is opened. */
export const homeFormat = 2;
export const manifestName = 'manifest.json';
const maxManifestBytes = 16 * 1024 * 1024;

/** A journal segment. Without `last` it is the one being written, or was when its writer died. */
export interface SegmentEntry {
  readonly name: string;
  /** Offset of its first record. */
  readonly first: number;
  readonly epoch: number;
  /** Offset of its last record, its bytes and their SHA-256 in hex, once nothing more is added. */
  readonly final?: { readonly last: number; readonly length: number; readonly sha256: string };
}

/** A file that stands for everything up to `offset`. */
export interface CoverEntry {
  readonly name: string;
  readonly offset: number;
  readonly length: number;
  readonly sha256: string;
}

/** A file of closed threads: plain SQLite with the tables of the index, never changed, only written anew. */
export interface ArchiveEntry {
  readonly name: string;
  /** Everything in it happened up to this offset. */
  readonly offset: number;
  readonly length: number;
  readonly sha256: string;
}

/** Every file that the store's content consists of. What is not named here does not count. */
export interface Manifest {
  readonly format: number;
  /** How often the home was opened for writing. */
  readonly epoch: number;
  /** Ascending, each beginning where the one before ends. */
  readonly segments: readonly SegmentEntry[];
  /** Of the head state; newest first, at most two. */
  readonly checkpoints: readonly CoverEntry[];
  /** Of the index (`state.db`); newest first, at most two. */
  readonly snapshots: readonly CoverEntry[];
  readonly archives: readonly ArchiveEntry[];
  /** No file holds words of a thread that was erased up to this offset. Not there: none ever was. */
  readonly purged?: number | undefined;
}

const emptyManifest: Manifest = {
  format: homeFormat,
  epoch: 0,
  segments: [],
  checkpoints: [],
  snapshots: [],
  archives: [],
};

/** SHA-256 in hex. */
export function sha256(data: Uint8Array | string): string {
  return createHash('sha256').update(data).digest('hex');
}

/** One line of JSON, one line with its SHA-256. */
export function encodeManifest(manifest: Manifest): Buffer {
  const body = JSON.stringify(manifest);
  return Buffer.from(`${body}\nsha256 ${sha256(body)}\n`);
}

/** @returns nothing when the checksum does not fit. @throws StoreError `home_too_new`. */
export function decodeManifest(bytes: Uint8Array): Manifest | undefined {
  const [body = '', checksum] = Buffer.from(bytes).toString('utf8').split('\n');
  if (checksum !== `sha256 ${sha256(body)}`) return undefined;
  const manifest = JSON.parse(body) as Manifest;
  if (manifest.format > homeFormat) {
    throw new StoreError('home_too_new', `The home has format ${manifest.format}, this program knows ${homeFormat}.`);
  }
  return manifest;
}

/** What opening a home finds in the place of its manifest. */
export type FoundManifest =
  | { kind: 'found'; manifest: Manifest }
  /** Nothing is there, and no journal either: a new home. */
  | { kind: 'new'; manifest: Manifest }
  /** The file is gone or damaged. `manifest` is put together from the names of the files, for reading only. */
  | { kind: 'lost'; manifest: Manifest };

/** The manifest of a home. The only writer of `manifest.json`; changes are written one after the other. */
export class ManifestFile {
  readonly #files: Files;
  readonly #home: string;
  readonly #isOurs: () => boolean;
  #current: Manifest;
  #writing: Promise<void> = Promise.resolve();

  /** `isOurs`: whether this process is still the one that writes the home. */
  constructor(files: Files, home: string, current: Manifest, isOurs: () => boolean) {
    this.#files = files;
    this.#home = home;
    this.#isOurs = isOurs;
    this.#current = current;
  }

  /** As it stands on disk. */
  get current(): Manifest {
    return this.#current;
  }

  /**
   * Applies `change` to the newest state and makes the result durable.
   *
   * @throws StoreError `home_taken`, or as `replaceFile` does.
   */
  update(change: (manifest: Manifest) => Manifest): Promise<void> {
    const written = this.#writing.then(async () => {
      if (!this.#isOurs()) throw new StoreError('home_taken', 'Another broker has taken this home over.');
      const next = change(this.#current);
      await replaceFile(this.#files, this.#home, manifestName, encodeManifest(next));
      this.#current = next;
    });
    this.#writing = written.catch(() => undefined);
    return written;
  }
}

/** Reads the manifest of `home`; its folder MUST exist. @throws StoreError `home_too_new`. */
export async function findManifest(files: Files, home: string, journalFolder: string): Promise<FoundManifest> {
  let bytes: Uint8Array | undefined;
  try {
    bytes = await files.read(`${home}/${manifestName}`, maxManifestBytes);
  } catch (error) {
    if (errno(error) !== 'ENOENT') throw error;
  }
  const manifest = bytes && decodeManifest(bytes);
  if (manifest) return { kind: 'found', manifest };
  const segments = segmentsByName(await files.list(journalFolder));
  if (!bytes && segments.length === 0) return { kind: 'new', manifest: emptyManifest };
  const epoch = segments.reduce((highest, segment) => Math.max(highest, segment.epoch), 0);
  return { kind: 'lost', manifest: { ...emptyManifest, epoch, segments } };
}

function segmentsByName(names: string[]): SegmentEntry[] {
  return names.sort().flatMap((name) => {
    const parsed = parseSegmentName(name);
    return parsed ? [{ name, ...parsed }] : [];
  });
}
