import type { SqlJsStatic } from 'sql.js';
import { archiveBytes } from './archiveFiles';
import { copyRows } from './catalogue';
import { SqlDatabase } from './database';
import { indexFormat, markFile, schema } from './schema';
import { text } from './rows';

/** Which threads are moved. */
export interface ArchivingBounds {
  /** Closed before this time, ms. */
  readonly closedBefore: number;
  /** Nothing is done for less than this, bytes of text. */
  readonly least: number;
  /** An archive takes no more messages from this size on, bytes. */
  readonly fullAt: number;
}

/** An archive that is full at this size (bytes) has room for what was begun, and stays below `archiveBytes`. */
export const archiveFullAt = archiveBytes - 8 * 1024 * 1024;
/** Text that is copied before the size is looked at again, bytes. */
const chunkBytes = 1024 * 1024;
/** What a message takes beside its text, bytes. */
const rowBytes = 200;

const sizeOf = `length(cast(content as blob)) + coalesce(length(cast(refs as blob)), 0)
  + coalesce(length(cast(about as blob)), 0) + ${rowBytes}`;

/** Copies the threads that are ripe into a new archive, those that closed first. @returns nothing when there are too few */
export function archiveRipe(
  index: SqlDatabase,
  sql: SqlJsStatic,
  offset: number,
  bounds: ArchivingBounds,
): { bytes: Uint8Array; more: boolean } | undefined {
  const ripe = `select id from thread where state = 'closed' and archived = 0 and closedAt < ? order by closedAt, id`;
  const ids = index.all(ripe, bounds.closedBefore).map((row) => text(row, 'id'));
  if (ids.length === 0 || !isEnough(index, ids, bounds.least)) return undefined;
  const builder = new ArchiveBuilder(sql, bounds.fullAt);
  try {
    const took = ids.findIndex((id) => !builder.take(index, id));
    return { bytes: builder.finish(offset), more: took >= 0 };
  } finally {
    builder.close();
  }
}

/** Whether the threads have this many bytes of text. No more of them is looked at than it takes: there may be very many. */
function isEnough(index: SqlDatabase, threads: readonly string[], least: number): boolean {
  let bytes = 0;
  for (const thread of threads) {
    bytes += Number(index.get(`select sum(${sizeOf}) as bytes from message where thread = ?`, thread)?.['bytes']);
    if (bytes >= least) return true;
  }
  return false;
}

/** An archive in the making. */
export class ArchiveBuilder {
  readonly #database: SqlDatabase;
  readonly #fullAt: number;
  #threads = 0;
  #isFull = false;
  #grown = 0;

  constructor(sql: SqlJsStatic, fullAt = archiveFullAt) {
    this.#fullAt = fullAt;
    this.#database = new SqlDatabase(sql);
    this.#database.script(`begin; ${schema} insert into meta values ('format', ${indexFormat}); commit`);
  }

  get isFull(): boolean {
    return this.#isFull;
  }

  get threads(): number {
    return this.#threads;
  }

  /** Copies what `source` has of a thread, as far as there is room. @returns whether all of it went in */
  take(source: SqlDatabase, thread: string): boolean {
    if (this.#isFull) return false;
    const target = this.#database;
    this.#threads++;
    let done = 0;
    for (let after = 0; ;) {
      const until = endOfChunk(source, thread, after);
      if (until === undefined) break;
      if (done > 0 && this.#database.bytes >= this.#fullAt) {
        this.#isFull = true;
        break;
      }
      target.transaction(() => {
        copyRows(source, target, 'message', messageRows, thread, after, until);
        const which = 'select place, content, about from message where thread = ? and seq > ? and seq <= ?';
        target.run(`insert into messageText (docid, content, about) ${which}`, thread, after, until);
        copyRows(source, target, 'receipt', receiptRows, thread, after, until);
      });
      [after, done] = [until, done + 1];
    }
    target.transaction(() => {
      copyRows(source, target, 'thread', `${threadRows} where id = ?`, thread);
      for (const table of ['participant', 'callThread']) {
        copyRows(source, target, table, `select * from ${table} where thread = ?`, thread);
      }
      copyRows(source, target, 'call', `select * from call where id in (${ownCalls})`, thread);
      copyRows(source, target, 'leg', `select * from leg where call in (${ownCalls})`, thread);
      // Those that are over: the others change, and stay where they are.
      copyRows(source, target, 'task', 'select * from task where thread = ? and overAt is not null', thread);
      copyRows(source, target, 'callReturn', `select * from callReturn where call in (${ownCalls})`, thread);
      copyRows(source, target, 'agent', `select * from agent where ${speaks} or ${takesPart}`, thread, thread);
    });
    if (this.#database.bytes >= this.#fullAt) this.#isFull = true;
    return !this.#isFull || endOfChunk(source, thread, this.#last(thread)) === undefined;
  }

  /** Gives the builder's own connection, to put in what comes from elsewhere. */
  get database(): SqlDatabase {
    return this.#database;
  }

  /** Text was put in beside `take`, bytes or so: looks at the size from time to time. */
  noteGrowth(bytes: number): void {
    this.#grown += bytes + rowBytes;
    if (this.#grown < chunkBytes) return;
    this.#grown = 0;
    if (this.#database.bytes >= this.#fullAt) this.#isFull = true;
  }

  /** The bytes of the file; `offset` as in its entry. */
  finish(offset: number): Uint8Array {
    this.#database.run(`insert into messageText (messageText) values ('optimize')`);
    this.#database.run(`insert or replace into meta values ('offset', ?)`, offset);
    markFile(this.#database, offset);
    this.#database.script('vacuum');
    return this.#database.export();
  }

  close(): void {
    this.#database.close();
  }

  #last(thread: string): number {
    return Number(this.#database.get('select max(seq) as last from message where thread = ?', thread)?.['last'] ?? 0);
  }
}

const messageRows = `select id, thread, seq, sender, type, content, refs, replyTo, timestamp, about, broadcast
  from message where thread = ? and seq > ? and seq <= ? order by seq`;
const receiptRows = `select receipt.* from receipt join message on message.id = receipt.message
  where message.thread = ? and seq > ? and seq <= ?`;
const threadRows = `select id, topic, mode, state, home, call, openedAt, lastAt, closedAt, reason, messages from thread`;
const ownCalls = `select call from callThread as one where thread = ?
  and not exists (select 1 from callThread where call = one.call and thread <> one.thread)`;
const speaks = 'id in (select sender from message where thread = ?)';
const takesPart = 'id in (select agent from participant where thread = ?)';

/** The seq up to which about `chunkBytes` of text follow; nothing when there are no more messages. */
function endOfChunk(source: SqlDatabase, thread: string, after: number): number | undefined {
  let bytes = 0;
  let end: number | undefined;
  const rows = source.all(
    `select seq, ${sizeOf} as bytes from message where thread = ? and seq > ? order by seq limit 2000`,
    ...[thread, after],
  );
  for (const row of rows) {
    bytes += Number(row['bytes']);
    if (end !== undefined && bytes > chunkBytes) break;
    end = Number(row['seq']);
  }
  return end;
}
