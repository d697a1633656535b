import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import { errno } from './errors';

/** Who holds the lock; enough to know for certain, later, that it is gone. */
export interface Owner {
  readonly host: string;
  /** Changes with every boot of the host; empty where that cannot be found out. */
  readonly boot: string;
  /** Where the pid means something: containers share a host name and a boot, not their pids. */
  readonly space: string;
  readonly pid: number;
  /** When the process began, in the system's own words; empty where that cannot be found out. */
  readonly started: string;
}

/** The processes of this machine, as far as the lock must know them. */
export interface Processes {
  readonly self: Owner;
  /** Whether that owner certainly runs no more. Doubt answers no. */
  isGone(owner: Owner): boolean;
}

/** The real ones. */
export function machineProcesses(): Processes {
  const self: Owner = {
    host: os.hostname(),
    boot: bootId(),
    space: pidSpace(),
    pid: process.pid,
    started: startOf(process.pid) ?? '',
  };
  return {
    self,
    isGone(owner) {
      if (owner.host !== self.host) return false;
      if (owner.boot !== self.boot) return owner.boot !== '' && self.boot !== '';
      if (owner.space !== self.space) return false;
      if (!isRunning(owner.pid)) return true;
      const started = startOf(owner.pid);
      return started !== undefined && owner.started !== '' && started !== owner.started;
    },
  };
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it runs, as somebody else.
    if (errno(error) === 'ESRCH') return false;
  }
  return linuxStat(pid)?.state !== 'Z';
}

function bootId(): string {
  if (process.platform === 'linux') return readText('/proc/sys/kernel/random/boot_id');
  // "{ sec = 1700000000, usec = 0 } Tue …": set again when the clock is, which only makes us doubt.
  if (process.platform === 'darwin') return runText('sysctl', ['-n', 'kern.boottime']);
  return '';
}

function pidSpace(): string {
  if (process.platform !== 'linux') return '';
  try {
    return fs.readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}

/** When a process began, in words that equal themselves each time they are asked for; nothing when it cannot be told. */
function startOf(pid: number): string | undefined {
  if (process.platform === 'linux') return linuxStat(pid)?.started;
  if (process.platform === 'darwin') return runText('ps', ['-o', 'lstart=', '-p', String(pid)]) || undefined;
  const script = `(Get-Process -Id ${pid}).StartTime.ToFileTimeUtc()`;
  return runText('powershell.exe', ['-NoProfile', '-NonInteractive', '-Command', script]) || undefined;
}

/** State and start (ticks since boot) out of /proc/PID/stat: fields 3 and 22, counted after the name in brackets. */
function linuxStat(pid: number): { state: string; started: string } | undefined {
  if (process.platform !== 'linux') return undefined;
  const text = readText(`/proc/${pid}/stat`);
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, started] = [fields[0], fields[19]];
  return state !== undefined && started !== undefined ? { state, started } : undefined;
}

function readText(path: string): string {
  try {
    return fs.readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}

function runText(program: string, args: string[]): string {
  try {
    return execFileSync(program, args, { encoding: 'utf8', timeout: 5000, windowsHide: true, stdio: 'pipe' }).trim();
  } catch {
    return '';
  }
}
