import { PassThrough, Writable } from 'node:stream';
import { runCli } from '../../../src/cli/cli';
import { systemClock } from '../../../src/client/clock';
import type { CliOptions } from '../../../src/cli/session';

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

class Sink extends Writable {
  text = '';
  readonly isTTY: boolean;

  constructor(isTerminal: boolean) {
    super({ decodeStrings: false });
    this.isTTY = isTerminal;
  }

  override _write(chunk: string | Buffer, _encoding: string, done: () => void): void {
    this.text += String(chunk);
    done();
  }
}

export interface RunOptions extends Partial<CliOptions> {
  readonly terminal?: boolean;
  /** What stands on standard input. */
  readonly input?: string;
}

/** Runs the command line in this process. */
export async function run(home: string, argv: readonly string[], more: RunOptions = {}): Promise<Ran> {
  const { terminal = false, input = '', ...options } = more;
  const stdout = new Sink(terminal);
  const stderr = new Sink(terminal);
  const stdin = Object.assign(new PassThrough(), { isTTY: terminal });
  stdin.end(input);
  const code = await runCli({
    argv,
    env: {},
    home,
    stdin,
    stdout,
    stderr,
    cwd: '/somewhere',
    version: '1.0.0',
    clock: systemClock,
    processes: { self: 2, parent: 1, look: () => undefined, isAlive: () => true },
    autostart: { program: '/nowhere/broker.js', env: {} },
    signal: new AbortController().signal,
    ...options,
  });
  return { code, stdout: stdout.text, stderr: stderr.text };
}
