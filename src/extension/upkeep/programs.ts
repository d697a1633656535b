import { chmod, copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { homeFiles } from '../../contract/home';
import { isNewer, type Edition } from '../../contract/versions';
import { launcherScript, windowsLauncher } from './launcher';

/** What the programs in the home consist of. */
const programFiles = ['broker.js', 'index-worker.js', 'parley.js', 'hook.js', 'sql-wasm.wasm'] as const;
/** Says which build a folder of programs is, and how long ago it was written. Written last: a folder without it is not whole. */
const editionFile = 'edition.json';
/** Runtimes that the launcher tries, the latest first. */
const mostRuntimes = 4;
/** Versions kept beside the newest: a program that still runs from one may load more of it. */
const keptVersions = 2;

export interface ProgramsOptions {
  /** The folder in the extension that holds the built programs. */
  readonly source: string;
  readonly home: string;
  readonly edition: Edition;
  /** What runs the programs: this editor's own runtime. */
  readonly runtime: string;
  readonly platform?: NodeJS.Platform;
}

export interface Programs {
  /** The folder with the programs of this version. */
  readonly folder: string;
  /** The folder with the launcher, for the PATH. */
  readonly bin: string;
  readonly launcher: string;
}

/**
 * Puts the programs of this version into the home, unless this build is there already, and makes the launcher run the
 * newest version that is there. Two windows may do so at once; nothing is ever replaced under a program that runs.
 * @throws the file system's errors
 */
export async function installPrograms(options: ProgramsOptions): Promise<Programs> {
  const { home, runtime, edition, platform = process.platform } = options;
  const bin = path.join(home, homeFiles.bin);
  await mkdir(bin, { recursive: true, mode: 0o700 });
  const folder = path.join(bin, (await isFree(bin, edition)) ? edition.version : `${edition.version}-${edition.build}`);
  if (!isSame(await readEdition(folder), edition)) await place(options, folder);
  const [newest] = await editions(bin);
  const program = path.join(bin, newest?.folder ?? edition.version, 'parley.js');
  const what = { home, program, runtimes: await recordRuntime(bin, runtime) };
  const launcher = path.join(bin, platform === 'win32' ? 'parley.cmd' : 'parley');
  await replaceFile(launcher, platform === 'win32' ? windowsLauncher(what) : launcherScript(what), 0o755);
  await removeOld(bin);
  return { folder, bin, launcher };
}

/** Whether the folder named by the version alone is ours or nobody's: another build of the version gets one beside it. */
async function isFree(bin: string, edition: Edition): Promise<boolean> {
  const folder = path.join(bin, edition.version);
  return !existsSync(folder) || isSame(await readEdition(folder), edition);
}

function isSame(one: Edition | undefined, other: Edition): boolean {
  return one?.version === other.version && one.build === other.build;
}

async function place({ source, edition }: ProgramsOptions, folder: string): Promise<void> {
  const fresh = `${folder}.${randomUUID()}.tmp`;
  await mkdir(fresh, { recursive: true, mode: 0o700 });
  try {
    await Promise.all(programFiles.map((name) => copyFile(path.join(source, name), path.join(fresh, name))));
    await writeFile(path.join(fresh, editionFile), JSON.stringify(edition));
    await rename(fresh, folder);
  } catch (error) {
    // Another window was faster: its folder holds the same.
    if (!isSame(await readEdition(folder), edition)) throw error;
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

async function readEdition(folder: string): Promise<Edition | undefined> {
  try {
    const { version, build } = JSON.parse(await readFile(path.join(folder, editionFile), 'utf8')) as Partial<Edition>;
    return typeof version === 'string' && typeof build === 'number' ? { version, build } : undefined;
  } catch {
    return undefined;
  }
}

interface InstalledEdition extends Edition {
  readonly folder: string;
}

/** The whole editions in the folder, the newest first. */
async function editions(bin: string): Promise<InstalledEdition[]> {
  const names = (await readdir(bin, { withFileTypes: true }))
    .filter((entry) => entry.isDirectory() && !entry.name.endsWith('.tmp'))
    .map((entry) => entry.name);
  const found = await Promise.all(
    names.map(async (folder) => {
      const edition = await readEdition(path.join(bin, folder));
      return edition && { ...edition, folder };
    }),
  );
  return found.filter((edition) => edition !== undefined).sort((a, b) => (isNewer(a, b) ? -1 : 1));
}

async function removeOld(bin: string): Promise<void> {
  const [, ...older] = await editions(bin);
  for (const { folder } of older.slice(keptVersions))
    await rm(path.join(bin, folder), { recursive: true, force: true });
}

async function recordRuntime(bin: string, runtime: string): Promise<string[]> {
  const file = path.join(bin, 'runtimes.json');
  const known = await readFile(file, 'utf8').then(
    (text) => JSON.parse(text) as unknown,
    () => [],
  );
  const others = Array.isArray(known)
    ? known.filter((one): one is string => typeof one === 'string' && one !== runtime)
    : [];
  const runtimes = [runtime, ...others].slice(0, mostRuntimes);
  await replaceFile(file, JSON.stringify(runtimes), 0o600);
  return runtimes;
}

async function replaceFile(file: string, text: string, mode: number): Promise<void> {
  if ((await readFile(file, 'utf8').catch(() => undefined)) === text) return;
  const temporary = `${file}.${randomUUID()}.tmp`;
  await writeFile(temporary, text, { mode });
  // The mode above is cut by the umask.
  await chmod(temporary, mode);
  await rename(temporary, file);
}
