import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { programOf } from './programs';

const run = promisify(execFile);

/**
 * What runs in the foreground of the terminal that this process belongs to, by the last part of its path (`claude`): what is
 * typed there goes to it. Undefined where the system does not tell (Windows), or nothing is there.
 * @param pid a process of the terminal, e.g. its shell
 */
export async function foregroundProgram(
  pid: number,
  platform: NodeJS.Platform = process.platform,
): Promise<string | undefined> {
  try {
    if (platform === 'linux') return await inProc(pid);
    return platform === 'darwin' ? await fromPs(pid) : undefined;
  } catch {
    return undefined; // it ended
  }
}

/** /proc/PID/stat: the terminal's foreground group is field 8, counted after the name in brackets. */
async function inProc(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const group = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[5]);
  if (!(group > 0)) return undefined;
  const command = (await readFile(`/proc/${group}/cmdline`, 'utf8')).split('\0').slice(0, -1);
  return programOf({ command });
}

async function fromPs(pid: number): Promise<string | undefined> {
  const ask = async (what: string, of: number): Promise<string> =>
    (await run('ps', ['-o', `${what}=`, '-p', String(of)], { timeout: 5000 })).stdout.trim();
  const group = Number(await ask('tpgid', pid));
  return group > 0 ? programOf({ command: (await ask('args', group)).split(/\s+/) }) : undefined;
}
