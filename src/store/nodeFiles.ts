import * as fs from 'node:fs';
import { errno } from './errors';
import type { Files, OpenFile } from './files';
import { SyncPace } from './syncPace';

/** Promises around callbacks on plain descriptors: about 10 µs a call cheaper than FileHandle, which matters for sync. */
function settled(run: (done: (error: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    run((error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

class NodeFile implements OpenFile {
  readonly #descriptor: number;
  readonly #pace = new SyncPace();

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  writeNow(data: Uint8Array, position: number): number {
    return fs.writeSync(this.#descriptor, data, 0, data.length, position);
  }

  write(data: Uint8Array, position: number): Promise<number> {
    return new Promise((resolve, reject) => {
      fs.write(this.#descriptor, data, 0, data.length, position, (error, taken) => {
        if (error) reject(error);
        else resolve(taken);
      });
    });
  }

  sync(records = Infinity): Promise<void> {
    const began = performance.now();
    if (!this.#pace.isInPlace(began, records)) {
      return settled((done) => fs.fdatasync(this.#descriptor, done));
    }
    try {
      fs.fdatasyncSync(this.#descriptor);
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)));
    }
    this.#pace.done(began, performance.now());
    return Promise.resolve();
  }

  truncate(length: number): Promise<void> {
    return settled((done) => fs.ftruncate(this.#descriptor, length, done));
  }

  close(): Promise<void> {
    return settled((done) => fs.close(this.#descriptor, done));
  }
}

/** File systems without hard links answer one of these to `link`. */
const noLinks = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EXDEV']);
let created = 0;

/** The file system of the machine. */
export const nodeFiles: Files = {
  open(path, how) {
    return new Promise((resolve, reject) => {
      fs.open(path, how === 'create' ? 'wx+' : 'r+', 0o600, (error, descriptor) => {
        if (error) reject(error);
        else resolve(new NodeFile(descriptor));
      });
    });
  },
  async read(path, limit) {
    const handle = await fs.promises.open(path, 'r');
    try {
      const { size } = await handle.stat();
      if (size > limit) throw Object.assign(new Error(`${path} has ${size} bytes`), { code: 'EFBIG' });
      return await handle.readFile();
    } finally {
      await handle.close();
    }
  },
  async openRead(path) {
    // A plain descriptor: a FileHandle reads with promises alone.
    const descriptor = await new Promise<number>((resolve, reject) => {
      fs.open(path, 'r', (error, opened) => {
        if (error) reject(error);
        else resolve(opened);
      });
    });
    return {
      readNow: (target, position) => fs.readSync(descriptor, target, 0, target.length, position),
      closeNow: () => fs.closeSync(descriptor),
    };
  },
  async stamp(path) {
    const { size, ino, mtimeMs, ctimeMs } = await fs.promises.stat(path);
    return { length: size, mark: [ino, size, mtimeMs, ctimeMs].join(' ') };
  },
  async readRange(path, position, length) {
    const handle = await fs.promises.open(path, 'r');
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(length), 0, length, position);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  },
  async createWhole(path, data) {
    const temporary = `${path}.${process.pid}-${++created}.tmp`;
    const handle = await fs.promises.open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(data);
      await handle.datasync();
    } finally {
      await handle.close();
    }
    try {
      await fs.promises.link(temporary, path);
    } catch (error) {
      if (!noLinks.has(errno(error))) throw error;
      await fs.promises.writeFile(path, data, { flag: 'wx', mode: 0o600 });
    } finally {
      await fs.promises.unlink(temporary);
    }
  },
  rename: (from, to) => fs.promises.rename(from, to),
  unlink: (path) => fs.promises.unlink(path),
  list: (path) => fs.promises.readdir(path),
  async makeFolder(path) {
    await fs.promises.mkdir(path, { recursive: true, mode: 0o700 });
  },
  async syncFolder(path) {
    // Windows opens no folders, and NTFS journals its own entries.
    if (process.platform === 'win32') return;
    const handle = await fs.promises.open(path, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
  exists: (path) => fs.existsSync(path),
};
