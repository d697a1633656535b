import * as path from 'node:path';
import * as z from 'zod';
import { CannotTell, type NearbyFiles } from './files';
import type { RunningProcess } from './processTable';
import { eachOf, mostSessions, parse, whyOf, type Reader, type Surroundings } from './reading';
import { sessionIdForm, titleOf, type NearbyDoor, type NearbySession, type NearbyStatus } from './session';

/** `sessions/<pid>.json` in Claude Code's folder, as 2.1.329 writes it for every running session, as far as we look. */
const record = z.object({
  pid: z.number().int(),
  sessionId: z.string().regex(sessionIdForm),
  cwd: z.string().max(4096),
  startedAt: z.number(),
  procStart: z.string().max(64).optional(),
  version: z.string().max(64).optional(),
  name: z.string().optional(),
  status: z.string().max(64).optional(),
  messagingSocketPath: z.string().max(4096).optional(),
});

/** A record is about 600 bytes; more than this is none. */
const longestRecord = 16 * 1024;

/** `sessions/<pid>.<digest>.key` beside it: what another program shows at the session's inbox. */
const key = z.object({ peerToken: z.string().max(256), procStart: z.string().max(64).optional() });

/** How far the two clocks of a start may differ, in milliseconds: the system tells it in whole seconds. */
const clockSlack = 2000;

/** Sessions of Claude Code, by the records that it keeps while they run. */
export const readClaudeCode: Reader = async (given) => {
  const folder = path.join(configFolder(given), 'sessions');
  let names: readonly string[];
  try {
    names = await given.files.names(folder, 10 * mostSessions);
  } catch (error) {
    return { sessions: [], unclear: [{ client: 'claude-code', why: whyOf(error) }] };
  }
  const keys = new Map(names.map((name) => [/^(\d+)\.[0-9a-f]+\.key$/.exec(name)?.[1], path.join(folder, name)]));
  const byPid = new Map(given.processes.map((one) => [one.pid, one]));
  // A record whose process is gone is what a crash left behind.
  const running = names.flatMap((name) => {
    const process = byPid.get(Number(/^(\d+)\.json$/.exec(name)?.[1]));
    return process ? [{ file: path.join(folder, name), keyFile: keys.get(String(process.pid)), process }] : [];
  });
  return eachOf('claude-code', running, async (one) => readRecord(given, one));
};

interface Candidate {
  readonly file: string;
  readonly keyFile: string | undefined;
  readonly process: RunningProcess;
}

async function readRecord(
  { files }: Surroundings,
  { file, keyFile, process }: Candidate,
): Promise<NearbySession | undefined> {
  const part = await files.read(file, 'start', longestRecord);
  if (!part) return undefined;
  if (!part.isWhole) throw new CannotTell('its record is larger than any that it writes');
  const found = parse(record, part.text);
  if (found.pid !== process.pid || !isOf(process, found)) return undefined;
  const title = titleOf(found.name);
  const door = await doorOf(files, found, keyFile);
  return {
    client: 'claude-code',
    ...(found.version !== undefined && { version: found.version }),
    pid: process.pid,
    start: process.start,
    folder: found.cwd,
    ...(title !== undefined && { title }),
    startedAt: found.startedAt,
    status: statuses[found.status ?? ''] ?? 'unknown',
    sessionId: found.sessionId,
    ...(door && { door }),
  };
}

/** Undefined without an inbox, or without the key of this very process to it. */
async function doorOf(
  files: NearbyFiles,
  { messagingSocketPath: socket, procStart }: z.infer<typeof record>,
  keyFile: string | undefined,
): Promise<NearbyDoor | undefined> {
  if (socket === undefined || keyFile === undefined) return undefined;
  try {
    const part = await files.read(keyFile, 'start', longestRecord);
    const found = part && parse(key, part.text);
    if (!found || found.procStart !== procStart) return undefined;
    return { kind: 'claude-inbox', socket, token: found.peerToken };
  } catch {
    return undefined; // then it can still be seen
  }
}

const statuses: Readonly<Record<string, NearbyStatus>> = { idle: 'idle', busy: 'busy', waiting: 'waiting' };

/** Whether the record was written by this process, and not by an earlier one with the same pid. */
function isOf(process: RunningProcess, { procStart, startedAt }: z.infer<typeof record>): boolean {
  const ticks = /^\d+$/;
  // Linux: both count the ticks since the machine started.
  if (procStart !== undefined && ticks.test(procStart) && ticks.test(process.start)) return procStart === process.start;
  return startedAt >= process.startedAt - clockSlack;
}

function configFolder({ env, home }: Surroundings): string {
  const set = env['CLAUDE_CONFIG_DIR'];
  return set !== undefined && set !== '' ? set : path.join(home, '.claude');
}
