import { taskReason } from '../contract/callReasons';
import type { TaskStepView, TaskView, ToolRuleView, ToolView } from '../contract/taskViews';
import { hint, lines, quote } from './pieces';
import { clockTime, plain, shortId, styled, table, type Cell, type Style, type Terminal } from './terminal';

const stateStyle: Readonly<Record<TaskView['state'], Style>> = {
  submitted: 'yellow',
  working: 'cyan',
  'input-required': 'yellow',
  completed: 'green',
  failed: 'red',
  canceled: 'dim',
  rejected: 'red',
};

/** A task with what was said about it last. `change`: what has just happened to it, when that is not its state. */
export function task(terminal: Terminal, one: TaskView, change?: string): string {
  const progress = isOver(one) || one.progress === undefined ? '' : ` ${percent(one.progress)}`;
  const state = styled(terminal, stateStyle[one.state], `${change ?? stateWord(one)}${progress}`);
  const due = one.deadline === undefined ? '' : ` · until ${clockTime(terminal.now, one.deadline)}`;
  const who = `${plain(one.fromName)} → ${plain(one.toName)}`;
  return lines(
    `${state}  ${styled(terminal, 'bold', plain(one.title))}`,
    hint(terminal, `${who} · number ${one.fence}${due} · task ${shortId(one.id)}`),
    one.text === undefined || one.state !== 'submitted' ? '' : quote(terminal, one.text),
    one.said === undefined ? '' : quote(terminal, one.said),
    one.reason === undefined ? '' : hint(terminal, `because: ${taskReason(one.reason) ?? plain(one.reason)}`),
    one.result === undefined ? '' : quote(terminal, JSON.stringify(one.result, null, 2)),
    one.state === 'input-required' ? hint(terminal, `answer: parley report ${shortId(one.id)} --input "…"`) : '',
  );
}

/** What the one to whom it is offered can do about it. */
export function offeredTask(terminal: Terminal, one: TaskView): string {
  const id = shortId(one.id);
  return lines(task(terminal, one), one.offered ? hint(terminal, `parley accept ${id} · parley decline ${id}`) : '');
}

function isOver({ state }: TaskView): boolean {
  return state === 'completed' || state === 'failed' || state === 'canceled' || state === 'rejected';
}

function stateWord({ state, offered }: TaskView): string {
  if (state !== 'submitted') return state;
  return offered ? 'offered' : 'came back';
}

const percent = (part: number): string => `${Math.round(part * 100)} %`;

/** Tasks, a row each. */
export function taskTable(terminal: Terminal, all: readonly TaskView[]): string {
  return table(
    terminal,
    all.map((one): Cell[] => [
      [shortId(one.id), 'dim'],
      [stateWord(one), stateStyle[one.state]],
      [isOver(one) || one.progress === undefined ? '' : percent(one.progress)],
      [`${plain(one.fromName)} → ${plain(one.toName)}`],
      [clockTime(terminal.now, one.changedAt), 'dim'],
      [plain(one.title), 'bold'],
    ]),
  );
}

/** What has happened to a task, a row each. */
export function history(terminal: Terminal, steps: readonly TaskStepView[]): string {
  return table(
    terminal,
    steps.map((step): Cell[] => [
      [`  ${clockTime(terminal.now, step.at)}`, 'dim'],
      [step.change],
      [step.progress === undefined ? '' : percent(step.progress)],
      [step.by === undefined ? '' : plain(step.by)],
      [step.said === undefined ? '' : plain(step.said)],
    ]),
  );
}

/** The tools that agents offer, or that this one does: a row each; a single one with its arguments. */
export function tools(terminal: Terminal, all: readonly ToolView[], agent?: unknown): string {
  if (all.length === 0) return typeof agent === 'string' ? `${plain(agent)} offers no tool.` : 'Nobody offers a tool.';
  const rows = all.map((tool): Cell[] => [
    [plain(tool.agent), 'bold'],
    [plain(tool.name), 'cyan'],
    [tool.allowed ? (tool.live ? '' : 'as a task') : 'not allowed', tool.allowed ? 'dim' : 'red'],
    [plain(tool.description)],
  ]);
  const [only] = all;
  const schema = all.length === 1 && only ? quote(terminal, JSON.stringify(only.input, null, 2)) : '';
  return lines(table(terminal, rows), schema);
}

export function toolRules(terminal: Terminal, all: readonly ToolRuleView[]): string {
  if (all.length === 0) return 'There are no rules about tools.';
  return table(
    terminal,
    all.map((one): Cell[] => [
      [one.allow ? 'allowed' : 'denied', one.allow ? 'green' : 'red'],
      [plain(one.agent ?? 'everyone')],
      [plain(one.tool ?? 'every tool')],
      [`of ${plain(one.owner ?? 'everyone')}`],
    ]),
  );
}
