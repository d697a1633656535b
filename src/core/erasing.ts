import type { AgentId, CallId, ThreadId } from './model';
import { dropLastWord, forget } from './pending';
import { isOver, type State } from './state';
import type { Step } from './step';
import type { TaskId } from './taskModel';

/**
 * Forgets an archived thread for good, with the calls that led to it and the tasks that it was told of. Whether there is such a thread is known to the index
 * alone. @throws `thread_open`
 */
export function eraseThread(step: Step, by: AgentId, thread: ThreadId): void {
  const { state } = step;
  const open = state.threads.get(thread);
  if (open) step.refuse('thread_open', { thread, topic: open.topic });
  for (const call of callsOf(state, thread)) {
    for (const leg of [...(state.calls.get(call)?.legs.values() ?? [])]) {
      if (!isOver(leg)) step.emit({ type: 'call.cancelled', payload: { call, agent: leg.agent, by } });
    }
  }
  for (const [task, record] of [...state.tasks]) {
    if (record.task.thread !== thread || record.overAt !== undefined) continue;
    step.emit({ type: 'task.ended', payload: { task, by, state: 'canceled' } });
  }
  step.emit({ type: 'thread.erased', payload: { thread, by } });
}

/** Forgets tasks that are over for good; those that are not stay. Whether there are such tasks is known to the index alone. */
export function eraseTasks(step: Step, by: AgentId, tasks: readonly TaskId[]): void {
  const over = tasks.filter((id) => {
    const record = step.state.tasks.get(id);
    return record === undefined || record.overAt !== undefined;
  });
  if (over.length > 0) step.emit({ type: 'tasks.erased', payload: { tasks: over, by } });
}

/** The calls whose words are the thread's: those that led to it or invited into it, and those that they return. */
function callsOf({ calls }: State, thread: ThreadId): Set<CallId> {
  const found = new Set<CallId>();
  for (const [id, record] of calls) if (record.thread === thread || record.call.into === thread) found.add(id);
  for (let before = -1; before < found.size;) {
    before = found.size;
    for (const [id, { call, thread: opened }] of calls) {
      if (call.returns === undefined) continue;
      const returned = calls.get(call.returns);
      if (found.has(id) && returned && returned.thread === undefined) found.add(call.returns);
      if (found.has(call.returns) && opened === undefined) found.add(id);
    }
  }
  return found;
}

/** Takes everything that was said in the thread, or about it, out of the state. */
export function applyErased(state: State, thread: ThreadId): void {
  const calls = callsOf(state, thread);
  const tasks = new Set<TaskId>();
  for (const [id, { task }] of state.tasks) if (task.thread === thread) tasks.add(id);
  state.closed.delete(thread);
  state.invitations.delete(thread);
  forgetTasks(state, tasks);
  for (const id of calls) {
    state.calls.delete(id);
    state.hunts.delete(id);
    forget(state, id);
    for (const [agent, waiting] of state.waiting) {
      if (!waiting.includes(id)) continue;
      const rest = waiting.filter((other) => other !== id);
      if (rest.length > 0) state.waiting.set(agent, rest);
      else state.waiting.delete(agent);
    }
  }
  for (const [id, pending] of state.pending) {
    if (pending.thread !== thread) continue;
    for (const agent of pending.receipts.keys()) dropLastWord(state, agent, pending);
    forget(state, id);
  }
  for (const { entries } of state.feeds.values()) {
    const kept = entries.filter((entry) => {
      if ('thread' in entry) return entry.thread !== thread;
      if ('task' in entry) return !tasks.has(entry.task);
      return !('call' in entry && calls.has(entry.call));
    });
    if (kept.length < entries.length) entries.splice(0, entries.length, ...kept);
  }
  state.lastErased = state.offset;
}

/** Takes everything that was said of these tasks out of the state. */
export function applyTasksErased(state: State, ids: readonly TaskId[]): void {
  const tasks = new Set(ids);
  forgetTasks(state, tasks);
  for (const { entries } of state.feeds.values()) {
    const kept = entries.filter((entry) => !('task' in entry && tasks.has(entry.task)));
    if (kept.length < entries.length) entries.splice(0, entries.length, ...kept);
  }
  state.lastErased = state.offset;
}

function forgetTasks(state: State, tasks: ReadonlySet<TaskId>): void {
  for (const id of tasks) {
    state.tasks.delete(id);
    forget(state, id);
  }
}
