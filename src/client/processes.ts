import * as fs from 'node:fs';

/** One process, told apart from a later one with the same pid by its start. */
export interface ProcessMark {
  readonly pid: number;
  /** When it began, in the system's own words: equal to itself each time it is asked for. */
  readonly start: string;
}

export interface ProcessInfo extends ProcessMark {
  readonly parent: number;
  /** Its command line, word by word; empty where the system does not tell. */
  readonly command: readonly string[];
}

/** The processes of this machine, as far as the client must know them. */
export interface Processes {
  /** Undefined when there is no such process, or it cannot be looked at. */
  look(pid: number): ProcessInfo | undefined;
  /** False only when there is certainly no such process. */
  isAlive(pid: number): boolean;
  /** Our own pid and that of who started us. */
  readonly self: number;
  readonly parent: number;
}

/** How far up the tree we look for someone who registered. */
const maxAncestors = 32;

/** The processes above us, nearest first. */
export function ancestors(processes: Processes): ProcessInfo[] {
  const found: ProcessInfo[] = [];
  for (let pid = processes.parent; pid > 1 && found.length < maxAncestors;) {
    const info = processes.look(pid);
    if (!info || found.some((one) => one.pid === pid)) break;
    found.push(info);
    pid = info.parent;
  }
  return found;
}

/** Whether the process that is marked still runs. Doubt answers yes. */
export function stillRuns(processes: Processes, mark: ProcessMark): boolean {
  if (!processes.isAlive(mark.pid)) return false;
  const start = processes.look(mark.pid)?.start;
  return start === undefined || start === '' || mark.start === '' || start === mark.start;
}

const shells = /^-?(?:ba|da|z|k|fi|a)?sh(?:\.exe)?$|^(?:cmd|pwsh|powershell)(?:\.exe)?$/i;
const runsOneCommand = /^-[a-z]*c$|^\/[cs]$|^-command$/i;

/**
 * The process to remember as the one that registered: the nearest above us that outlives a single command. Agents run each
 * command in a shell of its own (`bash -c "parley …"`), which is gone before the next one.
 */
export function lastingAncestor(processes: Processes): ProcessInfo | undefined {
  return ancestors(processes).find((info) => !isOneCommandShell(info.command));
}

function isOneCommandShell(command: readonly string[]): boolean {
  const [program = '', ...rest] = command;
  const name = program.split(/[/\\]/).at(-1) ?? '';
  return shells.test(name) && rest.some((word) => runsOneCommand.test(word));
}

/** The real ones: /proc on Linux, `ps` on macOS, PowerShell on Windows (slow, so only asked when nothing else tells). */
export function machineProcesses(): Processes {
  const known = new Map<number, ProcessInfo | undefined>();
  return {
    self: process.pid,
    parent: process.ppid,
    isAlive(pid) {
      try {
        process.kill(pid, 0);
      } catch (error) {
        // EPERM: it runs, as somebody else.
        return (error as NodeJS.ErrnoException).code !== 'ESRCH';
      }
      return !isZombie(pid);
    },
    look(pid) {
      if (!known.has(pid)) known.set(pid, lookUp(pid));
      return known.get(pid);
    },
  };
}

function lookUp(pid: number): ProcessInfo | undefined {
  if (process.platform === 'linux') return lookInProc(pid);
  return process.platform === 'win32' ? askPowerShell(pid) : askPs(pid);
}

/** It has ended, and nobody has taken note of that; in a container without an init, nobody will. */
function isZombie(pid: number): boolean {
  if (process.platform !== 'linux') return false;
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.charAt(stat.lastIndexOf(')') + 2) === 'Z';
  } catch {
    return false;
  }
}

/** /proc/PID/stat: state, parent and start are fields 3, 4 and 22, counted after the name in brackets. */
function lookInProc(pid: number): ProcessInfo | undefined {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const command = fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
    if (fields[0] === 'Z') return undefined;
    return { pid, parent: Number(fields[1]), start: fields[19] ?? '', command };
  } catch {
    return undefined;
  }
}

function askPs(pid: number): ProcessInfo | undefined {
  const line = run('ps', ['-o', 'ppid=,lstart=,args=', '-p', String(pid)]);
  // "  501 Fri Nov 21 09:02:11 2026     /bin/zsh -l"
  const parts = /^\s*(\d+)\s+(\S+\s+\S+\s+\S+\s+\S+\s+\S+)\s+(.*)$/.exec(line);
  if (!parts) return undefined;
  return { pid, parent: Number(parts[1]), start: parts[2] ?? '', command: (parts[3] ?? '').split(/\s+/) };
}

function askPowerShell(pid: number): ProcessInfo | undefined {
  const script =
    `$p = Get-CimInstance Win32_Process -Filter 'ProcessId=${pid}'; ` +
    `"$($p.ParentProcessId)|$((Get-Process -Id ${pid}).StartTime.ToFileTimeUtc())|$($p.CommandLine)"`;
  const [parent = '', start = '', command = ''] = run('powershell.exe', [
    '-NoProfile',
    '-NonInteractive',
    '-Command',
    script,
  ]).split('|');
  return parent === '' ? undefined : { pid, parent: Number(parent), start, command: command.split(/\s+/) };
}

function run(program: string, args: string[]): string {
  try {
    // Loaded only where /proc does not tell: it takes a tenth of what a hook takes.
    const { execFileSync } = process.getBuiltinModule('node:child_process');
    return execFileSync(program, args, { encoding: 'utf8', timeout: 5000, windowsHide: true, stdio: 'pipe' }).trim();
  } catch {
    return '';
  }
}
