import { findAgent, knownAgent } from './agents';
import { openCallBetween } from './calls';
import { checkMaySend, takesCalls } from './govern';
import { huntOn } from './hunts';
import type { Agent, AgentId, Call, CallId, Presence, Ref, Urgency } from './model';
import { presenceOf } from './presence';
import type { State } from './state';
import type { Step } from './step';
import { checkSize, checkTopic, keyedRefs, takeToken } from './drafts';
import { keyUse, usedKey } from './keys';

export interface Matching {
  readonly capability?: string | undefined;
  /** Default: the capability. */
  readonly topic?: string | undefined;
  readonly content?: string | undefined;
  readonly refs?: readonly Ref[] | undefined;
  readonly workspace?: string | undefined;
  /** Only who is free now. */
  readonly onlyAvailable?: boolean | undefined;
  /** Names or ids: only among these. */
  readonly agents?: readonly string[] | undefined;
  readonly urgency?: Urgency | undefined;
  readonly note?: string | undefined;
  readonly key?: string | undefined;
}

/**
 * Finds who fits and rings them one after the other until one accepts (see `hunts.ts`). Ranked by capability (exact before
 * partial), words of the topic, the caller's workspace, presence, then who was matched longest ago, then name.
 * @throws `nobody_matches` with the filter that left nobody, `unknown_agent`, `empty_topic`, `topic_too_long`,
 * `message_too_long`, `ref_too_long`, `too_many_refs`, `key_conflict`, `not_allowed_to_send`, `rate_limited`
 */
export function matchCall(step: Step, from: AgentId, matching: Matching): CallId {
  const caller = knownAgent(step, from);
  const { capability, workspace, refs = [], urgency, note } = matching;
  const topic = checkTopic(step, matching.topic ?? capability ?? '');
  const content = matching.content?.trim() === '' ? undefined : matching.content;
  checkSize(step, content ?? '', refs);
  const among = matching.agents?.map((name) => findAgent(step, name).id);
  const wanted = [capability ?? '', topic, workspace ?? '', matching.onlyAvailable ?? false, among ?? []];
  const key = keyUse(matching.key, ['match', ...wanted, content ?? '', keyedRefs(refs)]);
  const earlier = usedKey(step, from, key);
  if (earlier?.kind === 'call') return earlier.call;
  checkMaySend(step, from);
  const line = findLine(step, caller, { ...matching, topic, among });
  if (caller.kind !== 'human') takeToken(step, from);
  const call: Call = {
    id: step.newId(),
    from,
    topic,
    urgency: urgency ?? 'next',
    ...(content !== undefined && { content }),
    refs,
    placedAt: step.now,
    ...(note !== undefined && { note }),
    line,
  };
  step.emit({ type: 'call.placed', payload: { call, to: [], ...(key && { key }) } });
  huntOn(step, call.id);
  return call.id;
}

interface Filter {
  /** For the refusal: what was asked for. */
  readonly name: string;
  readonly keeps: (agent: Agent) => boolean;
}

/** Who is tried, best first. @throws `nobody_matches` */
function findLine(
  step: Step,
  caller: Agent,
  wanted: Matching & { readonly topic: string; readonly among: readonly AgentId[] | undefined },
): AgentId[] {
  const { state, world } = step;
  const { capability, topic, workspace, among } = wanted;
  const presence = (agent: Agent): Presence => presenceOf(state, world.isConnected(agent.id), agent.id);
  const filters: (Filter | undefined)[] = [
    { name: 'nobody else is there', keeps: (agent) => agent.id !== caller.id && agent.kind !== 'human' },
    among && { name: `agents ${wanted.agents?.join(', ') ?? ''}`, keeps: ({ id }) => among.includes(id) },
    workspace === undefined
      ? undefined
      : { name: `workspace ${workspace}`, keeps: (agent) => agent.card.workspace === workspace },
    capability === undefined
      ? undefined
      : { name: `capability ${capability}`, keeps: (agent) => capabilityFit(agent, capability) > 0 },
    // Without anything else to go by, a topic that nobody's card speaks of would ring somebody at random.
    capability === undefined && among === undefined
      ? { name: `topic ${topic}${spokenOf(state, caller)}`, keeps: (agent) => topicFit(agent, topic) > 0 }
      : undefined,
    {
      name: 'they take no calls from you',
      keeps: (agent) => takesCalls(state, agent, caller) && openCallBetween(step, caller.id, agent.id) === undefined,
    },
    wanted.onlyAvailable
      ? { name: 'presence available', keeps: (agent) => presence(agent) === 'available' }
      : undefined,
  ];
  let left = [...state.agents.values()];
  for (const filter of filters) {
    if (!filter) continue;
    left = left.filter(filter.keeps);
    if (left.length === 0) step.refuse('nobody_matches', { filters: [filter.name] });
  }
  return ranked(state, left, { capability, topic, workspace: caller.card.workspace, presence })
    .slice(0, world.limits.huntAgents)
    .map(({ id }) => id);
}

/** Capabilities that are named in a refusal. */
const mostNamed = 10;

/** What the others say that they are good at, for who asked with words that none of them uses. */
function spokenOf(state: State, caller: Agent): string {
  const others = [...state.agents.values()].filter(({ id }) => id !== caller.id);
  const named = new Set(others.flatMap(({ card }) => card.capabilities));
  if (named.size === 0) return '';
  return ` (the cards speak of: ${[...named].sort().slice(0, mostNamed).join(', ')})`;
}

/** What agents are ranked by. */
export interface Wish {
  readonly capability?: string | undefined;
  readonly topic?: string | undefined;
  /** Who works there is preferred. */
  readonly workspace: string;
  readonly presence: (agent: Agent) => Presence;
}

/** Best first; equals in the order in which they were matched last, then by name. */
export function ranked(state: State, agents: readonly Agent[], wish: Wish): Agent[] {
  const { capability, topic, workspace, presence } = wish;
  const scored = agents.map((agent) => {
    const free = presence(agent);
    return {
      agent,
      scores: [
        -capabilityFit(agent, capability ?? ''),
        -topicFit(agent, topic ?? ''),
        workspace !== '' && agent.card.workspace === workspace ? 0 : 1,
        free === 'available' ? 0 : free === 'offline' ? 2 : 1,
        state.matched.get(agent.id) ?? 0,
      ],
    };
  });
  scored.sort((a, b) => {
    for (const [index, score] of a.scores.entries()) {
      const difference = score - (b.scores[index] ?? 0);
      if (difference !== 0) return difference;
    }
    return a.agent.name.localeCompare(b.agent.name);
  });
  return scored.map(({ agent }) => agent);
}

/** 2: it says exactly this of itself; 1: a part of it; 0: nothing like it. */
function capabilityFit({ card }: Agent, wanted: string): number {
  const lower = wanted.trim().toLowerCase();
  if (lower === '') return 0;
  const own = card.capabilities.map((capability) => capability.toLowerCase());
  if (own.includes(lower)) return 2;
  return own.some((capability) => capability.includes(lower) || lower.includes(capability)) ? 1 : 0;
}

/** Shortest word of a topic that says anything of it, in characters. */
const shortestWord = 3;

/** How many of the topic's words its card has, or the beginnings of: what it says of itself, works on and offers. */
function topicFit({ card }: Agent, topic: string): number {
  const places = [card.workspace, ...card.files].map((place) => place.split(/[\\/]/).at(-1) ?? '');
  const tools = card.tools.flatMap(({ name, description }) => [name.replaceAll('_', ' '), description]);
  const own = words([...card.capabilities, card.description, card.platform, ...places, ...tools].join(' '));
  let count = 0;
  for (const word of words(topic)) {
    const isThere = [...own].some((other) => other.startsWith(word) || word.startsWith(other));
    if (isThere) count++;
  }
  return count;
}

function words(text: string): Set<string> {
  const found = text.toLowerCase().match(/[\p{L}\p{N}+#]+/gu) ?? [];
  return new Set(found.filter((word) => word.length >= shortestWord));
}
