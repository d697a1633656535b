import { emptyCard, type Agent, type AgentId, type AgentKind, type Card } from './model';
import { freeName } from './names';
import type { Step } from './step';
import { namePattern, oneLine } from './text';

export interface Registration {
  /** Undefined: the agent gets a short human name. */
  readonly name?: string | undefined;
  readonly kind: AgentKind;
  readonly card?: Partial<Card> | undefined;
  readonly tokenHash: string;
  /** Where the search for a free name starts: any number. */
  readonly nameSeed: number;
}

/** Signs a new agent on. @throws `bad_name`, `name_taken`, `roster_full` */
export function register(step: Step, registration: Registration): Agent {
  const { state, world, now } = step;
  if (state.agents.size >= world.limits.agents) step.refuse('roster_full', { limit: world.limits.agents });
  if (registration.name !== undefined) checkName(step, registration.name);
  const agent: Agent = {
    id: step.newId(),
    name: registration.name ?? freeName(registration.nameSeed, (lower) => state.names.has(lower)),
    kind: registration.kind,
    card: { ...emptyCard, ...tidyCard(registration.card ?? {}) },
    busy: false,
    generated: registration.name === undefined,
    tokenHash: registration.tokenHash,
    registeredAt: now,
  };
  step.emit({ type: 'agent.registered', payload: { agent } });
  return agent;
}

export interface ProfileChange {
  readonly name?: string | undefined;
  readonly card?: Partial<Card> | undefined;
  readonly busy?: boolean | undefined;
}

/** Changes what is given; what is the same already makes no event. @throws `unknown_agent`, `bad_name`, `name_taken` */
export function changeProfile(step: Step, id: AgentId, change: ProfileChange): Agent {
  const agent = knownAgent(step, id);
  const name = change.name !== undefined && change.name !== agent.name ? change.name : undefined;
  if (name !== undefined) checkName(step, name, id);
  const busy = change.busy !== undefined && change.busy !== agent.busy ? change.busy : undefined;
  const tidy = tidyCard(change.card ?? {});
  const card = Object.fromEntries(
    Object.entries(tidy).filter(
      ([key, value]) => JSON.stringify(value) !== JSON.stringify(agent.card[key as keyof Card]),
    ),
  ) as Partial<Card>;
  const hasCard = Object.keys(card).length > 0;
  if (name !== undefined || busy !== undefined || hasCard) {
    step.emit({
      type: 'agent.profiled',
      payload: {
        agent: id,
        ...(name !== undefined && { name }),
        ...(busy !== undefined && { busy }),
        ...(hasCard && { card }),
      },
    });
  }
  return knownAgent(step, id);
}

/** @throws `unknown_agent` */
export function knownAgent(step: Step, id: AgentId): Agent {
  return step.state.agents.get(id) ?? step.refuse('unknown_agent', { agent: id });
}

/** The agent with this name or id. @throws `unknown_agent` with the names that are there */
export function findAgent(step: Step, nameOrId: string): Agent {
  const { state } = step;
  const wanted = nameOrId.replace(/^@/, '');
  const agent = state.agents.get(state.names.get(wanted.toLowerCase()) ?? wanted);
  return agent ?? step.refuse('unknown_agent', { agent: oneLine(wanted).slice(0, 64), known: nearest(step, wanted) });
}

/** At most ten names, those that begin alike first. */
function nearest(step: Step, wanted: string): string[] {
  const lower = wanted.toLowerCase();
  const likeness = (name: string): number => {
    let same = 0;
    while (same < name.length && name[same]?.toLowerCase() === lower[same]) same++;
    return same;
  };
  return [...step.state.agents.values()]
    .map((agent) => agent.name)
    .sort((a, b) => likeness(b) - likeness(a) || a.localeCompare(b))
    .slice(0, 10);
}

/** Whether somebody (or `self`) may be called so. @throws `bad_name`, `name_taken` */
export function checkName(step: Step, name: string, self?: AgentId): void {
  if (!namePattern.test(name)) step.refuse('bad_name', { name: oneLine(name).slice(0, 64) });
  const holder = step.state.names.get(name.toLowerCase());
  if (holder !== undefined && holder !== self) step.refuse('name_taken', { name });
}

/** Texts of a card lose what could hide or reorder text; `undefined` fields go. */
function tidyCard(card: Partial<Card>): Partial<Card> {
  const line = (text: string): string => oneLine(text);
  const tidy = {
    ...card,
    ...(card.description !== undefined && { description: line(card.description) }),
    ...(card.platform !== undefined && { platform: line(card.platform) }),
    ...(card.version !== undefined && { version: line(card.version) }),
    ...(card.capabilities !== undefined && { capabilities: card.capabilities.map(line).filter((item) => item !== '') }),
  };
  return Object.fromEntries(Object.entries(tidy).filter(([, value]) => (value as unknown) !== undefined));
}
