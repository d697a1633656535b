import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';

/** What Claude Code writes of a running session in `sessions/<pid>.json` of its configuration folder, as far as we look. */
const record = z.object({
  sessionId: z.string().optional(),
  messagingSocketPath: z.string().optional(),
  status: z.string().optional(),
  waitingFor: z.string().optional(),
});

export type ClaudeSessionRecord = z.infer<typeof record>;

/** Records that are looked through at most, latest names first. */
const mostRecords = 200;

/** Claude Code's configuration folder. */
export function configFolder(env: NodeJS.ProcessEnv): string | undefined {
  const set = env['CLAUDE_CONFIG_DIR'];
  if (set !== undefined && set !== '') return set;
  const home = env['HOME'] ?? env['USERPROFILE'];
  return home === undefined || home === '' ? undefined : path.join(home, '.claude');
}

/** The record of the session with this inbox or id; undefined when there is none, or none that we can read. */
export async function findSession(
  folder: string,
  by: { readonly socket: string; readonly sessionId: string | undefined },
): Promise<ClaudeSessionRecord | undefined> {
  const names = await readdir(path.join(folder, 'sessions')).catch((): string[] => []);
  const files = names.filter((name) => /^\d+\.json$/.test(name)).slice(-mostRecords);
  const records = await Promise.all(files.map((name) => read(path.join(folder, 'sessions', name))));
  return (
    records.find((found) => found?.messagingSocketPath === by.socket) ??
    records.find((found) => found !== undefined && by.sessionId !== undefined && found.sessionId === by.sessionId)
  );
}

async function read(file: string): Promise<ClaudeSessionRecord | undefined> {
  try {
    return record.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return undefined; // gone, being written, or of another form
  }
}
