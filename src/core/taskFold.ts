import type { DurableEvent } from './events';
import type { TaskRecord, TaskStep } from './taskModel';

/** How many steps of a task's history are kept: the first, and the latest ones. */
export const stepsKept = 100;

export type TaskEvent = Extract<DurableEvent, { readonly type: `task.${string}` }>;
type Placed = Extract<TaskEvent, { type: 'task.placed' }>;

/** The record of a task that was just placed. */
export function placedTask({ payload: { task }, time }: Placed): TaskRecord {
  const record: TaskRecord = {
    task,
    state: 'submitted',
    fence: 1,
    isOffered: true,
    retriesLeft: task.retries,
    changedAt: time,
    steps: [],
  };
  note(record, { at: time, change: 'offered', by: task.from, fence: 1 });
  return record;
}

/** Folds a later event of the task into its record. The head state and the index keep it alike. */
export function foldTask(record: TaskRecord, event: Exclude<TaskEvent, Placed>): void {
  const { time } = event;
  switch (event.type) {
    case 'task.offered': {
      const { by, said } = event.payload;
      Object.assign(record, { isOffered: true, changedAt: time });
      forget(record, 'offerAt', 'reason', 'progress');
      note(record, { at: time, change: 'offered', by, said, fence: record.fence });
      break;
    }
    case 'task.taken': {
      const { by, leaseUntil } = event.payload;
      Object.assign(record, { state: 'working', isOffered: false, given: record.fence, leaseUntil, changedAt: time });
      note(record, { at: time, change: 'working', by, fence: record.fence });
      break;
    }
    case 'task.reported': {
      const { by, state: to, said, progress, leaseUntil } = event.payload;
      Object.assign(record, { state: to, changedAt: time });
      forget(record, 'leaseUntil');
      if (leaseUntil !== undefined) record.leaseUntil = leaseUntil;
      if (said !== undefined) record.said = said;
      if (progress !== undefined) record.progress = progress;
      note(record, { at: time, change: to === 'working' ? 'progress' : to, by, said, progress, fence: record.fence });
      break;
    }
    case 'task.input': {
      const { by, said, leaseUntil } = event.payload;
      Object.assign(record, { state: 'working', said, leaseUntil, changedAt: time });
      note(record, { at: time, change: 'input', by, said, fence: record.fence });
      break;
    }
    case 'task.leased':
      record.leaseUntil = event.payload.leaseUntil;
      break;
    case 'task.returned': {
      const { by, reason, said, fence, offerAt } = event.payload;
      Object.assign(record, { state: 'submitted', isOffered: false, fence, reason, changedAt: time });
      forget(record, 'leaseUntil');
      if (said !== undefined) record.said = said;
      if (offerAt !== undefined) {
        record.offerAt = offerAt;
        record.retriesLeft--;
      }
      note(record, { at: time, change: 'returned', by, said, fence });
      break;
    }
    case 'task.ended': {
      const { by, state: to, said, result, reason } = event.payload;
      Object.assign(record, { state: to, isOffered: false, changedAt: time, overAt: time });
      forget(record, 'leaseUntil', 'offerAt', 'reason');
      if (by !== undefined) record.by = by;
      if (said !== undefined) record.said = said;
      if (result !== undefined) record.result = result;
      if (reason !== undefined) record.reason = reason;
      note(record, { at: time, change: to, by, said, fence: record.fence });
      break;
    }
  }
}

function note(record: TaskRecord, { by, said, progress, ...step }: TaskStep): void {
  record.steps.push({
    ...step,
    ...(by !== undefined && { by }),
    ...(said !== undefined && { said }),
    ...(progress !== undefined && { progress }),
  });
  if (record.steps.length > stepsKept) record.steps.splice(1, 1);
}

type Passing = 'leaseUntil' | 'offerAt' | 'reason' | 'progress';

function forget(record: TaskRecord, ...fields: readonly Passing[]): void {
  for (const field of fields) Reflect.deleteProperty(record, field);
}
