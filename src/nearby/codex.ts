import * as path from 'node:path';
import * as z from 'zod';
import type { RunningProcess } from './processTable';
import { programOf } from './programs';
import { eachOf, mostSessions, parseLines, type Reader, type Surroundings } from './reading';
import { titleOf, type NearbyDoor, type NearbySession, type NearbyStatus } from './session';

/**
 * What the processes of Codex 0.169.0 hold open: `thread-writer-locks/<thread>.lock` for each thread that is loaded, and the
 * thread's `sessions/…/rollout-<time>-<thread>.jsonl` from its first turn on. Its SQLite files are not read.
 *
 * A terminal shows a thread of one daemon that serves them all, and the daemon keeps the thread for half an hour after that
 * terminal was closed. So a thread of the daemon counts only as long as a terminal of Codex is in its folder.
 */
const lockPath = /^(.*)[/\\]thread-writer-locks[/\\]([0-9a-f]{8}-[0-9a-f-]{27})\.lock$/;
const rolloutPath = /[/\\]rollout-[^/\\]*-([0-9a-f]{8}-[0-9a-f-]{27})\.jsonl$/;

/** First line of a rollout. */
const begin = z.object({
  type: z.literal('session_meta'),
  payload: z.object({
    cwd: z.string().max(4096),
    cli_version: z.string().max(64).optional(),
    /** `user` for a thread that a person began; others serve one of these. */
    thread_source: z.unknown(),
  }),
});

const happened = z.object({
  type: z.literal('event_msg'),
  payload: z.object({
    type: z.string(),
    item: z
      .object({ type: z.string(), content: z.array(z.object({ text: z.string().optional() })).optional() })
      .optional(),
  }),
});

/** Its first line holds the whole instructions: about 22 kilobytes. */
const headBytes = 256 * 1024;
const tailBytes = 64 * 1024;

interface Thread {
  /** The folder that Codex keeps its things in. */
  readonly folder: string;
  readonly process: RunningProcess;
  readonly id: string;
  /** Undefined before its first turn. */
  readonly rollout: string | undefined;
}

/** Threads of Codex that a process has loaded and that somebody can see. */
export const readCodex: Reader = async (given) => {
  const found = given.processes.filter((one) => programOf(one) === 'codex').slice(0, mostSessions);
  const threads: Thread[] = [];
  const terminals: string[] = [];
  for (const process of found) {
    const loaded = await threadsOf(given, process);
    threads.push(...loaded);
    const isTerminal = loaded.length === 0 && !process.command.includes('app-server');
    if (isTerminal) terminals.push((await given.table.folder(process.pid)) ?? '');
  }
  const all = await eachOf('codex', threads, async (thread) => readThread(given, thread, terminals));
  const daemons = new Set(threads.filter(({ process }) => isDaemon(process)).map(({ process }) => process.pid));
  return { ...all, sessions: visible(all.sessions, daemons, terminals) };
};

async function threadsOf({ table }: Surroundings, process: RunningProcess): Promise<Thread[]> {
  const files = await table.openFiles(process.pid);
  const rollouts = new Map(files.map((file) => [rolloutPath.exec(file)?.[1], file]));
  const folders = new Map(files.map((file) => lockPath.exec(file)).map((lock) => [lock?.[2], lock?.[1]]));
  return [...folders].flatMap(([id, folder]) =>
    id === undefined || folder === undefined ? [] : [{ process, id, folder, rollout: rollouts.get(id) }],
  );
}

async function readThread(
  { files }: Surroundings,
  thread: Thread,
  terminals: readonly string[],
): Promise<NearbySession | undefined> {
  const { process, id, rollout } = thread;
  const head = rollout === undefined ? undefined : await files.read(rollout, 'start', headBytes);
  const tail = rollout === undefined ? undefined : await files.read(rollout, 'end', tailBytes);
  const [meta] = parseLines(begin, head?.text.split('\n', 1)[0] ?? '');
  const { thread_source: source = 'user' } = meta?.payload ?? {};
  if (source !== 'user') return undefined;
  const version = meta?.payload.cli_version;
  const title = titleOf(firstWords(head?.text));
  const only = new Set(terminals);
  const door = doorOf(thread);
  return {
    client: 'codex',
    ...(version !== undefined && { version }),
    pid: process.pid,
    start: process.start,
    // Before its first turn a thread does not say where it is; one folder with terminals leaves no doubt.
    folder: meta?.payload.cwd ?? (only.size === 1 ? (terminals[0] ?? '') : ''),
    ...(title !== undefined && { title }),
    startedAt: timeOf(id) ?? process.startedAt,
    status: rollout === undefined ? 'idle' : statusOf(tail?.text),
    sessionId: id,
    ...(door && { door }),
  };
}

/** The daemon takes a line over its control socket. A terminal that runs without it sees what `codex queue` leaves. */
function doorOf({ process, folder }: Thread): NearbyDoor | undefined {
  if (isDaemon(process)) return { kind: 'codex-server', folder };
  const [program = ''] = process.command;
  if (process.command.includes('app-server') || !path.isAbsolute(program)) return undefined;
  return { kind: 'codex-queue', folder, program };
}

/** In each folder as many of the daemon's threads as there are terminals, the latest first; and all threads of others. */
function visible(
  sessions: readonly NearbySession[],
  daemons: ReadonlySet<number>,
  terminals: readonly string[],
): NearbySession[] {
  const free = [...terminals];
  const take = (folder: string): boolean => {
    const index = free.indexOf(folder);
    if (index >= 0) free.splice(index, 1);
    return index >= 0;
  };
  const latest = [...sessions].sort((a, b) => b.startedAt - a.startedAt);
  return latest.filter(({ pid, folder }) => !daemons.has(pid) || take(folder) || (folder === '' && free.length > 0));
}

const isDaemon = ({ command }: RunningProcess): boolean => command.includes('--managed-daemon');

/** What the user said first. */
function firstWords(text: string | undefined): string | undefined {
  const said = parseLines(happened, text ?? '').find(({ payload }) => payload.item?.type === 'UserMessage');
  return said?.payload.item?.content?.map((piece) => piece.text ?? '').join(' ');
}

const turns: Readonly<Record<string, NearbyStatus>> = {
  task_started: 'busy',
  task_complete: 'idle',
  turn_aborted: 'idle',
};

/** What the last begin or end of a turn says; a turn so long that neither is near the end is still going on. */
function statusOf(tail: string | undefined): NearbyStatus {
  const last = parseLines(happened, tail ?? '').findLast(({ payload }) => turns[payload.type] !== undefined);
  if (last) return turns[last.payload.type] ?? 'unknown';
  return tail !== undefined && tail.length >= tailBytes ? 'busy' : 'unknown';
}

/** A thread's id is a UUID of version 7: its first 48 bits are the time. */
function timeOf(id: string): number | undefined {
  return id.charAt(14) === '7' ? Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16) : undefined;
}
