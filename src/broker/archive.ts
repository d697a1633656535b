import type {
  AgentId,
  CallId,
  CloseReason,
  Message,
  ReceiptState,
  ThreadId,
  ThreadMode,
  ThreadState,
} from '../core/model';

/** A message as the index keeps it, with the receipts of its recipients. */
export interface StoredMessage {
  readonly message: Message;
  readonly receipts: readonly StoredReceipt[];
}

export interface StoredReceipt {
  readonly agent: AgentId;
  readonly state: ReceiptState;
  readonly at: number;
  readonly ringer?: string | undefined;
  readonly result?: string | undefined;
  readonly detail?: string | undefined;
}

/** A thread as the index keeps it, open or closed. */
export interface StoredThread {
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

export interface MessageQuery {
  readonly thread: ThreadId;
  /** Messages with a higher seq, the first of them. */
  readonly after?: number | undefined;
  /** Messages with a lower seq, the last of them; in order of seq all the same. */
  readonly before?: number | undefined;
  readonly limit: number;
}

export interface ThreadQuery {
  /** Only threads that this agent is or was in. */
  readonly agent?: AgentId | undefined;
  readonly state: 'open' | 'closed' | 'all';
  /** Last message before this time, ms. */
  readonly before?: number | undefined;
  readonly limit: number;
}

/** What the index answers. Every query waits until the index has followed the journal up to `atLeast`. */
export interface Archive {
  messages(query: MessageQuery, atLeast: number): Promise<{ messages: readonly StoredMessage[]; more: number }>;
  thread(id: ThreadId, atLeast: number): Promise<StoredThread | undefined>;
  /** Latest first. */
  threads(query: ThreadQuery, atLeast: number): Promise<readonly StoredThread[]>;
}
