import { hashToken, keyedToken, newToken } from '../broker/tokens';
import { changeProfile, knownAgent, register } from '../core/agents';
import { once } from '../core/keys';
import { Refusal } from '../core/refusal';
import { ranked } from '../core/match';
import type { Agent, Card, Presence } from '../core/model';
import { presenceOf } from '../core/presence';
import type { NearbyView } from '../contract/views';
import { self, type Handlers } from './handler';

/** Signing on. From `secret`, which the home keeps, come the tokens of those who bring a key: they can be told again. */
export function registerHandlers(secret: string): Handlers<'register'> {
  return {
    async register(broker, _caller, { name, key, ...rest }) {
      const card = given(rest);
      // The journal and the checkpoint hold keys: this one is as good as a token, and is there as its hash.
      const hidden = key === undefined ? undefined : hashToken(key);
      const { agent, token } = await broker.board.change((step) => {
        const { home } = step.state;
        let fresh: string | undefined;
        // Nobody is there yet whose key it could be: it is the home's.
        const result = once(step, home, hidden, ['register', name ?? '', card], () => {
          fresh = key === undefined ? newToken() : keyedToken(secret, key, step.now);
          const seed = nameSeed(fresh);
          const wish = { name, kind: 'agent', card, tokenHash: hashToken(fresh), nameSeed: seed } as const;
          return { kind: 'agent', agent: register(step, wish).id };
        });
        const known = knownAgent(step, result.agent);
        return { agent: known, token: fresh ?? keyedToken(secret, key ?? '', known.registeredAt) };
      });
      // Whoever registers is there: a program that only runs single commands has no connection to show for it.
      broker.connections.touch(agent.id);
      return { output: { agent: broker.views.agent(agent), token } };
    },
  };
}

/** The sessions on this machine that have not signed on, the latest first. */
export type Around = () => Promise<readonly NearbyView[]>;

/** Sessions nearby that one answer tells of at most: who is on the roster matters more. */
export const mostNearby = 20;

/** @param around absent: nothing nearby is known here */
export const agentHandlers = (around?: Around): Handlers<'profile' | 'who'> => ({
  async profile(broker, caller, { name, presence, tools: offered, ...rest }) {
    const id = self(caller);
    const tools = offered && (await broker.schemas.offered(offered, broker.board.world.limits));
    const card = { ...rest, tools };
    const agent = await broker.board.change((step) =>
      changeProfile(step, id, { name, card: given(card), ...(presence && { busy: presence === 'busy' }) }),
    );
    return { output: { agent: broker.views.agent(agent), waiting: broker.views.waiting(id) } };
  },

  async who(broker, caller, query) {
    const { state, views } = { state: broker.state, views: broker.views };
    const presence = (agent: Agent): Presence => presenceOf(state, broker.connections.isConnected(agent.id), agent.id);
    const wanted = query.agent?.replace(/^@/, '').toLowerCase();
    if (wanted !== undefined && !state.names.has(wanted) && !state.agents.has(query.agent ?? '')) {
      throw new Refusal('unknown_agent', {
        agent: query.agent ?? '',
        known: [...state.agents.values()].slice(0, 10).map((one) => one.name),
      });
    }
    const found: Agent[] = [];
    for (const agent of state.agents.values()) {
      if (wanted !== undefined && agent.name.toLowerCase() !== wanted && agent.id !== query.agent) continue;
      if (query.capability !== undefined && !hasCapability(agent.card.capabilities, query.capability)) continue;
      if (query.workspace !== undefined && agent.card.workspace !== query.workspace) continue;
      if (query.status === undefined || presence(agent) === query.status) found.push(agent);
    }
    const workspace = state.agents.get(caller.agent ?? '')?.card.workspace ?? '';
    const isAway = (agent: Agent): number => (presence(agent) === 'offline' ? 1 : 0);
    const sorted =
      query.topic === undefined
        ? found.sort((a, b) => isAway(a) - isAway(b) || a.name.localeCompare(b.name))
        : ranked(state, found, { capability: query.capability, topic: query.topic, workspace, presence });
    const agents = sorted.map((agent) => views.agent(agent));
    const you = caller.agent === undefined ? undefined : views.name(caller.agent);
    const nearby = query.nearby === true && around ? shown(await around()) : {};
    await broker.board.durable();
    return { output: { ...(you !== undefined && { you }), agents, ...nearby, waiting: views.waiting(caller.agent) } };
  },
});

function shown(sessions: readonly NearbyView[]): { nearby: NearbyView[]; moreNearby?: number } {
  const more = sessions.length - mostNearby;
  return { nearby: sessions.slice(0, mostNearby), ...(more > 0 && { moreNearby: more }) };
}

function hasCapability(capabilities: readonly string[], wanted: string): boolean {
  return capabilities.some((capability) => capability.toLowerCase() === wanted.toLowerCase());
}

/** Only what was given: a profile that leaves a field out does not clear it. */
function given(card: { readonly [K in keyof Card]?: Card[K] | undefined }): Partial<Card> {
  return Object.fromEntries(Object.entries(card).filter(([, value]) => value !== undefined));
}

/** Spreads generated names without a clock: the token is random. */
function nameSeed(token: string): number {
  return token.split('').reduce((sum, character) => (sum * 31 + character.charCodeAt(0)) % 1_000_003, 7);
}
