import type { DurableEvent } from './events';
import { rememberKey } from './keys';
import { foldTask, placedTask, type TaskEvent } from './taskFold';
import type { AgentId } from './model';
import { addPending, moveReceipt, refuseReceipt } from './pending';
import type { State } from './state';
import type { TaskChange, TaskId, TaskRecord, TaskState } from './taskModel';

export type ToolEvent = Extract<DurableEvent, { readonly type: `tool.${string}` }>;

/** Folds an event of a task into the state. */
export function applyTask(state: State, event: TaskEvent): void {
  const { time } = event;
  if (event.type === 'task.placed') {
    place(state, event);
    return;
  }
  const record = state.tasks.get(event.payload.task);
  if (!record) return;
  foldTask(record, event);
  if (event.type === 'task.taken') moveReceipt(state, record.task.id, record.task.to, 'answered', time);
  if (event.type === 'task.ended') end(state, record, event);
  remember(state, event);
}

/** The key with which an agent gave, reported or answered leads back to the task. */
function remember(state: State, { payload, time }: TaskEvent): void {
  if (!('key' in payload) || !('by' in payload)) return;
  const { key, by } = payload;
  const result = { kind: 'task', task: payload.task } as const;
  rememberKey(state, by, key, time, result);
}

function place(state: State, event: Extract<TaskEvent, { type: 'task.placed' }>): void {
  const {
    payload: { task, key },
    time,
  } = event;
  state.tasks.set(task.id, placedTask(event));
  for (const agent of [task.from, task.to]) {
    const own = state.openTasks.get(agent);
    if (own) own.add(task.id);
    else state.openTasks.set(agent, new Set([task.id]));
  }
  const receipts = new Map([[task.to, { state: 'stored', at: time } as const]]);
  addPending(state, { kind: 'task', id: task.id, from: task.from, at: time, receipts });
  rememberKey(state, task.from, key, time, { kind: 'task', task: task.id });
}

function end(state: State, { task }: TaskRecord, event: Extract<TaskEvent, { type: 'task.ended' }>): void {
  const { time } = event;
  const { by, state: to } = event.payload;
  for (const agent of [task.from, task.to]) {
    const own = state.openTasks.get(agent);
    own?.delete(task.id);
    if (own?.size === 0) state.openTasks.delete(agent);
  }
  if (to === 'rejected') refuseReceipt(state, task.id, task.to, 'rejected', time);
  else moveReceipt(state, task.id, task.to, by === task.to ? 'answered' : 'expired', time);
}

/** Folds an event of a tool into the state. */
export function applyTool(state: State, event: ToolEvent): void {
  switch (event.type) {
    case 'tool.allowed': {
      const { agent, owner, tool, allow } = event.payload;
      const isSame = (rule: (typeof state.toolRules)[number]): boolean =>
        rule.agent === agent && rule.owner === owner && rule.tool === tool;
      const others = state.toolRules.filter((rule) => !isSame(rule));
      const which = {
        ...(agent !== undefined && { agent }),
        ...(owner !== undefined && { owner }),
        ...(tool !== undefined && { tool }),
      };
      state.toolRules.splice(0, Infinity, ...others, ...(allow === null ? [] : [{ ...which, allow }]));
      break;
    }
    case 'tool.used': {
      const { use, by, owner, tool, key } = event.payload;
      state.uses.set(use, { by, owner, tool, at: event.time });
      rememberKey(state, by, key, event.time, { kind: 'use', use });
      break;
    }
    case 'tool.ended':
      state.uses.delete(event.payload.use);
      break;
  }
}

/** Whom an event of a task is told, and what: the other side, both when time did it. */
export function toldOfTask(state: State, event: TaskEvent): readonly (readonly [AgentId, TaskChange])[] {
  const id: TaskId = event.type === 'task.placed' ? event.payload.task.id : event.payload.task;
  const task = state.tasks.get(id)?.task;
  if (!task) return [];
  const change = changeOf(event);
  if (change === undefined) return [];
  const by = event.type === 'task.placed' ? task.from : 'by' in event.payload ? event.payload.by : undefined;
  // Only who has it needs the words that it was given, and only who gave it the progress.
  return [task.from, task.to].filter((agent) => agent !== by).map((agent) => [agent, change] as const);
}

function changeOf(event: TaskEvent): TaskChange | undefined {
  switch (event.type) {
    case 'task.placed':
    case 'task.offered':
      return 'offered';
    case 'task.taken':
      return 'working';
    case 'task.reported':
      return event.payload.state === 'working' ? 'progress' : event.payload.state;
    case 'task.input':
      return 'input';
    case 'task.leased':
      return undefined;
    case 'task.returned':
      return 'returned';
    case 'task.ended':
      return event.payload.state satisfies TaskState;
  }
}
