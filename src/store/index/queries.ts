import type { CloseReason, Message, MessageType, ReceiptState, Ref, ThreadMode, ThreadState } from '../../core/model';
import type {
  IndexedMessage,
  IndexedReceipt,
  IndexedThread,
  MessagesPage,
  MessagesQuery,
  SearchHit,
  SearchQuery,
  ThreadsQuery,
} from './answers';
import type { Row, SqlDatabase } from './database';

/** The messages of a thread, in order of seq. */
export function messagesOf(database: SqlDatabase, query: MessagesQuery): MessagesPage {
  const { thread, after, before, limit } = query;
  const range = 'thread = ? and seq > ? and seq < ?';
  const bounds = [thread, after ?? 0, before ?? Number.MAX_SAFE_INTEGER];
  const order = after === undefined ? 'desc' : 'asc';
  const rows = database.all(`select * from message where ${range} order by seq ${order} limit ?`, ...bounds, limit);
  if (order === 'desc') rows.reverse();
  // Seqs have no gaps, so the ends tell how many there are; counting would read them all.
  const end = (which: 'min' | 'max'): number =>
    Number(database.get(`select ${which}(seq) as seq from message where ${range}`, ...bounds)?.['seq'] ?? 0);
  const fitting = rows.length === 0 ? 0 : end('max') - end('min') + 1;
  const messages = rows.map((row): IndexedMessage => {
    const receipts = database.all('select * from receipt where message = ? order by agent', text(row, 'id'));
    return { message: messageOf(row), receipts: receipts.map(receiptOf) };
  });
  return { messages, more: fitting - messages.length };
}

/** One thread, open or closed. */
export function threadOf(database: SqlDatabase, id: string): IndexedThread | undefined {
  const row = database.get('select * from thread where id = ?', id);
  return row && threadFrom(database, row);
}

/** Threads, the one with the latest message first. */
export function threadsOf(database: SqlDatabase, query: ThreadsQuery): IndexedThread[] {
  const conditions = ['lastAt < ?'];
  const values: (string | number)[] = [query.before ?? Number.MAX_SAFE_INTEGER];
  if (query.state !== 'all') conditions.push(`state ${query.state === 'closed' ? '=' : '<>'} 'closed'`);
  if (query.agent !== undefined) {
    conditions.push('id in (select thread from participant where agent = ?)');
    values.push(query.agent);
  }
  const where = conditions.join(' and ');
  const rows = database.all(
    `select * from thread where ${where} order by lastAt desc, id desc limit ?`,
    ...values,
    query.limit,
  );
  return rows.map((row) => threadFrom(database, row));
}

/** Messages with all of these words, newest first. Text without a word finds nothing. */
export function search(database: SqlDatabase, query: SearchQuery): SearchHit[] {
  const words = query.text.match(/[\p{L}\p{N}]+/gu);
  if (!words) return [];
  const match = words.map((word) => `"${word}"`).join(' ');
  const only =
    query.agent === undefined ? '' : 'and message.thread in (select thread from participant where agent = ?)';
  const rows = database.all(
    `select message.*, thread.topic as topic, snippet(messageText, '[', ']', '…', -1, 24) as snippet
     from messageText
     join message on message.place = messageText.docid
     left join thread on thread.id = message.thread
     where messageText match ? ${only}
     order by messageText.docid desc limit ?`,
    ...(query.agent === undefined ? [match] : [match, query.agent]),
    query.limit,
  );
  return rows.map((row) => ({ message: messageOf(row), topic: text(row, 'topic'), snippet: text(row, 'snippet') }));
}

function messageOf(row: Row): Message {
  const refs = row['refs'];
  const replyTo = row['replyTo'];
  return {
    id: text(row, 'id'),
    thread: text(row, 'thread'),
    from: text(row, 'sender'),
    type: text(row, 'type') as MessageType,
    content: text(row, 'content'),
    refs: typeof refs === 'string' ? (JSON.parse(refs) as Ref[]) : [],
    ...(typeof replyTo === 'string' && { replyTo }),
    seq: Number(row['seq']),
    timestamp: Number(row['timestamp']),
  };
}

function receiptOf(row: Row): IndexedReceipt {
  return {
    agent: text(row, 'agent'),
    state: text(row, 'state') as ReceiptState,
    at: Number(row['at']),
    ...optional(row, 'ringer'),
    ...optional(row, 'result'),
    ...optional(row, 'detail'),
  };
}

function threadFrom(database: SqlDatabase, row: Row): IndexedThread {
  const id = text(row, 'id');
  const places = database.all('select agent, leftAt from participant where thread = ? order by joinedAt, agent', id);
  return {
    id,
    topic: text(row, 'topic'),
    mode: text(row, 'mode') as ThreadMode,
    state: text(row, 'state') as ThreadState,
    home: text(row, 'home'),
    ...optional(row, 'call'),
    openedAt: Number(row['openedAt']),
    lastAt: Number(row['lastAt']),
    ...(row['closedAt'] !== null && { closedAt: Number(row['closedAt']) }),
    ...(row['reason'] !== null && { reason: text(row, 'reason') as CloseReason }),
    messages: Number(row['messages']),
    participants: places.map((place) => ({ agent: text(place, 'agent'), left: place['leftAt'] !== null })),
  };
}

function text(row: Row, column: string): string {
  const value = row[column];
  return typeof value === 'string' ? value : '';
}

function optional<K extends string>(row: Row, column: K): { [key in K]?: string } {
  const value = row[column];
  return typeof value === 'string' ? ({ [column]: value } as { [key in K]: string }) : {};
}
