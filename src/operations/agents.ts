import { hashToken, newToken } from '../broker/tokens';
import { changeProfile, register } from '../core/agents';
import { Refusal } from '../core/refusal';
import { ranked } from '../core/match';
import type { Agent, Card, Presence } from '../core/model';
import { presenceOf } from '../core/presence';
import { self, type Handlers } from './handler';

export const agentHandlers: Handlers<'register' | 'profile' | 'who'> = {
  async register(broker, _caller, { name, ...card }) {
    const token = newToken();
    const agent = await broker.board.change((step) =>
      register(step, {
        name,
        kind: 'agent',
        card: given(card),
        tokenHash: hashToken(token),
        nameSeed: nameSeed(token),
      }),
    );
    // Whoever registers is there: a program that only runs single commands has no connection to show for it.
    broker.connections.touch(agent.id);
    return { output: { agent: broker.views.agent(agent), token } };
  },

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
    await broker.board.durable();
    return { output: { ...(you !== undefined && { you }), agents, waiting: views.waiting(caller.agent) } };
  },
};

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
