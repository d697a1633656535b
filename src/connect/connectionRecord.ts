import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { createHash } from 'node:crypto';
import * as z from 'zod';
import { ParleyError } from '../contract/errors';
import type { ClientName } from './clientNames';

const fileShape = z.object({
  /** As the client names it. */
  file: z.string(),
  /** Name of the backup in the record's folder; undefined when there was no such file. */
  backup: z.string().optional(),
  /** SHA-256 of what we wrote. */
  written: z.string(),
  /** Folders that were made for it, the outermost first. */
  made: z.array(z.string()),
});
const recordShape = z.object({ connectedAt: z.number(), files: z.array(fileShape) });

export type RecordedFile = z.infer<typeof fileShape>;
export type ConnectionRecord = z.infer<typeof recordShape>;

export function hashOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/**
 * What connecting changed, and the files as they were before: `connect/<client>/` in the home. Configurations may hold keys,
 * so nobody else may read it.
 */
export class ConnectionRecords {
  readonly #home: string;

  constructor(home: string) {
    this.#home = home;
  }

  folder(client: ClientName): string {
    return path.join(this.#home, 'connect', client);
  }

  /** Undefined when this client was not connected from this home, or the record is not whole. */
  async read(client: ClientName): Promise<ConnectionRecord | undefined> {
    try {
      return recordShape.parse(JSON.parse(await fs.readFile(path.join(this.folder(client), 'record.json'), 'utf8')));
    } catch {
      return undefined;
    }
  }

  /** The file as it was; undefined when there was none, or the backup is gone. */
  async before(client: ClientName, { backup }: RecordedFile): Promise<Buffer | undefined> {
    if (backup === undefined) return undefined;
    return fs.readFile(path.join(this.folder(client), path.basename(backup))).catch(() => undefined);
  }

  /** Keeps a file as it was, on disk when this resolves. Returns the backup's name. @throws `home_read_only` */
  async keep(client: ClientName, name: string, bytes: Buffer): Promise<string> {
    await this.#write(client, name, bytes);
    return name;
  }

  /** @throws `home_read_only` */
  async write(client: ClientName, record: ConnectionRecord): Promise<void> {
    await this.#write(client, 'record.json', Buffer.from(`${JSON.stringify(record, undefined, 2)}\n`));
  }

  /**
   * Runs `work` while nobody else changes this client's files from this home.
   * @returns undefined when another does so now
   * @throws `home_read_only`, and what `work` throws
   */
  async alone<T>(client: ClientName, work: () => Promise<T>): Promise<{ readonly done: T } | undefined> {
    const lock = `${this.folder(client)}.lock`;
    try {
      await fs.mkdir(path.dirname(lock), { recursive: true, mode: 0o700 });
      await removeStale(lock);
      await fs.writeFile(lock, String(process.pid), { flag: 'wx', mode: 0o600 });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
      throw new ParleyError('home_read_only', { home: this.#home }, { cause: error });
    }
    try {
      return { done: await work() };
    } finally {
      await fs.rm(lock, { force: true });
      await fs.rmdir(path.dirname(lock)).catch(() => undefined);
    }
  }

  async remove(client: ClientName): Promise<void> {
    await fs.rm(this.folder(client), { recursive: true, force: true });
    await fs.rmdir(path.dirname(this.folder(client))).catch(() => undefined);
  }

  async #write(client: ClientName, name: string, bytes: Buffer): Promise<void> {
    const file = path.join(this.folder(client), name);
    try {
      await fs.mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
      const handle = await fs.open(`${file}.tmp`, 'w', 0o600);
      try {
        await handle.writeFile(bytes);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await fs.rename(`${file}.tmp`, file);
    } catch (error) {
      throw new ParleyError('home_read_only', { home: this.#home }, { cause: error });
    }
  }
}

/** A lock whose process is gone was left by a crash. */
async function removeStale(lock: string): Promise<void> {
  const pid = Number(await fs.readFile(lock, 'utf8').catch(() => '0'));
  if (!Number.isInteger(pid) || pid <= 0) return;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') await fs.rm(lock, { force: true });
  }
}
