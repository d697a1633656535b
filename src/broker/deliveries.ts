import type { WaitingView } from '../contract/views';
import type { AgentId, CallId, MessageId } from '../core/model';
import { waitingFor } from '../core/presence';
import { markSeen } from '../core/receipts';
import type { Client } from './connections';
import type { Switchboard } from './switchboard';

/** What an answer held, until it is confirmed that it was handed over whole. */
export interface Delivery {
  readonly agent: AgentId;
  readonly messages: readonly MessageId[];
  readonly calls: readonly CallId[];
  /** Moves the agent's listening. */
  readonly position?: number | undefined;
  /** A message of which only a part was in it, up to this character. */
  readonly part?: Part | undefined;
}

export interface Part {
  readonly message: MessageId;
  readonly upTo: number;
}

/** Unconfirmed deliveries that one connection may have open. */
const mostUnconfirmed = 10_000;
/** Messages shown in part that are remembered. */
const mostParts = 1000;

/** What went out and is not confirmed yet. Passing: after a restart it is told again. */
export class Deliveries {
  readonly #board: Switchboard;
  /** Begins every delivery's id: one from before a restart of the broker MUST NOT confirm one from after it. */
  readonly #series: string;
  #last = 0;
  readonly #open = new Map<string, Map<string, Delivery>>();
  /** By `agent message`: up to which character it was shown. */
  readonly #parts = new Map<string, number>();

  constructor(board: Switchboard, series: string) {
    this.#board = board;
    this.#series = series;
  }

  /** @returns the id by which it is confirmed */
  hold(client: Client, delivery: Delivery): string {
    const id = `${this.#series}.${++this.#last}`;
    const own = this.#open.get(client.id) ?? new Map<string, Delivery>();
    this.#open.set(client.id, own);
    own.set(id, delivery);
    // A client that never confirms loses the oldest: what they held is told again.
    const [oldest] = own.keys();
    if (own.size > mostUnconfirmed && oldest !== undefined) own.delete(oldest);
    return id;
  }

  /** As {@link hold}, of what the agent has not been shown yet; undefined when that is nothing. */
  holdUnseen(client: Client, delivery: Omit<Delivery, 'position'>): string | undefined {
    const { agent, part } = delivery;
    const messages = delivery.messages.filter((id) => this.#isUnseen(agent, id));
    const calls = delivery.calls.filter((id) => this.#isUnseen(agent, id));
    if (messages.length + calls.length === 0 && part === undefined) return undefined;
    return this.hold(client, { agent, messages, calls, part });
  }

  /** Joins what several parts of one answer hold. */
  join(client: Client, ids: readonly (string | undefined)[]): string | undefined {
    const own = this.#open.get(client.id);
    const known = ids.filter((id) => id !== undefined);
    if (known.length <= 1 || !own) return known[0];
    const joined = known.flatMap((id) => own.get(id) ?? []);
    const [first] = joined;
    if (!first) return undefined;
    for (const id of known) own.delete(id);
    const positions = joined.flatMap(({ position }) => position ?? []);
    return this.hold(client, {
      agent: first.agent,
      messages: [...new Set(joined.flatMap((one) => one.messages))],
      calls: [...new Set(joined.flatMap((one) => one.calls))],
      position: positions.length === 0 ? undefined : Math.max(...positions),
    });
  }

  /** These were handed over in full. What was confirmed before, or belongs to another connection, is ignored. */
  confirm(client: Client, ids: readonly string[], via: string): void {
    const own = this.#open.get(client.id);
    const held = ids.flatMap((id) => own?.get(id) ?? []);
    for (const id of ids) own?.delete(id);
    const [first] = held;
    if (!first) return;
    for (const { agent, part } of held) if (part) this.#shown(agent, part);
    this.#board.run((step) => {
      markSeen(step, first.agent, {
        messages: held.flatMap((one) => one.messages),
        calls: held.flatMap((one) => one.calls),
        via,
        position: Math.max(0, ...held.map((one) => one.position ?? 0)),
      });
    });
  }

  /** Up to which character the agent was shown this message in parts; 0 when it was not. */
  shownUpTo(agent: AgentId, message: MessageId): number {
    return this.#parts.get(`${agent} ${message}`) ?? 0;
  }

  /** What waits for the agent besides what this delivery holds: it is about to be told. */
  waitingAfter(client: Client, agent: AgentId, id: string | undefined): WaitingView {
    const waiting = waitingFor(this.#board.state, agent);
    const delivery = id === undefined ? undefined : this.#open.get(client.id)?.get(id);
    if (!delivery) return waiting;
    const told = delivery.messages.filter((message) => this.#isUnseen(agent, message));
    return { ...waiting, unread: Math.max(0, waiting.unread - told.length) };
  }

  /** The client is gone: what it did not confirm stays unseen. */
  forget(client: Client): void {
    this.#open.delete(client.id);
  }

  #isUnseen(agent: AgentId, subject: MessageId): boolean {
    const state = this.#board.state.pending.get(subject)?.receipts.get(agent)?.state;
    return state === 'stored' || state === 'rung';
  }

  #shown(agent: AgentId, { message, upTo }: Part): void {
    const key = `${agent} ${message}`;
    this.#parts.set(key, Math.max(upTo, this.#parts.get(key) ?? 0));
    const [oldest] = this.#parts.keys();
    if (this.#parts.size > mostParts && oldest !== undefined) this.#parts.delete(oldest);
  }
}
