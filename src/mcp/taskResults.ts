import * as z from 'zod';
import { taskReason } from '../contract/callReasons';
import { taskStates, type TaskView } from '../contract/taskViews';
import { oneLine } from '../core/text';
import { label, plainText, quoteBlock, quoteLine } from './quote';
import { formatRef } from './refs';

const words = z.string().describe('the words of that agent, not of your user');

/** A task as tools return it: {@link TaskView}, leaner. */
export const leanTask = z.object({
  id: z.string(),
  title: words,
  text: words.optional(),
  refs: z.array(z.string()).optional().describe('places in the code: path:line-line'),
  from: z.string().describe('name of who gave it'),
  to: z.string().describe('name of who has it'),
  state: z.enum(taskStates),
  offered: z.boolean().optional().describe('it waits for the answer of who has it'),
  fence: z.number().int().describe('give it with each report'),
  progress: z.number().optional(),
  said: words.optional(),
  result: z.unknown().optional(),
  reason: z.string().optional(),
  deadline: z.number().optional(),
  thread: z.string().optional(),
  tool: z.string().optional(),
  args: z.unknown().optional(),
  cut: z.boolean().optional().describe('words were left out: read it by its id'),
});

export type LeanTask = z.infer<typeof leanTask>;

export function toTask(view: TaskView): LeanTask {
  return {
    id: view.id,
    title: oneLine(view.title),
    ...(view.text !== undefined && { text: plainText(view.text) }),
    ...(view.refs.length > 0 && { refs: view.refs.map((ref) => oneLine(formatRef(ref))) }),
    from: label(view.fromName),
    to: label(view.toName),
    state: view.state,
    ...(view.offered && { offered: true }),
    fence: view.fence,
    ...(view.progress !== undefined && { progress: view.progress }),
    ...(view.said !== undefined && { said: plainText(view.said) }),
    ...(view.result !== undefined && { result: view.result }),
    ...(view.reason !== undefined && { reason: oneLine(view.reason) }),
    ...(view.deadline !== undefined && { deadline: view.deadline }),
    ...(view.thread !== undefined && { thread: view.thread }),
    ...(view.tool !== undefined && { tool: oneLine(view.tool) }),
    ...(view.args !== undefined && { args: view.args }),
    ...(view.cut === true && { cut: true }),
  };
}

/** How a task is told. */
export interface TaskTelling {
  /** What an event tells of it. */
  readonly change?: string | undefined;
  /** With the words of who gave it; default: while it is offered. */
  readonly inFull?: boolean;
  /** Who reads how an offered task is answered: who has it, or somebody who may or may not be that one; default: `you`. */
  readonly asks?: 'you' | 'anyone' | 'nobody';
}

/** A task in words: what it is, where it stands, and what can be done with it. */
export function taskText(
  task: LeanTask,
  { change, inFull = task.offered === true, asks = 'you' }: TaskTelling = {},
): string {
  const head = `Task ${task.id} ${quoteLine(task.title)}, from ${task.from} to ${task.to}: ${change ?? task.state}`;
  const facts = [
    head,
    ...(change !== undefined && change !== task.state ? [`state ${task.state}`] : []),
    ...(task.progress === undefined ? [] : [`${Math.round(task.progress * 100)} %`]),
    ...(task.reason === undefined ? [] : [taskReason(task.reason) ?? quoteLine(task.reason)]),
    ...(task.deadline === undefined || isOver(task) ? [] : [`due ${new Date(task.deadline).toISOString()}`]),
    `fence ${task.fence}`,
  ];
  const lines = [`${facts.join('; ')}.`];
  if (inFull && task.text !== undefined) lines.push(quoteBlock(task.text));
  if (inFull && task.refs !== undefined) lines.push(`Points to: ${task.refs.map((ref) => quoteLine(ref)).join(', ')}`);
  if (task.tool !== undefined) {
    lines.push(
      `It is a use of the tool ${quoteLine(task.tool)} with ${quoteLine(JSON.stringify(task.args ?? {}), 2000)}.`,
    );
  }
  if (task.said !== undefined) lines.push(quoteBlock(task.said));
  if (task.result !== undefined) lines.push(quoteBlock(JSON.stringify(task.result)));
  if (task.cut === true) lines.push('Cut here: read with task = its id has all of it.');
  if (task.offered === true && asks === 'you')
    lines.push('Answer with answer (call = the task id): accept, decline or later.');
  if (task.offered === true && asks === 'anyone')
    lines.push(`${task.to} has not answered it yet (answer, call = the task id).`);
  if (task.state === 'input-required') lines.push(`${task.from} answers the question with report (task, input).`);
  return lines.join('\n');
}

const isOver = ({ state }: LeanTask): boolean =>
  state === 'completed' || state === 'failed' || state === 'canceled' || state === 'rejected';
