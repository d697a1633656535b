import type { ThreadView } from '../../contract/views';
import { rowKinds } from '../contributions';
import type { Picture } from '../picture';
import { plain } from '../plain';
import { joined, type Row } from './row';
import { clockTime, topicText, words } from '../words';

/** In groups: live conversations, asynchronous ones, and the archived ones folded, with a row for those not shown yet. */
export function threadRows(picture: Picture): Row[] {
  const open = picture.threads.filter((thread) => thread.state !== 'closed');
  const rowsOf = (threads: readonly ThreadView[]): Row[] => threads.map((thread) => threadRow(thread, picture));
  const live = rowsOf(open.filter((thread) => thread.mode === 'live'));
  const async = rowsOf(open.filter((thread) => thread.mode === 'async'));
  const archived = rowsOf(picture.threads.filter((thread) => thread.state === 'closed'));
  const count = picture.archivedMore ? `${archived.length}+` : String(archived.length);
  const archivedLabel = picture.archivedMore
    ? words.threads.archivedMore(archived.length)
    : words.threads.archivedLabel(archived.length);
  const groups = [
    group('live', words.threads.live, String(live.length), {
      children: live,
      aria: words.threads.liveLabel(live.length),
    }),
    group('async', words.threads.asyncGroup, String(async.length), {
      children: async,
      aria: words.threads.asyncLabel(async.length),
    }),
    group('archived', words.threads.archived, count, {
      children: picture.archivedMore ? [...archived, moreRow()] : archived,
      aria: archivedLabel,
      collapsed: open.length > 0,
    }),
  ];
  return groups.filter(({ children }) => (children?.length ?? 0) > 0);
}

function group(
  id: string,
  label: string,
  description: string,
  below: { readonly children: readonly Row[]; readonly aria: string; readonly collapsed?: boolean },
): Row {
  return { id: `group/${id}`, label, description, tooltip: () => below.aria, target: {}, ...below };
}

/** Stands for the archived threads that are not shown yet. */
function moreRow(): Row {
  return {
    id: 'archived/more',
    label: words.threads.more,
    tooltip: () => words.threads.moreLabel,
    icon: { name: 'ellipsis' },
    kind: rowKinds.more,
    aria: words.threads.moreLabel,
    target: {},
    opens: 'moreArchived',
  };
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
  const { closedThread, pausedThread, thread: open } = rowKinds;
  const kind = thread.state === 'closed' ? closedThread : thread.state === 'paused' ? pausedThread : open;
  return joined('.', kind, isLimited(thread) && 'limited', thread.unread > 0 && 'unread');
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
    label: plain.label(topicText(thread.topic)),
    description: joined(' · ', unread, limited, thread.state === 'paused' && state, names, last),
    tooltip: () =>
      joined(
        '\n\n',
        `**${plain.tooltip(topicText(thread.topic))}**`,
        plain.tooltip(joined(' · ', names, state, limited, words.threads.messages(thread.messages), last)),
      ),
    icon: threadIcon(thread),
    kind: threadKind(thread),
    aria: joined(', ', plain.label(topicText(thread.topic)), names, state.toLowerCase(), limited, unread, last),
    target: { thread: thread.id },
    opens: 'openThread',
  };
}
