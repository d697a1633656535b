import type {
  Agent,
  AgentId,
  BrokerId,
  Call,
  CallId,
  CloseReason,
  Leg,
  MessageId,
  ReceiptState,
  RingReport,
  ThreadId,
  ThreadMode,
  ThreadState,
  SubjectId,
} from './model';

/** How long an ended call or closed thread is remembered, so that latecomers learn what became of it, in ms. */
export const aftermath = 24 * 3_600_000;

/** A call with the parts of its callees. Kept while a leg can still change, and for a day after, so that latecomers learn the outcome. */
export interface CallRecord {
  readonly call: Call;
  /** The offset at which it was placed: of two who call each other the lower one lives. */
  readonly offset: number;
  readonly legs: Map<AgentId, Leg>;
  /** The receipts that can move no more: how each callee was reached, for whoever looks later. */
  readonly settled: Map<AgentId, Receipt>;
  /** The thread that the first acceptance opened, or the call that this one was merged into; when that was closed, the one that the next opened. */
  thread?: ThreadId;
  /** When the last leg ended. */
  overAt?: number;
}

/** One participant's place in a thread. */
export interface Place {
  readonly joinedAt: number;
  leftAt?: number;
  /** Messages of others that it has not been shown, oldest first. */
  unseen: MessageId[];
  /** Messages of others that it was shown and has not answered, oldest first; at most {@link seenKept}. */
  seen: MessageId[];
}

/** How many seen, unanswered messages a place remembers: an answer later than that is told by `replyTo` alone. */
export const seenKept = 200;

/** An open or paused thread. Closed threads live in the index. */
export interface ThreadRecord {
  readonly id: ThreadId;
  topic: string;
  readonly mode: ThreadMode;
  readonly home: BrokerId;
  readonly open: boolean;
  readonly call?: CallId;
  readonly pair?: readonly [AgentId, AgentId];
  state: ThreadState;
  readonly openedAt: number;
  lastAt: number;
  /** Message ids by seq, from seq 1 at index 0. */
  readonly ids: MessageId[];
  readonly places: Map<AgentId, Place>;
  /** Messages from agents since a person spoke. */
  turns: number;
  /** The last text's fingerprint (texts stay out of checkpoints, where erasing could not find them) and how often in a row it came from the same agent. */
  repeat?: { readonly from: AgentId; readonly fingerprint: string; times: number };
}

/** How far one recipient's copy got. */
export interface Receipt {
  state: ReceiptState;
  at: number;
  report?: RingReport;
  code?: string;
  /** The watchdog told the sender. */
  told?: boolean;
}

/** A message or call whose receipts can still move. */
export interface Pending {
  readonly kind: 'message' | 'call';
  readonly id: SubjectId;
  readonly thread?: ThreadId;
  readonly seq?: number;
  readonly from: AgentId;
  readonly at: number;
  readonly receipts: Map<AgentId, Receipt>;
}

/** One thing that an agent's `listen` tells; the text of a message is read where it is stored. */
export type FeedEntry = { readonly offset: number; readonly time: number } & (
  | { readonly what: 'call'; readonly call: CallId }
  | { readonly what: 'outcome'; readonly call: CallId; readonly agent: AgentId; readonly outcome: Leg['state'] }
  | { readonly what: 'message'; readonly thread: ThreadId; readonly message: MessageId; readonly seq: number }
  | { readonly what: 'paused' | 'resumed'; readonly thread: ThreadId; readonly by: AgentId }
  | { readonly what: 'closed'; readonly thread: ThreadId; readonly reason: CloseReason; readonly topic: string }
  | { readonly what: 'unseen'; readonly subject: SubjectId; readonly agent: AgentId; readonly reason: string }
);

/** What an agent has been told so far. */
export interface Feed {
  /** The offset up to which it was told. */
  position: number;
  /** Entries older than this were let go: a cursor before it has expired. */
  from: number;
  readonly entries: FeedEntry[];
}

/** A used idempotency key and what it led to. */
export interface KeyRecord {
  readonly fingerprint: string;
  readonly at: number;
  readonly result: KeyResult;
}

export type KeyResult =
  | { readonly kind: 'message'; readonly thread: ThreadId; readonly message: MessageId; readonly seq: number }
  | { readonly kind: 'call'; readonly call: CallId };

/** The live state of the switchboard: all that is not over yet. Changed by `apply` alone. */
export interface State {
  readonly home: BrokerId;
  offset: number;
  /** Where the last thread was erased; 0 before any was. What is older on disk may still hold its words. */
  lastErased: number;
  readonly agents: Map<AgentId, Agent>;
  /** Lower-case names of the living. */
  readonly names: Map<string, AgentId>;
  readonly calls: Map<CallId, CallRecord>;
  /** Calls with a leg of this agent that is queued, ringing or missed, oldest first. */
  readonly waiting: Map<AgentId, CallId[]>;
  readonly threads: Map<ThreadId, ThreadRecord>;
  /** Open threads that the agent is in. */
  readonly inThreads: Map<AgentId, Set<ThreadId>>;
  /** Threads closed within the last day, to tell `thread_closed` from `unknown_thread`, and what they were about. */
  readonly closed: Map<ThreadId, { readonly at: number; readonly topic: string }>;
  readonly pending: Map<SubjectId, Pending>;
  /** What was still unseen when a thread closed, by recipient and thread: it waits in the inbox all the same. */
  readonly lastWords: Map<AgentId, Map<ThreadId, MessageId[]>>;
  /** Unseen messages, by recipient. */
  readonly unread: Map<AgentId, number>;
  /** What is pending and unseen by a recipient of whom the sender was not warned, oldest first, by the mode of its thread. */
  readonly unwarned: Readonly<Record<ThreadMode, Set<SubjectId>>>;
  readonly feeds: Map<AgentId, Feed>;
  /** By `agent key`. */
  readonly keys: Map<string, KeyRecord>;
  /** Messages of a pair of agents without a person: `a b` in order, count since `at`. */
  readonly pairs: Map<string, { count: number; at: number }>;
}

export function emptyState(home: BrokerId): State {
  return {
    home,
    offset: 0,
    lastErased: 0,
    agents: new Map(),
    names: new Map(),
    calls: new Map(),
    waiting: new Map(),
    threads: new Map(),
    inThreads: new Map(),
    closed: new Map(),
    pending: new Map(),
    lastWords: new Map(),
    unread: new Map(),
    unwarned: { live: new Set(), async: new Set() },
    feeds: new Map(),
    keys: new Map(),
    pairs: new Map(),
  };
}

/** The order-free name of two agents. */
export function pairKey(a: AgentId, b: AgentId): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`;
}

export function isOver(leg: Leg): boolean {
  return leg.state !== 'queued' && leg.state !== 'ringing' && leg.state !== 'missed';
}

/** Participants who have not left. */
export function present(thread: ThreadRecord): AgentId[] {
  const agents: AgentId[] = [];
  for (const [agent, place] of thread.places) if (place.leftAt === undefined) agents.push(agent);
  return agents;
}
