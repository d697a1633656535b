import type { ListenEvent } from '../contract/views';
import type { DurableEvent } from '../core/events';
import type { AgentId, CallId, Message, MessageId } from '../core/model';
import { heldFrom, isHeld, ringsAt } from '../core/inboxCalls';
import { Refusal } from '../core/refusal';
import { isOver, type FeedEntry, type Feed } from '../core/state';
import { utf8Length } from '../core/text';
import type { Clock } from '../store/clock';
import type { Archive } from './archive';
import type { Client } from './connections';
import type { Deliveries, Part } from './deliveries';
import type { Reaches } from './reach';
import type { Recent } from './recent';
import type { Switchboard } from './switchboard';
import { cutTask, taskSize } from './taskViews';
import type { Views } from './views';

export interface GatherOptions {
  readonly signal: AbortSignal;
  /** Longest wait, ms. */
  readonly wait: number;
  /** Most events in the answer. */
  readonly limit: number;
  /** Most bytes of text in the answer; undefined: no bound. */
  readonly budget?: number | undefined;
  /** Re-read from this offset on; moves nothing. */
  readonly cursor?: number | undefined;
  /** What ends the wait; without it anything does. */
  readonly until?: ((entry: FeedEntry) => boolean) | undefined;
}

export interface Gathered {
  readonly events: ListenEvent[];
  readonly cursor: number;
  readonly more: number;
  readonly delivery?: string | undefined;
}

interface Waiter {
  readonly until: (entry: FeedEntry) => boolean;
  readonly wake: () => void;
}

/** A connection to which the agent's events are pushed. */
interface Subscription {
  readonly client: Client;
  /** The offset up to which it was told. */
  sent: number;
  busy: boolean;
  /** What it was told before its turn, while all was paused. */
  readonly ahead: Set<number>;
}

/** Tells agents what concerns them: answers of `listen` and of every request that waits, and subscriptions. */
export class Listening {
  readonly #board: Switchboard;
  readonly #views: Views;
  readonly #reaches: Reaches;
  readonly #recent: Recent;
  readonly #archive: Archive;
  readonly #clock: Clock;
  readonly #waiters = new Map<AgentId, Set<Waiter>>();
  readonly #deliveries: Deliveries;
  readonly #subscriptions = new Map<AgentId, Set<Subscription>>();

  constructor(parts: {
    readonly board: Switchboard;
    readonly views: Views;
    readonly reaches: Reaches;
    readonly recent: Recent;
    readonly archive: Archive;
    readonly clock: Clock;
    readonly deliveries: Deliveries;
  }) {
    this.#board = parts.board;
    this.#views = parts.views;
    this.#reaches = parts.reaches;
    this.#recent = parts.recent;
    this.#archive = parts.archive;
    this.#clock = parts.clock;
    this.#deliveries = parts.deliveries;
  }

  /** Wakes those of the audience who wait. MUST be called once for each event that became durable. */
  published(event: DurableEvent, audience: readonly AgentId[]): void {
    if (event.type === 'all.resumed') this.#resumed();
    for (const agent of audience) {
      const from = heldFrom(this.#board.state, agent);
      if (event.offset >= from) {
        const held = this.#entryAt(agent, event.offset);
        if (!held || isHeld(held, from)) continue;
      }
      const waiters = this.#waiters.get(agent);
      const entry = waiters && this.#entryAt(agent, event.offset);
      if (entry) for (const waiter of [...waiters]) if (waiter.until(entry)) waiter.wake();
      for (const one of this.#subscriptions.get(agent) ?? []) void this.#push(agent, one);
    }
  }

  /** Everything goes on: what came meanwhile is told now. */
  #resumed(): void {
    for (const [agent, waiters] of [...this.#waiters]) {
      const since = this.#since(agent, this.#feed(agent)?.position ?? 0);
      const held = since.filter((entry) => !this.#isKnown(agent, entry));
      for (const waiter of [...waiters]) if (held.some(waiter.until)) waiter.wake();
    }
    for (const [agent, own] of this.#subscriptions) for (const one of own) void this.#push(agent, one);
  }

  /**
   * What concerns the agent since its position, waiting for more when `until` says that it is not enough yet.
   * @throws `cursor_expired` with a fresh cursor
   */
  async gather(client: Client, agent: AgentId, options: GatherOptions): Promise<Gathered> {
    const enough = options.until;
    // A call that rings ends every wait: who waits for a reply must still hear the phone.
    const until = (entry: FeedEntry): boolean => enough === undefined || enough(entry) || this.#rings(agent, entry);
    const feed = this.#feed(agent);
    if (options.cursor !== undefined && feed && options.cursor < feed.from) {
      const { calls, unread } = this.#views.waiting(agent);
      throw new Refusal('cursor_expired', { cursor: Math.max(feed.position, feed.from), calls, unread });
    }
    const start = options.cursor ?? feed?.position ?? 0;
    const moves = options.cursor === undefined;
    if (feed && start < feed.from) await this.#board.durable();
    else if (!this.#since(agent, start).some((entry) => until(entry) && !(moves && this.#isKnown(agent, entry)))) {
      if (options.wait > 0) await this.#waitFor(agent, until, options);
    } else await this.#board.durable();
    return this.#collect(client, agent, start, options);
  }

  /** Pushes what concerns the agent to the client, from the agent's position on, until the client goes. */
  subscribe(client: Client, agent: AgentId): () => void {
    const one = { client, sent: this.#feed(agent)?.position ?? 0, busy: false, ahead: new Set<number>() };
    let own = this.#subscriptions.get(agent);
    if (!own) this.#subscriptions.set(agent, (own = new Set()));
    own.add(one);
    const endListening = this.#reaches.listening(agent);
    void this.#push(agent, one);
    return () => {
      endListening();
      own.delete(one);
      if (own.size === 0) this.#subscriptions.delete(agent);
    };
  }

  /** The connections to which what concerns the agent is pushed. */
  *subscribed(agent: AgentId): Generator<Client> {
    for (const { client } of this.#subscriptions.get(agent) ?? []) yield client;
  }

  async #push(agent: AgentId, one: Subscription): Promise<void> {
    if (one.busy) return;
    one.busy = true;
    try {
      for (;;) {
        const gap = this.#gap(agent, one.sent);
        if (gap) {
          one.sent = gap.offset;
          const nothing = { agent, messages: [], calls: [], position: gap.offset };
          one.client.told?.({ delivery: this.#deliveries.hold(one.client, nothing), event: gap });
        }
        const entry = this.#since(agent, one.sent).find(({ offset }) => !one.ahead.has(offset));
        if (!entry) return;
        if (!this.#isDurable(entry)) await this.#board.durable();
        // What is told before its turn, while all is paused, moves nothing: what is held comes later.
        const isAhead = entry.offset >= heldFrom(this.#board.state, agent);
        if (isAhead) one.ahead.add(entry.offset);
        else one.sent = entry.offset;
        const event = this.#quick(agent, entry) ?? (await this.#told(agent, entry));
        if (!event || !this.#subscriptions.get(agent)?.has(one)) continue;
        one.client.told?.({
          delivery: this.#deliveries.hold(one.client, {
            agent,
            ...contents([event]),
            ...(!isAhead && { position: entry.offset }),
          }),
          event,
        });
      }
    } finally {
      one.busy = false;
    }
  }

  /** Without a wait for the index, when the message is at hand, and the names of all. */
  #quick(agent: AgentId, entry: FeedEntry): ListenEvent | undefined {
    const message = entry.what === 'message' ? this.#recent.get(entry.message) : undefined;
    if ((entry.what === 'message' && !message) || !this.#views.knowsNames(entry, message)) return undefined;
    return this.#views.told(entry, message, agent, message && this.#repliedTo(message));
  }

  #repliedTo({ replyTo }: Message): Message | undefined {
    return replyTo === undefined ? undefined : this.#recent.get(replyTo);
  }

  #waitFor(agent: AgentId, until: (entry: FeedEntry) => boolean, { signal, wait }: GatherOptions): Promise<void> {
    const endListening = this.#reaches.listening(agent);
    let own = this.#waiters.get(agent);
    if (!own) this.#waiters.set(agent, (own = new Set()));
    const waiters = own;
    return new Promise((resolve) => {
      const done = (): void => {
        cancel();
        signal.removeEventListener('abort', done);
        waiters.delete(waiter);
        if (waiters.size === 0) this.#waiters.delete(agent);
        endListening();
        resolve();
      };
      const cancel = this.#clock.after(wait, done);
      const waiter: Waiter = { until, wake: done };
      waiters.add(waiter);
      signal.addEventListener('abort', done);
      if (signal.aborted) done();
    });
  }

  async #collect(client: Client, agent: AgentId, start: number, options: GatherOptions): Promise<Gathered> {
    const moves = options.cursor === undefined;
    const from = heldFrom(this.#board.state, agent);
    // A cursor can tell nothing before its turn: it would be told again and again, or what is held never.
    const isTold = (entry: FeedEntry): boolean => this.#isDurable(entry) && (moves || entry.offset < from);
    const entries = this.#since(agent, start).filter(isTold);
    const budget = options.budget ?? Infinity;
    const gap = this.#gap(agent, start);
    const events: ListenEvent[] = gap ? [gap] : [];
    const whole: ListenEvent[] = [];
    let cursor = gap?.offset ?? start;
    let spent = 0;
    let more = 0;
    let part: Part | undefined;
    // What is told before its turn, while all is paused, moves the position only up to what is held.
    const furthest = Math.max(cursor, from - 1);
    const latest = new Map(entries.flatMap((entry) => (entry.what === 'call' ? [[entry.call, entry.offset]] : [])));
    for (const entry of entries) {
      // A call that was queued and rings by now is told once.
      const isRepeat = entry.what === 'call' && latest.get(entry.call) !== entry.offset;
      if (moves && (isRepeat || this.#isKnown(agent, entry))) {
        if (more === 0) cursor = Math.min(entry.offset, furthest);
        continue;
      }
      if (more > 0 || events.length >= options.limit) {
        more++;
        continue;
      }
      const event = this.#quick(agent, entry) ?? (await this.#told(agent, entry));
      if (event) {
        const size = textSize(event);
        if (spent + size > budget && events.length > 0) {
          more++;
          continue;
        }
        if (spent + size > budget) {
          const shown = cut(event, budget);
          events.push(shown);
          part = partOf(shown);
          spent = budget;
        } else {
          events.push(event);
          whole.push(event);
          spent += size;
        }
      }
      cursor = Math.min(entry.offset, furthest);
    }
    const holds = contents(whole);
    // What is re-read moves nothing: the next listen tells it, and that counts.
    if (!moves || (cursor === start && holds.messages.length + holds.calls.length === 0))
      return { events, cursor, more };
    return {
      events,
      cursor,
      more,
      delivery: this.#deliveries.hold(client, { agent, ...holds, part, position: cursor }),
    };
  }

  async #told(agent: AgentId, entry: FeedEntry): Promise<ListenEvent | undefined> {
    const message = entry.what === 'message' ? await this.#message(entry.thread, entry.seq) : undefined;
    await this.#views.learnNames(entry, message);
    return this.#views.told(entry, message, agent, message && this.#repliedTo(message));
  }

  async #message(thread: string, seq: number): Promise<Message | undefined> {
    const { messages } = await this.#archive.messages({ thread, after: seq - 1, limit: 1 }, this.#board.state.offset);
    return messages[0]?.message;
  }

  /**
   * Whether the agent was told this by another answer: a message that it was shown by `read` or `answer`, a call that is
   * over by now. Re-reading with a cursor shows those too.
   */
  #isKnown(agent: AgentId, entry: FeedEntry): boolean {
    const { calls, pending, tasks } = this.#board.state;
    if (entry.what === 'task') return entry.change === 'offered' && tasks.get(entry.task)?.isOffered !== true;
    if (entry.what === 'call') {
      const legs = [...(calls.get(entry.call)?.legs.values() ?? [])];
      return !legs.some((leg) => !isOver(leg) && (leg.asks ?? leg.agent) === agent);
    }
    if (entry.what !== 'message') return false;
    const type = this.#recent.get(entry.message)?.type ?? 'message';
    if (entry.notice === true || type !== 'message') return false;
    const state = pending.get(entry.message)?.receipts.get(agent)?.state;
    return state !== 'stored' && state !== 'rung';
  }

  /** Stands for what was let go since the offset, when something was. It is told like an event, and confirmed as one. */
  #gap(agent: AgentId, since: number): Extract<ListenEvent, { what: 'gap' }> | undefined {
    const feed = this.#feed(agent);
    if (!feed || since >= feed.from) return undefined;
    return { what: 'gap', offset: feed.from, at: this.#clock.now() };
  }

  #rings(agent: AgentId, entry: FeedEntry): boolean {
    return entry.what === 'call' && ringsAt(this.#board.state, entry.call, agent);
  }

  #feed(agent: AgentId): Feed | undefined {
    return this.#board.state.feeds.get(agent);
  }

  #isDurable(entry: FeedEntry): boolean {
    return entry.offset <= this.#board.durableOffset;
  }

  #entryAt(agent: AgentId, offset: number): FeedEntry | undefined {
    const entries = this.#feed(agent)?.entries;
    if (!entries) return undefined;
    for (let index = entries.length - 1; index >= 0; index--) {
      const entry = entries[index];
      if (!entry || entry.offset < offset) return undefined;
      if (entry.offset === offset) return entry;
    }
    return undefined;
  }

  /** Entries after the offset that the agent may hear; found by halving, since feeds are in order. */
  #since(agent: AgentId, offset: number): FeedEntry[] {
    const entries = this.#feed(agent)?.entries ?? [];
    let low = 0;
    let high = entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((entries[middle]?.offset ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    const from = heldFrom(this.#board.state, agent);
    const since = entries.slice(low);
    return from === Infinity ? since : since.filter((entry) => !isHeld(entry, from));
  }
}

function contents(events: readonly ListenEvent[]): { messages: MessageId[]; calls: CallId[] } {
  const messages: MessageId[] = [];
  const calls: CallId[] = [];
  for (const event of events) {
    if (event.what === 'message' && event.message.type === 'message') messages.push(event.message.id);
    if (event.what === 'call') calls.push(event.call.id);
    if (event.what === 'task') calls.push(event.task.id);
  }
  return { messages, calls };
}

/** Bytes of agents' text in an event. */
function textSize(event: ListenEvent): number {
  if (event.what === 'message') {
    return (
      utf8Length(event.message.content) +
      event.message.refs.reduce((sum, ref) => sum + utf8Length(ref.excerpt ?? ''), 0)
    );
  }
  if (event.what === 'task') return taskSize(event.task);
  return event.what === 'call' ? utf8Length(event.call.message ?? '') : 0;
}

/** How far a cut message was shown. */
function partOf(event: ListenEvent): Part | undefined {
  return event.what === 'message' ? { message: event.message.id, upTo: event.message.content.length } : undefined;
}

/** The event with its text cut to about `budget` bytes; `cut` says how many characters are missing. */
function cut(event: ListenEvent, budget: number): ListenEvent {
  if (event.what === 'message') {
    const content = event.message.content.slice(0, Math.floor(budget / 3));
    return {
      ...event,
      message: { ...event.message, content, refs: [], cut: event.message.content.length - content.length },
    };
  }
  if (event.what === 'task') return { ...event, task: cutTask(event.task, budget) };
  if (event.what !== 'call') return event;
  return {
    ...event,
    call: { ...event.call, message: (event.call.message ?? '').slice(0, Math.floor(budget / 3)), refs: [] },
  };
}
