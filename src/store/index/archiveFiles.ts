import type { SqlJsStatic } from 'sql.js';
import { StoreError, errno } from '../errors';
import type { Files } from '../files';
import { type ArchiveEntry, sha256 } from '../manifest';
import { SqlDatabase } from './database';
import { migrate } from './migrate';

/** Archives that are open at a time: each is in memory as a whole. */
const mostOpen = 2;
/** An archive is never longer than this. */
export const archiveBytes = 32 * 1024 * 1024;

/** The archives that the manifest names, opened when they are needed. */
export class ArchiveFiles {
  readonly #files: Files;
  readonly #folder: string;
  readonly #sql: SqlJsStatic;
  #listed = new Map<string, ArchiveEntry>();
  /** The one used last is at the end. */
  readonly #open = new Map<string, SqlDatabase>();

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
    for (const name of this.#open.keys()) if (!this.#listed.has(name)) this.#close(name);
  }

  /**
   * The archive, to be read at once: opening others closes it.
   *
   * @throws StoreError `archive_missing` when it is gone or a bit of it is wrong.
   */
  async open(name: string): Promise<SqlDatabase> {
    let database = this.#open.get(name);
    this.#open.delete(name);
    if (!database) {
      const bytes = await this.read(name);
      for (const other of [...this.#open.keys()].slice(0, this.#open.size - (mostOpen - 1))) this.#close(other);
      database = new SqlDatabase(this.#sql, bytes);
      migrate(database);
    }
    this.#open.set(name, database);
    return database;
  }

  /** The bytes of an archive, proven. @throws as `open` */
  async read(name: string): Promise<Uint8Array> {
    const entry = this.#listed.get(name);
    const bytes = entry && (await this.#bytes(name));
    if (!bytes || bytes.length !== entry.length || sha256(bytes) !== entry.sha256) {
      throw new StoreError('archive_missing', `The archive ${name} is missing or damaged.`, undefined, { file: name });
    }
    return bytes;
  }

  #close(name: string): void {
    this.#open.get(name)?.close();
    this.#open.delete(name);
  }

  async #bytes(name: string): Promise<Uint8Array | undefined> {
    try {
      return await this.#files.read(`${this.#folder}/${name}`, 2 * archiveBytes);
    } catch (error) {
      if (['ENOENT', 'EFBIG', 'EIO'].includes(errno(error))) return undefined;
      throw error;
    }
  }
}
