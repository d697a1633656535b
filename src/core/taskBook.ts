import type { AgentId } from './model';
import type { State } from './state';
import type { TaskRecord } from './taskModel';

/** Open tasks that the agent gave or has, oldest first. */
export function openTasksOf(state: State, agent: AgentId): TaskRecord[] {
  return [...(state.openTasks.get(agent) ?? [])].flatMap((id) => state.tasks.get(id) ?? []);
}

/** Tasks that wait for the agent: offered to it, or given by it and in need of its word. */
export function waitingTasks(state: State, agent: AgentId): TaskRecord[] {
  return openTasksOf(state, agent).filter((record) =>
    record.task.to === agent ? record.isOffered : record.state === 'input-required' || isBack(record),
  );
}

/** It came back to who gave it, and will not be offered again by itself. */
function isBack({ state, isOffered, offerAt }: TaskRecord): boolean {
  return state === 'submitted' && !isOffered && offerAt === undefined;
}
