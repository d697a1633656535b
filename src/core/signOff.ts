import { knownAgent } from './agents';
import { pass } from './hunts';
import type { AgentId } from './model';
import { isOver } from './state';
import type { Step } from './step';
import { openTasksOf } from './taskBook';
import { endTask } from './tasks';
import { leaveThread } from './threads';

/** What those read whose call or task ends with this. */
const reason = 'signed off by the person';

/**
 * The person takes an agent off the roster: it leaves its threads, what waits for it and what it asked for ends, its name is
 * free and its token is worth nothing. What was said stays. A client that still runs may sign on anew.
 * @returns whether that is done: what is too much for one step is ended bit by bit, to be called until it is
 * @throws `unknown_agent`
 */
export function signOff(step: Step, by: AgentId, id: AgentId): boolean {
  const { state } = step;
  const agent = knownAgent(step, id);
  for (const call of [...(state.waiting.get(agent.id) ?? [])]) {
    if (step.isFull()) return false;
    const isHunt = state.calls.get(call)?.call.line !== undefined;
    if (isHunt) pass(step, call, agent.id, 'offline', by);
    else step.emit({ type: 'call.declined', payload: { call, agent: agent.id, by, reason } });
  }
  for (const { call, legs } of [...state.calls.values()]) {
    if (call.from !== agent.id) continue;
    if (step.isFull()) return false;
    for (const leg of [...legs.values()]) {
      if (!isOver(leg)) step.emit({ type: 'call.cancelled', payload: { call: call.id, agent: leg.agent, by } });
    }
  }
  for (const task of openTasksOf(state, agent.id)) endTask(step, task, { by, state: 'canceled', said: reason });
  for (const thread of [...(state.inThreads.get(agent.id) ?? [])]) {
    if (step.isFull()) return false;
    const record = state.threads.get(thread);
    if (record) leaveThread(step, record, agent.id, by);
  }
  step.emit({ type: 'agent.retired', payload: { agent: agent.id, by } });
  return true;
}
