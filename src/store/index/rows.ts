import type { CloseReason, Message, MessageType, ReceiptState, Ref, ThreadMode, ThreadState } from '../../core/model';
import type { IndexedReceipt, IndexedThread } from './answers';
import type { Row, SqlDatabase } from './database';

/** A row of `message`. */
export function messageOf(row: Row): Message {
  const refs = row['refs'];
  const { replyTo, broadcast } = row;
  return {
    id: text(row, 'id'),
    thread: text(row, 'thread'),
    from: text(row, 'sender'),
    type: text(row, 'type') as MessageType,
    content: text(row, 'content'),
    refs: typeof refs === 'string' ? (JSON.parse(refs) as Ref[]) : [],
    ...(typeof replyTo === 'string' && { replyTo }),
    ...(typeof broadcast === 'string' && { broadcast }),
    seq: Number(row['seq']),
    timestamp: Number(row['timestamp']),
  };
}

/** A row of `receipt`. */
export function receiptOf(row: Row): IndexedReceipt {
  return {
    agent: text(row, 'agent'),
    state: text(row, 'state') as ReceiptState,
    at: Number(row['at']),
    ...optional(row, 'ringer'),
    ...optional(row, 'result'),
    ...optional(row, 'detail'),
  };
}

/** A row of `thread`, with its participants. */
export function threadFrom(database: SqlDatabase, row: Row): IndexedThread {
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

/** A column's text; empty for anything else. */
export function text(row: Row, column: string): string {
  const value = row[column];
  return typeof value === 'string' ? value : '';
}

function optional<K extends string>(row: Row, column: K): { [key in K]?: string } {
  const value = row[column];
  return typeof value === 'string' ? ({ [column]: value } as { [key in K]: string }) : {};
}
