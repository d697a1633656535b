import type { PastCallView, QuietView } from '../contract/operations/roster';
import { ago, clockTime, plain, table, type Cell, type Terminal } from './terminal';

/** The last calls of an agent, one a line: when, who, about what, and how it ended. */
export function pastCalls(terminal: Terminal, calls: readonly PastCallView[], agent: unknown): string {
  if (calls.length === 0) return `No calls of ${plain(String(agent))}.`;
  const rows = calls.map((call): Cell[] => [
    [ago(terminal.now, call.placedAt), 'dim'],
    [`${plain(call.fromName)} → ${call.to.map(({ name }) => plain(name)).join(', ')}`, 'bold'],
    [`"${plain(call.topic)}"`],
    [call.to.map(({ state }) => state).join(', ')],
  ]);
  return table(terminal, rows);
}

/** Whether the person is left alone, until when, and when that begins by itself. */
export function quiet(terminal: Terminal, { on, until, hours }: QuietView): string {
  const end =
    until === undefined ? 'until you say: parley do-not-disturb off' : `until ${clockTime(terminal.now, until)}`;
  const now = on ? `Calls go to your inbox without ringing, ${end}.` : 'Calls ring for you.';
  return hours === undefined ? now : `${now}\nBy itself: ${plain(hours)}.`;
}
