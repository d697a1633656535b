import { defaultTopic } from '../core/model';
import { policyTexts, presenceTexts, reachTexts } from '../contract/agentSaid';
import type { ReachView } from '../contract/views';
import { ringReason } from '../contract/ringReasons';
import { ringerLabel } from '../contract/ringSaid';
import { plural, Tongue, worded } from '../contract/wording';
import { ask } from './texts/asking';
import { opening } from './texts/opening';
import { send } from './texts/send';
import { share } from './texts/share';
import { told } from './texts/telling';
import { inTerminal, links } from './texts/terminals';

/**
 * Everything that the extension says to a person at run time, here and in texts/; `l10n/bundle.l10n.de.json` has a German line
 * for each. What the manifest says stands in contributions/. Text from agents comes in here made plain already (plain.ts).
 */
export const texts = {
  product: 'Parley',
  terminals: 'Puts the `parley` command on the PATH.',
  you: 'You',
  /** An agent that is not on the roster any more, in the place of its name. */
  goneAgent: '(gone)',
  /** Commands that help with an error, by name. */
  remedies: { startBroker: 'Start Broker', showLog: 'Show Log' },

  status: {
    connecting: 'Parley: looking for the broker',
    connected: plural('Parley: {0} agent here', 'Parley: {0} agents here'),
    gone: 'Parley: the broker is not running',
    ringing: '{0} is calling',
    ringingFor: '{0} calls {1}',
    more: 'and {0} more',
    paused: 'All is paused: nothing rings, nobody is woken, what agents write waits.',
    busy: 'You are busy: calls go to your inbox.',
    quiet: 'You are left alone until {0}: calls go to your inbox.',
    until: 'until {0}',
    waits: plural('{0} thing waits for you.', '{0} things wait for you.'),
  },

  presence: presenceTexts,
  inCallWith: 'in a call with {0}',
  awaySince: 'away since {0}',

  policy: policyTexts,
  policyName: {
    ring: 'Ring',
    accept: 'Accept',
    decline: 'Decline',
    'same-workspace': 'Same Workspace Only',
    'ask-person': 'Ask Me',
  },
  held: 'held',
  muted: 'muted',

  reach: reachTexts,
  /** The same in a sentence, for a tooltip. `reachText` puts it together. */
  reachMeans: {
    listening: 'It listens now: it hears at once.',
    wakes: 'It can be woken.',
    wakesThrough: 'It can be woken through {0}.',
    wakesThroughIn: 'It can be woken through {0}, last time in {1}.',
    'next-turn': 'A hook tells it at its next turn.',
    'waits-for-permission': 'Its client waits for your permission; it hears nothing before that.',
    'when-it-asks': 'Nothing can wake it: it hears when it asks.',
    offline: 'It cannot be reached now. What you send waits for it.',
    inTheWay: 'In the way: {0}.',
  },

  roster: {
    here: 'Here',
    hereLabel: plural('Here, {0} agent', 'Here, {0} agents'),
    nearby: 'Nearby',
    nearbyLabel: plural('Nearby, {0} session that has not signed on', 'Nearby, {0} sessions that have not signed on'),
    otherMachines: 'Other Machines',
    otherMachinesLabel: plural('Other machines, {0} agent', 'Other machines, {0} agents'),
    away: 'Away',
    thisWindow: 'this window',
    youInCall: 'you',
    worksOn: 'works on “{0}”',
    files: 'Files: {0}',
    tools: 'Tools: {0}',
    offers: plural('{0} tool', '{0} tools'),
    allowed: 'You allow: {0}',
    lastCalls: 'Last calls',
    callTo: 'to {0}',
    callFrom: 'from {0}',
    runsSince: 'runs since {0}',
    notSignedOn: 'has not signed on',
    filtered: 'Filtered by “{0}”: {1} of {2}',
    awayLabel: plural('Away, {0} agent', 'Away, {0} agents'),
    machine: 'On {0}',
  },

  nearby: {
    status: { idle: 'idle', busy: 'busy', waiting: 'waits for you', unknown: '' },
    invite: 'Invite {0} in {1} to Parley?',
    inviteDetail: 'This line goes into the session. Its model answers, which costs what a turn costs.\n\n{0}',
    pasteDetail:
      '{0} takes no lines from other programs. Paste this line into the session yourself, or connect the client: then its next sessions have Parley’s tools.\n\n{1}',
    send: 'Send This Line',
    copyLine: 'Copy the Line',
    connectClient: 'Connect This Client…',
    sent: 'The line is in the session of {0}.',
    held: 'The line waits in the session of {0}: {1}',
    lineCopied: 'The line is on the clipboard.',
    which: 'Which session?',
    none: 'No session runs here that has not signed on.',
    noFolder: '{0} does not say in which folder that session works.',
  },

  /** How a call ended, or where it stands. */
  outcome: {
    queued: 'waits',
    ringing: 'rings',
    missed: 'not answered',
    accepted: 'answered',
    declined: 'declined',
    cancelled: 'taken back',
    merged: 'connected, both called',
    returned: 'rung back',
    expired: 'expired',
    awaited: 'waits until free',
    free: 'told that it is free',
    passed: 'went on to the next',
  },

  inbox: {
    callsYou: '{0} calls you',
    calls: '{0} calls {1}',
    missed: '{0} called you',
    ringing: 'ringing',
    notAnswered: 'not answered · {0}',
    queued: 'waits since {0}',
    unread: '{0} unread',
    limited: 'wants more turns',
    badge: {
      ringing: '{0} ringing',
      missed: '{0} missed',
      unread: plural('{0} unread thread', '{0} unread threads'),
      limited: plural('{0} thread at the turn limit', '{0} threads at the turn limit'),
    },
  },

  threads: {
    live: 'Live',
    async: 'Messages',
    archived: 'Archived',
    paused: 'paused',
    limited: 'waits for you to grant more turns',
    nobody: 'nobody',
    /** A thread of messages whose topic nobody chose. */
    untitled: 'Messages',
    messages: plural('{0} message', '{0} messages'),
    archivedLabel: plural('Archived, {0} thread', 'Archived, {0} threads'),
    archivedMore: 'Archived, {0} threads and more',
    liveLabel: plural('Live, {0} thread', 'Live, {0} threads'),
    asyncGroup: 'Asynchronous',
    asyncLabel: plural('Asynchronous, {0} thread', 'Asynchronous, {0} threads'),
    more: 'Show More…',
    moreLabel: 'Show more archived threads',
  },

  ring: {
    title: '{0} is calling you: “{1}”',
    titleWithPlatform: '{0} ({2}) is calling you: “{1}”',
    titleFor: '{0} calls {1}: “{2}”',
    answer: 'Answer',
    letAgentAnswer: 'Let the Agent Answer',
    decline: 'Decline',
    over: {
      accepted: '{0} answered.',
      cancelled: '{0} took the call back.',
    },
  },

  ask,

  doctor: {
    title: 'Parley Doctor',
    looking: 'Parley looks at everything…',
    healthy: 'Nothing is broken.',
    fair: 'Nothing is broken, but something needs a look. A line with a wrench can be mended from here.',
    unhealthy: 'Something is broken. A line with a wrench can be mended from here.',
    attention: 'Needs a Look',
    again: 'Run Again',
    asPage: 'Show as a Page',
    report: 'Report Issue…',
    check: 'Check',
    found: 'Found',
    toDo: 'To Do',
    sure: '{0}?',
    sendThis: 'This is all that would be told. Look at it; nothing has left yet.',
    openReporter: 'Open Issue Reporter',
    openReporterDetail: 'The editor shows it once more, with your words, before it is sent.',
    copy: 'Copy',
    copyDetail: 'To the clipboard, for wherever you report it.',
    sendNothing: 'Send Nothing',
    copied: 'The report is on the clipboard.',
    noReporter: 'The issue reporter did not open: this editor knows no address for it. The report is on the clipboard.',
  },

  /** A thread as a Markdown file. */
  exported: {
    participants: 'Participants: {0}',
    opened: 'Opened: {0}',
    archived: 'Archived: {0}',
    from: '{0}, {1}',
    replyTo: 'in reply to #{0}',
    cameIn: '{0} came in',
    left: '{0} left',
    receipts: 'Receipts: {0}',
    unknown: 'What was said could not all be read.',
  },
  /** How far a message got with one recipient. */
  receipt: {
    stored: '{0} stored',
    rung: '{0} rung',
    seen: '{0} seen',
    answered: '{0} answered',
    refused: '{0} refused',
    expired: '{0} expired',
  },

  told,
  opening,

  send,
  share,
  inTerminal,
  links,
} as const;

/** What this window speaks: `speak` is called once, when the extension starts and before anything is said. */
export const tongue = new Tongue();
export const words = worded(texts, tongue);

/** How an agent can be reached, in a sentence. */
export function reachText({ state, ringer, milliseconds, detail = '' }: ReachView): string {
  if (state !== 'wakes')
    return words.reachMeans[state] + (detail === '' ? '' : ` ${words.reachMeans.inTheWay(ringReason(detail, tongue))}`);
  if (ringer === undefined) return words.reachMeans.wakes;
  const through = ringerLabel(ringer, tongue);
  if (milliseconds === undefined) return words.reachMeans.wakesThrough(through);
  return words.reachMeans.wakesThroughIn(through, duration(milliseconds));
}

/** Milliseconds in words, e.g. `320 ms`, `4 s`, `3 min`. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 120_000) return `${Math.round(milliseconds / 1000)} s`;
  if (milliseconds < 120 * 60_000) return `${Math.round(milliseconds / 60_000)} min`;
  return `${Math.round(milliseconds / 3_600_000)} h`;
}

/** A thread's topic as it is shown: the one that nobody chose is said in the display language. Not plain. */
export function topicText(topic: string): string {
  return topic === defaultTopic ? words.threads.untitled : topic;
}

interface Clocks {
  readonly language: string;
  readonly today: Intl.DateTimeFormat;
  readonly before: Intl.DateTimeFormat;
}

// Made once for a language: a formatter costs more than all that it formats in one picture.
let clocks: Clocks | undefined;

function clocksOf(language: string): Clocks {
  if (clocks?.language === language) return clocks;
  // As the thread view writes them: the same moment stands in both, side by side.
  const hours: Intl.DateTimeFormatOptions = { hour: 'numeric', minute: '2-digit', hourCycle: 'h23' };
  return (clocks = {
    language,
    today: new Intl.DateTimeFormat(language, hours),
    before: new Intl.DateTimeFormat(language, { month: 'short', day: 'numeric', ...hours }),
  });
}

/** A time as a person says it now: `9:41` today, `Nov 20, 9:41` before, in the form of the display language. */
export function clockTime(time: number, now: number): string {
  const isToday = Math.abs(now - time) < 86_400_000 && new Date(time).getDate() === new Date(now).getDate();
  const { today, before } = clocksOf(tongue.language);
  return (isToday ? today : before).format(time);
}
