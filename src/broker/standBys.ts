import type { StandBy } from '../contract/wire';
import type { AgentId } from '../core/model';
import type { Client, Way } from './connections';

/** The person's programs that can ring agents which are not their own. Passing: gone with their connection. */
export class StandBys {
  readonly #offers = new Map<Client, ReadonlyMap<AgentId, readonly string[]>>();

  /**
   * Replaces what the client offers; with nothing it is forgotten.
   * @returns the agents whose reach may be another now
   */
  set(client: Client, agents: readonly StandBy[]): Iterable<AgentId> {
    const before = this.#offers.get(client);
    const now = new Map(agents.map(({ agent, ringers }) => [agent, ringers]));
    if (now.size === 0) this.#offers.delete(client);
    else this.#offers.set(client, now);
    return new Set([...(before?.keys() ?? []), ...now.keys()]);
  }

  /** In the order in which the programs came. */
  of(agent: AgentId): Way[] {
    if (this.#offers.size === 0) return [];
    return [...this.#offers].flatMap(([client, offer]) =>
      (offer.get(agent) ?? []).map((ringer) => ({ client, ringer, permitted: true })),
    );
  }
}
