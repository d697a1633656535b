import type { Readable, Writable } from 'node:stream';
import { ParleyError, toParleyError, toWire } from '../contract/errors';
import { connect, type Client } from '../client/client';
import type { Clock } from '../client/clock';
import { agentEnvironment } from '../client/agentEnvironment';
import { whoAmI, type Surroundings } from '../client/identity';
import { IdentityStore, readAdminToken } from '../client/identityStore';
import type { ConnectOptions } from '../client/options';
import type { Processes } from '../client/processes';
import type { Autostart } from '../client/starter';
import { plain, plainJson, styled, wantsColour, type Terminal } from './terminal';

export interface CliOptions {
  /** The words after the program's name. */
  readonly argv: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly home: string;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  /** `columns`: how wide the terminal is. */
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: Writable & { readonly isTTY?: boolean };
  readonly cwd: string;
  readonly version: string;
  readonly clock: Clock;
  readonly processes: Processes;
  readonly autostart: Autostart;
  /** Aborted when the command is to end, e.g. by Ctrl-C. */
  readonly signal: AbortSignal;
}

/** Flags that every command has. */
export interface GlobalFlags {
  readonly as?: string | undefined;
  readonly json?: boolean | undefined;
  /** False after `--no-color`. */
  readonly color?: boolean | undefined;
}

/** One run of the command line: where its output goes, who it speaks as, how it reaches the broker. */
export class Session {
  readonly options: CliOptions;
  readonly flags: GlobalFlags;
  readonly store: IdentityStore;

  constructor(options: CliOptions, flags: GlobalFlags) {
    this.options = options;
    this.flags = flags;
    this.store = new IdentityStore(options.home);
  }

  get isJson(): boolean {
    return this.flags.json === true;
  }

  get terminal(): Terminal {
    const colour = this.flags.color !== false && wantsColour(this.options.stdout, this.options.env);
    const { stdout, clock } = this.options;
    // A terminal that does not know how wide it is says 0.
    const { isTTY, columns = 0 } = stdout;
    return { colour, now: clock.now(), width: isTTY === true && columns > 0 ? columns : undefined };
  }

  get surroundings(): Surroundings {
    const { env, stdin, stdout, stderr, processes } = this.options;
    // What a person reads through a pager still comes from a terminal.
    const isTerminal = stdin.isTTY === true && (stdout.isTTY === true || stderr.isTTY === true);
    return { env, as: this.flags.as, isTerminal, processes };
  }

  /** The person's token, for commands that only the person may run: at a terminal, with no agent's client around. */
  personToken(): () => string | undefined {
    const { isTerminal } = this.surroundings;
    if (!isTerminal || agentEnvironment(this.options.env)) {
      throw new ParleyError('forbidden', { needs: 'the person, at a terminal with no agent in it,' });
    }
    return () => readAdminToken(this.options.home);
  }

  /**
   * Whether the person speaks, and the token of whoever does.
   * @param known what goes before what is seen around this run
   * @throws `who_are_you`
   */
  speaker(known: Partial<Surroundings> = {}): {
    readonly isPerson: boolean;
    readonly token: string | (() => string | undefined);
  } {
    const who = whoAmI(this.store, { ...this.surroundings, ...known });
    if (who.kind === 'agent') return { isPerson: false, token: who.identity.token };
    return { isPerson: true, token: () => readAdminToken(this.options.home) };
  }

  /** Connected with this token, or with none. The broker is started when it is not there, unless told otherwise. */
  connect(
    token: ConnectOptions['token'],
    {
      start = true,
      present = false,
      ringers = [],
      ring,
    }: { readonly start?: boolean } & Pick<ConnectOptions, 'present' | 'ringers' | 'ring'> = {},
  ): Promise<Client> {
    const { home, version, autostart, clock } = this.options;
    return connect({
      home,
      client: 'parley-cli',
      version,
      clock,
      present,
      ringers,
      ...(ring && { ring }),
      ...(start ? { autostart } : {}),
      ...(token === undefined ? {} : { token }),
    });
  }

  /** Runs `work` over a connection that is closed in the end. */
  async with<T>(client: Client, work: (client: Client) => Promise<T>): Promise<T> {
    try {
      return await work(client);
    } finally {
      client.close();
    }
  }

  /** Resolves when standard output took it whole. Rejects when nobody reads there any more. */
  print(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.options.stdout.write(`${text}\n`, (error) => (error ? reject(ofOutput(error)) : resolve()));
    });
  }

  printJson(value: unknown): Promise<void> {
    return this.print(plainJson(value));
  }

  /** One line on standard error. */
  note(text: string): void {
    this.options.stderr.write(`parley: ${text}\n`);
  }

  /** The error in one readable line, with `--json` as JSON on standard output too. */
  async printError(error: unknown): Promise<ParleyError> {
    const known = toParleyError(error);
    const { env, stderr } = this.options;
    const colour = this.flags.color !== false && wantsColour(stderr, env);
    const cause = known.code === 'internal' && known.cause instanceof Error ? ` (${known.cause.message})` : '';
    this.note(styled({ colour, now: 0 }, 'red', plain(known.message + cause)));
    if (this.isJson) await this.printJson({ error: { ...toWire(known), message: known.message } });
    return known;
  }
}

/** Output that a full disk did not take, as an error of ours; a reader who went away as it is. */
function ofOutput(error: NodeJS.ErrnoException): Error {
  if (error.code === undefined || error.code === 'EPIPE' || error.syscall !== 'write') return error;
  return new ParleyError('file_failed', { file: 'of standard output', problem: error.code });
}
