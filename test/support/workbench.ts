import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { appendFileSync, readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Browser, BrowserContext } from 'playwright-core';
import { launchChromium } from './chromium';
import { equipment, provide } from './provision';
import { until } from './until';
import { endProcessesAtExit, endProcessesOf, processesOf } from './workbenchProcesses';
import { WorkbenchWindow } from './workbenchWindow';

/** How a workbench is to be. Everything is optional. */
export interface WorkbenchOptions {
  /** A packaged extension, installed as a user would. */
  readonly vsix?: string;
  /** An unpacked extension, copied into the extensions folder. */
  readonly extension?: string;
  /** The folder to open; without it a new empty one. `false` opens an empty window. */
  readonly folder?: string | false;
  /** User settings beside those that keep the workbench quiet. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** More files in the user-data folder's `User`, by name, written as JSON. */
  readonly userFiles?: Readonly<Record<string, unknown>>;
  /** Files in the HOME of everything, by name: what a login shell reads, for one. */
  readonly homeFiles?: Readonly<Record<string, string>>;
  /** Environment of the server, and so of the extension host and the terminals. */
  readonly env?: Readonly<Record<string, string>>;
  /** `false` leaves workspace trust on, and the folder untrusted. Default true. */
  readonly trust?: boolean;
  /**
   * The display language, e.g. `de`; default English. The language pack is a stand-in without a word of VS Code's own: the
   * real one comes from the marketplace. What extensions say is in that language, the rest stays English.
   */
  readonly language?: string;
  /** Flags passed through to VS Code's server. */
  readonly vscodeOptions?: readonly string[];
  /**
   * How long the server keeps the extensions of a window that was closed, in seconds: it cannot tell that from a connection
   * that broke. Its default is three hours; desktop VS Code, which has no server between, ends them at once.
   */
  readonly closedWindowKept?: number;
  /** `false` starts the server alone: no browser, no window. Default true. */
  readonly open?: boolean;
}

/** Settings that keep the workbench from showing what no test is about. */
const quietSettings = {
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  // What moves would be half way in a picture.
  'workbench.reduceMotion': 'on',
  'workbench.editor.useModal': 'off',
  'window.commandCenter': false,
  'extensions.ignoreRecommendations': true,
  'extensions.autoCheckUpdates': false,
  'telemetry.telemetryLevel': 'off',
  'git.enabled': false,
  'git.openRepositoryInParentFolders': 'never',
  'security.workspace.trust.startupPrompt': 'never',
  'terminal.integrated.shellIntegration.enabled': true,
  'accessibility.verbosity.terminal': false,
};

/** How long the server may take to answer on /healthz, in milliseconds (2 s when the machine is idle). */
const startPatience = 60_000;

/**
 * A running VS Code (code-server) with a HOME, a user-data folder and an extensions folder of its own, and the windows
 * that look at it. `stop()` ends every process that it or its extensions started, and removes the folders.
 */
export class Workbench {
  /** Everything of this workbench lives below; the name is short because sockets live there too. */
  readonly root: string;
  readonly home: string;
  readonly userData: string;
  readonly extensions: string;
  /** The opened folder, or undefined in an empty window. */
  readonly folder: string | undefined;
  readonly port: number;
  readonly #server: ChildProcess;
  readonly #context: BrowserContext | undefined;
  readonly #browser: Browser | undefined;
  readonly #windows: WorkbenchWindow[] = [];

  private constructor(places: Places, port: number, server: ChildProcess, browser?: Browser, context?: BrowserContext) {
    this.root = places.root;
    this.home = places.home;
    this.userData = places.userData;
    this.extensions = places.extensions;
    this.folder = places.folder;
    this.port = port;
    this.#server = server;
    this.#browser = browser;
    this.#context = context;
  }

  /** Starts the server, and unless `open` is false a browser with the first window. */
  static async start(options: WorkbenchOptions): Promise<Workbench> {
    await provide('codeServer');
    const places = await makePlaces(options);
    endProcessesAtExit(places.root);
    const port = await freePort();
    const env = environment(places, options.env);
    if (options.vsix !== undefined) await installVsix(options.vsix, places, env);
    // Installing anything makes the list of language packs anew.
    if (options.language !== undefined) await makeLanguagePack(options.language, places);
    const server = spawn(equipment.node, serverArguments(places, port, options), {
      env,
      cwd: places.root,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const log = (data: Buffer): void => appendFileSync(path.join(places.root, 'server.log'), data);
    server.stdout.on('data', log);
    server.stderr.on('data', log);
    try {
      await healthy(port, server, places.root);
      if (options.open === false) return new Workbench(places, port, server);
      const browser = await launchChromium();
      const context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
      await context.grantPermissions(['clipboard-read', 'clipboard-write']);
      await context.addInitScript(refuseServiceWorkerOfCodeServer);
      const workbench = new Workbench(places, port, server, browser, context);
      await workbench.openWindow();
      return workbench;
    } catch (error) {
      await endProcessesOf(places.root);
      throw error;
    }
  }

  /** The first window. */
  get window(): WorkbenchWindow {
    const [first] = this.#windows;
    if (first === undefined) throw new Error('This workbench has no window');
    return first;
  }

  /** The windows that are open now, the first one first. */
  get windows(): readonly WorkbenchWindow[] {
    return this.#windows.filter((window) => !window.page.isClosed());
  }

  /** Opens another window on the given folder, or on the workbench's own. */
  async openWindow(folder = this.folder): Promise<WorkbenchWindow> {
    if (this.#context === undefined) throw new Error('This workbench was started without a browser');
    const page = await this.#context.newPage();
    const window = new WorkbenchWindow(page, this.address(folder));
    await window.open();
    this.#windows.push(window);
    return window;
  }

  /** The address of a window on a folder (undefined: an empty window). */
  address(folder = this.folder): string {
    const query = folder === undefined ? 'ew=true' : `folder=${encodeURIComponent(folder)}`;
    return `http://127.0.0.1:${this.port}/?${query}`;
  }

  /**
   * Changes settings while the workbench runs, in every open window; undefined removes one. Those of the scope `machine` are
   * the server's in a window like these, and stand in `Machine`.
   */
  async writeSettings(settings: Readonly<Record<string, unknown>>, where: 'User' | 'Machine' = 'User'): Promise<void> {
    const file = path.join(this.userData, where, 'settings.json');
    const before = JSON.parse(await readFile(file, 'utf8').catch(() => '{}')) as Record<string, unknown>;
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, JSON.stringify({ ...before, ...settings }, undefined, 2));
    for (const window of this.windows) await window.rereadSettings(file);
  }

  /** What the server wrote so far. */
  serverLog(): string {
    return readFileSync(path.join(this.root, 'server.log'), 'utf8');
  }

  /** The processes that this workbench, its extensions and its terminals started and that still run. */
  processes(): number[] {
    return processesOf(this.root);
  }

  /** Closes the windows, ends every process and removes the folders. May be called twice. */
  async stop(): Promise<void> {
    await this.#browser?.close();
    this.#server.kill('SIGTERM');
    await endProcessesOf(this.root);
    await rm(this.root, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Starts a VS Code and opens it in a browser; see {@link WorkbenchOptions}. */
export async function startWorkbench(options: WorkbenchOptions = {}): Promise<Workbench> {
  return Workbench.start(options);
}

interface Places {
  readonly root: string;
  readonly home: string;
  readonly userData: string;
  readonly extensions: string;
  readonly folder: string | undefined;
}

async function makePlaces(options: WorkbenchOptions): Promise<Places> {
  const root = await mkdtemp(path.join(tmpdir(), 'parley-wb-'));
  const [home, userData, extensions] = ['home', 'data', 'extensions'].map((name) => path.join(root, name)) as [
    string,
    string,
    string,
  ];
  await Promise.all(
    [home, extensions, path.join(userData, 'User')].map((folder) => mkdir(folder, { recursive: true })),
  );
  const folder = options.folder === false ? undefined : (options.folder ?? path.join(root, 'project'));
  if (folder !== undefined) await mkdir(folder, { recursive: true });
  const user = { ...options.userFiles, 'settings.json': { ...quietSettings, ...options.settings } };
  for (const [name, content] of Object.entries(user)) {
    await writeFile(path.join(userData, 'User', name), JSON.stringify(content, undefined, 2));
  }
  for (const [name, content] of Object.entries(options.homeFiles ?? {}))
    await writeFile(path.join(home, name), content);
  if (options.extension !== undefined) await copyExtension(options.extension, extensions);
  return { root, home, userData, extensions, folder };
}

/** What VS Code keeps of an installed language pack; see {@link WorkbenchOptions.language}. */
async function makeLanguagePack(language: string, { root, userData }: Places): Promise<void> {
  const translation = path.join(root, 'main.i18n.json');
  await writeFile(translation, JSON.stringify({ version: '1.0.0', contents: {} }));
  const pack = {
    hash: 'stand-in',
    extensions: [{ extensionIdentifier: { id: `parley-test.language-pack-${language}` }, version: '1.0.0' }],
    translations: { vscode: translation },
    label: language,
  };
  await writeFile(path.join(userData, 'languagepacks.json'), JSON.stringify({ [language]: pack }));
}

async function copyExtension(source: string, extensions: string): Promise<void> {
  const manifest = JSON.parse(await readFile(path.join(source, 'package.json'), 'utf8')) as Record<string, string>;
  const target = `${manifest['publisher']}.${manifest['name']}-${manifest['version']}`;
  await cp(source, path.join(extensions, target), { recursive: true });
}

async function installVsix(vsix: string, places: Places, env: NodeJS.ProcessEnv): Promise<void> {
  const folders = ['--user-data-dir', places.userData, '--extensions-dir', places.extensions];
  await promisify(execFile)(equipment.node, [equipment.codeServer, ...folders, '--install-extension', vsix], { env });
}

/** The test's own environment without what would leak into the workbench: npm's variables and those of agents. */
function environment(places: Places, extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (!/^(npm_|NODE_|VITEST|VSCODE_|CLAUDE|ANTHROPIC_|PARLEY_|CODEX_|XDG_|ELECTRON_)/.test(name)) env[name] = value;
  }
  return { ...env, HOME: places.home, SHELL: '/bin/bash', ...extra };
}

function serverArguments(places: Places, port: number, options: WorkbenchOptions): string[] {
  const args = [equipment.codeServer, '--auth', 'none', '--bind-addr', `127.0.0.1:${port}`];
  args.push('--user-data-dir', places.userData, '--extensions-dir', places.extensions, '--disable-telemetry');
  args.push('--disable-update-check', '--disable-getting-started-override', '--ignore-last-opened');
  if (options.trust !== false) args.push('--disable-workspace-trust');
  if (options.closedWindowKept !== undefined) args.push('--reconnection-grace-time', String(options.closedWindowKept));
  if (options.language !== undefined) args.push('--locale', options.language);
  for (const option of options.vscodeOptions ?? []) args.push('--vscode-option', option);
  return args;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function healthy(port: number, server: ChildProcess, root: string): Promise<void> {
  await until(
    'code-server to answer',
    async () => {
      if (server.exitCode !== null)
        throw new Error(`code-server ended: ${readFileSync(path.join(root, 'server.log'), 'utf8')}`);
      const answer = await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => undefined);
      return answer?.ok;
    },
    startPatience,
  );
}

/**
 * Keeps code-server's own service worker (for installing it as an app) out. With it, the first webview of a new profile
 * takes the page for one that is under control already and waits up to 46 s for an update of its own worker; neither
 * desktop VS Code nor vscode.dev has another worker at that place. Runs in the page.
 */
function refuseServiceWorkerOfCodeServer(): void {
  const { serviceWorker } = (globalThis as unknown as { navigator: { serviceWorker?: Registry } }).navigator;
  interface Registry {
    register(script: string | URL, options?: object): Promise<unknown>;
  }
  if (serviceWorker === undefined) return;
  const register = serviceWorker.register.bind(serviceWorker);
  serviceWorker.register = (script, options) =>
    String(script).includes('_static') ? Promise.reject(new Error('not in tests')) : register(script, options);
}
