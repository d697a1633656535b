import { beginTurns, leaveTurn, passAbsent, spendTurn } from './referenceTurns';
import {
  found,
  freshReceipt,
  isOver,
  legAt,
  receiptOf,
  refuse,
  type ModelAgent,
  type ModelCall,
  type ModelLeg,
  type ModelLegState,
  type ModelLimits,
  type ModelMessage,
  type ModelNews,
  type ModelPresence,
  type ModelReceipt,
  type ModelReceiptState,
  type ModelRoom,
  type ModelState,
  type ModelThread,
  type News,
} from './referenceTypes';

export interface ModelOpening {
  readonly topic: string;
  readonly mode: 'live' | 'async';
  /** They are in it from the beginning. */
  readonly members: readonly string[];
  /** A message opened it. */
  readonly isDirect?: boolean;
  readonly room?: ModelRoom;
}

export interface ModelPosting {
  readonly replyTo?: number | undefined;
  /** Who brought it about, when that is not who it is from: it is not told to them. */
  readonly by?: string | undefined;
}

/** Who speaks in the broker's own notes. */
const broker = 'Parley';

/**
 * What the switchboard does, said again in the plainest way: lists that are walked from the beginning, no index, no event.
 * Written from the rules' text, to be compared with the real one after every step of a random schedule.
 */
export class ReferenceModel {
  readonly limits: ModelLimits;
  state: ModelState;
  /** Threads in which anything changed since {@link changed} was emptied. */
  readonly changed = new Set<number>();

  constructor(limits: ModelLimits, now: number) {
    this.limits = limits;
    this.state = {
      ...{ now, startedAt: now, order: 0, agents: [], calls: [], threads: [] },
      ...{ news: {}, heardUpTo: {}, waiting: [], keys: {} },
    };
  }

  register(name: string, isPerson: boolean, capabilities: readonly string[]): void {
    const { agents, news, heardUpTo, now, order } = this.state;
    agents.push({
      ...{ name, isPerson, capabilities, policy: 'ring', busy: false, connected: false },
      ...{ graceUntil: undefined, goneAt: now, matched: 0 },
    });
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
    // Who is alone in a thread talks to nobody.
    if (this.liveThreads(name).some(({ present }) => present.length > 1)) return 'in-call';
    return this.ringingAt(name).length > 0 ? 'ringing' : 'available';
  }

  liveThreads(name: string): ModelThread[] {
    return this.state.threads.filter((one) => one.isOpen && one.mode === 'live' && one.present.includes(name));
  }

  /** Calls that ring, are queued or were missed there, in the order in which they came. */
  waitingAt(name: string): ModelCall[] {
    const calls = this.state.calls.filter((call) => call.legs.some((leg) => leg.agent === name && !isOver(leg)));
    return calls.sort((a, b) => legAt(a, name).came - legAt(b, name).came);
  }

  ringingAt(name: string): ModelCall[] {
    return this.waitingAt(name).filter((call) => legAt(call, name).state === 'ringing');
  }

  /** Those who are invited into the thread and have not answered. */
  invited(thread: ModelThread): { readonly call: ModelCall; readonly leg: ModelLeg }[] {
    return this.state.calls
      .filter(({ into }) => into === thread.index)
      .flatMap((call) => call.legs.filter((leg) => !isOver(leg)).map((leg) => ({ call, leg })));
  }

  /** Until when one may wait in the thread alone: while it rings at somebody, and as long as a ring for who is queued. */
  expectedUntil(thread: ModelThread): number {
    const times = this.invited(thread).map(({ call, leg }) => {
      if (leg.state === 'ringing') return Infinity;
      return leg.state === 'queued' ? call.placedAt + this.limits.ringAgent : 0;
    });
    return Math.max(0, ...times);
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
    if (agent !== by && agent !== call.from) this.tell(agent, { what: 'outcome', call: call.index, agent, outcome });
  }

  /** Ends a leg. With it the call of a hunt is over, unless the next is tried. */
  end(call: ModelCall, leg: ModelLeg, state: ModelLegState, receipt: ModelReceiptState, by?: string): void {
    leg.state = state;
    delete leg.deadline;
    if (by !== undefined) leg.by = by;
    if (receipt !== 'stored') leg.receipt.state = receipt;
    if (state !== 'declined' && state !== 'passed') call.isHunting = false;
    this.lookWhoWaits();
  }

  lookWhoWaits(): void {
    const isWaiting = (name: string): boolean => this.waitingAt(name).length > 0;
    this.state.waiting = this.state.waiting.filter(isWaiting);
    for (const { name } of this.state.agents) {
      if (isWaiting(name) && !this.state.waiting.includes(name)) this.state.waiting.push(name);
    }
  }

  openThread({ topic, mode, members, isDirect = false, room }: ModelOpening): ModelThread {
    const { threads, now } = this.state;
    const index = threads.length;
    const pair = isDirect ? members : [];
    const thread: ModelThread = {
      ...{ index, topic, mode, pair, room, members: [], left: [], present: [], messages: [] },
      ...{ lastAt: now, isOpen: true },
    };
    threads.push(thread);
    for (const name of members) this.join(thread, name);
    return thread;
  }

  join(thread: ModelThread, name: string): void {
    // Who comes back comes last.
    thread.members = [...thread.members.filter((one) => one !== name), name];
    thread.left = thread.left.filter((one) => one !== name);
    thread.present = thread.members.filter((one) => !thread.left.includes(one));
    beginTurns(this, thread, name);
    this.post(thread, name, 'join', '');
    passAbsent(this, thread);
  }

  /** Says something, and the turn goes on. */
  say(thread: ModelThread, from: string, content: string, replyTo?: number): ModelMessage {
    const message = this.post(thread, from, 'message', content, { replyTo });
    spendTurn(this, thread, from);
    passAbsent(this, thread);
    return message;
  }

  /** A line of the broker itself. */
  note(thread: ModelThread, content: string, by?: string): void {
    this.post(thread, broker, 'system', content, { by });
  }

  post(
    thread: ModelThread,
    from: string,
    type: ModelMessage['type'],
    content: string,
    { replyTo, by }: ModelPosting = {},
  ): ModelMessage {
    const seq = thread.messages.length + 1;
    const others = thread.present.filter((name) => name !== from);
    const receipts = type === 'message' ? others.map(freshReceipt) : [];
    const patience = thread.mode === 'live' ? this.limits.watchdogLive : this.limits.watchdogAsync;
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
    // A note of the broker keeps no thread from falling idle.
    if (type !== 'system') thread.lastAt = now;
    this.changed.add(thread.index);
    // The two who open a thread learn of it otherwise; who comes into a room is told of.
    const isOpening = type === 'join' && seq <= 2 && !thread.room;
    if (!isOpening)
      for (const name of others) if (name !== by) this.tell(name, { what: 'message', thread: thread.index, seq });
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
    leaveTurn(this, thread, name);
    const fewest = thread.mode === 'live' && !thread.room ? 2 : 1;
    // One may wait alone for somebody who was invited.
    const isExpecting = thread.present.length > 0 && this.expectedUntil(thread) > this.state.now;
    if (thread.present.length < fewest && !isExpecting) this.closeThread(thread, name);
    else passAbsent(this, thread);
  }

  closeThread(thread: ModelThread, by?: string): void {
    for (const name of thread.present) if (name !== by) this.tell(name, { what: 'closed', thread: thread.index });
    thread.isOpen = false;
    for (const message of thread.messages)
      for (const receipt of message.receipts) if (receipt.state !== 'stored') receipt.open = false;
    this.changed.add(thread.index);
  }

  /** The thread that is meant, when it is open. */
  openThreadAt(name: string, index: number | undefined): ModelThread {
    const thread = index === undefined ? this.currentThread(name) : this.thread(index);
    return thread.isOpen ? thread : refuse('thread_closed');
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

function see(receipt: ModelReceipt): void {
  if (receipt.state === 'stored') receipt.state = 'seen';
}

function answer(receipt: ModelReceipt): void {
  receipt.state = 'answered';
  receipt.open = false;
}
