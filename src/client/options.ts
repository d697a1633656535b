import type { ListenEvent } from '../contract/views';
import type { Input, OperationName, Output } from '../contract/operations';
import type { ParleyError } from '../contract/errors';
import type {
  Change,
  RingAnswer,
  RingRequest,
  ToolAnswer,
  ToolProgress,
  ToolRequest,
  Watched,
  Welcome,
} from '../contract/wire';
import type { ToolCard } from '../core/model';
import type { Clock } from './clock';
import type { WatchRecord } from './recordWatch';
import type { Autostart } from './starter';

export interface ConnectOptions {
  /** Absolute path of the home. */
  readonly home: string;
  /** Asked for anew at each connection when it is a function. Without a token one may only register. */
  readonly token?: string | (() => string | undefined);
  /** The program, e.g. `parley-cli`. */
  readonly client: string;
  readonly version: string;
  /** Claim the agent's seat. Default false. */
  readonly seat?: boolean;
  /** The agent counts as connected while we are. Default false. */
  readonly present?: boolean;
  /** Most bytes of agents' text in one answer; the broker counts the rest. Default: no bound. */
  readonly budget?: number;
  /** Ringers that `ring` can run, best first. */
  readonly ringers?: readonly string[];
  readonly ring?: (request: RingRequest) => Promise<RingAnswer>;
  /** How to start the broker when none is there; without it `broker_gone`. Asked for anew at each attempt when it is a function. */
  readonly autostart?: Autostart | (() => Autostart | undefined);
  /** How long a request waits for a broker that is away before `broker_gone`. Milliseconds, default 10,000. */
  readonly patience?: number;
  readonly clock?: Clock;
  /** How it is known that a broker may be there again. Default: the system's watch on the home. */
  readonly watchRecord?: WatchRecord;
  /** Makes the keys of writes that bring none. */
  readonly newKey?: () => string;
}

/** Where the client stands. */
export type ClientState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'connected'; readonly welcome: Welcome }
  /** Not there now; tried again by itself at `retryAt` (milliseconds since the epoch), without one when its record changes. */
  | { readonly kind: 'lost'; readonly error: ParleyError; readonly retryAt?: number }
  /** Trying again would not help (`unauthorized`, `protocol_mismatch`, …); only `retry` or `signIn` does. */
  | { readonly kind: 'failed'; readonly error: ParleyError }
  | { readonly kind: 'closed' };

export interface AskOptions {
  /** Aborting ends the wait at the broker too; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Told how far what is waited for has come: a tool that is used. */
  readonly progress?: (progress: ToolProgress) => void;
}

/** An answer that its reader has not got yet: confirm `delivery` when it was handed over whole. */
export interface Received<N extends OperationName> {
  readonly output: Output<N>;
  /** Undefined when the answer holds nothing that counts as seen. */
  readonly delivery?: string;
}

/** What runs a tool has besides the request. */
export interface ToolRun {
  /** Aborted when nobody waits any more: what still runs SHOULD stop. */
  readonly signal: AbortSignal;
  /** Tells who uses the tool how far it is. */
  progress(progress: ToolProgress): void;
}

/** A tool that this client runs for its agent. What it throws is told to who uses it. */
export interface OfferedTool extends ToolCard {
  run(request: ToolRequest, run: ToolRun): Promise<ToolAnswer> | ToolAnswer;
}

/** Handed each event in order; when it returns, or its promise resolves, the event counts as handed over. */
export type ToldListener = (event: ListenEvent) => void | Promise<void>;
export type ChangeListener = (change: Change) => void;
export type WatchListener = (event: Watched) => void;

/** What asks the broker, without the rest of the client. */
export interface Asks {
  ask<N extends OperationName>(operation: N, input: Input<N>, options?: AskOptions): Promise<Output<N>>;
}
