import { createHash } from 'node:crypto';
import type { SqlJsStatic } from 'sql.js';
import { StoreError, errno } from '../errors';
import type { FileStamp, Files, ReadFile } from '../files';
import { type ArchiveEntry, sha256 } from '../manifest';
import { ArchiveDatabase, archiveMissing, pageCacheBytes } from './archiveDatabase';
import { SqlDatabase } from './database';
import { metaNumber, migrate } from './migrate';
import { indexFormat } from './schema';

/** What archives that are open may take in memory together, bytes: the one used last stays in any case. */
export const mostHeld = 64 * 1024 * 1024;
/** An archive is never longer than this. */
export const archiveBytes = 32 * 1024 * 1024;
/** So much is read at once when a file is proven, bytes. */
const proofBytes = 1024 * 1024;

interface OpenArchive {
  readonly database: SqlDatabase;
  /** Where its pages are; none when all of it is in memory. */
  readonly file: ReadFile | undefined;
  /** What it may take in memory, bytes. */
  readonly held: number;
}

/**
 * The archives that the manifest names, opened when they are needed. Each is read as a whole once, to prove it; after that
 * page by page, until its stamp says that it was changed.
 */
export class ArchiveFiles {
  readonly #files: Files;
  readonly #folder: string;
  readonly #sql: SqlJsStatic;
  #listed = new Map<string, ArchiveEntry>();
  /** The one used last is at the end. */
  readonly #open = new Map<string, OpenArchive>();
  /** The stamps of those that held what the manifest says. */
  readonly #proven = new Map<string, string>();

  constructor(files: Files, folder: string, sql: SqlJsStatic) {
    this.#files = files;
    this.#folder = folder;
    this.#sql = sql;
  }

  /** Those of the manifest, the oldest first. */
  get entries(): readonly ArchiveEntry[] {
    return [...this.#listed.values()].sort((a, b) => a.offset - b.offset);
  }

  list(entries: readonly ArchiveEntry[]): void {
    this.#listed = new Map(entries.map((entry) => [entry.name, entry]));
    for (const name of [...this.#open.keys(), ...this.#proven.keys()]) if (!this.#listed.has(name)) this.#forget(name);
  }

  /**
   * The archive, to be read at once: opening others closes it.
   *
   * @throws StoreError `archive_missing` when it is gone or a bit of it is wrong; the database says so too, when it is
   * damaged while it is read.
   */
  async open(name: string): Promise<SqlDatabase> {
    const entry = this.#listed.get(name);
    const stamp = entry && (await this.#unlessGone(() => this.#files.stamp(this.#path(name))));
    const known = this.#open.get(name);
    const isDamaged = known?.database instanceof ArchiveDatabase && known.database.isDamaged;
    if (!entry || !stamp || isDamaged || this.#proven.get(name) !== stamp.mark) this.#forget(name);
    if (!entry || !stamp) throw archiveMissing(name);
    const opened = this.#open.get(name) ?? (await this.#opened(entry, stamp));
    this.#open.delete(name);
    this.#makeRoom(opened.held);
    this.#open.set(name, opened);
    return opened.database;
  }

  /** The bytes of an archive, proven. @throws as `open` */
  async read(name: string): Promise<Uint8Array> {
    const entry = this.#listed.get(name);
    const bytes = entry && (await this.#unlessGone(() => this.#files.read(this.#path(name), 2 * archiveBytes)));
    if (!bytes || bytes.length !== entry.length || sha256(bytes) !== entry.sha256) throw archiveMissing(name);
    return bytes;
  }

  /** Opens a file, after a proof if there was none with this stamp. */
  async #opened(entry: ArchiveEntry, stamp: FileStamp): Promise<OpenArchive> {
    const { name, length } = entry;
    const file = await this.#unlessGone(() => this.#files.openRead(this.#path(name)));
    if (!file) throw archiveMissing(name);
    try {
      if (!this.#proven.has(name)) {
        const isProven = stamp.length === length && (await this.#unlessGone(() => isWhole(file, entry)));
        if (!isProven) throw archiveMissing(name);
        this.#proven.set(name, stamp.mark);
      }
      const database = new ArchiveDatabase(this.#sql, name, file, length);
      if (metaNumber(database, 'format') === indexFormat) return { database, file, held: pageCacheBytes };
      database.close();
    } catch (error) {
      file.closeNow();
      throw error instanceof StoreError ? error : archiveMissing(name, error);
    }
    file.closeNow();
    // One of an older format is brought up to date in memory, where all of it has to be then.
    const database = new SqlDatabase(this.#sql, await this.read(name));
    migrate(database);
    return { database, file: undefined, held: length };
  }

  /** Closes those that were not used for longest, until there is room for one more. */
  #makeRoom(held: number): void {
    let sum = held;
    for (const one of this.#open.values()) sum += one.held;
    for (const [name, one] of this.#open) {
      if (sum <= mostHeld) return;
      sum -= one.held;
      this.#close(name);
    }
  }

  #forget(name: string): void {
    this.#close(name);
    this.#proven.delete(name);
  }

  #close(name: string): void {
    const one = this.#open.get(name);
    this.#open.delete(name);
    one?.database.close();
    one?.file?.closeNow();
  }

  #path(name: string): string {
    return `${this.#folder}/${name}`;
  }

  /** What `ask` answers; nothing when the file is not there, or cannot be read. */
  async #unlessGone<T>(ask: () => T | Promise<T>): Promise<T | undefined> {
    try {
      return await ask();
    } catch (error) {
      if (['ENOENT', 'EFBIG', 'EIO'].includes(errno(error))) return undefined;
      throw error;
    }
  }
}

/** Whether the file has the bytes that the entry says. */
function isWhole(file: ReadFile, entry: ArchiveEntry): boolean {
  const hash = createHash('sha256');
  const piece = new Uint8Array(proofBytes);
  for (let at = 0; at < entry.length;) {
    const taken = file.readNow(piece.subarray(0, Math.min(piece.length, entry.length - at)), at);
    if (taken <= 0) return false;
    hash.update(piece.subarray(0, taken));
    at += taken;
  }
  return hash.digest('hex') === entry.sha256;
}
