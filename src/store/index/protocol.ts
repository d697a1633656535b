import type { ExportAsk } from './exporting';
import type { Limits } from '../../core/limits';
import type { TaskRecord } from '../../core/taskModel';
import type { StoreErrorCode, StoreErrorFacts } from '../errors';
import type { ArchiveEntry, CoverEntry } from '../manifest';
import type {
  CallsQuery,
  ExportPage,
  ImportPiece,
  ImportProgress,
  IndexedCall,
  IndexedThread,
  MessagesPage,
  MessagesQuery,
  SearchPage,
  SearchQuery,
  SqlQuery,
  SqlRows,
  TasksPage,
  TasksQuery,
  ThreadsQuery,
} from './answers';
import type { ArchivingBounds } from './archiving';

/** A checkpoint to make at `offset`, which MUST be durable, out of `base` (none: out of the whole journal). */
export interface FoldAsk {
  readonly offset: number;
  readonly base?: CoverEntry | undefined;
  readonly limits: Limits;
  /** Milliseconds since the epoch: what is over by then is left out. */
  readonly now: number;
}

/** What can be asked of the worker, with what it answers. */
export interface IndexAsks {
  /**
   * MUST be the first. `snapshots`: SHA-256 and offset of those in the manifest, newest first. Answers the `lost` ones,
   * and the offsets that are `missing` because neither a snapshot nor the journal has them.
   */
  open: {
    ask: { home: string; snapshots: readonly { sha256: string; offset: number }[] };
    answer: { lost: string[]; missing?: { from: number; to: number } | undefined };
  };
  messages: { ask: MessagesQuery; answer: MessagesPage };
  thread: { ask: { id: string }; answer: IndexedThread | undefined };
  threads: { ask: ThreadsQuery; answer: IndexedThread[] };
  calls: { ask: CallsQuery; answer: IndexedCall[] };
  tasks: { ask: TasksQuery; answer: TasksPage };
  task: { ask: { readonly id: string }; answer: TaskRecord | undefined };
  /** The names that agents have or had, by id; who was never here is left out. */
  names: { ask: { readonly ids: readonly string[] }; answer: Readonly<Record<string, string>> };
  search: { ask: SearchQuery; answer: SearchPage };
  /** MUST be the last that a worker is asked: it changes what the others see. */
  sql: { ask: SqlQuery; answer: SqlRows };
  /** Writes `state.db`. `listed`: the SHA-256 of the newest snapshot in the manifest. */
  snapshot: { ask: { listed?: string | undefined }; answer: { offset: number; length: number; sha256: string } };
  /**
   * Writes closed threads that are ripe into an archive; any, when the index is larger than `mostLive` (bytes). It counts
   * when the manifest names it. `more`: others are ripe that did not go in.
   */
  archive: {
    ask: ArchivingBounds & { readonly mostLive: number };
    answer: { entry?: ArchiveEntry | undefined; more: boolean };
  };
  endedBefore: { ask: { readonly time: number; readonly limit: number }; answer: string[] };
  closedBefore: { ask: { readonly time: number; readonly limit: number }; answer: string[] };
  export: { ask: ExportAsk; answer: ExportPage };
  /** With the last piece, the archives that it gave: they count when the manifest names them. */
  import: { ask: ImportPiece; answer: ImportProgress & { readonly added: ArchiveEntry[] } };
  /** Takes what was erased out of the index for good, and writes the archives anew that hold some of it. */
  purge: { ask: object; answer: { gone: readonly string[]; added: ArchiveEntry[] } };
  /** Writes a checkpoint beside the others; it counts when the manifest names it. */
  checkpoint: { ask: FoldAsk; answer: CoverEntry };
}

export type IndexAskKind = keyof IndexAsks;

/** One question. The worker first follows the journal to `upTo`, which MUST be durable. */
export type IndexRequest = {
  [K in IndexAskKind]: {
    readonly id: number;
    readonly kind: K;
    readonly ask: IndexAsks[K]['ask'];
    readonly upTo: number;
    /** Names of the segments in the manifest. */
    readonly segments: readonly string[];
    /** The archives in the manifest, when they are others than in the question before. */
    readonly archives?: readonly ArchiveEntry[] | undefined;
  };
}[IndexAskKind];

/** The answer to one question; `offset` is how far it covers the journal. */
export type IndexReply =
  | { readonly id: number; readonly ok: true; readonly offset: number; readonly answer: unknown }
  | {
      readonly id: number;
      readonly ok: false;
      readonly code: StoreErrorCode;
      readonly message: string;
      readonly facts: StoreErrorFacts;
    };

/** The two ends of a channel to a worker; either may be in the same process. */
export interface IndexPort {
  post(request: IndexRequest): void;
  onReply(take: (reply: IndexReply) => void): void;
  /** Called once when the worker is gone, unless it was stopped. */
  onGone(take: (why: string) => void): void;
  stop(): Promise<void>;
}
