import type { AgentView, CallView, ThreadView } from '../contract/views';
import type { ParleyError } from '../contract/errors';
import type { Ring } from './ringBook';
import { words } from './words';

export type BrokerLook =
  | { readonly state: 'connecting' }
  | { readonly state: 'connected' }
  | { readonly state: 'gone'; readonly error: ParleyError };

/** What the person sees of the exchange, at one moment. The views are pure functions of it. */
export interface Picture {
  readonly broker: BrokerLook;
  /** The person. */
  readonly you: { readonly id: string; readonly name: string } | undefined;
  /** This window's own agent. */
  readonly ownAgent: string | undefined;
  readonly agents: ReadonlyMap<string, AgentView>;
  /** Calls in the person's inbox. */
  readonly calls: readonly CallView[];
  /** Threads with something that the person has not been shown. */
  readonly unread: readonly ThreadView[];
  /** Threads, latest first. */
  readonly threads: readonly ThreadView[];
  /** Rings that are for the person to see, at agents and at the person. */
  readonly rings: readonly Ring[];
  /** The person has paused everything. */
  readonly paused: boolean;
  readonly now: number;
}

export const emptyPicture: Picture = {
  broker: { state: 'connecting' },
  you: undefined,
  ownAgent: undefined,
  agents: new Map(),
  calls: [],
  unread: [],
  threads: [],
  rings: [],
  paused: false,
  now: 0,
};

/** The name of an agent, as it stands on the roster now. Not plain: pass it on through plain.ts. */
export function nameOf(picture: Picture, agent: string): string {
  return picture.agents.get(agent)?.name ?? words.goneAgent;
}
