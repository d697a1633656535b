import type { SqlJsStatic } from 'sql.js';
import { StoreError, asStoreError } from '../errors';
import type { Files } from '../files';
import { layoutOf } from '../layout';
import { parseSegmentName } from '../segment';
import { SqlDatabase } from './database';
import { foldCheckpoint } from './foldCheckpoint';
import { JournalTail } from './journalTail';
import { project } from './projection';
import type { IndexAsks, IndexReply, IndexRequest } from './protocol';
import { messagesOf, search, threadOf, threadsOf } from './queries';
import { indexFormat, schema } from './schema';
import { SnapshotFiles } from './snapshotFiles';

interface Opened {
  readonly home: string;
  readonly database: SqlDatabase;
  readonly tail: JournalTail;
  readonly snapshots: SnapshotFiles;
}

/** The worker's side: answers one question after the other. Knows nothing of workers. */
export class IndexSession {
  readonly #files: Files;
  readonly #sql: SqlJsStatic;
  readonly #reply: (reply: IndexReply) => void;
  #opened: Opened | undefined;
  /** How far the journal was followed. */
  #offset = 0;
  #working: Promise<void> = Promise.resolve();

  constructor(files: Files, sql: SqlJsStatic, reply: (reply: IndexReply) => void) {
    this.#files = files;
    this.#sql = sql;
    this.#reply = reply;
  }

  take(request: IndexRequest): void {
    this.#working = this.#working.then(async () => {
      try {
        const answer = await this.#answer(request);
        this.#reply({ id: request.id, ok: true, offset: this.#offset, answer });
      } catch (cause) {
        const { code, message } = asStoreError(cause, 'ask the index');
        this.#reply({ id: request.id, ok: false, code: code === 'storage_failed' ? 'index_failed' : code, message });
      }
    });
  }

  async #answer(request: IndexRequest): Promise<unknown> {
    if (request.kind === 'open') {
      return this.#open(request);
    }
    if (!this.#opened) throw new StoreError('index_failed', 'The index was not opened.');
    const { home, database, snapshots } = this.#opened;
    if (request.kind === 'checkpoint') return foldCheckpoint(this.#files, home, request.ask, request.segments);
    await this.#follow(this.#opened, request);
    switch (request.kind) {
      case 'messages':
        return messagesOf(database, request.ask);
      case 'thread':
        return threadOf(database, request.ask.id);
      case 'threads':
        return threadsOf(database, request.ask);
      case 'search':
        return search(database, request.ask);
      case 'snapshot':
        return { offset: this.#offset, ...(await snapshots.write(database.export(), request.ask.listed)) };
    }
  }

  async #open({ ask, segments }: Extract<IndexRequest, { kind: 'open' }>): Promise<IndexAsks['open']['answer']> {
    const snapshots = new SnapshotFiles(this.#files, ask.home);
    const { bytes, lost } = await snapshots.load(ask.snapshots);
    const database = new SqlDatabase(this.#sql, bytes);
    if (!bytes) {
      database.script(`begin; ${schema} insert into meta values ('format', ${indexFormat}), ('offset', 0); commit`);
    }
    const format = metaNumber(database, 'format');
    if (format > indexFormat) {
      throw new StoreError('home_too_new', `state.db has format ${format}, this program knows ${indexFormat}.`);
    }
    this.#offset = metaNumber(database, 'offset');
    const from = this.#offset + 1;
    const begin = parseSegmentName(segments[0] ?? '')?.first ?? from;
    const tail = new JournalTail(this.#files, layoutOf(ask.home).journal, Math.max(from, begin));
    this.#opened = { home: ask.home, database, tail, snapshots };
    return { lost, missing: begin > from ? { from, to: begin - 1 } : undefined };
  }

  async #follow({ database, tail }: Opened, { upTo, segments }: IndexRequest): Promise<void> {
    for await (const events of tail.read(upTo, segments)) {
      database.transaction(() => {
        for (const event of events) project(database, event);
        database.run(`update meta set value = ? where key = 'offset'`, events.at(-1)?.offset ?? this.#offset);
      });
      this.#offset = events.at(-1)?.offset ?? this.#offset;
    }
  }
}

function metaNumber(database: SqlDatabase, key: string): number {
  return Number(database.get('select value from meta where key = ?', key)?.['value'] ?? 0);
}
