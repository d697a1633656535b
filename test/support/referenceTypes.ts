/*
 * What the reference model remembers. Agents are named by their names, calls and threads by their place in the order in
 * which they came. Times are milliseconds.
 */

export type ModelPresence = 'available' | 'ringing' | 'in-call' | 'busy' | 'offline';
export type ModelLegState =
  | 'queued'
  | 'ringing'
  | 'missed'
  | 'accepted'
  | 'declined'
  | 'cancelled'
  | 'merged'
  | 'returned'
  | 'expired'
  | 'passed';
export type ModelReceiptState = 'stored' | 'seen' | 'answered' | 'refused' | 'expired';

export interface ModelAgent {
  readonly name: string;
  readonly isPerson: boolean;
  readonly capabilities: readonly string[];
  policy: 'ring' | 'accept' | 'decline';
  busy: boolean;
  /** A connection of it is up. */
  connected: boolean;
  /** Dropped: it counts as there until then. */
  graceUntil: number | undefined;
  /** When its last connection ended. */
  goneAt: number;
  /** When a hunt rang it last, counted; 0: none did. */
  matched: number;
}

export interface ModelReceipt {
  readonly agent: string;
  state: ModelReceiptState;
  /** It can still be answered by what the recipient says next. */
  open: boolean;
  /** Its sender was warned. */
  warned: boolean;
}

export interface ModelLeg {
  readonly agent: string;
  state: ModelLegState;
  /** When the call came to this one, counted: who waits is rung in this order. */
  readonly came: number;
  readonly cameAt: number;
  rangAt?: number;
  deadline?: number;
  by?: string;
  receipt: ModelReceipt;
}

export interface ModelCall {
  readonly index: number;
  readonly from: string;
  readonly urgency: 'now' | 'next' | 'later';
  readonly content: string | undefined;
  readonly placedAt: number;
  readonly legs: ModelLeg[];
  readonly isReturn: boolean;
  /** An invitation into this thread. */
  readonly into: number | undefined;
  /** A hunt: who is tried, in this order. */
  readonly line: readonly string[] | undefined;
  /** A hunt that goes on. */
  isHunting: boolean;
  thread: number | undefined;
}

export interface ModelMessage {
  readonly thread: number;
  readonly seq: number;
  readonly type: 'message' | 'join' | 'leave' | 'system';
  readonly from: string;
  readonly content: string;
  readonly replyTo: number | undefined;
  readonly at: number;
  readonly patience: number;
  readonly receipts: ModelReceipt[];
}

/** What a room has that no other thread has. */
export interface ModelRoom {
  readonly isOpenToAll: boolean;
  readonly isRoundRobin: boolean;
  readonly turnLimit: number;
  /** Whose turn it is, and since when; undefined: whoever speaks first. */
  turn: { readonly name: string; readonly since: number } | undefined;
  /** Skipped since an agent spoke. */
  skips: number;
  /** When each was skipped last. */
  readonly skippedAt: Record<string, number>;
  /** Messages of agents since a person spoke, less what was granted. */
  spent: number;
  /** Agents wait for the person. */
  isLimited: boolean;
}

export interface ModelThread {
  readonly index: number;
  readonly topic: string;
  readonly mode: 'live' | 'async';
  /** The two of a thread that a message opened. */
  readonly pair: readonly string[];
  readonly room: ModelRoom | undefined;
  /** All who ever came, in the order in which they came last. */
  members: string[];
  left: string[];
  /** {@link members} without those who left. */
  present: string[];
  readonly messages: ModelMessage[];
  lastAt: number;
  isOpen: boolean;
}

/** What an agent is told, in the order in which it happened. */
export type ModelNews = { readonly order: number } & (
  | { readonly what: 'call'; readonly call: number }
  | {
      readonly what: 'outcome';
      readonly call: number;
      readonly agent: string;
      readonly outcome: ModelLegState | 'nobody';
    }
  | { readonly what: 'message'; readonly thread: number; readonly seq: number }
  | { readonly what: 'closed'; readonly thread: number }
  | { readonly what: 'limited'; readonly thread: number }
  | { readonly what: 'unseen'; readonly agent: string; readonly reason: string }
);
export type News = ModelNews extends infer N ? (N extends ModelNews ? Omit<N, 'order'> : never) : never;

/** The limits by which it goes; times in ms. */
export interface ModelLimits {
  readonly ringAgent: number;
  readonly ringPerson: number;
  readonly huntRing: number;
  readonly ringAfterRestart: number;
  readonly callExpiry: number;
  readonly threadIdle: number;
  readonly turnSilence: number;
  readonly turnOffline: number;
  readonly offlineLeave: number;
  readonly watchdogLive: number;
  readonly watchdogAsync: number;
  readonly dropGrace: number;
  readonly participants: number;
}

/** Everything that one broker knows. Plain data, so that it can be copied. */
export interface ModelState {
  now: number;
  /** When the broker started. */
  startedAt: number;
  order: number;
  readonly agents: ModelAgent[];
  readonly calls: ModelCall[];
  readonly threads: ModelThread[];
  readonly news: Record<string, ModelNews[]>;
  readonly heardUpTo: Record<string, number>;
  /** Agents for whom a call waits: who has had something waiting the longest comes first. */
  waiting: string[];
  readonly keys: Record<string, { readonly print: string; readonly result: unknown }>;
}

/** Why something was refused: the code. */
export class ModelRefusal extends Error {}

export function refuse(code: string): never {
  throw new ModelRefusal(code);
}

export function found<T>(thing: T | undefined): T {
  if (thing === undefined) throw new Error('the model has no such thing');
  return thing;
}

const openStates: readonly ModelLegState[] = ['queued', 'ringing', 'missed'];

export function isOver(leg: ModelLeg): boolean {
  return !openStates.includes(leg.state);
}

export function legAt(call: ModelCall, name: string): ModelLeg {
  return found(call.legs.find((leg) => leg.agent === name));
}

export function receiptOf(message: ModelMessage, name: string): ModelReceipt | undefined {
  return message.receipts.find((receipt) => receipt.agent === name);
}

export function freshReceipt(agent: string): ModelReceipt {
  return { agent, state: 'stored', open: true, warned: false };
}
