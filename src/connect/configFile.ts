import type { Stats } from 'node:fs';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { ParleyError } from '../contract/errors';

/** The largest configuration that is edited, in bytes. Claude Code's own grows with every project; tens of megabytes were seen. */
export const largestConfig = 64 * 1024 * 1024;
/** Links that are followed from one name. */
const mostLinks = 40;
/** Mode of a file that was not there: configurations may hold keys. */
const newFileMode = 0o600;

/** A file as it stands on disk now. */
export interface FoundFile {
  /** As the client names it. */
  readonly file: string;
  /** The file itself: links are followed, and stay. */
  readonly target: string;
  /** Undefined when there is no such file. */
  readonly bytes?: Buffer;
  readonly mode: number;
  readonly owner?: { readonly uid: number; readonly gid: number };
}

/**
 * Reads a file that may not be there.
 * @throws `config_too_large`; `config_unwritable` when it is no file, may not be read, or its links lead nowhere
 */
export async function findFile(file: string): Promise<FoundFile> {
  try {
    const target = await followed(file);
    const stat = await fs.stat(target).catch(missing);
    if (!stat) return { file, target, mode: newFileMode };
    if (!stat.isFile()) throw new ParleyError('config_unwritable', { file, problem: noFile });
    if (stat.size > largestConfig)
      throw new ParleyError('config_too_large', { file, bytes: stat.size, limit: largestConfig });
    const bytes = await fs.readFile(target);
    return { file, target, bytes, mode: stat.mode & 0o7777, owner: { uid: stat.uid, gid: stat.gid } };
  } catch (error) {
    throw asConfigError(error, file);
  }
}

/** The name behind every link, also when the last leads to nothing yet. */
async function followed(file: string): Promise<string> {
  let name = file;
  for (let count = 0; count < mostLinks; count++) {
    const stat = await fs.lstat(name).catch(missing);
    if (stat?.isSymbolicLink() !== true) return name;
    name = path.resolve(await fs.realpath(path.dirname(name)), await fs.readlink(name));
  }
  throw Object.assign(new Error('too many links'), { code: 'ELOOP' });
}

function missing(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
  throw error;
}

/**
 * That the file could be replaced, without touching it.
 * @throws `config_unwritable`
 */
export async function checkWritable({ file, target, bytes }: FoundFile): Promise<void> {
  try {
    if (bytes) await fs.access(target, fs.constants.W_OK);
    await fs.access(await nearestFolder(target), fs.constants.W_OK | fs.constants.X_OK);
  } catch (error) {
    throw asConfigError(error, file);
  }
}

async function nearestFolder(target: string): Promise<string> {
  const folder = path.dirname(target);
  const stat: Stats | undefined = await fs.stat(folder).catch(missing);
  return stat || folder === target ? folder : nearestFolder(folder);
}

/**
 * Replaces the file whole, or makes it: the new one is on disk before it takes the name, with the old one's mode and owner.
 * Whatever fails, the old one stands.
 * @param bytes the new content; undefined removes the file
 * @returns the folders that were made for it, the outermost first
 * @throws `config_changed` when it is not what was found any more; `config_unwritable`
 */
export async function replaceFile(found: FoundFile, bytes: Buffer | undefined, id: string): Promise<string[]> {
  const { file, target } = found;
  const temporary = `${target}.parley-${id}.tmp`;
  const made: string[] = [];
  try {
    if (bytes === undefined) {
      await checkUnchanged(found);
      await fs.rm(target, { force: true });
      return [];
    }
    await checkWritable(found);
    for (let first = await fs.mkdir(path.dirname(target), { recursive: true, mode: 0o700 }); first !== undefined;) {
      made.push(first);
      first = nextFolder(first, path.dirname(target));
    }
    await writeWhole(temporary, bytes, found);
    await checkUnchanged(found);
    await fs.rename(temporary, target);
    await syncFolder(path.dirname(target));
    return made;
  } catch (error) {
    await fs.rm(temporary, { force: true }).catch(() => undefined);
    for (const folder of made.reverse()) await fs.rmdir(folder).catch(() => undefined);
    throw asConfigError(error, file);
  }
}

/** One step from the folder towards the innermost. */
function nextFolder(folder: string, innermost: string): string | undefined {
  const [step] = path.relative(folder, innermost).split(path.sep);
  return step === undefined || step === '' ? undefined : path.join(folder, step);
}

async function writeWhole(file: string, bytes: Buffer, { mode, owner }: FoundFile): Promise<void> {
  const handle = await fs.open(file, 'wx', mode);
  try {
    // The mode above is cut by the umask, and the owner is us.
    const { uid, gid } = await handle.stat();
    if (owner && (owner.uid !== uid || owner.gid !== gid)) await handle.chown(owner.uid, owner.gid);
    await handle.chmod(mode);
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** That the file holds what was found. @throws `config_changed` */
export async function checkUnchanged({ file, target, bytes }: FoundFile): Promise<void> {
  const now = await fs.readFile(target).catch(missing);
  if (now === undefined ? bytes !== undefined : !bytes?.equals(now)) throw new ParleyError('config_changed', { file });
}

/** After this the name survives a power cut. Windows has no such thing. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await fs.open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const noFile = 'it is not a file';

const problems: Readonly<Record<string, string>> = {
  EACCES: 'you have no permission',
  EPERM: 'you have no permission',
  EROFS: 'its disk is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk is full',
  ELOOP: 'its links go in a circle',
  ENOTDIR: 'a part of its path is not a folder',
  EISDIR: 'it is a folder',
};

/** What may be in the way of writing a configuration, in words that have a translation. */
export const configProblems: readonly string[] = [noFile, ...Object.values(problems)];

function asConfigError(error: unknown, file: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof ParleyError || code === undefined) return error;
  return new ParleyError('config_unwritable', { file, problem: problems[code] ?? code }, { cause: error });
}
