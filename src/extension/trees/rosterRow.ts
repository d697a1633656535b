import type { PastCallView } from '../../contract/operations/roster';
import type { AgentView } from '../../contract/views';
import { sharedPlatform } from '../../core/model';
import type { Picture } from '../picture';
import { plain } from '../plain';
import { joined, type Row } from './row';
import { clockTime, reachText, words } from '../words';

const icons: Readonly<Record<AgentView['presence'], NonNullable<Row['icon']>>> = {
  available: { name: 'circle-filled', color: 'charts.green' },
  ringing: { name: 'call-incoming', color: 'charts.yellow' },
  'in-call': { name: 'comment-discussion', color: 'charts.blue' },
  busy: { name: 'circle-slash', color: 'charts.red' },
  offline: { name: 'circle-outline', color: 'disabledForeground' },
};

/** Capabilities that stand on the row; the tooltip has all of them. */
const mostCapabilities = 3;

/** What the row of an agent shows: what it does now, how it can be reached, its client, what it is good at. */
export function agentFace(agent: AgentView, picture: Picture): Pick<Row, 'label' | 'description' | 'icon' | 'aria'> {
  const isYou = agent.id === picture.you?.id;
  const name = isYou ? words.you : plain.label(agent.name);
  const platform = isYou ? '' : plain.label(agent.platform);
  const client = isYou ? '' : joined(' ', platform, plain.label(agent.version, 24));
  const place = agent.id === picture.ownAgent ? words.roster.thisWindow : '';
  const presence = presenceWords(agent, picture);
  const isShared = agent.platform === sharedPlatform && agent.presence !== 'offline';
  // Nobody reads at a shared server: what counts is what it offers.
  const offers = words.roster.offers((agent.tools ?? []).length);
  // That it is away its presence says.
  const isUnsaid = isYou || agent.presence === 'busy' || (!isShared && agent.reach.state === 'offline');
  const reach = isUnsaid ? '' : isShared ? offers : words.reach[agent.reach.state];
  // One thing at a time: how to reach someone who is free, what the others are doing.
  const state = agent.presence === 'available' && reach !== '' ? reach : presence;
  const task = agent.task === undefined ? '' : words.roster.worksOn(plain.label(agent.task.title, 60));
  const rules = [agent.hold === true && words.held, agent.muted === true && words.muted];
  const skills = agent.capabilities.map((one) => plain.label(one, 40));
  const few = skills.length > mostCapabilities ? [...skills.slice(0, mostCapabilities), '…'] : skills;
  return {
    label: name,
    // What changes comes first: the end of a row is cut where the view is narrow.
    description: joined(' · ', place, state, task, ...rules, client, few.join(', ')),
    icon: icons[agent.presence],
    aria: joined(', ', name, platform, place, presence, reach, task, ...rules, skills.join(', ')),
  };
}

function presenceWords(agent: AgentView, { now, you, quiet }: Picture): string {
  if (agent.presence === 'in-call' && agent.inCallWith.length > 0) {
    const names = agent.inCallWith.map((name) => (name === you?.name ? words.roster.youInCall : plain.label(name)));
    return words.inCallWith(names.join(', '));
  }
  if (agent.id === you?.id && agent.presence === 'busy' && quiet.until !== undefined) {
    return joined(' ', words.presence.busy, words.status.until(clockTime(quiet.until, now)));
  }
  if (agent.presence === 'offline' && agent.lastSeen > 0) return words.awaySince(clockTime(agent.lastSeen, now));
  return words.presence[agent.presence];
}

/** The card, as Markdown with all that the agent wrote escaped. */
export function agentTooltip(agent: AgentView, picture: Picture): string {
  const isYou = agent.id === picture.you?.id;
  const { now } = picture;
  const name = isYou ? words.you : agent.name;
  const tested = agent.reach.testedAt === undefined ? '' : ` (${clockTime(agent.reach.testedAt, now)})`;
  const tools = (agent.tools ?? []).map((tool) => tool.name);
  const list = (label: (text: string) => string, items: readonly string[]): string =>
    items.length === 0 ? '' : plain.tooltip(label(items.join(', ')));
  const lines = [
    joined(' · ', `**${plain.tooltip(name)}**`, plain.tooltip(joined(' ', agent.platform, agent.version))),
    plain.tooltip(presenceWords(agent, picture)),
    agent.task === undefined ? '' : plain.tooltip(words.roster.worksOn(agent.task.title)),
    isYou || agent.platform === sharedPlatform ? '' : plain.tooltip(reachText(agent.reach) + tested),
    plain.tooltip(agent.description),
    plain.tooltip(agent.capabilities.join(', ')),
    plain.tooltip(agent.workspace),
    list(words.roster.files, agent.files),
    list(words.roster.tools, tools),
    isYou || agent.policy === 'ring' ? '' : plain.tooltip(words.policy[agent.policy]),
    agent.allowedPolicy === undefined ? '' : plain.tooltip(words.roster.allowed(words.policyName[agent.allowedPolicy])),
  ];
  return joined('\n\n', ...lines);
}

/** The last calls of an agent, as Markdown with names and topics escaped: when, who, about what, how it ended. */
export function pastCallsTooltip(agent: string, calls: readonly PastCallView[], { now }: Picture): string {
  if (calls.length === 0) return '';
  const lines = calls.map((call) => {
    const others = call.to.map(({ name }) => name).join(', ');
    const who = call.from === agent ? words.roster.callTo(others) : words.roster.callFrom(call.fromName);
    const own = call.to.filter((leg) => call.from === agent || leg.agent === agent);
    const states = [...new Set(own.map(({ state }) => outcome(state)))].join(', ');
    return `- ${plain.tooltip(joined(' · ', clockTime(call.placedAt, now), who, `“${call.topic}”`, states))}`;
  });
  return [`**${plain.tooltip(words.roster.lastCalls)}**`, '', ...lines].join('\n');
}

function outcome(state: string): string {
  const known: Readonly<Record<string, string>> = words.outcome;
  return known[state] ?? state;
}
