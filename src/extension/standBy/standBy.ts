import type { Client } from '../../client/client';
import type { AgentView } from '../../contract/views';
import type { RingAnswer, RingRequest, StandBy } from '../../contract/wire';
import type { Ringer } from '../../ringers/ringer';
import { RingerList } from '../../ringers/ringerList';
import { Owned } from '../disposable';
import type { Lookout } from '../lookout';

/** Agents that are stood by for at most; the broker takes a thousand. */
const mostAgents = 200;

/** Whom the person lets ring by which ringer, as they wrote it: names, or `*`. By the ringer's name. */
export type Permissions = Readonly<Record<string, string>>;

export interface StandByParts {
  /** The person's connection. */
  readonly line: Pick<Client, 'standBy'>;
  readonly lookout: Pick<Lookout, 'picture' | 'pictures'>;
  readonly permissions: () => Permissions;
  /** Makes the ringers of that agent, best first; their names are those of the permissions. */
  readonly ringers: (agent: string) => readonly Ringer[];
  /** Whether this window may ever be able to ring the agent by this ringer: whether it can now shows when it rings. */
  readonly isOurs: (agent: AgentView, ringer: string) => Promise<boolean>;
  /** Why a ringer of ours gets through to the agent in no way now, for a person; undefined when it may. */
  readonly closed: (agent: AgentView, ringer: string) => Promise<string | undefined>;
  readonly onError: (error: unknown) => void;
}

/**
 * This window rings agents that have no door of their own, or whose doors failed: by those ringers alone that the person
 * allows by name. It tells the broker for whom it stands by, and nothing at all while nothing is allowed.
 */
export class StandByDesk extends Owned {
  readonly #parts: StandByParts;
  readonly #lists = new Map<string, RingerList>();
  #told = '';
  #seen = '';
  #turn = 0;

  constructor(parts: StandByParts) {
    super();
    this.#parts = parts;
    this.own(parts.lookout.pictures.on(() => this.#drawn()));
    this.ending(() => {
      for (const list of this.#lists.values()) void list.dispose();
      this.#lists.clear();
    });
  }

  /** Who is there, a terminal, who is at it, or a permission may have changed. */
  look(): void {
    this.#look().catch(this.#parts.onError);
  }

  /** Never rejects. */
  ring(request: RingRequest): Promise<RingAnswer> {
    const agent = this.#parts.lookout.picture.agents.get(request.agent);
    const permitted = this.#parts.permissions()[request.ringer] ?? '';
    if (!agent || !names(permitted, agent.name)) {
      return Promise.resolve({ result: 'failed', detail: 'the person does not allow it any more' });
    }
    return this.#listOf(agent.id).ring(request);
  }

  /** Pictures change with each message; whom we stand by for changes with who is there. */
  #drawn(): void {
    const facts = [...this.#parts.lookout.picture.agents.values()].map(({ id, name, presence, workspace }) => [
      id,
      name,
      presence === 'offline',
      workspace,
    ]);
    const seen = JSON.stringify(facts);
    if (seen === this.#seen) return;
    this.#seen = seen;
    this.look();
  }

  async #look(): Promise<void> {
    const turn = ++this.#turn;
    const permissions = Object.entries(this.#parts.permissions()).filter(([, said]) => said.trim() !== '');
    const agents = [...this.#parts.lookout.picture.agents.values()].filter(({ kind }) => kind === 'agent');
    const offers: StandBy[] = [];
    for (const agent of permissions.length === 0 ? [] : agents) {
      const ringers: string[] = [];
      const closed: Record<string, string> = {};
      for (const [ringer, said] of permissions) {
        if (!names(said, agent.name) || !(await this.#parts.isOurs(agent, ringer))) continue;
        ringers.push(ringer);
        const reason = await this.#parts.closed(agent, ringer);
        if (reason !== undefined) closed[ringer] = reason;
      }
      const isOpen = Object.keys(closed).length === 0;
      if (ringers.length > 0) offers.push({ agent: agent.id, ringers, ...(!isOpen && { closed }) });
    }
    // What was found before a later look is worth nothing.
    if (turn === this.#turn) this.#tell(offers.slice(0, mostAgents));
  }

  #tell(offers: readonly StandBy[]): void {
    for (const [agent, list] of this.#lists) {
      if (offers.some((offer) => offer.agent === agent)) continue;
      this.#lists.delete(agent);
      void list.dispose();
    }
    const said = JSON.stringify(offers);
    if (said === this.#told || (offers.length === 0 && this.#told === '')) return;
    this.#told = said;
    this.#parts.line.standBy(offers);
  }

  #listOf(agent: string): RingerList {
    let list = this.#lists.get(agent);
    if (!list) this.#lists.set(agent, (list = new RingerList(this.#parts.ringers(agent))));
    return list;
  }
}

/** Whether the list, as a person wrote it, holds the name, without regard to case. */
export function names(list: string, name: string): boolean {
  const words = list.split(/[\s,;]+/);
  return words.includes('*') || words.some((word) => word.toLowerCase() === name.toLowerCase());
}
