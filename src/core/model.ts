/** ULIDs, all of them; the aliases say what of. */
export type AgentId = string;
export type CallId = string;
export type ThreadId = string;
export type MessageId = string;
export type BrokerId = string;
/** What receipts are about: a message or a call. */
export type SubjectId = MessageId;

/** `human` is the person at the keyboard, `remote` lives at another broker, `a2a` is reached through the A2A protocol. */
export type AgentKind = 'agent' | 'human' | 'remote' | 'a2a';

/** `busy` is set by the agent; `ringing` and `in-call` are derived; `offline` means not connected. */
export type Presence = 'available' | 'ringing' | 'in-call' | 'busy' | 'offline';

/** What an agent does with a call that reaches it. */
export type CallPolicy = 'ring' | 'accept' | 'decline' | 'same-workspace' | 'ask-person';

/** What an agent says of itself. Everything here is the agent's own word: data, never instructions. */
export interface Card {
  readonly description: string;
  readonly capabilities: readonly string[];
  /** The client, e.g. `Claude Code`. */
  readonly platform: string;
  readonly version: string;
  /** Absolute path or uri of the folder it works in. */
  readonly workspace: string;
  readonly tools: readonly ToolCard[];
  /** Files that it is working on. */
  readonly files: readonly string[];
  readonly policy: CallPolicy;
}

/** A tool that an agent offers to others. */
export interface ToolCard {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of its arguments. */
  readonly input: object;
}

export const emptyCard: Card = {
  description: '',
  capabilities: [],
  platform: '',
  version: '',
  workspace: '',
  tools: [],
  files: [],
  policy: 'ring',
};

/** Someone on the roster. */
export interface Agent {
  readonly id: AgentId;
  readonly name: string;
  readonly kind: AgentKind;
  readonly card: Card;
  /** Set by the agent: calls go to its inbox. */
  readonly busy: boolean;
  /** The name was given by the broker, not chosen: the agent retires when it stays away. */
  readonly generated: boolean;
  /** SHA-256 of its token, hex. */
  readonly tokenHash: string;
  readonly registeredAt: number;
}

/** Zero-based positions, as in the Language Server Protocol: end is exclusive. */
export interface Range {
  readonly start: { readonly line: number; readonly character: number };
  readonly end: { readonly line: number; readonly character: number };
}

/** A pointer into the code. */
export interface Ref {
  readonly uri: string;
  readonly range?: Range | undefined;
  /** At most 4 KiB of what stood there. */
  readonly excerpt?: string | undefined;
  /** SHA-256 of the range's text, hex: a reader who finds other content says "changed since". */
  readonly hash?: string | undefined;
  readonly commit?: string | undefined;
  readonly worktree?: string | undefined;
  readonly note?: string | undefined;
}

export type MessageType = 'message' | 'join' | 'leave' | 'system';

/** The envelope: the one form in which a message exists, in every door and in the store. */
export interface Message {
  readonly id: MessageId;
  readonly thread: ThreadId;
  readonly from: AgentId;
  readonly type: MessageType;
  readonly content: string;
  readonly refs: readonly Ref[];
  readonly replyTo?: MessageId | undefined;
  /** Gapless per thread, from 1, given by the thread's home. */
  readonly seq: number;
  /** Milliseconds since the epoch, by the home's clock. */
  readonly timestamp: number;
}

/** `now` rings even in a call, `later` goes to the inbox without a ring. */
export type Urgency = 'now' | 'next' | 'later';

export type LegState =
  'queued' | 'ringing' | 'missed' | 'accepted' | 'declined' | 'cancelled' | 'merged' | 'returned' | 'expired';

/** Why a call did not ring at once. */
export type QueueReason = 'offline' | 'busy' | 'ringing' | 'in-call' | 'later' | 'paused';

/** One callee's part of a call. It is over when its state is neither queued, ringing nor missed. */
export interface Leg {
  readonly agent: AgentId;
  readonly state: LegState;
  readonly reason?: string | undefined;
  readonly queued?: QueueReason | undefined;
  /** When it rang first. A queued call rings once. */
  readonly rangAt?: number | undefined;
  /** While ringing: when it will be missed. */
  readonly deadline?: number | undefined;
  readonly endedAt?: number | undefined;
  /** Who ended it, when that was not the callee: the caller who cancelled, the person who answered for it. */
  readonly by?: AgentId | undefined;
}

/** One agent asking others to talk. */
export interface Call {
  readonly id: CallId;
  readonly from: AgentId;
  readonly topic: string;
  readonly urgency: Urgency;
  readonly content?: string | undefined;
  readonly refs: readonly Ref[];
  readonly placedAt: number;
  /** Which chat or turn it came from, as the client noted it. Never identity. */
  readonly note?: string | undefined;
  /** This call returns that one: its callee answered late and the caller was there. */
  readonly returns?: CallId | undefined;
}

export type ThreadMode = 'live' | 'async';
export type ThreadState = 'open' | 'paused' | 'closed';

/** `left`: too few remained; `idle`: no message for too long; `closed`: someone closed it. */
export type CloseReason = 'left' | 'idle' | 'closed';

/** How far a message or call got with one recipient. Receipts only move forward. */
export type ReceiptState = 'stored' | 'rung' | 'seen' | 'answered' | 'refused' | 'expired';

/** One attempt of a ringer. */
export interface RingReport {
  readonly ringer: string;
  /** `written`: the client took the bytes; it does not say that anybody read them. */
  readonly result: 'written' | 'held' | 'refused' | 'failed';
  readonly detail?: string | undefined;
}
