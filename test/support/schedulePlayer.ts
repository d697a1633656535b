import { dropGrace } from '../../src/broker/connections';
import { Choices } from '../unit/core/choices';
import { codeOf, settle } from './asking';
import * as calls from './referenceCalls';
import { ReferenceModel } from './referenceModel';
import * as rules from './referenceRules';
import { ModelRefusal, type ModelState, type ModelThread } from './referenceTypes';
import { RestartableBroker } from './restartableBroker';
import {
  capabilities,
  commands,
  downtimes,
  limits,
  longest,
  names,
  person,
  second,
  spans,
  wanted,
  type Command,
} from './scheduleSetting';
import { ScheduleView } from './scheduleView';

/** Plays one random schedule at the real broker and at the model, and compares after every step what each agent can see. */
export class SchedulePlayer {
  readonly trace: string[] = [];
  readonly counts = new Map<string, number>();
  readonly #real: RestartableBroker;
  readonly #model: ReferenceModel;
  readonly #view: ScheduleView;
  readonly #ids: Readonly<Record<string, string>>;
  #texts = 0;
  #keys = 0;
  /** A key that was used, with what for. */
  #used: { readonly by: string; readonly operation: string; readonly input: object; readonly model: () => unknown }[] =
    [];

  constructor() {
    const start = Date.UTC(2026, 0, 1);
    this.#real = new RestartableBroker(limits, start);
    this.#model = new ReferenceModel({ ...limits, dropGrace }, start);
    const ids: Record<string, string> = {};
    for (const name of names) {
      const own = capabilities[name] ?? [];
      ids[name] = this.#real.register(name, name === person ? 'human' : 'agent', own);
      this.#model.register(name, name === person, own);
    }
    this.#real.broker.start();
    this.#ids = ids;
    this.#view = new ScheduleView(this.#real, this.#model, ids, person);
  }

  /** @throws an error that says in what the two differ */
  async play(numbers: readonly number[]): Promise<void> {
    await this.#view.compare();
    for (const number of numbers) {
      const pick = new Choices(number);
      await this.#pass(1 + pick.take(900));
      // Time alone may have opened a thread that the command speaks of.
      this.#view.learn();
      const command = commands[pick.take(commands.length)] ?? 'nothing';
      this.#count(command);
      await this.#command(command, pick);
      await this.#view.compare();
    }
    await this.#view.compareAll();
    for (const { type } of this.#real.journal) this.#count(type);
  }

  async #command(command: Command, pick: Choices): Promise<void> {
    const self = pick.of(names) ?? person;
    const model = this.#model;
    switch (command) {
      case 'nothing':
        return;
      case 'connect':
        return this.#arrive(self);
      case 'drop':
      case 'goodbye':
        return this.#depart(self, command === 'drop');
      case 'pass':
        return this.#pass(pick.of(spans) ?? second);
      case 'crash':
        return this.#crash(pick.of(downtimes) ?? second, true);
      case 'checkpoint':
        this.#note('a checkpoint is kept');
        return this.#real.keepCheckpoint();
      case 'listen':
        return this.#listen(self, pick.take(5) > 0);
      case 'listenAndCrash':
        return this.#listenAndCrash(self, pick.of(downtimes) ?? second);
      case 'profile': {
        const change = pick.of([{ busy: true }, { busy: false }, { busy: false }, { policy: 'ring' }, { policy: 'accept' }, { policy: 'decline' }] as const) ?? {}; // prettier-ignore
        const { busy, policy } = change as { busy?: boolean; policy?: 'ring' };
        const input = {
          ...(busy !== undefined && { presence: busy ? 'busy' : 'available' }),
          ...(policy && { policy }),
        };
        return this.#act(self, 'profile', input, () => rules.changeProfile(model, self, change));
      }
      case 'call': {
        const others = names.filter((name) => name !== self || pick.take(40) === 0);
        const to = [...new Set([pick.of(others) ?? '', ...(pick.take(2) === 0 ? [pick.of(others) ?? ''] : [])])];
        const urgency = pick.of(['next', 'next', 'next', 'now', 'later'] as const) ?? 'next';
        const content = pick.take(2) === 0 ? this.#text() : undefined;
        const key = this.#key();
        const input = { to, topic: 'Call', urgency, key, ...(content !== undefined && { message: content }) };
        return this.#actSafely(pick, self, 'call', input, () =>
          calls.placeCall(model, self, { to, urgency, content, key }),
        );
      }
      case 'match': {
        const capability = pick.of(wanted) ?? 'review';
        const onlyAvailable = pick.take(4) === 0;
        const urgency = pick.of(['next', 'next', 'next', 'now', 'later'] as const) ?? 'next';
        const content = pick.take(2) === 0 ? this.#text() : undefined;
        const key = this.#key();
        const input = {
          ...{ capability, topic: 'Call', urgency, key },
          ...(content !== undefined && { message: content }),
          ...(onlyAvailable && { presence: 'available' }),
        };
        const wish = { capability, onlyAvailable, urgency, content, key };
        return this.#actSafely(pick, self, 'match', input, () => calls.placeMatch(model, self, wish));
      }
      case 'invite': {
        const from = this.#participant(pick) ?? self;
        const thread = this.#thread(from, pick);
        const to = [pick.of(names) ?? '', ...(pick.take(3) === 0 ? [pick.of(names) ?? ''] : [])];
        const content = pick.take(2) === 0 ? this.#text() : undefined;
        const key = this.#key();
        const input = { to, key, ...this.#in(thread), ...(content !== undefined && { message: content }) };
        const inviting = { thread, to, content, key };
        return this.#actSafely(pick, from, 'invite', input, () => calls.placeInvitation(model, from, inviting));
      }
      case 'transfer': {
        const from = this.#participant(pick) ?? self;
        const thread = this.#thread(from, pick);
        const to = pick.of(names.filter((name) => name !== from)) ?? '';
        const [reason, key] = [this.#text(), this.#key()];
        const input = { to, reason, key, ...this.#in(thread) };
        return this.#actSafely(pick, from, 'transfer', input, () =>
          calls.handOver(model, from, { thread, to, reason, key }),
        );
      }
      case 'open': {
        const [topic, turnLimit] = [this.#text(), 2 + pick.take(3)];
        const [isOpenToAll, isRoundRobin] = [pick.take(4) > 0, pick.take(4) > 0];
        const turns = isRoundRobin ? 'round-robin' : 'free';
        const input = { topic, turns, turnLimit, closedToNewcomers: !isOpenToAll };
        const room = { topic, isOpenToAll, isRoundRobin, turnLimit };
        return this.#act(self, 'open', input, () => rules.openRoom(model, self, room));
      }
      case 'join': {
        const thread = pick.take(5) === 0 ? this.#recent(model.state.threads.length, pick) : this.#room(pick)?.index;
        if (thread === undefined) return;
        return this.#act(self, 'join', this.#in(thread), () => rules.joinRoom(model, self, thread));
      }
      case 'speak': {
        const room = this.#room(pick);
        if (!room) return;
        // Mostly whose turn it is.
        const turn = pick.take(3) > 0 ? room.room?.turn?.name : undefined;
        const from = turn ?? pick.of(room.present) ?? self;
        const [content, key] = [this.#text(), this.#key()];
        const input = { text: content, key, ...this.#in(room.index) };
        return this.#actSafely(pick, from, 'send', input, () => rules.send(model, from, room.index, { content, key }));
      }
      case 'grant': {
        const limited = model.state.threads.filter((one) => one.isOpen && one.room?.isLimited === true);
        const thread = (pick.of(limited) ?? this.#room(pick))?.index;
        if (thread === undefined) return;
        const turns = pick.of([undefined, 1, 3]);
        const input = { ...this.#in(thread), ...(turns !== undefined && { turns }) };
        return this.#act(person, 'grant', input, () => rules.grant(model, person, thread, turns));
      }
      case 'answer': {
        const by = pick.of(model.state.waiting) ?? self;
        const waiting = model.waitingAt(by);
        const call = pick.take(4) === 0 ? undefined : pick.of(waiting)?.index;
        return this.#answer(by, call, by, pick);
      }
      case 'answerAny': {
        const call = this.#recent(model.state.calls.length, pick);
        const leg = pick.of(model.state.calls[call ?? -1]?.legs ?? [])?.agent ?? self;
        const by = pick.of([leg, person, self]) ?? self;
        return this.#answer(by, call, by === person ? leg : by, pick);
      }
      case 'cancel': {
        const call = this.#recent(model.state.calls.length, pick) ?? 0;
        const by = pick.take(5) === 0 ? self : (model.state.calls[call]?.from ?? self);
        return this.#act(by, 'cancel', { call: this.#view.call(call) }, () => calls.cancelCall(model, by, call));
      }
      case 'send': {
        const from = this.#participant(pick) ?? self;
        const thread = this.#thread(from, pick);
        const most = thread === undefined ? 0 : (model.state.threads[thread]?.messages.length ?? 0);
        const replyTo = most > 0 && pick.take(3) === 0 ? 1 + pick.take(most) : undefined;
        const [content, key] = [this.#text(), this.#key()];
        const input = {
          text: content,
          key,
          ...this.#in(thread),
          ...(replyTo !== undefined && thread !== undefined && { replyTo: this.#view.message(thread, replyTo) }),
        };
        return this.#actSafely(pick, from, 'send', input, () =>
          rules.send(model, from, thread, { content, replyTo, key }),
        );
      }
      case 'message': {
        const to = pick.of(names) ?? '';
        const [content, key] = [this.#text(), this.#key()];
        const input = { to, text: content, key };
        return this.#actSafely(pick, self, 'message', input, () =>
          rules.leaveMessage(model, self, to, { content, key }),
        );
      }
      case 'again': {
        const used = pick.of(this.#used);
        return used && this.#act(used.by, used.operation, used.input, used.model);
      }
      case 'conflict': {
        const used = pick.of(this.#used.filter(({ operation }) => operation === 'message'));
        if (!used) return;
        const { key, to } = used.input as { key: string; to: string };
        const content = this.#text();
        const other = { ...used.input, text: content };
        return this.#act(used.by, 'message', other, () => rules.leaveMessage(model, used.by, to, { content, key }));
      }
      case 'leave': {
        const left = model.state.threads.filter((one) => one.isOpen && one.left.length > 0);
        const behind = pick.take(4) === 0 ? pick.of(left) : undefined;
        const by = pick.of(behind?.left ?? []) ?? self;
        const thread = behind?.index ?? this.#thread(by, pick);
        const close = pick.take(4) === 0;
        const input = { close, ...this.#in(thread) };
        return this.#act(by, 'leave', input, () => rules.leave(model, by, thread, close));
      }
    }
  }

  #answer(by: string, call: number | undefined, forAgent: string, pick: Choices): Promise<void> {
    const answer = pick.of(['accept', 'accept', 'accept', 'decline', 'later'] as const) ?? 'accept';
    const input = {
      answer,
      ...(call !== undefined && { call: this.#view.call(call) }),
      ...(forAgent !== by && { for: forAgent }),
    };
    return this.#act(by, 'answer', input, () => calls.answerCall(this.#model, by, call, answer, forAgent));
  }

  /** As {@link #act}; now and then the broker crashes before the answer comes, and the agent asks again. */
  async #actSafely(pick: Choices, by: string, operation: string, input: object, model: () => unknown): Promise<void> {
    if (pick.take(12) === 0) await this.#actAndCrash(by, operation, input, model, pick);
    await this.#act(by, operation, input, model);
    if (this.#used.length < 20) this.#used.push({ by, operation, input, model });
  }

  /** Does it at both, and compares whether they refuse. */
  async #act(by: string, operation: string, input: object, model: () => unknown): Promise<void> {
    this.#arrive(by);
    this.#note(`${by}: ${operation} ${JSON.stringify(input)}`);
    const real = await codeOf(() => this.#real.ask(this.#ids[by] ?? '', operation, input));
    this.#follow(real, model);
  }

  #follow(real: string, model: () => unknown): void {
    let said = 'done';
    try {
      model();
    } catch (error) {
      if (!(error instanceof ModelRefusal)) throw error;
      said = error.message;
    }
    this.#count(said);
    if (real !== 'done') this.#note(`  refused: ${real}`);
    if (real !== said) throw new Error(`the broker says ${real}, the model ${said}`);
  }

  /** It is asked, and the broker crashes before it answers: what it did is on disk, or lost. */
  async #actAndCrash(by: string, operation: string, input: object, model: () => unknown, pick: Choices): Promise<void> {
    this.#arrive(by);
    const isOnDisk = pick.take(2) === 0;
    this.#note(`${by}: ${operation} ${JSON.stringify(input)}, answered by nothing, ${isOnDisk ? 'kept' : 'lost'}`);
    // Something that waits to be told goes first: it would be lost with what follows.
    await this.#real.broker.board.durable();
    this.#real.isHeld = true;
    let answer = '';
    const asked = codeOf(() => this.#real.ask(this.#ids[by] ?? '', operation, input)).then((code) => (answer = code));
    await settle();
    if (answer === '') {
      if (isOnDisk) this.#follow('done', model);
    } else this.#follow(await asked, model);
    await this.#crash(pick.of(downtimes) ?? second, isOnDisk);
  }

  #arrive(name: string): void {
    const agent = this.#model.agent(name);
    if (agent.connected) return;
    this.#note(`${name} comes`);
    this.#real.connect(this.#ids[name] ?? '', name === person);
    rules.arrive(this.#model, name);
  }

  #depart(name: string, dropped: boolean): void {
    if (!this.#model.agent(name).connected) return;
    this.#note(`${name} goes${dropped ? ' without a goodbye' : ''}`);
    this.#real.disconnect(this.#ids[name] ?? '', dropped);
    rules.depart(this.#model, name, dropped);
  }

  /** `keeps`: the answer arrives; else it is lost on its way. */
  async #listen(name: string, keeps: boolean): Promise<void> {
    this.#arrive(name);
    this.#note(`${name} listens${keeps ? '' : ', and the answer is lost'}`);
    const told = this.#model.listen(name);
    await this.#real.ask(this.#ids[name] ?? '', 'listen', { limit: 200 }, keeps);
    if (keeps) this.#model.heard(name, told);
  }

  /** That something was seen forces nothing to disk: lost in a crash, it is told again. */
  async #listenAndCrash(name: string, downtime: number): Promise<void> {
    this.#arrive(name);
    await this.#real.broker.board.durable();
    const before = structuredClone(this.#model.state) satisfies ModelState;
    await this.#listen(name, true);
    this.#model.state = before;
    await this.#crash(downtime, false);
  }

  async #crash(downtime: number, isOnDisk: boolean): Promise<void> {
    this.#note(`the broker crashes and is back after ${downtime / second} s`);
    this.#real.crash(isOnDisk);
    const back = this.#model.state.now + downtime;
    this.#real.clock.turnTo(back);
    this.#model.state.now = back;
    this.#real.start();
    rules.restart(this.#model);
    await settle();
  }

  async #pass(span: number): Promise<void> {
    const end = this.#model.state.now + span;
    if (end > Date.UTC(2026, 0, 1) + longest) return;
    if (span >= second) this.#note(`${span / second} s pass`);
    this.#real.clock.turnTo(end);
    rules.pass(this.#model, end);
    await settle();
  }

  /** Mostly one that the agent is in, else any, else none: then the current one is meant. */
  #thread(name: string, pick: Choices): number | undefined {
    const { threads } = this.#model.state;
    const kind = pick.take(6);
    if (kind === 0) return undefined;
    if (kind === 1) return this.#recent(threads.length, pick);
    return pick.of(threads.filter((one) => one.isOpen && one.present.includes(name)))?.index;
  }

  /** One who is in an open thread. */
  #participant(pick: Choices): string | undefined {
    return pick.of(this.#model.state.threads.filter((one) => one.isOpen).flatMap((one) => one.present));
  }

  /** An open room, mostly one in which somebody talks to somebody. */
  #room(pick: Choices): ModelThread | undefined {
    const rooms = this.#model.state.threads.filter((one) => one.isOpen && one.room);
    const lively = rooms.filter(({ present }) => present.length > 1);
    return (pick.take(4) === 0 ? undefined : pick.of(lively)) ?? pick.of(rooms);
  }

  #in(thread: number | undefined): { readonly thread?: string } {
    return thread === undefined ? {} : { thread: this.#view.thread(thread) };
  }

  /** One of the last few. */
  #recent(count: number, pick: Choices): number | undefined {
    return count === 0 ? undefined : count - 1 - pick.take(Math.min(5, count));
  }

  #text(): string {
    return `text ${++this.#texts}`;
  }

  #key(): string {
    return `key ${++this.#keys}`;
  }

  #note(line: string): void {
    this.trace.push(line);
  }

  #count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }
}
