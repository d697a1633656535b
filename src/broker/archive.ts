import type { Limits } from '../core/limits';
import type { AgentId, ThreadId } from '../core/model';
import type { TaskId, TaskRecord } from '../core/taskModel';
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
} from '../store/index/answers';

/** What the broker asks of the index. Every query waits until the index has followed the journal up to `atLeast`. */
export interface Archive {
  messages(query: MessagesQuery, atLeast: number): Promise<MessagesPage>;
  thread(id: ThreadId, atLeast: number): Promise<IndexedThread | undefined>;
  /** Latest first. */
  threads(query: ThreadsQuery, atLeast: number): Promise<readonly IndexedThread[]>;
  /** The last calls that an agent placed or got, the latest first. */
  calls(query: CallsQuery, atLeast: number): Promise<readonly IndexedCall[]>;
  /** Latest change first, open and over. */
  tasks(query: TasksQuery, atLeast: number): Promise<TasksPage>;
  task(id: TaskId, atLeast: number): Promise<TaskRecord | undefined>;
  /** The names of agents who are or were here, by id; of nobody else. */
  names(ids: readonly AgentId[], atLeast: number): Promise<Readonly<Record<AgentId, string>>>;
  search(query: SearchQuery, atLeast: number): Promise<SearchPage>;
  sql(query: SqlQuery, atLeast: number): Promise<SqlRows>;
  /** A page of the export; the first without a cursor. */
  exportPage(cursor: string | undefined, atLeast: number, tasks: readonly TaskRecord[]): Promise<ExportPage>;
  /** Takes a piece of a file to import; the last one is answered when all of it was taken in. */
  importPiece(piece: ImportPiece, atLeast: number): Promise<ImportProgress>;
  /** Takes the words of all threads that were erased up to `offset` out of every file of the home. */
  purge(offset: number, fold: { readonly limits: Limits; readonly now: number }): Promise<void>;
}
