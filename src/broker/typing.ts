import type { AgentId, ThreadId } from '../core/model';
import type { Clock } from '../store/clock';

/** How long one word of typing holds, in ms. */
export const typingFor = 6000;
/** Words of typing of one agent in one thread within this (ms) are one. */
export const typingEvery = 2000;
/** Most threads in which one agent may be typing. */
const mostAtOnce = 8;

/** Who is writing in which thread at this moment. Passing: nothing of it is journaled. */
export class Typing {
  readonly #clock: Clock;
  /** By thread: since when (ms) each has been typing. */
  readonly #since = new Map<ThreadId, Map<AgentId, number>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The agent writes in this thread. @returns whether that is to be told: not when it was a moment ago */
  note(agent: AgentId, thread: ThreadId): boolean {
    const now = this.#clock.now();
    this.#forget(now);
    const own = this.#since.get(thread);
    const last = own?.get(agent);
    if (last !== undefined && now - last < typingEvery) return false;
    const others = [...this.#since].filter(([id, agents]) => id !== thread && agents.has(agent));
    if (others.length >= mostAtOnce) return false;
    if (own) own.set(agent, now);
    else this.#since.set(thread, new Map([[agent, now]]));
    return true;
  }

  /** What it wrote is there, or it left. */
  end(agent: AgentId, thread: ThreadId): void {
    const own = this.#since.get(thread);
    own?.delete(agent);
    if (own?.size === 0) this.#since.delete(thread);
  }

  in(thread: ThreadId): AgentId[] {
    const now = this.#clock.now();
    return [...(this.#since.get(thread) ?? [])].flatMap(([agent, since]) => (now - since < typingFor ? [agent] : []));
  }

  #forget(now: number): void {
    for (const [thread, agents] of this.#since) {
      for (const [agent, since] of agents) if (now - since >= typingFor) this.end(agent, thread);
    }
  }
}
