/**
 * What the switchboard does, said again in the plainest way: lists that are walked from the beginning, no index, no event.
 * Written from the rules' text, to be compared with the real one after every step of a random schedule. Agents are named
 * by their names, calls and threads by their place in the order in which they came. Times are milliseconds.
 */

export type ModelPresence = 'available' | 'ringing' | 'in-call' | 'busy' | 'offline';
export type ModelLegState =
  'queued' | 'ringing' | 'missed' | 'accepted' | 'declined' | 'cancelled' | 'merged' | 'returned' | 'expired';
export type ModelReceiptState = 'stored' | 'seen' | 'answered' | 'refused' | 'expired';

export interface ModelAgent {
  readonly name: string;
  readonly isPerson: boolean;
  policy: 'ring' | 'accept' | 'decline';
  busy: boolean;
  /** A connection of it is up. */
  connected: boolean;
  /** Dropped: it counts as there until then. */
  graceUntil: number | undefined;
  /** When its last connection ended. */
  goneAt: number;
}

export interface ModelReceipt {
  readonly agent: string;
  state: ModelReceiptState;
  /** It can still be answered by what the recipient says next. */
  open: boolean;
  /** Its sender was warned. */
  warned: boolean;
}

export interface ModelLeg {
  readonly agent: string;
  state: ModelLegState;
  rangAt?: number;
  deadline?: number;
  by?: string;
  receipt: ModelReceipt;
}

export interface ModelCall {
  readonly index: number;
  readonly from: string;
  readonly urgency: 'now' | 'next' | 'later';
  readonly content: string | undefined;
  readonly placedAt: number;
  readonly legs: ModelLeg[];
  readonly isReturn: boolean;
  thread: number | undefined;
}

export interface ModelMessage {
  readonly thread: number;
  readonly seq: number;
  readonly type: 'message' | 'join' | 'leave';
  readonly from: string;
  readonly content: string;
  readonly replyTo: number | undefined;
  readonly at: number;
  readonly patience: number;
  readonly receipts: ModelReceipt[];
}

export interface ModelThread {
  readonly index: number;
  readonly topic: string;
  readonly mode: 'live' | 'async';
  /** The two of a thread that a message opened. */
  readonly pair: readonly string[];
  /** All who ever came, in the order in which they came last. */
  members: string[];
  left: string[];
  /** {@link members} without those who left. */
  present: string[];
  readonly messages: ModelMessage[];
  lastAt: number;
  isOpen: boolean;
}

/** What an agent is told, in the order in which it happened. */
export type ModelNews = { readonly order: number } & (
  | { readonly what: 'call'; readonly call: number }
  | { readonly what: 'outcome'; readonly call: number; readonly agent: string; readonly outcome: ModelLegState }
  | { readonly what: 'message'; readonly thread: number; readonly seq: number }
  | { readonly what: 'closed'; readonly thread: number }
  | { readonly what: 'unseen'; readonly agent: string; readonly reason: string }
);
type News = ModelNews extends infer N ? (N extends ModelNews ? Omit<N, 'order'> : never) : never;

/** The times by which it goes, in ms. */
export interface ModelTimes {
  readonly ringAgent: number;
  readonly ringPerson: number;
  readonly ringAfterRestart: number;
  readonly callExpiry: number;
  readonly threadIdle: number;
  readonly offlineLeave: number;
  readonly watchdogLive: number;
  readonly watchdogAsync: number;
  readonly dropGrace: number;
}

/** Why something was refused: the code. */
export class ModelRefusal extends Error {}

const overStates: readonly ModelLegState[] = ['accepted', 'declined', 'cancelled', 'merged', 'returned', 'expired'];

/** Everything that one broker knows. Plain data, so that it can be copied. */
export interface ModelState {
  now: number;
  order: number;
  readonly agents: ModelAgent[];
  readonly calls: ModelCall[];
  readonly threads: ModelThread[];
  readonly news: Record<string, ModelNews[]>;
  readonly heardUpTo: Record<string, number>;
  /** Agents for whom a call waits: who has had something waiting the longest comes first. */
  waiting: string[];
  readonly keys: Record<string, { readonly print: string; readonly result: unknown }>;
}

export class ReferenceModel {
  readonly times: ModelTimes;
  state: ModelState;
  /** Threads in which anything changed since {@link changed} was emptied. */
  readonly changed = new Set<number>();

  constructor(times: ModelTimes, now: number) {
    this.times = times;
    this.state = {
      now,
      order: 0,
      agents: [],
      calls: [],
      threads: [],
      news: {},
      heardUpTo: {},
      waiting: [],
      keys: {},
    };
  }

  register(name: string, isPerson: boolean): void {
    const { agents, news, heardUpTo, now, order } = this.state;
    agents.push({ name, isPerson, policy: 'ring', busy: false, connected: false, graceUntil: undefined, goneAt: now });
    news[name] = [];
    heardUpTo[name] = order;
  }

  agent(name: string): ModelAgent {
    return found(this.state.agents.find((one) => one.name === name));
  }

  call(index: number): ModelCall {
    return this.state.calls[index] ?? refuse('unknown_call');
  }

  thread(index: number): ModelThread {
    return found(this.state.threads[index]);
  }

  isThere({ connected, graceUntil }: ModelAgent): boolean {
    return connected || graceUntil !== undefined;
  }

  presence(name: string): ModelPresence {
    const agent = this.agent(name);
    if (!this.isThere(agent)) return 'offline';
    if (agent.busy) return 'busy';
    if (this.liveThreads(name).length > 0) return 'in-call';
    return this.ringingAt(name).length > 0 ? 'ringing' : 'available';
  }

  liveThreads(name: string): ModelThread[] {
    return this.state.threads.filter((one) => one.isOpen && one.mode === 'live' && one.present.includes(name));
  }

  /** Calls that ring, are queued or were missed there, oldest first. */
  waitingAt(name: string): ModelCall[] {
    return this.state.calls.filter((call) => call.legs.some((leg) => leg.agent === name && !isOver(leg)));
  }

  ringingAt(name: string): ModelCall[] {
    return this.waitingAt(name).filter((call) => legAt(call, name).state === 'ringing');
  }

  /** Messages that the agent has not been shown, closed threads included. */
  unread(name: string, thread?: ModelThread): number {
    const threads = thread ? [thread] : this.state.threads;
    return threads.flatMap((one) => one.messages).filter((message) => receiptOf(message, name)?.state === 'stored')
      .length;
  }

  /** What a listen would tell now. */
  listen(name: string): ModelNews[] {
    const fresh = found(this.state.news[name]).filter(({ order }) => order > (this.state.heardUpTo[name] ?? 0));
    const latest = (call: number): number =>
      Math.max(...fresh.filter((one) => one.what === 'call' && one.call === call).map(({ order }) => order));
    return fresh.filter((one) => {
      if (one.what === 'call') return !isOver(legAt(this.call(one.call), name)) && one.order === latest(one.call);
      if (one.what !== 'message') return true;
      const message = found(this.thread(one.thread).messages[one.seq - 1]);
      return message.type !== 'message' || receiptOf(message, name)?.state === 'stored';
    });
  }

  /** The answer of a listen was handed over: what it held is seen, and the next goes on behind it. */
  heard(name: string, told: readonly ModelNews[]): void {
    for (const one of told) {
      if (one.what === 'call') see(legAt(this.call(one.call), name).receipt);
      if (one.what === 'message') this.shown(name, one.thread, one.seq);
    }
    this.state.heardUpTo[name] = this.state.order;
  }

  shown(name: string, thread: number, seq: number): void {
    const message = found(this.thread(thread).messages[seq - 1]);
    const receipt = receiptOf(message, name);
    if (receipt?.state !== 'stored') return;
    see(receipt);
    // In a closed thread nothing answers any more.
    if (!this.thread(thread).isOpen) receipt.open = false;
    this.changed.add(thread);
  }

  tell(name: string, news: News): void {
    found(this.state.news[name]).push({ ...news, order: ++this.state.order } as ModelNews);
  }

  /** The parts of a call hear of an outcome, except who brought it about. */
  tellParties(call: ModelCall, agent: string, outcome: ModelLegState, by?: string): void {
    if (call.from !== by) this.tell(call.from, { what: 'outcome', call: call.index, agent, outcome });
    if (agent !== by) this.tell(agent, { what: 'outcome', call: call.index, agent, outcome });
  }

  /** Ends a leg. */
  end(leg: ModelLeg, state: ModelLegState, receipt: ModelReceiptState, by?: string): void {
    leg.state = state;
    delete leg.deadline;
    if (by !== undefined) leg.by = by;
    if (receipt !== 'stored') leg.receipt.state = receipt;
    this.lookWhoWaits();
  }

  lookWhoWaits(): void {
    const isWaiting = (name: string): boolean => this.waitingAt(name).length > 0;
    this.state.waiting = this.state.waiting.filter(isWaiting);
    for (const { name } of this.state.agents) {
      if (isWaiting(name) && !this.state.waiting.includes(name)) this.state.waiting.push(name);
    }
  }

  openThread(topic: string, mode: 'live' | 'async', two: readonly [string, string], isDirect: boolean): ModelThread {
    const { threads, now } = this.state;
    const index = threads.length;
    const pair = isDirect ? two : [];
    const thread: ModelThread = {
      index, topic, mode, pair, members: [], left: [], present: [], messages: [], lastAt: now, isOpen: true,
    }; // prettier-ignore
    threads.push(thread);
    for (const name of two) this.join(thread, name);
    return thread;
  }

  join(thread: ModelThread, name: string): void {
    // Who comes back comes last.
    thread.members = [...thread.members.filter((one) => one !== name), name];
    thread.left = thread.left.filter((one) => one !== name);
    thread.present = thread.members.filter((one) => !thread.left.includes(one));
    this.post(thread, name, 'join', '');
  }

  post(thread: ModelThread, from: string, type: ModelMessage['type'], content: string, replyTo?: number): ModelMessage {
    const seq = thread.messages.length + 1;
    const others = thread.present.filter((name) => name !== from);
    const receipts = type === 'message' ? others.map(freshReceipt) : [];
    const patience = thread.mode === 'live' ? this.times.watchdogLive : this.times.watchdogAsync;
    const { now } = this.state;
    // In a thread of two, words answer all that their sender was shown; elsewhere only what they say that they answer.
    if (type === 'message') {
      if (thread.present.length === 2)
        for (const message of thread.messages) {
          const receipt = receiptOf(message, from);
          if (receipt?.state === 'seen' && receipt.open) answer(receipt);
        }
      const replied = replyTo === undefined ? undefined : thread.messages[replyTo - 1];
      const receipt = replied && receiptOf(replied, from);
      if (receipt?.open) answer(receipt);
    }
    const message: ModelMessage = {
      thread: thread.index, seq, type, from, content, replyTo, at: now, patience, receipts,
    }; // prettier-ignore
    thread.messages.push(message);
    thread.lastAt = now;
    this.changed.add(thread.index);
    if (!(type === 'join' && seq <= 2))
      for (const name of others) this.tell(name, { what: 'message', thread: thread.index, seq });
    return message;
  }

  leaveThread(thread: ModelThread, name: string): void {
    thread.present = thread.present.filter((one) => one !== name);
    thread.left.push(name);
    for (const message of thread.messages) {
      const receipt = receiptOf(message, name);
      if (receipt?.state === 'stored') receipt.state = 'expired';
      if (receipt) receipt.open = false;
    }
    this.post(thread, name, 'leave', '');
    if (thread.present.length < (thread.mode === 'live' ? 2 : 1)) this.closeThread(thread, name);
  }

  closeThread(thread: ModelThread, by?: string): void {
    for (const name of thread.present) if (name !== by) this.tell(name, { what: 'closed', thread: thread.index });
    thread.isOpen = false;
    for (const message of thread.messages)
      for (const receipt of message.receipts) if (receipt.state !== 'stored') receipt.open = false;
    this.changed.add(thread.index);
  }

  /** The agent's only open live thread. */
  currentThread(name: string): ModelThread {
    const live = this.liveThreads(name);
    if (live.length > 1) refuse('which_thread');
    return live[0] ?? refuse('no_current_thread');
  }

  /** What the key led to before; undefined when it is new. */
  used(name: string, key: string | undefined, print: string): unknown {
    const earlier = key === undefined ? undefined : this.state.keys[`${name} ${key}`];
    if (earlier && earlier.print !== print) refuse('key_conflict');
    return earlier?.result;
  }

  keep(name: string, key: string | undefined, print: string, result: unknown): void {
    if (key !== undefined) this.state.keys[`${name} ${key}`] = { print, result };
  }
}

export function isOver(leg: ModelLeg): boolean {
  return overStates.includes(leg.state);
}

export function legAt(call: ModelCall, name: string): ModelLeg {
  return found(call.legs.find((leg) => leg.agent === name));
}

export function receiptOf(message: ModelMessage, name: string): ModelReceipt | undefined {
  return message.receipts.find((receipt) => receipt.agent === name);
}

export function freshReceipt(agent: string): ModelReceipt {
  return { agent, state: 'stored', open: true, warned: false };
}

export function refuse(code: string): never {
  throw new ModelRefusal(code);
}

export function found<T>(thing: T | undefined): T {
  if (thing === undefined) throw new Error('the model has no such thing');
  return thing;
}

function see(receipt: ModelReceipt): void {
  if (receipt.state === 'stored') receipt.state = 'seen';
}

function answer(receipt: ModelReceipt): void {
  receipt.state = 'answered';
  receipt.open = false;
}
