import { constants } from 'node:fs';
import { lstat, open, opendir } from 'node:fs/promises';

/** A part of a file that was read. */
export interface Part {
  readonly text: string;
  /** Whether the part is the whole file. */
  readonly isWhole: boolean;
  /** When the file changed last, in milliseconds since the epoch. */
  readonly changedAt: number;
}

/** The clients' files, as far as readers may look at them. */
export interface NearbyFiles {
  /** Names in a folder in any order, at most `most` of them; none when there is no such folder. @throws CannotTell */
  names(folder: string, most: number): Promise<readonly string[]>;
  /**
   * The first or the last bytes of a file; undefined when there is none.
   * @throws CannotTell when it is a link, no file, somebody else's, or cannot be read
   */
  read(file: string, from: 'start' | 'end', bytes: number): Promise<Part | undefined>;
}

/** Something is there and cannot be understood; the message is the end of "cannot tell: …". */
export class CannotTell extends Error {}

/** The real files of the user who runs us. Links are not followed, and whatever belongs to another user is refused. */
export function ownFiles(): NearbyFiles {
  return { names, read };
}

async function names(folder: string, most: number): Promise<readonly string[]> {
  const found: string[] = [];
  try {
    if (isForeign(await lstat(folder))) throw new CannotTell('its folder belongs to another user');
    for await (const entry of await opendir(folder)) {
      found.push(entry.name);
      if (found.length >= most) break;
    }
  } catch (error) {
    if (isMissing(error)) return found;
    throw told(error, 'its folder cannot be read');
  }
  return found;
}

async function read(file: string, from: 'start' | 'end', bytes: number): Promise<Part | undefined> {
  try {
    // Neither a link nor a pipe that nobody writes to can hold us: the one is refused, the other opens at once.
    const handle = await open(file, constants.O_RDONLY | noFollow | noWait);
    try {
      const stat = await handle.stat();
      if (!stat.isFile()) throw new CannotTell('what should be its file is none');
      if (isForeign(stat)) throw new CannotTell('its file belongs to another user');
      const length = Math.min(stat.size, bytes);
      const buffer = Buffer.alloc(length);
      const { bytesRead } = await handle.read(buffer, 0, length, from === 'start' ? 0 : stat.size - length);
      const text = buffer.toString('utf8', 0, bytesRead);
      return { text, isWhole: stat.size <= bytes, changedAt: stat.mtimeMs };
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw told(error, 'its file cannot be read');
  }
}

/** Windows has neither flag. */
const { O_NOFOLLOW: noFollow = 0, O_NONBLOCK: noWait = 0 } = constants as { O_NOFOLLOW?: number; O_NONBLOCK?: number };

/** Where there are no user ids (Windows), the folder's own protection is all there is. */
function isForeign({ uid }: { readonly uid: number }): boolean {
  return process.getuid !== undefined && uid !== process.getuid();
}

function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

function told(error: unknown, why: string): CannotTell {
  if (error instanceof CannotTell) return error;
  const isLink = (error as NodeJS.ErrnoException).code === 'ELOOP';
  return new CannotTell(isLink ? 'its file is a link' : why, { cause: error });
}
