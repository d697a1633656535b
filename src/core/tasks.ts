import { findAgent, knownAgent } from './agents';
import { checkSize, keyedRefs, takeToken } from './drafts';
import { keyUse, usedKey } from './keys';
import type { KeyUse } from './events';
import { checkMaySend } from './govern';
import type { AgentId, Ref, ThreadId } from './model';
import type { State } from './state';
import type { Step } from './step';
import { openTasksOf } from './taskBook';
import type { TaskId, TaskRecord } from './taskModel';
import { oneLine, utf8Length } from './text';
import { isIn, note, openThread } from './threads';

export interface Giving {
  /** Name or id. */
  readonly to: string;
  readonly title: string;
  readonly text?: string | undefined;
  readonly refs?: readonly Ref[] | undefined;
  /** From now, in ms. */
  readonly within?: number | undefined;
  readonly retries?: number | undefined;
  readonly tool?: string | undefined;
  readonly args?: unknown;
  readonly thread?: ThreadId | undefined;
  readonly key?: string | undefined;
}

/**
 * Hands a task to an agent, present or away. It waits for the assignee's answer.
 * @throws `unknown_agent`, `cannot_call_yourself`, `empty_title`, `topic_too_long`, `message_too_long`, `ref_too_long`,
 * `too_many_refs`, `task_args_too_large`, `key_conflict`, `unknown_thread`, `thread_closed`, `not_participant`,
 * `too_many_tasks`, `assignee_full`, `circular_task`, `not_allowed_to_send`,
 * `rate_limited`
 */
export function delegate(step: Step, from: AgentId, giving: Giving): TaskId {
  const { state, world, now } = step;
  const { limits } = world;
  const giver = knownAgent(step, from);
  const assignee = findAgent(step, giving.to);
  if (assignee.id === from) step.refuse('cannot_call_yourself', { name: giver.name });
  const title = checkTitle(step, giving.title);
  const text = giving.text?.trim() === '' ? undefined : giving.text;
  const refs = giving.refs ?? [];
  checkSize(step, text ?? '', refs);
  const args = giving.args === undefined ? '' : JSON.stringify(giving.args);
  const bytes = utf8Length(args);
  if (bytes > limits.toolArgsBytes) step.refuse('tool_args_too_large', { bytes, limit: limits.toolArgsBytes });
  const { within, retries = 0, tool, thread } = giving;
  const parts = [assignee.id, title, text ?? '', keyedRefs(refs), within ?? 0, retries, tool ?? '', args, thread ?? ''];
  const key = keyUse(giving.key, ['delegate', ...parts]);
  const earlier = usedKey(step, from, key);
  if (earlier?.kind === 'task') return earlier.task;
  if (thread !== undefined) {
    const record = openThread(step, thread);
    if (!isIn(record, from) && giver.kind !== 'human') step.refuse('not_participant', { thread, topic: record.topic });
  }
  const given = countOpen(state, from, ({ task }) => task.from === from);
  if (given >= limits.tasksGiven) step.refuse('too_many_tasks', { limit: limits.tasksGiven });
  const taken = countOpen(state, assignee.id, ({ task }) => task.to === assignee.id);
  if (taken >= limits.tasksTaken) step.refuse('assignee_full', { name: assignee.name, limit: limits.tasksTaken });
  checkCircle(step, from, assignee.id, title, text);
  checkMaySend(step, from);
  if (giver.kind !== 'human') takeToken(step, from);
  const id = step.newId();
  const task = {
    id,
    from,
    to: assignee.id,
    title,
    ...(text !== undefined && { text }),
    refs,
    placedAt: now,
    ...(within !== undefined && { deadline: now + within }),
    retries,
    ...(thread !== undefined && { thread }),
    ...(tool !== undefined && { tool }),
    ...(giving.args !== undefined && { args: giving.args }),
  };
  step.emit({ type: 'task.placed', payload: { task, ...(key && { key }) } });
  tellThread(step, thread, `${giver.name} gave ${assignee.name} the task "${title}" (${id})`, from);
  return id;
}

/** How the assignee answers an offer; `later` leaves it where it is. */
export type TaskAnswer = 'accept' | 'decline' | 'later';

/**
 * Answers a task that was offered.
 * @throws `unknown_task`, `not_your_task`, `task_over`, `task_returned` when it is not on offer now
 */
export function answerTask(step: Step, by: AgentId, id: TaskId, answer: TaskAnswer, reason?: string): void {
  const record = knownTask(step, by, id);
  if (record.task.to !== by) step.refuse('not_your_task', { task: id, needs: nameOf(step.state, record.task.to) });
  refuseOver(step, record);
  // Accepted already: the answer that said so was lost, or it is asked for once more.
  if (answer === 'accept' && record.state !== 'submitted') return;
  if (record.state === 'submitted' && !record.isOffered) refuseReturned(step, record);
  if (answer === 'later') return;
  if (answer === 'accept') {
    take(step, record);
    return;
  }
  const said = reason === undefined ? undefined : oneLine(reason).slice(0, 500);
  endTask(step, record, { by, state: 'rejected', said });
}

export interface Report {
  readonly state: 'working' | 'input-required' | 'completed' | 'failed' | 'rejected';
  readonly said?: string | undefined;
  /** 0 to 1. */
  readonly progress?: number | undefined;
  /** Any JSON, with `completed`. */
  readonly result?: unknown;
  /**
   * The number that the reporter was given with the task. Left out: the one that it was given last. That is safe as long
   * as one program reports for the agent: whoever reports through several MUST give it.
   */
  readonly fence?: number | undefined;
  readonly key?: string | undefined;
}

/**
 * The assignee tells how it goes. The first report on an offer takes it.
 * @throws `unknown_task`, `not_your_task`, `stale_fence` with how it stands, `task_over`, `task_returned`, `empty_text` for
 * a question without words, `message_too_long`, `task_result_too_large`, `key_conflict`, `rate_limited`
 */
export function report(step: Step, by: AgentId, id: TaskId, told: Report): void {
  const { world, state, now } = step;
  const { limits } = world;
  const record = knownTask(step, by, id);
  const { task } = record;
  if (task.to !== by) step.refuse('not_your_task', { task: id, needs: nameOf(state, task.to) });
  const said = told.said?.trim() === '' ? undefined : told.said;
  const result = told.result === undefined ? '' : JSON.stringify(told.result);
  const key = keyUse(told.key, ['report', id, told.state, said ?? '', told.progress ?? -1, result]);
  if (usedKey(step, by, key)) return;
  checkFence(step, record, told.fence);
  refuseOver(step, record);
  if (record.state === 'submitted' && !record.isOffered) refuseReturned(step, record);
  if (told.state === 'input-required' && said === undefined) step.refuse('empty_text');
  checkSaid(step, said);
  const bytes = utf8Length(result);
  if (bytes > limits.taskResultBytes) step.refuse('task_result_too_large', { bytes, limit: limits.taskResultBytes });
  if (state.agents.get(by)?.kind !== 'human') takeToken(step, by);
  if (told.state === 'rejected') {
    endTask(step, record, { by, state: 'rejected', said, key });
    return;
  }
  if (record.state === 'submitted') take(step, record);
  const { progress } = told;
  switch (told.state) {
    case 'working':
    case 'input-required':
      step.emit({
        type: 'task.reported',
        payload: {
          task: id,
          by,
          state: told.state,
          ...(said !== undefined && { said }),
          ...(progress !== undefined && { progress }),
          // While a question is open the assignee can do nothing: no lease runs.
          ...(told.state === 'working' && { leaseUntil: now + limits.taskLease }),
          ...(key && { key }),
        },
      });
      return;
    case 'completed':
      endTask(step, record, { by, state: 'completed', said, result: told.result, key });
      return;
    case 'failed':
      if (record.retriesLeft > 0) returnTask(step, record, { by, reason: 'failed', said, key });
      else endTask(step, record, { by, state: 'failed', said, key });
  }
}

/**
 * Who gave the task answers its question, or offers it again after it came back. The person may for everyone.
 * @throws `unknown_task`, `not_your_task`, `task_over`, `no_input_wanted`, `empty_text`, `message_too_long`, `key_conflict`
 */
export function giveInput(step: Step, by: AgentId, id: TaskId, words: string, keyText?: string): void {
  const record = knownTask(step, by, id);
  checkGiver(step, record, by);
  const key = keyUse(keyText, ['input', id, words]);
  if (usedKey(step, by, key)) return;
  refuseOver(step, record);
  if (words.trim() === '') step.refuse('empty_text');
  checkSaid(step, words);
  if (record.state === 'submitted' && !record.isOffered) {
    step.emit({ type: 'task.offered', payload: { task: id, by, said: words, ...(key && { key }) } });
    return;
  }
  if (record.state !== 'input-required') step.refuse('no_input_wanted', { task: id, state: record.state });
  const leaseUntil = step.now + step.world.limits.taskLease;
  step.emit({ type: 'task.input', payload: { task: id, by, said: words, leaseUntil, ...(key && { key }) } });
}

/** Takes a task back. The person may take back everyone's. @throws `unknown_task`, `not_your_task`, `task_over` */
export function cancelTask(step: Step, by: AgentId, id: TaskId, reason?: string): void {
  const record = knownTask(step, by, id);
  checkGiver(step, record, by);
  refuseOver(step, record);
  const said = reason === undefined ? undefined : oneLine(reason).slice(0, 500);
  endTask(step, record, { by, state: 'canceled', said });
}

/** The task, for who gave it, who has it, and the person; to everyone else it is unknown. @throws `unknown_task` */
export function knownTask(step: Step, by: AgentId, id: TaskId): TaskRecord {
  return visibleTask(step, by, id, step.state.tasks.get(id));
}

/** The record, which may be of long ago, for those whom it concerns. @throws `unknown_task` */
export function visibleTask(step: Step, by: AgentId, id: TaskId, record: TaskRecord | undefined): TaskRecord {
  const isPerson = step.state.agents.get(by)?.kind === 'human';
  if (record && (isPerson || record.task.from === by || record.task.to === by)) return record;
  return step.refuse('unknown_task', { task: oneLine(id).slice(0, 64) });
}

interface Ending {
  readonly by?: AgentId | undefined;
  readonly state: 'completed' | 'failed' | 'canceled' | 'rejected';
  readonly said?: string | undefined;
  readonly result?: unknown;
  readonly reason?: string | undefined;
  readonly key?: KeyUse | undefined;
}

/** Ends it. `by` is absent when time does. */
export function endTask(step: Step, { task }: TaskRecord, { by, state, said, result, reason, key }: Ending): void {
  step.emit({
    type: 'task.ended',
    payload: {
      task: task.id,
      state,
      ...(by !== undefined && { by }),
      ...(said !== undefined && { said }),
      ...(result !== undefined && { result }),
      ...(reason !== undefined && { reason }),
      ...(key && { key }),
    },
  });
  const why = reason === undefined ? '' : `: ${reason}`;
  const who = by === undefined ? '' : ` by ${nameOf(step.state, by)}`;
  tellThread(step, task.thread, `The task "${task.title}" (${task.id}) is ${state}${who}${why}`, by);
}

/** Sends it back under a new fencing number; while retries are left it is offered again after a pause that doubles. */
export function returnTask(
  step: Step,
  record: TaskRecord,
  {
    by,
    reason,
    said,
    key,
  }: { by?: AgentId; reason: 'failed' | 'lapsed'; said?: string | undefined; key?: KeyUse | undefined },
): void {
  const { taskRetryFirst, taskRetryLongest } = step.world.limits;
  const { task, retriesLeft } = record;
  const pause = Math.min(taskRetryFirst * 2 ** (task.retries - retriesLeft), taskRetryLongest);
  step.emit({
    type: 'task.returned',
    payload: {
      task: task.id,
      reason,
      fence: record.fence + 1,
      ...(by !== undefined && { by }),
      ...(said !== undefined && { said }),
      ...(retriesLeft > 0 && { offerAt: step.now + pause }),
      ...(key && { key }),
    },
  });
}

function take(step: Step, { task, fence }: TaskRecord): void {
  const leaseUntil = step.now + step.world.limits.taskLease;
  step.emit({ type: 'task.taken', payload: { task: task.id, by: task.to, fence, leaseUntil } });
}

/** @throws `stale_fence` when the number is not the one under which the task is held or offered now */
function checkFence(step: Step, record: TaskRecord, fence: number | undefined): void {
  const held = fence ?? record.given ?? record.fence;
  if (held === record.fence) return;
  const { task, state, fence: current } = record;
  step.refuse('stale_fence', { task: task.id, fence: held, current, state, from: nameOf(step.state, task.from) });
}

function checkGiver(step: Step, { task }: TaskRecord, by: AgentId): void {
  if (task.from === by || step.state.agents.get(by)?.kind === 'human') return;
  step.refuse('not_your_task', { task: task.id, needs: nameOf(step.state, task.from) });
}

/** @throws `task_over` with the outcome and who */
function refuseOver(step: Step, { task, state, by, reason, overAt }: TaskRecord): void {
  if (overAt === undefined) return;
  const who = by === undefined ? 'time' : nameOf(step.state, by);
  step.refuse('task_over', { task: task.id, outcome: state, by: who, ...(reason !== undefined && { reason }) });
}

function refuseReturned(step: Step, { task }: TaskRecord): never {
  return step.refuse('task_returned', { task: task.id, from: nameOf(step.state, task.from) });
}

function checkTitle(step: Step, title: string): string {
  const line = oneLine(title);
  const { topicLength: limit } = step.world.limits;
  if (line === '') step.refuse('empty_title');
  if (line.length > limit) step.refuse('topic_too_long', { length: line.length, limit });
  return line;
}

function checkSaid(step: Step, said: string | undefined): void {
  const bytes = utf8Length(said ?? '');
  const { taskReportBytes: limit } = step.world.limits;
  if (bytes > limit) step.refuse('message_too_long', { bytes, limit });
}

/** @throws `circular_task` when the same work came, through open tasks, from the one to whom it would go */
function checkCircle(step: Step, from: AgentId, to: AgentId, title: string, text: string | undefined): void {
  const { state } = step;
  const isSame = (record: TaskRecord): boolean =>
    record.task.title.toLowerCase() === title.toLowerCase() || (text !== undefined && record.task.text === text);
  const seen = new Set<AgentId>([from]);
  for (const agent of seen) {
    for (const record of openTasksOf(state, agent)) {
      if (record.task.to !== agent || !isSame(record)) continue;
      if (record.task.from === to) step.refuse('circular_task', { name: nameOf(state, to), task: record.task.id });
      seen.add(record.task.from);
    }
  }
}

function countOpen(state: State, agent: AgentId, counts: (record: TaskRecord) => boolean): number {
  return openTasksOf(state, agent).filter(counts).length;
}

/** A line of ours in the task's thread, while that is open. */
function tellThread(step: Step, id: ThreadId | undefined, content: string, by?: AgentId): void {
  if (id !== undefined && step.state.threads.has(id)) note(step, id, content, by);
}

function nameOf(state: State, agent: AgentId): string {
  return state.agents.get(agent)?.name ?? '(gone)';
}
