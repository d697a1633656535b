import { describe, expect, it } from 'vitest';
import type { Task, TaskRecord } from '../../../src/core/taskModel';
import type { ImportCounts } from '../../../src/store/index/answers';
import { defaultLimits } from '../../../src/core/limits';
import { chain } from '../../../src/store/index/exportFormat';
import { MemoryDisk } from '../../support/faultsDisk';
import { conversation, facts, openTestIndex, type TestIndex } from '../../support/faultsIndex';

async function talked(disk = new MemoryDisk()): Promise<TestIndex> {
  const opened = await openTestIndex(disk.files);
  const refs = [{ uri: 'file:///src/parser.ts', excerpt: 'return lastLine;\n', note: 'here "it" goes \u0000 🎉' }];
  const call = { id: 'c1', from: 'atlas', topic: 'Parser', urgency: 'next', refs: [], placedAt: 5 } as const;
  const report = { ringer: 'claude', result: 'written' } as const;
  await opened.tell(
    ...conversation,
    { type: 'receipt.rung', payload: { subject: 't1-5', agent: 'nova', report } },
    facts.closed('t1'),
    { type: 'call.placed', payload: { call, to: ['nova'] } },
    facts.opened('t2', 'Parser loses lines'),
    facts.joined('t2', 1, 'nova'),
    facts.joined('t2', 2, 'sage'),
    { type: 'call.accepted', payload: { call: 'c1', agent: 'nova', by: 'nova', thread: 't2' } },
    facts.said('t2', 3, 'nova', 'Look at this function\u2028', { refs }),
    facts.closed('t2'),
  );
  await opened.index.archive();
  await opened.tell(
    facts.opened('t3', 'Still open'),
    facts.joined('t3', 1, 'atlas'),
    facts.said('t3', 2, 'atlas', 'x'),
  );
  return opened;
}

const task = (id: string): Task => ({
  ...{ id, from: 'atlas', to: 'nova', title: `Mend ${id}`, refs: [], placedAt: 1, retries: 0 },
});

/** Two tasks: one is over, and one that a thread is told of goes on. */
function worked({ tell }: TestIndex): Promise<number> {
  const taken = { by: 'nova', fence: 1, leaseUntil: 9 };
  const ended = { task: 'w1', by: 'nova', state: 'completed', said: 'Done.', result: { ok: true } } as const;
  return tell(
    { type: 'task.placed', payload: { task: task('w1') } },
    { type: 'task.taken', payload: { task: 'w1', ...taken } },
    { type: 'task.ended', payload: ended },
    { type: 'task.placed', payload: { task: { ...task('w2'), thread: 't3' } } },
    { type: 'task.taken', payload: { task: 'w2', ...taken } },
  );
}

async function exported({ index, store }: TestIndex): Promise<{ text: string; pages: number }> {
  let [text, pages] = ['', 0];
  let cursor: string | undefined;
  do {
    const page = await index.exportPage(cursor, store.durableOffset);
    text += page.lines;
    cursor = page.cursor;
    pages++;
  } while (cursor !== undefined);
  return { text, pages };
}

/** Hands the text over in pieces. */
async function imported({ index }: TestIndex, text: string, length = 1000): Promise<ImportCounts | undefined> {
  let upload: string | undefined;
  for (let at = 0; ;) {
    const piece = text.slice(at, (at += length));
    const answer = await index.importPiece({ upload, text: piece, end: at >= text.length }, 0);
    upload = answer.upload;
    if (at >= text.length) return answer.done;
  }
}

async function contentOf({ index, store }: TestIndex, threads = ['t1', 't2', 't3']): Promise<unknown> {
  const pages = [];
  for (const thread of threads) pages.push(await index.messages({ thread, limit: 99 }, store.durableOffset));
  return pages;
}

describe('an export', () => {
  it('has everything that was said, archived or not, and no token', async () => {
    const opened = await talked();
    const { text } = await exported(opened);
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, Record<string, unknown>>);
    expect(lines.map((line) => Object.keys(line)[0])).toEqual(
      ['parley', 'agent', 'agent'].concat(
        ['thread', ...Array<string>(5).fill('message'), 'call', 'thread', ...Array<string>(3).fill('message')],
        ['thread', ...Array<string>(2).fill('message'), 'end'],
      ),
    );
    expect(lines.at(-1)?.['end']).toMatchObject({ agent: 2, call: 1, thread: 3, message: 10 });
    expect(text).not.toContain('tokenHash');
  });

  it('has the tasks, also those of before the index kept them', async () => {
    const opened = await talked();
    const offset = await worked(opened);
    const old: TaskRecord = {
      ...{ task: { ...task('w9'), thread: 't1' }, state: 'completed', fence: 1, isOffered: false, retriesLeft: 0 },
      ...{ result: { ok: true }, changedAt: 2, overAt: 2, steps: [{ at: 1, change: 'offered', fence: 1 }] },
    };
    const first = await opened.index.exportPage(undefined, offset, [old]);
    const lines = first.lines.split('\n').filter((line) => line.startsWith('{"task"'));
    expect(lines.map((line) => (JSON.parse(line) as { task: object }).task)).toMatchObject([
      { id: 'w9', state: 'completed', result: { ok: true } },
      { id: 'w1', state: 'completed', said: 'Done.', result: { ok: true }, steps: [{}, {}, {}] },
      { id: 'w2', state: 'working', thread: 't3' },
    ]);
    expect(first.lines).toContain('"task":3,');
  });

  it('comes in pages, each of whole lines', async () => {
    const opened = await talked();
    for (let seq = 3; seq <= 150; seq++) {
      await opened.tell(facts.said('t3', seq, 'atlas', `${seq} `.padEnd(12_000, 'word ')));
    }
    const { text, pages } = await exported(opened);
    expect(pages).toBe(2);
    expect(text.endsWith('\n')).toBe(true);
    const other = await openTestIndex(new MemoryDisk().files);
    expect(await imported(other, text, 200_000)).toEqual({ threads: 3, messages: 158, tasks: 0, known: 0 });
  });

  it('says so when a thread was erased between two pages, and refuses a cursor that is none', async () => {
    const opened = await talked();
    for (let seq = 3; seq <= 150; seq++) {
      await opened.tell(facts.said('t3', seq, 'atlas', `${seq} `.padEnd(12_000, 'word ')));
    }
    const { cursor } = await opened.index.exportPage(undefined, opened.store.durableOffset);
    const erased = { type: 'thread.erased', payload: { thread: 't3', by: 'p' } } as const;
    const offset = await opened.tell(facts.closed('t3'), erased);
    const code = 'export_changed';
    await expect(opened.index.exportPage(cursor, offset)).rejects.toMatchObject({ code });
    for (const wrong of ['', 'x', 'e30', Buffer.from('null').toString('base64url')]) {
      await expect(opened.index.exportPage(wrong, offset), wrong).rejects.toMatchObject({ code });
    }
  });
});

describe('an import', () => {
  it('adds the threads of another home as archived ones, word for word', async () => {
    const opened = await talked();
    const { text } = await exported(opened);
    const other = await openTestIndex(new MemoryDisk().files);
    await other.tell(facts.registered('someone'), facts.opened('own'), facts.joined('own', 1, 'someone'));
    expect(await imported(other, text)).toEqual({ threads: 3, messages: 10, tasks: 0, known: 0 });
    expect(await contentOf(other)).toEqual(await contentOf(opened));
    expect(await other.index.thread('t3', 3)).toMatchObject({ state: 'closed', topic: 'Still open' });
    expect((await other.index.search({ text: 'lastLine', limit: 5 }, 3)).hits).toHaveLength(1);
    const calls = await other.index.sql({ text: 'select id, topic, status from requests', limit: 9 }, 3);
    expect(calls.rows).toEqual([['c1', 'Parser', 'accepted']]);
    expect((await other.index.threads({ state: 'all', limit: 9 }, 3)).map(({ id }) => id).sort()).toEqual([
      'own',
      't1',
      't2',
      't3',
    ]);
    await other.store.close();
  });

  it('brings the tasks in as over, with their names, and erases those of a thread with it', async () => {
    const disk = new MemoryDisk();
    const opened = await talked();
    await worked(opened);
    const { text } = await exported(opened);
    const other = await openTestIndex(disk.files);
    expect(await imported(other, text)).toMatchObject({ threads: 3, tasks: 2 });
    expect(await imported(other, text)).toMatchObject({ threads: 0, tasks: 0 });
    const all = async (index = other.index) => (await index.tasks({ state: 'over', limit: 9 }, 0)).tasks;
    expect((await all()).map((one) => [one.task.id, one.state, one.reason, one.result])).toEqual([
      ['w2', 'canceled', 'imported', undefined],
      ['w1', 'completed', undefined, { ok: true }],
    ]);
    expect(await other.index.names(['atlas', 'nobody'], 0)).toEqual({ atlas: 'Atlas' });
    const rows = await other.index.sql({ text: 'select id, status, result from tasks order by id', limit: 9 }, 0);
    expect(rows.rows).toEqual([
      ['w1', 'completed', '{"ok":true}'],
      ['w2', 'canceled', null],
    ]);
    // The archive is all that keeps them: a new index finds them there.
    await other.store.close();
    const left = [...disk.contents()].filter(([path]) => !path.includes('state'));
    const rest = MemoryDisk.of(new Map(left), disk.folders);
    const again = await openTestIndex(rest.files);
    expect((await all(again.index)).map((one) => one.task.id)).toEqual(['w2', 'w1']);
    const erased = await again.tell({ type: 'thread.erased', payload: { thread: 't3', by: 'p' } });
    await again.index.purge(erased, { limits: defaultLimits, now: 1 });
    expect((await all(again.index)).map((one) => one.task.id)).toEqual(['w1']);
    const holding = [...rest.contents()].filter(([, bytes]) => bytes.includes('Mend w2'));
    expect(holding.map(([path]) => path)).toEqual([]);
  });

  it('holds no word of a task that was erased, wherever it stood, and does not bring it back', async () => {
    const disk = new MemoryDisk();
    const opened = await talked();
    await worked(opened);
    const { text } = await exported(opened);
    const other = await openTestIndex(disk.files);
    await imported(other, text);
    const ids = async (): Promise<string[]> =>
      (await other.index.tasks({ state: 'over', limit: 9 }, 0)).tasks.map((one) => one.task.id);
    expect(await other.index.endedBefore(Number.MAX_SAFE_INTEGER, 9, 0)).toHaveLength(2);
    for (const [task, left] of [
      ['w2', ['w1']],
      ['w1', []],
    ] as const) {
      const erased = await other.tell({ type: 'tasks.erased', payload: { tasks: [task], by: 'p' } });
      expect(await ids()).toEqual(left);
      await other.index.purge(erased, { limits: defaultLimits, now: 1 });
      expect(await ids()).toEqual(left);
      const rows = await other.index.sql({ text: 'select id from tasks', limit: 9 }, 0);
      expect(rows.rows).toEqual(left.map((id) => [id]));
      expect((await exported(other)).text).not.toContain(`Mend ${task}`);
      const holding = [...disk.contents()].filter(([, bytes]) => bytes.includes(`Mend ${task}`));
      expect(holding.map(([path]) => path)).toEqual([]);
      expect(await contentOf(other)).toEqual(await contentOf(opened));
    }
    expect(await imported(other, text)).toMatchObject({ threads: 0, tasks: 0 });
  });

  it('changes nothing the second time, nor in the home that it came from', async () => {
    const opened = await talked();
    const { text } = await exported(opened);
    const other = await openTestIndex(new MemoryDisk().files);
    await imported(other, text);
    const before = other.store.manifest;
    expect(await imported(other, text)).toEqual({ threads: 0, messages: 0, tasks: 0, known: 3 });
    expect(other.store.manifest).toEqual(before);
    const own = opened.store.manifest;
    expect(await imported(opened, text)).toEqual({ threads: 0, messages: 0, tasks: 0, known: 3 });
    expect(opened.store.manifest).toEqual(own);
    const again = (await exported(other)).text.split('\n').filter((line) => line.startsWith('{"message"'));
    expect(again).toEqual(text.split('\n').filter((line) => line.startsWith('{"message"')));
  });

  it('does not bring back what was erased here', async () => {
    const opened = await talked();
    const { text } = await exported(opened);
    await opened.tell({ type: 'thread.erased', payload: { thread: 't1', by: 'p' } });
    expect(await imported(opened, text)).toEqual({ threads: 0, messages: 0, tasks: 0, known: 3 });
    expect(await opened.index.thread('t1', opened.store.durableOffset)).toBeUndefined();
  });

  it('takes a piece once that comes twice, and refuses one that leaves a gap', async () => {
    const { text } = await exported(await talked());
    const { index } = await openTestIndex(new MemoryDisk().files);
    const { upload, position } = await index.importPiece({ text: text.slice(0, 500), end: false }, 0);
    const second = { upload, position, text: text.slice(500, 900), end: false };
    const after = await index.importPiece(second, 0);
    expect(await index.importPiece(second, 0)).toEqual(after);
    const code = 'upload_expired';
    await expect(index.importPiece({ ...second, position: 5000 }, 0)).rejects.toMatchObject({ code });
    await expect(index.importPiece({ ...second, upload: '../manifest.json' }, 0)).rejects.toMatchObject({ code });
    const { done } = await index.importPiece({ upload, text: text.slice(900), end: true }, 0);
    expect(done).toMatchObject({ threads: 3 });
  });

  const lineOf = (text: string, line: number, change: (line: string) => string): string =>
    text
      .split('\n')
      .map((one, index) => (index === line - 1 ? change(one) : one))
      .join('\n');

  const wrong: [string, number, (text: string) => string][] = [
    ['is empty', 1, () => ''],
    ['is something else', 1, () => 'PK\u0003\u0004'],
    ['is JSON of something else', 1, () => '{"version":1}\n'],
    ['is of a newer Parley', 1, (text) => text.replace('"version":1', '"version":2')],
    ['ends in a line', 8, (text) => text.split('\n').slice(0, 8).join('\n').slice(0, -7)],
    ['ends between lines', 9, (text) => `${text.split('\n').slice(0, 8).join('\n')}\n`],
    ['lacks its last line', 18, (text) => text.split('\n').slice(0, 17).join('\n')],
    ['lacks a line', 17, (text) => text.split('\n').toSpliced(6, 1).join('\n')],
    ['has a word changed', 18, (text) => text.replace('seconds', 'minutes')],
    [
      'has a line twice',
      8,
      (text) =>
        text
          .split('\n')
          .toSpliced(6, 0, text.split('\n')[6] ?? '')
          .join('\n'),
    ],
    ['has a seq that is none', 6, (text) => lineOf(text, 6, (line) => line.replace('"seq":2', '"seq":"2"'))],
    ['has a message of another thread', 6, (text) => lineOf(text, 6, (line) => line.replaceAll('"t1"', '"t2"'))],
    ['has a kind that is none', 6, (text) => lineOf(text, 6, (line) => line.replace('"message"', '"__proto__"'))],
    ['goes on after its end', 19, (text) => `${text}{"agent":{}}\n`],
  ];

  it.each(wrong)('of a file that %s is refused with the line (%i), and nothing changes', async (_how, line, harm) => {
    const { text } = await exported(await talked());
    const disk = new MemoryDisk();
    const other = await openTestIndex(disk.files);
    const before = [...disk.contents().keys()];
    const harmed = harm(text);
    expect(harmed).not.toBe(text);
    const failed = await imported(other, harmed).catch((error: unknown) => error);
    expect(failed).toMatchObject({ code: 'import_refused', facts: { line } });
    expect([...disk.contents().keys()]).toEqual(before);
    expect(await other.index.threads({ state: 'all', limit: 9 }, 0)).toEqual([]);
  });

  it('cannot be tricked by a checksum alone: every line is held against its form', async () => {
    const lines = ['{"parley":{"version":1,"at":1}}', `{"thread":${JSON.stringify({ id: 7, topic: 'x' })}}`];
    const checksum = lines.reduce(chain, '');
    lines.push(JSON.stringify({ end: { agent: 0, call: 0, thread: 1, message: 0, checksum } }));
    const other = await openTestIndex(new MemoryDisk().files);
    const failed = await imported(other, `${lines.join('\n')}\n`).catch((error: unknown) => error);
    expect(failed).toMatchObject({ code: 'import_refused', facts: { line: 2, problem: 'has a wrong "id"' } });
  });
});
