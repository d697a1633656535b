import { apply } from './apply';
import type { DurableEvent, Fact } from './events';
import { openInvitations } from './expected';
import type { Limits } from './limits';
import type { AgentId } from './model';
import type { Zone } from './quietHours';
import { Refusal, type RefusalCode, type RefusalFacts } from './refusal';
import type { State } from './state';

/** A token bucket. */
export interface Bucket {
  tokens: number;
  at: number;
}

/** What the rules need to know of the world and may not find out by themselves. */
export interface World {
  readonly limits: Limits;
  /** Whether any connection of the agent is up. */
  isConnected(agent: AgentId): boolean;
  /** Since when (ms) the agent has been offline; undefined while it is connected. */
  offlineSince(agent: AgentId): number | undefined;
  /** When (ms) the machine last woke from a sleep: the time before does not count as silence. Undefined when it never slept. */
  readonly awakeSince?: number | undefined;
  /** When (ms) the broker started: nobody could speak before. */
  readonly startedAt?: number | undefined;
  /** The machine's clock on the wall, for hours of the day. Absent: UTC. */
  readonly zone?: Zone | undefined;
  /** Send rates. Passing: a restart fills every bucket. */
  readonly rates: Map<AgentId, Bucket>;
}

/**
 * Bytes of events, weighed from above, beyond which a step begins nothing more that can wait for the next one. A segment of
 * the journal (8 MiB) holds all of a command or none: this leaves room for the largest command (a broadcast), and for the
 * largest thing that was begun (a call answered at once with all its words).
 */
export const stepFull = 1.5 * 1024 * 1024;

/** Bytes of an event that has no texts of any length: ids, a topic, what the journal puts around it. */
const lightest = 1024;
/** Bytes in UTF-8 that one UTF-16 unit of JSON takes at most. */
const bytesPerUnit = 3;

/**
 * One command being checked and applied. A rule looks at the state, refuses (before anything has changed) or emits facts;
 * each fact is applied at once, so that the next line of the rule sees it. Time and ids come in: the same state and the
 * same arguments give the same events.
 */
export class Step {
  readonly events: DurableEvent[] = [];
  /** Whom each of the events concerns, in the order of the events. */
  readonly audiences: (readonly AgentId[])[] = [];
  readonly state: State;
  readonly world: World;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly newId: () => string;

  /** Something was left for the next step: see {@link isFull}. */
  isCut = false;
  #weighed = 0;
  #weight = 0;

  constructor(state: State, world: World, now: number, newId: () => string) {
    this.state = state;
    this.world = world;
    this.now = now;
    this.newId = newId;
  }

  emit(fact: Fact): void {
    const event: DurableEvent = { ...fact, offset: this.state.offset + 1, time: this.now, origin: this.state.home };
    const audience: AgentId[] = [];
    apply(this.state, event, audience);
    this.events.push(event);
    this.audiences.push(audience);
  }

  /** Whether nothing more is to be begun here. What asks and hears yes leaves the rest for the next step, which MUST be able to go on. */
  isFull(): boolean {
    for (; this.#weighed < this.events.length; this.#weighed++) {
      const event = this.events[this.#weighed];
      const isWordy = event?.type === 'message.sent' || event?.type === 'call.placed';
      this.#weight += lightest + (isWordy ? bytesPerUnit * JSON.stringify(event.payload).length : 0);
      // Those who were invited into it are told in this same step.
      if (event?.type === 'thread.closed')
        this.#weight += lightest * openInvitations(this.state, event.payload.thread).length;
    }
    if (this.#weight >= stepFull) this.isCut = true;
    return this.#weight >= stepFull;
  }

  /** @throws {@link Refusal}; MUST come before the first {@link emit}. */
  refuse(code: RefusalCode, facts: RefusalFacts = {}): never {
    if (this.events.length > 0) throw new Error(`${code} was refused after ${this.events.length} events`);
    throw new Refusal(code, facts);
  }
}
