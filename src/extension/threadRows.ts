import type { ThreadView } from '../contract/views';
import { rowKinds } from './contributions';
import type { Picture } from './picture';
import { plain } from './plain';
import { joined, type Row } from './row';
import { clockTime, words } from './words';

/** Live conversations first, then those with messages left, then the archived ones, folded. */
export function threadRows(picture: Picture): Row[] {
  const open = picture.threads.filter((thread) => thread.state !== 'closed');
  const archived = picture.threads.filter((thread) => thread.state === 'closed');
  const rows = [
    ...open.filter((thread) => thread.mode === 'live'),
    ...open.filter((thread) => thread.mode === 'async'),
  ].map((thread) => threadRow(thread, picture));
  if (archived.length === 0) return rows;
  const folded: Row = {
    id: 'archived',
    label: words.threads.archived,
    description: String(archived.length),
    tooltip: () => words.threads.archived,
    aria: words.threads.archivedLabel(archived.length),
    target: {},
    children: archived.map((thread) => threadRow(thread, picture)),
    collapsed: rows.length > 0,
  };
  return [...rows, folded];
}

export function threadIcon(thread: ThreadView): { name: string; color?: string } {
  if (thread.state === 'closed') return { name: 'archive', color: 'disabledForeground' };
  if (thread.state === 'paused') return { name: 'debug-pause', color: 'charts.yellow' };
  return thread.mode === 'live' ? { name: 'comment-discussion', color: 'charts.green' } : { name: 'mail' };
}

/** Names of who is in the thread (of an archived one: who was), the person as You. */
export function participantNames(thread: ThreadView, picture: Picture): string {
  const shown = thread.state === 'closed' ? thread.participants : thread.participants.filter((one) => !one.left);
  const names = shown.map((one) => (one.agent === picture.you?.id ? words.you : plain.label(one.name)));
  return names.length === 0 ? words.threads.nobody : names.join(', ');
}

/** Agents may say nothing more here until the person grants more turns. */
export function isLimited(thread: ThreadView): boolean {
  return thread.state === 'open' && thread.turnsLeft === 0;
}

export function threadKind(thread: ThreadView): string {
  if (thread.state === 'closed') return rowKinds.closedThread;
  if (thread.state === 'paused') return rowKinds.pausedThread;
  return isLimited(thread) ? `${rowKinds.thread}.limited` : rowKinds.thread;
}

function threadRow(thread: ThreadView, picture: Picture): Row {
  const names = participantNames(thread, picture);
  const state =
    thread.state === 'closed'
      ? words.threads.archived
      : thread.state === 'paused'
        ? words.threads.paused
        : thread.mode === 'live'
          ? words.threads.live
          : words.threads.async;
  const unread = thread.unread > 0 ? words.inbox.unread(thread.unread) : '';
  const limited = isLimited(thread) ? words.threads.limited : '';
  const last = clockTime(thread.lastAt, picture.now);
  return {
    id: thread.id,
    label: plain.label(thread.topic),
    description: joined(' · ', names, limited, unread || (thread.state === 'closed' ? last : '')),
    tooltip: () =>
      joined(
        '\n\n',
        `**${plain.tooltip(thread.topic)}**`,
        plain.tooltip(joined(' · ', names, state, limited, words.threads.messages(thread.messages), last)),
      ),
    icon: threadIcon(thread),
    kind: threadKind(thread),
    aria: joined(', ', plain.label(thread.topic), names, state.toLowerCase(), limited, unread),
    target: { thread: thread.id },
    opens: 'thread',
  };
}
