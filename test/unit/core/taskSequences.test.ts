import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fromCheckpoint, toCheckpoint, type Checkpoint } from '../../../src/core/checkpoint';
import { due, resume } from '../../../src/core/due';
import { nextDueTask } from '../../../src/core/dueTasks';
import type { DurableEvent } from '../../../src/core/events';
import type { AgentId } from '../../../src/core/model';
import { Refusal } from '../../../src/core/refusal';
import type { Step } from '../../../src/core/step';
import type { TaskId, TaskState } from '../../../src/core/taskModel';
import {
  answerTask,
  cancelTask,
  delegate,
  giveInput,
  report,
  type Report,
  type TaskAnswer,
} from '../../../src/core/tasks';
import { runSeed } from '../../support/faultsRandom';
import { check } from './check';
import { Choices, weigh } from './choices';
import { day, hour, minute, Office, replay, second } from './office';

/** How many sequences: `PARLEY_RUNS`. From which seed: `PARLEY_SEED`. */
const runs = Number(process.env['PARLEY_RUNS'] ?? 2_000);
const length = 60;

/** What one must remember to check a journal of tasks from outside. Written from the rules' text, not from their code. */
interface Shadow {
  readonly from: AgentId;
  readonly to: AgentId;
  readonly retries: number;
  state: TaskState;
  isOffered: boolean;
  fence: number;
  offeredAgain: number;
}

const after: Readonly<Record<string, readonly TaskState[]>> = {
  'task.offered': ['submitted'],
  'task.taken': ['submitted'],
  'task.reported': ['working', 'input-required'],
  'task.input': ['input-required'],
  'task.leased': ['working'],
  'task.returned': ['working', 'input-required'],
  'task.ended': ['submitted', 'working', 'input-required'],
};

class TaskPlayer {
  readonly office = new Office({ messageBurst: 10_000, tasksGiven: 6, tasksTaken: 6 });
  readonly counts = new Map<string, number>();
  readonly #agents: AgentId[];
  readonly #tasks = new Map<TaskId, Shadow>();
  #checked = 0;

  constructor() {
    this.#agents = [...this.office.agents('Ada', 'Bea', 'Cleo'), this.office.person()];
    this.#checked = this.office.events.length;
  }

  play(numbers: readonly number[]): void {
    for (const number of numbers) {
      this.#command(new Choices(number));
      this.#take();
      this.#checkIndexes();
    }
    check(isDeepStrictEqual(replay(this.office.events), this.office.state), 'replaying the events gives the state');
  }

  #command(pick: Choices): void {
    const command = commands[pick.take(commands.length)] ?? 'pass';
    const self = pick.of(this.#agents) ?? '';
    const id = pick.of([...this.#tasks.keys()].slice(-6)) ?? 'none';
    const shadow = this.#tasks.get(id);
    const { office } = this;
    switch (command) {
      case 'delegate': {
        const to = pick.of(this.#agents) ?? '';
        const title = pick.of(['Mend', 'Test', 'Read']) ?? '';
        const [within, retries] = [pick.of([undefined, 30 * second, hour]), pick.of([0, 0, 1, 3])];
        return this.#run((step) => delegate(step, self, { to, title, within, retries }));
      }
      case 'answer': {
        const answer = pick.of<TaskAnswer>(['accept', 'accept', 'accept', 'decline', 'later']) ?? 'accept';
        return this.#run((step) => answerTask(step, pick.take(5) === 0 ? self : (shadow?.to ?? self), id, answer));
      }
      case 'report': {
        const states = ['working', 'working', 'input-required', 'completed', 'failed', 'failed', 'rejected'] as const;
        const state = pick.of<Report['state']>(states) ?? 'working';
        const by = pick.take(5) === 0 ? self : (shadow?.to ?? self);
        const current = shadow?.fence ?? 1;
        const fence = pick.of([current, current, undefined, current - 1, current + 1]);
        const isStale = fence !== undefined && fence !== current;
        return this.#run((step) => {
          report(step, by, id, { state, said: 'so', fence });
          check(!isStale, 'who holds another number changes nothing', { fence, current });
        });
      }
      case 'input': {
        const by = pick.take(4) === 0 ? self : (shadow?.from ?? self);
        return this.#run((step) => giveInput(step, by, id, 'go on'));
      }
      case 'cancel':
        return this.#run((step) => cancelTask(step, pick.take(3) === 0 ? self : (shadow?.from ?? self), id));
      case 'pass':
        office.now += pick.of([second, 10 * second, minute, 10 * minute, hour, day, 8 * day]) ?? second;
        return this.#due();
      case 'setBack':
        office.now -= hour;
        return this.#due();
      case 'restart': {
        const kept = JSON.parse(JSON.stringify(toCheckpoint(office.state))) as Checkpoint;
        const state = fromCheckpoint(kept);
        if (!state || !isDeepStrictEqual(state, office.state)) throw new Error('a checkpoint comes back equal');
        office.state = state;
        office.now += pick.of([0, minute, day]) ?? 0;
        this.#run(resume);
        return this.#due();
      }
    }
  }

  /** What was due is done, what is due next lies ahead, and no lease runs longer than it may. */
  #due(): void {
    const { office } = this;
    this.#run(due);
    const next = nextDueTask(office.state, office.world);
    check(next === undefined || next > office.now, 'what was due is done', { next, now: office.now });
    for (const { leaseUntil } of office.state.tasks.values()) {
      check((leaseUntil ?? 0) <= office.now + office.limits.taskLease, 'nobody holds a task longer than a lease');
    }
  }

  #run(rule: (step: Step) => unknown): void {
    const { office } = this;
    const { offset } = office.state;
    try {
      office.run(rule);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      check(office.state.offset === offset, 'a refusal changes nothing', error.code);
      this.#count(error.code);
    }
  }

  #take(): void {
    for (const event of this.office.events.slice(this.#checked)) {
      this.#count(event.type);
      const told = this.#whom(event);
      if (!event.type.startsWith('task.')) continue;
      for (const agent of this.#agents) {
        const entries = this.office.state.feeds.get(agent)?.entries ?? [];
        const isTold = entries.some((entry) => entry.offset === event.offset);
        check(isTold === told.includes(agent), 'both sides are told what the other did', { event, agent });
      }
    }
    this.#checked = this.office.events.length;
  }

  /** Whom it concerns, after the rules for what may follow what. */
  #whom(event: DurableEvent): AgentId[] {
    if (event.type === 'task.placed') {
      const { id, from, to, retries } = event.payload.task;
      check(from !== to, 'nobody gives themselves a task');
      this.#tasks.set(id, { from, to, retries, state: 'submitted', isOffered: true, fence: 1, offeredAgain: 0 });
      return [to];
    }
    if (!event.type.startsWith('task.')) return [];
    const payload = event.payload as { readonly task: TaskId; readonly by?: AgentId };
    const shadow = this.#tasks.get(payload.task);
    if (!shadow) throw new Error('every task is placed first');
    check(after[event.type]?.includes(shadow.state) === true, 'states follow each other as in A2A', { event, shadow });
    this.#follow(shadow, event);
    if (event.type === 'task.leased') return [];
    return [shadow.from, shadow.to].filter((agent) => agent !== payload.by);
  }

  #follow(shadow: Shadow, event: DurableEvent): void {
    switch (event.type) {
      case 'task.offered':
        check(!shadow.isOffered, 'what is on offer is not offered');
        shadow.isOffered = true;
        if (event.payload.by === undefined) shadow.offeredAgain++;
        check(shadow.offeredAgain <= shadow.retries, 'as often as was said');
        break;
      case 'task.taken':
        check(shadow.isOffered && event.payload.fence === shadow.fence, 'only what is on offer is taken');
        Object.assign(shadow, { state: 'working', isOffered: false });
        break;
      case 'task.reported':
        shadow.state = event.payload.state;
        break;
      case 'task.input':
        shadow.state = 'working';
        break;
      case 'task.returned':
        check(event.payload.fence === shadow.fence + 1, 'each return raises the number');
        Object.assign(shadow, { state: 'submitted', isOffered: false, fence: event.payload.fence });
        break;
      case 'task.ended':
        Object.assign(shadow, { state: event.payload.state, isOffered: false });
        break;
      default:
        break;
    }
  }

  #checkIndexes(): void {
    const { tasks, openTasks } = this.office.state;
    const open = [...tasks.values()].filter(({ overAt }) => overAt === undefined);
    let indexed = 0;
    for (const [agent, ids] of openTasks) {
      indexed += ids.size;
      check(ids.size > 0, 'indexes hold no empty sets');
      for (const id of ids) {
        const task = tasks.get(id)?.task;
        check(task?.from === agent || task?.to === agent, 'open tasks are indexed under both sides');
      }
    }
    check(indexed === 2 * open.length, 'open tasks are indexed under both sides');
    for (const [id, { state, fence, isOffered, leaseUntil }] of tasks) {
      const shadow = this.#tasks.get(id);
      check(shadow?.state === state && shadow.fence === fence && shadow.isOffered === isOffered, 'as the journal says');
      check((state === 'working') === (leaseUntil !== undefined), 'a lease runs while somebody works');
    }
  }

  #count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }
}

const commands = weigh({ delegate: 5, answer: 6, report: 10, input: 3, cancel: 1, pass: 6, setBack: 1, restart: 1 });

const reached = [
  'task.placed', 'task.offered', 'task.taken', 'task.reported', 'task.input', 'task.leased', 'task.returned', 'task.ended',
  'cannot_call_yourself', 'circular_task', 'too_many_tasks', 'unknown_task', 'not_your_task', 'task_over', 'task_returned',
  'stale_fence', 'no_input_wanted',
]; // prettier-ignore

it('any sequence of givings, reports, silences and restarts keeps every rule of tasks', () => {
  const counts = new Map<string, number>();
  const sequence = fc.array(fc.noBias(fc.nat()), { minLength: length, maxLength: length });
  fc.assert(
    fc.property(sequence, (numbers) => {
      const player = new TaskPlayer();
      player.play(numbers);
      for (const [what, count] of player.counts) counts.set(what, (counts.get(what) ?? 0) + count);
    }),
    { numRuns: runs, seed: runSeed() },
  );
  if (runs >= 1000) expect(reached.filter((what) => !counts.has(what))).toEqual([]);
}, 600_000);
