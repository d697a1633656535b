import type { SqlJsStatic, SqlValue } from 'sql.js';
import { StoreError } from '../errors';
import type { ReadFile } from '../files';
import { type Row, SqlDatabase } from './database';

/** Pages of one archive that stay in memory, bytes. */
export const pageCacheBytes = 1024 * 1024;

/**
 * A file as sql.js takes a database: of which SQLite reads the pages that a query needs, and nothing else is in memory.
 * sql.js keeps what it is given by asking for a slice of all of it, and reads by asking for parts of that; no more of a
 * `Uint8Array` is there. A test holds it to that.
 */
class FilePages {
  readonly length: number;
  readonly #file: ReadFile;
  #isTorn = false;

  constructor(file: ReadFile, length: number) {
    this.#file = file;
    this.length = length;
  }

  /** Something could not be read: what SQLite made of it does not count. */
  get isTorn(): boolean {
    return this.#isTorn;
  }

  slice(): this {
    return this;
  }

  /** Never throws: SQLite stands in the middle of something. What could not be read is zeros. */
  subarray(from: number, to: number): Uint8Array {
    const part = new Uint8Array(to - from);
    try {
      for (let done = 0; done < part.length;) {
        const taken = this.#file.readNow(part.subarray(done), from + done);
        if (taken <= 0) throw new Error('the file became shorter');
        done += taken;
      }
    } catch {
      this.#isTorn = true;
      part.fill(0);
    }
    return part;
  }
}

/** An archive that is read page by page from its file, and never changed. The file is another's to close. */
export class ArchiveDatabase extends SqlDatabase {
  readonly #name: string;
  readonly #pages: FilePages;
  #isDamaged = false;

  /** `file` has `length` bytes. @throws Error when it is no database, or cannot be read. */
  constructor(sql: SqlJsStatic, name: string, file: ReadFile, length: number) {
    const pages = new FilePages(file, length);
    super(sql, pages as unknown as Uint8Array);
    this.#name = name;
    this.#pages = pages;
    // A change would go into the pages, which cannot take it.
    this.script(`pragma query_only = on; pragma cache_size = -${pageCacheBytes / 1024}`);
  }

  /** It could not be read, or was not what SQLite writes: it was changed since it was proven. */
  get isDamaged(): boolean {
    return this.#isDamaged;
  }

  /** @throws StoreError `archive_missing` */
  override all(text: string, ...values: (SqlValue | undefined)[]): Row[] {
    try {
      const rows = super.all(text, ...values);
      if (this.#pages.isTorn) throw new Error('a page could not be read');
      return rows;
    } catch (error) {
      this.#isDamaged = true;
      throw archiveMissing(this.#name, error);
    }
  }
}

export function archiveMissing(name: string, cause?: unknown): StoreError {
  return new StoreError('archive_missing', `The archive ${name} is missing or damaged.`, cause, { file: name });
}
