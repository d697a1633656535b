import type { AgentView, CallView, ThreadView } from '../contract/views';
import type { ParleyError } from '../contract/errors';
import type { QuietView } from '../contract/operations/roster';
import type { Ring } from './ring/ringBook';
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
  /** Absolute paths of this window's folders. */
  readonly folders: readonly string[];
  readonly agents: ReadonlyMap<string, AgentView>;
  /** Calls in the person's inbox. */
  readonly calls: readonly CallView[];
  /** Threads with something that the person has not been shown. */
  readonly unread: readonly ThreadView[];
  /** Threads, latest first: all that are open, and the latest of those that are archived. */
  readonly threads: readonly ThreadView[];
  /** There are archived threads that are not in `threads`. */
  readonly archivedMore: boolean;
  /** Rings that are for the person to see, at agents and at the person. */
  readonly rings: readonly Ring[];
  /** The person has paused everything. */
  readonly paused: boolean;
  /** Whether the person is left alone, and until when. */
  readonly quiet: QuietView;
  readonly now: number;
}

export const emptyPicture: Picture = {
  broker: { state: 'connecting' },
  you: undefined,
  ownAgent: undefined,
  folders: [],
  agents: new Map(),
  calls: [],
  unread: [],
  threads: [],
  archivedMore: false,
  rings: [],
  paused: false,
  quiet: { on: false },
  now: 0,
};

/** The name of an agent, as it stands on the roster now. Not plain: pass it on through plain.ts. */
export function nameOf(picture: Picture, agent: string): string {
  return picture.agents.get(agent)?.name ?? words.goneAgent;
}
