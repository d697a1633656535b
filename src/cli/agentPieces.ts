import { policySaid, presenceSaid, reachSaid } from '../contract/agentSaid';
import type { AgentView, NearbyView } from '../contract/views';
import type { RuleView } from '../contract/operations/govern';
import { ringReason } from '../contract/ringReasons';
import { ringerLabel } from '../contract/ringSaid';
import { inEnglish } from '../contract/wording';
import { counted } from './pieces';
import { ago, plain, styled, table, type Cell, type Style, type Terminal } from './terminal';

const presenceStyle: Readonly<Record<AgentView['presence'], readonly [sign: string, style: Style]>> = {
  available: ['●', 'green'],
  ringing: ['●', 'yellow'],
  'in-call': ['●', 'cyan'],
  busy: ['●', 'red'],
  offline: ['○', 'dim'],
};

/** The roster: in the order given when that is one of rank, else who is there first. */
export function roster(
  terminal: Terminal,
  agents: readonly AgentView[],
  you: string | undefined,
  isRanked = false,
): string {
  if (agents.length === 0) return 'Nobody is there.';
  const order = Object.keys(presenceStyle);
  const sorted = isRanked
    ? agents
    : [...agents].sort((a, b) => order.indexOf(a.presence) - order.indexOf(b.presence) || a.name.localeCompare(b.name));
  return table(
    terminal,
    sorted.map((agent) => agentRow(terminal, agent, agent.id === you || agent.name === you)),
  );
}

/** Sessions that have not signed on, in short; empty when there are none. */
export function aroundHere(terminal: Terminal, nearby: readonly NearbyView[], more = 0): string {
  if (nearby.length === 0) return '';
  const rows = nearby.map((one): readonly Cell[] => [
    ['○', 'dim'],
    [`${plain(one.client)} ${plain(one.version ?? '')}`.trim(), 'dim'],
    [one.status === 'unknown' ? '' : one.status === 'waiting' ? 'waits for its user' : one.status, 'dim'],
    [plain(one.folder), 'dim'],
  ]);
  const rest = more > 0 ? `\n${more} more: parley nearby` : '';
  return `${styled(terminal, 'dim', 'Nearby, not signed on (parley nearby):')}\n${table(terminal, rows)}${rest}`;
}

function agentRow(terminal: Terminal, agent: AgentView, isYou: boolean): readonly Cell[] {
  const [sign, style] = presenceStyle[agent.presence];
  const about = [
    plain(agent.description),
    agent.capabilities.map(plain).join(', '),
    agent.task === undefined ? '' : `works on "${plain(agent.task.title)}"`,
    agent.hold === true ? 'held' : '',
    agent.muted === true ? 'muted' : '',
  ].filter((part) => part !== '');
  return [
    [sign, style],
    [plain(agent.name) + (isYou ? ' (you)' : ''), 'bold'],
    [presenceWords(terminal, agent), style],
    [agent.kind === 'human' ? 'the person' : plain(agent.platform)],
    // That it is away stands there already.
    [agent.reach.state === 'offline' ? '' : plain(reachWords(agent)), 'dim'],
    [about.join(' · ')],
  ];
}

function presenceWords(terminal: Terminal, agent: AgentView): string {
  if (agent.presence === 'offline') return `${presenceSaid('offline')}, ${ago(terminal.now, agent.lastSeen)}`;
  const presence = presenceSaid(agent.presence);
  if (agent.presence !== 'in-call' || agent.inCallWith.length === 0) return presence;
  return `${presence} with ${agent.inCallWith.map(plain).join(', ')}`;
}

/** How it can be reached, through what, or what is in the way; empty for a person, whom no ringer reaches. Not plain. */
function reachWords({ kind, reach: { state, ringer, detail } }: AgentView): string {
  if (kind === 'human') return '';
  const said = reachSaid(state);
  if (state === 'wakes' && ringer !== undefined) return `${said} (through ${ringerLabel(ringer, inEnglish)})`;
  return detail === undefined ? said : `${said} (${ringReason(detail, inEnglish)})`;
}

/** One agent in full. */
export function profile(terminal: Terminal, agent: AgentView): string {
  return facts(terminal, agent.name, [
    ['presence', presenceWords(terminal, agent)],
    ['reach', reachWords(agent)],
    ['platform', [agent.platform, agent.version].filter((part) => part !== '').join(' ')],
    ['workspace', agent.workspace],
    ['does', agent.description],
    ['good at', agent.capabilities.join(', ')],
    ['works on', [agent.task?.title ?? '', ...agent.files].filter((part) => part !== '').join(', ')],
    ['offers', (agent.tools ?? []).map(({ name }) => name).join(', ')],
    ['calls', policySaid(agent.policy)],
    ['allowed', agent.allowedPolicy === undefined ? '' : policySaid(agent.allowedPolicy)],
    ['woken', counted(agent.wakesLastHour, 'time within the hour', 'times within the hour')],
    ['id', agent.id],
  ]);
}

/** A heading, and below it what is known, each with its name. */
export function facts(terminal: Terminal, head: string, rows: readonly (readonly [string, string])[]): string {
  const shown = rows
    .filter(([, value]) => value !== '')
    .map(([name, value]): Cell[] => [[`  ${name}`, 'dim'], [plain(value)]]);
  return [styled(terminal, 'bold', plain(head)), table(terminal, shown)].filter((part) => part !== '').join('\n');
}

/** What the person allows. */
export function rule(terminal: Terminal, of: string, one: RuleView): string {
  const onOff = (value: boolean | undefined, yes: string, no: string): string =>
    value === undefined ? '' : value ? yes : no;
  const rows: (readonly [string, string])[] = [
    ['calls', one.policy === undefined ? '' : policySaid(one.policy)],
    ['rings', onOff(one.hold, 'none: held', 'as they come')],
    ['notices', onOff(one.mute, 'none: muted', 'as they come')],
    ['may send', onOff(one.maySend, 'yes', 'no')],
    ['may wake', onOff(one.mayWake, 'yes', 'no')],
    ['woken', one.wakesPerHour === undefined ? '' : `at most ${one.wakesPerHour} times an hour`],
  ];
  if (rows.every(([, value]) => value === '')) return `There is no rule for ${plain(of)}.`;
  return facts(terminal, `The rule for ${of}`, rows);
}
