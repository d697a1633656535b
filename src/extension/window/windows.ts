import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';

/** One open window of an editor on this home, in `windows/<pid>.json`. */
const windowRecord = z.object({
  pid: z.number().int().positive(),
  folders: z.array(z.string()),
  /** When it last had the focus, ms since the epoch; 0: never. */
  focusedAt: z.number(),
});
export type WindowRecord = z.infer<typeof windowRecord>;

/**
 * Which window a ring belongs to: one that holds the callee's folder, else the one that had the focus last. Where several
 * hold the folder, the deepest match wins, then the latest focus.
 * @param folder - the callee's folder; empty when it has none
 */
export function windowFor(folder: string, windows: readonly WindowRecord[]): WindowRecord | undefined {
  const ranked = windows
    .map((window) => ({
      window,
      depth: Math.max(0, ...window.folders.map((one) => (holds(one, folder) ? one.length : 0))),
    }))
    .sort((a, b) => b.depth - a.depth || b.window.focusedAt - a.window.focusedAt || a.window.pid - b.window.pid);
  return ranked[0]?.window;
}

/** Whether `folder` is `outer` or lies in it. */
function holds(outer: string, folder: string): boolean {
  if (outer === '' || folder === '') return false;
  const relative = path.relative(outer, folder);
  return relative === '' || (!relative.startsWith('..') && !path.isAbsolute(relative));
}

/**
 * The windows that are open on this home. Each writes its own record; nobody watches them, they are read when something
 * rings. A record whose process is gone is removed by whoever finds it.
 */
export class Windows {
  readonly #folder: string;
  readonly #pid: number;
  readonly #isAlive: (pid: number) => boolean;
  #written: Promise<void> = Promise.resolve();

  constructor(home: string, pid: number, isAlive: (pid: number) => boolean = isRunning) {
    this.#folder = path.join(home, 'windows');
    this.#pid = pid;
    this.#isAlive = isAlive;
  }

  /** Says what this window holds and when it had the focus last. Failures are left alone: rings then show here too. */
  write(record: Omit<WindowRecord, 'pid'>): Promise<void> {
    this.#written = this.#written.then(async () => {
      try {
        await mkdir(this.#folder, { recursive: true, mode: 0o700 });
        const file = this.#file(this.#pid);
        const temporary = `${file}.tmp`;
        await writeFile(temporary, JSON.stringify({ pid: this.#pid, ...record }), { mode: 0o600 });
        await rename(temporary, file);
      } catch {
        // A home that cannot be written is told elsewhere.
      }
    });
    return this.#written;
  }

  async list(): Promise<WindowRecord[]> {
    const names = await readdir(this.#folder).catch(() => []);
    const records = await Promise.all(names.filter((name) => name.endsWith('.json')).map((name) => this.#read(name)));
    return records.filter((record) => record !== undefined);
  }

  /** Whether a ring for an agent in this folder is this window's to show. */
  async isOurs(folder: string): Promise<boolean> {
    const window = windowFor(folder, await this.list());
    return window === undefined || window.pid === this.#pid;
  }

  async remove(): Promise<void> {
    await this.#written;
    await rm(this.#file(this.#pid), { force: true }).catch(() => undefined);
  }

  async #read(name: string): Promise<WindowRecord | undefined> {
    try {
      const record = windowRecord.parse(JSON.parse(await readFile(path.join(this.#folder, name), 'utf8')));
      if (record.pid === this.#pid || this.#isAlive(record.pid)) return record;
      await rm(path.join(this.#folder, name), { force: true });
    } catch {
      // Just replaced, or not ours.
    }
    return undefined;
  }

  #file(pid: number): string {
    return path.join(this.#folder, `${pid}.json`);
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
