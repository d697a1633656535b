import type { AgentId } from '../core/model';

/** So many names are kept at hand; then all are forgotten, and asked for again when they are shown. */
const mostKept = 10_000;

/** What the names are asked of: ids of agents who are or were here, with the names that they have or had last. */
export type AskNames = (agents: readonly AgentId[]) => Promise<Readonly<Record<AgentId, string>>>;

/**
 * The names of agents who are off the roster (retired, or known from an import). The head state has them no more: they
 * are asked for before something is shown in which such an agent may stand.
 */
export class PastNames {
  readonly #isHere: (agent: AgentId) => boolean;
  readonly #ask: AskNames;
  /** Undefined: nobody knows it. */
  readonly #names = new Map<AgentId, string | undefined>();

  constructor(isHere: (agent: AgentId) => boolean, ask: AskNames) {
    this.#isHere = isHere;
    this.#ask = ask;
  }

  /** The name, as far as it was learnt. */
  get(agent: AgentId): string | undefined {
    return this.#names.get(agent);
  }

  /** Whether {@link learn} has to ask nobody for this one. */
  isKnown(agent: AgentId): boolean {
    return this.#isHere(agent) || this.#names.has(agent);
  }

  /** Makes the names of these known. Asks nobody when all of them are here or were asked for before. */
  async learn(agents: Iterable<AgentId | undefined>): Promise<void> {
    const unknown = new Set<AgentId>();
    for (const agent of agents) {
      if (agent !== undefined && !this.isKnown(agent)) unknown.add(agent);
    }
    if (unknown.size === 0) return;
    const found = await this.#ask([...unknown]);
    if (this.#names.size + unknown.size > mostKept) this.#names.clear();
    for (const agent of unknown) this.#names.set(agent, Object.hasOwn(found, agent) ? found[agent] : undefined);
  }
}
