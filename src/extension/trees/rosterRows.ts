import { sharedPlatform } from '../../core/model';
import { compareNames } from '../../core/text';
import type { AgentView } from '../../contract/views';
import { rowKinds } from '../contributions';
import type { NearbySession } from '../nearby/nearbySessions';
import type { Picture } from '../picture';
import { plain } from '../plain';
import { agentFace, agentTooltip } from './rosterRow';
import { joined, type Row } from './row';
import { clockTime, tongue, words } from '../words';

/** What the Roster shows besides the picture. */
export interface RosterShown {
  /** Words that must all be in an agent's name, client or capabilities. */
  readonly filter?: string;
  /** Sessions on this machine that have not signed on. */
  readonly nearby?: readonly NearbySession[];
}

/** The groups below, made anew. */
export function rosterRows(picture: Picture, shown: RosterShown = {}): Row[] {
  return new RosterRows().rows(picture, shown);
}

/**
 * Who is there, in groups: here (the person first, then who works in this window's folder), nearby, on other machines, away.
 * A group without anybody is not there. Keeps the rows of agents of whom nothing has changed: with a thousand of them, one
 * change costs one row.
 */
export class RosterRows {
  #kept = new Map<string, { readonly agent: AgentView; readonly row: Row }>();
  #keptFor = '';

  rows(picture: Picture, { filter = '', nearby = [] }: RosterShown = {}): Row[] {
    const agents = [...picture.agents.values()].sort((a, b) => compareNames(a.name, b.name));
    // Without the broker the view says that, whoever may be nearby.
    if (picture.broker.state !== 'connected') return [];
    // The person alone is an empty roster: the view then says how agents get here.
    const isAlone = !agents.some((agent) => agent.id !== picture.you?.id && agent.id !== picture.ownAgent);
    if (isAlone && nearby.length === 0) return [];
    const fitting = agents.filter((agent) => fits(filter, agent.name, agent.platform, ...agent.capabilities));
    const around = nearby.filter((one) => fits(filter, one.client, one.title ?? '', folderName(one.folder)));
    const away = fitting.filter((agent) => agent.presence === 'offline');
    const present = fitting.filter((agent) => agent.presence !== 'offline');
    const elsewhere = present.filter(isElsewhere);
    const here = present.filter((agent) => !isElsewhere(agent));
    const ranks = new Map(here.map((agent) => [agent.id, rank(agent, picture)]));
    here.sort((a, b) => (ranks.get(a.id) ?? 0) - (ranks.get(b.id) ?? 0));
    const row = this.#rowOf(picture);
    const groups = [
      group('here', words.roster.here, here.map(row), words.roster.hereLabel(here.length)),
      group('nearby', words.roster.nearby, around.map(nearbyRow(picture)), words.roster.nearbyLabel(around.length)),
      group(
        'elsewhere',
        words.roster.otherMachines,
        elsewhere.map(row),
        words.roster.otherMachinesLabel(elsewhere.length),
      ),
      // Of a filter everything shows: whoever is looked for may be away.
      group('away', words.roster.away, away.map(row), words.roster.awayLabel(away.length), {
        collapsed: filter === '' && here.length > 1,
      }),
    ];
    return groups.filter((one) => (one.children?.length ?? 0) > 0);
  }

  #rowOf(picture: Picture): (agent: AgentView) => Row {
    const { you, ownAgent, now } = picture;
    // Times of before today are written otherwise.
    const context = [you?.id, you?.name, ownAgent, new Date(now).toDateString(), tongue.language].join('\n');
    const kept = this.#keptFor === context ? this.#kept : new Map<string, { agent: AgentView; row: Row }>();
    const next = (this.#kept = new Map());
    this.#keptFor = context;
    return (agent) => {
      const before = kept.get(agent.id);
      // Until when the person is left alone is no part of an agent.
      const isKept = before?.agent === agent && agent.id !== you?.id;
      const row = isKept ? before.row : agentRow(agent, picture);
      next.set(agent.id, { agent, row });
      return row;
    };
  }
}

/** How many agents the filter leaves, and of how many. */
export function filtered(picture: Picture, filter: string): { readonly shown: number; readonly all: number } {
  const agents = [...picture.agents.values()];
  const shown = agents.filter((agent) => fits(filter, agent.name, agent.platform, ...agent.capabilities));
  return { shown: shown.length, all: agents.length };
}

/** Whether all words of the filter are in one of the texts each. */
function fits(filter: string, ...texts: readonly string[]): boolean {
  if (filter === '') return true;
  const lower = texts.map((text) => text.toLowerCase());
  const wanted = filter.toLowerCase().split(/\s+/);
  return wanted.every((word) => lower.some((text) => text.includes(word)));
}

function isElsewhere({ kind }: AgentView): boolean {
  return kind === 'remote' || kind === 'a2a';
}

/** The person, this window's agent, who works in this window's folders, everybody else. */
function rank({ id, workspace }: AgentView, { you, ownAgent, folders }: Picture): number {
  if (id === you?.id) return 0;
  if (id === ownAgent) return 1;
  return folders.some((folder) => holds(folder, workspace)) ? 2 : 3;
}

/** Whether the folder is `outer` or lies in it. */
function holds(outer: string, folder: string): boolean {
  return (
    outer !== '' && folder.startsWith(outer) && /^(?:$|[/\\])/.test(folder.slice(outer.replace(/[/\\]$/, '').length))
  );
}

function group(
  id: string,
  label: string,
  children: readonly Row[],
  aria: string,
  { collapsed = false }: { readonly collapsed?: boolean } = {},
): Row {
  return {
    id,
    label,
    description: String(children.length),
    tooltip: () => aria,
    aria,
    target: {},
    children,
    collapsed,
  };
}

function agentRow(agent: AgentView, picture: Picture): Row {
  const face = agentFace(agent, picture);
  const isYou = agent.id === picture.you?.id;
  return {
    id: agent.id,
    ...face,
    tooltip: () => agentTooltip(agent, picture),
    kind: isYou ? rowKinds.self : agent.platform === sharedPlatform ? rowKinds.server : agentKind(agent, picture),
    target: { agent: agent.id },
  };
}

function agentKind({ id, hold, muted, presence }: AgentView, { ownAgent }: Picture): string {
  return joined(
    '.',
    rowKinds.agent,
    hold === true && 'held',
    muted === true && 'muted',
    presence === 'ringing' && 'ringing',
    id === ownAgent && 'own',
  );
}

/** A session that has not signed on: what it is, and where. */
function nearbyRow({ now }: Picture): (session: NearbySession) => Row {
  return ({ id, client, version = '', pid, folder, title = '', startedAt, status = '' }) => {
    const name = plain.label(client);
    const since = words.roster.runsSince(clockTime(startedAt, now));
    const place = plain.label(folderName(folder));
    return {
      id: `nearby/${id}`,
      label: name,
      description: joined(' · ', place, plain.label(title, 60), plain.label(status)),
      tooltip: () =>
        joined(
          '\n\n',
          joined(' · ', `**${plain.tooltip(client)}**`, plain.tooltip(version)),
          plain.tooltip(title),
          plain.tooltip(folder),
          plain.tooltip(joined(' · ', status, since, `pid ${pid}`)),
          plain.tooltip(words.roster.notSignedOn),
        ),
      icon: { name: 'plug', color: 'disabledForeground' },
      kind: rowKinds.nearby,
      aria: joined(', ', name, place, plain.label(title, 60), plain.label(status), words.roster.notSignedOn),
      target: { session: id },
    };
  };
}

function folderName(folder: string): string {
  return folder.split(/[/\\]/).findLast((part) => part !== '') ?? '';
}
