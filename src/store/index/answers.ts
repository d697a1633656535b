import type {
  AgentId,
  CallId,
  CloseReason,
  Message,
  ReceiptState,
  ThreadId,
  ThreadMode,
  ThreadState,
} from '../../core/model';

/** One recipient's receipt. `ringer`, `result` and `detail` tell of the last ring. */
export interface IndexedReceipt {
  readonly agent: AgentId;
  readonly state: ReceiptState;
  readonly at: number;
  readonly ringer?: string | undefined;
  readonly result?: string | undefined;
  /** Of the ring, or the code of a refusal. */
  readonly detail?: string | undefined;
}

/** A message with the receipts of its recipients. */
export interface IndexedMessage {
  readonly message: Message;
  readonly receipts: readonly IndexedReceipt[];
}

/** A thread, open or closed. */
export interface IndexedThread {
  readonly id: ThreadId;
  readonly topic: string;
  readonly mode: ThreadMode;
  readonly state: ThreadState;
  readonly home: string;
  readonly call?: CallId | undefined;
  readonly openedAt: number;
  readonly lastAt: number;
  readonly closedAt?: number | undefined;
  readonly reason?: CloseReason | undefined;
  /** The seq of the last message. */
  readonly messages: number;
  readonly participants: readonly { readonly agent: AgentId; readonly left: boolean }[];
}

export interface MessagesQuery {
  readonly thread: ThreadId;
  /** Messages with a higher seq, the first of them. */
  readonly after?: number | undefined;
  /** Messages with a lower seq, the last of them; in order of seq all the same. */
  readonly before?: number | undefined;
  readonly limit: number;
}

export interface MessagesPage {
  readonly messages: readonly IndexedMessage[];
  /** How many more fit the query. */
  readonly more: number;
}

export interface ThreadsQuery {
  /** Only threads that this agent is or was in. */
  readonly agent?: AgentId | undefined;
  readonly state: 'open' | 'closed' | 'all';
  /** Last message before this time, ms. */
  readonly before?: number | undefined;
  readonly limit: number;
}

export interface SearchQuery {
  /** Words that all have to be in the message; anything that is not a letter or digit separates. */
  readonly text: string;
  /** Only threads that this agent is or was in. */
  readonly agent?: AgentId | undefined;
  readonly limit: number;
}

/** A message that was found, newest first. `snippet` marks the words with `[` and `]`. */
export interface SearchHit {
  readonly message: Message;
  readonly topic: string;
  readonly snippet: string;
}
