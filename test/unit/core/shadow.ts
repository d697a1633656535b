import type { DurableEvent, Facts } from '../../../src/core/events';
import type { AgentId, ThreadId } from '../../../src/core/model';

import { check } from './check';
import { ShadowCalls } from './shadowCalls';

/** What one agent is to be told, by offset, oldest first. */
interface Concern {
  readonly offset: number;
  readonly time: number;
}

interface ShadowThread {
  readonly inside: Set<AgentId>;
  seq: number;
  closed: boolean;
  readonly isRoom: boolean;
}

/**
 * The little that one must remember to check a journal from outside: who is in which thread, which legs are open, whom
 * each event concerns. Written from the rules' text, not from their code.
 */
export class Shadow {
  readonly calls = new ShadowCalls();
  readonly threads = new Map<ThreadId, ShadowThread>();
  /** Everything that each agent has not confirmed to have heard, or may re-read. */
  readonly concerns = new Map<AgentId, Concern[]>();
  /** Seen, or told of by the watchdog. */
  readonly #settled = new Set<string>();
  readonly #people = new Set<AgentId>();
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
        if (event.payload.agent.kind === 'human') this.#people.add(event.payload.agent.id);
        return [];
      case 'agent.retired':
        this.concerns.delete(event.payload.agent);
        return [];
      case 'call.placed':
      case 'call.hunted':
      case 'call.queued':
      case 'call.awaited':
      case 'call.rang':
      case 'call.permitted':
      case 'call.missed':
      case 'call.accepted':
      case 'call.declined':
      case 'call.cancelled':
      case 'call.returned':
      case 'call.expired':
      case 'call.passed':
      case 'call.freed':
      case 'call.nobody':
      case 'call.merged':
        return this.calls.take(event);
      case 'thread.opened':
        check(!this.threads.has(event.payload.thread), 'a thread opens once', event);
        this.threads.set(event.payload.thread, {
          inside: new Set(),
          seq: 0,
          closed: false,
          isRoom: event.payload.room === true,
        });
        return [];
      case 'message.sent':
        return this.#message(event.payload, event);
      case 'thread.paused':
      case 'thread.resumed':
        return this.#inside(event.payload.thread, event, event.payload.by);
      case 'thread.limited':
        this.#inside(event.payload.thread, event);
        return [...this.#people];
      case 'turn.skipped':
        check(
          this.#thread(event.payload.thread).inside.has(event.payload.agent),
          'only who is there is skipped',
          event,
        );
        return [];
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

  #message({ message, by }: Facts['message.sent'], event: DurableEvent): AgentId[] {
    const thread = this.#thread(message.thread);
    check(message.seq === ++thread.seq, 'seq is gapless', event);
    check(!thread.closed, 'a closed thread takes nothing', event);
    if (message.type === 'join') {
      check(!thread.inside.has(message.from), 'nobody joins twice', event);
      thread.inside.add(message.from);
    }
    if (message.type !== 'system') check(thread.inside.has(message.from), 'nobody speaks where they are not', event);
    if (message.type === 'leave') thread.inside.delete(message.from);
    if (message.type === 'join' && message.seq <= 2 && !thread.isRoom) return [];
    const told = [...thread.inside].filter((agent) => agent !== message.from && agent !== by);
    // Who was taken out is told.
    return message.type === 'leave' && by !== undefined ? [...told, message.from] : told;
  }

  #inside(id: ThreadId, event: DurableEvent, by?: AgentId): AgentId[] {
    const thread = this.#thread(id);
    check(!thread.closed, 'a closed thread takes nothing', event);
    return [...thread.inside].filter((agent) => agent !== by);
  }

  #thread(id: ThreadId): ShadowThread {
    const thread = this.threads.get(id);
    if (!thread) throw new Error(`invariant broken: every thread is opened first (${id})`);
    return thread;
  }
}

export { check } from './check';
