import { ParleyError } from '../contract/errors';
import type { Identity } from '../contract/home';
import type { Input, Output } from '../contract/operations';
import { agentEnvironment } from '../client/agentEnvironment';
import { comingBack, newIdentity } from '../client/identity';
import { checkInput } from './flags';
import { rendered } from './render';
import type { Session } from './session';

type Agent = Output<'register'>['agent'];

/**
 * Signs on. Who has registered from here before comes back as the same agent; everybody else gets an identity, kept in the
 * home, under the name given, else that of `--as` or PARLEY_AGENT. The token is not shown: whoever reads the output has no use for it.
 */
export async function register(session: Session, given: object): Promise<void> {
  const { env, cwd } = session.options;
  const name = [session.flags.as, env['PARLEY_AGENT']].find((one) => one !== undefined && one !== '');
  const platform = agentEnvironment(env)?.platform ?? 'Command line';
  const input = checkInput('register', {
    platform,
    workspace: cwd,
    ...(name === undefined ? {} : { name }),
    ...given,
  }) as Input<'register'>;
  // Not `input.name`: who runs with PARLEY_AGENT is that agent, also where its process is another.
  const { name: named } = given as { readonly name?: string };
  const before = comingBack(session.store, named, session.surroundings);
  const agent = (before && (await comeBack(session, before, given))) ?? (await signOn(session, input));
  await session.print(
    session.isJson ? JSON.stringify({ agent }) : rendered(session.terminal, 'register', { agent, token: '' }),
  );
}

/** Undefined when the broker does not know that token any more. */
async function comeBack(session: Session, before: Identity, given: object): Promise<Agent | undefined> {
  try {
    return await session.with(await session.connect(before.token), async (client) => {
      const { agent } = await client.ask('profile', checkInput('profile', given));
      const { sessions, process } = identityOf(session, { id: agent.id, name: agent.name, token: before.token });
      const known = new Set([...before.sessions, ...sessions]);
      session.store.update({
        ...before,
        name: agent.name,
        sessions: [...known],
        ...(process ? { process } : {}),
        savedAt: session.options.clock.now(),
      });
      return agent;
    });
  } catch (error) {
    if (!(error instanceof ParleyError) || error.code !== 'unauthorized') throw error;
    session.store.remove(before);
    return undefined;
  }
}

async function signOn(session: Session, input: Input<'register'>): Promise<Agent> {
  return session.with(await session.connect(undefined), async (client) => {
    const { agent, token } = await client.ask('register', input);
    session.store.add(identityOf(session, { id: agent.id, name: agent.name, token }));
    return agent;
  });
}

function identityOf(session: Session, registered: { id: string; name: string; token: string }): Identity {
  return newIdentity(registered, session.surroundings, session.options.clock.now());
}
