import type { SqlJsStatic, SqlValue } from 'sql.js';
import { StoreError } from '../errors';
import type { SqlQuery, SqlRows } from './answers';
import type { ArchiveFiles } from './archiveFiles';
import { SqlDatabase } from './database';

/** Archives that one query reads: as many as SQLite attaches. */
export const mostArchives = 10;
/** What the rows of an answer may have, bytes. */
export const mostAnswerBytes = 8 * 1024 * 1024;
/** What SQLite may take for one query beside the files themselves, bytes. */
const mostMemory = 256 * 1024 * 1024;

/**
 * Answers one query. It runs in a process that is thrown away afterwards, on copies: what it could change it cannot keep.
 *
 * @throws StoreError `bad_sql`, `sql_too_large`, `sql_too_wide`, `archive_missing`.
 */
export async function runSql(
  index: SqlDatabase,
  archives: ArchiveFiles,
  sql: SqlJsStatic,
  query: SqlQuery,
): Promise<SqlRows> {
  check(query.text);
  const rows = index.all(
    'select name from archive where lastAt >= ? and firstAt < ? order by offset',
    ...[query.after ?? 0, query.before ?? Number.MAX_SAFE_INTEGER],
  );
  if (rows.length > mostArchives) {
    const facts = { count: rows.length, limit: mostArchives };
    throw new StoreError('sql_too_wide', `The query spans ${rows.length} archives.`, undefined, facts);
  }
  const attached = new Map<string, string>();
  for (const [at, row] of rows.entries()) {
    const name = String(row['name']);
    const copy = new SqlDatabase(sql, await archives.read(name));
    index.run(`attach ? as a${at}`, copy.path);
    attached.set(`a${at}`, name);
  }
  index.script(viewsOver(attached));
  index.script(`pragma query_only = on; pragma hard_heap_limit = ${mostMemory}`);
  try {
    return read(index, query);
  } catch (error) {
    throw refusal(error);
  }
}

/** Views that see through the archives. What was erased, or lies in two files after a crash, is not seen (twice). */
function viewsOver(attached: ReadonlyMap<string, string>): string {
  const over = (view: string, condition: string): string => {
    const others = [...attached].map(
      ([schema, archive]) =>
        `union all select * from ${schema}.${view} as one where ${condition.replace('?', `'${archive}'`)}`,
    );
    return `create temp view ${view} as select * from main.${view} ${others.join(' ')};`;
  };
  const isThere = `exists (select 1 from main.part where thread = one.conversation_id and archive = ?
    and one.seq between first and last)`;
  const isWanted = `not exists (select 1 from main.requests where id = one.id) and not exists (
    select 1 from main.callThread join main.erased on erased.thread = callThread.thread where call = one.id)`;
  return over('messages', isThere) + over('requests', isWanted);
}

/** @throws StoreError `bad_sql` for what cannot be a question */
function check(text: string): void {
  const bare = text.replace(/^(\s|--[^\n]*(\n|$)|\/\*[\s\S]*?\*\/)*/, '');
  if (/^(select|with|values|explain)\b/i.test(bare)) return;
  const [word = ''] = /^\S{0,20}/.exec(bare) ?? [];
  const problem = word === '' ? 'there is no statement' : `it begins with "${word}"`;
  throw new StoreError('bad_sql', 'That is no question.', undefined, { problem });
}

function read(index: SqlDatabase, { text, limit }: SqlQuery): SqlRows {
  const rows: SqlRows['rows'] = [];
  let bytes = 0;
  let more = false;
  const columns = index.each(text, (values) => {
    if (rows.length >= limit) {
      more = true;
      return false;
    }
    const row = values.map(plain);
    bytes += row.reduce<number>((sum, value) => sum + (typeof value === 'string' ? 2 * value.length : 8), 8);
    if (bytes > mostAnswerBytes) throw tooLarge(mostAnswerBytes);
    rows.push(row);
    return true;
  });
  return { columns, rows, more };
}

function plain(value: SqlValue): string | number | null {
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value;
}

function refusal(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const problem = error instanceof Error ? error.message : String(error);
  if (/out of memory|too big/i.test(problem)) return tooLarge(mostMemory);
  return new StoreError('bad_sql', `SQLite: ${problem}.`, error, { problem: problem.slice(0, 1000) });
}

function tooLarge(limit: number): StoreError {
  return new StoreError('sql_too_large', 'The query takes too much.', undefined, { limit });
}
