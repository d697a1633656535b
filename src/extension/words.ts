import type { ReachView } from '../contract/views';
import { ringers } from '../contract/ringers';
import { plural, Tongue, worded } from '../contract/wording';
import { send } from './texts/send';
import { inTerminal, links } from './texts/terminals';

/**
 * Everything that the extension says to a person at run time, in one place; `l10n/bundle.l10n.de.json` has a German line
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

  presence: {
    available: 'available',
    ringing: 'ringing',
    'in-call': 'in a call',
    busy: 'busy',
    offline: 'away',
  },
  inCallWith: 'in a call with {0}',
  awaySince: 'away since {0}',

  policy: {
    ring: 'rings for calls',
    accept: 'accepts every call',
    decline: 'takes no calls',
    'same-workspace': 'takes calls from its own workspace only',
    'ask-person': 'asks you about every call',
  },
  policyName: {
    ring: 'Ring',
    accept: 'Accept',
    decline: 'Decline',
    'same-workspace': 'Same Workspace Only',
    'ask-person': 'Ask Me',
  },
  held: 'held',
  muted: 'muted',

  /** Few words, for a row. */
  reach: {
    listening: 'listening',
    wakes: 'can be woken',
    'next-turn': 'at its next turn',
    'waits-for-permission': 'waits for your permission',
    'when-it-asks': 'when it asks',
    offline: '',
  },
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

  ask: {
    whomToCall: 'Whom do you want to call?',
    whomToWrite: 'Who is the message for?',
    topic: 'What is the call to {0} about? One line.',
    topicMissing: 'A call needs a topic.',
    firstMessage: 'Your first words to {0} (may stay empty)',
    message: 'Message for {0}. It waits there if they are away.',
    messageMissing: 'Say something.',
    whichCall: 'Which call?',
    whichThread: 'Which thread?',
    presence: 'Are you available?',
    available: 'Available',
    availableDetail: 'Calls ring for you.',
    busy: 'Busy',
    busyDetail: 'Calls go to your inbox without ringing.',
    whichLog: 'Which log?',
    brokerLog: 'Broker',
    windowLog: 'This Window',
    whichClient: 'Which agent shall be connected?',
    connect: 'Connect',
    connectDetail: 'Its entry for Parley’s tools, hooks and skill. You see the change first.',
    connectAllowed: 'Connect, and Allow Parley’s Tools Without a Prompt',
    disconnect: 'Disconnect',
    disconnectDetail: 'Takes all of it out again. You see the change first.',
    change: 'Make this change to the configuration of {0}?',
    changes: 'Changes to {0}',
    leaveIt: 'Leave It as It Is',
    leaveItDetail: 'Nothing is written.',
    whichConfiguration: 'Which client is it for?',
    standardClients: 'Claude Code, Copilot CLI, Cursor, Gemini CLI',
    standardDetail: 'The entry “mcpServers” for .mcp.json and its like',
    codex: 'Codex',
    codexDetail: 'For ~/.codex/config.toml',
    openCode: 'OpenCode',
    openCodeDetail: 'The entry “mcp” for opencode.json',
    stopBroker: 'Stop the broker for every window and agent?',
    stopBrokerDetail: 'Nothing that was said is lost. Agents cannot reach each other until it is started again.',
    stop: 'Stop Broker',
    endThread: 'End “{0}” for everyone?',
    endThreadDetail: 'The thread is archived: it can be read, and nothing more can be said in it.',
    end: 'End Thread',
    openLink: 'Open this address, which an agent wrote, in your browser?',
    open: 'Open',
    newTopic: 'What is the thread about now? One line.',
    whomToInvite: 'Whom do you want in the thread?',
    whomToTransfer: 'To whom do you hand the thread over? You leave it.',
    whomToHold: 'Whose calls?',
    whomToMute: 'Whom?',
    whosePolicy: 'Whose calls?',
    policy: 'What may calls to {0} do?',
    policyNow: '{0} (now)',
    eraseThread: 'Erase “{0}” for good?',
    eraseThreadDetail: 'Every word of it is taken off the disk, for everyone. This cannot be undone.',
    erase: 'Erase Thread',
    search: 'Search Threads',
    searchFor: 'Words, or a "phrase in quotes"; the beginning of a word is enough',
    filter: 'Show only agents with these words in name, client or capabilities',
    declineReason: 'Why do you decline? {0} is told.',
    reasonMissing: 'Say why, or decline without a reason.',
    whomToAnswerFor: 'For whom do you answer?',
    whomToRename: 'Who gets another name?',
    newName: 'What is {0} called from now on?',
    nameMissing: 'A name starts with a letter and has up to 32 letters, digits, “_” and “-”.',
    whomToDisconnect: 'Who shall be signed off?',
    signOff: 'Sign {0} off?',
    signOffDetail:
      'It leaves its threads, what it asked for and what waits for it ends, and its name is free. What was said stays. A client that still runs may sign on anew.',
    whoseId: 'Whose id?',
    whichUnread: 'Which thread have you read?',
    quiet: 'For how long do you want to be left alone?',
    quietHalfHour: '30 Minutes',
    quietHour: '1 Hour',
    quietTomorrow: 'Until Tomorrow',
    quietOpen: 'Until I Turn It Off',
    quietOpenDetail: 'Calls go to your inbox without ringing.',
    quietOff: 'Let Calls Ring Again',
    quietHours: 'Every Week…',
    quietHoursDetail: 'Hours that begin by themselves: a setting',
    quietHoursNow: 'Hours that begin by themselves: {0}',
    exportThread: 'Export as Markdown',
  },

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

  told: {
    connected: '{0} is connected, and Parley answers with {1} tools. {2}',
    disconnected: '{0} is not connected any more.',
    allPaused: 'All is paused: nothing rings, nobody is woken, what agents write waits.',
    allResumed: 'All goes on.',
    granted: 'More turns are granted in “{0}”.',
    inviting: '{0} is rung.',
    transferred: 'You have left; {0} is rung.',
    noEditor: 'No text editor is open to put it into.',
    erasing: 'Erasing “{0}”',
    erased: '“{0}” is erased.',
    held: '{0} gets no rings; calls wait in its inbox.',
    released: 'Calls ring at {0} again.',
    nothingFound: 'Nothing was found.',
    renamed: '{0} is called {1} now.',
    signedOff: '{0} is signed off.',
    idCopied: 'The id is on the clipboard.',
    nothingRings: 'Nothing rings at {0} now.',
    nothingUnread: 'No thread is unread.',
    allRead: plural('{0} thread is marked as read.', '{0} threads are marked as read.'),
    quietUntil: 'You are left alone until {0}.',
    quietOpen: 'You are left alone until you say otherwise.',
    disturbed: 'Calls ring for you again.',
    exported: 'The thread is in {0}.',
    calling: 'Calling {0}: “{1}”',
    noAgents: 'No other agent is on the roster.',
    noThreads: 'There is no thread yet.',
    noCall: 'No call waits for you.',
    declined: '{0} declined.',
    declinedBecause: '{0} declined: “{1}”',
    queued: '{0} cannot be rung now. The call waits in the inbox of {0} and rings when it is free.',
    notAnswered: '{0} did not answer. The call waits in the inbox of {0}.',
    ringBack: '{0} is rung back.',
    left: 'The message for {0} is in its inbox.',
    woken: '{0} was rung through {1}.',
    cannotWake: 'Nothing can wake {0} now. It hears of the call when it asks.',
    copied: 'The configuration is on the clipboard.',
    installed: 'The command stands at {0}.',
    notOnPath:
      '{0} is not on your PATH: add it to use the command in every terminal. Terminals in this editor have it already.',
    occupied: "{0} exists and is not Parley's. Remove it first.",
    brokerStopped: 'The broker has stopped.',
    noLog: 'The broker has written no log yet.',
    changedSince: '{0} has changed since that was written: the place may be another now.',
    cannotOpen: '{0} cannot be opened here.',
    secondClaim: '{1} asked to be {0}, who is here already. It signs on under a name of its own.',
    seatTaken: "Another window is {0} already, so this window's agent signs on under a name of its own.",
  },

  send,
  inTerminal,
  links,
} as const;

/** What this window speaks: `speak` is called once, when the extension starts and before anything is said. */
export const tongue = new Tongue();
export const words = worded(texts, tongue);

/** How an agent can be reached, in a sentence. */
export function reachText({ state, ringer, milliseconds }: ReachView): string {
  if (state !== 'wakes') return words.reachMeans[state];
  if (ringer === undefined) return words.reachMeans.wakes;
  const through = ringers[ringer]?.label ?? ringer;
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

interface Clocks {
  readonly language: string;
  readonly today: Intl.DateTimeFormat;
  readonly before: Intl.DateTimeFormat;
}

// Made once for a language: a formatter costs more than all that it formats in one picture.
let clocks: Clocks | undefined;

function clocksOf(language: string): Clocks {
  if (clocks?.language === language) return clocks;
  const hours: Intl.DateTimeFormatOptions = { hour: 'numeric', minute: '2-digit' };
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
