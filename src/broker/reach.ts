import type { ReachView } from '../contract/views';
import { ringerNeedsPermission } from '../contract/ringers';
import type { AgentId } from '../core/model';
import type { Connections } from './connections';

/** What the last ring through a ringer gave. */
interface Tried {
  readonly ringer: string;
  readonly at: number;
  readonly milliseconds: number;
  readonly result: string;
  readonly detail?: string | undefined;
}

/** How each agent would learn of something now. Passing: what is not known is not claimed. */
export class Reaches {
  readonly #connections: Connections;
  readonly #onChange: (agent: AgentId) => void;
  readonly #listening = new Map<AgentId, number>();
  readonly #tried = new Map<AgentId, Tried>();
  readonly #isSilenced: (agent: AgentId) => boolean;

  /** `onChange`: told whose reach may be another now. `isSilenced`: whether the person lets nothing ring at the agent. */
  constructor(connections: Connections, onChange: (agent: AgentId) => void, isSilenced: (agent: AgentId) => boolean) {
    this.#connections = connections;
    this.#onChange = onChange;
    this.#isSilenced = isSilenced;
  }

  /** The agent asked for something: whatever held it up before does so no more. */
  contact(agent: AgentId): void {
    if (this.#tried.get(agent)?.result !== 'held') return;
    this.#tried.delete(agent);
    this.#onChange(agent);
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
    this.#tried.set(agent, tried);
    this.#onChange(agent);
  }

  of(agent: AgentId): ReachView {
    if (!this.#connections.isConnected(agent)) return { state: 'offline' };
    if (this.isListening(agent)) return { state: 'listening' };
    if (this.#isSilenced(agent)) return { state: 'when-it-asks' };
    const ringer = this.#connections.seatOf(agent)?.ringers.find((name) => !ringerNeedsPermission(name));
    if (ringer === undefined) return { state: 'when-it-asks' };
    const last = this.#tried.get(agent);
    if (last?.ringer !== ringer) return { state: 'wakes', ringer };
    if (last.result === 'held') return { state: 'waits-for-permission', ringer, testedAt: last.at };
    if (last.result !== 'written') return { state: 'when-it-asks' };
    return { state: 'wakes', ringer, milliseconds: last.milliseconds, testedAt: last.at };
  }
}
