import type { AgentView } from '../contract/views';
import { rowKinds } from './contributions';
import type { Picture } from './picture';
import { plain } from './plain';
import { joined, type Row } from './row';
import { clockTime, reachText, words } from './words';

const icons: Readonly<Record<AgentView['presence'], { name: string; color?: string }>> = {
  available: { name: 'circle-filled', color: 'charts.green' },
  ringing: { name: 'call-incoming', color: 'charts.yellow' },
  'in-call': { name: 'comment-discussion', color: 'charts.blue' },
  busy: { name: 'circle-slash', color: 'charts.red' },
  offline: { name: 'circle-outline', color: 'disabledForeground' },
};

const byName = new Intl.Collator(undefined, { sensitivity: 'base' });

/** Who is there, the person first; who is away stands folded below. */
export function rosterRows(picture: Picture): Row[] {
  const agents = [...picture.agents.values()].sort((a, b) => byName.compare(a.name, b.name));
  const rank = (agent: AgentView): number => (agent.id === picture.you?.id ? 0 : agent.id === picture.ownAgent ? 1 : 2);
  const here = agents.filter((agent) => agent.presence !== 'offline').sort((a, b) => rank(a) - rank(b));
  const away = agents.filter((agent) => agent.presence === 'offline');
  // The person alone is an empty roster: the view then says how agents get here.
  if (!agents.some((agent) => agent.id !== picture.you?.id && agent.id !== picture.ownAgent)) return [];
  const rows = here.map((agent) => agentRow(agent, picture));
  if (away.length === 0) return rows;
  const folded: Row = {
    id: 'away',
    label: words.roster.away,
    description: String(away.length),
    tooltip: () => words.roster.awayLabel(away.length),
    aria: words.roster.awayLabel(away.length),
    target: {},
    children: away.map((agent) => agentRow(agent, picture)),
    collapsed: here.length > 1,
  };
  return [...rows, folded];
}

function agentRow(agent: AgentView, picture: Picture): Row {
  const isYou = agent.id === picture.you?.id;
  const name = isYou ? words.you : plain.label(agent.name);
  const platform = isYou ? '' : plain.label(agent.platform);
  const place = agent.id === picture.ownAgent ? words.roster.thisWindow : '';
  const presence = presenceWords(agent, picture);
  const reach = isYou || agent.presence === 'busy' ? '' : words.reach[agent.reach.state];
  // One thing at a time: how to reach someone who is free, what the others are doing.
  const state = agent.presence === 'available' && reach !== '' ? reach : presence;
  const rules = [agent.hold === true && words.held, agent.muted === true && words.muted];
  return {
    id: agent.id,
    label: name,
    description: joined(' · ', platform, place, state, ...rules),
    tooltip: () => tooltip(agent, { name, presence, isYou, now: picture.now }),
    icon: icons[agent.presence],
    kind: isYou ? rowKinds.self : agentKind(agent),
    aria: joined(', ', name, platform, place, presence, reach, ...rules),
    target: { agent: agent.id },
  };
}

function agentKind({ hold, muted }: AgentView): string {
  return joined('.', rowKinds.agent, hold === true && 'held', muted === true && 'muted');
}

function presenceWords(agent: AgentView, { now, you }: Picture): string {
  if (agent.presence === 'in-call' && agent.inCallWith.length > 0) {
    const names = agent.inCallWith.map((name) => (name === you?.name ? words.roster.youInCall : plain.label(name)));
    return words.inCallWith(names.join(', '));
  }
  if (agent.presence === 'offline' && agent.lastSeen > 0) return words.awaySince(clockTime(agent.lastSeen, now));
  return words.presence[agent.presence];
}

interface Shown {
  readonly name: string;
  readonly presence: string;
  readonly isYou: boolean;
  readonly now: number;
}

function tooltip(agent: AgentView, { name, presence, isYou, now }: Shown): string {
  const tested = agent.reach.testedAt === undefined ? '' : ` (${clockTime(agent.reach.testedAt, now)})`;
  const lines = [
    joined(' · ', `**${plain.tooltip(name)}**`, plain.tooltip(joined(' ', agent.platform, agent.version))),
    plain.tooltip(presence),
    isYou ? '' : plain.tooltip(reachText(agent.reach) + tested),
    plain.tooltip(agent.description),
    plain.tooltip(agent.capabilities.join(', ')),
    plain.tooltip(agent.workspace),
    isYou || agent.policy === 'ring' ? '' : plain.tooltip(words.policy[agent.policy]),
  ];
  return joined('\n\n', ...lines);
}
