import type { State } from './state';
import { aftermath } from './state';
import type { Step, World } from './step';
import type { TaskRecord } from './taskModel';
import { endTask, returnTask } from './tasks';

/** What time alone does to tasks: deadlines, leases that lapse, offers that come again. */
export function dueTasks(step: Step): void {
  const { now, world } = step;
  const { taskLease } = world.limits;
  for (const record of openTasks(step.state)) {
    if (step.isFull()) return;
    const { task } = record;
    const end = endOf(record, world);
    if (end.at <= now) {
      endTask(step, record, { state: 'failed', reason: end.reason });
    } else if (record.leaseUntil !== undefined && record.leaseUntil <= now) {
      returnTask(step, record, { reason: 'lapsed' });
    } else if (record.leaseUntil !== undefined && record.leaseUntil > now + taskLease) {
      // The clock was set back: nobody holds a task for longer than a lease.
      step.emit({ type: 'task.leased', payload: { task: task.id, leaseUntil: now + taskLease } });
    } else if (record.offerAt !== undefined && record.offerAt <= now) {
      step.emit({ type: 'task.offered', payload: { task: task.id } });
    }
  }
}

/** When {@link dueTasks} has something to do next, in ms since the epoch; undefined when nothing waits for time. */
export function nextDueTask(state: State, world: World): number | undefined {
  let next = Infinity;
  for (const record of openTasks(state)) {
    next = Math.min(next, endOf(record, world).at, record.leaseUntil ?? Infinity, record.offerAt ?? Infinity);
  }
  return next === Infinity ? undefined : next;
}

/**
 * Who works on a task keeps it over a restart or a sleep of the machine, which ended at `since`: nobody could report
 * meanwhile.
 * @returns whether that is done, or more of it is for the next step
 */
export function resumeTasks(step: Step, since: number): boolean {
  const earliest = since + step.world.limits.taskLeaseAfterRestart;
  for (const { task, leaseUntil } of openTasks(step.state)) {
    if (leaseUntil === undefined || leaseUntil >= earliest) continue;
    if (step.isFull()) return false;
    step.emit({ type: 'task.leased', payload: { task: task.id, leaseUntil: earliest } });
  }
  return true;
}

/** Lets go of tasks that were over long enough ago. Changes no outcome. */
export function sweepTasks(state: State, now: number): void {
  for (const [id, { overAt }] of state.tasks) {
    if (overAt !== undefined && overAt + aftermath <= now) state.tasks.delete(id);
  }
}

/** Each open task once: those who gave them have them all. */
function* openTasks(state: State): Generator<TaskRecord> {
  for (const [agent, ids] of [...state.openTasks]) {
    for (const id of [...ids]) {
      const record = state.tasks.get(id);
      if (record && record.overAt === undefined && record.task.from === agent) yield record;
    }
  }
}

/** When it fails by itself: past its deadline, or when nobody has touched it for too long. */
function endOf({ task, state, changedAt }: TaskRecord, { limits }: World): { at: number; reason: string } {
  const deadline = task.deadline ?? Infinity;
  const expiry = state === 'working' ? Infinity : changedAt + limits.taskExpiry;
  return deadline <= expiry ? { at: deadline, reason: 'deadline' } : { at: expiry, reason: 'expired' };
}
