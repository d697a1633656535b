import type { ArchiveEntry } from '../manifest';
import type { SqlDatabase } from './database';
import { forgetMessages } from './projection';
import { text } from './rows';

/** Messages `first` to `last` of a thread are in `archive`. */
export interface Part {
  readonly archive: string;
  readonly first: number;
  readonly last: number;
}

/** Where the archived messages of a thread are, in order of seq. */
export function partsOf(catalogue: SqlDatabase, thread: string): Part[] {
  const rows = catalogue.all('select archive, first, last from part where thread = ? order by first', thread);
  return rows.map((row) => ({
    archive: text(row, 'archive'),
    first: Number(row['first']),
    last: Number(row['last']),
  }));
}

/** Names of the archives that the catalogue knows. */
export function adoptedArchives(catalogue: SqlDatabase): Set<string> {
  return new Set(catalogue.all('select name from archive').map((row) => text(row, 'name')));
}

/**
 * Takes an archive into the catalogue: from now on its messages are read from there, and the live index lets them go.
 * Receipts that can still move stay live, beside the archive's.
 */
export function adopt(catalogue: SqlDatabase, { name, offset }: ArchiveEntry, archive: SqlDatabase): void {
  const [gone, all] = [archive, catalogue].map((one) => Number(one.get('select count(*) as n from message')?.['n']));
  // Taking most of them out of the lists of words takes longer than making those anew for the few that stay.
  const anew = (gone ?? 0) > (all ?? 0) / 2;
  catalogue.transaction(() => {
    copyRows(archive, catalogue, 'agent', 'select * from agent');
    const threads = archive.all('select * from thread order by id');
    for (const row of threads) {
      const id = text(row, 'id');
      if (catalogue.get('select 1 from erased where thread = ?', id)) continue;
      const range = archive.get('select min(seq) as first, max(seq) as last from message where thread = ?', id);
      const [first, last] = [Number(range?.['first']), Number(range?.['last'])];
      const isWhole = last >= Number(row['messages']) ? 1 : 0;
      copyRows(archive, catalogue, 'thread', 'select * from thread where id = ?', id);
      if (catalogue.changed > 0) {
        catalogue.run('insert into topicText (thread, topic) values (?, ?)', id, text(row, 'topic'));
      }
      copyRows(archive, catalogue, 'participant', 'select * from participant where thread = ?', id);
      copyRows(archive, catalogue, 'callThread', 'select * from callThread where thread = ?', id);
      catalogue.run(
        'insert or replace into part (thread, first, last, archive) values (?, ?, ?, ?)',
        ...[id, first, last, name],
      );
      catalogue.run('update thread set archived = max(archived, ?) where id = ?', isWhole, id);
      if (anew) catalogue.run('delete from message where thread = ? and seq between ? and ?', id, first, last);
      else forgetMessages(catalogue, id, first, last);
      moveReceipts(archive, catalogue, id);
    }
    for (const row of archive.all('select * from task')) {
      const [task, thread] = [text(row, 'id'), row['thread']];
      if (catalogue.get('select 1 from erased where thread = ?', task)) continue;
      if (thread !== null && thread !== undefined) {
        if (catalogue.get('select 1 from erased where thread = ?', thread)) continue;
      }
      catalogue.run('insert or ignore into taskPart (thread, archive) values (?, ?)', thread ?? task, name);
      insertRow(catalogue, 'task', row);
    }
    for (const { id } of archive.all('select id from call')) {
      catalogue.run('delete from call where id = ?', id);
      catalogue.run('delete from leg where call = ?', id);
    }
    if (anew) catalogue.run(`insert into messageText (messageText) values ('rebuild')`);
    const times = archive.get('select min(timestamp) as first, max(timestamp) as last from message');
    catalogue.run(
      'insert or replace into archive (name, offset, firstAt, lastAt) values (?, ?, ?, ?)',
      ...[name, offset, times?.['first'], times?.['last']],
    );
  });
}

/** Gives back what the index does not use any more, when that is much of it. */
export function shrink(catalogue: SqlDatabase): void {
  const free = Number(catalogue.get('pragma freelist_count')?.['freelist_count']);
  const pages = Number(catalogue.get('pragma page_count')?.['page_count']);
  if (free > pages / 4) catalogue.script('vacuum');
}

/** Lets go of archives that the manifest does not name any more, and of threads that were in them and nowhere else. */
export function forgetUnlisted(catalogue: SqlDatabase, listed: ReadonlySet<string>): void {
  const gone = [...adoptedArchives(catalogue)].filter((name) => !listed.has(name));
  if (gone.length === 0) return;
  catalogue.transaction(() => {
    for (const name of gone) {
      const touched = catalogue.all('select thread from part where archive = ?', name);
      catalogue.run('delete from part where archive = ?', name);
      catalogue.run('delete from taskPart where archive = ?', name);
      catalogue.run('delete from archive where name = ?', name);
      for (const { thread } of touched) forgetIfLost(catalogue, String(thread));
    }
  });
}

/** A thread of which no message is left anywhere is one no more. */
function forgetIfLost(catalogue: SqlDatabase, thread: string): void {
  const isThere = catalogue.get(
    'select 1 where exists (select 1 from part where thread = ?1) or exists (select 1 from message where thread = ?1)',
    thread,
  );
  if (isThere) return;
  catalogue.run('delete from topicText where docid in (select docid from topicText where thread = ?)', thread);
  for (const table of ['callThread', 'participant', 'receipt']) {
    catalogue.run(`delete from ${table} where thread = ?`, thread);
  }
  catalogue.run('delete from thread where id = ?', thread);
}

/** Receipts that say the same in the archive go, unless they can still move; those that can come back. */
function moveReceipts(archive: SqlDatabase, catalogue: SqlDatabase, thread: string): void {
  for (const row of archive.all('select * from receipt where thread = ?', thread)) {
    if (row['state'] === 'stored' || row['state'] === 'rung') {
      insertRow(catalogue, 'receipt', row);
    } else {
      catalogue.run(
        `delete from receipt where message = ? and agent = ? and state = ? and at = ?
           and ringer is ? and result is ? and detail is ?`,
        ...['message', 'agent', 'state', 'at', 'ringer', 'result', 'detail'].map((column) => row[column]),
      );
    }
  }
}

/** Copies rows between tables of the same shape; what is there already stays. */
export function copyRows(
  from: SqlDatabase,
  to: SqlDatabase,
  table: string,
  query: string,
  ...values: (string | number)[]
): void {
  for (const row of from.all(query, ...values)) insertRow(to, table, row);
}

/** Puts a row in as it is; one that is there already stays. */
export function insertRow(
  database: SqlDatabase,
  table: string,
  row: Readonly<Record<string, string | number | Uint8Array | null>>,
): void {
  const columns = Object.keys(row);
  database.run(
    `insert or ignore into ${table} (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')})`,
    ...Object.values(row),
  );
}
