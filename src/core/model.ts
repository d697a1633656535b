/** ULIDs, all of them; the aliases say what of. */
export type AgentId = string;
export type CallId = string;
export type ThreadId = string;
export type MessageId = string;
export type BrokerId = string;
export type BroadcastId = string;
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

/** The topic of a thread that `message` opens when none is given. */
export const defaultTopic = 'Messages';

/** Stands in a report for a ringer when none was tried: the detail says why. */
export const noRinger = 'none';

/** The platform of a shared MCP server: there are tools, and nobody who reads. */
export const sharedPlatform = 'MCP server';

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
  /** The same for every copy of one broadcast. */
  readonly broadcast?: BroadcastId | undefined;
  /** Gapless per thread, from 1, given by the thread's home. */
  readonly seq: number;
  /** Milliseconds since the epoch, by the home's clock. */
  readonly timestamp: number;
}

/** `now` rings even in a call, `later` goes to the inbox without a ring. */
export type Urgency = 'now' | 'next' | 'later';

export type LegState =
  | 'queued'
  | 'ringing'
  | 'missed'
  | 'accepted'
  | 'declined'
  | 'cancelled'
  | 'merged'
  | 'returned'
  | 'expired'
  /** Nothing rings: the caller is told when the callee is free. */
  | 'awaited'
  /** The caller was told that the callee is free. */
  | 'free'
  /** A hunt went on to the next. */
  | 'passed';

/** Why a call did not ring at once. */
export type QueueReason = 'offline' | 'busy' | 'ringing' | 'in-call' | 'later' | 'paused' | 'held';

/** One callee's part of a call. It is over when its state is neither queued, ringing, missed nor awaited. */
export interface Leg {
  readonly agent: AgentId;
  readonly state: LegState;
  readonly reason?: string | undefined;
  readonly queued?: QueueReason | undefined;
  /** When it rang first. A queued call rings once. */
  readonly rangAt?: number | undefined;
  /** The offset of its first ring: a later one goes on, and is not told anew. */
  readonly rangOffset?: number | undefined;
  /** While ringing: when it will be missed. */
  readonly deadline?: number | undefined;
  readonly endedAt?: number | undefined;
  /** Who ended it, when that was not the callee: the caller who cancelled, the person who answered for it. */
  readonly by?: AgentId | undefined;
  /** The person who is asked first: until they let the agent answer, it is neither told nor rung. */
  readonly asks?: AgentId | undefined;
  /** The person has let the agent answer: it is not asked again. */
  readonly permitted?: true | undefined;
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
  /** An invitation: who accepts joins this thread. */
  readonly into?: ThreadId | undefined;
  /** An invitation by one who leaves the thread with it. */
  readonly transfer?: true | undefined;
  /** Whom it cannot reach at once is not rung: the caller is told when they are free. */
  readonly callBack?: true | undefined;
  /** A hunt: these are rung one after the other, in this order, until one accepts. */
  readonly line?: readonly AgentId[] | undefined;
}

/** What the person allows an agent, or everyone. What is not there was not decided. */
export interface Rule {
  readonly policy?: CallPolicy | undefined;
  /** No rings: calls queue. */
  readonly hold?: boolean | undefined;
  /** The person is not notified about it. */
  readonly mute?: boolean | undefined;
  readonly maySend?: boolean | undefined;
  /** Whether what it sends may wake others; `true` permits every ringer. */
  readonly mayWake?: boolean | undefined;
  /** How often it may be woken in an hour. */
  readonly wakesPerHour?: number | undefined;
}

export type ThreadMode = 'live' | 'async';
export type ThreadState = 'open' | 'paused' | 'closed';
/** In a round-robin agents speak one after the other, in order of joining. */
export type TurnOrder = 'free' | 'round-robin';
/** Why a speaker was skipped. */
export type SkipReason = 'offline' | 'silent';

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
