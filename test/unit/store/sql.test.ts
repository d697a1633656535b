import { describe, expect, it } from 'vitest';
import { sha256 } from '../../../src/store/manifest';
import { MemoryDisk } from '../../support/faultsDisk';
import { conversation, facts, openTestIndex, type TestIndex } from '../../support/faultsIndex';

async function talked(): Promise<
  TestIndex & { disk: MemoryDisk; ask(text: string, limit?: number): Promise<unknown[][]> }
> {
  const disk = new MemoryDisk();
  const opened = await openTestIndex(disk.files);
  await opened.tell(...conversation, facts.closed('t1'));
  await opened.index.archive();
  const { index, store } = opened;
  return {
    ...opened,
    disk,
    ask: async (text, limit = 100) => (await index.sql({ text, limit }, store.durableOffset)).rows,
  };
}

const hashes = (disk: MemoryDisk): [string, string][] =>
  [...disk.contents()].filter(([path]) => path.includes('.db')).map(([path, bytes]) => [path, sha256(bytes)]);

const refusal = (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => error);

describe('sql', () => {
  it('answers SELECT, WITH, VALUES and EXPLAIN over the views, comments before them and all', async () => {
    const { ask } = await talked();
    expect(await ask('select name from agents order by name')).toEqual([['Atlas'], ['Nova']]);
    expect(await ask('-- how many\n/* of what\n */ SELECT count(*) FROM messages;')).toEqual([[5]]);
    expect(await ask('with t as (select 1 as one) select one from t')).toEqual([[1]]);
    expect(await ask(`values (1, 'a', null, x'00ff', 1.5)`)).toEqual([[1, 'a', null, '00ff', 1.5]]);
    expect(await ask('explain query plan select * from messages')).not.toEqual([]);
  });

  it('names the columns and says when there are more rows than the limit', async () => {
    const { index, store } = await talked();
    const cut = await index.sql({ text: 'select seq, type from messages order by seq', limit: 2 }, store.durableOffset);
    expect(cut).toEqual({
      columns: ['seq', 'type'],
      rows: [
        [1, 'join'],
        [2, 'join'],
      ],
      more: true,
    });
    const none = await index.sql({ text: 'select seq, type from messages where 0', limit: 2 }, store.durableOffset);
    expect(none).toEqual({ columns: ['seq', 'type'], rows: [], more: false });
  });

  it.each([
    `insert into agent values (1)`,
    `delete from message`,
    `update thread set topic = 'x'`,
    `drop table message`,
    `create table x (a)`,
    `attach '/etc/passwd' as p`,
    `pragma user_version = 7`,
    `vacuum into '/tmp/x'`,
    `begin`,
    `with x as (select 1) delete from message`,
    `with x as (select 1) insert into erased select 't3', 1 from x`,
    `select 1; delete from message`,
    `select 1; select 2`,
    ``,
    `   `,
    `-- nothing`,
    `;`,
    `select * from nowhere`,
    `select`,
    `select 'a`,
    `select \0`,
    `select load_extension('x')`,
    `select writefile('/tmp/x', 'x')`,
    `select * from pragma_query_only(0)`,
  ])('refuses %j with words of SQLite, and changes nothing', async (text) => {
    const { ask, index, store, disk } = await talked();
    const before = hashes(disk);
    const failed = await refusal(ask(text));
    expect(failed).toMatchObject({ code: 'bad_sql' });
    expect((failed as { facts: { problem: string } }).facts.problem).not.toBe('');
    expect(hashes(disk)).toEqual(before);
    expect((await index.messages({ thread: 't1', limit: 9 }, store.durableOffset)).messages).toHaveLength(5);
  });

  it('refuses an answer that is too large, and a query that takes too much memory', async () => {
    const { ask } = await talked();
    const large = 'with recursive n(i) as (select 1 union all select i + 1 from n limit 100)';
    expect(await refusal(ask(`${large} select hex(zeroblob(100000)) from n`))).toMatchObject({ code: 'sql_too_large' });
    expect(await refusal(ask('select length(zeroblob(900000000) || randomblob(900000000))'))).toMatchObject({
      code: 'sql_too_large',
    });
  });

  it('takes the archives of a time only, and refuses more than it can read at once', async () => {
    const opened = await talked();
    const { index, store, tell, ask } = opened;
    for (let number = 2; number <= 11; number++) {
      const thread = `t${number}`;
      await tell(
        facts.opened(thread),
        facts.said(thread, 1, 'atlas', '', { type: 'join', timestamp: number * 1000 }),
        facts.said(thread, 2, 'atlas', 'x', { timestamp: number * 1000 }),
        facts.closed(thread),
      );
      await index.archive();
    }
    expect(await refusal(ask('select 1'))).toMatchObject({ code: 'sql_too_wide', facts: { count: 11, limit: 10 } });
    const text = 'select count(*) from messages where timestamp >= 5000';
    const query = { text, limit: 1, after: 5000, before: 8000 };
    expect((await index.sql(query, store.durableOffset)).rows).toEqual([[6]]);
  });
});
