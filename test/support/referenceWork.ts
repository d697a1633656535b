/**
 * Tasks, rooms and broadcasts, said again in the plainest way and without a look at `core`; see `referenceModel.ts`. Agents
 * are named by their names, tasks and rooms by their place in the order in which they came. Times are milliseconds.
 */

export interface WorkLimits {
  readonly tasksGiven: number;
  readonly tasksTaken: number;
  readonly taskLease: number;
  readonly taskLeaseAfterRestart: number;
  readonly taskExpiry: number;
  readonly taskRetryFirst: number;
  readonly taskRetryLongest: number;
  readonly rooms: number;
}

export interface ModelTask {
  readonly from: string;
  readonly to: string;
  readonly retries: number;
  readonly deadline: number | undefined;
  state: 'submitted' | 'working' | 'input-required' | 'completed' | 'failed' | 'canceled' | 'rejected';
  isOffered: boolean;
  fence: number;
  /** The number that the assignee took it under last. */
  given: number | undefined;
  leaseUntil: number | undefined;
  offerAt: number | undefined;
  retriesLeft: number;
  said: string | undefined;
  by: string | undefined;
  changedAt: number;
  isOver: boolean;
}

export interface ModelRoom {
  readonly by: string;
  readonly isOpenToAll: boolean;
  topic: string;
  present: string[];
  left: string[];
  state: 'open' | 'paused' | 'closed';
}

export class WorkRefusal extends Error {}

function refuse(code: string): never {
  throw new WorkRefusal(code);
}

export class ReferenceWork {
  now: number;
  readonly tasks: ModelTask[] = [];
  readonly rooms: ModelRoom[] = [];
  /** How many copies of broadcasts went from one to another. */
  readonly copies = new Map<string, number>();
  readonly #limits: WorkLimits;
  readonly #agents: readonly string[];
  readonly #person: string;
  /** The numbers that each one's connection was given, by task. */
  readonly #noted = new Map<string, number>();
  readonly #used = new Set<string>();

  constructor(limits: WorkLimits, agents: readonly string[], person: string, now: number) {
    this.#limits = limits;
    this.#agents = agents;
    this.#person = person;
    this.now = now;
  }

  delegate(from: string, to: string, work: { deadline: number | undefined; retries: number; key: string }): void {
    if (from === to) refuse('cannot_call_yourself');
    if (this.#again(from, work.key)) return;
    const open = this.tasks.filter((task) => !task.isOver);
    if (open.filter((task) => task.from === from).length >= this.#limits.tasksGiven) refuse('too_many_tasks');
    if (open.filter((task) => task.to === to).length >= this.#limits.tasksTaken) refuse('assignee_full');
    this.#use(from, work.key);
    this.tasks.push({
      ...{ from, to, retries: work.retries, retriesLeft: work.retries, state: 'submitted', isOffered: true, fence: 1 },
      ...{ given: undefined, leaseUntil: undefined, offerAt: undefined, said: undefined, by: undefined, isOver: false },
      deadline: work.deadline === undefined ? undefined : this.now + work.deadline,
      changedAt: this.now,
    });
  }

  answer(by: string, index: number, answer: 'accept' | 'decline' | 'later', key: string): void {
    if (!this.#again(by, key)) {
      const task = this.#visible(by, index);
      if (task.to !== by) refuse('not_your_task');
      if (task.isOver) refuse('task_over');
      const isTaken = answer === 'accept' && task.state !== 'submitted';
      if (!isTaken && task.state === 'submitted' && !task.isOffered) refuse('task_returned');
      if (answer === 'decline') this.#end(task, 'rejected', by, undefined);
      else if (answer === 'accept' && !isTaken) this.#take(task);
      this.#use(by, key);
    }
    if (answer === 'accept') this.#note(by, index);
  }

  report(
    by: string,
    index: number,
    told: {
      state: 'working' | 'input-required' | 'completed' | 'failed' | 'rejected';
      said: string;
      fence: number | undefined;
      key: string;
    },
  ): void {
    const { state, said, key } = told;
    const task = this.#visible(by, index);
    if (task.to !== by) refuse('not_your_task');
    if (!this.#again(by, key)) {
      const held = told.fence ?? this.#noted.get(`${by} ${index}`) ?? task.given ?? task.fence;
      if (held !== task.fence) refuse('stale_fence');
      if (task.isOver) refuse('task_over');
      if (task.state === 'submitted' && !task.isOffered) refuse('task_returned');
      this.#use(by, key);
      if (state === 'rejected') this.#end(task, 'rejected', by, said);
      else {
        if (task.state === 'submitted') this.#take(task);
        this.#tell(task, state, by, said);
      }
    }
    this.#note(by, index);
  }

  input(by: string, index: number, words: string, key: string): void {
    const task = this.#visible(by, index);
    if (task.from !== by && by !== this.#person) refuse('not_your_task');
    if (this.#again(by, key)) return;
    if (task.isOver) refuse('task_over');
    if (task.state === 'submitted' && !task.isOffered) this.#offer(task);
    else if (task.state === 'input-required') {
      task.state = 'working';
      task.said = words;
      task.leaseUntil = this.now + this.#limits.taskLease;
      task.changedAt = this.now;
    } else refuse('no_input_wanted');
    this.#use(by, key);
  }

  cancel(by: string, index: number, key: string): void {
    if (this.#again(by, key)) return;
    const task = this.#visible(by, index);
    if (task.from !== by && by !== this.#person) refuse('not_your_task');
    if (task.isOver) refuse('task_over');
    this.#use(by, key);
    this.#end(task, 'canceled', by, undefined);
  }

  openRoom(by: string, topic: string, isOpenToAll: boolean): void {
    const own = this.rooms.filter((room) => room.by === by && room.state !== 'closed');
    if (by !== this.#person && own.length >= this.#limits.rooms) refuse('too_many_rooms');
    this.rooms.push({ by, topic, isOpenToAll, present: [by], left: [], state: 'open' });
  }

  join(by: string, index: number, key: string): void {
    if (this.#again(by, key)) return;
    const room = this.#live(index);
    if (room.present.includes(by)) refuse('already_in');
    if (!room.isOpenToAll && by !== this.#person) refuse('not_open');
    this.#use(by, key);
    room.present.push(by);
    room.left = room.left.filter((name) => name !== by);
  }

  leave(by: string, index: number, close: boolean, key: string): void {
    if (this.#again(by, key)) return;
    const room = this.#live(index);
    const isIn = room.present.includes(by);
    if (!isIn && !(close && by === this.#person)) refuse(room.left.includes(by) ? 'already_left' : 'not_participant');
    this.#use(by, key);
    if (close) room.state = 'closed';
    else this.#goOut(room, by);
  }

  /** The person takes somebody out. */
  remove(index: number, name: string, key: string): void {
    if (this.#again(this.#person, key)) return;
    const room = this.#live(index);
    if (!room.present.includes(name)) refuse('not_in_thread');
    this.#use(this.#person, key);
    this.#goOut(room, name);
  }

  rename(by: string, index: number, topic: string, key: string): void {
    if (this.#again(by, key)) return;
    const room = this.#live(index);
    if (!room.present.includes(by) && by !== this.#person) refuse('not_participant');
    if (room.state === 'paused' && by !== this.#person) refuse('thread_paused');
    this.#use(by, key);
    room.topic = topic;
  }

  setPaused(index: number, isPaused: boolean, key: string): void {
    if (this.#again(this.#person, key)) return;
    this.#live(index).state = isPaused ? 'paused' : 'open';
    this.#use(this.#person, key);
  }

  broadcast(from: string, key: string): void {
    if (this.#again(from, key)) return;
    this.#use(from, key);
    for (const to of this.#agents) {
      if (to === from) continue;
      const pair = [from, to].sort().join(' ');
      this.copies.set(pair, (this.copies.get(pair) ?? 0) + 1);
    }
  }

  /** Time goes on: what is due happens when it is due. */
  pass(end: number): void {
    for (;;) {
      const next = Math.min(...this.tasks.flatMap((task) => (task.isOver ? [] : [this.#dueAt(task)])));
      if (next > end) break;
      this.now = Math.max(this.now, next);
      this.#due();
    }
    this.now = end;
  }

  /** The broker was gone until now. */
  restart(): void {
    this.#noted.clear();
    const earliest = this.now + this.#limits.taskLeaseAfterRestart;
    for (const task of this.tasks) {
      if (task.leaseUntil !== undefined) task.leaseUntil = Math.max(task.leaseUntil, earliest);
    }
    this.#due();
  }

  #due(): void {
    for (const task of this.tasks) {
      if (task.isOver) continue;
      if (this.#endsAt(task) <= this.now) this.#end(task, 'failed', undefined, undefined);
      else if (task.leaseUntil !== undefined && task.leaseUntil <= this.now) this.#giveBack(task);
      else if (task.offerAt !== undefined && task.offerAt <= this.now) this.#offer(task);
    }
  }

  #dueAt(task: ModelTask): number {
    return Math.min(this.#endsAt(task), task.leaseUntil ?? Infinity, task.offerAt ?? Infinity);
  }

  #endsAt(task: ModelTask): number {
    const untouched = task.state === 'working' ? Infinity : task.changedAt + this.#limits.taskExpiry;
    return Math.min(task.deadline ?? Infinity, untouched);
  }

  #take(task: ModelTask): void {
    task.state = 'working';
    task.isOffered = false;
    task.given = task.fence;
    task.leaseUntil = this.now + this.#limits.taskLease;
    task.changedAt = this.now;
  }

  #tell(task: ModelTask, state: 'working' | 'input-required' | 'completed' | 'failed', by: string, said: string): void {
    if (state === 'completed') this.#end(task, 'completed', by, said);
    else if (state === 'failed' && task.retriesLeft === 0) this.#end(task, 'failed', by, said);
    else if (state === 'failed') {
      this.#giveBack(task);
      task.said = said;
    } else {
      task.state = state;
      task.said = said;
      task.leaseUntil = state === 'working' ? this.now + this.#limits.taskLease : undefined;
      task.changedAt = this.now;
    }
  }

  /** It goes back to who gave it, and is offered again after a while, if it may be. */
  #giveBack(task: ModelTask): void {
    task.state = 'submitted';
    task.isOffered = false;
    task.fence++;
    task.leaseUntil = undefined;
    task.changedAt = this.now;
    if (task.retriesLeft === 0) return;
    const pause = this.#limits.taskRetryFirst * 2 ** (task.retries - task.retriesLeft);
    task.offerAt = this.now + Math.min(pause, this.#limits.taskRetryLongest);
    task.retriesLeft--;
  }

  #offer(task: ModelTask): void {
    task.isOffered = true;
    task.offerAt = undefined;
    task.changedAt = this.now;
  }

  #end(task: ModelTask, state: ModelTask['state'], by: string | undefined, said: string | undefined): void {
    task.state = state;
    task.isOver = true;
    task.isOffered = false;
    task.leaseUntil = undefined;
    task.offerAt = undefined;
    task.by = by;
    task.said = said ?? task.said;
    task.changedAt = this.now;
  }

  #goOut(room: ModelRoom, name: string): void {
    room.present = room.present.filter((one) => one !== name);
    room.left.push(name);
    if (room.present.length === 0) room.state = 'closed';
  }

  #visible(by: string, index: number): ModelTask {
    const task = this.tasks[index];
    if (!task || (by !== this.#person && task.from !== by && task.to !== by)) return refuse('unknown_task');
    return task;
  }

  #live(index: number): ModelRoom {
    const room = this.rooms[index];
    if (!room) return refuse('unknown_thread');
    if (room.state === 'closed') refuse('thread_closed');
    return room;
  }

  #note(by: string, index: number): void {
    const given = this.tasks[index]?.given;
    if (given !== undefined) this.#noted.set(`${by} ${index}`, given);
  }

  #again(by: string, key: string): boolean {
    return this.#used.has(`${by} ${key}`);
  }

  #use(by: string, key: string): void {
    this.#used.add(`${by} ${key}`);
  }
}
