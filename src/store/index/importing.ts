import { randomUUID } from 'node:crypto';
import type { SqlJsStatic } from 'sql.js';
import { StoreError } from '../errors';
import { type Files, unlinkIfThere, writeFully } from '../files';
import type { ImportCounts, ImportPiece } from './answers';
import { ArchiveBuilder } from './archiving';
import type { SqlDatabase } from './database';
import type { ExportedAgent, ExportedCall, ExportedThread } from './exportFormat';
import { ImportLines, type ImportedLine, longestLine } from './importLines';
import type { TaskRecord } from '../../core/taskModel';
import { aboutOf } from './projection';
import { importedTask, insertTask } from './taskRows';

/** A file that is longer than this is not taken, bytes. */
export const longestImport = 8 * 1024 * 1024 * 1024;
/** Read at once, bytes. */
const chunkBytes = 1024 * 1024;

/** Files that come in piece by piece. */
export class Uploads {
  readonly #files: Files;
  readonly #folder: string;
  /** Bytes that came of each. */
  readonly #lengths = new Map<string, number>();

  constructor(files: Files, folder: string) {
    this.#files = files;
    this.#folder = folder;
  }

  /** Adds a piece. @throws StoreError `upload_expired`, `import_refused` when it is too long, `storage_full` */
  async take({ upload, position, text }: ImportPiece): Promise<{ upload: string; position: number }> {
    const id = upload ?? (await this.#begin());
    const length = this.#lengths.get(id);
    if (length === undefined) throw new StoreError('upload_expired', 'There is no such upload.');
    const data = Buffer.from(text);
    const at = position ?? length;
    if (at + data.length <= length && position !== undefined) return { upload: id, position: length };
    if (at !== length) throw new StoreError('upload_expired', `Byte ${length} comes next.`);
    if (at + data.length > longestImport) {
      const facts = { line: 1, problem: `is the beginning of more than ${longestImport} bytes` };
      throw new StoreError('import_refused', 'The file is too long.', undefined, facts);
    }
    const file = await this.#files.open(this.path(id), 'change');
    try {
      await writeFully(file, data, at);
    } finally {
      await file.close();
    }
    this.#lengths.set(id, at + data.length);
    return { upload: id, position: at + data.length };
  }

  path(upload: string): string {
    return `${this.#folder}/${upload}`;
  }

  async remove(upload: string): Promise<void> {
    this.#lengths.delete(upload);
    await unlinkIfThere(this.#files, this.path(upload));
  }

  async #begin(): Promise<string> {
    const id = randomUUID();
    await this.#files.makeFolder(this.#folder);
    await (await this.#files.open(this.path(id), 'create')).close();
    this.#lengths.set(id, 0);
    return id;
  }
}

/** Reads a whole export, and changes nothing. @throws StoreError `import_refused` that names the first line that is wrong */
export async function checkImport(files: Files, path: string): Promise<void> {
  const lines = new ImportLines();
  for await (const line of linesOf(files, path)) lines.read(line);
  lines.close();
}

/** The threads of a checked export that are not in the index, in archives. */
export async function buildImport(
  files: Files,
  path: string,
  index: SqlDatabase,
  sql: SqlJsStatic,
  offset: number,
): Promise<{ archives: Uint8Array[]; counts: ImportCounts }> {
  const lines = new ImportLines();
  const importing = new Importing(index, sql, offset);
  for await (const line of linesOf(files, path)) {
    const read = lines.read(line);
    if (read) importing.take(read);
  }
  return importing.finish();
}

class Importing {
  readonly #index: SqlDatabase;
  readonly #sql: SqlJsStatic;
  readonly #offset: number;
  readonly #agents: ExportedAgent[] = [];
  /** Calls that have no thread yet in an archive. */
  #calls: ExportedCall[] = [];
  /** Tasks that are in no archive yet: all go into the first. */
  #tasks: TaskRecord[] = [];
  #builder: ArchiveBuilder | undefined;
  /** The thread whose messages come; undefined when it is passed over. */
  #thread: ExportedThread | undefined;
  readonly #archives: Uint8Array[] = [];
  readonly #counts = { threads: 0, messages: 0, tasks: 0, known: 0 };

  constructor(index: SqlDatabase, sql: SqlJsStatic, offset: number) {
    this.#index = index;
    this.#sql = sql;
    this.#offset = offset;
  }

  take(line: ImportedLine): void {
    switch (line.kind) {
      case 'agent':
        this.#agents.push(line.agent);
        return;
      case 'task':
        this.#take(importedTask(line.task));
        return;
      case 'call':
        if (!this.#index.get('select 1 from call where id = ?', line.call.id)) this.#calls.push(line.call);
        return;
      case 'thread':
        this.#begin(line.thread);
        return;
      case 'message':
        if (this.#thread) this.#add(this.#thread, line);
    }
  }

  /** Work of another home is nobody's here: it is kept as what was, and with its thread when that comes along. */
  #take(record: TaskRecord): void {
    const { id, thread } = record.task;
    const known = this.#index.get('select 1 from task where id = ?', id);
    const isErased = [id, thread].some(
      (one) => one !== undefined && this.#index.get('select 1 from erased where thread = ?', one),
    );
    if (known || isErased) return;
    this.#counts.tasks++;
    this.#tasks.push(record);
  }

  finish(): { archives: Uint8Array[]; counts: ImportCounts } {
    if (this.#tasks.length > 0) this.#builder ??= new ArchiveBuilder(this.#sql);
    this.#close();
    return { archives: this.#archives, counts: this.#counts };
  }

  #begin(thread: ExportedThread): void {
    this.#thread = undefined;
    const known = this.#index.get(
      'select 1 where exists (select 1 from thread where id = ?1) or exists (select 1 from erased where thread = ?1)',
      thread.id,
    );
    if (known) {
      this.#counts.known++;
      return;
    }
    this.#thread = thread;
    this.#counts.threads++;
    this.#open(thread);
  }

  /** Makes the thread known in the archive that is being built. */
  #open(thread: ExportedThread): SqlDatabase {
    this.#builder ??= new ArchiveBuilder(this.#sql);
    const { database } = this.#builder;
    const { id, topic, mode, home, call, openedAt, lastAt, closedAt, reason, messages } = thread;
    database.run(
      `insert or ignore into thread (id, topic, mode, state, home, call, openedAt, lastAt, closedAt, reason, messages)
       values (?, ?, ?, 'closed', ?, ?, ?, ?, ?, ?, ?)`,
      ...[id, topic, mode, home, call, openedAt, lastAt, closedAt ?? lastAt, reason ?? 'closed', messages],
    );
    for (const { agent, joinedAt, leftAt } of thread.participants) {
      database.run('insert or ignore into participant values (?, ?, ?, ?)', id, agent, joinedAt, leftAt ?? undefined);
    }
    return database;
  }

  #add(thread: ExportedThread, { message, receipts }: Extract<ImportedLine, { kind: 'message' }>): void {
    if (this.#builder?.isFull === true) this.#close();
    const database = this.#builder?.database ?? this.#open(thread);
    const { id, from, type, content, refs, replyTo, broadcast, seq, timestamp } = message;
    const told = refs.length > 0 ? JSON.stringify(refs) : undefined;
    const about = aboutOf(content, told);
    database.run(
      `insert or ignore into message (id, thread, seq, sender, type, content, refs, replyTo, timestamp, about, broadcast)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ...[id, thread.id, seq, from, type, content, told, replyTo, timestamp, about, broadcast],
    );
    if (database.changed === 0) return;
    database.run('insert into messageText (docid, content, about) values (last_insert_rowid(), ?, ?)', content, about);
    for (const { agent, state, at, ringer, result, detail } of receipts) {
      database.run(
        `insert or ignore into receipt (message, agent, thread, state, at, ringer, result, detail)
         values (?, ?, ?, ?, ?, ?, ?, ?)`,
        ...[id, agent, thread.id, state, at, ringer, result, detail],
      );
    }
    this.#counts.messages++;
    this.#builder?.noteGrowth(content.length + (told?.length ?? 0));
  }

  /** Ends the archive that is being built, with the calls and agents that belong to it. */
  #close(): void {
    const builder = this.#builder;
    if (!builder) return;
    this.#builder = undefined;
    const { database } = builder;
    const isHere = (id: string): boolean => database.get('select 1 from thread where id = ?', id) !== undefined;
    const own = this.#calls.filter(({ threads }) => threads.length === 0 || threads.some(isHere));
    this.#calls = this.#calls.filter((call) => !own.includes(call));
    for (const { id, from, topic, placedAt, to, threads } of own) {
      database.run('insert or ignore into call values (?, ?, ?, ?)', id, from, topic, placedAt);
      for (const { agent, state } of to) database.run('insert or ignore into leg values (?, ?, ?)', id, agent, state);
      for (const thread of threads.filter(isHere)) {
        database.run('insert or ignore into callThread values (?, ?)', id, thread);
      }
    }
    for (const task of this.#tasks.splice(0)) insertTask(database, task);
    for (const { id, name, kind, card, lastAt } of this.#agents) {
      const takesPart = database.get(
        `select 1 where exists (select 1 from participant where agent = ?1)
           or exists (select 1 from task where sender = ?1 or assignee = ?1)`,
        id,
      );
      if (!takesPart) continue;
      database.run(
        'insert or ignore into agent (id, name, kind, card, busy, retired, lastAt) values (?, ?, ?, ?, 0, 1, ?)',
        ...[id, name, kind, JSON.stringify(card), lastAt],
      );
    }
    this.#archives.push(builder.finish(this.#offset));
    builder.close();
  }
}

/** The lines of a file, without their line feeds. @throws StoreError `import_refused` for one that is too long */
async function* linesOf(files: Files, path: string): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0);
  let line = 0;
  for (let position = 0; ;) {
    const bytes = await files.readRange(path, position, chunkBytes);
    if (bytes.length === 0) break;
    position += bytes.length;
    rest = Buffer.concat([rest, bytes]);
    let begin = 0;
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10, begin)) {
      line++;
      yield rest.toString('utf8', begin, end);
      begin = end + 1;
    }
    rest = rest.subarray(begin);
    if (rest.length > longestLine) {
      const facts = { line: line + 1, problem: `is longer than ${longestLine} bytes` };
      throw new StoreError('import_refused', 'A line is too long.', undefined, facts);
    }
  }
  if (rest.length > 0) yield rest.toString('utf8');
}
