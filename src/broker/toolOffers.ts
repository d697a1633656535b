import type { AgentId, ToolCard } from '../core/model';
import type { State } from '../core/state';
import type { Client } from './connections';

/** A tool as it can be used now. */
export interface Offer {
  readonly card: ToolCard;
  /** The connected program that runs it; without one its use becomes a task. */
  readonly client?: Client | undefined;
}

/** Which connected programs run which tools of their agents. Passing: an offer ends with its connection. */
export class ToolOffers {
  readonly #state: State;
  readonly #byClient = new Map<Client, ReadonlyMap<string, ToolCard>>();

  constructor(state: State) {
    this.#state = state;
  }

  /** Replaces what this connection offered before. The cards were checked. */
  set(client: Client, cards: readonly ToolCard[]): void {
    // Taken anew, so that it is the latest: of two connections that offer the same tool, that one runs it.
    this.#byClient.delete(client);
    if (cards.length > 0) this.#byClient.set(client, new Map(cards.map((card) => [card.name, card])));
  }

  forget(client: Client): boolean {
    return this.#byClient.delete(client);
  }

  /** What the agent offers: by its connections, and by its card. */
  of(agent: AgentId): Offer[] {
    const found = new Map<string, Offer>();
    for (const card of this.#state.agents.get(agent)?.card.tools ?? []) found.set(card.name, { card });
    for (const [client, cards] of this.#byClient) {
      if (client.agent !== agent) continue;
      for (const card of cards.values()) found.set(card.name, { card, client });
    }
    return [...found.values()];
  }
}
