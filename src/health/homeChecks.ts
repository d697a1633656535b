import * as fs from 'node:fs';
import * as path from 'node:path';
import * as z from 'zod';
import { homeFiles } from '../contract/home';
import { decodeManifest, homeFormat, manifestName } from '../store/manifest';
import { fail, none, ok, warn, type Check, type Patient, type Seen } from './finding';
import { closeHome, openHome, repairHome } from './fixes';
import { secretsOf, statOf } from './files';
import { words } from './words';

/** Less free space than this warns, than that fails. Bytes. The journal takes 8 MiB at a time. */
const lowSpace = 512 * 1024 * 1024;
const noSpace = 32 * 1024 * 1024;

/** File systems by the number that statfs gives, where a journal is not safe: gone at reboot, or locks that do not hold. */
const oddFileSystems: ReadonlyMap<number, readonly [name: string, why: 'gone' | 'noLocks' | 'noSyncs']> = new Map([
  [0x01021994, ['tmpfs', 'gone']],
  [0x858458f6, ['ramfs', 'gone']],
  [0x6969, ['NFS', 'noLocks']],
  [0xff534d42, ['CIFS', 'noLocks']],
  [0xfe534d42, ['SMB', 'noLocks']],
  [0x01021997, ['9p', 'noSyncs']],
]);

const say = words.home;

function home({ home: folder }: Patient): Seen {
  const found = statOf(folder);
  if (!found) return warn(say.missing(folder), say.makeIt);
  return found.isDirectory() ? ok(folder) : fail(say.noFolder(folder), say.moveIt);
}

function permissions({ home: folder }: Patient): Seen {
  const found = statOf(folder);
  if (!found || process.platform === 'win32') return none(words.nothing);
  if (found.uid !== process.getuid?.()) return fail(say.foreign, say.useOwn);
  const open = [folder, ...secretsOf(folder)].filter((file) => ((statOf(file)?.mode ?? 0) & 0o077) !== 0);
  if (open.length === 0) return ok(say.private);
  return warn(say.open(open.join(', ')), say.chmod(open.join(' ')), closeHome(open));
}

function writing({ home: folder }: Patient): Seen {
  const stat = statOf(folder);
  if (stat?.isDirectory() !== true) return none(words.nothing);
  const probe = path.join(folder, `.doctor-${process.pid}`);
  const began = performance.now();
  try {
    const file = fs.openSync(probe, 'wx', 0o600);
    try {
      fs.writeSync(file, 'parley');
      fs.fsyncSync(file);
    } finally {
      fs.closeSync(file);
      fs.unlinkSync(probe);
    }
    return ok(say.writes(Math.ceil(performance.now() - began)));
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC' || code === 'EDQUOT') return fail(say.cannotWrite(code), say.freeSpace);
    const isMine = stat.uid === process.getuid?.() && (stat.mode & 0o300) !== 0o300;
    return fail(say.cannotWrite(code), say.permit, isMine ? openHome(folder) : undefined);
  }
}

function fileSystem({ home: folder }: Patient): Seen {
  try {
    const [name, why] = oddFileSystems.get(fs.statfsSync(folder).type) ?? [];
    return name === undefined || why === undefined ? ok(say.local) : warn(say[why](name), say.localDisk);
  } catch {
    return none(words.nothing);
  }
}

function space({ home: folder }: Patient): Seen {
  try {
    const { bavail, bsize } = fs.statfsSync(folder);
    const free = bavail * bsize;
    const found = say.free(Math.floor(free / 1024 / 1024));
    if (free < noSpace) return fail(found, say.noSpace);
    return free < lowSpace ? warn(found, say.lowSpace) : ok(found);
  } catch {
    return none(words.nothing);
  }
}

const settingsShape = z.looseObject({ durability: z.enum(['fsync', 'os']).default('fsync') });

function settings({ home: folder }: Patient): Seen {
  const file = path.join(folder, homeFiles.settings);
  let text: string;
  try {
    text = fs.readFileSync(file, 'utf8');
  } catch {
    return statOf(folder) ? ok(say.fsync) : none(words.nothing);
  }
  try {
    return ok(say[settingsShape.parse(JSON.parse(text)).durability]);
  } catch {
    return fail(say.badSettings(file), say.mendSettings(file));
  }
}

function format(patient: Patient): Seen {
  let bytes: Buffer;
  try {
    bytes = fs.readFileSync(path.join(patient.home, manifestName));
  } catch {
    return none(words.nothing);
  }
  try {
    const manifest = decodeManifest(bytes);
    if (!manifest) return fail(say.badManifest, words.journal.repair, repairHome(patient));
    return ok(manifest.format < homeFormat ? say.olderFormat(manifest.format) : say.format(manifest.format));
  } catch {
    const [, found = '0'] = /"format":(\d+)/.exec(bytes.toString('latin1', 0, 4096)) ?? [];
    return fail(say.tooNew(Number(found), homeFormat), say.update);
  }
}

const rows = { home, permissions, writing, 'file system': fileSystem, 'disk space': space, settings, format } as const;

export const homeChecks: readonly Check[] = Object.entries(rows).map(([id, look]) => ({
  id,
  group: 'home',
  title: () => words.check[id as keyof typeof rows],
  look,
}));
