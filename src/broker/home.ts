import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import * as z from 'zod';
import { ParleyError } from '../contract/errors';
import { homeFiles } from '../contract/home';
import { isNewer, type Edition } from '../contract/versions';
import type { BrokerRecord } from '../contract/wire';
import { defaultLimits, type Limits } from '../core/limits';
import { newToken } from './tokens';

/** The longest path that a Unix socket can have, with room for the final zero. */
export const longestSocketPath = process.platform === 'darwin' ? 102 : 107;

/** The home folder: `PARLEY_HOME`, else `~/.parley`. Absolute. */
export function homeOf(env: NodeJS.ProcessEnv): string {
  const named = env['PARLEY_HOME'];
  return path.resolve(named === undefined || named === '' ? path.join(os.homedir(), '.parley') : named);
}

/** Makes the home if it is not there; it is ours alone. @throws `home_read_only` */
export function prepareHome(home: string): void {
  try {
    fs.mkdirSync(home, { recursive: true, mode: 0o700 });
    for (const folder of [homeFiles.logs, homeFiles.identities]) {
      fs.mkdirSync(path.join(home, folder), { recursive: true, mode: 0o700 });
    }
    fs.accessSync(home, fs.constants.W_OK);
  } catch (error) {
    throw new ParleyError('home_read_only', { home }, { cause: error });
  }
}

/** The person's token; made at the first start. */
export function adminToken(home: string): string {
  const file = path.join(home, homeFiles.adminToken);
  try {
    fs.writeFileSync(file, newToken(), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const token = fs.readFileSync(file, 'utf8').trim();
  if (token.length >= 32) return token;
  // A crash between creating and writing left it empty.
  fs.writeFileSync(file, newToken(), { mode: 0o600 });
  return fs.readFileSync(file, 'utf8').trim();
}

/**
 * Where the broker of this home listens: in the home, or under a short hashed name when that path is too long for a
 * socket. The folder is made, and checked to be ours, mode 0700 and no link.
 * @throws `socket_folder_denied`, `socket_foreign`
 */
export function prepareSocket(home: string): string {
  if (process.platform === 'win32') {
    return `\\\\.\\pipe\\parley-${shortHash(`${os.userInfo().username} ${home}`)}`;
  }
  const direct = path.join(home, 'broker.sock');
  const socket = Buffer.byteLength(direct) <= longestSocketPath ? direct : hashedSocket(home);
  checkFolder(path.dirname(socket));
  const old = lstat(socket);
  if (old && old.uid !== uid()) throw new ParleyError('socket_foreign', { socket });
  // We hold the home's lock: whoever listened there is gone.
  if (old) fs.unlinkSync(socket);
  return socket;
}

function hashedSocket(home: string): string {
  const runtime = process.env['XDG_RUNTIME_DIR'];
  const base = runtime !== undefined && runtime !== '' ? path.join(runtime, 'parley') : `/tmp/parley-${uid()}`;
  const socket = path.join(base, `${shortHash(home)}.sock`);
  return Buffer.byteLength(socket) <= longestSocketPath
    ? socket
    : path.join(`/tmp/parley-${uid()}`, `${shortHash(home)}.sock`);
}

function checkFolder(folder: string): void {
  const denied = (problem: string): never => {
    throw new ParleyError('socket_folder_denied', { folder, problem });
  };
  try {
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    denied((error as NodeJS.ErrnoException).code ?? 'cannot be made');
  }
  const found = lstat(folder);
  if (!found?.isDirectory()) return denied('it is not a folder');
  if (found.uid !== uid()) return denied('it belongs to another user');
  if ((found.mode & 0o077) !== 0) {
    try {
      fs.chmodSync(folder, 0o700);
    } catch {
      denied('others can open it');
    }
  }
}

function lstat(file: string): fs.Stats | undefined {
  return fs.lstatSync(file, { throwIfNoEntry: false });
}

function uid(): number {
  return process.getuid?.() ?? 0;
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** Writes {@link BrokerRecord} whole, readable by us alone. */
export function writeBrokerRecord(home: string, record: BrokerRecord): void {
  const file = path.join(home, homeFiles.broker);
  const temporary = `${file}.${process.pid}.tmp`;
  fs.writeFileSync(temporary, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
  fs.renameSync(temporary, file);
}

/** Takes the record away, if it is still ours. */
export function removeBrokerRecord(home: string, pid: number): void {
  const file = path.join(home, homeFiles.broker);
  try {
    const record = JSON.parse(fs.readFileSync(file, 'utf8')) as Partial<BrokerRecord>;
    if (record.pid === pid) fs.unlinkSync(file);
  } catch {
    // Gone already, or not readable: nothing of ours.
  }
}

const editionFile = z.object({ version: z.string(), build: z.number() });

/** Leaves word that programs older than this start no broker here any more. */
export function markNewest(home: string, edition: Edition): void {
  const file = path.join(home, homeFiles.newest);
  fs.writeFileSync(`${file}.tmp`, JSON.stringify(edition), { mode: 0o600 });
  fs.renameSync(`${file}.tmp`, file);
}

/** @throws `superseded` when a newer program has taken this home over */
export function checkNewest(home: string, own: Edition): void {
  let newest: Edition;
  try {
    newest = editionFile.parse(JSON.parse(fs.readFileSync(path.join(home, homeFiles.newest), 'utf8')));
  } catch {
    // None was left, or it was damaged: then nobody is kept out.
    return;
  }
  if (isNewer(newest, own)) throw new ParleyError('superseded', { version: newest.version });
}

const positive = z.number().int().positive();

/** `settings.json` of the home: what the broker itself obeys. Unknown entries are ignored, wrong ones refused. */
const settingsFile = z.object({
  durability: z.enum(['fsync', 'os']).optional(),
  /** How long the broker stays with nobody connected, ms. */
  idleExit: positive.optional(),
  /** The person's name on the roster. */
  person: z.string().optional(),
  limits: z.record(z.string(), positive).optional(),
});

export interface BrokerSettings {
  readonly durability: 'fsync' | 'os';
  readonly idleExit: number;
  readonly person: string | undefined;
  readonly limits: Limits;
}

/** @throws `bad_input` naming the entry that is wrong */
export function readSettings(home: string): BrokerSettings {
  const file = path.join(home, homeFiles.settings);
  let parsed: z.infer<typeof settingsFile> = {};
  try {
    parsed = settingsFile.parse(JSON.parse(fs.readFileSync(file, 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      const problem = error instanceof z.ZodError ? z.prettifyError(error) : 'it is not JSON';
      throw new ParleyError('bad_input', { problem: `${file}: ${problem}` });
    }
  }
  const unknown = Object.keys(parsed.limits ?? {}).find((name) => !Object.hasOwn(defaultLimits, name));
  if (unknown !== undefined) throw new ParleyError('bad_input', { problem: `${file}: there is no limit "${unknown}"` });
  return {
    durability: parsed.durability ?? 'fsync',
    idleExit: parsed.idleExit ?? 10 * 60_000,
    person: parsed.person,
    limits: { ...defaultLimits, ...(parsed.limits as Partial<Limits> | undefined) },
  };
}

/** A name for the person: their account's, as far as it makes one. */
export function personName(wanted: string | undefined): string {
  const account = wanted ?? safeUserName();
  const letters = account
    .replace(/[^A-Za-z0-9_-]/g, '')
    .replace(/^[^A-Za-z]+/, '')
    .slice(0, 32);
  if (letters === '') return 'Person';
  return wanted === undefined ? letters.charAt(0).toUpperCase() + letters.slice(1) : letters;
}

function safeUserName(): string {
  try {
    return os.userInfo().username;
  } catch {
    return '';
  }
}
