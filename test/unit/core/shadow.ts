import type { DurableEvent, Facts } from '../../../src/core/events';
import type { AgentId, CallId, ThreadId } from '../../../src/core/model';

/** What one agent is to be told, by offset, oldest first. */
interface Concern {
  readonly offset: number;
  readonly time: number;
}

interface ShadowThread {
  readonly inside: Set<AgentId>;
  seq: number;
  closed: boolean;
}

interface ShadowCall {
  readonly from: AgentId;
  readonly placedAt: number;
  readonly legs: Map<AgentId, 'open' | 'rang' | 'over'>;
}

/**
 * The little that one must remember to check a journal from outside: who is in which thread, which legs are open, whom
 * each event concerns. Written from the rules' text, not from their code.
 */
export class Shadow {
  readonly calls = new Map<CallId, ShadowCall>();
  readonly threads = new Map<ThreadId, ShadowThread>();
  /** Everything that each agent has not confirmed to have heard, or may re-read. */
  readonly concerns = new Map<AgentId, Concern[]>();
  /** Seen, or told of by the watchdog. */
  readonly #settled = new Set<string>();
  #offset = 0;

  /** @throws when the event breaks an invariant; the message names it */
  take(event: DurableEvent): void {
    check(event.offset === ++this.#offset, 'offsets have no gap', event);
    for (const agent of this.#whom(event)) {
      this.concerns.get(agent)?.push({ offset: event.offset, time: event.time });
    }
  }

  /** Whom the event concerns, never its own author. */
  #whom(event: DurableEvent): AgentId[] {
    switch (event.type) {
      case 'agent.registered':
        this.concerns.set(event.payload.agent.id, []);
        return [];
      case 'agent.retired':
        this.concerns.delete(event.payload.agent);
        return [];
      case 'call.placed': {
        const { call, to } = event.payload;
        this.calls.set(call.id, {
          from: call.from,
          placedAt: event.time,
          legs: new Map(to.map((agent) => [agent, 'open'])),
        });
        return [];
      }
      case 'call.queued':
        this.#open(event.payload, event);
        return [event.payload.agent];
      case 'call.rang': {
        const again = this.#open(event.payload, event) === 'rang';
        this.#call(event.payload.call).legs.set(event.payload.agent, 'rang');
        return again ? [] : [event.payload.agent];
      }
      case 'call.missed':
        this.#open(event.payload, event);
        return this.#parties(event.payload, event.payload.by);
      case 'call.accepted':
      case 'call.declined':
      case 'call.cancelled':
      case 'call.returned':
        this.#end(event.payload, event);
        return this.#parties(event.payload, event.payload.by);
      case 'call.expired':
        this.#end(event.payload, event);
        return this.#parties(event.payload);
      case 'call.merged': {
        this.#end(event.payload, event);
        const { from, placedAt } = this.#call(event.payload.call);
        return placedAt === event.time ? [] : [from];
      }
      case 'thread.opened':
        check(!this.threads.has(event.payload.thread), 'a thread opens once', event);
        this.threads.set(event.payload.thread, { inside: new Set(), seq: 0, closed: false });
        return [];
      case 'message.sent':
        return this.#message(event.payload, event);
      case 'thread.paused':
      case 'thread.resumed':
        return this.#inside(event.payload.thread, event, event.payload.by);
      case 'thread.closed': {
        const told = this.#inside(event.payload.thread, event, event.payload.by);
        this.#thread(event.payload.thread).closed = true;
        return told;
      }
      case 'receipt.seen':
        for (const subject of [...event.payload.messages, ...event.payload.calls]) {
          this.#settled.add(`${subject} ${event.payload.agent}`);
        }
        return [];
      case 'watchdog.told': {
        const { subject, agent, sender } = event.payload;
        check(
          !this.#settled.has(`${subject} ${agent}`),
          'the watchdog tells once, and only of what was not seen',
          event,
        );
        this.#settled.add(`${subject} ${agent}`);
        return [sender];
      }
      default:
        return [];
    }
  }

  #message({ message }: Facts['message.sent'], event: DurableEvent): AgentId[] {
    const thread = this.#thread(message.thread);
    check(message.seq === ++thread.seq, 'seq is gapless', event);
    check(!thread.closed, 'a closed thread takes nothing', event);
    if (message.type === 'join') {
      check(!thread.inside.has(message.from), 'nobody joins twice', event);
      thread.inside.add(message.from);
    }
    check(thread.inside.has(message.from), 'nobody speaks where they are not', event);
    if (message.type === 'leave') thread.inside.delete(message.from);
    if (message.type === 'join' && message.seq <= 2) return [];
    return [...thread.inside].filter((agent) => agent !== message.from);
  }

  #inside(id: ThreadId, event: DurableEvent, by?: AgentId): AgentId[] {
    const thread = this.#thread(id);
    check(!thread.closed, 'a closed thread takes nothing', event);
    return [...thread.inside].filter((agent) => agent !== by);
  }

  #open({ call, agent }: { call: CallId; agent: AgentId }, event: DurableEvent): 'open' | 'rang' {
    const state = this.#call(call).legs.get(agent);
    check(state !== undefined && state !== 'over', 'nothing happens to a leg after its end', event);
    return state as 'open' | 'rang';
  }

  #end(which: { call: CallId; agent: AgentId }, event: DurableEvent): void {
    const name = event.type === 'call.accepted' ? 'one acceptance per leg' : 'one end per leg';
    check(this.#call(which.call).legs.get(which.agent) !== 'over', name, event);
    this.#call(which.call).legs.set(which.agent, 'over');
  }

  #parties({ call, agent }: { call: CallId; agent: AgentId }, by?: AgentId): AgentId[] {
    return [this.#call(call).from, agent].filter((party) => party !== by);
  }

  #call(id: CallId): ShadowCall {
    const call = this.calls.get(id);
    if (!call) throw new Error(`invariant broken: every call is placed first (${id})`);
    return call;
  }

  #thread(id: ThreadId): ShadowThread {
    const thread = this.threads.get(id);
    if (!thread) throw new Error(`invariant broken: every thread is opened first (${id})`);
    return thread;
  }
}

/** @throws an error that names the invariant when it does not hold */
export function check(holds: boolean, invariant: string, detail?: unknown): void {
  if (!holds)
    throw new Error(`invariant broken: ${invariant}${detail === undefined ? '' : `: ${JSON.stringify(detail)}`}`);
}
