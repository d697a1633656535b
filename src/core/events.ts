import type {
  Agent,
  AgentId,
  BrokerId,
  Call,
  CallId,
  Card,
  CloseReason,
  Message,
  MessageId,
  Presence,
  QueueReason,
  RingReport,
  ThreadId,
  ThreadMode,
  SubjectId,
} from './model';

/** What happened, by type. State is made of these and of nothing else; all of them are journaled. */
export interface Facts {
  'agent.registered': { readonly agent: Agent };
  /** Only what changed is there. */
  'agent.profiled': {
    readonly agent: AgentId;
    readonly name?: string;
    readonly card?: Partial<Card>;
    readonly busy?: boolean;
  };
  'agent.retired': { readonly agent: AgentId };

  'call.placed': { readonly call: Call; readonly to: readonly AgentId[]; readonly key?: KeyUse };
  'call.queued': { readonly call: CallId; readonly agent: AgentId; readonly reason: QueueReason };
  'call.rang': { readonly call: CallId; readonly agent: AgentId; readonly deadline: number };
  /** `by` differs from `agent` when the person answered for it. */
  'call.accepted': { readonly call: CallId; readonly agent: AgentId; readonly by: AgentId; readonly thread: ThreadId };
  'call.declined': { readonly call: CallId; readonly agent: AgentId; readonly by: AgentId; readonly reason?: string };
  /** `by` is there when somebody put it off; else time did. */
  'call.missed': { readonly call: CallId; readonly agent: AgentId; readonly by?: AgentId };
  'call.cancelled': { readonly call: CallId; readonly agent: AgentId; readonly by: AgentId };
  /** Two called each other: `into` lives. */
  'call.merged': { readonly call: CallId; readonly agent: AgentId; readonly into: CallId };
  /** Answered late while the caller was there: `by` rings it back with the call `into`. */
  'call.returned': { readonly call: CallId; readonly agent: AgentId; readonly by: AgentId; readonly into: CallId };
  'call.expired': { readonly call: CallId; readonly agent: AgentId };

  'thread.opened': {
    readonly thread: ThreadId;
    readonly topic: string;
    readonly mode: ThreadMode;
    readonly home: BrokerId;
    /** Newcomers may join without an invitation. */
    readonly open: boolean;
    readonly call?: CallId;
    /** Set on a thread of exactly two that `message` goes on in. */
    readonly pair?: readonly [AgentId, AgentId];
  };
  /** Every message, joins and leaves among them. `answers` names the messages that this one answers. */
  'message.sent': { readonly message: Message; readonly answers: readonly MessageId[]; readonly key?: KeyUse };
  'thread.paused': { readonly thread: ThreadId; readonly by: AgentId };
  'thread.resumed': { readonly thread: ThreadId; readonly by: AgentId };
  'thread.closed': { readonly thread: ThreadId; readonly reason: CloseReason; readonly by?: AgentId };
  /** Every word of it goes, everywhere; the fact itself holds none. */
  'thread.erased': { readonly thread: ThreadId; readonly by: AgentId };
  /** What a repair could not save: one of these stands in the place of each offset from `from` to `to`. */
  'gap.journaled': { readonly from: number; readonly to: number };

  /** A ringer wrote to the agent's client for this message or call. */
  'receipt.rung': { readonly subject: SubjectId; readonly agent: AgentId; readonly report: RingReport };
  /** An answer that held these whole was handed over in full; `position` moves the agent's listening. */
  'receipt.seen': {
    readonly agent: AgentId;
    readonly messages: readonly MessageId[];
    readonly calls: readonly CallId[];
    readonly via: string;
    readonly position?: number;
  };
  'receipt.refused': { readonly subject: SubjectId; readonly agent: AgentId; readonly code: string };
  /** The sender was told, once, that this was not seen in time. */
  'watchdog.told': {
    readonly subject: SubjectId;
    readonly sender: AgentId;
    readonly agent: AgentId;
    readonly reason: string;
  };
}

/** The use of an idempotency key: the same key with another fingerprint is a conflict. */
export interface KeyUse {
  readonly key: string;
  readonly fingerprint: string;
}

export type FactType = keyof Facts;

/** A fact before it has its place in the journal. */
export type Fact = { [T in FactType]: { readonly type: T; readonly payload: Facts[T] } }[FactType];

/** A fact with its place: offsets count from 1 without a gap, `origin` is the broker that gave it. */
export type DurableEvent = Fact & {
  readonly offset: number;
  readonly time: number;
  readonly origin: BrokerId;
};

/** Told to whoever listens now; without an offset, never journaled. */
export type PassingEvent =
  | { readonly type: 'typing'; readonly thread: ThreadId; readonly agent: AgentId }
  | { readonly type: 'presence'; readonly agent: AgentId; readonly presence: Presence }
  | { readonly type: 'reach'; readonly agent: AgentId }
  /** A second program claimed the seat of an agent that is there: it signs on under a name of its own. */
  | { readonly type: 'seat'; readonly agent: AgentId; readonly program: string }
  | { readonly type: 'ring'; readonly call: CallId; readonly agent: AgentId; readonly step: string };

/** These may ride in the next group of the journal: losing them in a crash repeats, and loses nothing. */
export const lazyFacts: ReadonlySet<FactType> = new Set(['receipt.rung', 'receipt.seen']);
