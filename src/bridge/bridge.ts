import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import type { Clock } from '../client/clock';
import { ancestors, type Processes } from '../client/processes';
import { RecordWait } from '../client/recordWatch';
import type { Autostart } from '../client/starter';
import { ParleyError, toParleyError, type ErrorCode } from '../contract/errors';
import { homeFiles } from '../contract/home';
import { McpServer } from '../mcp/server';
import { chooseRingers } from '../ringers/choose';
import type { LateReport } from '../ringers/ringer';
import { RingerList } from '../ringers/ringerList';
import { BridgeAgent } from './bridgeAgent';
import { ownEnvironment, sessionIn, signsOnByHook, type BridgedClient } from './bridgedClient';
import { StdioTransport } from './stdioTransport';

export interface BridgeOptions {
  /** Absolute path of the home. */
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: Readable;
  /** Carries MCP and nothing else. */
  readonly stdout: Writable;
  /** One line for each thing that went wrong. */
  readonly stderr: Writable;
  readonly cwd: string;
  readonly version: string;
  readonly clock: Clock;
  readonly processes: Processes;
  /** How to start the broker when none is there. */
  readonly autostart?: Autostart;
  /** Aborted when the bridge is to end. */
  readonly signal?: AbortSignal;
}

/**
 * Between two attempts to sign on of an agent that can be rung but has not asked for anything yet (ms), as long as the broker's
 * record does not tell when to try: of a disk that has room again, or a broker that comes to itself, no file tells.
 */
const signOnAgain = 30_000;
/** How long a client may take to ask for our tools before we stop waiting for that (ms). */
const toolsPatience = 3000;
/** How long a client is given to put the tools that it was told of before its model (ms): Claude Code 2.1.329 takes a while. */
const toolsSettle = 1000;

/** How long leaving waits for a broker that is still being told what was handed over (ms). */
const confirmTimeout = 1000;

/** Without a broker now; one that comes later writes its record. */
const absent: ReadonlySet<ErrorCode> = new Set(['broker_gone', 'broker_start_failed']);
/** Other things that may have passed when one tries again. */
const passing: ReadonlySet<ErrorCode> = new Set([...absent, 'broker_hangs', 'storage_full']);

/**
 * `parley mcp`: an MCP server on standard input and output for the client that started it. Resolves with the exit code
 * when the client closes our input.
 */
export async function runBridge(options: BridgeOptions): Promise<number> {
  const bridge = new Bridge(options);
  return bridge.run();
}

class Bridge {
  readonly #options: BridgeOptions;
  readonly #startedAt: number;
  /** Chosen once the client has introduced itself. */
  #ringers: RingerList | undefined;
  /** The client's own name of its session, where its calls tell. */
  #session: string | undefined;
  readonly #agent: BridgeAgent;
  readonly #server: McpServer;
  readonly #transport: StdioTransport;
  /** Confirmations under way; leaving waits for them. */
  readonly #confirming = new Set<Promise<void>>();
  #onClose: () => void = () => undefined;
  readonly #record: RecordWait;
  #cancelAgain: () => void = () => undefined;
  #endWatch: () => void = () => undefined;
  #cancelPatience: () => void = () => undefined;
  /** The client knows our tools: a ring before that would find an agent that cannot answer it. */
  #isReady = false;

  constructor(options: BridgeOptions) {
    const { home, env, cwd, version, clock, processes, autostart, stdin, stdout } = options;
    const workspace = (): string => ownEnvironment(this.#bridged.name, env)['CLAUDE_PROJECT_DIR'] ?? cwd;
    this.#options = options;
    this.#startedAt = clock.now();
    this.#agent = new BridgeAgent(
      { home, env, workspace, version, clock, processes, ...(autostart && { autostart }) },
      () => this.#bridged,
      () => this.#ringers ?? new RingerList([]),
      (level, text) => this.#server.log(level, text),
    );
    this.#server = new McpServer(
      {
        ask: (operation, input, options) => this.#agent.receive(operation, input, options),
        confirm: (delivery) => this.#confirm(delivery),
        isKnown: () => this.#agent.isSignedOn,
        follow: (changed) => this.#agent.follow(changed),
        introduced: () => this.#introduced(workspace()),
        listed: () => this.#listed(),
        called: (meta) => this.#called(meta),
      },
      {
        version,
        workspace,
        after: (milliseconds, run) => clock.after(milliseconds, run),
        onError: (error) => this.#note(error.message),
        onClose: () => this.#onClose(),
      },
    );
    this.#transport = new StdioTransport(stdin, stdout);
    this.#record = new RecordWait(options.home);
  }

  async run(): Promise<number> {
    const { signal } = this.#options;
    const ended = new Promise<void>((resolve) => {
      this.#onClose = resolve;
      signal?.addEventListener('abort', () => resolve());
    });
    await this.#server.connect(this.#transport);
    if (signal?.aborted !== true) await ended;
    this.#cancelAgain();
    this.#record.end();
    this.#cancelPatience();
    this.#endWatch();
    await this.#server.close();
    await this.#confirmed();
    this.#agent.close();
    await this.#ringers?.dispose();
    return 0;
  }

  get #bridged(): BridgedClient {
    return this.#server.client ?? { name: 'mcp', version: '' };
  }

  /** Somebody gave this agent its name, and waits for it under that name. */
  get #isNamed(): boolean {
    return (this.#options.env['PARLEY_AGENT'] ?? '') !== '';
  }

  /** Who can be rung or was given a name signs on at once, so that others see it; everybody else at its first call. */
  #introduced(workspace: string): void {
    const { env, home, clock, processes } = this.#options;
    const { name, version } = this.#bridged;
    this.#ringers ??= chooseRingers(
      {
        name,
        version,
        env: ownEnvironment(name, env),
        home,
        workspace,
        session: () => this.#session,
        foundSession: (session) => this.#agent.mayBeInSession(session),
        startedAt: this.#startedAt,
        commands: () => ancestors(processes).map(({ command }) => command),
      },
      { clock, report: (report) => this.#report(report) },
    );
    const ends = [this.#ringers.watch(() => void this.#doorChanged()), this.#watchIdentities(name)];
    this.#endWatch = () => ends.forEach((end) => end());
    this.#cancelPatience();
    this.#cancelPatience = clock.after(toolsPatience, () => this.#ready());
  }

  #listed(): void {
    if (this.#isReady) return;
    this.#cancelPatience();
    this.#cancelPatience = this.#options.clock.after(toolsSettle, () => this.#ready());
  }

  #ready(): void {
    this.#cancelPatience();
    this.#isReady = true;
    if (this.#ringers) void this.#doorChanged();
  }

  /** A hook of the client may sign the session on when it begins: then it has to be there, and have its seat, from then on. */
  #watchIdentities(client: string): () => void {
    if (!signsOnByHook(client)) return () => undefined;
    try {
      const folder = path.join(this.#options.home, homeFiles.identities);
      fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
      const watcher = fs.watch(folder, { persistent: false }, () => {
        if (!this.#agent.isSignedOn) void this.#doorChanged();
      });
      watcher.on('error', () => watcher.close());
      return () => watcher.close();
    } catch {
      // It signs on with its first call then.
      return () => undefined;
    }
  }

  /** A door may have opened, which signs the agent on, or another state of it is to be told. */
  async #doorChanged(): Promise<void> {
    if (this.#agent.isSignedOn) this.#agent.retest();
    else if (!this.#isReady) return;
    else if (this.#isNamed || (signsOnByHook(this.#bridged.name) && this.#agent.isKnown)) await this.#signOn();
    else if ((await this.#ringers?.available()) === true) await this.#signOn();
  }

  /** Some clients say only with a call which of their sessions we serve: from then on it is known what to ring. */
  #called(meta: Readonly<Record<string, unknown>>): void {
    const session = sessionIn(this.#bridged.name, meta);
    if (session === undefined || session === this.#session) return;
    this.#session = session;
    this.#agent.inSession(session);
  }

  async #signOn(): Promise<void> {
    let isTrying = true;
    // From before the attempt: a broker that comes while it goes on has changed its record.
    this.#record.begin(() => (isTrying ? undefined : void this.#signOn()));
    try {
      await this.#agent.signOn();
      this.#record.end();
    } catch (error) {
      const { code, message } = toParleyError(error);
      this.#note(message);
      if (!passing.has(code) || (absent.has(code) && this.#record.stands)) return;
      this.#record.end();
      this.#cancelAgain = this.#options.clock.after(signOnAgain, () => void this.#signOn());
    } finally {
      isTrying = false;
    }
  }

  #confirm(delivery: string): void {
    const confirming = this.#agent.confirm(delivery).catch(() => undefined);
    this.#confirming.add(confirming);
    void confirming.then(() => this.#confirming.delete(confirming));
  }

  /** Resolves when the broker knows what was handed over, or will not hear of it in time. */
  #confirmed(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(confirmTimeout, resolve);
      void Promise.all(this.#confirming).then(() => {
        cancel();
        resolve();
      });
    });
  }

  /** What the client said of a ring later on. Without a broker it is lost: the next ring will tell anew. */
  #report({ subject, agent, ringer, result, detail }: LateReport): void {
    const input = { subject, agent, ringer, result, ...(detail !== undefined && { detail }) };
    this.#agent.receive('ringReport', input).catch((error: unknown) => {
      if (!(error instanceof ParleyError)) this.#note(String(error));
    });
  }

  #note(text: string): void {
    this.#options.stderr.write(`parley mcp: ${text.replaceAll('\n', ' ')}\n`);
  }
}
