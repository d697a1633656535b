import * as path from 'node:path';
import * as z from 'zod';
import type { RunningProcess } from './processTable';
import { running } from './programs';
import { eachOf, mostSessions, parse, parseLines, type Reader, type Surroundings } from './reading';
import { sessionIdForm, titleOf, type NearbySession } from './session';

/**
 * What Gemini CLI 0.61.0 keeps in its folder: `projects.json` has the name of each project folder, and
 * `tmp/<name>/chats/session-<minute>-<id>.jsonl` is made when a session begins. None of it names a process.
 */
const projects = z.object({ projects: z.record(z.string(), z.string().regex(/^[\w.-]{1,255}$/)) });

/** First line of a session's file. */
const begin = z.object({
  sessionId: z.string().regex(sessionIdForm),
  startTime: z.string(),
  kind: z.string().optional(),
});

/** A message in it, as far as we look. */
const message = z.object({ type: z.literal('user'), content: z.array(z.object({ text: z.string() })) });

const chatName = /^session-(\d{4}-\d{2}-\d{2}T\d{2}-\d{2})-[0-9a-f]+\.jsonl$/;
const longestProjects = 1024 * 1024;
/** The beginning of a session's file that is read; its first messages stand there. */
const headBytes = 64 * 1024;
/** Files of sessions that are opened for one folder, the latest first. */
const mostChats = 20;
/** How far the clock of sessions and that of processes may differ, in milliseconds. */
const clockSlack = 2000;

/** Sessions of Gemini CLI: its processes, each with the session that began in its folder after it and before the next. */
export const readGemini: Reader = async (given) => {
  const found = running(given.processes, 'gemini');
  const folders = new Map<RunningProcess, string>();
  for (const process of found.slice(0, mostSessions)) {
    folders.set(process, (await given.table.folder(process.pid)) ?? '');
  }
  return eachOf('gemini', found, async (process) => {
    const folder = folders.get(process) ?? '';
    const next = found
      .filter((other) => other.startedAt > process.startedAt && folders.get(other) === folder)
      .map((other) => other.startedAt);
    const chats = folder === '' ? [] : await chatsIn(given, folder);
    const own = chats.filter(
      ({ startedAt }) => startedAt >= process.startedAt - clockSlack && startedAt < Math.min(...next) - clockSlack,
    );
    // With others beside it, a second session may be anybody's.
    const chat = next.length === 0 || own.length === 1 ? own[0] : undefined;
    return sessionOf(process, folder, chat);
  });
};

interface Chat {
  readonly sessionId: string;
  readonly startedAt: number;
  readonly title?: string;
}

/** Whether a session works is not told: a message without an answer may also have been taken back. */
function sessionOf({ pid, start, startedAt }: RunningProcess, folder: string, chat: Chat | undefined): NearbySession {
  return { client: 'gemini', pid, start, folder, startedAt, status: 'unknown', ...chat };
}

/** The folder's latest sessions, the latest first. */
async function chatsIn({ files, env, home }: Surroundings, folder: string): Promise<Chat[]> {
  const root = path.join(env['GEMINI_CLI_HOME'] || home, '.gemini');
  const known = await files.read(path.join(root, 'projects.json'), 'start', longestProjects);
  const name = known && parse(projects, known.text).projects[folder];
  if (name === undefined) return [];
  const chats = path.join(root, 'tmp', name, 'chats');
  const names = (await files.names(chats, 100 * mostSessions)).filter((one) => chatName.test(one));
  const latest = names.sort().reverse().slice(0, mostChats);
  const read = await Promise.all(latest.map(async (one) => files.read(path.join(chats, one), 'start', headBytes)));
  return read.flatMap((part) => chatOf(part?.text)).sort((a, b) => b.startedAt - a.startedAt);
}

function chatOf(text: string | undefined): Chat[] {
  const [first = '', ...rest] = (text ?? '').split('\n');
  const [head] = parseLines(begin, first);
  const startedAt = Date.parse(head?.startTime ?? '');
  if (!head || Number.isNaN(startedAt)) return [];
  const said = parseLines(message, rest.join('\n'))[0];
  const title = titleOf(said?.content.map((piece) => piece.text).join(' '));
  return [{ sessionId: head.sessionId, startedAt, ...(title !== undefined && { title }) }];
}
