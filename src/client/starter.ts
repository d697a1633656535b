import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { ParleyError, errorTexts, isErrorCode, type ErrorCode } from '../contract/errors';
import { homeFiles } from '../contract/home';
import { agentEnvironment, isSandboxed } from './agentEnvironment';

/** How to start a broker when none is there. */
export interface Autostart {
  /** The broker's program, an absolute path. */
  readonly program: string;
  /** What runs it. Default: what runs us (`process.execPath`; an editor's runtime is told to be Node). */
  readonly runtime?: string;
  /** Our environment: it says whether we may start one, and the allow-listed part of it is handed on. */
  readonly env: NodeJS.ProcessEnv;
  /** The program's version and build time, to replace an older broker; without them none is replaced. */
  readonly version?: string;
  readonly build?: number;
}

/** A broker that was started and has not answered yet. */
export interface Started {
  /** Why it ended before it answered; `no` while it runs; `yes` when it ended because another holds the home. */
  ended(): 'no' | 'yes' | ParleyError;
}

/** The log that a starting broker writes to before it has its own. Kept below this many bytes. */
const startLog = 'start.log';
const maxStartLog = 256 * 1024;

/**
 * What of the environment a broker gets: nothing that a client put there for its agent, and no secrets. The last four say where
 * clients keep their sessions, which the broker looks at when somebody asks who is nearby.
 */
const allowedVariables =
  /^(?:HOME|PATH|USER|LOGNAME|SHELL|LANG|LANGUAGE|LC_\w+|TZ|TMPDIR|TEMP|TMP|XDG_RUNTIME_DIR|USERPROFILE|APPDATA|LOCALAPPDATA|HOMEDRIVE|HOMEPATH|USERNAME|SYSTEMROOT|WINDIR|COMSPEC|PATHEXT|CLAUDE_CONFIG_DIR|CODEX_HOME|COPILOT_HOME|GEMINI_CLI_HOME)$/i;

/** For glibc's allocator: few arenas, and freed memory goes back early. Saves 4 to 9 MiB; other allocators ignore it. */
const allocator = { MALLOC_ARENA_MAX: '2', MALLOC_TRIM_THRESHOLD_: '131072' } as const;

export function brokerEnvironment(env: NodeJS.ProcessEnv, home: string): NodeJS.ProcessEnv {
  const allowed = Object.entries(env).filter(([name]) => allowedVariables.test(name));
  return { ...Object.fromEntries(allowed), ...allocator, PARLEY_HOME: home, ELECTRON_RUN_AS_NODE: '1' };
}

/**
 * Starts the broker's program on its own: it outlives us. Two starters at once do no harm, the lock lets one win.
 * @throws `sandboxed`, `home_read_only`, `storage_full`, `broker_start_failed`
 */
export function startBroker(home: string, autostart: Autostart): Started {
  mayStart(home, autostart.env);
  const log = path.join(home, homeFiles.logs, startLog);
  fs.mkdirSync(path.dirname(log), { recursive: true, mode: 0o700 });
  const from = logEnd(log);
  const output = fs.openSync(log, from === 0 ? 'w' : 'a', 0o600);
  let child: ChildProcess;
  try {
    child = spawn(autostart.runtime ?? process.execPath, [autostart.program], {
      cwd: home,
      env: brokerEnvironment(autostart.env, home),
      detached: true,
      windowsHide: true,
      stdio: ['ignore', output, output],
    });
  } finally {
    fs.closeSync(output);
  }
  let problem: string | undefined;
  child.on('error', (error) => (problem = error.message));
  child.unref();
  return {
    ended() {
      if (problem !== undefined) return new ParleyError('broker_start_failed', { problem, log });
      if (child.exitCode === null && child.signalCode === null) return 'no';
      return whyEnded(child, log, from);
    },
  };
}

/** That this process may become the parent of a broker. */
function mayStart(home: string, env: NodeJS.ProcessEnv): void {
  if (isSandboxed(env)) throw new ParleyError('sandboxed');
  const probe = path.join(home, `.write-${randomUUID()}`);
  try {
    fs.mkdirSync(home, { recursive: true, mode: 0o700 });
    const file = fs.openSync(probe, 'wx', 0o600);
    try {
      fs.fsyncSync(file);
    } finally {
      fs.closeSync(file);
      fs.unlinkSync(probe);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') throw new ParleyError('storage_full', {}, { cause: error });
    // An agent's client that keeps us from writing may be a sandbox that does not say so.
    if (agentEnvironment(env)) throw new ParleyError('sandboxed', {}, { cause: error });
    throw new ParleyError('home_read_only', { home }, { cause: error });
  }
}

function logEnd(log: string): number {
  try {
    const { size } = fs.statSync(log);
    return size > maxStartLog ? 0 : size;
  } catch {
    return 0;
  }
}

/** A broker that cannot start ends with the exit code of its error; the last line it wrote says more. */
function whyEnded(child: ChildProcess, log: string, from: number): ParleyError | 'yes' {
  const exit = child.exitCode ?? -1;
  if (exit === 0 || exit === errorTexts.broker_already_running.exit) return 'yes';
  const line = lastLine(log, from);
  try {
    const { code, facts } = JSON.parse(line) as { code?: unknown; facts?: unknown };
    if (typeof code === 'string' && isErrorCode(code)) return new ParleyError(code, asFacts(facts));
  } catch {
    // Not an error of ours.
  }
  const problem = line !== '' ? line : (child.signalCode ?? `exit code ${exit}`);
  const code = (Object.keys(errorTexts) as ErrorCode[]).find((one) => errorTexts[one].exit === exit && exit >= 50);
  return new ParleyError(code ?? 'broker_start_failed', { problem: problem.slice(0, 500), log });
}

function asFacts(facts: unknown): Record<string, string | number> {
  if (typeof facts !== 'object' || facts === null) return {};
  return Object.fromEntries(
    Object.entries(facts).filter(
      (entry): entry is [string, string | number] => typeof entry[1] === 'string' || typeof entry[1] === 'number',
    ),
  );
}

/** The line of the log that says most: what a runtime says of an error that nobody caught, else the last one. */
function lastLine(log: string, from: number): string {
  try {
    const lines = fs.readFileSync(log).subarray(from).toString('utf8').trim().split('\n');
    const last = lines.at(-1)?.trim() ?? '';
    if (!last.startsWith('Node.js v')) return last;
    return lines.findLast((line) => /^\w*Error\b.*: /.test(line)) ?? last;
  } catch {
    return '';
  }
}
