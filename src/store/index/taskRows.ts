import { type TaskEvent, foldTask, placedTask } from '../../core/taskFold';
import type { TaskRecord } from '../../core/taskModel';
import type { TasksPage, TasksQuery } from './answers';
import type { SqlDatabase } from './database';
import type { ExportedTask } from './exportFormat';
import { text } from './rows';

/** Writes one event of a task into its row. A task that began before there were rows of tasks has none. */
export function projectTask(database: SqlDatabase, event: TaskEvent): void {
  if (event.type === 'task.placed') {
    insertTask(database, placedTask(event));
    return;
  }
  const record = taskOf(database, event.payload.task);
  if (!record) return;
  foldTask(record, event);
  const { task, state, changedAt, overAt } = record;
  database.run(
    'update task set state = ?, changedAt = ?, overAt = ?, record = ? where id = ?',
    ...[state, changedAt, overAt, JSON.stringify(record), task.id],
  );
}

/** Puts a task in that is not there. */
export function insertTask(database: SqlDatabase, record: TaskRecord): void {
  const { task, state, changedAt, overAt } = record;
  database.run(
    `insert or ignore into task (id, sender, assignee, title, state, placedAt, changedAt, overAt, thread, record)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ...[task.id, task.from, task.to, task.title, state, task.placedAt, changedAt, overAt],
    ...[task.thread, JSON.stringify(record)],
  );
}

/** One task, open or over. */
export function taskOf(database: SqlDatabase, id: string): TaskRecord | undefined {
  const row = database.get('select record from task where id = ?', id);
  return row && (JSON.parse(text(row, 'record')) as TaskRecord);
}

/** Tasks, the one that changed last first. */
export function tasksOf(database: SqlDatabase, { agent, mine, state, limit }: TasksQuery): TasksPage {
  const conditions: string[] = ['1'];
  const values: (string | number)[] = [];
  if (agent !== undefined) {
    const sides = mine === undefined ? ['sender', 'assignee'] : [mine === 'given' ? 'sender' : 'assignee'];
    conditions.push(`(${sides.map((side) => `${side} = ?`).join(' or ')})`);
    values.push(...sides.map(() => agent));
  }
  if (state === 'open' || state === 'over') conditions.push(`overAt is ${state === 'over' ? 'not ' : ''}null`);
  else {
    conditions.push('state = ?');
    values.push(state);
  }
  const where = conditions.join(' and ');
  const count = Number(database.get(`select count(*) as n from task where ${where}`, ...values)?.['n']);
  const rows = database.all(
    `select record from task where ${where} order by changedAt desc, id desc limit ?`,
    ...values,
    limit,
  );
  return { tasks: rows.map((row) => JSON.parse(text(row, 'record')) as TaskRecord), count };
}

/** The task as it was given, and where it stands. What of it belongs to its lease stays here. */
export function exportedTask({ task, ...record }: TaskRecord): ExportedTask {
  const { state, result, said, reason, changedAt, overAt, steps } = record;
  return { ...task, state, result, said, reason, changedAt, overAt, steps } as ExportedTask;
}

/** A task of a file, as it is kept: one that was open there is over here, where nobody works on it. */
export function importedTask(exported: ExportedTask): TaskRecord {
  const { state, result, said, reason, changedAt, overAt, steps, ...task } = exported;
  const isOver = ['completed', 'failed', 'canceled', 'rejected'].includes(state);
  return {
    task: { ...task, refs: task.refs, retries: task.retries },
    state: isOver ? state : 'canceled',
    fence: steps.at(-1)?.fence ?? 1,
    isOffered: false,
    retriesLeft: 0,
    changedAt,
    overAt: overAt ?? changedAt,
    steps,
    ...(said !== undefined && { said }),
    ...(result !== undefined && { result }),
    ...(isOver ? reason !== undefined && { reason } : { reason: 'imported' }),
  };
}
