import { describe, expect, it } from 'vitest';
import type { SearchHit } from '../../../src/store/index/answers';
import { workerIdleMs } from '../../../src/store/index/client';
import { quietMs } from '../../../src/store/index/upkeep';
import { MemoryDisk } from '../../support/faultsDisk';
import { conversation, facts, openTestIndex, sqlForTests } from '../../support/faultsIndex';
import { testHome } from '../../support/faultsStore';

const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
};

/** The snippet with what was found in brackets. */
const shown = ({ snippet, marks }: SearchHit): string =>
  marks.reduceRight((text, { start, length }) => {
    const end = start + length;
    return `${text.slice(0, start)}[${text.slice(start, end)}]${text.slice(end)}`;
  }, snippet);

const statePath = `${testHome}/state.db`;

async function talked(disk = new MemoryDisk()) {
  const opened = await openTestIndex(disk.files);
  const offset = await opened.tell(...conversation);
  return { ...opened, disk, offset };
}

describe('the index', () => {
  it('answers the messages of a thread in order, as they were sent, with their receipts', async () => {
    const { index, offset } = await talked();
    const page = await index.messages({ thread: 't1', after: 2, limit: 10 }, offset);
    expect(page.more).toBe(0);
    expect(page.messages.map(({ message }) => message.content)).toEqual([
      'The JWT validation fails on expired tokens.',
      'You compare seconds with milliseconds.',
      'That was it. Größenwahn!',
    ]);
    expect(page.messages[1]).toEqual({
      message: {
        id: 't1-4',
        thread: 't1',
        from: 'nova',
        type: 'message',
        content: 'You compare seconds with milliseconds.',
        refs: [],
        replyTo: 't1-3',
        seq: 4,
        timestamp: 4,
      },
      receipts: [{ agent: 'atlas', state: 'stored', at: 7000 }],
    });
    expect(page.messages[0]?.receipts).toEqual([{ agent: 'nova', state: 'answered', at: 7000 }]);
  });

  it('pages forward from a seq and backward to one, and counts the rest', async () => {
    const { index, offset } = await talked();
    const seqs = async (query: { after?: number; before?: number; limit: number }) => {
      const page = await index.messages({ thread: 't1', ...query }, offset);
      return { seqs: page.messages.map(({ message }) => message.seq), more: page.more };
    };
    expect(await seqs({ after: 1, limit: 2 })).toEqual({ seqs: [2, 3], more: 2 });
    expect(await seqs({ before: 4, limit: 2 })).toEqual({ seqs: [2, 3], more: 1 });
    expect(await seqs({ limit: 2 })).toEqual({ seqs: [4, 5], more: 3 });
    expect(await seqs({ after: 5, limit: 2 })).toEqual({ seqs: [], more: 0 });
  });

  it('moves receipts forward only, and keeps how the last ring went', async () => {
    const { index, tell } = await talked();
    const report = { ringer: 'claude', result: 'written', detail: 'inbox' } as const;
    await tell({ type: 'receipt.rung', payload: { subject: 't1-5', agent: 'nova', report } });
    await tell({ type: 'receipt.seen', payload: { agent: 'nova', messages: ['t1-5', 't1-3'], calls: [], via: 'mcp' } });
    const late = { ringer: 'hook', result: 'written' } as const;
    const offset = await tell({ type: 'receipt.rung', payload: { subject: 't1-5', agent: 'nova', report: late } });
    const page = await index.messages({ thread: 't1', limit: 3 }, offset);
    expect(page.messages.map(({ receipts }) => receipts.map((receipt) => receipt.state))).toEqual([
      ['answered'],
      ['stored'],
      ['seen'],
    ]);
    expect(page.messages[2]?.receipts[0]).toMatchObject({ at: 10_000, ringer: 'hook', result: 'written' });
  });

  it('lets what a leaver has not answered expire, and addresses it no more', async () => {
    const { index, tell } = await talked();
    const offset = await tell(facts.left('t1', 6, 'nova'), facts.said('t1', 7, 'atlas', 'Are you there?'));
    const page = await index.messages({ thread: 't1', after: 4, limit: 9 }, offset);
    expect(page.messages.map(({ receipts }) => receipts.map((receipt) => receipt.state))).toEqual([
      ['expired'],
      [],
      [],
    ]);
    expect((await index.thread('t1', offset))?.participants).toEqual([
      { agent: 'atlas', left: false },
      { agent: 'nova', left: true },
    ]);
  });

  it('lists threads, latest first, by participant and state', async () => {
    const { index, tell } = await talked();
    const offset = await tell(facts.opened('t2', 'Another'), facts.joined('t2', 1, 'atlas'), {
      type: 'thread.closed',
      payload: { thread: 't1', reason: 'left' },
    });
    const ids = async (query: { agent?: string; state: 'open' | 'closed' | 'all'; before?: number }) =>
      (await index.threads({ ...query, limit: 10 }, offset)).map((thread) => thread.id);
    expect(await ids({ state: 'all' })).toEqual(['t2', 't1']);
    expect(await ids({ state: 'open' })).toEqual(['t2']);
    expect(await ids({ state: 'closed', agent: 'nova' })).toEqual(['t1']);
    expect(await ids({ state: 'open', agent: 'nova' })).toEqual([]);
    expect(await ids({ state: 'all', before: 9000 })).toEqual(['t1']);
    expect(await index.thread('t1', offset)).toMatchObject({ state: 'closed', reason: 'left', messages: 5 });
    expect(await index.thread('none', offset)).toBeUndefined();
  });

  it('finds messages by their words, whatever else is in the text', async () => {
    const { index, offset } = await talked();
    const found = async (text: string) =>
      (await index.search({ text, limit: 5 }, offset)).hits.map((hit) => [hit.message?.id, shown(hit)]);
    expect(await found('größenwahn')).toEqual([['t1-5', 'That was it. [Größenwahn]!']]);
    expect(await found('expired "JWT" -')).toEqual([['t1-3', 'The [JWT] validation fails on [expired] tokens.']]);
    expect(await found('NEAR( * "')).toEqual([]);
    expect(await found('***')).toEqual([]);
    expect((await index.search({ text: 'seconds', reader: 'stranger', limit: 5 }, offset)).hits).toEqual([]);
  });

  it('covers what was durable when it was asked, over the end of a segment too', async () => {
    const { index, tell, store } = await talked();
    for (let seq = 6; seq <= 300; seq++) await tell(facts.said('t1', seq, 'atlas', `number ${seq} `.repeat(20)));
    expect(store.manifest.segments.length).toBeGreaterThan(3);
    const page = await index.messages({ thread: 't1', after: 299, limit: 1 }, store.durableOffset);
    expect(page.messages[0]?.message.seq).toBe(300);
  });

  it('starts no worker before it is asked, writes state.db when the home is quiet, and lets the worker go', async () => {
    const { index, workers, clock, store, disk, offset } = await talked();
    expect(workers).toHaveLength(0);
    clock.turn(quietMs);
    await settle();
    clock.turn(quietMs);
    await settle();
    expect(workers).toHaveLength(1);
    expect(store.manifest.snapshots).toMatchObject([{ name: 'state.db', offset }]);
    expect(disk.files.exists(statePath)).toBe(true);
    for (let turned = 0; turned <= workerIdleMs; turned += quietMs) {
      clock.turn(quietMs);
      await settle();
    }
    expect((await index.thread('t1', offset))?.messages).toBe(5);
    expect(workers).toHaveLength(2);
  });

  it('goes on after its worker died: the question in flight fails, the next is answered', async () => {
    const { index, workers, offset } = await talked();
    await index.thread('t1', offset);
    const asked = index.thread('t1', offset);
    await Promise.resolve();
    workers[0]?.crash();
    await expect(asked).rejects.toMatchObject({ code: 'index_failed' });
    expect((await index.thread('t1', offset))?.messages).toBe(5);
  });
});

describe('state.db', () => {
  it('is a plain SQLite file with the promised views', async () => {
    const { index, disk, tell } = await talked();
    const call = { id: 'c1', from: 'atlas', topic: 'Again', urgency: 'next', refs: [], placedAt: 5 } as const;
    await tell({ type: 'call.placed', payload: { call, to: ['nova'] } });
    await tell({ type: 'call.missed', payload: { call: 'c1', agent: 'nova' } });
    await index.snapshot();
    const sql = await sqlForTests();
    const database = new sql.Database(disk.contents().get(statePath));
    const rows = (text: string) => database.exec(text)[0];
    expect(rows('select * from agents')?.columns).toEqual([
      'id',
      'name',
      'capabilities',
      'status',
      'api_key',
      'last_seen',
    ]);
    expect(rows('select name, capabilities, api_key from agents')?.values).toEqual([
      ['Atlas', '["review"]', null],
      ['Nova', '["review"]', null],
    ]);
    expect(rows('select * from conversations')).toEqual({
      columns: ['id', 'topic', 'mode', 'status', 'created_at', 'closed_at'],
      values: [['t1', 'Review my auth middleware', 'live', 'active', 3000, null]],
    });
    expect(rows('select * from participants')).toEqual({
      columns: ['conversation_id', 'agent_id', 'joined_at', 'left_at'],
      values: [
        ['t1', 'atlas', 4000, null],
        ['t1', 'nova', 5000, null],
      ],
    });
    expect(rows('select * from messages where seq = 4')).toEqual({
      columns: ['id', 'conversation_id', 'from_agent', 'type', 'content', 'seq', 'timestamp'],
      values: [['t1-4', 't1', 'nova', 'message', 'You compare seconds with milliseconds.', 4, 4]],
    });
    expect(rows('select * from requests')).toEqual({
      columns: ['id', 'from_agent', 'to_agent', 'topic', 'status', 'created_at'],
      values: [['c1', 'atlas', 'nova', 'Again', 'missed', 5]],
    });
    expect(rows('pragma integrity_check')?.values).toEqual([['ok']]);
  });

  it('spares a start the journal: only what came after it is read', async () => {
    const { index, disk, store, tell } = await talked();
    await index.snapshot();
    await tell(facts.said('t1', 6, 'nova', 'Bye'));
    await index.snapshot();
    expect(store.manifest.snapshots.map(({ name, offset }) => [name, offset])).toEqual([
      ['state.db', 9],
      ['state.previous.db', 8],
    ]);
    await tell(facts.said('t1', 7, 'atlas', 'Bye!'));
    await index.close();
    await store.close();
    const again = await openTestIndex(disk.files);
    expect((await again.index.thread('t1', 10))?.messages).toBe(7);
    expect((await again.index.search({ text: 'bye', limit: 9 }, 10)).hits.map((hit) => hit.message?.seq)).toEqual([
      7, 6,
    ]);
    expect(again.logged).toEqual([]);
  });

  it('may be lost or damaged, newest or both: the journal says the same', async () => {
    const { index, disk, store, tell } = await talked();
    await index.snapshot();
    await tell(facts.said('t1', 6, 'nova', 'Bye'));
    await index.snapshot();
    await store.close();
    for (const lost of [['state.db'], ['state.previous.db'], ['state.db', 'state.previous.db']]) {
      const contents = disk.contents();
      for (const name of lost) (contents.get(`${testHome}/${name}`) as Buffer)[100] = 77;
      const damaged = MemoryDisk.of(contents, disk.folders);
      const again = await openTestIndex(damaged.files);
      expect((await again.index.thread('t1', 9))?.messages, lost.join()).toBe(6);
      await settle();
      await again.tell(facts.said('t1', 7, 'atlas', 'Bye!'));
      await again.index.snapshot();
      expect(again.store.manifest.snapshots[0], lost.join()).toMatchObject({ name: 'state.db', offset: 10 });
      const third = await openTestIndex(MemoryDisk.of(damaged.contents(), disk.folders).files);
      expect((await third.index.thread('t1', 10))?.messages, lost.join()).toBe(7);
      expect(third.logged, lost.join()).toEqual([]);
    }
  });
});
