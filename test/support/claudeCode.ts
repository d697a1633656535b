import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { equipment, provide } from './provision';
import type { Brain } from './scriptedModel';
import { Terminal } from './terminal';
import { until } from './until';
import { endProcessesAtExit, endProcessesOf } from './workbenchProcesses';
import type { WorkbenchWindow } from './workbenchWindow';

/** An MCP server as `.mcp.json` writes it. */
export type McpServerEntry =
  | {
      readonly command: string;
      readonly args?: readonly string[];
      readonly env?: Readonly<Record<string, string>>;
      readonly alwaysLoad?: boolean;
    }
  | {
      readonly type: 'http';
      readonly url: string;
      readonly headers?: Readonly<Record<string, string>>;
      readonly alwaysLoad?: boolean;
    };

export interface ClaudeCodeOptions {
  /** The model that it asks. */
  readonly brain: Brain;
  /** The project folder; without it a new empty one. */
  readonly folder?: string;
  readonly mcpServers?: Readonly<Record<string, McpServerEntry>>;
  /** Default `manual`: whatever no rule allows raises a prompt on the screen. */
  readonly permissionMode?: string;
  /** Permission rules, for instance `mcp__parley__*`. */
  readonly allowedTools?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** More arguments for the command line. */
  readonly args?: readonly string[];
}

/** What Claude Code writes of a running session in `~/.claude/sessions/<pid>.json`, as far as tests look at it. */
export interface ClaudeSession {
  readonly pid: number;
  readonly sessionId: string;
  readonly cwd: string;
  /** `idle`, `busy`, `waiting`, … */
  readonly status?: string;
  readonly [key: string]: unknown;
}

/** How long the CLI may take to show its prompt, in milliseconds (1 s when the machine is idle). */
const startPatience = 60_000;

/** The real Claude Code CLI, interactive, with a HOME of its own, in a terminal that the test owns. */
export class ClaudeCode {
  readonly home: string;
  readonly folder: string;
  readonly #root: string;
  readonly #terminal: Terminal;

  private constructor(place: ClaudePlace, terminal: Terminal) {
    this.#root = place.root;
    this.home = place.home;
    this.folder = place.folder;
    this.#terminal = terminal;
  }

  /** Starts it and waits until its prompt shows. It is idle then and has asked the model nothing. */
  static async start(options: ClaudeCodeOptions): Promise<ClaudeCode> {
    await provide('claudeCode', 'codeServer');
    const place = await ClaudePlace.make(options);
    const { command, args, env } = place.commandLine(options);
    const base = { PATH: process.env['PATH'] ?? '', LANG: 'C.UTF-8', TERM: 'xterm-256color', SHELL: '/bin/bash' };
    const claude = new ClaudeCode(place, new Terminal(command, args, { ...base, ...env }, place.folder));
    try {
      await claude.waitForScreen(/^\s*[❯>]/m, startPatience);
      await until('the session to be idle', async () => (await claude.session())?.status === 'idle', startPatience);
    } catch (error) {
      await claude.stop();
      throw error;
    }
    return claude;
  }

  /** What the terminal shows now, line by line. */
  screen(): string {
    return this.#terminal.screen();
  }

  /** Waits until the screen matches; the error shows the screen. */
  async waitForScreen(pattern: RegExp, timeout = 20_000): Promise<string> {
    try {
      return await until(`Claude Code to show ${pattern}`, () => pattern.test(this.screen()) && this.screen(), timeout);
    } catch (error) {
      throw new Error(`${(error as Error).message}; its screen:\n${this.screen()}`, { cause: error });
    }
  }

  /** Presses keys, as they go over a terminal: '\r' is Enter, '\x1b' Escape. */
  press(keys: string): void {
    this.#terminal.write(keys);
  }

  /** Types a prompt and sends it. */
  async submit(text: string): Promise<void> {
    this.press(text);
    // Enter in the same burst would count as part of a paste.
    await this.waitForScreen(new RegExp(escape(text.slice(0, 40))));
    this.press('\r');
  }

  /** The session's own record, or undefined while there is none. */
  async session(): Promise<ClaudeSession | undefined> {
    return readSession(this.home);
  }

  /** Ends it and everything that it started, and removes its folders. */
  async stop(): Promise<void> {
    this.#terminal.kill();
    await endProcessesOf(this.#root);
    await rm(this.#root, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** The same CLI, but started by a command typed into a terminal of the workbench, as a person would. */
export async function startClaudeCodeInTerminal(
  window: WorkbenchWindow,
  options: ClaudeCodeOptions,
): Promise<TerminalClaude> {
  await provide('claudeCode');
  const place = await ClaudePlace.make(options);
  const { command, args, env } = place.commandLine(options);
  const words = ['env', ...Object.entries(env).map(([name, value]) => `${name}=${value}`), command, ...args];
  const script = path.join(place.root, 'claude.sh');
  await writeFile(script, `cd ${quote(place.folder)} && exec ${words.map(quote).join(' ')}\n`);
  await window.typeInTerminal(`bash ${script}`);
  await until('the session file', async () => readSession(place.home), startPatience);
  return {
    home: place.home,
    folder: place.folder,
    session: async () => readSession(place.home),
    stop: async () => {
      await endProcessesOf(place.root);
      await rm(place.root, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** A Claude Code that a workbench terminal shows. */
export interface TerminalClaude {
  readonly home: string;
  readonly folder: string;
  session(): Promise<ClaudeSession | undefined>;
  stop(): Promise<void>;
}

async function readSession(home: string): Promise<ClaudeSession | undefined> {
  const folder = path.join(home, '.claude/sessions');
  const name = (await readdir(folder).catch((): string[] => [])).find((file) => /^\d+\.json$/.test(file));
  if (name === undefined) return undefined;
  try {
    return JSON.parse(await readFile(path.join(folder, name), 'utf8')) as ClaudeSession;
  } catch {
    return undefined; // being written
  }
}

/** What makes Claude Code ask that model and no person: its environment, and its answers for `~/.claude.json`. */
export function quietClaude(
  brain: Brain,
  project: string,
): { readonly env: Readonly<Record<string, string>>; readonly answers: object } {
  return {
    env: {
      ANTHROPIC_BASE_URL: brain.baseUrl,
      ANTHROPIC_API_KEY: apiKey,
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      DISABLE_AUTOUPDATER: '1',
    },
    answers: {
      hasCompletedOnboarding: true,
      theme: 'dark',
      customApiKeyResponses: { approved: [apiKey], rejected: [] },
      projects: { [project]: { hasTrustDialogAccepted: true, hasCompletedProjectOnboarding: true } },
    },
  };
}

/** A HOME in which Claude Code asks nothing at its start, and a project folder. */
class ClaudePlace {
  readonly root: string;
  readonly home: string;
  readonly folder: string;

  private constructor(root: string, folder: string | undefined) {
    this.root = root;
    this.home = path.join(root, 'home');
    this.folder = folder ?? path.join(root, 'project');
  }

  static async make(options: ClaudeCodeOptions): Promise<ClaudePlace> {
    const place = new ClaudePlace(await mkdtemp(path.join(tmpdir(), 'parley-cc-')), options.folder);
    endProcessesAtExit(place.root);
    await mkdir(path.join(place.home, '.claude'), { recursive: true });
    await mkdir(place.folder, { recursive: true });
    const { answers } = quietClaude(options.brain, place.folder);
    await writeFile(path.join(place.home, '.claude.json'), JSON.stringify(answers));
    await writeFile(path.join(place.root, 'mcp.json'), JSON.stringify({ mcpServers: options.mcpServers ?? {} }));
    return place;
  }

  commandLine(options: ClaudeCodeOptions): { command: string; args: string[]; env: Record<string, string> } {
    const args = ['--mcp-config', path.join(this.root, 'mcp.json'), '--strict-mcp-config', ...(options.args ?? [])];
    args.push('--permission-mode', options.permissionMode ?? 'manual');
    if (options.allowedTools !== undefined) args.push('--allowedTools', options.allowedTools.join(','));
    const env = { HOME: this.home, ...quietClaude(options.brain, this.folder).env, ...options.env };
    return { command: equipment.claude, args, env };
  }
}

/** Claude Code wants a key; the scripted model does not look at it. */
const apiKey = 'x';

const quote = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;
const escape = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
