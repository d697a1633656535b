import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Written in steps of this size until nothing more fits, in bytes. */
const step = 256 * 1024;

/** A real file system of its own that is small enough to be filled: a tmpfs. Making one needs the right to mount. */
export class SmallDisk {
  /** Where it is mounted: an empty folder. */
  readonly folder: string;
  readonly #ballast: string;

  /** @throws when this process may not mount */
  constructor(mebibytes: number) {
    this.folder = fs.mkdtempSync(path.join(tmpdir(), 'parley-disk-'));
    this.#ballast = path.join(this.folder, 'ballast');
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m,mode=0700`, 'tmpfs', this.folder], {
        stdio: 'pipe',
      });
    } catch (error) {
      fs.rmdirSync(this.folder);
      throw error;
    }
  }

  /** Takes all the room that is left. @throws ENOSPC, always: that is how it is known to be full */
  fill(): void {
    const file = fs.openSync(this.#ballast, 'a', 0o600);
    try {
      for (let size = step; ; size = Math.max(1, size >> 1)) fillWith(file, size);
    } finally {
      fs.closeSync(file);
    }
  }

  /** Gives the room back. */
  free(): void {
    fs.rmSync(this.#ballast);
  }

  remove(): void {
    execFileSync('umount', ['--lazy', this.folder]);
    fs.rmdirSync(this.folder);
  }
}

/** Appends pieces of this size until one does not fit; only a single byte that does not is an error. */
function fillWith(file: number, size: number): void {
  const piece = Buffer.alloc(size, 1);
  try {
    for (;;) fs.writeSync(file, piece);
  } catch (error) {
    if (size === 1 || (error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}
