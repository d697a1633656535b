import * as path from 'node:path';
import { withoutAgent } from '../../client/agentEnvironment';
import type { Place } from '../../connect/clients';
import type { Identity } from '../../contract/home';
import type { AgentView } from '../../contract/views';
import type { Found } from '../../nearby/session';
import { headlessSession } from '../../ringers/headlessClients';
import type { Resumable } from '../../ringers/headlessResume';
import { DoorClosed } from '../../ringers/ringer';
import { programOnPath } from './terminalClients';

export interface ResumableParts {
  readonly identities: () => readonly Identity[];
  /** Absolute paths of this window's folders; none while it is not trusted. */
  readonly folders: () => readonly string[];
  /** Whether rings for agents in this folder are this window's, among those that are open. */
  readonly isOurs: (folder: string) => Promise<boolean>;
  readonly place: () => Pick<Place, 'env' | 'platform' | 'exists'>;
  /** Every session of a known client that runs on this machine. */
  readonly running: () => Promise<Found>;
}

/** Whether this window may bring the agent back: it holds the agent's folder, and the home keeps a session of it. */
export function mayResume(
  { id, workspace }: Pick<AgentView, 'id' | 'workspace'>,
  { identities, folders }: Pick<ResumableParts, 'identities' | 'folders'>,
): boolean {
  if (!folders().some((folder) => holds(folder, workspace))) return false;
  return headlessSession(sessionsOf(id, identities())) !== undefined;
}

/** What is needed to bring the agent back now. @throws DoorClosed with the reason why it cannot be */
export async function findResumable(
  agent: Pick<AgentView, 'id' | 'workspace'>,
  parts: ResumableParts,
): Promise<Resumable> {
  const { workspace } = agent;
  if (!parts.folders().some((folder) => holds(folder, workspace)))
    throw new DoorClosed('its folder is not open in a trusted window');
  if (!(await parts.isOurs(workspace))) throw new DoorClosed('another window holds its folder');
  const session = headlessSession(sessionsOf(agent.id, parts.identities()));
  if (!session) throw new DoorClosed('no session of it is known that can be brought back');
  const program = programOnPath(parts.place(), session.client.program);
  if (program === undefined) throw new DoorClosed(`the program ${session.client.program} is not on the PATH`);
  const { sessions } = await parts.running();
  if (sessions.some(({ client, sessionId }) => client === session.client.prefix && sessionId === session.id))
    throw new DoorClosed('its session runs');
  return { session, program, folder: workspace };
}

/** What a client is started with that comes back as that agent: none of the editor's own variables, nor another agent's. */
export function resumeEnvironment(env: NodeJS.ProcessEnv, home: string, name: string): NodeJS.ProcessEnv {
  const kept = Object.entries(withoutAgent(env)).filter(([variable]) => !/^(?:VSCODE_|ELECTRON_)/.test(variable));
  return { ...Object.fromEntries(kept), PARLEY_HOME: home, PARLEY_AGENT: name };
}

function sessionsOf(agent: string, identities: readonly Identity[]): readonly string[] {
  return identities.find(({ id }) => id === agent)?.sessions ?? [];
}

function holds(outer: string, folder: string): boolean {
  if (!path.isAbsolute(folder)) return false;
  const relative = path.relative(outer, folder);
  return relative === '' || (relative.split(path.sep)[0] !== '..' && !path.isAbsolute(relative));
}
