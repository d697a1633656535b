import type { CallView } from '../../contract/views';
import type { Watched } from '../../contract/wire';
import type { AgentId, Call, CallId, LegState, RingReport } from '../../core/model';

/** One call ringing at one agent, as the events told it. */
export interface Ring {
  readonly call: Call;
  readonly agent: AgentId;
  readonly rangAt: number;
  /** When it will be missed, ms since the epoch. */
  readonly deadline: number;
  /** What ringers reported so far. */
  readonly reports: readonly RingReport[];
  /** The call was handed over whole to its callee, who may be about to answer. */
  readonly seen: boolean;
  /** The person is asked first: the callee does not know of it yet. */
  readonly isAsked?: boolean;
}

/** How one callee's part of a call ended or where it stands. */
export interface Outcome {
  readonly call: Call;
  readonly agent: AgentId;
  readonly state: LegState;
  readonly by?: AgentId;
  readonly reason?: string;
  readonly thread?: string;
}

/** Calls remembered whose legs are all over: enough for whoever still asks, not more. */
const mostCalls = 500;

/**
 * Which calls ring now, at whom, and how they end; made of the events alone. The broker's inbox knows the person's own
 * calls; calls at other agents are seen only here.
 */
export class RingBook {
  readonly #calls = new Map<CallId, Call>();
  readonly #rings = new Map<string, Ring>();

  /** Takes the next event. Returns what it ended or moved, if it did. */
  apply(event: Watched): Outcome | undefined {
    if (!('offset' in event)) return undefined;
    switch (event.type) {
      case 'call.placed':
        this.#remember(event.payload.call);
        return undefined;
      case 'call.rang': {
        const call = this.#calls.get(event.payload.call);
        if (!call) return undefined;
        const { agent, deadline, asks } = event.payload;
        const isAsked = asks !== undefined;
        const ring = { call, agent, rangAt: event.time, deadline, reports: [], seen: false, isAsked };
        this.#rings.set(key(call.id, agent), ring);
        return { call, agent, state: 'ringing' };
      }
      case 'call.permitted': {
        const { call, agent, deadline } = event.payload;
        // It rings at the agent from now on: its ringers have their time.
        this.#change(call, agent, (ring) => ({ ...ring, deadline, rangAt: event.time, isAsked: false }));
        return undefined;
      }
      case 'receipt.rung': {
        const { subject, agent, report } = event.payload;
        this.#change(subject, agent, (ring) => ({ ...ring, reports: [...ring.reports, report] }));
        return undefined;
      }
      case 'receipt.seen':
        for (const call of event.payload.calls) {
          this.#change(call, event.payload.agent, (ring) => ({ ...ring, seen: true }));
        }
        return undefined;
      case 'call.queued':
        return this.#end(event.payload.call, event.payload.agent, { state: 'queued', reason: event.payload.reason });
      case 'call.accepted': {
        const { call, agent, by, thread } = event.payload;
        return this.#end(call, agent, { state: 'accepted', by, thread });
      }
      case 'call.declined': {
        const { call, agent, by, reason } = event.payload;
        return this.#end(call, agent, { state: 'declined', by, ...(reason !== undefined && { reason }) });
      }
      case 'call.cancelled':
        return this.#end(event.payload.call, event.payload.agent, { state: 'cancelled', by: event.payload.by });
      case 'call.missed':
        return this.#end(event.payload.call, event.payload.agent, { state: 'missed' });
      case 'call.passed':
        return this.#end(event.payload.call, event.payload.agent, { state: 'passed', reason: event.payload.reason });
      case 'call.merged':
        return this.#end(event.payload.call, event.payload.agent, { state: 'merged' });
      case 'call.returned':
        return this.#end(event.payload.call, event.payload.agent, { state: 'returned' });
      case 'call.expired':
        return this.#end(event.payload.call, event.payload.agent, { state: 'expired' });
      default:
        return undefined;
    }
  }

  /** Takes the rings at the person from their inbox, and those that are put before them; what is not in it rings no more. */
  seed(inbox: readonly CallView[], person: AgentId): void {
    const known = new Map([...this.#rings].filter(([, ring]) => ring.agent === person || ring.isAsked === true));
    for (const [id] of known) this.#rings.delete(id);
    for (const view of inbox) {
      for (const leg of view.to) {
        const isAsked = leg.asks !== undefined;
        if ((leg.agent !== person && !isAsked) || leg.state !== 'ringing' || leg.deadline === undefined) continue;
        const { id, from, topic, urgency, refs, placedAt, message } = view;
        const call = { id, from, topic, urgency, refs, placedAt, ...(message !== undefined && { content: message }) };
        this.#remember(call);
        const { agent, deadline } = leg;
        const fresh: Ring = { call, agent, rangAt: placedAt, deadline, reports: [], seen: false, isAsked };
        this.#rings.set(key(id, agent), known.get(key(id, agent)) ?? fresh);
      }
    }
  }

  /** What rings at this time; a ring whose deadline is long past was ended by an event that we missed. */
  ringing(now: number): Ring[] {
    return [...this.#rings.values()].filter((ring) => ring.deadline + missedGrace > now);
  }

  find(call: CallId, agent: AgentId): Ring | undefined {
    return this.#rings.get(key(call, agent));
  }

  clear(): void {
    this.#calls.clear();
    this.#rings.clear();
  }

  #remember(call: Call): void {
    this.#calls.set(call.id, call);
    for (const [id] of this.#calls) {
      if (this.#calls.size <= mostCalls) break;
      if (![...this.#rings.values()].some((ring) => ring.call.id === id)) this.#calls.delete(id);
      else break;
    }
  }

  #change(call: CallId, agent: AgentId, change: (ring: Ring) => Ring): void {
    const ring = this.#rings.get(key(call, agent));
    if (ring) this.#rings.set(key(call, agent), change(ring));
  }

  #end(id: CallId, agent: AgentId, how: Omit<Outcome, 'call' | 'agent'>): Outcome | undefined {
    this.#rings.delete(key(id, agent));
    const call = this.#calls.get(id);
    return call && { call, agent, ...how };
  }
}

/** After a restart the broker lets a ring go on for at least 10 s without a new event. Milliseconds. */
const missedGrace = 15_000;

function key(call: CallId, agent: AgentId): string {
  return `${call}/${agent}`;
}
