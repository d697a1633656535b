import type { ThreadId } from '../core/model';
import type { IndexedThread, MessagesPage, MessagesQuery, ThreadsQuery } from '../store/index/answers';

/** What the broker asks of the index. Every query waits until the index has followed the journal up to `atLeast`. */
export interface Archive {
  messages(query: MessagesQuery, atLeast: number): Promise<MessagesPage>;
  thread(id: ThreadId, atLeast: number): Promise<IndexedThread | undefined>;
  /** Latest first. */
  threads(query: ThreadsQuery, atLeast: number): Promise<readonly IndexedThread[]>;
}
