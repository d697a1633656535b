import type { RunTool } from '../broker/connections';
import type { AgentId } from '../core/model';
import type { Change, RingAnswer, RingRequest, Told, Watched } from '../contract/wire';

/** Roles of design: `agent` speaks as itself, `observer` reads, `admin` is the person, `none` may only register. */
export type Role = 'none' | 'agent' | 'observer' | 'admin';

/** Who is asking, as the broker found it from the token. Never from what the caller says of itself. */
export interface Principal {
  readonly role: Role;
  /** The agent that it speaks as; the person for `admin`. */
  readonly agent?: AgentId;
}

export interface ConnectionOptions {
  /** The program, e.g. `claude-code`. */
  readonly client: string;
  readonly version: string;
  /** The agent counts as connected for as long as this connection is up. */
  readonly present: boolean;
  readonly seat: boolean;
  /** Ringers that this connection can run for its agent, best first. */
  readonly ringers: readonly string[];
  readonly ring?: (request: RingRequest) => Promise<RingAnswer>;
  /** Runs a tool that the connection offers, see {@link Exchange.offer}. */
  readonly useTool?: RunTool;
  readonly told?: (told: Told) => void;
  readonly event?: (watched: Watched) => void;
  readonly stopping?: (reason: string) => void;
  /** The agent was signed off: nothing more can be asked through this connection, and its transport MUST be closed. */
  readonly ended?: () => void;
}

/** One connection of a principal. It MUST be closed when its transport is gone. */
export interface Connection {
  readonly id: string;
  readonly principal: Principal;
  readonly seat: 'held' | 'taken' | 'none';
  /** `dropped` (default): it did not say goodbye and may come back within the grace. */
  close(dropped?: boolean): void;
}

export interface AskOptions {
  /** Aborted when the caller cancelled or its connection went: waits end, what was not handed over stays unseen. */
  readonly signal: AbortSignal;
  /** Most bytes of agents' text in the answer; the rest is counted. Undefined: no bound. */
  readonly budget?: number;
  /** Told every 10 s while a request waits, and what a tool that is used says of itself; `fraction` is 0 to 1. */
  readonly progress?: (text: string, fraction?: number) => void;
}

export interface Asked {
  /** As the operation's output schema says. */
  readonly output: object;
  /** To be confirmed once the answer was handed over whole; undefined when it holds nothing that counts. */
  readonly delivery?: string;
}

/** What the doors see of the broker. */
export interface Exchange {
  /** @throws `unauthorized` for a token that is not known; without a token the role is `none` */
  identify(token: string | undefined): Principal;
  connect(principal: Principal, options: ConnectionOptions): Connection;
  /**
   * Checks permission and input, runs the operation and answers when everything it depended on is durable.
   * @throws ParleyError
   */
  ask(connection: Connection, operation: string, input: unknown, options: AskOptions): Promise<Asked>;
  /** These answers were handed over in full; `via` says by what. Unknown ids are ignored. */
  confirm(connection: Connection, deliveries: readonly string[], via: string): void;
  /**
   * The tools that this connection runs for its agent from now on, instead of those before.
   * @throws `bad_tool`, `bad_input`, `forbidden` without an agent
   */
  offer(connection: Connection, input: unknown): Promise<void>;
  /**
   * `{tests}`: how the connection's ringers fared when it tested them just now. Counts for the connection that holds its
   * agent's seat. @throws `bad_input`
   */
  tested(connection: Connection, input: unknown): void;
  /**
   * `{agents}`: whom this connection of the person can ring from now on, and by what, instead of those before.
   * @throws `bad_input`, `forbidden` for anybody but the person
   */
  standBy(connection: Connection, input: unknown): void;
  /** Starts pushing the agent's own events to `told`, from its position on. */
  subscribe(connection: Connection): void;
  /**
   * Tells what changes for the agent from now on, until the function returned is called or the connection closes.
   * @throws `forbidden` without an agent
   */
  follow(connection: Connection, changed: (change: Change) => void): () => void;
  /** Starts pushing everything that happens from now on to `event`. Observers and the person only. @throws `forbidden` */
  watch(connection: Connection): void;
}
