import { homedir } from 'node:os';
import * as path from 'node:path';
import { ParleyError } from '../contract/errors';
import { homeFiles } from '../contract/home';
import { ringReason } from '../contract/ringReasons';
import { inEnglish } from '../contract/wording';
import { ownFiles } from '../nearby/files';
import { invitation, invite } from '../nearby/invite';
import { lookAround } from '../nearby/lookAround';
import { machineTable } from '../nearby/processTable';
import { clientTitles, type Found, type NearbySession, type NearbyStatus, type Unclear } from '../nearby/session';
import { Asker } from './asker';
import { lines } from './pieces';
import type { Session } from './session';
import { ago, plain, styled, table, type Cell, type Style, type Terminal } from './terminal';

/** Flags of `parley nearby`. */
export interface NearbyFlags {
  /** The session that is to be invited: its pid, its id, or six characters of the id's beginning or end. */
  readonly invite?: string;
}

/**
 * Shows the sessions of known clients here that have not signed on, or invites one of them.
 * @throws `session_gone`, `invitation_failed`; `forbidden` when anybody but the person would send a line; `bad_input` when the
 *   person says no
 */
export async function nearby(session: Session, flags: NearbyFlags, look = lookFor(session)): Promise<void> {
  const found = await look();
  if (flags.invite !== undefined) await inviteOne(session, named(found.sessions, flags.invite));
  else if (session.isJson) await session.printJson({ sessions: found.sessions.map(shown), unclear: found.unclear });
  else await session.print(told(session.terminal, found));
}

function lookFor({ options: { env }, store }: Session): () => Promise<Found> {
  const home = env['HOME'] ?? env['USERPROFILE'] ?? homedir();
  return () => lookAround({ files: ownFiles(), table: machineTable(), env, home, identities: () => store.list() });
}

/** For programs: all but the key of its door. */
function shown(session: NearbySession): object {
  return { ...session, door: undefined, start: undefined, takesLine: session.door !== undefined };
}

const statusWords: Readonly<Record<NearbyStatus, readonly [words: string, style: Style]>> = {
  idle: ['idle', 'green'],
  busy: ['busy', 'red'],
  waiting: ['waits for you', 'yellow'],
  unknown: ['', 'dim'],
};

function told(terminal: Terminal, { sessions, unclear }: Found): string {
  const rows = sessions.map((one): readonly Cell[] => [
    ['○', 'dim'],
    [`${clientTitles[one.client]} ${plain(one.version ?? '')}`.trim(), 'bold'],
    statusWords[one.status],
    [String(one.pid)],
    [plain(one.folder)],
    [plain(one.title ?? '')],
    [`since ${ago(terminal.now, one.startedAt)}`, 'dim'],
  ]);
  const [first] = sessions;
  return lines(
    first ? table(terminal, rows) : 'No session here that has not signed on.',
    ...doubts(unclear),
    first ? styled(terminal, 'dim', `Invite one by its process: parley nearby --invite ${first.pid}`) : '',
  );
}

/** A line for each reason, with the clients that it holds for. */
function doubts(unclear: readonly Unclear[]): string[] {
  return [...new Set(unclear.map(({ why }) => why))].map((why) => {
    const clients = new Set(unclear.filter((one) => one.why === why).map(({ client }) => clientTitles[client]));
    return `${[...clients].join(', ')}: cannot tell, ${plain(why)}.`;
  });
}

/** @throws `session_gone`; `bad_input` when several fit */
function named(sessions: readonly NearbySession[], word: string): NearbySession {
  const fits = ({ pid, sessionId = '' }: NearbySession): boolean =>
    String(pid) === word ||
    sessionId === word ||
    (word.length >= 6 && (sessionId.startsWith(word) || sessionId.endsWith(word)));
  const [session, ...others] = sessions.filter(fits);
  if (!session) throw new ParleyError('session_gone');
  if (others.length > 0)
    throw new ParleyError('bad_input', { problem: `${word} fits several sessions; name one by its id` });
  return session;
}

async function inviteOne(session: Session, one: NearbySession): Promise<void> {
  const { home, clock, env } = session.options;
  const launcher = path.join(home, homeFiles.bin, process.platform === 'win32' ? 'parley.cmd' : 'parley');
  const line = invitation(launcher);
  const title = clientTitles[one.client];
  if (!one.door) {
    if (session.isJson) await session.printJson({ sent: false, line });
    else await session.print(lines(`${title} takes no lines from others. Paste this into the session:`, line));
    return;
  }
  // Only the person sends anything into a session, and only at a terminal: there is no flag that says yes.
  session.personToken();
  if (!session.isJson) await session.print(lines(`This goes to ${title} in ${plain(one.folder)}:`, line));
  const asker = new Asker(session, false);
  try {
    await asker.confirm('Send it? Its model answers, which costs what a turn costs.');
  } finally {
    asker.close();
  }
  const answer = await invite(one, line, { clock, env });
  if (session.isJson) await session.printJson({ sent: true, line, ...answer });
  else
    await session.print(
      answer.result === 'held'
        ? `Written; it waits there: ${plain(ringReason(answer.detail ?? '', inEnglish))}.`
        : 'Sent.',
    );
}
