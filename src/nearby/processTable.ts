import { execFile } from 'node:child_process';
import * as fs from 'node:fs';
import { promisify } from 'node:util';
import { CannotTell } from './files';

/** A process of our own user. */
export interface RunningProcess {
  readonly pid: number;
  readonly parent: number;
  /** When it began, in the system's own words, as `src/client/processes.ts` says it. */
  readonly start: string;
  /** The same in milliseconds since the epoch, to within two seconds. */
  readonly startedAt: number;
  /** Its command line, word by word. */
  readonly command: readonly string[];
}

/** The processes of this machine that belong to the user who runs us. */
export interface ProcessTable {
  /** @throws CannotTell where the system does not tell */
  list(): Promise<readonly RunningProcess[]>;
  /** The folder it is in; undefined when it is gone or does not say. */
  folder(pid: number): Promise<string | undefined>;
  /** Absolute paths of what it holds open; none when it is gone or does not say. */
  openFiles(pid: number): Promise<readonly string[]>;
}

/** Processes that are looked at, the latest first. */
const mostProcesses = 4096;

/** The real one: /proc on Linux, `ps` and `lsof` on macOS. On Windows neither folder nor open files can be asked for. */
export function machineTable(platform: NodeJS.Platform = process.platform): ProcessTable {
  if (platform === 'linux') return new LinuxTable();
  if (platform === 'darwin') return macTable;
  const nothing = (): Promise<never> =>
    Promise.reject(new CannotTell('Parley looks for sessions on Linux and macOS only'));
  return { list: nothing, folder: nothing, openFiles: nothing };
}

/** Ticks a second in /proc, the same on every Linux that Node runs on. */
const ticksPerSecond = 100;
/** Processes that are read before others get their turn. */
const sliceSize = 64;

class LinuxTable implements ProcessTable {
  readonly #uid = process.getuid?.();
  /** A process keeps its command line as long as it keeps its name: read once. */
  #known = new Map<string, RunningProcess>();
  #boot: number | undefined;

  async list(): Promise<readonly RunningProcess[]> {
    this.#boot ??= bootTime();
    const pids = fs
      .readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .slice(-mostProcesses);
    const seen = new Map<string, RunningProcess>();
    for (const [index, pid] of pids.entries()) {
      if (index % sliceSize === sliceSize - 1) await new Promise(setImmediate);
      const found = this.#look(pid);
      if (found) seen.set(found.key, found.process);
    }
    this.#known = seen;
    return [...seen.values()];
  }

  async folder(pid: number): Promise<string | undefined> {
    const folder = await fs.promises.readlink(`/proc/${pid}/cwd`).catch(() => undefined);
    // What Linux says of a folder that was removed.
    return folder?.endsWith(' (deleted)') === true ? undefined : folder;
  }

  async openFiles(pid: number): Promise<readonly string[]> {
    const folder = `/proc/${pid}/fd`;
    const names = await fs.promises.readdir(folder).catch((): string[] => []);
    const links = await Promise.all(
      names.slice(0, mostOpenFiles).map(async (name) => fs.promises.readlink(`${folder}/${name}`).catch(() => '')),
    );
    return links.filter((link) => link.startsWith('/'));
  }

  /** /proc/PID/stat: parent and start are fields 4 and 22, counted after the name in brackets. */
  #look(pid: string): { key: string; process: RunningProcess } | undefined {
    try {
      if (this.#uid !== undefined && fs.statSync(`/proc/${pid}`).uid !== this.#uid) return undefined;
      const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
      const end = stat.lastIndexOf(')');
      const fields = stat.slice(end + 2).split(' ');
      const [state, parent] = fields;
      const start = fields[19] ?? '';
      if (state === 'Z') return undefined;
      const key = `${stat.slice(0, end)} ${start}`;
      const known = this.#known.get(key);
      if (known) return { key, process: known };
      const command = fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
      const startedAt = (this.#boot ?? 0) + (Number(start) / ticksPerSecond) * 1000;
      return { key, process: { pid: Number(pid), parent: Number(parent), start, startedAt, command } };
    } catch {
      return undefined; // it ended meanwhile
    }
  }
}

/** Open files of one process that are looked at. */
const mostOpenFiles = 1024;

function bootTime(): number {
  const line = /^btime (\d+)$/m.exec(fs.readFileSync('/proc/stat', 'utf8'));
  if (!line) throw new CannotTell('the system does not say when it started');
  return Number(line[1]) * 1000;
}

const run = promisify(execFile);
const most = { timeout: 5000, maxBuffer: 8 * 1024 * 1024, encoding: 'utf8' as const };

const macTable: ProcessTable = {
  async list() {
    // Dates in English, whatever the user's language is.
    const env = { ...process.env, LC_ALL: 'C' };
    const { stdout } = await run('ps', ['-xo', 'pid=,ppid=,lstart=,args='], { ...most, env }).catch(
      (error: unknown) => {
        throw new CannotTell('ps does not list the processes', { cause: error });
      },
    );
    return readPs(stdout).slice(-mostProcesses);
  },
  async folder(pid) {
    return readLsof(await lsof(pid)).folder;
  },
  async openFiles(pid) {
    return readLsof(await lsof(pid)).files.slice(0, mostOpenFiles);
  },
};

async function lsof(pid: number): Promise<string> {
  return run('lsof', ['-a', '-p', String(pid), '-Ffn'], most).then(
    ({ stdout }) => stdout,
    () => '',
  );
}

/** Lines of `ps -xo pid=,ppid=,lstart=,args=`: "  501  1 Fri Nov 21 09:02:11 2026     claude --resume". */
export function readPs(text: string): RunningProcess[] {
  return text.split('\n').flatMap((line) => {
    const parts = /^\s*(\d+)\s+(\d+)\s+(\S+\s+\S+\s+\S+\s+\S+\s+\d{4})\s+(.*)$/.exec(line);
    const [, pid, parent, start = '', command = ''] = parts ?? [];
    const startedAt = Date.parse(start);
    if (!parts || Number.isNaN(startedAt)) return [];
    return [{ pid: Number(pid), parent: Number(parent), start, startedAt, command: command.split(/\s+/) }];
  });
}

/** Lines of `lsof -Ffn`: `f` begins a descriptor (`fcwd`), `n` is its name. */
export function readLsof(text: string): { folder?: string; files: string[] } {
  const files: string[] = [];
  let folder: string | undefined;
  let descriptor = '';
  for (const line of text.split('\n')) {
    if (line.startsWith('f')) descriptor = line.slice(1);
    if (!line.startsWith('n/')) continue;
    if (descriptor === 'cwd') folder = line.slice(1);
    else files.push(line.slice(1));
  }
  return folder === undefined ? { files } : { folder, files };
}
