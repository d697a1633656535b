import { ParleyError } from '../contract/errors';
import type { Identity } from '../contract/home';
import { agentEnvironment } from './agentEnvironment';
import type { IdentityStore } from './identityStore';
import { ancestors, lastingAncestor, stillRuns, type Processes } from './processes';

/** Who runs us. The folder is never identity. */
export type Who = { readonly kind: 'agent'; readonly identity: Identity } | { readonly kind: 'person' };

export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  /** `--as`. */
  readonly as?: string | undefined;
  /** Both ends are a terminal: a person may be there. */
  readonly isTerminal: boolean;
  readonly processes: Processes;
}

/**
 * In this order: `--as`, `PARLEY_AGENT`, the client's session id in the environment, the nearest process above us that
 * registered; on a terminal without an agent's client, the person.
 * @throws `who_are_you` with the names to choose from
 */
export function whoAmI(
  store: Pick<IdentityStore, 'byName' | 'list'>,
  { env, as, isTerminal, processes }: Surroundings,
): Who {
  const name = [as, env['PARLEY_AGENT']].find((one) => one !== undefined && one !== '');
  if (name !== undefined) {
    const identity = store.byName(name);
    if (identity) return { kind: 'agent', identity };
    throw whoAreYou(store.list());
  }
  const known = store.list();
  const client = agentEnvironment(env);
  const { session } = client ?? {};
  const bySession = known.find((identity) => session !== undefined && identity.sessions.includes(session));
  if (bySession) return { kind: 'agent', identity: bySession };
  const above = registeredAbove(known, session, processes);
  if (above) return { kind: 'agent', identity: above };
  if (isTerminal && !client) return { kind: 'person' };
  throw whoAreYou(known);
}

/** @throws `who_are_you` when several registered from the same process */
function registeredAbove(
  known: readonly Identity[],
  session: string | undefined,
  processes: Processes,
): Identity | undefined {
  // A session that has not registered is not the agent of another session that happens to have started it.
  const candidates = known.filter(
    (identity) => identity.process && (session === undefined || identity.sessions.length === 0),
  );
  if (candidates.length === 0) return undefined;
  for (const { pid, start } of ancestors(processes)) {
    const here = candidates.filter(({ process }) => process?.pid === pid && process.start === start);
    if (here.length > 1) throw whoAreYou(here, true);
    if (here[0]) return here[0];
  }
  return undefined;
}

/**
 * The kept identity that a new registration under this name comes back as: one that is ours already, or whose process is
 * gone. One that lives elsewhere is not taken over; the broker then says `name_taken`.
 */
export function comingBack(
  store: IdentityStore,
  name: string | undefined,
  surroundings: Surroundings,
): Identity | undefined {
  if (name === undefined) {
    try {
      const who = whoAmI(store, surroundings);
      return who.kind === 'agent' ? who.identity : undefined;
    } catch {
      return undefined;
    }
  }
  const identity = store.byName(name);
  if (!identity) return undefined;
  const session = agentEnvironment(surroundings.env)?.session;
  if (session !== undefined && identity.sessions.includes(session)) return identity;
  const mark = identity.process;
  if (!mark) return identity.sessions.length === 0 ? identity : undefined;
  const isAbove = ancestors(surroundings.processes).some((info) => info.pid === mark.pid && info.start === mark.start);
  return isAbove || !stillRuns(surroundings.processes, mark) ? identity : undefined;
}

/** What a registration keeps: enough to know its own again. */
export function newIdentity(
  registered: { readonly id: string; readonly name: string; readonly token: string },
  { env, processes }: Surroundings,
  savedAt: number,
): Identity {
  const session = agentEnvironment(env)?.session;
  const lasting = lastingAncestor(processes);
  return {
    id: registered.id,
    name: registered.name,
    token: registered.token,
    sessions: session === undefined ? [] : [session],
    ...(lasting ? { process: { pid: lasting.pid, start: lasting.start } } : {}),
    savedAt,
  };
}

/** `several`: all of these are right, and one has to be named. */
function whoAreYou(known: readonly Identity[], several = false): ParleyError {
  const names = [...new Set(known.map((identity) => identity.name))];
  if (names.length === 0) return new ParleyError('who_are_you');
  return new ParleyError('who_are_you', { choices: names.slice(0, 20), ...(several && { several: names.length }) });
}
