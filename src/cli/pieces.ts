import type {
  AgentView,
  CallView,
  LegView,
  ListenEvent,
  MessageView,
  ReceiptView,
  ThreadView,
  WaitingView,
} from '../contract/views';
import type { TaskView } from '../contract/taskViews';
import { ago, clockTime, plain, plainLines, styled, table, type Cell, type Style, type Terminal } from './terminal';

const presenceStyle: Readonly<Record<AgentView['presence'], readonly [sign: string, style: Style]>> = {
  available: ['●', 'green'],
  ringing: ['●', 'yellow'],
  'in-call': ['●', 'cyan'],
  busy: ['●', 'red'],
  offline: ['○', 'dim'],
};

const reachWords: Readonly<Record<AgentView['reach']['state'], string>> = {
  listening: 'listens',
  wakes: 'can be woken',
  'next-turn': 'hears at its next turn',
  'waits-for-permission': 'waits for your permission',
  'when-it-asks': 'hears when it asks',
  offline: '',
};

/** The roster: who is there first. */
export function roster(terminal: Terminal, agents: readonly AgentView[], you: string | undefined): string {
  if (agents.length === 0) return 'Nobody is there.';
  const order = Object.keys(presenceStyle);
  const sorted = [...agents].sort(
    (a, b) =>
      Number(a.presence === 'offline') - Number(b.presence === 'offline') ||
      order.indexOf(a.presence) - order.indexOf(b.presence) ||
      a.name.localeCompare(b.name),
  );
  return table(
    terminal,
    sorted.map((agent) => agentRow(terminal, agent, agent.id === you || agent.name === you)),
  );
}

function agentRow(terminal: Terminal, agent: AgentView, isYou: boolean): readonly Cell[] {
  const [sign, style] = presenceStyle[agent.presence];
  const reach = agent.reach.ringer === undefined ? '' : ` (${plain(agent.reach.ringer)})`;
  const about = [plain(agent.description), agent.capabilities.map(plain).join(', ')].filter((part) => part !== '');
  return [
    [sign, style],
    [plain(agent.name) + (isYou ? ' (you)' : ''), 'bold'],
    [presenceWords(terminal, agent), style],
    [agent.kind === 'human' ? 'the person' : plain(agent.platform)],
    [agent.presence === 'offline' ? '' : reachWords[agent.reach.state] + reach, 'dim'],
    [about.join(' · ')],
  ];
}

function presenceWords(terminal: Terminal, agent: AgentView): string {
  if (agent.presence === 'offline') return `offline, ${ago(terminal.now, agent.lastSeen)}`;
  if (agent.presence !== 'in-call') return agent.presence;
  return agent.inCallWith.length === 0 ? 'in a call' : `in a call with ${agent.inCallWith.map(plain).join(', ')}`;
}

/** One agent in full. */
export function profile(terminal: Terminal, agent: AgentView): string {
  const rows: (readonly [string, string])[] = [
    ['presence', presenceWords(terminal, agent)],
    ['platform', [agent.platform, agent.version].filter((part) => part !== '').join(' ')],
    ['workspace', agent.workspace],
    ['does', agent.description],
    ['good at', agent.capabilities.join(', ')],
    ['works on', agent.files.join(', ')],
    ['calls', agent.policy],
    ['id', agent.id],
  ];
  const shown = rows
    .filter(([, value]) => value !== '')
    .map(([name, value]): Cell[] => [[`  ${name}`, 'dim'], [plain(value)]]);
  return `${styled(terminal, 'bold', plain(agent.name))}\n${table(terminal, shown)}`;
}

const legWords: Readonly<Record<LegView['state'], string>> = {
  queued: 'will be rung when free',
  ringing: 'ringing',
  missed: 'did not answer; it waits in the inbox',
  accepted: 'answered',
  declined: 'declined',
  cancelled: 'cancelled',
  merged: 'was calling at the same time',
  returned: 'is ringing back',
  expired: 'never answered',
  awaited: 'cannot be reached now; you are told when they are free',
  free: 'is free now',
  passed: 'was tried',
};

/** Why a call has not rung, by the reason of a queued leg. */
const queuedWords: ReadonlyMap<string, string> = new Map([
  ['offline', 'is away: the call waits in the inbox'],
  ['busy', 'is busy: the call waits in the inbox'],
  ['in-call', 'is in a call: it rings when free'],
  ['ringing', 'is being called by somebody else: it rings when free'],
  ['later', 'is not rung, as you asked: the call waits in the inbox'],
  ['paused', 'is not rung while the person has paused all: it rings after that'],
  ['held', 'gets no rings, the person holds it: the call waits in the inbox'],
]);

function leg(one: LegView): string {
  if (one.state === 'queued') return queuedWords.get(one.reason ?? '') ?? legWords.queued;
  const by = one.by === undefined ? '' : ` by ${plain(one.by)}`;
  // Other legs may still have the reason why they were queued.
  const why = one.state === 'declined' && (one.reason ?? '') !== '' ? `: ${plain(one.reason ?? '')}` : '';
  return `${legWords[one.state]}${by}${why}`;
}

/** A call as its caller sees it. */
export function placedCall(terminal: Terminal, call: CallView): string {
  const head = `${styled(terminal, 'bold', 'Call')} about "${plain(call.topic)}"`;
  const rows = call.to.map((one): Cell[] => [[`  ${plain(one.name)}`, 'bold'], [leg(one)]]);
  const isOpen = call.to.some(({ state }) => state === 'ringing' || state === 'queued');
  const next = isOpen ? `take it back: parley cancel ${call.id}` : '';
  return lines(
    head,
    table(terminal, rows),
    call.thread === undefined ? hint(terminal, next) : threadHint(terminal, call.thread),
  );
}

/** A call as its callee sees it in the inbox. */
export function incomingCall(terminal: Terminal, call: CallView): string {
  const states = new Set(call.to.map(({ state }) => state));
  const [word, style]: readonly [string, Style] = states.has('ringing')
    ? ['rings', 'yellow']
    : states.has('missed')
      ? ['missed', 'red']
      : ['waits', 'dim'];
  const who = `${styled(terminal, 'bold', plain(call.fromName))}${platform(call.fromPlatform)}`;
  return lines(
    `${styled(terminal, style, word)}  ${who}  "${plain(call.topic)}"  ${styled(terminal, 'dim', clockTime(terminal.now, call.placedAt))}`,
    call.message === undefined ? '' : quote(terminal, call.message),
    hint(terminal, `parley accept ${call.id} · parley decline ${call.id}`),
  );
}

const receiptSigns: Readonly<Record<ReceiptView['state'], string>> = {
  stored: 'stored',
  rung: 'rung',
  seen: 'seen',
  answered: 'answered',
  refused: 'refused',
  expired: 'expired',
};

export function receipts(terminal: Terminal, all: readonly ReceiptView[]): string {
  return styled(terminal, 'dim', all.map((one) => `${plain(one.name)}: ${receiptSigns[one.state]}`).join(' · '));
}

/** One message: who and when, the text set off by a bar that no text can imitate at the line's start. */
export function message(terminal: Terminal, one: MessageView): string {
  const when = styled(terminal, 'dim', clockTime(terminal.now, one.timestamp));
  const who = styled(terminal, 'bold', plain(one.fromName));
  if (one.type !== 'message') {
    const did = `${plain(one.fromName)} ${one.type === 'join' ? 'joined' : 'left'}`;
    return styled(terminal, 'dim', `· ${one.type === 'system' ? plain(one.content) : did}`);
  }
  const cut =
    one.cut === undefined ? '' : `${one.cut} more characters: parley read ${one.thread} --after ${one.seq - 1}`;
  const refs = one.refs.map((ref) => {
    const line = ref.range === undefined ? '' : `:${ref.range.start.line + 1}`;
    return `  ${styled(terminal, 'cyan', `→ ${plain(ref.uri)}${line}`)}`;
  });
  const told = one.receipts.length === 0 ? '' : `  ${receipts(terminal, one.receipts)}`;
  return lines(
    `${who}${platform(one.fromPlatform)}  ${when}${told}`,
    quote(terminal, one.content),
    ...refs,
    hint(terminal, cut),
  );
}

export function threadLine(terminal: Terminal, thread: ThreadView): string {
  const isArchived = thread.state === 'closed';
  // In the end everybody has left: who took part is what one looks for then.
  const who = thread.participants.filter(({ left }) => isArchived || !left).map(({ name }) => plain(name));
  const state = isArchived ? 'archived' : thread.state === 'open' ? thread.mode : thread.state;
  const unread = thread.unread === 0 ? '' : styled(terminal, 'yellow', `  ${thread.unread} unread`);
  const style: Style = state === 'live' ? 'green' : isArchived ? 'dim' : 'cyan';
  return lines(
    `${styled(terminal, style, state)}  ${styled(terminal, 'bold', plain(thread.topic))}${unread}`,
    styled(
      terminal,
      'dim',
      `  ${who.join(', ') || 'nobody'} · ${thread.messages} messages · ${ago(terminal.now, thread.lastAt)} · ${thread.id}`,
    ),
  );
}

/** What `listen`, and everything that waits, brings. */
export function event(terminal: Terminal, one: ListenEvent): string {
  switch (one.what) {
    case 'call':
      return incomingCall(terminal, one.call);
    case 'outcome':
      if (one.outcome === 'nobody') return `Nobody of those who fit took your call "${plain(one.call.topic)}"`;
      return `${styled(terminal, 'bold', plain(one.agent))} ${legWords[one.outcome]} (your call "${plain(one.call.topic)}")`;
    case 'message':
      return message(terminal, one.message);
    case 'unseen':
      return styled(terminal, 'yellow', `${plain(one.agent)} has not seen it yet: ${plain(one.reason)}`);
    case 'task':
      return task(terminal, one.task, one.change);
    case 'gap':
      return styled(
        terminal,
        'yellow',
        'What happened longer ago is not kept any more: parley inbox and parley threads show what waits.',
      );
    case 'limited':
      return styled(
        terminal,
        'yellow',
        `· agents wait for more turns in "${plain(one.topic)}": parley grant ${one.thread}`,
      );
    case 'paused':
    case 'resumed':
    case 'removed':
    case 'closed':
      return styled(
        terminal,
        'dim',
        `· "${plain(one.topic)}" ${one.what === 'closed' ? 'archived' : one.what}${one.by === undefined ? '' : ` by ${plain(one.by)}`}`,
      );
  }
}

/** A task on one line, with the words last said about it below. */
export function task(terminal: Terminal, one: TaskView, change: string = one.state): string {
  const progress = one.progress === undefined ? '' : ` ${Math.round(one.progress * 100)} %`;
  const head = `task ${one.id} "${plain(one.title)}" ${plain(one.fromName)} → ${plain(one.toName)}: ${change}${progress}`;
  const said = one.said === undefined ? [] : plainLines(one.said);
  const result = one.result === undefined ? [] : [plain(JSON.stringify(one.result))];
  return [styled(terminal, 'bold', head), ...said, ...result].join('\n');
}

/** The last line of most answers: what waits, when something does. */
export function waiting(terminal: Terminal, one: WaitingView): string {
  const parts = [
    one.ringing === 0 ? '' : `${one.ringing} ringing`,
    one.calls - one.ringing <= 0 ? '' : `${one.calls - one.ringing} missed or waiting`,
    one.unread === 0 ? '' : `${one.unread} unread`,
    one.tasks ? `${one.tasks} ${one.tasks === 1 ? 'task' : 'tasks'}` : '',
  ].filter((part) => part !== '');
  return parts.length === 0 ? '' : styled(terminal, 'yellow', `${parts.join(', ')} (parley inbox)`);
}

export function hint(terminal: Terminal, text: string): string {
  return text === '' ? '' : styled(terminal, 'dim', `  ${text}`);
}

export function threadHint(terminal: Terminal, thread: string): string {
  return hint(terminal, `thread ${thread}`);
}

/** The parts that say something, a line each. */
export function lines(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('\n');
}

function quote(terminal: Terminal, text: string): string {
  const bar = styled(terminal, 'dim', '│');
  return plainLines(text)
    .map((line) => `  ${bar} ${line}`.trimEnd())
    .join('\n');
}

function platform(name: string): string {
  return name === '' ? '' : ` (${plain(name)})`;
}
