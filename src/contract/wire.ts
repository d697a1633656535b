import type { DurableEvent, PassingEvent } from '../core/events';
import type { ListenEvent } from './views';

/** The rpc door's protocol. The broker serves this one and the one before. */
export const protocol = 1;
export const oldestProtocol = 1;

/** Paths of the doors on the broker's socket. */
export const doorPaths = { rpc: '/rpc', mcp: '/mcp' } as const;

/**
 * What clients read to find the broker: `broker.json` in the home, mode 0600, replaced whole. Clients MUST use `socket` as
 * it stands and never compute it.
 */
export interface BrokerRecord {
  readonly pid: number;
  /** Start time of the process as the system tells it, to tell a reused pid apart. */
  readonly processStart: string;
  readonly startedAt: number;
  readonly socket: string;
  readonly version: string;
  /** Build time in ms: among equal versions the later one is newer. */
  readonly build: number;
  readonly protocol: number;
  readonly epoch: number;
}

/** First request on an rpc connection. The token travels in the `Authorization: Bearer` header of the upgrade. */
export interface Hello {
  /** The program, e.g. `parley-cli`. */
  readonly client: string;
  readonly version: string;
  readonly protocol: number;
  /** Claim the agent's seat: rings arrive here. A single request never claims. */
  readonly seat: boolean;
  /** Names of the ringers that this connection can run for its agent, best first. */
  readonly ringers: readonly string[];
  /** Counts as being there for as long as it is up. False for single requests. */
  readonly present: boolean;
  /** Most bytes of agents' text in one answer, for a client that hands it to a model; the rest is counted. Default: no bound. */
  readonly budget?: number;
  /** It takes several messages in one frame. */
  readonly batches?: boolean;
}

export interface Welcome {
  readonly protocol: number;
  readonly version: string;
  readonly build: number;
  readonly broker: string;
  readonly role: 'none' | 'agent' | 'observer' | 'admin' | 'peer';
  readonly agent?: { readonly id: string; readonly name: string };
  readonly seat: 'held' | 'taken' | 'none';
  /** The durable offset now. */
  readonly offset: number;
  /** It takes several messages in one frame. */
  readonly batches?: boolean;
}

/** Asks the client to ring its agent for something. Sent to the connection that holds the seat, waits aside, or stands by. */
export interface RingRequest {
  readonly subject: string;
  readonly kind: 'call' | 'message';
  readonly agent: string;
  readonly ringer: string;
  readonly call?: string;
  readonly thread?: string;
  readonly from: string;
  readonly fromId: string;
  readonly topic: string;
  /** The words to put before the model: composed by the broker, with the agents' own text quoted. */
  readonly text: string;
  /** The person permitted this wake: by hand, for this sender, or for this agent and ringer for good. */
  readonly permitted: boolean;
  readonly note?: string;
}

export interface RingAnswer {
  readonly result: 'written' | 'held' | 'refused' | 'failed';
  readonly detail?: string;
}

/** What a test of one ringer showed, with nobody woken. */
export interface RingerTest {
  readonly ringer: string;
  /** Its door is open. Whether anybody reads what goes in, only a ring shows. */
  readonly works: boolean;
  /** What was done, for a person, e.g. `asked its socket for its threads`. */
  readonly did: string;
  /** How long that took; for a door that does not work: until that was known. */
  readonly milliseconds: number;
  /** The client's version, where the door says it. */
  readonly version?: string | undefined;
  /** Why it does not work. */
  readonly detail?: string | undefined;
}

/**
 * What a connection of the person can ring another agent by, with their standing permission: ringers that need one, tried
 * after the agent's own doors. Best first, at most 4.
 */
export interface StandBy {
  readonly agent: string;
  readonly ringers: readonly string[];
  /** By ringer: why it gets through to nobody now, for a person. One that is not here may get through. */
  readonly closed?: Readonly<Record<string, string>> | undefined;
}

/** Asks the client to run a tool that this connection offers. It MAY tell progress, and MUST stop when it is cancelled. */
export interface ToolRequest {
  /** The use: the same in the journal. */
  readonly use: string;
  readonly tool: string;
  /** As the tool's schema says. Written by another agent: data, never instructions. */
  readonly args: Readonly<Record<string, unknown>>;
  /** Milliseconds until nobody waits any more. */
  readonly timeout: number;
  /** Who uses it. */
  readonly by: string;
  readonly byName: string;
  readonly byKind: 'agent' | 'human' | 'remote' | 'a2a';
}

export interface ToolAnswer {
  readonly content: string;
  /** Any JSON. */
  readonly structured?: unknown;
  /** The tool failed, and `content` says why. */
  readonly isError?: boolean;
}

/** How far a tool, or what waits for it, is. */
export interface ToolProgress {
  readonly text?: string;
  /** 0 to 1. */
  readonly progress?: number;
}

/** One of the agent's own events, pushed. Confirm `delivery` once it was handed on whole. */
export interface Told {
  readonly delivery: string;
  readonly event: ListenEvent;
}

/**
 * What changed for an agent: whoever shows it asks anew. `threads`: one of its threads was opened or closed; `all`: the
 * broker was away for a while, and nobody knows.
 */
export type Change =
  { readonly what: 'roster' | 'inbox' | 'threads' | 'all' } | { readonly what: 'thread'; readonly thread: string };

/** Methods of the rpc door besides the operations. Requests go to the broker unless said otherwise. */
export const rpcMethods = {
  hello: 'hello',
  /** Agent: pushes what `listen` would tell, from its position on, as `told` notifications. */
  subscribe: 'subscribe',
  /** Observer and admin: pushes everything that happens from now on as `event` notifications. */
  watch: 'watch',
  /** Agent: pushes what changes on its roster, in its inbox and threads from now on, as `changed` notifications. */
  follow: 'follow',
  /** Notification from the broker: {@link Change}. */
  changed: 'changed',
  /** Notification from the broker: {@link Told}. */
  told: 'told',
  /** Notification from the broker: {@link Watched}. */
  event: 'event',
  /** Request from the broker: {@link RingRequest} to {@link RingAnswer}. */
  ring: 'ring',
  /** Agent: `{tests}`, one {@link RingerTest} for each ringer of this connection, as they were tested just now. */
  tested: 'tested',
  /** The person: `{agents}`, one {@link StandBy} for each agent that this connection can ring; replaces those before. */
  standBy: 'standBy',
  /** Agent: `{tools}`, all the tools that this connection runs for its agent, with their schemas; replaces those before. */
  offer: 'offer',
  /** Request from the broker: {@link ToolRequest} to {@link ToolAnswer}. */
  useTool: 'useTool',
  /** Notification from the broker: it is about to stop, with the reason. Reconnect. */
  stopping: 'stopping',
} as const;

export type Watched = DurableEvent | PassingEvent;

/** What an rpc error carries in `data`. */
export interface WireError {
  readonly code: string;
  readonly facts: Readonly<Record<string, string | number | readonly string[]>>;
}
