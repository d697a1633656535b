import type { SqlJsStatic } from 'sql.js';
import { StoreError, asStoreError } from '../errors';
import { type Files, replaceFile } from '../files';
import { layoutOf } from '../layout';
import { type ArchiveEntry, sha256 } from '../manifest';
import { parseSegmentName } from '../segment';
import type { ImportPiece, SearchHit, SearchPage, SearchQuery } from './answers';
import { ArchiveFiles } from './archiveFiles';
import { type ArchivingBounds, archiveRipe } from './archiving';
import { adopt, adoptedArchives, forgetUnlisted, shrink } from './catalogue';
import { SqlDatabase } from './database';
import { exportPage } from './exporting';
import { foldCheckpoint } from './foldCheckpoint';
import { Uploads, buildImport, checkImport } from './importing';
import { JournalTail } from './journalTail';
import { metaNumber, migrate } from './migrate';
import { project } from './projection';
import type { IndexAsks, IndexReply, IndexRequest } from './protocol';
import { purgeWords, rewriteArchives } from './purging';
import { callsOf, closedBefore, endedBefore, messagesOf, namesOf, threadOf, threadsOf } from './queries';
import { indexFormat, markFile, schema } from './schema';
import { type Ranked, type RankedPlace, best, hitsAt, rankMessages, scopeOf, searchTopics } from './searching';
import { SnapshotFiles } from './snapshotFiles';
import { runSql } from './sqlAsk';
import { taskOf, tasksOf } from './taskRows';
import { wantedOf } from './words';

interface Opened {
  readonly home: string;
  readonly database: SqlDatabase;
  readonly tail: JournalTail;
  readonly snapshots: SnapshotFiles;
  readonly archives: ArchiveFiles;
  readonly uploads: Uploads;
}

/** The worker's side: answers one question after the other. Knows nothing of workers. */
export class IndexSession {
  readonly #files: Files;
  readonly #sql: SqlJsStatic;
  readonly #reply: (reply: IndexReply) => void;
  #opened: Opened | undefined;
  /** How far the journal was followed. */
  #offset = 0;
  /** Archives that could not be read when they were to be taken in. */
  readonly #unreadable = new Set<string>();
  #working: Promise<unknown> = Promise.resolve();

  constructor(files: Files, sql: SqlJsStatic, reply: (reply: IndexReply) => void) {
    this.#files = files;
    this.#sql = sql;
    this.#reply = reply;
  }

  take(request: IndexRequest): void {
    const answered = request.kind === 'search' ? this.#search(request) : this.#turn(() => this.#answer(request));
    answered.then(
      (answer) => this.#reply({ id: request.id, ok: true, offset: this.#offset, answer }),
      (cause: unknown) => {
        const { code, message, facts } = asStoreError(cause, 'ask the index');
        const told = code === 'storage_failed' ? 'index_failed' : code;
        this.#reply({ id: request.id, ok: false, code: told, message, facts });
      },
    );
  }

  /** Runs `work` when everything asked before is done. */
  #turn<T>(work: () => T | Promise<T>): Promise<T> {
    const done = this.#working.then(work);
    this.#working = done.catch(() => undefined);
    return done;
  }

  async #answer(request: IndexRequest): Promise<unknown> {
    if (request.kind === 'open') return this.#open(request);
    const opened = this.#ready();
    const { home, database, snapshots, archives } = opened;
    if (request.kind === 'checkpoint') return foldCheckpoint(this.#files, home, request.ask, request.segments);
    await this.#bringUp(opened, request);
    switch (request.kind) {
      case 'messages':
        return messagesOf(database, archives, request.ask);
      case 'thread':
        return threadOf(database, request.ask.id);
      case 'threads':
        return threadsOf(database, request.ask);
      case 'calls':
        return callsOf(database, request.ask);
      case 'tasks':
        return tasksOf(database, request.ask);
      case 'task':
        return taskOf(database, request.ask.id);
      case 'names':
        return namesOf(database, request.ask.ids);
      case 'search':
        throw new Error('a search takes several turns');
      case 'sql':
        return runSql(database, archives, this.#sql, request.ask);
      case 'snapshot':
        markFile(database, this.#offset);
        return { offset: this.#offset, ...(await snapshots.write(database.export(), request.ask.listed)) };
      case 'endedBefore':
        return endedBefore(database, request.ask.time, request.ask.limit);
      case 'closedBefore':
        return closedBefore(database, request.ask.time, request.ask.limit);
      case 'export':
        return exportPage(database, archives, request.ask);
      case 'import':
        return this.#import(opened, request.ask);
      case 'archive':
        return this.#archive(opened, request.ask);
      case 'purge': {
        const { gone, made } = await rewriteArchives(database, archives, this.#sql);
        purgeWords(database);
        const added: ArchiveEntry[] = [];
        for (const { bytes, offset } of made) added.push(await this.#writeArchive(opened, bytes, offset));
        return { gone, added };
      }
    }
  }

  async #open({ ask, segments }: Extract<IndexRequest, { kind: 'open' }>): Promise<IndexAsks['open']['answer']> {
    const snapshots = new SnapshotFiles(this.#files, ask.home);
    const { bytes, lost } = await snapshots.load(ask.snapshots);
    const database = new SqlDatabase(this.#sql, bytes);
    if (!bytes) {
      database.script(`begin; ${schema} insert into meta values ('format', ${indexFormat}), ('offset', 0); commit`);
    }
    migrate(database);
    this.#offset = metaNumber(database, 'offset');
    const from = this.#offset + 1;
    const layout = layoutOf(ask.home);
    const begin = parseSegmentName(segments[0] ?? '')?.first ?? from;
    const tail = new JournalTail(this.#files, layout.journal, Math.max(from, begin));
    // What the journal has no more is behind us, for archives too.
    this.#offset = Math.max(this.#offset, begin - 1);
    const archives = new ArchiveFiles(this.#files, layout.archives, this.#sql);
    const uploads = new Uploads(this.#files, layout.uploads);
    this.#opened = { home: ask.home, database, tail, snapshots, archives, uploads };
    return { lost, missing: begin > from ? { from, to: begin - 1 } : undefined };
  }

  #ready(): Opened {
    if (!this.#opened) throw new StoreError('index_failed', 'The index was not opened.');
    return this.#opened;
  }

  /** Follows the journal to where the question wants it, and takes in archives where they were cut. */
  async #bringUp(opened: Opened, { upTo, segments, archives: listed }: IndexRequest): Promise<void> {
    const { database, archives } = opened;
    if (listed) {
      archives.list(listed);
      const adopted = adoptedArchives(database);
      for (const entry of archives.entries) {
        if (adopted.has(entry.name) || this.#unreadable.has(entry.name)) continue;
        await this.#follow(opened, Math.min(entry.offset, upTo), segments);
        try {
          adopt(database, entry, await archives.open(entry.name));
          shrink(database);
        } catch (error) {
          if (!(error instanceof StoreError)) throw error;
          this.#unreadable.add(entry.name);
        }
      }
      forgetUnlisted(database, new Set(listed.map(({ name }) => name)));
    }
    await this.#follow(opened, upTo, segments);
  }

  async #follow({ database, tail }: Opened, upTo: number, segments: readonly string[]): Promise<void> {
    for await (const events of tail.read(upTo, segments)) {
      database.transaction(() => {
        for (const event of events) project(database, event);
        database.run(`update meta set value = ? where key = 'offset'`, events.at(-1)?.offset ?? this.#offset);
      });
      this.#offset = events.at(-1)?.offset ?? this.#offset;
    }
  }

  /**
   * Each archive takes a turn of its own, so that other questions need not wait for all of them: once to find where the best
   * are, and once more to read what is shown of it.
   */
  async #search(request: Extract<IndexRequest, { kind: 'search' }>): Promise<SearchPage> {
    const query = request.ask;
    const wanted = wantedOf(query.text);
    if (!wanted) return { hits: [], words: [], unreadable: [] };
    const from = query.cursor ?? 0;
    const most = from + query.limit + 1;
    const { database, archives } = await this.#turn(async () => {
      const opened = this.#ready();
      await this.#bringUp(opened, request);
      return opened;
    });
    const scope = await this.#turn(() => scopeOf(database, query));
    const topicOf = (thread: string): string | undefined => {
      const topic = database.get('select topic from thread where id = ?', thread)?.['topic'];
      return typeof topic === 'string' ? topic : undefined;
    };
    const hits = new Map<Ranked, SearchHit>();
    let found = await this.#turn(() => {
      const topics = searchTopics(database, wanted, query, scope, most);
      const live = hitsAt(database, wanted, rankMessages(database, wanted, query, scope, most, topicOf));
      for (const [one, hit] of [...topics, ...live]) hits.set(one, hit);
      return best([...topics.keys(), ...live.keys()], most);
    });
    const unreadable = new Set<string>();
    const look = (name: string, work: (archive: SqlDatabase) => void): Promise<void> =>
      this.#turn(async () => work(await archives.open(name))).catch((error: unknown) => {
        if (!(error instanceof StoreError)) throw error;
        unreadable.add(name);
      });
    const places = new Map<string, RankedPlace[]>();
    for (const name of archivesFor(database, query, scope.threads)) {
      const inside = (thread: string, seq: number): string | undefined => {
        const part = database.get(
          'select 1 from part where thread = ? and archive = ? and ? between first and last',
          ...[thread, name, seq],
        );
        return part && topicOf(thread);
      };
      await look(name, (archive) => {
        const here = rankMessages(archive, wanted, query, scope, most, inside);
        places.set(name, here);
        found = best([...found, ...here], most);
      });
    }
    const page = new Set(found.slice(from, from + query.limit));
    for (const [name, all] of places) {
      const shown = all.filter((place) => page.has(place));
      if (shown.length === 0) continue;
      await look(name, (archive) => {
        for (const [place, hit] of hitsAt(archive, wanted, shown)) hits.set(place, hit);
      });
    }
    return {
      hits: [...page].flatMap((one) => hits.get(one) ?? []),
      words: wanted.words,
      ...(found.length > from + query.limit && { cursor: from + query.limit }),
      unreadable: [...new Set([...unreadable, ...this.#unreadable])],
    };
  }

  async #archive(
    opened: Opened,
    { mostLive, ...bounds }: ArchivingBounds & { mostLive: number },
  ): Promise<IndexAsks['archive']['answer']> {
    const { database } = opened;
    const isLarge = database.bytes > mostLive;
    const ripe = isLarge ? { ...bounds, closedBefore: Number.MAX_SAFE_INTEGER, least: 1 } : bounds;
    const made = archiveRipe(database, this.#sql, this.#offset, ripe);
    if (!made) return { more: false };
    return { entry: await this.#writeArchive(opened, made.bytes, this.#offset), more: made.more };
  }

  async #import(opened: Opened, piece: ImportPiece): Promise<IndexAsks['import']['answer']> {
    const { uploads, database } = opened;
    const progress = await uploads.take(piece);
    if (!piece.end) return { ...progress, added: [] };
    const path = uploads.path(progress.upload);
    try {
      await checkImport(this.#files, path);
      const { archives, counts } = await buildImport(this.#files, path, database, this.#sql, this.#offset);
      const added: ArchiveEntry[] = [];
      for (const bytes of archives) added.push(await this.#writeArchive(opened, bytes, this.#offset));
      return { ...progress, added, done: counts };
    } finally {
      await uploads.remove(progress.upload);
    }
  }

  async #writeArchive({ home }: Opened, bytes: Uint8Array, offset: number): Promise<ArchiveEntry> {
    const hash = sha256(bytes);
    const name = `${String(offset).padStart(20, '0')}-${hash.slice(0, 8)}.db`;
    await replaceFile(this.#files, layoutOf(home).archives, name, bytes);
    return { name, offset, length: bytes.length, sha256: hash };
  }
}

/** Archives that may hold what is looked for, the newest first. */
function archivesFor(index: SqlDatabase, query: SearchQuery, threads: ReadonlySet<string> | undefined): string[] {
  const rows = index.all(
    'select name from archive where lastAt >= ? and firstAt < ? order by offset desc',
    ...[query.after ?? 0, query.before ?? Number.MAX_SAFE_INTEGER],
  );
  const names = rows.map((row) => String(row['name']));
  if (!threads) return names;
  const within = index.all(
    'select distinct archive from part where thread in (select value from json_each(?))',
    JSON.stringify([...threads]),
  );
  const holding = new Set(within.map((row) => String(row['archive'])));
  return names.filter((name) => holding.has(name));
}
