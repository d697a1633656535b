import { plain, plainLines, shortId, styled, wrapped, type Terminal } from './terminal';
import type { WaitingView } from '../contract/views';

/** What several answers for a person are made of. */

/** The last line of most answers: what waits, when something does. */
export function waiting(terminal: Terminal, one: WaitingView): string {
  const parts = [
    one.ringing === 0 ? '' : `${one.ringing} ringing`,
    one.calls - one.ringing <= 0 ? '' : `${one.calls - one.ringing} missed or waiting`,
    one.unread === 0 ? '' : `${one.unread} unread`,
    counted(one.tasks, 'task'),
    counted(one.grants, 'thread waits for more turns', 'threads wait for more turns'),
  ].filter((part) => part !== '');
  const waits = parts.length === 0 ? '' : styled(terminal, 'yellow', `${parts.join(', ')} (parley inbox)`);
  return one.paused === true ? lines(waits, styled(terminal, 'red', 'Everything is paused by the person.')) : waits;
}

/** `2 tasks`; nothing for none. */
export function counted(count: number | undefined, one: string, several = `${one}s`): string {
  return count === undefined || count === 0 ? '' : `${count} ${count === 1 ? one : several}`;
}

export function hint(terminal: Terminal, text: string): string {
  return text === '' ? '' : styled(terminal, 'dim', `  ${text}`);
}

export function threadHint(terminal: Terminal, thread: string): string {
  return hint(terminal, `thread ${shortId(thread)}`);
}

/** The parts that say something, a line each. */
export function lines(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('\n');
}

/** Columns that the bar before a quoted line takes. */
const barWidth = 4;

/** A text of somebody's, set off by a bar that no text can imitate at the line's start: long lines are broken behind it. */
export function quote(terminal: Terminal, text: string): string {
  const bar = styled(terminal, 'dim', '│');
  const room = terminal.width === undefined ? undefined : Math.max(terminal.width - barWidth, barWidth);
  return plainLines(text)
    .flatMap((line) => wrapped(line, room))
    .map((line) => `  ${bar} ${line}`.trimEnd())
    .join('\n');
}

export function platform(name: string): string {
  return name === '' ? '' : ` (${plain(name)})`;
}
