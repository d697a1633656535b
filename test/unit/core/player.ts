import { isDeepStrictEqual } from 'node:util';
import { changeProfile, register } from '../../../src/core/agents';
import { answerCall, cancelCall, type Answer } from '../../../src/core/callAnswers';
import { placeCall } from '../../../src/core/calls';
import { apply } from '../../../src/core/apply';
import { fromCheckpoint, toCheckpoint, type Checkpoint } from '../../../src/core/checkpoint';
import { due, resume, sweep } from '../../../src/core/due';
import type { DurableEvent } from '../../../src/core/events';
import { follow, ringWaiting } from '../../../src/core/follow';
import { defaultLimits, type Limits } from '../../../src/core/limits';
import type { AgentId, CallPolicy, RingReport, Urgency } from '../../../src/core/model';
import { markSeen, markThreadSeen, reportRing } from '../../../src/core/receipts';
import { Refusal } from '../../../src/core/refusal';
import { emptyState, type State } from '../../../src/core/state';
import { Step, type Bucket, type World } from '../../../src/core/step';
import { leave, leaveMessage, send } from '../../../src/core/threads';
import { checkCallIndexes, checkSilence } from './callInvariants';
import { Choices, weigh } from './choices';
import { checkFeeds, checkIndexes, checkRinging, checkTime, ReceiptWatch } from './invariants';
import { day, hour, minute, second } from './office';
import { callCommands, playCall } from './playCalls';
import { playRoom, roomCommands } from './playRooms';
import { check, Shadow } from './shadow';

/** Small enough that every limit is met within a hundred commands. */
export const tightLimits: Limits = {
  ...defaultLimits,
  agents: 7,
  participants: 3,
  inboxItems: 8,
  turns: 6,
  pairMessagesPerHour: 5,
  messageBurst: 4,
};

type Log = { readonly event: DurableEvent } | { readonly sweep: number };

/** Plays a sequence of commands, each decoded from a number, and checks every invariant on the way. */
export class Player {
  state: State = emptyState('broker');
  readonly shadow = new Shadow();
  readonly counts = new Map<string, number>();
  readonly trace: string[] = [];
  readonly receipts = new ReceiptWatch();
  readonly #offline = new Map<AgentId, number>();
  readonly #log: Log[] = [];
  readonly #calls: string[] = [];
  readonly #threads: string[] = [];
  readonly #messages: string[] = [];
  readonly #rates = new Map<AgentId, Bucket>();
  readonly #isTraced: boolean;
  #now = Date.UTC(2026, 0, 1);
  #ids = 0;

  constructor(isTraced = false) {
    this.#isTraced = isTraced;
  }

  get #world(): World {
    return {
      limits: tightLimits,
      isConnected: (agent) => this.state.agents.has(agent) && !this.#offline.has(agent),
      offlineSince: (agent) => this.#offline.get(agent),
      rates: this.#rates,
    };
  }

  get events(): DurableEvent[] {
    return this.#log.flatMap((entry) => ('event' in entry ? [entry.event] : []));
  }

  /** @throws an error that names the broken invariant */
  play(numbers: readonly number[]): void {
    for (const name of ['Ada', 'Bea', 'Cleo']) this.#register(name, name === 'Cleo' ? 'human' : 'agent');
    for (const number of numbers) {
      this.#command(new Choices(number));
      this.receipts.look(this.state);
      checkFeeds(this.state, this.shadow);
      checkRinging(this.state, this.#world);
      checkSilence(this.state);
    }
    checkIndexes(this.state);
    this.#checkReplay();
  }

  /** The events alone, and the sweeps in between, make the same state. */
  #checkReplay(): void {
    const state = replayLog(this.#log, this.#world);
    check(
      isDeepStrictEqual(state, this.state),
      'replaying the events gives the state',
      this.#isTraced ? differing(state, this.state) : undefined,
    );
  }

  #command(pick: Choices): void {
    const command = commands[pick.take(commands.length)] ?? 'nothing';
    const agents = [...this.state.agents.keys()];
    const self = pick.of(agents) ?? '';
    switch (command) {
      case 'nothing':
        return;
      case 'register':
        return this.#register(pick.of([undefined, 'Dora', 'Ezra', 'Finn']), 'agent');
      case 'profile': {
        const change = pick.of([
          { busy: true },
          { busy: false },
          { busy: false },
          { name: `N${pick.take(9)}` },
          { card: { policy: pick.of<CallPolicy>(['ring', 'ring', 'accept', 'decline', 'ask-person']) ?? 'ring' } },
          { card: { capabilities: pick.of([['review'], ['review', 'tests'], []]) ?? [] } },
        ]);
        return this.#act(self, `profile ${JSON.stringify(change)}`, (step) => changeProfile(step, self, change ?? {}));
      }
      case 'disconnect':
        if (!this.#offline.has(self)) this.#offline.set(self, this.#now);
        return this.#run(`${self} goes offline`, ringWaiting);
      case 'connect':
        return this.#act(self, `is back`, () => undefined);
      case 'call': {
        const others = pick.take(16) === 0 ? agents : agents.filter((agent) => agent !== self);
        const to = [pick.of(others), ...[...Array(pick.of([0, 0, 0, 1, 1, 2]))].map(() => pick.of(others))] as string[];
        const urgency = pick.of<Urgency>(['next', 'next', 'now', 'later']);
        const content = pick.of([undefined, 'hi']);
        const key = pick.of([undefined, undefined, 'key']);
        const callBack = pick.take(6) === 0;
        return this.#act(self, `calls ${to.join()} ${urgency ?? ''} ${key ?? ''} ${callBack}`, (step) =>
          placeCall(step, self, { to, topic: 'Topic', urgency, content, key, callBack }),
        );
      }
      case 'match':
      case 'invite':
      case 'transfer':
      case 'permit':
      case 'govern':
      case 'pauseAll': {
        const [call, thread] = [this.#recent(this.#calls, pick), this.#recent(this.#threads, pick)];
        const { by, what, rule } = playCall(command, { self, call, thread, state: this.state, pick });
        return this.#act(by, what, rule);
      }
      case 'answer': {
        const answer = pick.of<Answer>(['accept', 'accept', 'accept', 'decline', 'later']) ?? 'accept';
        const by = pick.of([...this.state.waiting.keys()]) ?? self;
        const call = pick.of([undefined, ...(this.state.waiting.get(by) ?? [])]);
        return this.#act(by, `${answer}s ${call ?? 'what rings'}`, (step) => answerCall(step, by, call, answer));
      }
      case 'answerThat': {
        // Any call, at its callee or by the person for it.
        const call = this.#recent(this.#calls, pick);
        const leg = pick.of([...(this.state.calls.get(call)?.legs.keys() ?? [])]) ?? self;
        const by = pick.take(3) === 0 ? self : leg;
        const answer = pick.of<Answer>(['accept', 'accept', 'decline', 'later']) ?? 'accept';
        return this.#act(by, `${answer}s ${call} at ${leg}`, (step) => answerCall(step, by, call, answer, { leg }));
      }
      case 'cancel': {
        const call = this.#recent(this.#calls, pick);
        const by = pick.take(4) === 0 ? self : (this.state.calls.get(call)?.call.from ?? self);
        return this.#act(by, `cancels ${call}`, (step) => cancelCall(step, by, call));
      }
      case 'send': {
        const from = pick.of([self, ...this.state.inThreads.keys()]) ?? self;
        const thread = this.#thread(from, pick);
        const content = pick.of(['ok', 'yes', `text ${this.#ids}`, `other ${this.#ids}`]) ?? '';
        const replyTo = pick.take(4) === 0 ? this.#recent(this.#messages, pick) : undefined;
        const key = pick.of([undefined, undefined, undefined, 'key']);
        return this.#act(from, `sends into ${thread ?? 'the current'}`, (step) =>
          send(step, from, thread, { content, replyTo, key }),
        );
      }
      case 'message': {
        const to = pick.of(agents) ?? '';
        const topic = pick.of([undefined, 'Other']);
        return this.#act(self, `leaves ${to} a message`, (step) =>
          leaveMessage(step, self, to, topic, { content: `text ${this.#ids}` }),
        );
      }
      case 'leave': {
        const thread = this.#thread(self, pick);
        const close = pick.take(4) === 0;
        return this.#act(self, `leaves ${thread ?? 'the current'}${close ? ' closed' : ''}`, (step) =>
          leave(step, self, thread, close),
        );
      }
      case 'open':
      case 'join':
      case 'rename':
      case 'remove':
      case 'grant':
      case 'pauseThread':
      case 'broadcast': {
        const thread = this.#recent(this.#threads, pick);
        const { what, rule } = playRoom(command, { self, thread, state: this.state, pick });
        return this.#act(self, what, rule);
      }
      case 'listen':
        this.#act(self, 'is there', () => undefined);
        return this.#listen(self, pick.take(4) === 0 ? pick.take(4) : Infinity);
      case 'show': {
        const thread = this.#recent(this.#threads, pick);
        return this.#act(self, `is shown ${thread}`, (step) =>
          markThreadSeen(step, self, thread, pick.take(20), 'view'),
        );
      }
      case 'rung': {
        const subject = pick.take(3) === 0 ? this.#recent(this.#calls, pick) : this.#recent(this.#messages, pick);
        const result = pick.of<RingReport['result']>(['written', 'held', 'failed']) ?? 'written';
        return this.#run(`${self} was rung for ${subject}`, (step) =>
          reportRing(step, subject, self, { ringer: 'test', result }, result === 'written'),
        );
      }
      case 'refuse': {
        const subject = this.#recent(this.#messages, pick);
        const receipt = this.state.pending.get(subject)?.receipts.get(self);
        if (!receipt || receipt.state === 'seen') return;
        return this.#run(`${self} refuses ${subject}`, (step) =>
          step.emit({ type: 'receipt.refused', payload: { subject, agent: self, code: 'blocked' } }),
        );
      }
      case 'pass':
        return this.#pass(pick.of(spans) ?? second);
      case 'restart':
        return this.#restart(pick.of(spans) ?? second);
      case 'sweep':
        return this.#sweep();
    }
  }

  #register(name: string | undefined, kind: 'agent' | 'human'): void {
    this.#run(`register ${name ?? 'somebody'}`, (step) =>
      register(step, { name, kind, tokenHash: '', nameSeed: this.#ids }),
    );
  }

  /** Hands over the first entries that were not heard yet; the position moves behind the last of them. */
  #listen(agent: AgentId, most: number): void {
    const feed = this.state.feeds.get(agent);
    if (!feed) return;
    const { position } = feed;
    const told = feed.entries.filter(({ offset }) => offset > position).slice(0, most);
    const due_ = this.shadow.concerns.get(agent)?.filter(({ offset }) => offset > position) ?? [];
    check(
      told.every(({ offset }, index) => offset === due_[index]?.offset),
      'a position never skips',
      { told, due_ },
    );
    this.#act(agent, `listens`, (step) =>
      markSeen(step, agent, {
        messages: told.flatMap((entry) => (entry.what === 'message' ? [entry.message] : [])),
        calls: told.flatMap((entry) => (entry.what === 'call' ? [entry.call] : [])),
        via: 'test',
        position: told.at(-1)?.offset,
      }),
    );
    const now = this.state.feeds.get(agent)?.position;
    check(now === (told.at(-1)?.offset ?? position), 'a position never skips', { now, told });
  }

  #pass(span: number): void {
    this.#now += span;
    this.#run(`${span / second} s pass`, due);
    checkTime(this.state, this.#world, this.#now);
    checkIndexes(this.state);
    checkCallIndexes(this.state, tightLimits);
  }

  /** Another process: what the checkpoint kept, time gone by, no rates, calls go on ringing. */
  #restart(span: number): void {
    const state = fromCheckpoint(JSON.parse(JSON.stringify(toCheckpoint(this.state))) as Checkpoint);
    if (!state || !isDeepStrictEqual(state, this.state))
      throw new Error('invariant broken: a checkpoint comes back equal');
    this.state = state;
    this.#rates.clear();
    this.#now += span;
    this.#run(`restart after ${span / second} s`, resume);
    for (const { legs } of this.state.calls.values()) {
      for (const { state: leg, deadline } of legs.values()) {
        const left = (deadline ?? Infinity) - this.#now;
        check(
          leg !== 'ringing' || left >= tightLimits.ringAfterRestart,
          'a ringing call has ten seconds after a restart',
        );
      }
    }
  }

  /** Lets go of what is over; of feeds only what is older than they are kept. */
  #sweep(): void {
    this.#note('sweep');
    sweep(this.state, this.#world, this.#now);
    this.#log.push({ sweep: this.#now });
    for (const [agent, { entries, from }] of this.state.feeds) {
      const concerns = this.shadow.concerns.get(agent) ?? [];
      const gone = concerns.splice(0, Math.max(0, concerns.length - entries.length));
      const isFull = entries.length === 2 * tightLimits.inboxItems;
      const isOld = gone.every(({ time }) => time < this.#now - tightLimits.eventsKept);
      check(isOld || isFull, 'feeds are kept seven days', gone);
      check((gone.at(-1)?.offset ?? 0) <= from, 'a feed says from where it knows', { from, gone });
    }
    checkIndexes(this.state);
    checkCallIndexes(this.state, tightLimits);
  }

  /** A command of an agent. Whoever acts is there: that alone may let a call ring. */
  #act(agent: AgentId, what: string, rule: (step: Step) => unknown): void {
    if (this.#offline.delete(agent)) this.#run(`${agent} is back`, ringWaiting);
    this.#run(`${agent} ${what}`, rule);
  }

  #run(what: string, rule: (step: Step) => unknown): void {
    this.#note(what);
    const { offset } = this.state;
    const step = new Step(this.state, this.#world, this.#now, () => `i${++this.#ids}`);
    try {
      rule(step);
      follow(step);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      check(this.state.offset === offset, 'a refusal changes nothing', error.code);
      this.#count(error.code);
      this.#note(`  refused: ${error.code}`);
      return;
    }
    for (const event of step.events) {
      this.#log.push({ event });
      this.#count(event.type);
      if (event.type === 'call.placed') this.#calls.push(event.payload.call.id);
      if (event.type === 'thread.opened') this.#threads.push(event.payload.thread);
      if (event.type === 'message.sent') this.#messages.push(event.payload.message.id);
      this.#note(`  ${event.offset} ${event.type} ${this.#isTraced ? JSON.stringify(event.payload) : ''}`);
      this.shadow.take(event);
    }
  }

  /** Mostly one that the agent is in, else any, else none: then the current one is meant. */
  #thread(self: AgentId, pick: Choices): string | undefined {
    const kind = pick.take(5);
    if (kind === 0) return undefined;
    return kind === 1 ? this.#recent(this.#threads, pick) : pick.of([...(this.state.inThreads.get(self) ?? [])]);
  }

  /** One of the last few; older ones are mostly over. */
  #recent(ids: readonly string[], pick: Choices): string {
    return ids[ids.length - 1 - pick.take(Math.min(6, Math.max(1, ids.length)))] ?? 'none';
  }

  #count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }

  #note(line: string): void {
    if (this.#isTraced) this.trace.push(line);
  }
}

const spans = [second, 20 * second, minute, 2 * minute, 10 * minute, 31 * minute, 5 * hour, day, 8 * day] as const;

/** By weight: a command stands here as often as it is to come. */
const commands = weigh({
  nothing: 1,
  register: 2,
  profile: 2,
  disconnect: 3,
  connect: 4,
  call: 9,
  answer: 8,
  answerThat: 4,
  cancel: 2,
  send: 12,
  message: 4,
  leave: 3,
  ...callCommands,
  ...roomCommands,
  listen: 6,
  show: 2,
  rung: 3,
  refuse: 1,
  pass: 5,
  restart: 1,
  sweep: 1,
});

function replayLog(log: readonly Log[], world: World): State {
  const state = emptyState('broker');
  for (const entry of log) {
    if ('event' in entry) apply(state, entry.event);
    else sweep(state, world, entry.sweep);
  }
  return state;
}

/** The parts of the state in which the two differ, for a person to read. */
function differing(a: State, b: State): object {
  const parts = (state: State) => toCheckpoint(state).state as Record<string, unknown>;
  const [left, right] = [parts(a), parts(b)];
  const names = Object.keys(left).filter((name) => JSON.stringify(left[name]) !== JSON.stringify(right[name]));
  return Object.fromEntries(names.map((name) => [name, { replayed: left[name], live: right[name] }]));
}
