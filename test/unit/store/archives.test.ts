import { describe, expect, it } from 'vitest';
import { StoreError } from '../../../src/store/errors';
import type { IndexClient } from '../../../src/store/index/client';
import { MemoryDisk } from '../../support/faultsDisk';
import { archiveAll, conversation, facts, openTestIndex, sqlForTests, type TestIndex } from '../../support/faultsIndex';

/** Two closed threads and an open one, with everything that a message can have. */
async function talked(disk = new MemoryDisk()): Promise<TestIndex & { disk: MemoryDisk }> {
  const opened = await openTestIndex(disk.files);
  const refs = [{ uri: 'file:///src/parser.ts', excerpt: 'return lastLine;', note: 'here it goes' }];
  const call = { id: 'c1', from: 'atlas', topic: 'Parser', urgency: 'next', refs: [], placedAt: 5 } as const;
  await opened.tell(
    ...conversation,
    { type: 'receipt.seen', payload: { agent: 'nova', messages: ['t1-3'], calls: [], via: 'mcp' } },
    facts.closed('t1'),
    { type: 'call.placed', payload: { call, to: ['nova'] } },
    facts.opened('t2', 'Parser loses lines'),
    facts.joined('t2', 1, 'nova'),
    facts.joined('t2', 2, 'sage'),
    { type: 'call.accepted', payload: { call: 'c1', agent: 'nova', by: 'nova', thread: 't2' } },
    facts.said('t2', 3, 'nova', 'Look at this function', { refs }),
    facts.said('t2', 4, 'sage', 'seconds are not milliseconds'),
    facts.closed('t2'),
    facts.opened('t3', 'Still open'),
    facts.joined('t3', 1, 'atlas'),
    facts.joined('t3', 2, 'nova'),
    facts.said('t3', 3, 'atlas', 'nine seconds'),
  );
  return { ...opened, disk };
}

/** Everything that can be asked of the threads. */
async function answers(index: IndexClient, offset: number): Promise<unknown> {
  const pages = [];
  for (const thread of ['t1', 't2', 't3']) {
    for (const query of [{ limit: 9 }, { after: 1, limit: 2 }, { before: 4, limit: 2 }, { after: 4, limit: 9 }]) {
      pages.push(await index.messages({ thread, ...query }, offset));
    }
  }
  const searches = [];
  for (const text of ['seconds', 'lastLine', 'parser', '"loses lines"', 'milliseconds', 'nothing']) {
    const { hits, words } = await index.search({ text, limit: 9 }, offset);
    searches.push([words, hits.map((hit) => JSON.stringify(hit)).sort()]);
  }
  return { pages, searches, threads: await index.threads({ state: 'all', limit: 9 }, offset) };
}

/** What SQL says of everything. */
async function sqlAnswers(index: IndexClient, offset: number): Promise<unknown[]> {
  const queries = [
    'select * from messages order by id',
    'select * from conversations order by id',
    'select * from participants order by conversation_id, agent_id',
    'select * from requests order by id',
    'select id, name from agents order by id',
    `select topic, count(*) from messages join conversations on conversations.id = conversation_id group by 1 order by 1`,
  ];
  const found = [];
  for (const text of queries) found.push(await index.sql({ text, limit: 100 }, offset));
  return found;
}

const archivesOn = (disk: MemoryDisk): string[] =>
  [...disk.contents().keys()].filter((path) => path.startsWith('/home/archives/'));

describe('an archived thread', () => {
  it('reads, is listed, is found and is asked for with SQL as it was before', async () => {
    const { index, store, disk } = await talked();
    const before = await answers(index, store.durableOffset);
    const sqlBefore = await sqlAnswers(index, store.durableOffset);
    expect(await index.archive()).toBe(1);
    expect(archivesOn(disk)).toHaveLength(1);
    expect(await answers(index, store.durableOffset)).toEqual(before);
    expect(await sqlAnswers(index, store.durableOffset)).toEqual(sqlBefore);
  });

  it('is in state.db no more, but in a plain SQLite file that the manifest names', async () => {
    const { index, store, disk } = await talked();
    await index.archive();
    const [entry] = store.manifest.archives;
    expect(entry).toMatchObject({ offset: store.durableOffset });
    const sql = await sqlForTests();
    const contentOf = (path: string): unknown =>
      new sql.Database(disk.contents().get(path)).exec("select content from messages where type = 'message'")[0]
        ?.values;
    expect(contentOf('/home/state.db')).toEqual([['nine seconds']]);
    expect(contentOf(`/home/archives/${entry?.name}`)).toHaveLength(5);
    expect(disk.contents().get('/home/state.db')?.includes('JWT')).toBe(false);
  });

  it('is the same after a restart, and when one or both snapshots of the index are lost', async () => {
    const { index, store, disk } = await talked();
    const before = await answers(index, store.durableOffset);
    await index.archive();
    await store.close();
    for (const lost of [[], ['state.db'], ['state.db', 'state.previous.db']]) {
      const contents = disk.contents();
      for (const name of lost) contents.delete(`/home/${name}`);
      const again = await openTestIndex(MemoryDisk.of(contents, disk.folders).files);
      expect(await answers(again.index, again.store.durableOffset), lost.join()).toEqual(before);
    }
  });

  it('counts once when the broker died after the archive and before the next snapshot', async () => {
    const { index, store, disk } = await talked();
    const before = await answers(index, store.durableOffset);
    await index.snapshot();
    const [state] = [disk.contents().get('/home/state.db')];
    await index.archive();
    const manifest = store.manifest;
    await store.close();
    const contents = disk.contents();
    // The manifest names the archive; of the index there is only the snapshot from before.
    contents.set('/home/state.previous.db', state as Buffer);
    contents.delete('/home/state.db');
    const again = await openTestIndex(MemoryDisk.of(contents, disk.folders).files);
    expect(again.store.manifest.archives).toEqual(manifest.archives);
    expect(await answers(again.index, again.store.durableOffset)).toEqual(before);
    const counted = await again.index.sql(
      { text: 'select count(*) from messages', limit: 1 },
      again.store.durableOffset,
    );
    expect(counted.rows).toEqual([[12]]);
  });

  it('still learns how far its last words got', async () => {
    const { index, store, tell } = await talked();
    await index.archive();
    const state = async (): Promise<unknown> =>
      (await index.messages({ thread: 't2', after: 3, limit: 1 }, store.durableOffset)).messages[0]?.receipts;
    expect(await state()).toMatchObject([{ agent: 'nova', state: 'stored' }]);
    await tell({ type: 'receipt.seen', payload: { agent: 'nova', messages: ['t2-4'], calls: [], via: 'cli' } });
    expect(await state()).toMatchObject([{ agent: 'nova', state: 'seen' }]);
  });

  it('may be larger than one archive', async () => {
    const disk = new MemoryDisk();
    const opened = await openTestIndex(disk.files, disk.files, { ...archiveAll, archiveFullAt: 1_500_000 });
    const { index, store, tell } = opened;
    await tell(facts.opened('t1'), facts.joined('t1', 1, 'atlas'));
    for (let seq = 2; seq <= 400; seq++) await tell(facts.said('t1', seq, 'atlas', `${seq} `.padEnd(12_000, 'word ')));
    await tell(facts.closed('t1'));
    const read = async (): Promise<unknown> => [
      await index.messages({ thread: 't1', after: 0, limit: 100 }, store.durableOffset),
      await index.messages({ thread: 't1', before: 50, limit: 30 }, store.durableOffset),
    ];
    const before = await read();
    expect(await index.archive()).toBeGreaterThan(2);
    expect(await read()).toEqual(before);
    for (const { length } of store.manifest.archives) expect(length).toBeLessThan(4_000_000);
  });
});

describe('an archive that is missing or damaged', () => {
  it.each([
    ['missing', (contents: Map<string, Buffer>, path: string) => void contents.delete(path)],
    ['damaged', (contents: Map<string, Buffer>, path: string) => void ((contents.get(path) as Buffer)[5000] = 1)],
  ])('(%s) is told by name when it is read; everything else goes on', async (_how, harm) => {
    const { index, store, disk } = await talked();
    await index.archive();
    const name = store.manifest.archives[0]?.name ?? '';
    await store.close();
    const contents = disk.contents();
    harm(contents, `/home/archives/${name}`);
    const again = await openTestIndex(MemoryDisk.of(contents, disk.folders).files);
    const offset = again.store.durableOffset;
    const failed = await again.index.messages({ thread: 't1', limit: 5 }, offset).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(StoreError);
    expect(failed).toMatchObject({ code: 'archive_missing', facts: { file: name } });
    expect((await again.index.messages({ thread: 't3', limit: 5 }, offset)).messages).toHaveLength(3);
    expect(await again.index.thread('t1', offset)).toMatchObject({ messages: 5 });
    const found = await again.index.search({ text: 'seconds', limit: 9 }, offset);
    expect(found.hits.map(({ thread }) => thread)).toEqual(['t3']);
    expect(found.unreadable).toEqual([name]);
    await expect(again.index.sql({ text: 'select 1', limit: 1 }, offset)).rejects.toMatchObject({
      code: 'archive_missing',
    });
  });
});
