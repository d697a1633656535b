import { asStoreError, errno } from '../errors';
import { type Files, unlinkIfThere, writeFully } from '../files';
import { previousSnapshotName, snapshotName } from '../layout';
import { sha256 } from '../manifest';

/** A snapshot longer than this is not loaded: the index lives in memory. */
const maxSnapshotBytes = 1024 * 1024 * 1024;

/** `state.db` and the one before it. The only reader and writer of both. */
export class SnapshotFiles {
  readonly #files: Files;
  readonly #home: string;
  /** SHA-256 of what stands as `state.db`. */
  #newest: string | undefined;

  constructor(files: Files, home: string) {
    this.#files = files;
    this.#home = home;
  }

  /**
   * Loads the first of `listed` that one of the two files is. A crash between rename and manifest may have left it
   * under either name. `lost` are those before it that neither is.
   */
  async load(listed: readonly { sha256: string; offset: number }[]): Promise<{ bytes?: Uint8Array; lost: string[] }> {
    const found = new Map<string, Uint8Array>();
    for (const name of [previousSnapshotName, snapshotName]) {
      const bytes = await this.#read(name);
      if (!bytes) continue;
      const hash = sha256(bytes);
      found.set(hash, bytes);
      if (name === snapshotName) this.#newest = hash;
    }
    const lost: string[] = [];
    for (const entry of listed) {
      const bytes = found.get(entry.sha256);
      if (bytes) return { bytes, lost };
      lost.push(entry.sha256);
    }
    return { lost };
  }

  /**
   * Replaces `state.db`; it becomes the one before if it is `listed` in the manifest. After a crash at any instant the
   * listed one is there under one of the two names.
   *
   * @throws StoreError `storage_full` and others; everything listed is still there.
   */
  async write(bytes: Uint8Array, listed: string | undefined): Promise<{ length: number; sha256: string }> {
    const [current, previous] = [`${this.#home}/${snapshotName}`, `${this.#home}/${previousSnapshotName}`];
    const temporary = `${current}.tmp`;
    const hash = sha256(bytes);
    try {
      await unlinkIfThere(this.#files, temporary);
      const file = await this.#files.open(temporary, 'create');
      try {
        await writeFully(file, bytes, 0);
        await file.sync();
      } finally {
        await file.close();
      }
      if (listed !== undefined && this.#newest === listed) await this.#files.rename(current, previous);
      this.#newest = undefined;
      await this.#files.rename(temporary, current);
      await this.#files.syncFolder(this.#home);
    } catch (error) {
      await unlinkIfThere(this.#files, temporary).catch(() => undefined);
      throw asStoreError(error, `write ${snapshotName}`);
    }
    this.#newest = hash;
    return { length: bytes.length, sha256: hash };
  }

  async #read(name: string): Promise<Uint8Array | undefined> {
    try {
      return await this.#files.read(`${this.#home}/${name}`, maxSnapshotBytes);
    } catch (error) {
      if (['ENOENT', 'EFBIG', 'EIO'].includes(errno(error))) return undefined;
      throw error;
    }
  }
}
