import type { SqlJsStatic, SqlValue } from 'sql.js';
import type { ArchiveFiles } from './archiveFiles';
import { ArchiveBuilder } from './archiving';
import { insertRow } from './catalogue';
import type { SqlDatabase } from './database';
import { text } from './rows';

/** Archives written anew without the threads and tasks that were erased. */
export interface Rewritten {
  /** Names of those that are to go. */
  readonly gone: readonly string[];
  /** What stands for them; `offset` as in the entry of the one before. */
  readonly made: readonly { readonly bytes: Uint8Array; readonly offset: number }[];
}

/**
 * Writes every archive anew that holds an erased thread or task.
 *
 * @throws StoreError `archive_missing` for one that cannot be read: nobody can promise then that the words are gone.
 */
export async function rewriteArchives(
  index: SqlDatabase,
  archives: ArchiveFiles,
  sql: SqlJsStatic,
): Promise<Rewritten> {
  const gone: string[] = [];
  const made: { bytes: Uint8Array; offset: number }[] = [];
  for (const { name, offset } of archives.entries) {
    const held = index.all(
      `select 1 from part join erased on erased.thread = part.thread where archive = ?1
       union select 1 from taskPart join erased on erased.thread = taskPart.thread where archive = ?1`,
      name,
    );
    if (held.length === 0) continue;
    gone.push(name);
    const archive = await archives.open(name);
    const builder = new ArchiveBuilder(sql, Number.POSITIVE_INFINITY);
    for (const row of archive.all('select id from thread order by closedAt, id')) {
      if (!index.get('select 1 from erased where thread = ?', text(row, 'id'))) builder.take(archive, text(row, 'id'));
    }
    let tasks = 0;
    const isErased = (id: SqlValue): boolean => index.get('select 1 from erased where thread = ?', id) !== undefined;
    for (const row of archive.all('select * from task')) {
      const { id = null, thread = null } = row;
      // Those of a thread came with it.
      if (isErased(id)) builder.database.run('delete from task where id = ?', id);
      else if (!isErased(thread)) {
        insertRow(builder.database, 'task', row);
        tasks++;
      }
    }
    if (builder.threads + tasks > 0) made.push({ bytes: builder.finish(offset), offset });
    builder.close();
  }
  return { gone, made };
}

/** Leaves nothing of what was deleted in the pages of the index, nor in its lists of words. */
export function purgeWords(index: SqlDatabase): void {
  for (const table of ['messageText', 'topicText']) index.run(`insert into ${table} (${table}) values ('optimize')`);
  index.script('vacuum');
}
