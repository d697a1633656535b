import { compareNames } from '../../core/text';
import type { AgentView, ReachView } from '../../contract/views';

/** What the best agent for something would be. */
export interface AgentWish {
  /** Words that a capability may have. */
  readonly capability?: string;
  /** Paths that it is about: who works in a folder that holds them is preferred. */
  readonly paths: readonly string[];
  /** The agent of the window that the person sits at comes after its equals: it has a chat of its own right there. */
  readonly ownAgent: string | undefined;
}

/** How soon an agent hears, soonest first. */
const reachOrder: readonly ReachView['state'][] = [
  'listening',
  'wakes',
  'next-turn',
  'waits-for-permission',
  'when-it-asks',
  'offline',
];

/** Best first: who is good at it, who hears of it soonest, who is free, who works there; then by name. */
export function bestFirst(agents: readonly AgentView[], wish: AgentWish): AgentView[] {
  const scored = agents.map((agent) => ({ agent, scores: scoresOf(agent, wish) }));
  scored.sort((a, b) => {
    for (const [index, score] of a.scores.entries()) {
      const difference = score - (b.scores[index] ?? 0);
      if (difference !== 0) return difference;
    }
    return compareNames(a.agent.name, b.agent.name);
  });
  return scored.map(({ agent }) => agent);
}

function scoresOf(agent: AgentView, { capability, paths, ownAgent }: AgentWish): number[] {
  const isGood = capability !== undefined && agent.capabilities.some((one) => one.toLowerCase().includes(capability));
  const works = agent.workspace !== '' && paths.some((path) => isIn(agent.workspace, path));
  return [
    agent.presence === 'offline' ? 1 : 0,
    isGood ? 0 : 1,
    agent.hold === true || agent.policy === 'decline' ? 1 : 0,
    reachOrder.indexOf(agent.reach.state),
    agent.presence === 'available' ? 0 : 1,
    works ? 0 : 1,
    agent.id === ownAgent ? 1 : 0,
  ];
}

function isIn(folder: string, path: string): boolean {
  const root = folder.replace(/[\\/]+$/, '');
  return path === root || path.startsWith(`${root}/`) || path.startsWith(`${root}\\`);
}
