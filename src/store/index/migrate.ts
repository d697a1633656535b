import { StoreError } from '../errors';
import type { SqlDatabase } from './database';
import { aboutOf } from './projection';
import { archiveTables, indexFormat, taskTables, textTables } from './schema';

/** Each brings the tables from the format before to its own. */
const steps: Readonly<Record<number, (database: SqlDatabase) => void>> = {
  2(database) {
    database.script(`
      alter table message add column about text;
      alter table message add column broadcast text;
      alter table thread add column archived integer not null default 0;
      create index threadToArchive on thread (closedAt) where state = 'closed' and archived = 0;
      drop table messageText;
      ${textTables}
      ${archiveTables}
      insert into callThread select call, id from thread where call is not null;
      insert into topicText (thread, topic) select id, topic from thread;
    `);
    const rows = database.all(
      "select place, content, refs from message where refs is not null or instr(cast(content as blob), x'00') > 0",
    );
    for (const { place, content, refs } of rows) {
      const about = aboutOf(String(content), typeof refs === 'string' ? refs : undefined);
      database.run('update message set about = ? where place = ?', about, place);
    }
    database.run(`insert into messageText (messageText) values ('rebuild')`);
  },
  3(database) {
    database.script(taskTables);
  },
};

/** Brings the tables to the format of this program. @throws StoreError `home_too_new` */
export function migrate(database: SqlDatabase): void {
  const format = metaNumber(database, 'format');
  if (format > indexFormat) {
    throw new StoreError('home_too_new', `state.db has format ${format}, this program knows ${indexFormat}.`);
  }
  for (let next = format + 1; next <= indexFormat; next++) {
    database.transaction(() => {
      steps[next]?.(database);
      database.run(`update meta set value = ? where key = 'format'`, next);
    });
  }
}

/** A number that the database keeps about itself; 0 when it does not. */
export function metaNumber(database: SqlDatabase, key: string): number {
  return Number(database.get('select value from meta where key = ?', key)?.['value'] ?? 0);
}
