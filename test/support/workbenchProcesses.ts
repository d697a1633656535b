import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** How long a process may take to end after SIGTERM before it gets SIGKILL, in milliseconds. */
const patience = 5_000;

/**
 * The processes that mention a folder in their environment or command line. Every process that a test starts has its
 * own temporary HOME, so this finds the children too, also those that left the process group (a broker, for one).
 */
export function processesOf(folder: string): number[] {
  const found: number[] = [];
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    if (mentions(pid, 'environ', folder) || mentions(pid, 'cmdline', folder)) found.push(pid);
  }
  return found;
}

function mentions(pid: number, file: string, folder: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1').includes(folder);
  } catch {
    return false; // gone meanwhile, or not ours
  }
}

/** Ends every process that mentions the folder, and returns when none is left. */
export async function endProcessesOf(folder: string): Promise<void> {
  signal(folder, 'SIGTERM');
  const deadline = Date.now() + patience;
  while (processesOf(folder).length > 0) {
    if (Date.now() > deadline) signal(folder, 'SIGKILL');
    await pause(50);
  }
}

/** Ends every process that mentions the folder when this process exits, in case a test never came to its clean-up. */
export function endProcessesAtExit(folder: string): void {
  process.once('exit', () => signal(folder, 'SIGKILL'));
}

function signal(folder: string, name: NodeJS.Signals): void {
  for (const pid of processesOf(folder)) {
    try {
      process.kill(pid, name);
    } catch {
      // ended between the look and the signal
    }
  }
}
