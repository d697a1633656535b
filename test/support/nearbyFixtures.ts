import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { ownFiles, type NearbyFiles } from '../../src/nearby/files';
import type { ProcessTable, RunningProcess } from '../../src/nearby/processTable';
import type { Surroundings } from '../../src/nearby/reading';
import type { NearbyClient } from '../../src/nearby/session';

/**
 * What the readers saw when a real client ran: kept once, with paths and ids made anonymous and long texts cut, under
 * `test/support/nearby/<client>`. `npm run test:clients` runs the clients again and compares the forms; with
 * `PARLEY_KEEP_FIXTURES=1` it keeps what they wrote.
 */
export interface Machine {
  processes: RunningProcess[];
  /** By pid. */
  folders: Record<string, string>;
  openFiles: Record<string, string[]>;
}

/** Stands for the folder that holds HOME and project of the run. */
const rootMark = '@ROOT@';

const folderOf = (client: NearbyClient): string => path.join(import.meta.dirname, 'nearby', client);

/** Notes what readers ask for: what stands in the files that they read, and what the machine told them. */
export class Recorder {
  readonly machine: Machine = { processes: [], folders: {}, openFiles: {} };
  /** Contents of the files that were read, by their path below the root. */
  readonly texts = new Map<string, string>();
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  files(real: NearbyFiles): NearbyFiles {
    return {
      names: (folder, most) => real.names(folder, most),
      read: async (file, from, bytes) => {
        const part = await real.read(file, from, bytes);
        if (part) this.texts.set(path.relative(this.#root, file), fs.readFileSync(file, 'utf8'));
        return part;
      },
    };
  }

  /** @param isOurs which processes belong to the run */
  table(real: ProcessTable, isOurs: (pid: number) => boolean): ProcessTable {
    return {
      list: async () => {
        this.machine.processes = (await real.list()).filter(({ pid }) => isOurs(pid));
        return this.machine.processes;
      },
      folder: async (pid) => {
        const folder = await real.folder(pid);
        if (folder !== undefined) this.machine.folders[pid] = folder;
        return folder;
      },
      openFiles: async (pid) => {
        const files = (await real.openFiles(pid)).filter((file) => file.startsWith(this.#root));
        this.machine.openFiles[pid] = [...new Set(files)].sort();
        return this.machine.openFiles[pid];
      },
    };
  }

  /** All that was noted, anonymous: paths below `files/`, and `machine.json`. */
  kept(): ReadonlyMap<string, string> {
    const told = new Anonymous(this.#root);
    const texts = [...this.texts].map(
      ([name, text]) => [path.join('files', told.of(name)), told.of(cut(text))] as const,
    );
    return new Map([...texts, ['machine.json', told.of(`${JSON.stringify(this.machine, undefined, 2)}\n`)]]);
  }
}

/** Longest text inside JSON that is kept whole, in characters. */
const longestText = 160;

/** Shortens long texts inside JSON and JSON lines; other contents are short. */
function cut(text: string): string {
  const shorter = (_: string, value: unknown): unknown =>
    typeof value === 'string' && value.length > longestText ? `${value.slice(0, 40)}…` : value;
  const oneOf = (line: string): string => {
    try {
      return JSON.stringify(JSON.parse(line, shorter));
    } catch {
      return line;
    }
  };
  const isWhole = oneOf(text) !== text || !text.includes('\n');
  return isWhole ? oneOf(text) : text.split('\n').map(oneOf).join('\n');
}

/** Puts marks for the paths of this run and this machine, and made-up ids for ids. */
class Anonymous {
  readonly #root: string;
  readonly #ids = new Map<string, string>();

  constructor(root: string) {
    this.#root = root;
  }

  of(text: string): string {
    return text
      .replaceAll(this.#root, rootMark)
      .replaceAll(path.resolve(import.meta.dirname, '../..'), '/opt/clients')
      .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, (id) => this.#idFor(id))
      .replaceAll(/(?<![0-9a-f])[0-9a-f]{32,64}(?![0-9a-f])/g, (digest) => '0'.repeat(digest.length));
  }

  /** A UUID of version 7 keeps its time, which is part of the form; every other digit is made up. */
  #idFor(id: string): string {
    const number = this.#ids.get(id) ?? String(this.#ids.size + 1).padStart(12, '0');
    this.#ids.set(id, number);
    return id.charAt(14) === '7' ? `${id.slice(0, 13)}-7000-8000-${number}` : `00000000-0000-4000-8000-${number}`;
  }
}

export function keep(client: NearbyClient, kept: ReadonlyMap<string, string>): void {
  fs.rmSync(folderOf(client), { recursive: true, force: true });
  for (const [name, text] of kept) {
    const file = path.join(folderOf(client), name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
  }
}

/** What was kept, by its path in the client's folder. */
export function keptFor(client: NearbyClient): ReadonlyMap<string, string> {
  const entries = fs.readdirSync(folderOf(client), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  return new Map(files.map((file) => [path.relative(folderOf(client), file), fs.readFileSync(file, 'utf8')]));
}

/** Which fields there are in what a client wrote, with their types; ids and numbers in file names do not count. */
export function formOf(kept: ReadonlyMap<string, string>): string[] {
  const forms = new Set<string>();
  for (const [name, text] of kept) {
    if (name === 'machine.json') continue;
    const file = name
      .replaceAll(/[0-9a-f-]{36}/g, 'ID')
      .replaceAll(/\d+/g, 'N')
      .replaceAll(/-[0-9a-f]*N[0-9a-fN]*\./g, '-X.');
    for (const line of jsonTexts(text)) collect(line, file, forms);
  }
  return [...forms].sort();
}

function jsonTexts(text: string): unknown[] {
  try {
    return [JSON.parse(text)];
  } catch {
    return text.split('\n').flatMap((line) => {
      try {
        return [JSON.parse(line) as unknown];
      } catch {
        return line.includes(': ') ? [{ [line.split(': ', 1)[0] ?? '']: 'text' }] : [];
      }
    });
  }
}

function collect(value: unknown, at: string, forms: Set<string>): void {
  if (Array.isArray(value)) {
    for (const item of value) collect(item, `${at}[]`, forms);
  } else if (typeof value === 'object' && value !== null) {
    const type = 'type' in value && typeof value.type === 'string' ? `<${value.type}>` : '';
    for (const [key, item] of Object.entries(value))
      collect(item, `${at}${type}.${key.replace(/^[/@0-9].*/, 'KEY')}`, forms);
  } else {
    forms.add(`${at}: ${value === null ? 'null' : typeof value}`);
  }
}

/** A machine on which the client runs as it did when the fixture was kept; tests may change it as they like. */
export interface PlacedFixture {
  readonly root: string;
  readonly home: string;
  readonly project: string;
  readonly machine: Machine;
  readonly given: () => Surroundings;
  readonly dispose: () => void;
}

/** Puts what was kept into a temporary folder, with the real files of it and a process table of paper. */
export function place(client: NearbyClient): PlacedFixture {
  const root = fs.realpathSync(fs.mkdtempSync(path.join(tmpdir(), 'parley-nearby-')));
  const [home, project] = [path.join(root, 'home'), path.join(root, 'project')];
  const kept = keptFor(client);
  for (const [name, text] of kept) {
    if (!name.startsWith('files')) continue;
    const file = path.join(root, path.relative('files', name));
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text.replaceAll(rootMark, root));
  }
  const machine = JSON.parse((kept.get('machine.json') ?? '').replaceAll(rootMark, root)) as Machine;
  return {
    root,
    home,
    project,
    machine,
    given: () => ({ files: ownFiles(), table: paperTable(machine), processes: machine.processes, env: {}, home }),
    dispose: () => fs.rmSync(root, { recursive: true, force: true }),
  };
}

export function paperTable(machine: Machine): ProcessTable {
  return {
    list: async () => machine.processes,
    folder: async (pid) => machine.folders[pid],
    openFiles: async (pid) => machine.openFiles[pid] ?? [],
  };
}
