import type {
  Agent,
  AgentId,
  BrokerId,
  Call,
  CallId,
  CloseReason,
  Leg,
  LegState,
  MessageId,
  ReceiptState,
  RingReport,
  Rule,
  ThreadId,
  ThreadMode,
  ThreadState,
  SubjectId,
} from './model';
import type { Quiet } from './quiet';
import type { OpenUse, TaskChange, TaskId, TaskRecord, ToolRule, UseId } from './taskModel';
import type { BroadcastOutcome } from './events';

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
  /** When the last leg ended, or a hunt did. */
  overAt?: number;
  /** A hunt has tried all in its line in vain. */
  nobody?: true;
}

/** One participant's place in a thread. */
export interface Place {
  readonly joinedAt: number;
  leftAt?: number;
  /** When its turn last went by without a word from it. */
  skippedAt?: number;
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
  /** Opened as a room: it lives on with one participant. */
  readonly room?: true;
  /** Who opened the room. */
  readonly by?: AgentId;
  readonly order?: 'round-robin';
  readonly turnLimit?: number;
  state: ThreadState;
  readonly openedAt: number;
  lastAt: number;
  /** Message ids by seq, from seq 1 at index 0. */
  readonly ids: MessageId[];
  readonly places: Map<AgentId, Place>;
  /** Messages from agents since a person spoke, less what a person granted. */
  turns: number;
  /** In a round-robin whose turn it is, and since when. Absent: whoever speaks first. */
  turn?: { readonly agent: AgentId; readonly since: number };
  /** Speakers skipped since an agent last spoke. */
  skips?: number;
  /** The limit that `turns` has reached: agents wait for a person to speak or grant more. */
  limited?: number;
  /** When it last went on after a pause. */
  resumedAt?: number;
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
  readonly kind: 'message' | 'call' | 'task';
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
  | {
      readonly what: 'outcome';
      readonly call: CallId;
      readonly agent: AgentId;
      readonly outcome: Leg['state'] | 'nobody';
    }
  | {
      readonly what: 'message';
      readonly thread: ThreadId;
      readonly message: MessageId;
      readonly seq: number;
      /** Nobody's words: a join, a leave or a note, which has no receipt that would say whether it was shown. */
      readonly notice?: true;
      /** The person's own words: they are told while all is paused, too. */
      readonly person?: true;
    }
  | { readonly what: 'paused' | 'resumed'; readonly thread: ThreadId; readonly by: AgentId }
  | { readonly what: 'closed'; readonly thread: ThreadId; readonly reason: CloseReason; readonly topic: string }
  | { readonly what: 'removed'; readonly thread: ThreadId; readonly by: AgentId }
  | { readonly what: 'limited'; readonly thread: ThreadId }
  | { readonly what: 'task'; readonly task: TaskId; readonly change: TaskChange }
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
  | { readonly kind: 'call'; readonly call: CallId }
  | { readonly kind: 'answer'; readonly call: CallId; readonly thread?: ThreadId; readonly ringBack?: CallId }
  | { readonly kind: 'task'; readonly task: TaskId }
  | { readonly kind: 'use'; readonly use: UseId }
  | { readonly kind: 'thread'; readonly thread: ThreadId }
  /** `seq` of the join. */
  | { readonly kind: 'joined'; readonly thread: ThreadId; readonly seq: number }
  | { readonly kind: 'left'; readonly thread: ThreadId; readonly closed: boolean }
  | { readonly kind: 'erased'; readonly thread: ThreadId; readonly messages: number }
  | { readonly kind: 'agent'; readonly agent: AgentId }
  | { readonly kind: 'done' }
  | { readonly kind: 'broadcast'; readonly outcome: BroadcastOutcome };

/** The live state of the switchboard: all that is not over yet. Changed by `apply` alone. */
export interface State {
  readonly home: BrokerId;
  offset: number;
  /** Where a thread or tasks were erased last; 0 before any was. What is older on disk may still hold its words. */
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
  /** By agent and key. */
  readonly keys: Map<AgentId, Map<string, KeyRecord>>;
  /** Messages of a pair of agents without a person: `a b` in order, count since `at`. */
  readonly pairs: Map<string, { count: number; at: number }>;
  readonly tasks: Map<TaskId, TaskRecord>;
  /** Tasks that are not over, by who gave them and by who has them, oldest first. */
  readonly openTasks: Map<AgentId, Set<TaskId>>;
  readonly toolRules: ToolRule[];
  /** Uses of tools that have not ended. */
  readonly uses: Map<UseId, OpenUse>;
  /** Invitations that can still be answered, by the thread that they lead into. */
  readonly invitations: Map<ThreadId, Set<CallId>>;
  /** Hunts that go on. */
  readonly hunts: Set<CallId>;
  /** The offset at which a hunt rang the agent last: who was matched longest ago comes first. */
  readonly matched: Map<AgentId, number>;
  /** What the person allows, by agent or for {@link everyone}. */
  readonly rules: Map<AgentId, Rule>;
  /** When (ms) the person's hold on this agent, or on everyone, ended last while something waited for it. */
  readonly released: Map<AgentId, number>;
  /** When (ms) the agent was woken within the last hour, oldest first. */
  readonly wakes: Map<AgentId, number[]>;
  /** When the person is not to be disturbed. */
  quiet?: Quiet | undefined;
  /** Since when everything is paused: nothing rings, and agents hear of nothing from this offset on. */
  paused?: { readonly offset: number; readonly at: number } | undefined;
  /** When everything went on last: the time before does not count as silence. */
  resumedAt?: number | undefined;
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
    tasks: new Map(),
    openTasks: new Map(),
    toolRules: [],
    uses: new Map(),
    invitations: new Map(),
    hunts: new Set(),
    matched: new Map(),
    rules: new Map(),
    released: new Map(),
    wakes: new Map(),
  };
}

/** The window of the limit `pairMessagesPerHour`, in milliseconds. */
export const pairWindow = 3_600_000;

/** Stands for everyone in {@link State.rules}. No id looks like this. */
export const everyone = '*';

/** The order-free name of two agents. */
export function pairKey(a: AgentId, b: AgentId): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`;
}

const openLegs: ReadonlySet<LegState> = new Set(['queued', 'ringing', 'missed', 'awaited']);

export function isOver(leg: Leg): boolean {
  return !openLegs.has(leg.state);
}

/** Whether somebody who has not left is in the thread besides this agent. */
export function isAnyoneElse({ places }: ThreadRecord, self: AgentId): boolean {
  for (const [agent, place] of places) if (place.leftAt === undefined && agent !== self) return true;
  return false;
}

/** Participants who have not left, but for this agent. */
export function othersIn({ places }: ThreadRecord, self: AgentId): AgentId[] {
  const agents: AgentId[] = [];
  for (const [agent, place] of places) if (place.leftAt === undefined && agent !== self) agents.push(agent);
  return agents;
}

/** Participants who have not left. */
export function present(thread: ThreadRecord): AgentId[] {
  const agents: AgentId[] = [];
  for (const [agent, place] of thread.places) if (place.leftAt === undefined) agents.push(agent);
  return agents;
}
