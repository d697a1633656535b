import { spawn, type ChildProcess } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { connect, type Client } from '../../src/client/client';
import type { ConnectOptions } from '../../src/client/options';
import { homeFiles } from '../../src/contract/home';
import type { BrokerRecord } from '../../src/contract/wire';
import hookBuild from '../../scripts/hookBuild.json';
import { until } from './until';

const root = path.resolve(import.meta.dirname, '../..');

/** The edition that the bundled programs say they are. */
export const testEdition = { version: '0.0.1', build: 1000 };

const sources = {
  broker: 'src/programs/broker.ts',
  'index-worker': 'src/programs/indexWorker.ts',
  parley: 'src/programs/parley.ts',
  hook: 'src/programs/hook.ts',
  /** The broker with a clock that the test turns: see {@link BrokerProcess.turnClock}. */
  'clock-broker': 'test/support/brokerWithClock.ts',
};

/** Bundles programs (default: the broker and its worker) into a folder of their own; answers the folder. */
export async function bundlePrograms(
  edition = testEdition,
  programs: readonly (keyof typeof sources)[] = ['broker', 'index-worker'],
): Promise<string> {
  const folder = fs.mkdtempSync(path.join(tmpdir(), 'parley-programs-'));
  const shared = {
    absWorkingDir: root,
    outdir: folder,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    logLevel: 'error',
  } as const;
  const define = { PARLEY_VERSION: JSON.stringify(edition.version), PARLEY_BUILD: String(edition.build) };
  const entryPoints = Object.fromEntries(
    programs.filter((name) => name !== 'hook').map((name) => [name, sources[name]]),
  );
  await build({ ...shared, entryPoints, define, alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' } });
  if (programs.includes('hook')) {
    // As in the package: without what a hook has no use for.
    const { alias, define: more } = hookBuild;
    await build({ ...shared, entryPoints: { hook: sources.hook }, define: { ...define, ...more }, alias });
  }
  fs.copyFileSync(path.join(root, 'node_modules/sql.js/dist/sql-wasm.wasm'), path.join(folder, 'sql-wasm.wasm'));
  return folder;
}

/** A new empty home, with these settings of the broker. */
export function temporaryHome(settings: object = {}, prefix = 'parley-home-'): string {
  const home = fs.mkdtempSync(path.join(tmpdir(), prefix));
  fs.writeFileSync(path.join(home, homeFiles.settings), JSON.stringify(settings));
  return home;
}

/** Limits out of the way of tests that send a lot. */
export const openLimits = {
  messagesPerMinute: 1e8,
  messageBurst: 1e8,
  pairMessagesPerHour: 1e8,
  turns: 1e8,
  inboxItems: 1e8,
};

/** The real broker as a process of its own. */
export class BrokerProcess {
  readonly home: string;
  readonly #program: string;
  readonly #runtime: string;
  #child: ChildProcess | undefined;
  #stderr = '';
  #startedByClient: number | undefined;
  readonly #clients: Client[] = [];

  constructor(programs: string, home: string, runtime = process.execPath, program: keyof typeof sources = 'broker') {
    this.#program = path.join(programs, `${program}.js`);
    this.home = home;
    this.#runtime = runtime;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** Starts it and waits until it can be reached. Rejects with what it wrote when it ended instead. */
  async start(env: NodeJS.ProcessEnv = {}, options: { uid?: number; gid?: number } = {}): Promise<BrokerRecord> {
    this.#stderr = '';
    const child = spawn(this.#runtime, [this.#program], {
      env: {
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        ...env,
        PARLEY_HOME: this.home,
        PARLEY_TEST_CLOCK: path.join(this.home, 'test-clock'),
      },
      stdio: ['ignore', 'ignore', 'pipe'],
      ...options,
    });
    this.#child = child;
    child.stderr.on('data', (data: Buffer) => (this.#stderr += data.toString()));
    let ended: string | undefined;
    child.on('exit', (code, signal) => (ended = signal ?? `exit ${code}`));
    await until('the broker to start', () => ended !== undefined || this.record()?.pid === child.pid, 20_000);
    const record = this.record();
    if (ended !== undefined || !record) throw new Error(`the broker ended (${ended}): ${this.#stderr}`);
    return record;
  }

  /** As {@link start}, after an end that left clients behind: the first of them to need a broker may have started one. */
  async comeBack(): Promise<BrokerRecord> {
    const before = this.record()?.epoch ?? 0;
    try {
      return await this.start();
    } catch (error) {
      if (!this.#stderr.includes('broker_already_running')) throw error;
    }
    await until('the broker that a client started', () => (this.record()?.epoch ?? 0) > before, 20_000);
    const record = this.record();
    if (!record) throw new Error('the broker that a client started is gone');
    this.#startedByClient = record.pid;
    return record;
  }

  /** Sets the clock of a `clock-broker` this far (ms) ahead, for this start and the next. */
  turnClock(ahead: number): void {
    fs.writeFileSync(path.join(this.home, 'test-clock'), String(ahead));
    if (this.#child) process.kill(this.pid, 'SIGUSR2');
  }

  record(): BrokerRecord | undefined {
    try {
      return JSON.parse(fs.readFileSync(path.join(this.home, homeFiles.broker), 'utf8')) as BrokerRecord;
    } catch {
      return undefined;
    }
  }

  /** Ends it with the signal; resolves when it is gone. */
  async end(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await gone;
  }

  async connect(options: Partial<ConnectOptions> = {}): Promise<Client> {
    const client = await connect({ home: this.home, client: 'test', version: '1', ...options });
    this.#clients.push(client);
    return client;
  }

  /** Registers an agent and connects as it. */
  async agent(
    name: string,
    options: Partial<ConnectOptions> = {},
  ): Promise<Client & { readonly token: string; readonly id: string }> {
    const stranger = await this.connect();
    const { token, agent } = await stranger.ask('register', { name });
    stranger.close();
    const client = await this.connect({ token, present: true, seat: true, ...options });
    return Object.assign(client, { token, id: agent.id });
  }

  /** The person's connection. */
  person(options: Partial<ConnectOptions> = {}): Promise<Client> {
    const token = fs.readFileSync(path.join(this.home, homeFiles.adminToken), 'utf8').trim();
    return this.connect({ token, present: true, ...options });
  }

  /** Ends everything and removes the home. */
  async dispose(): Promise<void> {
    for (const client of this.#clients) client.close();
    await this.end();
    const other = this.#startedByClient;
    if (other !== undefined) {
      process.kill(other, 'SIGKILL');
      await until('the broker that a client started to end', () => !isAlive(other));
    }
    fs.rmSync(this.home, { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
