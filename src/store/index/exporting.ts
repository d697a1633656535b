import { StoreError } from '../errors';
import type { ExportPage } from './answers';
import type { ArchiveFiles } from './archiveFiles';
import { partsOf } from './catalogue';
import type { Row, SqlDatabase } from './database';
import {
  type ExportCounts,
  type ExportKind,
  type ExportedAgent,
  type ExportedCall,
  type ExportedThread,
  chain,
  exportVersion,
  noCounts,
} from './exportFormat';
import type { TaskRecord } from '../../core/taskModel';
import { messagesOf } from './queries';
import { text } from './rows';
import { exportedTask, taskOf } from './taskRows';

/** A page ends with the line that makes it this long, characters. */
const pageLength = 1024 * 1024;
/** Messages read at once. */
const messagesAtOnce = 200;
/** Agents or calls read at once. */
const rowsAtOnce = 500;
/** Tasks read at once: each has results and a history. */
const tasksAtOnce = 20;

export interface ExportAsk {
  readonly cursor: string | undefined;
  readonly now: number;
  /** Those that the head state has: of them the ones stand on the first page that began before the index kept tasks. */
  readonly tasks: readonly TaskRecord[];
}

/** Where an export stands between two pages. */
interface Standing {
  readonly at: number;
  phase: 'agents' | 'tasks' | 'calls' | 'threads' | 'end';
  /** The id after which the phase goes on. */
  after: string;
  /** The thread whose messages are being written: up to which seq they were, and of how many. */
  thread?: { readonly id: string; seq: number; readonly messages: number } | undefined;
  readonly counts: ExportCounts;
  checksum: string;
}

/**
 * The page of the export that `cursor` stands before; the first without one. Only what was opened before the first page is in
 * it, each thread with the messages that it had when its turn came.
 *
 * @throws StoreError `export_changed`, `archive_missing`.
 */
export async function exportPage(
  index: SqlDatabase,
  archives: ArchiveFiles,
  { cursor, now, tasks }: ExportAsk,
): Promise<ExportPage> {
  const standing = cursor === undefined ? beginning(now) : decode(cursor);
  const page = new Page(standing);
  if (cursor === undefined) begin(index, page, standing, tasks);
  while (page.length < pageLength && standing.phase !== 'end') await step(index, archives, standing, page);
  if (standing.phase !== 'end') return { lines: page.text, cursor: encode(standing) };
  page.add('end', { ...standing.counts, checksum: standing.checksum });
  return { lines: page.text };
}

function begin(index: SqlDatabase, page: Page, { at }: Standing, tasks: readonly TaskRecord[]): void {
  page.add('parley', { version: exportVersion, at });
  for (const record of tasks) if (!taskOf(index, record.task.id)) page.add('task', exportedTask(record));
}

/** The lines of a page; keeps the counts and the checksum of all pages. */
class Page {
  text = '';
  readonly #standing: Standing;

  constructor(standing: Standing) {
    this.#standing = standing;
  }

  get length(): number {
    return this.text.length;
  }

  add(kind: ExportKind | 'parley' | 'end', content: object): void {
    const line = JSON.stringify({ [kind]: content });
    this.text += `${line}\n`;
    this.#standing.checksum = chain(this.#standing.checksum, line);
    if (kind !== 'parley' && kind !== 'end') this.#standing.counts[kind]++;
  }
}

async function step(index: SqlDatabase, archives: ArchiveFiles, standing: Standing, page: Page): Promise<void> {
  switch (standing.phase) {
    case 'agents': {
      const rows = next(index, 'agent', standing, 'tasks');
      for (const row of rows) page.add('agent', agentOf(row));
      return;
    }
    case 'tasks': {
      const rows = next(index, 'task', standing, 'calls', tasksAtOnce);
      for (const row of rows) page.add('task', exportedTask(JSON.parse(text(row, 'record')) as TaskRecord));
      return;
    }
    case 'calls': {
      const rows = next(index, 'call', standing, 'threads');
      for (const row of rows) page.add('call', callOf(index, row));
      return;
    }
    case 'threads':
      if (standing.thread) await goOn(index, archives, standing, standing.thread, page);
      else await beginThread(index, archives, standing, page);
      return;
    case 'end':
  }
}

/** The next rows of a table; the phase ends with the last of them. */
function next(
  index: SqlDatabase,
  table: 'agent' | 'task' | 'call',
  standing: Standing,
  then: Standing['phase'],
  most = rowsAtOnce,
): Row[] {
  const rows = index.all(`select * from ${table} where id > ? order by id limit ?`, standing.after, most);
  const last = rows.at(-1);
  if (last) standing.after = text(last, 'id');
  if (rows.length < most) Object.assign(standing, { phase: then, after: '' });
  return rows;
}

async function beginThread(index: SqlDatabase, archives: ArchiveFiles, standing: Standing, page: Page): Promise<void> {
  const row = index.get(
    'select * from thread where id > ? and openedAt <= ? order by id limit 1',
    ...[standing.after, standing.at],
  );
  if (!row) {
    standing.phase = 'end';
    return;
  }
  const id = text(row, 'id');
  standing.after = id;
  standing.thread = { id, seq: 0, messages: Number(row['messages']) };
  // The calls of an archived thread went with it.
  const [part] = partsOf(index, id);
  if (part) {
    const source = await archives.open(part.archive);
    const calls = source.all('select call.* from call join callThread on call = id where thread = ?', id);
    for (const call of calls) {
      if (!index.get('select 1 from call where id = ?', text(call, 'id'))) page.add('call', callOf(source, call));
    }
  }
  page.add('thread', threadOf(index, row));
}

async function goOn(
  index: SqlDatabase,
  archives: ArchiveFiles,
  standing: Standing,
  thread: NonNullable<Standing['thread']>,
  page: Page,
): Promise<void> {
  if (!index.get('select 1 from thread where id = ?', thread.id)) throw changed('a thread was erased');
  const query = { thread: thread.id, after: thread.seq, before: thread.messages + 1, limit: messagesAtOnce };
  const { messages } = await messagesOf(index, archives, query);
  for (const { message, receipts } of messages) {
    page.add('message', { ...message, receipts });
    thread.seq = message.seq;
    if (page.length >= pageLength) return;
  }
  if (messages.length < messagesAtOnce) standing.thread = undefined;
}

function agentOf(row: Row): ExportedAgent {
  const card = JSON.parse(text(row, 'card')) as object;
  return { id: text(row, 'id'), name: text(row, 'name'), kind: text(row, 'kind'), card, lastAt: Number(row['lastAt']) };
}

function callOf(source: SqlDatabase, row: Row): ExportedCall {
  const id = text(row, 'id');
  const legs = source.all('select agent, state from leg where call = ? order by agent', id);
  const threads = source.all('select thread from callThread where call = ? order by thread', id);
  return {
    id,
    from: text(row, 'sender'),
    topic: text(row, 'topic'),
    placedAt: Number(row['placedAt']),
    to: legs.map((leg) => ({ agent: text(leg, 'agent'), state: text(leg, 'state') })),
    threads: threads.map((thread) => text(thread, 'thread')),
  };
}

function threadOf(index: SqlDatabase, row: Row): ExportedThread {
  const id = text(row, 'id');
  const places = index.all('select agent, joinedAt, leftAt from participant where thread = ? order by joinedAt', id);
  const columns: Row = { ...row };
  delete columns['archived'];
  return {
    ...(columns as unknown as Omit<ExportedThread, 'participants'>),
    participants: places as unknown as ExportedThread['participants'],
  };
}

function beginning(now: number): Standing {
  return { at: now, phase: 'agents', after: '', counts: { ...noCounts }, checksum: '' };
}

function encode(standing: Standing): string {
  return Buffer.from(JSON.stringify(standing)).toString('base64url');
}

const phases: readonly string[] = ['agents', 'tasks', 'calls', 'threads', 'end'];

/** @throws StoreError `export_changed` for what no page has answered */
function decode(cursor: string): Standing {
  let standing: Partial<Standing> | null;
  try {
    standing = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')) as Partial<Standing> | null;
  } catch {
    throw changed('it cannot be read');
  }
  if (standing === null) throw changed('it is none');
  const { at, phase, after, counts, checksum, thread } = standing;
  const isWhole =
    typeof at === 'number' &&
    phases.includes(phase ?? '') &&
    typeof after === 'string' &&
    typeof checksum === 'string' &&
    Object.keys(noCounts).every((kind) => Number.isInteger(counts?.[kind as ExportKind])) &&
    (thread === undefined || (typeof thread.id === 'string' && Number.isInteger(thread.seq + thread.messages)));
  if (!isWhole) throw changed('it is none');
  return standing as Standing;
}

function changed(why: string): StoreError {
  return new StoreError('export_changed', `The cursor leads nowhere: ${why}.`);
}
