import type { Identity } from '../contract/home';
import { readClaudeCode } from './claudeCode';
import { readCodex } from './codex';
import { readCopilot } from './copilot';
import type { NearbyFiles } from './files';
import { readGemini } from './gemini';
import { readOpenCode } from './openCode';
import type { ProcessTable, RunningProcess } from './processTable';
import { whyOf, type Reader } from './reading';
import { isRegistered } from './registered';
import { nearbyClients, type Found, type NearbyClient } from './session';

/** What a look needs from outside. */
export interface LookParts {
  readonly files: NearbyFiles;
  readonly table: ProcessTable;
  readonly env: NodeJS.ProcessEnv;
  /** The user's home folder, absolute. */
  readonly home: string;
  /** The agents that this home knows, read anew for each look. */
  readonly identities: () => readonly Identity[];
}

const readers: Readonly<Record<NearbyClient, Reader>> = {
  'claude-code': readClaudeCode,
  codex: readCodex,
  copilot: readCopilot,
  gemini: readGemini,
  opencode: readOpenCode,
};

/**
 * The sessions of known clients that run here and are no agents of ours yet, the latest first. Only looks: nothing is
 * connected to, written or started in a client. Never rejects; what it could not make out stands in `unclear`.
 */
export async function lookAround({ files, table, env, home, identities }: LookParts): Promise<Found> {
  let processes: readonly RunningProcess[];
  try {
    processes = await table.list();
  } catch (error) {
    return { sessions: [], unclear: nearbyClients.map((client) => ({ client, why: whyOf(error) })) };
  }
  const given = { files, table, processes, env, home };
  const found = await Promise.all(nearbyClients.map(async (client) => read(client, given)));
  const known = identities();
  const sessions = found.flatMap((one) => one.sessions).filter((session) => !isRegistered(session, known));
  return {
    sessions: sessions.sort((a, b) => b.startedAt - a.startedAt),
    unclear: found.flatMap((one) => one.unclear),
  };
}

async function read(client: NearbyClient, given: Parameters<Reader>[0]): Promise<Found> {
  try {
    return await readers[client](given);
  } catch (error) {
    return { sessions: [], unclear: [{ client, why: whyOf(error) }] };
  }
}
