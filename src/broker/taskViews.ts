import type { TaskStepView, TaskView } from '../contract/taskViews';
import type { AgentId } from '../core/model';
import type { Receipt } from '../core/state';
import { utf8Length } from '../core/text';
import type { TaskRecord, TaskStep } from '../core/taskModel';

/** A task as the contract shows it; `name` gives an agent's name now, `pending` the receipt that can still move. */
export function taskView(record: TaskRecord, name: (agent: AgentId) => string, pending: Receipt | undefined): TaskView {
  const { task, progress, said, result, reason, by, leaseUntil, offerAt } = record;
  const receipt = pending ?? record.receipt;
  return {
    id: task.id,
    title: task.title,
    ...(task.text !== undefined && { text: task.text }),
    refs: task.refs.map((ref) => structuredClone(ref) as TaskView['refs'][number]),
    from: task.from,
    fromName: name(task.from),
    to: task.to,
    toName: name(task.to),
    state: record.state,
    offered: record.isOffered,
    fence: record.fence,
    ...(leaseUntil !== undefined && { leaseUntil }),
    ...(offerAt !== undefined && { offeredAgainAt: offerAt }),
    retriesLeft: record.retriesLeft,
    ...(task.deadline !== undefined && { deadline: task.deadline }),
    createdAt: task.placedAt,
    changedAt: record.changedAt,
    ...(progress !== undefined && { progress }),
    ...(said !== undefined && { said }),
    ...(result !== undefined && { result }),
    ...(reason !== undefined && { reason }),
    ...(by !== undefined && { by: name(by) }),
    ...(task.thread !== undefined && { thread: task.thread }),
    ...(task.tool !== undefined && { tool: task.tool }),
    ...(task.args !== undefined && { args: task.args }),
    ...(receipt && {
      receipt: {
        state: receipt.state,
        at: receipt.at,
        ...(receipt.report && { ringer: receipt.report.ringer, result: receipt.report.result }),
      },
    }),
  };
}

export function stepView(
  { at, change, by, said, progress, fence }: TaskStep,
  name: (agent: AgentId) => string,
): TaskStepView {
  return {
    at,
    change,
    ...(by !== undefined && { by: name(by) }),
    ...(said !== undefined && { said }),
    ...(progress !== undefined && { progress }),
    fence,
  };
}

/** Bytes of agents' words in it. */
export function taskSize({ text = '', said = '', refs, result, args }: TaskView): number {
  const json = [result, args].reduce<number>(
    (sum, one) => sum + (one === undefined ? 0 : utf8Length(JSON.stringify(one))),
    0,
  );
  return (
    json + utf8Length(text) + utf8Length(said) + refs.reduce((sum, { excerpt = '' }) => sum + utf8Length(excerpt), 0)
  );
}

/** The task with its words cut to about `budget` bytes; a result or arguments beyond it are left out. The operation `task` has it whole. */
export function cutTask(task: TaskView, budget: number): TaskView {
  const share = Math.floor(budget / 9);
  const { result, args, text, said, ...rest } = task;
  const fits = (value: unknown): boolean => value !== undefined && utf8Length(JSON.stringify(value)) <= budget / 3;
  return {
    ...rest,
    refs: [],
    ...(text !== undefined && { text: text.slice(0, share) }),
    ...(said !== undefined && { said: said.slice(0, share) }),
    ...(fits(result) && { result }),
    ...(fits(args) && { args }),
    cut: true,
  };
}
