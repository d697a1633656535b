import { ringReason } from '../contract/ringReasons';
import { inEnglish } from '../contract/wording';
import { ParleyError } from '../contract/errors';
import type { RingAnswer, RingRequest } from '../contract/wire';
import { ClaudeInboxRinger } from '../ringers/claudeInbox';
import { CodexQueueDoor } from '../ringers/codexQueue';
import { CodexSocketDoor } from '../ringers/codexSocket';
import { DoorRinger } from '../ringers/doorRinger';
import type { Ringer, RingerClock } from '../ringers/ringer';
import { TriedVersions } from '../ringers/versions';
import { clientTitles, type NearbyDoor, type NearbySession } from './session';

/**
 * The line that invites an agent; a person may as well paste it into the session.
 * @param launcher absolute path of the command `parley`
 */
export function invitation(launcher: string): string {
  const command = /\s/.test(launcher) ? `"${launcher}"` : launcher;
  return (
    `You are invited to Parley, the telephone of the coding agents on this machine. If you have Parley's tools, call who. ` +
    `Otherwise sign on with: ${command} register. How to go on says: ${command} help`
  );
}

export interface InviteParts {
  readonly clock: RingerClock;
  /** For the programs of clients that are run. */
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Sends the line into the session, by its client's own door. Only ever on the person's word: the model that reads it costs
 * what a turn costs.
 * @returns what the client said; `held` when its user must let the line in first
 * @throws ParleyError `invitation_failed`, also when the session has no door
 */
export async function invite(session: NearbySession, line: string, parts: InviteParts): Promise<RingAnswer> {
  const { door } = session;
  if (!door) throw failed(session, 'it takes no lines from others');
  const ringer = ringerFor(session, door, parts);
  try {
    const answer = await ringer.ring(requestFor(session, ringer, line));
    if (answer.result !== 'written' && answer.result !== 'held') {
      throw failed(session, ringReason(answer.detail ?? 'unknown', inEnglish));
    }
    return answer;
  } finally {
    await ringer.dispose();
  }
}

function failed({ client }: NearbySession, problem: string): ParleyError {
  return new ParleyError('invitation_failed', { client: clientTitles[client], problem });
}

function ringerFor(
  { client, version, folder, sessionId }: NearbySession,
  door: NearbyDoor,
  parts: InviteParts,
): Ringer {
  const { clock, env } = parts;
  const tried = new TriedVersions(clientTitles[client], oldest[door.kind], () => version);
  const thread = (): string | undefined => sessionId;
  switch (door.kind) {
    case 'claude-inbox':
      return new ClaudeInboxRinger({
        socket: door.socket,
        token: door.token,
        sessionId,
        report: () => undefined,
        tried,
      });
    case 'codex-server': {
      const known = { thread, found: () => undefined, startedAt: 0, workspace: folder };
      return new DoorRinger({ door: new CodexSocketDoor({ folder: door.folder, ...known, clock }), clock, tried });
    }
    case 'codex-queue': {
      const itsOwn = { ...env, CODEX_HOME: door.folder };
      return new DoorRinger({ door: new CodexQueueDoor({ program: door.program, env: itsOwn, thread }), clock });
    }
  }
}

/** The versions that each door was tried with. */
const oldest: Readonly<Record<NearbyDoor['kind'], { readonly least: string; readonly below: string }>> = {
  'claude-inbox': { least: '2.1.200', below: '3' },
  'codex-server': { least: '0.169.0', below: '1' },
  'codex-queue': { least: '0.149.0', below: '1' },
};

/** A ring as ringers know it, about nothing that the broker has. */
function requestFor({ pid }: NearbySession, { name }: Ringer, text: string): RingRequest {
  return {
    subject: `invitation-${pid}`,
    kind: 'message',
    agent: '',
    ringer: name,
    from: 'Parley',
    fromId: 'parley-invitation',
    topic: 'Parley',
    text,
    permitted: true,
  };
}
