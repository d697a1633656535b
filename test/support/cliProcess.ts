import { execFile, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import type { ListenEvent } from '../../src/contract/views';
import { until } from './until';

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Whether there is script(1) of util-linux, which makes a terminal. */
export const hasScript = spawnSync('script', ['--version']).status === 0;

/** The command line as real processes over one home. */
export class CliProcess {
  readonly home: string;
  /** A folder with the command `parley`. */
  readonly bin: string;
  readonly #program: string;
  readonly #children: ChildProcess[] = [];

  /** @param programs folder of the bundled programs */
  constructor(programs: string, home: string) {
    this.home = home;
    this.#program = path.join(programs, 'parley.js');
    this.bin = fs.mkdtempSync(path.join(tmpdir(), 'parley-bin-'));
    const command = path.join(this.bin, 'parley');
    fs.writeFileSync(command, `#!/bin/sh\nexec "${process.execPath}" "${this.#program}" "$@"\n`, { mode: 0o755 });
  }

  /** What a process of this home, and of this agent, has around it; nothing of who runs the tests. */
  environment(agent?: string): NodeJS.ProcessEnv {
    const inherited = `${this.bin}${path.delimiter}${process.env['PATH'] ?? ''}`;
    const own = agent === undefined ? {} : { PARLEY_AGENT: agent };
    return { PATH: inherited, HOME: this.home, PARLEY_HOME: this.home, TERM: 'xterm', ...own };
  }

  /** Runs one command as a script would, as this agent. */
  run(agent: string | undefined, words: readonly string[], input?: string): Promise<Ran> {
    return new Promise((resolve) => {
      const command = [this.#program, ...words];
      const child = execFile(process.execPath, command, { env: this.environment(agent) }, (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
      );
      child.stdin?.end(input);
    });
  }

  /** The JSON of a command that must succeed. */
  async json<T>(agent: string | undefined, ...words: readonly string[]): Promise<T> {
    const { code, stdout, stderr } = await this.run(agent, [...words, '--json']);
    if (code !== 0) throw new Error(`parley ${words.join(' ')} ended with ${code}: ${stderr}`);
    return JSON.parse(stdout) as T;
  }

  /** Runs a command of the shell on a terminal of its own, where a person types `typed`. Needs {@link hasScript}. */
  onTerminal(command: string, typed = '', agent?: string): Promise<Ran> {
    return new Promise((resolve) => {
      const env = this.environment(agent);
      const child = execFile('script', ['-qec', command, '/dev/null'], { env }, (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
      );
      child.stdin?.write(typed);
      child.on('exit', () => child.stdin?.destroy());
    });
  }

  /** A `watch` of this agent that goes on, and the events that it has printed. */
  watch(agent: string): { readonly child: ChildProcess; readonly events: () => ListenEvent[] } {
    const child = spawn(process.execPath, [this.#program, 'watch'], {
      env: this.environment(agent),
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    this.#children.push(child);
    let text = '';
    child.stdout.on('data', (data: Buffer) => (text += data.toString()));
    const lines = (): string[] => text.split('\n').slice(0, -1);
    return { child, events: () => lines().map((line) => JSON.parse(line) as ListenEvent) };
  }

  /** Ends what still runs, the broker of the home too, and removes the command. */
  async dispose(): Promise<void> {
    for (const child of this.#children.splice(0)) child.kill('SIGKILL');
    const pid = this.brokerPid();
    if (pid !== undefined && isAlive(pid)) {
      process.kill(pid, 'SIGKILL');
      await until('the broker to end', () => !isAlive(pid));
    }
    fs.rmSync(this.bin, { recursive: true, force: true });
  }

  brokerPid(): number | undefined {
    try {
      return (JSON.parse(fs.readFileSync(path.join(this.home, 'broker.json'), 'utf8')) as { pid: number }).pid;
    } catch {
      return undefined;
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A zombie has ended; only nobody has taken note.
    return !/\) Z /.test(fs.readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
