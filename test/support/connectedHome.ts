import { execFile } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { installPrograms } from '../../src/extension/upkeep/programs';
import { BrokerProcess, bundlePrograms, testEdition } from './brokerProcess';
import { equipment } from './provision';

const run = promisify(execFile);

/** A user's folder with Parley in it as the extension leaves it, and a running broker: what `parley connect` works on. */
export class ConnectedHome {
  /** HOME of the clients. */
  readonly user: string;
  /** A project folder. */
  readonly project: string;
  readonly launcher: string;
  readonly broker: BrokerProcess;
  readonly #programs: string;

  private constructor(user: string, launcher: string, broker: BrokerProcess, programs: string) {
    this.user = user;
    this.project = path.join(user, 'project');
    this.launcher = launcher;
    this.broker = broker;
    this.#programs = programs;
    fs.mkdirSync(this.project);
  }

  static async make(): Promise<ConnectedHome> {
    const user = fs.realpathSync(fs.mkdtempSync(path.join(tmpdir(), 'parley-user-')));
    const home = path.join(user, '.parley');
    const source = await bundlePrograms(testEdition, ['broker', 'index-worker', 'parley', 'hook']);
    const runtime = fs.realpathSync(equipment.node);
    const { launcher, folder } = await installPrograms({ source, home, edition: testEdition, runtime });
    const broker = new BrokerProcess(folder, home, runtime);
    await broker.start();
    return new ConnectedHome(user, launcher, broker, source);
  }

  /** The environment of a client: nothing of ours but HOME. */
  env(more: Readonly<Record<string, string>> = {}): Record<string, string> {
    return { PATH: process.env['PATH'] ?? '', HOME: this.user, LANG: 'C.UTF-8', ...more };
  }

  /** Runs the command line as a person would; answers what it printed. */
  async parley(...words: string[]): Promise<string> {
    const { stdout } = await run(this.launcher, words, { env: this.env(), cwd: this.project });
    return stdout;
  }

  /** The user's files without those of Parley's home: names and contents. */
  files(folder: string): Record<string, string> {
    const names = fs.readdirSync(path.join(this.user, folder), { recursive: true, withFileTypes: true });
    const whole = names.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
    return Object.fromEntries(whole.map((file) => [path.relative(this.user, file), fs.readFileSync(file, 'utf8')]));
  }

  async dispose(): Promise<void> {
    await this.broker.dispose();
    fs.rmSync(this.user, { recursive: true, force: true, maxRetries: 5 });
    fs.rmSync(this.#programs, { recursive: true, force: true });
  }
}
