import type { CallView, LegView, ThreadView } from '../../contract/views';
import { rowKinds } from '../contributions';
import { nameOf, type Picture } from '../picture';
import { plain } from '../plain';
import type { Ring } from '../ring/ringBook';
import { joined, type Row } from './row';
import { isLimited, participantNames, threadIcon, threadKind } from './threadRows';
import { clockTime, topicText, words } from '../words';

/** What waits for the person: what rings, then calls missed or queued, then unread threads. */
export function inboxRows(picture: Picture): Row[] {
  const { you } = picture;
  const own = picture.calls.flatMap((call) => {
    const leg = call.to.find((one) => one.agent === you?.id);
    return leg ? [{ call, leg }] : [];
  });
  const ringingIds = new Set(own.filter(({ leg }) => leg.state === 'ringing').map(({ call }) => call.id));
  // A ring that the broker's inbox has not told yet shows already from the event.
  const rings = picture.rings.filter((ring) => ring.agent !== you?.id || !ringingIds.has(ring.call.id));
  return [
    ...own.filter(({ leg }) => leg.state === 'ringing').map(({ call, leg }) => callRow(call, leg, picture)),
    ...rings.map((ring) => ringRow(ring, picture)),
    ...own.filter(({ leg }) => leg.state !== 'ringing').map(({ call, leg }) => callRow(call, leg, picture)),
    ...picture.threads.filter(isLimited).map((thread) => limitedRow(thread, picture)),
    ...picture.unread.filter((thread) => !isLimited(thread)).map((thread) => unreadRow(thread, picture)),
  ];
}

/** The badge: ringing, missed and unread, and what that is in words. */
export function badgeOf(picture: Picture): { readonly value: number; readonly tooltip: string } | undefined {
  const rows = inboxRows(picture);
  const of = (...kinds: readonly string[]): number => rows.filter((row) => kinds.includes(row.kind ?? '')).length;
  const ringing = of(rowKinds.ringing, rowKinds.ringingAgent);
  const missed = of(rowKinds.waiting);
  const threads = rows.filter((row) => row.target.thread !== undefined);
  const limited = threads.filter((row) => row.kind?.includes('.limited')).length;
  const unread = threads.length - limited;
  const value = ringing + missed + limited + unread;
  const { badge } = words.inbox;
  const badgeText = (): string =>
    joined(
      ', ',
      ringing > 0 && badge.ringing(ringing),
      missed > 0 && badge.missed(missed),
      unread > 0 && badge.unread(unread),
      limited > 0 && badge.limited(limited),
    );
  return value === 0 ? undefined : { value, tooltip: badgeText() };
}

/** How long the longest of what rings has rung, e.g. `0:07`; undefined when nothing rings. */
export function ringClock(picture: Picture): string | undefined {
  const own = picture.calls.flatMap((call) =>
    call.to.filter((leg) => leg.state === 'ringing').map((leg) => rangAt(call, leg, picture)),
  );
  const since = [...own, ...picture.rings.map((ring) => ring.rangAt)];
  return since.length === 0 ? undefined : clockOf(picture.now - Math.min(...since));
}

/** Since when a call rings, as far as that is known here. */
function rangAt(call: CallView, { agent }: LegView, { rings }: Picture): number {
  return rings.find((ring) => ring.call.id === call.id && ring.agent === agent)?.rangAt ?? call.placedAt;
}

/**
 * The clocks of rows go by steps of this, in milliseconds; whole seconds run in the view's title. VS Code can only draw a row
 * anew as a whole: seen there, that closes the hover that is read, and takes the keyboard from Answer back to the list.
 */
const rowStep = 10_000;

/** How long it rings, for a row. What a screen reader says of the row has none: it would begin anew with each step. */
function runningClock(since: number, now: number): string {
  return clockOf(Math.floor((now - since) / rowStep) * rowStep);
}

/** Milliseconds as minutes and seconds. */
function clockOf(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

const ringingIcon = { name: 'call-incoming', color: 'charts.yellow' };

function callRow(call: CallView, leg: LegView, picture: Picture): Row {
  const ringing = leg.state === 'ringing';
  const state = ringing
    ? words.inbox.ringing
    : leg.state === 'missed'
      ? words.inbox.notAnswered(clockTime(call.placedAt, picture.now))
      : words.inbox.queued(clockTime(call.placedAt, picture.now));
  const name = plain.label(call.fromName);
  const label = ringing ? words.inbox.callsYou(name) : words.inbox.missed(name);
  return {
    id: `call/${call.id}/${leg.agent}`,
    label,
    description: joined(
      ' · ',
      ringing ? runningClock(rangAt(call, leg, picture), picture.now) : state,
      plain.label(call.topic),
    ),
    tooltip: () => callTooltip(call.fromName, call.fromPlatform, call.topic, call.message, state),
    icon: ringing ? ringingIcon : { name: 'call-incoming', color: 'disabledForeground' },
    kind: ringing ? rowKinds.ringing : rowKinds.waiting,
    aria: joined(', ', label, plain.label(call.fromPlatform), plain.label(call.topic), state),
    target: { call: call.id, agent: leg.agent },
  };
}

function ringRow({ call, agent, rangAt: since }: Ring, picture: Picture): Row {
  const isMine = agent === picture.you?.id;
  const from = nameOf(picture, call.from);
  const platform = picture.agents.get(call.from)?.platform ?? '';
  const label = isMine
    ? words.inbox.callsYou(plain.label(from))
    : words.inbox.calls(plain.label(from), plain.label(nameOf(picture, agent)));
  return {
    id: `call/${call.id}/${agent}`,
    label,
    description: joined(' · ', runningClock(since, picture.now), plain.label(call.topic)),
    tooltip: () => callTooltip(from, platform, call.topic, call.content, words.inbox.ringing),
    icon: ringingIcon,
    kind: isMine ? rowKinds.ringing : rowKinds.ringingAgent,
    aria: joined(', ', label, plain.label(platform), plain.label(call.topic), words.inbox.ringing),
    target: { call: call.id, agent },
  };
}

function callTooltip(
  from: string,
  platform: string,
  topic: string,
  message: string | undefined,
  state: string,
): string {
  const lines = [
    `**${plain.tooltip(from)}**${platform === '' ? '' : ` · ${plain.tooltip(platform)}`} · ${plain.tooltip(state)}`,
    plain.tooltip(topic),
    message === undefined ? '' : `> ${plain.tooltip(message)}`,
  ];
  return lines.filter((line) => line !== '').join('\n\n');
}

function limitedRow(thread: ThreadView, picture: Picture): Row {
  const row = unreadRow(thread, picture);
  const names = participantNames(thread, picture);
  return {
    ...row,
    description: joined(' · ', words.inbox.limited, names),
    tooltip: () =>
      joined(
        '\n\n',
        `**${plain.tooltip(topicText(thread.topic))}**`,
        plain.tooltip(joined(' · ', names, words.threads.limited)),
      ),
    aria: joined(', ', row.label, names, words.threads.limited),
  };
}

function unreadRow(thread: ThreadView, picture: Picture): Row {
  const names = participantNames(thread, picture);
  const unread = words.inbox.unread(thread.unread);
  return {
    id: `thread/${thread.id}`,
    label: plain.label(topicText(thread.topic)),
    description: joined(' · ', unread, names, clockTime(thread.lastAt, picture.now)),
    tooltip: () =>
      joined('\n\n', `**${plain.tooltip(topicText(thread.topic))}**`, plain.tooltip(joined(' · ', names, unread))),
    icon: threadIcon(thread),
    kind: threadKind(thread),
    aria: joined(', ', plain.label(topicText(thread.topic)), names, unread),
    target: { thread: thread.id },
    opens: 'openThread',
  };
}
