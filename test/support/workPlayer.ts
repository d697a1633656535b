import type { Output } from '../../src/contract/operations';
import { defaultLimits, type Limits } from '../../src/core/limits';
import { Choices, weigh } from '../unit/core/choices';
import { codeOf, settle } from './asking';
import { ReferenceWork, WorkRefusal } from './referenceWork';
import { RestartableBroker } from './restartableBroker';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

const limits: Limits = {
  ...defaultLimits,
  messagesPerMinute: 1e9,
  messageBurst: 1e9,
  tasksGiven: 3,
  tasksTaken: 3,
  taskExpiry: 5 * hour + 7,
  rooms: 2,
  threadIdle: 1e12,
  offlineLeave: 1e12,
};
/** A schedule takes no longer: after a day the switchboard forgets what became of things. */
const longest = 20 * hour;
const names = ['Ada', 'Bea', 'Cleo', 'Kim'] as const;
const person = 'Kim';

/** Plays one random schedule of tasks, rooms and broadcasts at the real broker and at the model, and compares after every step. */
export class WorkPlayer {
  readonly trace: string[] = [];
  readonly counts = new Map<string, number>();
  readonly #start = Date.UTC(2026, 0, 1);
  readonly #real = new RestartableBroker(limits, this.#start);
  readonly #model = new ReferenceWork(limits, names, person, this.#start);
  readonly #ids = new Map<string, string>();
  readonly #tasks: string[] = [];
  readonly #rooms: string[] = [];
  #keys = 0;
  #again: { by: string; operation: string; input: object; model: () => void }[] = [];

  constructor() {
    for (const name of names) this.#ids.set(name, this.#real.register(name, name === person ? 'human' : 'agent'));
    this.#real.broker.start();
    this.#connect();
  }

  /** @throws an error that says in what the two differ */
  async play(numbers: readonly number[]): Promise<void> {
    for (const number of numbers) {
      const pick = new Choices(number);
      const command = commands[pick.take(commands.length)] ?? 'pass';
      this.#count(command);
      await this.#command(command, pick);
      await this.#compare();
    }
  }

  async #command(command: (typeof commands)[number], pick: Choices): Promise<void> {
    const self = pick.of(names) ?? person;
    const model = this.#model;
    const key = `key ${++this.#keys}`;
    const task = this.#pickTask(pick);
    const room = this.#pickRoom(pick);
    const id = this.#tasks[task] ?? 'none';
    const thread = this.#rooms[room] ?? 'none';
    switch (command) {
      case 'pass':
        return this.#pass(pick.of([second, 11 * second, minute, 11 * minute, 2 * hour]) ?? second);
      case 'crash': {
        const downtime = pick.of([second, 3 * minute, 40 * minute]) ?? second;
        if (model.now + downtime > this.#start + longest) return;
        this.trace.push(`a crash, back after ${downtime / second} s`);
        await this.#real.broker.board.durable();
        this.#real.crash(pick.take(2) === 0);
        this.#real.clock.turnTo((model.now += downtime));
        this.#real.start();
        model.restart();
        this.#connect();
        return settle();
      }
      case 'again': {
        const used = pick.of(this.#again);
        return used && this.#act(used.by, used.operation, used.input, used.model);
      }
      case 'delegate': {
        const to = pick.of(names) ?? person;
        const retries = pick.take(3);
        const deadline = pick.take(4) === 0 ? 20 * minute : undefined;
        const input = { to, title: key, retries, key, ...(deadline !== undefined && { deadline: deadline / second }) };
        return this.#act(self, 'delegate', input, () => model.delegate(self, to, { deadline, retries, key }));
      }
      case 'answer': {
        const by = pick.take(5) === 0 ? self : (model.tasks[task]?.to ?? self);
        const answer = pick.of(['accept', 'accept', 'accept', 'decline', 'later'] as const) ?? 'accept';
        if (id === 'none') return;
        return this.#act(by, 'answer', { call: id, answer, key }, () => model.answer(by, task, answer, key));
      }
      case 'report': {
        const by = pick.take(5) === 0 ? self : (model.tasks[task]?.to ?? self);
        const states = ['working', 'working', 'input-required', 'completed', 'failed', 'failed', 'rejected'] as const;
        const state = pick.of(states) ?? 'working';
        const fence = pick.take(4) === 0 ? 1 + pick.take(3) : undefined;
        const told = { state, said: key, fence, key };
        const input = { task: id, state, text: key, key, ...(fence !== undefined && { fence }) };
        return this.#act(by, 'report', input, () => model.report(by, task, told));
      }
      case 'input': {
        const by = pick.take(5) === 0 ? self : (model.tasks[task]?.from ?? self);
        return this.#act(by, 'report', { task: id, input: key, key }, () => model.input(by, task, key, key));
      }
      case 'cancel': {
        const by = pick.take(3) === 0 ? self : (model.tasks[task]?.from ?? self);
        return this.#act(by, 'cancelTask', { task: id, key }, () => model.cancel(by, task, key));
      }
      case 'open': {
        const isOpen = pick.take(3) > 0;
        const input = { topic: key, closedToNewcomers: !isOpen };
        return this.#act(self, 'open', input, () => model.openRoom(self, key, isOpen));
      }
      case 'join':
        return this.#act(self, 'join', { thread, key }, () => model.join(self, room, key));
      case 'leave': {
        const close = pick.take(4) === 0;
        return this.#act(self, 'leave', { thread, close, key }, () => model.leave(self, room, close, key));
      }
      case 'remove': {
        const agent = pick.of(names) ?? person;
        return this.#act(person, 'leave', { thread, agent, key }, () => model.remove(room, agent, key));
      }
      case 'rename': {
        const by = pick.take(3) === 0 ? self : (pick.of(model.rooms[room]?.present ?? []) ?? self);
        return this.#act(by, 'rename', { thread, topic: key, key }, () => model.rename(by, room, key, key));
      }
      case 'pause':
      case 'resume':
        return this.#act(person, command, { thread, key }, () => model.setPaused(room, command === 'pause', key));
      case 'broadcast':
        return this.#act(self, 'broadcast', { text: key, key }, () => model.broadcast(self, key));
    }
  }

  /** Does it at both, and compares whether they refuse. */
  async #act(by: string, operation: string, input: object, model: () => void): Promise<void> {
    this.trace.push(`${by}: ${operation} ${JSON.stringify(input)}`);
    const real = await codeOf(() => this.#real.ask(this.#ids.get(by) ?? '', operation, input));
    let said = 'done';
    try {
      model();
    } catch (error) {
      if (!(error instanceof WorkRefusal)) throw error;
      said = error.message;
    }
    this.#count(said);
    if (real !== said) throw new Error(`the broker says ${real}, the model ${said}`);
    this.#learn();
    if (said === 'done' && operation !== 'open')
      this.#again = [...this.#again, { by, operation, input, model }].slice(-8);
  }

  #learn(): void {
    for (const event of this.#real.journal) {
      if (event.type === 'task.placed' && !this.#tasks.includes(event.payload.task.id))
        this.#tasks.push(event.payload.task.id);
      if (event.type === 'thread.opened' && event.payload.room && !this.#rooms.includes(event.payload.thread))
        this.#rooms.push(event.payload.thread);
    }
  }

  /** Mostly one of the last that are not over. */
  #pickTask(pick: Choices): number {
    const open = this.#model.tasks.flatMap((task, index) => (task.isOver ? [] : [index]));
    if (pick.take(6) > 0) return pick.of(open) ?? 0;
    return pick.take(Math.max(1, this.#tasks.length));
  }

  /** Mostly one that is not closed. */
  #pickRoom(pick: Choices): number {
    const live = this.#model.rooms.flatMap((room, index) => (room.state === 'closed' ? [] : [index]));
    if (pick.take(6) > 0) return pick.of(live) ?? 0;
    return pick.take(Math.max(1, this.#rooms.length));
  }

  async #compare(): Promise<void> {
    const { tasks, rooms, copies } = this.#model;
    const known = await this.#ask<Output<'tasks'>>(person, 'tasks', { state: 'open', limit: 200 });
    const over = await this.#ask<Output<'tasks'>>(person, 'tasks', { state: 'over', limit: 200 });
    const found = new Map([...known.tasks, ...over.tasks].map((task) => [task.id, task]));
    same('tasks', found.size, tasks.length);
    for (const [index, task] of tasks.entries()) {
      const view = found.get(this.#tasks[index] ?? '');
      const { state, offered, fence, leaseUntil, offeredAgainAt, retriesLeft, changedAt, said, by } = view ?? {};
      const wanted = {
        ...{ state: task.state, offered: task.isOffered, fence: task.fence, leaseUntil: task.leaseUntil },
        ...{ offeredAgainAt: task.offerAt, retriesLeft: task.retriesLeft, changedAt: task.changedAt },
        ...{ said: task.said, by: task.by },
      };
      same(
        `task ${index}`,
        { state, offered, fence, leaseUntil, offeredAgainAt, retriesLeft, changedAt, said, by },
        wanted,
      );
    }
    for (const name of names) {
      const own = await this.#ask<Output<'tasks'>>(name, 'tasks', { state: 'over', mine: 'taken', limit: 200 });
      same(`over, taken by ${name}`, own.tasks.length, tasks.filter((task) => task.isOver && task.to === name).length);
    }
    const { threads } = await this.#ask<Output<'threads'>>(person, 'threads', { state: 'all', limit: 200 });
    for (const [index, room] of rooms.entries()) {
      const view = threads.find(({ id }) => id === this.#rooms[index]);
      const there = (left: boolean): string[] =>
        (view?.participants ?? []).flatMap((one) => (one.left === left ? [one.name] : [])).sort();
      same(
        `room ${index}`,
        { topic: view?.topic, state: view?.state, present: there(false), left: there(true) },
        { topic: room.topic, state: room.state, present: room.present.toSorted(), left: room.left.toSorted() },
      );
    }
    const pairs = threads.filter(({ topic }) => topic === 'Messages');
    const sent = new Map(pairs.map((one) => [one.participants.map(({ name }) => name).sort().join(' '), one.messages - 2])); // prettier-ignore
    same('copies', [...sent].sort(), [...copies].sort());
  }

  async #ask<T>(name: string, operation: string, input: object): Promise<T> {
    return (await this.#real.ask(this.#ids.get(name) ?? '', operation, input)) as T;
  }

  async #pass(span: number): Promise<void> {
    const end = this.#model.now + span;
    if (end > this.#start + longest) return;
    this.trace.push(`${span / second} s pass`);
    this.#real.clock.turnTo(end);
    this.#model.pass(end);
    await settle();
  }

  #connect(): void {
    for (const [name, id] of this.#ids) this.#real.connect(id, name === person);
  }

  #count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }
}

function same(what: string, real: unknown, model: unknown): void {
  const [one, other] = [JSON.stringify(real), JSON.stringify(model)];
  if (one !== other) throw new Error(`${what}: the broker has ${one}, the model ${other}`);
}

/** By weight: a command comes as often as it stands here. */
const commands = weigh({
  pass: 7,
  crash: 2,
  again: 4,
  delegate: 14,
  answer: 9,
  report: 12,
  input: 5,
  cancel: 2,
  open: 4,
  join: 8,
  leave: 6,
  remove: 2,
  rename: 4,
  pause: 3,
  resume: 2,
  broadcast: 2,
});
