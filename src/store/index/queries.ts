import type {
  CallsQuery,
  IndexedCall,
  IndexedMessage,
  IndexedThread,
  MessagesPage,
  MessagesQuery,
  ThreadsQuery,
} from './answers';
import type { ArchiveFiles } from './archiveFiles';
import { partsOf } from './catalogue';
import type { Row, SqlDatabase } from './database';
import { messageOf, receiptOf, text, threadFrom } from './rows';

/**
 * The messages of a thread, in order of seq, from the archives and from the live index.
 *
 * @throws StoreError `archive_missing` when one is asked for that is in an archive that cannot be read.
 */
export async function messagesOf(
  index: SqlDatabase,
  archives: ArchiveFiles,
  query: MessagesQuery,
): Promise<MessagesPage> {
  const { thread, limit } = query;
  const known = index.get('select messages from thread where id = ?', thread);
  const first = (query.after ?? 0) + 1;
  const last = Math.min((query.before ?? Number.MAX_SAFE_INTEGER) - 1, Number(known?.['messages'] ?? 0));
  const isLatest = query.after === undefined;
  const parts = partsOf(index, thread).filter((part) => part.last >= first && part.first <= last);
  // What is in no archive is live; the live messages of a thread come after those in archives.
  const sources = [...parts.map(({ archive }) => archive), undefined];
  const messages: IndexedMessage[] = [];
  for (const archive of isLatest ? sources.toReversed() : sources) {
    if (messages.length >= limit || first > last) break;
    const source = archive === undefined ? index : await archives.open(archive);
    const rows = source.all(
      `select * from message where thread = ? and seq between ? and ? order by seq ${isLatest ? 'desc' : 'asc'} limit ?`,
      ...[thread, first, last, limit - messages.length],
    );
    messages.push(...rows.map((row) => withReceipts(index, source, row)));
  }
  if (isLatest) messages.reverse();
  return { messages, more: Math.max(0, last - first + 1) - messages.length };
}

/** The receipts stand with the message; those that moved after it was archived are in the index. */
function withReceipts(index: SqlDatabase, source: SqlDatabase, row: Row): IndexedMessage {
  const message = messageOf(row);
  const byAgent = new Map<string, Row>();
  for (const database of source === index ? [index] : [source, index]) {
    for (const receipt of database.all('select * from receipt where message = ? order by agent', message.id)) {
      byAgent.set(text(receipt, 'agent'), receipt);
    }
  }
  return { message, receipts: [...byAgent.values()].map(receiptOf) };
}

/** One thread, open, closed or archived. */
export function threadOf(index: SqlDatabase, id: string): IndexedThread | undefined {
  const row = index.get('select * from thread where id = ?', id);
  return row && threadFrom(index, row);
}

/** Threads, the one with the latest message first. */
export function threadsOf(index: SqlDatabase, query: ThreadsQuery): IndexedThread[] {
  const conditions = ['lastAt < ?'];
  const values: (string | number)[] = [query.before ?? Number.MAX_SAFE_INTEGER];
  if (query.state !== 'all') conditions.push(`state ${query.state === 'closed' ? '=' : '<>'} 'closed'`);
  if (query.agent !== undefined) {
    conditions.push('id in (select thread from participant where agent = ?)');
    values.push(query.agent);
  }
  const where = conditions.join(' and ');
  const rows = index.all(
    `select * from thread where ${where} order by lastAt desc, id desc limit ?`,
    ...values,
    query.limit,
  );
  return rows.map((row) => threadFrom(index, row));
}

/** Of how many of the latest calls those of one agent are picked: there is no list of calls by agent. */
const callsLooked = 20_000;

/** The last calls that an agent placed or got, the latest first. */
export function callsOf(index: SqlDatabase, { agent, limit }: CallsQuery): IndexedCall[] {
  const rows = index.all(
    `select id, sender, topic, placedAt from (select * from call order by id desc limit ${callsLooked}) as one
     where sender = ? or exists (select 1 from leg where leg.call = one.id and leg.agent = ?)
     order by id desc limit ?`,
    ...[agent, agent, limit],
  );
  return rows.map((row) => ({
    id: text(row, 'id'),
    from: text(row, 'sender'),
    topic: text(row, 'topic'),
    placedAt: Number(row['placedAt']),
    to: index
      .all('select agent, state from leg where call = ? order by agent', text(row, 'id'))
      .map((leg) => ({ agent: text(leg, 'agent'), state: text(leg, 'state') })),
  }));
}

/** The names that these agents have, or had when they were here last. */
export function namesOf(index: SqlDatabase, ids: readonly string[]): Record<string, string> {
  const rows = index.all(
    'select id, name from agent where id in (select value from json_each(?))',
    JSON.stringify(ids),
  );
  return Object.fromEntries(rows.map((row) => [text(row, 'id'), text(row, 'name')]));
}

/** Ids of tasks that were over before this time (ms), those first that ended first. */
export function endedBefore(index: SqlDatabase, time: number, limit: number): string[] {
  const rows = index.all('select id from task where overAt < ? order by overAt, id limit ?', time, limit);
  return rows.map((row) => text(row, 'id'));
}

/** Ids of threads that were closed before this time (ms), those first that closed first. */
export function closedBefore(index: SqlDatabase, time: number, limit: number): string[] {
  const rows = index.all(
    `select id from thread where state = 'closed' and closedAt < ? order by closedAt, id limit ?`,
    ...[time, limit],
  );
  return rows.map((row) => text(row, 'id'));
}
