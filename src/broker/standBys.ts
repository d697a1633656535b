import { isDeepStrictEqual } from 'node:util';
import type { StandBy } from '../contract/wire';
import type { AgentId } from '../core/model';
import type { Client, Way } from './connections';

/** The person's programs that can ring agents which are not their own. Passing: gone with their connection. */
export class StandBys {
  readonly #offers = new Map<Client, ReadonlyMap<AgentId, StandBy>>();

  /**
   * Replaces what the client offers; with nothing it is forgotten.
   * @returns what is another offer than before, of those who are offered nothing any more one without ringers
   */
  set(client: Client, agents: readonly StandBy[]): StandBy[] {
    const before = this.#offers.get(client) ?? new Map<AgentId, StandBy>();
    const now = new Map(agents.map((offer) => [offer.agent, offer]));
    if (now.size === 0) this.#offers.delete(client);
    else this.#offers.set(client, now);
    const gone = [...before.keys()].filter((agent) => !now.has(agent)).map((agent) => ({ agent, ringers: [] }));
    return [...gone, ...agents.filter((offer) => !isDeepStrictEqual(offer, before.get(offer.agent)))];
  }

  /** In the order in which the programs came. */
  of(agent: AgentId): Way[] {
    if (this.#offers.size === 0) return [];
    return [...this.#offers].flatMap(([client, offer]) =>
      (offer.get(agent)?.ringers ?? []).map((ringer) => ({ client, ringer, permitted: true })),
    );
  }
}
