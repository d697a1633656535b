import type {
  Agent,
  AgentId,
  BroadcastId,
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
  Rule,
  SkipReason,
  ThreadId,
  ThreadMode,
  SubjectId,
} from './model';
import type { Quiet } from './quiet';
import type { KeyResult } from './state';
import type { Task, TaskId, UseId, UseOutcome } from './taskModel';
import type { RefusalCode, RefusalFacts } from './refusal';

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
  /** By time; with `by`, the person signed it off. */
  'agent.retired': { readonly agent: AgentId; readonly by?: AgentId };
  /** The person's rule for one agent, or for everyone; it replaces the one before. */
  'agent.governed': { readonly agent?: AgentId; readonly rule: Rule; readonly by: AgentId };
  /** The person has paused everything. */
  'all.paused': { readonly by: AgentId };
  'all.resumed': { readonly by: AgentId };
  /** The person is disturbed, or is not, from now on: by their word or by their hours. `quiet` replaces what was. */
  'person.quieted': { readonly agent: AgentId; readonly quiet: Quiet; readonly busy: boolean };

  'call.placed': { readonly call: Call; readonly to: readonly AgentId[]; readonly key?: KeyUse };
  'call.queued': {
    readonly call: CallId;
    readonly agent: AgentId;
    readonly reason: QueueReason;
    readonly asks?: AgentId;
  };
  /** `asks`: it rings at the person first, who may let the agent answer. */
  'call.rang': { readonly call: CallId; readonly agent: AgentId; readonly deadline: number; readonly asks?: AgentId };
  /** The person lets the agent answer: it rings there now. */
  'call.permitted': {
    readonly call: CallId;
    readonly agent: AgentId;
    readonly by: AgentId;
    readonly deadline: number;
  };
  /** Not free now: the caller will be told when it is. */
  'call.awaited': {
    readonly call: CallId;
    readonly agent: AgentId;
    readonly reason: QueueReason;
    readonly asks?: AgentId;
  };
  /** The callee is free: the caller who waited for that is told. */
  'call.freed': { readonly call: CallId; readonly agent: AgentId };
  /** A hunt comes to the next in its line. */
  'call.hunted': { readonly call: CallId; readonly agent: AgentId };
  /** A hunt goes on without this one. */
  'call.passed': {
    readonly call: CallId;
    readonly agent: AgentId;
    readonly reason: PassReason;
    readonly by?: AgentId;
  };
  /** A hunt has tried all of them; `agent` was the last. */
  'call.nobody': { readonly call: CallId; readonly agent: AgentId };
  /** `by` differs from `agent` when the person answered for it. */
  'call.accepted': {
    readonly call: CallId;
    readonly agent: AgentId;
    readonly by: AgentId;
    readonly thread: ThreadId;
    readonly key?: KeyUse;
  };
  'call.declined': {
    readonly call: CallId;
    readonly agent: AgentId;
    readonly by: AgentId;
    readonly reason?: string;
    readonly key?: KeyUse;
  };
  /** `by` is there when somebody put it off; else time did. */
  'call.missed': { readonly call: CallId; readonly agent: AgentId; readonly by?: AgentId; readonly key?: KeyUse };
  'call.cancelled': { readonly call: CallId; readonly agent: AgentId; readonly by: AgentId };
  /** Two called each other: `into` lives. */
  'call.merged': { readonly call: CallId; readonly agent: AgentId; readonly into: CallId };
  /** Answered late while the caller was there: `by` rings it back with the call `into`. */
  'call.returned': {
    readonly call: CallId;
    readonly agent: AgentId;
    readonly by: AgentId;
    readonly into: CallId;
    readonly key?: KeyUse;
  };
  /** `reason`: an invitation into a thread that closed meanwhile. */
  'call.expired': { readonly call: CallId; readonly agent: AgentId; readonly reason?: 'thread_closed' };

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
    /** Opened as a room: it lives on with one participant. */
    readonly room?: true;
    /** Absent: whoever wants speaks. */
    readonly order?: 'round-robin';
    /** Messages from agents until a person speaks; absent: the limit `turns`. */
    readonly turnLimit?: number;
    /** Who opened the room. */
    readonly by?: AgentId;
    readonly key?: KeyUse;
  };
  /**
   * Every message, joins and leaves among them. `answers` names the messages that this one answers. `by` did it, where
   * that is not the sender: a person who removed somebody, whoever brought a note of the broker about.
   */
  'message.sent': {
    readonly message: Message;
    readonly answers: readonly MessageId[];
    readonly by?: AgentId;
    readonly key?: KeyUse;
  };
  'thread.renamed': { readonly thread: ThreadId; readonly topic: string; readonly by: AgentId };
  /** Agents may send so many messages more until a person speaks. */
  'thread.granted': { readonly thread: ThreadId; readonly turns: number; readonly by: AgentId };
  /** Agents have sent as many messages as they may: a person must speak or grant more. */
  'thread.limited': { readonly thread: ThreadId; readonly limit: number };
  /** Whose turn it was did not speak. */
  'turn.skipped': { readonly thread: ThreadId; readonly agent: AgentId; readonly reason: SkipReason };
  /** The copies went out before this; it remembers what became of each under the key. */
  'broadcast.sent': { readonly from: AgentId; readonly outcome: BroadcastOutcome; readonly key: KeyUse };
  /** A command was done under this key, which none of its own facts carries. */
  'key.used': { readonly agent: AgentId; readonly key: KeyUse; readonly result: KeyResult };
  'thread.paused': { readonly thread: ThreadId; readonly by: AgentId };
  'thread.resumed': { readonly thread: ThreadId; readonly by: AgentId };
  'thread.closed': { readonly thread: ThreadId; readonly reason: CloseReason; readonly by?: AgentId };
  /** Every word of it goes, everywhere; the fact itself holds none. */
  'thread.erased': { readonly thread: ThreadId; readonly by: AgentId };
  /** Tasks that were over for long enough: every word of them goes, everywhere. */
  'tasks.erased': { readonly tasks: readonly TaskId[]; readonly by: AgentId };
  /** What a repair could not save: one of these stands in the place of each offset from `from` to `to`. */
  'gap.journaled': { readonly from: number; readonly to: number };

  'task.placed': { readonly task: Task; readonly key?: KeyUse };
  /** It is offered to the assignee again: by time, or by who gave it with a word. */
  'task.offered': { readonly task: TaskId; readonly by?: AgentId; readonly said?: string; readonly key?: KeyUse };
  /** The assignee took it under this fencing number. */
  'task.taken': { readonly task: TaskId; readonly by: AgentId; readonly fence: number; readonly leaseUntil: number };
  'task.reported': {
    readonly task: TaskId;
    readonly by: AgentId;
    readonly state: 'working' | 'input-required';
    readonly said?: string;
    readonly progress?: number;
    readonly leaseUntil?: number;
    readonly key?: KeyUse;
  };
  /** Who gave it answered the assignee's question. */
  'task.input': {
    readonly task: TaskId;
    readonly by: AgentId;
    readonly said: string;
    readonly leaseUntil: number;
    readonly key?: KeyUse;
  };
  /** The lease ends then: after a restart or a sleep, or because the clock was set back. */
  'task.leased': { readonly task: TaskId; readonly leaseUntil: number };
  /** It went back under a new fencing number. With `offerAt` it is offered again then. */
  'task.returned': {
    readonly task: TaskId;
    readonly by?: AgentId;
    readonly reason: 'failed' | 'lapsed';
    readonly said?: string;
    readonly fence: number;
    readonly offerAt?: number;
    readonly key?: KeyUse;
  };
  /** `by` is absent when time ended it; then `reason` says why. */
  'task.ended': {
    readonly task: TaskId;
    readonly by?: AgentId;
    readonly state: 'completed' | 'failed' | 'canceled' | 'rejected';
    readonly said?: string;
    readonly result?: unknown;
    readonly reason?: string;
    readonly key?: KeyUse;
  };
  /** The person said who may use which tools of whom; what is absent stands for all. `allow` null: the rule is taken back. */
  'tool.allowed': {
    readonly by: AgentId;
    readonly agent?: AgentId | undefined;
    readonly owner?: AgentId | undefined;
    readonly tool?: string | undefined;
    readonly allow: boolean | null;
  };
  /** A tool is about to be used. Long arguments are there as their SHA-256; results are not journaled. */
  'tool.used': {
    readonly use: UseId;
    readonly by: AgentId;
    readonly owner: AgentId;
    readonly tool: string;
    readonly args?: unknown;
    readonly hash?: string;
    readonly bytes: number;
    /** No program runs it: it became this task, which has the arguments. */
    readonly task?: TaskId;
    readonly key?: KeyUse;
  };
  'tool.ended': {
    readonly use: UseId;
    readonly outcome: UseOutcome;
    readonly milliseconds: number;
    /** Of the result. */
    readonly bytes: number;
  };

  /** A ringer wrote to the agent's client for this message or call. `wakes`: it counts against what the agent may be woken in an hour. */
  'receipt.rung': {
    readonly subject: SubjectId;
    readonly agent: AgentId;
    readonly report: RingReport;
    readonly wakes?: true;
  };
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

/** Why a hunt went on. */
export type PassReason = 'no-answer' | QueueReason;

/** What became of each copy of a broadcast. */
export interface BroadcastOutcome {
  readonly broadcast: BroadcastId;
  readonly sent: readonly { readonly agent: AgentId; readonly thread: ThreadId; readonly message: MessageId }[];
  readonly refused: readonly { readonly name: string; readonly code: RefusalCode; readonly facts: RefusalFacts }[];
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
