import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SearchHit, SearchQuery } from '../../../src/store/index/answers';
import { mostWords, wantedOf } from '../../../src/store/index/words';
import { MemoryDisk } from '../../support/faultsDisk';
import { conversation, facts, openTestIndex, type TestIndex } from '../../support/faultsIndex';
import { runSeed } from '../../support/faultsRandom';

const seed = runSeed();

async function talked(): Promise<
  TestIndex & { find(query: Partial<SearchQuery> & { text: string }): Promise<SearchHit[]> }
> {
  const opened = await openTestIndex(new MemoryDisk().files);
  const refs = [{ uri: 'file:///src/parser.ts', excerpt: 'return lastLine;', note: 'here it goes' }];
  await opened.tell(
    ...conversation,
    facts.closed('t1'),
    facts.opened('t2', 'The parser'),
    facts.joined('t2', 1, 'nova'),
    facts.joined('t2', 2, 'sage'),
    facts.said('t2', 3, 'nova', 'Look here', { refs, timestamp: 50 }),
    facts.said('t2', 4, 'sage', 'token token token', { timestamp: 60 }),
    facts.said('t2', 5, 'sage', `a token among ${'many other words '.repeat(40)}`, { timestamp: 70 }),
    facts.said('t2', 6, 'nova', 'CRLF at the end\nof the last line', { timestamp: 80 }),
  );
  const find = async (query: Partial<SearchQuery> & { text: string }): Promise<SearchHit[]> => [
    ...(await opened.index.search({ limit: 20, ...query }, opened.store.durableOffset)).hits,
  ];
  return { ...opened, find };
}

const ids = (hits: readonly SearchHit[]): string[] => hits.map(({ message, thread }) => message?.id ?? thread);

describe('a search', () => {
  it('finds words in messages, in refs and in topics', async () => {
    const { find } = await talked();
    expect(ids(await find({ text: 'milliseconds' }))).toEqual(['t1-4']);
    expect(ids(await find({ text: 'lastLine' }))).toEqual(['t2-3']);
    expect(ids(await find({ text: 'src/parser.ts' }))).toEqual(['t2-3']);
    expect(ids(await find({ text: 'parser' })).sort()).toEqual(['t2', 't2-3']);
    expect(ids(await find({ text: 'middleware' }))).toEqual(['t1']);
  });

  it('takes a word for the beginning of one, without regard to case and accents; between quotes as it stands', async () => {
    const { find } = await talked();
    expect(ids(await find({ text: 'GROSSEN' }))).toEqual([]);
    expect(ids(await find({ text: 'größenw' }))).toEqual(['t1-5']);
    expect(ids(await find({ text: 'groß' }))).toEqual(['t1-5']);
    expect(ids(await find({ text: '"größenw"' }))).toEqual([]);
    expect(ids(await find({ text: '"the last line"' }))).toEqual(['t2-6']);
    expect(ids(await find({ text: '"last the line"' }))).toEqual([]);
    expect(ids(await find({ text: 'line last the' }))).toEqual(['t2-6']);
  });

  it('puts first what has the words more often in less text, and then the later', async () => {
    const { find } = await talked();
    expect(ids(await find({ text: 'token' }))).toEqual(['t2-4', 't1-3', 't2-5']);
  });

  it('shows the words on one line with what stands around them, and marks them', async () => {
    const { find } = await talked();
    const [hit] = await find({ text: 'end "last line"' });
    expect(hit?.snippet).toBe('CRLF at the end of the last line');
    expect(hit?.marks.map(({ start, length }) => hit.snippet.slice(start, start + length))).toEqual([
      'end',
      'last',
      'line',
    ]);
  });

  it('keeps to an agent, a thread, a time, a folder', async () => {
    const { find, tell } = await talked();
    await tell({ type: 'agent.profiled', payload: { agent: 'nova', card: { workspace: '/work/parser' } } });
    expect(ids(await find({ text: 'the', agent: 'NOVA' }))).toEqual(['t2-6']);
    expect(ids(await find({ text: 'the', agent: 'nobody' }))).toEqual([]);
    expect(ids(await find({ text: 'last', thread: 't1' }))).toEqual([]);
    expect(ids(await find({ text: 'token', after: 70 }))).toEqual(['t2-5']);
    expect(ids(await find({ text: 'token', after: 50, before: 70 }))).toEqual(['t2-4']);
    expect(ids(await find({ text: 'the', workspace: '/work/parser' }))).toEqual(['t2-6']);
    expect(ids(await find({ text: 'the', workspace: '/work' }))).toEqual([]);
  });

  it('finds nothing in threads that the reader was never in', async () => {
    const { find } = await talked();
    expect(ids(await find({ text: 'seconds', reader: 'atlas' }))).toEqual(['t1-4']);
    expect(ids(await find({ text: 'seconds', reader: 'sage' }))).toEqual([]);
    expect(ids(await find({ text: 'middleware', reader: 'sage' }))).toEqual([]);
    expect(ids(await find({ text: 'token', reader: 'atlas', thread: 't2' }))).toEqual([]);
  });

  it('gives every hit once over its pages', async () => {
    const { index, store, tell } = await talked();
    for (let seq = 7; seq <= 40; seq++) await tell(facts.said('t2', seq, 'nova', `page ${seq}`, { timestamp: seq }));
    const seen: string[] = [];
    let cursor: number | undefined;
    do {
      const page = await index.search({ text: 'page', limit: 10, cursor }, store.durableOffset);
      seen.push(...ids(page.hits));
      cursor = page.cursor;
    } while (cursor !== undefined);
    expect(seen).toHaveLength(34);
    expect(new Set(seen).size).toBe(34);
  });
});

describe('a search that is not a query', () => {
  const queries = [
    '',
    ' ',
    '"',
    '""',
    '*',
    '"*"',
    'AND',
    'a AND',
    'NOT',
    'OR OR',
    'NEAR',
    'NEAR/3',
    '(',
    ')))',
    '-',
    '--',
    "'",
    '; drop table message',
    'content:x',
    'thread:t1',
    '^a',
    '%',
    '_',
    '\0',
    'a\0b',
    '🎉',
    '👩‍👩‍👧',
    '\ud800',
    '…',
    'x'.repeat(10_240),
    'word '.repeat(2048),
    '"'.repeat(500),
    '漢字',
    'ß',
    'é',
    '\n\n',
    '\u202e',
  ];

  it.each(queries.map((text) => [JSON.stringify(text).slice(0, 40), text]))('%s is no error', async (_shown, text) => {
    const { index, store } = await talked();
    const { hits, words } = await index.search({ text, limit: 5 }, store.durableOffset);
    expect(words.length).toBeLessThanOrEqual(mostWords);
    if (words.length === 0) expect(hits).toEqual([]);
  });

  it(`is none for any text (PARLEY_SEED=${seed})`, async () => {
    const { index, store } = await talked();
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 60 }), async (text) => {
        await index.search({ text, limit: 5 }, store.durableOffset);
        await index.search({ text: `the "${text}`, agent: text, thread: text, workspace: text, limit: 5 }, 1);
      }),
      { seed, numRuns: 150 },
    );
  });
});

describe('a query', () => {
  it('is read as words and phrases', () => {
    const words = (text: string): readonly string[] | undefined => wantedOf(text)?.words;
    expect(words('parser "last line" a src/store.ts')).toEqual(['parser*', '"last line"', 'a', '"src store ts*"']);
    expect(words('AND "')).toEqual(['AND*']);
    expect(words('* -')).toBeUndefined();
    expect(words('one '.repeat(100))).toHaveLength(mostWords);
  });
});
