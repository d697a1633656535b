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
import type { TaskRecord, TaskState } from '../../core/taskModel';

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

export interface TasksQuery {
  /** Only those that this agent gave or took. */
  readonly agent?: AgentId | undefined;
  /** Only the agent's on that side. */
  readonly mine?: 'given' | 'taken' | undefined;
  readonly state: TaskState | 'open' | 'over';
  readonly limit: number;
}

/** Tasks, the one that changed last first. */
export interface TasksPage {
  readonly tasks: readonly TaskRecord[];
  /** How many fit the query. */
  readonly count: number;
}

/** The last calls that an agent placed or got. */
export interface CallsQuery {
  readonly agent: AgentId;
  readonly limit: number;
}

/** A call as it ended or stands. */
export interface IndexedCall {
  readonly id: CallId;
  readonly from: AgentId;
  readonly topic: string;
  readonly placedAt: number;
  readonly to: { readonly agent: AgentId; readonly state: string }[];
}

export interface SearchQuery {
  /** What somebody typed; `wantedOf` says how it is read. */
  readonly text: string;
  /** Only threads that this agent is or was in. */
  readonly reader?: AgentId | undefined;
  /** Only what this agent said: a name, whoever had it, or an id. */
  readonly agent?: string | undefined;
  readonly thread?: ThreadId | undefined;
  /** Said at or after this time, ms. */
  readonly after?: number | undefined;
  /** Said before this time, ms. */
  readonly before?: number | undefined;
  /** Only what agents of this folder said. */
  readonly workspace?: string | undefined;
  /** Hits to pass over. */
  readonly cursor?: number | undefined;
  readonly limit: number;
}

/** Characters of a snippet that were looked for. */
export interface Mark {
  readonly start: number;
  readonly length: number;
}

/** A place with the words: a message, or without one the topic of a thread. */
export interface SearchHit {
  readonly thread: ThreadId;
  readonly topic: string;
  readonly message?: Message | undefined;
  readonly snippet: string;
  readonly marks: readonly Mark[];
  /** When it was said, ms. */
  readonly at: number;
}

/** Hits, best first. */
export interface SearchPage {
  readonly hits: readonly SearchHit[];
  /** How the text was read. */
  readonly words: readonly string[];
  /** Where the next page begins, when there is one. */
  readonly cursor?: number | undefined;
  /** Archives that could not be searched, by name. */
  readonly unreadable: readonly string[];
}

export interface SqlQuery {
  readonly text: string;
  /** Most rows. */
  readonly limit: number;
  /** Of the archives only those with messages at or after this time, ms. */
  readonly after?: number | undefined;
  /** Of the archives only those with messages before this time, ms. */
  readonly before?: number | undefined;
}

export interface SqlRows {
  readonly columns: string[];
  /** Blobs are hexadecimal digits. */
  readonly rows: (string | number | null)[][];
  /** There are more rows than the limit. */
  readonly more: boolean;
}

/** A page of an export: whole lines. */
export interface ExportPage {
  readonly lines: string;
  /** For the next page; none after the last. */
  readonly cursor?: string | undefined;
}

/** A piece of a file to import. */
export interface ImportPiece {
  /** Of the answer to the first piece; not there in the first. */
  readonly upload?: string | undefined;
  /** Bytes before this piece; not there: it is the next. */
  readonly position?: number | undefined;
  readonly text: string;
  /** This is the last piece. */
  readonly end: boolean;
}

export interface ImportProgress {
  readonly upload: string;
  /** Bytes taken so far. */
  readonly position: number;
  readonly done?: ImportCounts | undefined;
}

export interface ImportCounts {
  /** Threads and messages that were added. */
  readonly threads: number;
  readonly messages: number;
  readonly tasks: number;
  /** Threads that were here already, or were erased here. */
  readonly known: number;
}
