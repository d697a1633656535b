import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { commandOn } from './processors';

/** What the bench asks of one of its programs; it answers each with one {@link Answer}. */
export interface Round {
  readonly messages: number;
  /** How long nothing happens after each message, in ms. */
  readonly rest: number;
  /** So many are on their way at once; one when it is not given. */
  readonly inFlight?: number;
  /** Over so many connections, each with its share of what is on its way; one when it is not given. */
  readonly connections?: number;
  /** Times count from the answer to the sender, not from the sending: a message that is heard first has a negative one. */
  readonly fromAnswer?: boolean;
  /** So many a second, whether or not the ones before are heard; times count from when each was to go. */
  readonly perSecond?: number;
}

/** What a round took, all in µs: each message, and all of them. */
export interface Done {
  readonly times: readonly number[];
  readonly elapsed: number;
}

export type Task = { readonly kind: 'open'; readonly options: object } | ({ readonly kind: 'round' } & Round);
export type Answer = ({ readonly ok: true } & Done) | { readonly ok: false; readonly problem: string };

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

function owned<C extends ChildProcess>(child: C): C {
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/** One of the bench's programs in a process of its own. */
export class Program {
  readonly #child: ChildProcess;

  constructor(name: string, processor?: number) {
    const file = path.join(import.meta.dirname, `${name}.js`);
    const [command, args] = commandOn(processor, process.execPath, [file]);
    this.#child = owned(spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  async open(options: object): Promise<void> {
    await this.#ask({ kind: 'open', options });
  }

  /** Does so many messages; answers what each took, in µs. */
  async round(round: Round): Promise<readonly number[]> {
    return (await this.timed(round)).times;
  }

  /** As {@link round}, and what all of them took together. */
  timed(round: Round): Promise<Done> {
    return this.#ask({ kind: 'round', ...round });
  }

  stop(): Promise<void> {
    // It ends by itself, so that a profile that was asked for (NODE_OPTIONS=--cpu-prof) is written.
    return ended(this.#child, (child) => child.disconnect());
  }

  #ask(task: Task): Promise<Done> {
    return new Promise((resolve, reject) => {
      const gone = (): void => reject(new Error(`a bench program ended in the middle of "${task.kind}"`));
      this.#child.once('exit', gone);
      this.#child.once('message', (answer: Answer) => {
        this.#child.off('exit', gone);
        if (answer.ok) resolve(answer);
        else reject(new Error(answer.problem));
      });
      this.#child.send(task);
    });
  }
}

export interface ServerOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly processor?: number | undefined;
}

/** A program that is not ours, or does not take tasks. Its errors go to our own. */
export class Server {
  readonly #child: ChildProcess;

  constructor(program: string, args: readonly string[], { env, processor }: ServerOptions = {}) {
    const [command, all] = commandOn(processor, program, args);
    this.#child = owned(spawn(command, all, { env: env ?? process.env, stdio: ['ignore', 'ignore', 'inherit'] }));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    return ended(this.#child, (child) => void child.kill(signal));
  }
}

function ended(child: ChildProcess, end: (child: ChildProcess) => void): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    end(child);
  });
}
