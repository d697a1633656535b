// Starting, finding and ending the processes of one run. Every one of them has the run's own folder in its environment
// or on its command line, so that also those are found that left their parents (the broker, an editor).
import { execFile, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';

/** How long a process may take to end after SIGTERM before it gets SIGKILL, in milliseconds. */
const patience = 5_000;

/** Variables that make a child take itself for a part of what runs us: npm, an editor, or a coding agent. */
const foreign =
  /^(npm_|VSCODE_|VITEST|ELECTRON_|PARLEY_|CLAUDE|ANTHROPIC_|CODEX_(THREAD|SESSION)_ID$|COPILOT_|GEMINI_(CLI|SESSION_ID)$|OPENCODE|CURSOR_AGENT$|AI_AGENT$|AGENT$|NODE_OPTIONS$)/;

/** Our environment without what would leak, and with what is given. */
export function environment(extra) {
  const kept = Object.entries(process.env).filter(([name]) => !foreign.test(name));
  return { ...Object.fromEntries(kept), ...extra };
}

/** Starts programs until the signal says that the run is over; what `run` started is ended by it. */
export class Launcher {
  #signal;

  constructor(signal) {
    this.#signal = signal;
  }

  /** Starts a program that goes on by itself. */
  start(program, args, options = {}) {
    this.#signal.throwIfAborted();
    return spawn(program, args, options);
  }

  /** Runs a program to its end and returns what it wrote; its output is shown only when it fails. */
  async run(program, args, options = {}) {
    const child = this.start(program, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options, signal: this.#signal });
    let output = '';
    child.stdout.on('data', (data) => (output += data));
    child.stderr.on('data', (data) => (output += data));
    const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
    if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}:\n${output.slice(-4000)}`);
    return output;
  }
}

/** Ends every process that mentions the folder, and returns when none is left. */
export async function endProcessesOf(folder) {
  const deadline = Date.now() + patience;
  let left = await processesOf(folder);
  signal(left, 'SIGTERM');
  while (left.length > 0) {
    await pause(50);
    left = await processesOf(folder);
    if (Date.now() > deadline) signal(left, 'SIGKILL');
  }
}

/** The processes, besides us, that mention the folder. */
async function processesOf(folder) {
  if (process.platform === 'linux') return inProc(folder);
  const lister = process.platform === 'win32' ? fromPowerShell : fromPs;
  return lister(folder);
}

function inProc(folder) {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid !== process.pid)
    .filter((pid) => mentions(pid, 'environ', folder) || mentions(pid, 'cmdline', folder));
}

function mentions(pid, file, folder) {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1').includes(folder);
  } catch {
    return false; // gone meanwhile, or not ours
  }
}

/** On macOS `-E` shows the environment of one's own processes too. */
async function fromPs(folder) {
  const { stdout } = await promisify(execFile)('ps', ['-axEww', '-o', 'pid=,command='], { maxBuffer: 1 << 26 });
  return pidsIn(stdout.split('\n').filter((line) => line.includes(folder)));
}

/** Windows tells no environment: what does not name the folder on its command line is not found. */
async function fromPowerShell(folder) {
  const script = `Get-CimInstance Win32_Process | ForEach-Object { "$($_.ProcessId) $($_.CommandLine)" }`;
  const shell = ['-NoProfile', '-NonInteractive', '-Command', script];
  const { stdout } = await promisify(execFile)('powershell.exe', shell, { maxBuffer: 1 << 26 });
  return pidsIn(stdout.split('\n').filter((line) => line.includes(folder)));
}

function pidsIn(lines) {
  return lines.map((line) => Number.parseInt(line, 10)).filter((pid) => pid > 0 && pid !== process.pid);
}

function signal(pids, name) {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch {
      // ended between the look and the signal
    }
  }
}
