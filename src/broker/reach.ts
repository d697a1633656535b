import { ringerNeedsPermission } from '../contract/ringers';
import type { ReachView } from '../contract/views';
import type { RingerTest, StandBy } from '../contract/wire';
import type { AgentId } from '../core/model';
import type { Connections } from './connections';

/** What the last ring through a ringer, or its test, gave. */
interface Tried {
  readonly ringer: string;
  readonly at: number;
  readonly milliseconds: number;
  readonly result: string;
  readonly detail?: string | undefined;
  readonly version?: string | undefined;
}

/** How each agent would learn of something now. Passing: what is not known is not claimed. */
export class Reaches {
  readonly #connections: Connections;
  readonly #onChange: (agent: AgentId) => void;
  readonly #listening = new Map<AgentId, number>();
  /** By ringer. */
  readonly #tried = new Map<AgentId, Map<string, Tried>>();
  readonly #isSilenced: (agent: AgentId) => boolean;

  /** `onChange`: told whose reach may be another now. `isSilenced`: whether the person lets nothing ring at the agent. */
  constructor(connections: Connections, onChange: (agent: AgentId) => void, isSilenced: (agent: AgentId) => boolean) {
    this.#connections = connections;
    this.#onChange = onChange;
    this.#isSilenced = isSilenced;
  }

  /** The agent asked for something: whatever held it up before does so no more. */
  contact(agent: AgentId): void {
    let changes = false;
    for (const [ringer, { result }] of this.#tried.get(agent) ?? []) {
      if (result !== 'held') continue;
      this.#tried.get(agent)?.delete(ringer);
      changes = true;
    }
    if (changes) this.#onChange(agent);
  }

  /** A listen or subscription of the agent is open until the function returned is called. */
  listening(agent: AgentId): () => void {
    const before = this.#listening.get(agent) ?? 0;
    this.#listening.set(agent, before + 1);
    if (before === 0) this.#onChange(agent);
    let open = true;
    return () => {
      if (!open) return;
      open = false;
      const left = (this.#listening.get(agent) ?? 1) - 1;
      if (left > 0) this.#listening.set(agent, left);
      else {
        this.#listening.delete(agent);
        this.#onChange(agent);
      }
    };
  }

  isListening(agent: AgentId): boolean {
    return this.#listening.has(agent);
  }

  tried(agent: AgentId, tried: Tried): void {
    this.#note(agent, tried);
    this.#onChange(agent);
  }

  /** The ringers of its seat were tested by their client at `at`. One that waits for its user goes on waiting. */
  tested(agent: AgentId, tests: readonly RingerTest[], at: number): void {
    for (const { ringer, works, milliseconds, detail, version } of tests) {
      if (this.#tried.get(agent)?.get(ringer)?.result === 'held') continue;
      this.#note(agent, { ringer, at, milliseconds, result: works ? 'written' : 'failed', detail, version });
    }
    this.#onChange(agent);
  }

  /**
   * A program of the person's stands by for the agent. `closed`, by ringer: why it gets through to nobody now; what stood in
   * the way of the others is past.
   */
  stoodBy(agent: AgentId, { ringers, closed = {} }: Pick<StandBy, 'ringers' | 'closed'>, at: number): void {
    for (const ringer of ringers) {
      const detail = closed[ringer];
      if (detail !== undefined) this.#note(agent, { ringer, at, milliseconds: 0, result: 'failed', detail });
      else if (this.#tried.get(agent)?.get(ringer)?.result !== 'written') this.forget(agent, [ringer]);
    }
    this.#onChange(agent);
  }

  /** What is known of these ringers, or of all, was known of those that another connection brought. */
  forget(agent: AgentId, ringers: Iterable<string> = [...(this.#tried.get(agent)?.keys() ?? [])]): void {
    for (const ringer of ringers) this.#tried.get(agent)?.delete(ringer);
  }

  of(agent: AgentId): ReachView {
    const isThere = this.#connections.isConnected(agent);
    const state = isThere ? 'when-it-asks' : 'offline';
    if (isThere && this.isListening(agent)) return { state: 'listening' };
    if (this.#isSilenced(agent)) return { state };
    let detail: string | undefined;
    for (const { ringer, permitted } of this.#connections.ways(agent)) {
      if (ringerNeedsPermission(ringer) && !permitted) continue;
      const last = this.#tried.get(agent)?.get(ringer);
      if (!last) return { state: 'wakes', ringer };
      // What holds a ringer of the person's own is not a prompt of the client.
      if (last.result === 'held' && !permitted)
        return { state: 'waits-for-permission', ringer, testedAt: last.at, detail: last.detail };
      if (last.result !== 'written') {
        // The next stands ready for one that failed.
        detail ??= last.detail;
        continue;
      }
      return { state: 'wakes', ringer, milliseconds: last.milliseconds, testedAt: last.at };
    }
    return { state, ...(detail !== undefined && { detail }) };
  }

  #note(agent: AgentId, tried: Tried): void {
    let own = this.#tried.get(agent);
    if (!own) this.#tried.set(agent, (own = new Map<string, Tried>()));
    own.set(tried.ringer, tried);
  }
}
