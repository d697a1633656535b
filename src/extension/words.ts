import type { AgentView, ReachView } from '../contract/views';
import { ringers } from '../contract/ringers';

/**
 * Everything that the extension says to a person at run time, in one place, so that it can be translated as a whole. What
 * the manifest says stands in contributions.ts. Text from agents comes in here made plain already (plain.ts).
 */
export const words = {
  product: 'Parley',
  terminals: 'Puts the `parley` command on the PATH.',
  you: 'You',

  status: {
    connecting: 'Parley: looking for the broker',
    connected: (present: number) => `Parley: ${count(present, 'agent')} here`,
    gone: 'Parley: the broker is not running',
    ringing: (name: string) => `${name} is calling`,
    ringingFor: (from: string, to: string) => `${from} calls ${to}`,
    more: (others: number) => `and ${others} more`,
    paused: 'All is paused: nothing rings, nobody is woken, what agents write waits.',
    busy: 'You are busy: calls go to your inbox.',
    waits: (badge: number) => `${count(badge, 'thing')} ${badge === 1 ? 'waits' : 'wait'} for you.`,
  },

  presence: {
    available: 'available',
    ringing: 'ringing',
    'in-call': 'in a call',
    busy: 'busy',
    offline: 'away',
  } satisfies Record<AgentView['presence'], string>,
  inCallWith: (names: string) => `in a call with ${names}`,
  awaySince: (time: string) => `away since ${time}`,

  policy: {
    ring: 'rings for calls',
    accept: 'accepts every call',
    decline: 'takes no calls',
    'same-workspace': 'takes calls from its own workspace only',
    'ask-person': 'asks you about every call',
  } satisfies Record<AgentView['policy'], string>,
  policyName: {
    ring: 'Ring',
    accept: 'Accept',
    decline: 'Decline',
    'same-workspace': 'Same Workspace Only',
    'ask-person': 'Ask Me',
  } satisfies Record<AgentView['policy'], string>,
  held: 'held',
  muted: 'muted',

  /** Few words, for a row. */
  reach: {
    listening: 'listening',
    wakes: 'wakes',
    'next-turn': 'next turn',
    'waits-for-permission': 'waits for your permission',
    'when-it-asks': 'when it asks',
    offline: '',
  } satisfies Record<ReachView['state'], string>,
  /** The same in a sentence, for a tooltip. */
  reachMeans(reach: ReachView): string {
    const through = reach.ringer === undefined ? '' : ` through ${ringers[reach.ringer]?.label ?? reach.ringer}`;
    switch (reach.state) {
      case 'listening':
        return 'It listens now: it hears at once.';
      case 'wakes':
        return `It can be woken${through}${reach.milliseconds === undefined ? '' : `, last time in ${duration(reach.milliseconds)}`}.`;
      case 'next-turn':
        return 'A hook tells it at its next turn.';
      case 'waits-for-permission':
        return 'Its client waits for your permission; it hears nothing before that.';
      case 'when-it-asks':
        return 'Nothing can wake it: it hears when it asks.';
      case 'offline':
        return 'It cannot be reached now. What you send waits for it.';
    }
  },

  roster: {
    away: 'Away',
    thisWindow: 'this window',
    youInCall: 'you',
    awayLabel: (many: number) => `Away, ${count(many, 'agent')}`,
    machine: (name: string) => `On ${name}`,
  },

  inbox: {
    callsYou: (name: string) => `${name} calls you`,
    calls: (from: string, to: string) => `${from} calls ${to}`,
    missed: (name: string) => `${name} called you`,
    ringing: 'ringing',
    notAnswered: (time: string) => `not answered · ${time}`,
    queued: (time: string) => `waits since ${time}`,
    unread: (many: number) => `${many} unread`,
    limited: 'wants more turns',
    badge: (ringing: number, missed: number, unread: number, limited: number) =>
      [
        ringing > 0 ? `${ringing} ringing` : '',
        missed > 0 ? `${missed} missed` : '',
        unread > 0 ? count(unread, 'unread thread') : '',
        limited > 0 ? `${count(limited, 'thread')} at the turn limit` : '',
      ]
        .filter((part) => part !== '')
        .join(', '),
  },

  threads: {
    live: 'Live',
    async: 'Messages',
    archived: 'Archived',
    paused: 'paused',
    limited: 'waits for you to grant more turns',
    nobody: 'nobody',
    messages: (many: number) => count(many, 'message'),
  },

  ring: {
    title: (from: string, platform: string, topic: string) =>
      `${from}${platform === '' ? '' : ` (${platform})`} is calling you: “${topic}”`,
    titleFor: (from: string, to: string, topic: string) => `${from} calls ${to}: “${topic}”`,
    answer: 'Answer',
    letAgentAnswer: 'Let the Agent Answer',
    decline: 'Decline',
    over: {
      accepted: (name: string) => `${name} answered.`,
      cancelled: (name: string) => `${name} took the call back.`,
    },
  },

  ask: {
    whomToCall: 'Whom do you want to call?',
    whomToWrite: 'Who is the message for?',
    topic: (name: string) => `What is the call to ${name} about? One line.`,
    topicMissing: 'A call needs a topic.',
    firstMessage: (name: string) => `Your first words to ${name} (may stay empty)`,
    message: (name: string) => `Message for ${name}. It waits there if they are away.`,
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
    change: (client: string) => `Make this change to the configuration of ${client}?`,
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
    endThread: (topic: string) => `End “${topic}” for everyone?`,
    endThreadDetail: 'The thread is archived: it can be read, and nothing more can be said in it.',
    end: 'End Thread',
    openLink: 'Open this address, which an agent wrote, in your browser?',
    open: 'Open',
    newTopic: 'What is the thread about now? One line.',
    whomToInvite: 'Whom do you want in the thread?',
    whomToHold: 'Whose calls?',
    whomToMute: 'Whom?',
    whosePolicy: 'Whose calls?',
    policy: (name: string) => `What may calls to ${name} do?`,
    policyNow: (meaning: string) => `${meaning} (now)`,
    eraseThread: (topic: string) => `Erase “${topic}” for good?`,
    eraseThreadDetail: 'Every word of it is taken off the disk, for everyone. This cannot be undone.',
    erase: 'Erase Thread',
    search: 'Search Threads',
    searchFor: 'Words, or a "phrase in quotes"; the beginning of a word is enough',
  },

  told: {
    connected: (client: string, tools: number, note: string) =>
      `${client} is connected, and Parley answers with ${tools} tools. ${note}`,
    disconnected: (client: string) => `${client} is not connected any more.`,
    allPaused: 'All is paused: nothing rings, nobody is woken, what agents write waits.',
    allResumed: 'All goes on.',
    granted: (topic: string) => `More turns are granted in “${topic}”.`,
    inviting: (name: string) => `${name} is rung.`,
    erasing: (topic: string) => `Erasing “${topic}”`,
    erased: (topic: string) => `“${topic}” is erased.`,
    held: (name: string) => `${name} gets no rings; calls wait in its inbox.`,
    released: (name: string) => `Calls ring at ${name} again.`,
    nothingFound: 'Nothing was found.',
    calling: (name: string, topic: string) => `Calling ${name}: “${topic}”`,
    noAgents: 'No other agent is on the roster.',
    noThreads: 'There is no thread yet.',
    noCall: 'No call waits for you.',
    declined: (name: string, reason: string) => `${name} declined${reason === '' ? '.' : `: “${reason}”`}`,
    queued: (name: string) =>
      `${name} cannot be rung now. The call waits in the inbox of ${name} and rings when it is free.`,
    notAnswered: (name: string) => `${name} did not answer. The call waits in the inbox of ${name}.`,
    ringBack: (name: string) => `${name} is rung back.`,
    left: (name: string) => `The message for ${name} is in its inbox.`,
    woken: (name: string, through: string) => `${name} was rung through ${through}.`,
    cannotWake: (name: string) => `Nothing can wake ${name} now. It hears of the call when it asks.`,
    copied: 'The configuration is on the clipboard.',
    installed: (file: string) => `The command stands at ${file}.`,
    notOnPath: (folder: string) =>
      `${folder} is not on your PATH: add it to use the command in every terminal. Terminals in this editor have it already.`,
    occupied: (file: string) => `${file} exists and is not Parley's. Remove it first.`,
    brokerStopped: 'The broker has stopped.',
    noLog: 'The broker has written no log yet.',
    changedSince: (file: string) => `${file} has changed since that was written: the place may be another now.`,
    cannotOpen: (place: string) => `${place} cannot be opened here.`,
    secondClaim: (name: string, program: string) =>
      `${program} asked to be ${name}, who is here already. It signs on under a name of its own.`,
    seatTaken: (name: string) =>
      `Another window is ${name} already, so this window's agent signs on under a name of its own.`,
  },
};

export function count(many: number, noun: string): string {
  return `${many} ${noun}${many === 1 ? '' : 's'}`;
}

/** Milliseconds in words, e.g. `320 ms`, `4 s`, `3 min`. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 120_000) return `${Math.round(milliseconds / 1000)} s`;
  if (milliseconds < 120 * 60_000) return `${Math.round(milliseconds / 60_000)} min`;
  return `${Math.round(milliseconds / 3_600_000)} h`;
}

const hours: Intl.DateTimeFormatOptions = { hour: 'numeric', minute: '2-digit' };
// Made once: a formatter costs more than all that it formats in one picture.
const today = new Intl.DateTimeFormat(undefined, hours);
const before = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric', ...hours });

/** A time as a person says it now: `9:41` today, `Nov 20, 9:41` before, in the form of the machine's locale. */
export function clockTime(time: number, now: number): string {
  const isToday = Math.abs(now - time) < 86_400_000 && new Date(time).getDate() === new Date(now).getDate();
  return (isToday ? today : before).format(time);
}
