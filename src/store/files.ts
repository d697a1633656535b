import { StoreError, asStoreError, errno } from './errors';

/** An open file. Positions and lengths are in bytes. */
export interface OpenFile {
  /** Writes at `position` without leaving the event loop; answers how many bytes were taken, which may be fewer. */
  writeNow(data: Uint8Array, position: number): number;
  /** The same in the background. */
  write(data: Uint8Array, position: number): Promise<number>;
  /**
   * Forces content and length to disk (fdatasync; F_FULLFSYNC on macOS, which libuv does). `records`: so many were written
   * since the last time; of few, that may hold up the event loop.
   */
  sync(records?: number): Promise<void>;
  truncate(length: number): Promise<void>;
  close(): Promise<void>;
}

/** A file that is only read. What it held when it was opened stays readable when its name is gone. Lengths are in bytes. */
export interface ReadFile {
  /** Reads into `target` from `position` on without leaving the event loop; answers how many, which may be fewer. */
  readNow(target: Uint8Array, position: number): number;
  closeNow(): void;
}

/** Tells the content of a file from what stood there before or stands there later, as far as the file system knows. */
export interface FileStamp {
  /** Bytes. */
  readonly length: number;
  /** Another one after every change. */
  readonly mark: string;
}

/**
 * The few things the store asks of a file system; the only way in which it touches one. A failure is an error with
 * the system's `code` ("ENOSPC"). Paths are absolute.
 */
export interface Files {
  /** `create`: the file MUST NOT exist (EEXIST); mode 0600. `change`: it MUST exist. Both read and write. */
  open(path: string, how: 'create' | 'change'): Promise<OpenFile>;
  /** The whole file; EFBIG when it is longer than `limit`, found before anything is allocated. */
  read(path: string, limit: number): Promise<Uint8Array>;
  /** Opens an existing file for reading. */
  openRead(path: string): Promise<ReadFile>;
  stamp(path: string): Promise<FileStamp>;
  /** At most `length` bytes from `position` on; fewer at the end of the file. */
  readRange(path: string, position: number, length: number): Promise<Uint8Array>;
  /** Creates `path` with exactly this content, synced, or fails with EEXIST; nobody ever sees it half written. */
  createWhole(path: string, data: Uint8Array): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  /** Names in a folder, in no particular order. */
  list(path: string): Promise<string[]>;
  /** Creates a folder (0700) with its parents, unless it is there. */
  makeFolder(path: string): Promise<void>;
  /** Makes creations, renames and removals in a folder durable. */
  syncFolder(path: string): Promise<void>;
  /** Whether `path` exists, without leaving the event loop: it is asked before every acknowledgement. */
  exists(path: string): boolean;
}

/** Writes all of `data` at `position`, going on after short writes. */
export async function writeFully(file: OpenFile, data: Uint8Array, position: number): Promise<void> {
  let done = 0;
  while (done < data.length) {
    const taken = await file.write(done === 0 ? data : data.subarray(done), position + done);
    if (taken <= 0) throw Object.assign(new Error('the file takes no more'), { code: 'EIO' });
    done += taken;
  }
}

/** As `writeFully`, without leaving the event loop. */
export function writeFullyNow(file: OpenFile, data: Uint8Array, position: number): void {
  let done = 0;
  while (done < data.length) {
    const taken = file.writeNow(done === 0 ? data : data.subarray(done), position + done);
    if (taken <= 0) throw Object.assign(new Error('the file takes no more'), { code: 'EIO' });
    done += taken;
  }
}

/** Removes a file that may be gone already. */
export async function unlinkIfThere(files: Files, path: string): Promise<void> {
  try {
    await files.unlink(path);
  } catch (error) {
    if (errno(error) !== 'ENOENT') throw error;
  }
}

/**
 * Replaces `folder/name` by `data` so that a crash at any instant leaves the old or the new file, whole: temporary
 * file, sync, rename, sync of the folder.
 *
 * @throws StoreError `storage_full`, `storage_busy` or `home_read_only` when the old file is certainly still in place;
 * `storage_failed` when that is not known.
 */
export async function replaceFile(files: Files, folder: string, name: string, data: Uint8Array): Promise<void> {
  const temporary = `${folder}/${name}.tmp`;
  try {
    await unlinkIfThere(files, temporary);
    const file = await files.open(temporary, 'create');
    try {
      await writeFully(file, data, 0);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    await unlinkIfThere(files, temporary).catch(() => undefined);
    throw asStoreError(error, `write ${name}`);
  }
  try {
    await files.rename(temporary, `${folder}/${name}`);
    await files.syncFolder(folder);
  } catch (error) {
    throw new StoreError('storage_failed', `Could not replace ${name} (${errno(error)}).`, error);
  }
}
