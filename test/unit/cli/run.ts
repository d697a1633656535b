import { PassThrough, Writable } from 'node:stream';
import { runCli } from '../../../src/cli/cli';
import { systemClock } from '../../../src/client/clock';
import type { CliOptions } from '../../../src/cli/session';
import { FakeBroker, type Asked } from '../client/fakeBroker';

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

/** Runs the words as Nova against a broker that answers that method so. */
export type Answering = (
  method: string,
  answer: (request: Asked) => void,
  argv: readonly string[],
  more?: RunOptions,
) => Promise<Ran & { readonly request: Asked }>;

/** As {@link Answering}, over this home; the broker that was started for it is handed to `keep`. */
export async function answered(
  home: string,
  keep: (broker: FakeBroker) => void,
  ...[method, answer, argv, more]: Parameters<Answering>
): Promise<Ran & { readonly request: Asked }> {
  const broker = await FakeBroker.start(home);
  keep(broker);
  const running = run(home, ['--as', 'Nova', ...argv], more);
  const [request] = await Promise.race([
    broker.requests(method),
    running.then((ran) => Promise.reject(new Error(ran.stderr))),
  ]);
  if (!request) throw new Error('not asked');
  answer(request);
  return { ...(await running), request };
}
