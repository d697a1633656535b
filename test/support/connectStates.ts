import * as fs from 'node:fs';
import * as path from 'node:path';
import { parse as parseJsonc } from 'jsonc-parser';
import { parse as parseToml } from 'smol-toml';
import { clientNames, type ClientName } from '../../src/connect/clientNames';
import { clientOf, type FileChange, type Place } from '../../src/connect/clients';
import { Connector } from '../../src/connect/connector';

/**
 * A program: connects and removes every client with its files in every state, in the folder that its argument names, and
 * prints what was wrong as JSON: `{ "<client>, <state>": "" }`, with words where something was. Run it as a user whom
 * permissions hold.
 */

/** A user's folder, and somebody who connects one client there. */
class Room {
  readonly user: string;
  readonly home: string;
  readonly launcher: string;
  readonly client: ClientName;
  readonly #place: Place;
  #ids = 0;

  constructor(root: string, client: ClientName) {
    this.user = fs.mkdtempSync(path.join(root, 'u-'));
    // Apart, so that what was read-only in the user's folder is not in our own way.
    this.home = path.join(this.user, '.parley');
    this.launcher = path.join(this.home, 'bin', 'parley');
    fs.mkdirSync(this.home);
    this.client = client;
    this.#place = { launcher: this.launcher, env: {}, userFolder: this.user, platform: 'linux', exists: fs.existsSync };
  }

  /** The files that the client shares with us. */
  get shared(): FileChange[] {
    return clientOf(this.client)
      .changes(this.#place, { isAllowed: true })
      .filter(({ isOwn }) => !isOwn);
  }

  connector(): Connector {
    const newId = (): string => `${process.pid}-${++this.#ids}`;
    return new Connector({ home: this.home, place: this.#place, now: () => 1, newId });
  }

  async connect(): Promise<string> {
    return outcome(async () => {
      const connector = this.connector();
      await connector.carryOut(await connector.planConnect(this.client, { isAllowed: true }));
    });
  }

  async remove(): Promise<string> {
    return outcome(async () => {
      const connector = this.connector();
      await connector.carryOut(await connector.planRemove(this.client));
    });
  }

  /** Names, links, modes and contents of all but the home. */
  picture(): string {
    const found: string[] = [];
    const look = (folder: string): void => {
      for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
        const name = path.join(folder, entry.name);
        if (name === this.home) continue;
        if (entry.isSymbolicLink()) found.push(`${name} -> ${fs.readlinkSync(name)}`);
        else if (entry.isDirectory()) look(name);
        else found.push(`${name} ${fs.statSync(name).mode & 0o777} ${fs.readFileSync(name).toString('latin1')}`);
      }
    };
    look(this.user);
    return found.sort().join('\n');
  }

  /** Why the client would not read a file of its own, or would not find us in it. */
  broken(): string {
    for (const { file } of this.shared) {
      const text = fs.readFileSync(file, 'utf8');
      if (meaning(file, text) === undefined) return `${file} is malformed`;
      if (text.split(this.launcher).length < 2) return `${file} has no entry of ours`;
    }
    return '';
  }
}

async function outcome(work: () => Promise<void>): Promise<string> {
  try {
    await work();
    return 'done';
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

function meaning(file: string, text: string): unknown {
  const plain = text.replace(/^\ufeff/, '');
  if (file.endsWith('.toml')) {
    try {
      return parseToml(plain);
    } catch {
      return undefined;
    }
  }
  const errors: unknown[] = [];
  const value: unknown = parseJsonc(plain, errors as never[], { allowTrailingComma: true });
  return errors.length === 0 ? value : undefined;
}

const json = `{
  // mine
  "theme": "dark", // at night
  "other": { "a": [1, 2,], },
}
`;
const toml = `# mine
model = "m" # the best

[other] # keep
a = [1, 2,]
`;
const textFor = (file: string): string => (file.endsWith('.toml') ? toml : json);

/** Each writes the client's files, and says in which of them what stood there must come back by the byte. */
const texts: Readonly<Record<string, (file: string) => string>> = {
  'that exist': (file) => (file.endsWith('.toml') ? 'model = "m"\n' : '{\n  "theme": "dark"\n}\n'),
  'with comments and trailing commas': textFor,
  'with a byte order mark': (file) => `\ufeff${textFor(file)}`,
  'with CRLF line ends': (file) => textFor(file).replaceAll('\n', '\r\n'),
  'that are empty': () => '',
};

function write(file: string, text: string, mode = 0o640): void {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, text);
  fs.chmodSync(file, mode);
}

/** What must hold in a state: answers what was wrong, or nothing. */
type Trial = (room: Room) => Promise<string>;

/** Connects, looks at the files, removes, and wants everything as it was. */
async function roundTrip(room: Room): Promise<string> {
  const before = room.picture();
  const connected = await room.connect();
  if (connected !== 'done') return `connecting: ${connected}`;
  const broken = room.broken();
  if (broken !== '') return broken;
  const removed = await room.remove();
  if (removed !== 'done') return `removing: ${removed}`;
  return room.picture() === before ? '' : `left behind:\n${room.picture()}\nwas:\n${before}`;
}

/** Wants a refusal with this code, and everything as it was. */
async function refused(room: Room, code: string): Promise<string> {
  const before = room.picture();
  for (const act of ['connect', 'remove'] as const) {
    const said = await room[act]();
    // Where nothing of ours is, there may be nothing to take out.
    if (said !== code && !(act === 'remove' && said === 'done')) return `${act}: ${said}`;
    if (room.picture() !== before) return `${act} changed something`;
  }
  return '';
}

function isDenied(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.W_OK);
    return false;
  } catch {
    return true;
  }
}

const trials: Readonly<Record<string, Trial>> = {
  ...Object.fromEntries(
    Object.entries(texts).map(([state, text]): [string, Trial] => [
      state,
      (room) => {
        for (const { file } of room.shared) write(file, text(file));
        return roundTrip(room);
      },
    ]),
  ),
  'that are missing': roundTrip,
  'that are malformed': (room) => {
    for (const { file } of room.shared) write(file, file.endsWith('.toml') ? 'a = \n[b' : '{"a": {"b": 1}');
    return refused(room, 'config_malformed');
  },
  'of which the last is malformed': (room) => {
    for (const { file } of room.shared.slice(0, -1)) write(file, textFor(file));
    for (const { file } of room.shared.slice(-1)) write(file, '[1');
    return refused(room, 'config_malformed');
  },
  'that are links': (room) => {
    for (const [index, { file }] of room.shared.entries()) {
      const real = path.join(room.user, 'dotfiles', `${index}${path.extname(file)}`);
      write(real, textFor(file));
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.symlinkSync(path.relative(path.dirname(file), real), file);
    }
    return roundTrip(room);
  },
  'that are links to nothing': (room) => {
    fs.mkdirSync(path.join(room.user, 'dotfiles'));
    for (const [index, { file }] of room.shared.entries()) {
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.symlinkSync(path.join(room.user, 'dotfiles', `${index}${path.extname(file)}`), file);
    }
    return roundTrip(room);
  },
  'that are links in a circle': (room) => {
    for (const { file } of room.shared) {
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.symlinkSync(path.basename(file), file);
    }
    return refused(room, 'config_unwritable');
  },
  'that are read-only': (room) => {
    for (const { file } of room.shared) write(file, textFor(file), 0o444);
    if (!room.shared.every(({ file }) => isDenied(file))) return Promise.resolve('the obstacle is none');
    return refused(room, 'config_unwritable');
  },
  'in a folder that is read-only': async (room) => {
    for (const { file } of room.shared) write(file, textFor(file));
    const folders = [...new Set(room.shared.map(({ file }) => path.dirname(file)))];
    for (const folder of folders) fs.chmodSync(folder, 0o555);
    try {
      if (!folders.every(isDenied)) return 'the obstacle is none';
      return await refused(room, 'config_unwritable');
    } finally {
      for (const folder of folders) fs.chmodSync(folder, 0o755);
    }
  },
  'that change between showing and writing': async (room) => {
    for (const { file } of room.shared) write(file, textFor(file));
    const connector = room.connector();
    const plan = await connector.planConnect(room.client, { isAllowed: true });
    const [last] = room.shared.slice(-1);
    write(last?.file ?? '', `${textFor(last?.file ?? '')}\n`);
    const before = room.picture();
    const said = await outcome(() => connector.carryOut(plan));
    if (said !== 'config_changed') return `said ${said}`;
    return room.picture() === before ? '' : 'something was changed';
  },
  'that others change between connecting and removing': async (room) => {
    for (const { file } of room.shared) write(file, textFor(file));
    const connected = await room.connect();
    if (connected !== 'done') return connected;
    for (const { file } of room.shared) {
      const text = fs.readFileSync(file, 'utf8');
      const theirs = file.endsWith('.toml') ? `${text}\n[theirs]\nsince = 1\n` : text.replace('"dark"', '"light"');
      fs.writeFileSync(file, theirs);
    }
    const removed = await room.remove();
    if (removed !== 'done') return removed;
    for (const { file } of room.shared) {
      const text = fs.readFileSync(file, 'utf8');
      const wanted = file.endsWith('.toml') ? /\[theirs\]\nsince = 1/ : /"light", \/\/ at night/;
      if (!wanted.test(text) || !text.includes('mine')) return `${file} lost what others wrote: ${text}`;
      if (meaning(file, text) === undefined) return `${file} is malformed: ${text}`;
      if (text.includes(room.launcher)) return `${file} still has our entry: ${text}`;
    }
    return '';
  },
  'that two connect at once': async (room) => {
    for (const { file } of room.shared) write(file, textFor(file));
    const before = room.picture();
    const said = await Promise.all([room.connect(), room.connect(), room.connect()]);
    if (!said.includes('done')) return `none did it: ${said.join(', ')}`;
    const odd = said.filter((one) => one !== 'done' && one !== 'config_changed');
    if (odd.length > 0) return odd.join(', ');
    const broken = room.broken();
    if (broken !== '') return broken;
    const again = await room.connector().planConnect(room.client, { isAllowed: true });
    if (again.files.length > 0) return `not whole: ${again.files.map(({ file }) => file).join(', ')}`;
    const removed = await room.remove();
    if (removed !== 'done') return removed;
    return room.picture() === before ? '' : 'not as it was';
  },
  'while another, who crashed, has left a lock': (room) => {
    const lock = path.join(room.home, 'connect', `${room.client}.lock`);
    // No process has this number: it is beyond what Linux gives.
    write(lock, '4194999');
    return roundTrip(room);
  },
};

export const stateNames = Object.keys(trials);

async function main(root: string): Promise<void> {
  const results: Record<string, string> = {};
  for (const client of clientNames) {
    for (const [state, trial] of Object.entries(trials)) {
      results[`${client}, ${state}`] = await trial(new Room(root, client)).catch((error: unknown) => String(error));
    }
  }
  process.stdout.write(JSON.stringify(results));
}

if (process.argv[2] === 'run') void main(process.argv[3] ?? '');
