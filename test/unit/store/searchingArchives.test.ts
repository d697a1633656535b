import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultLimits } from '../../../src/core/limits';
import type { SearchHit, SearchPage, SearchQuery } from '../../../src/store/index/answers';
import { SqlDatabase } from '../../../src/store/index/database';
import { best, hitsAt, rankMessages, scopeOf, searchTopics } from '../../../src/store/index/searching';
import { wantedOf } from '../../../src/store/index/words';
import { type ArchiveEntry, sha256 } from '../../../src/store/manifest';
import { MemoryDisk } from '../../support/faultsDisk';
import { type FileCall, withFaults } from '../../support/faultsFiles';
import { facts, openTestIndex, sqlForTests } from '../../support/faultsIndex';
import { runSeed } from '../../support/faultsRandom';

const seed = runSeed();

/** All pages of a search, the plain way: every archive is read whole, and everything found in it, before any is left out. */
async function plainly(
  contents: ReadonlyMap<string, Buffer>,
  archives: readonly ArchiveEntry[],
  query: SearchQuery,
): Promise<{ hits: SearchHit[]; unreadable: string[] }> {
  const sql = await sqlForTests();
  const wanted = wantedOf(query.text);
  if (!wanted) return { hits: [], unreadable: [] };
  const index = new SqlDatabase(sql, contents.get('/home/state.db'));
  const scope = scopeOf(index, query);
  const topicOf = (thread: string): string | undefined =>
    index.get('select topic from thread where id = ?', thread)?.['topic'] as string | undefined;
  const found: { score: number; at: number; hit: SearchHit }[] = [];
  const add = (all: ReadonlyMap<{ score: number; at: number }, SearchHit>): void => {
    for (const [{ score, at }, hit] of all) found.push({ score, at, hit });
  };
  add(searchTopics(index, wanted, query, scope, Infinity));
  add(hitsAt(index, wanted, rankMessages(index, wanted, query, scope, Infinity, topicOf)));
  const unreadable: string[] = [];
  for (const { name, sha256: hash } of archives.toSorted((a, b) => b.offset - a.offset)) {
    const times = index.get('select firstAt, lastAt from archive where name = ?', name);
    if (Number(times?.['lastAt']) < (query.after ?? 0) || Number(times?.['firstAt']) >= (query.before ?? Infinity))
      continue;
    const parts = index.all('select thread from part where archive = ?', name);
    if (scope.threads && !parts.some(({ thread }) => scope.threads?.has(String(thread)))) continue;
    const bytes = contents.get(`/home/archives/${name}`);
    if (!bytes || sha256(bytes) !== hash) {
      unreadable.push(name);
      continue;
    }
    const archive = new SqlDatabase(sql, bytes);
    const inside = (thread: string, seq: number): string | undefined =>
      index.get(
        'select 1 from part where thread = ? and archive = ? and ? between first and last',
        ...[thread, name, seq],
      ) && topicOf(thread);
    add(hitsAt(archive, wanted, rankMessages(archive, wanted, query, scope, Infinity, inside)));
    archive.close();
  }
  index.close();
  return { hits: best(found, Infinity).map(({ hit }) => hit), unreadable };
}

const words = ['token', 'tokens', 'parser', 'Größe', 'GROSSE', 'señor', 'x', 'src/store.ts', '漢字', 'the'];
const aWord = fc.constantFrom(...words);
const aText = fc.array(aWord, { minLength: 1, maxLength: 6 }).map((all) => all.join(' '));
const anAgent = fc.constantFrom('atlas', 'nova', 'sage');
const aTime = fc.integer({ min: 1, max: 12 });
const maybe = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: one });

const aThread = fc.record({
  topic: aText,
  agents: fc.uniqueArray(anAgent, { minLength: 1, maxLength: 3 }),
  said: fc.array(fc.record({ from: anAgent, text: aText, timestamp: aTime, excerpt: maybe(aText) }), { maxLength: 7 }),
  end: fc.constantFrom('open', 'closed', 'closed', 'closed', 'erased'),
});
/** Each round ends with an archive of what was closed in it. One may come twice: then hits in two archives are as good. */
const aHome = fc
  .array(fc.tuple(fc.array(aThread, { minLength: 1, maxLength: 3 }), fc.boolean()), { minLength: 1, maxLength: 4 })
  .map((rounds) => rounds.flatMap(([round, isTwice]) => (isTwice ? [round, round] : [round])));
const aQuery = fc.record({
  text: fc.oneof(
    aWord,
    aWord,
    aText.map((text) => `"${text}"`),
    fc.constantFrom('tok', 'gro', 's', 'absent', 'tok the'),
  ),
  limit: fc.integer({ min: 1, max: 6 }),
  agent: maybe(anAgent),
  reader: maybe(anAgent),
  thread: maybe(fc.constantFrom('t0', 't1', 't3')),
  after: maybe(aTime),
  before: maybe(aTime),
});

type Thread = typeof aThread extends fc.Arbitrary<infer T> ? T : never;

function factsOf(id: string, { topic, agents, said }: Thread): ReturnType<typeof facts.said>[] {
  let seq = 0;
  return [
    facts.opened(id, topic),
    ...agents.map((agent) => facts.joined(id, ++seq, agent)),
    ...said.map(({ from, text, timestamp, excerpt }) => {
      const refs = excerpt === undefined ? [] : [{ uri: 'file:///a.ts', excerpt }];
      return facts.said(id, ++seq, from, text, { timestamp, refs });
    }),
  ];
}

describe('a search through archives', () => {
  it(`finds the same as one that reads all of everything, in the same order (PARLEY_SEED=${seed})`, async () => {
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(
        aHome,
        fc.array(aQuery, { minLength: 8, maxLength: 8 }),
        maybe(fc.nat()),
        async (rounds, queries, damaged) => {
          const disk = new MemoryDisk();
          const { index, store, tell } = await openTestIndex(disk.files);
          await tell(...['atlas', 'nova', 'sage'].map((agent) => facts.registered(agent)));
          let threads = 0;
          const erased: string[] = [];
          for (const round of rounds) {
            for (const thread of round) {
              const id = `t${threads++}`;
              await tell(...factsOf(id, thread), ...(thread.end === 'open' ? [] : [facts.closed(id)]));
              if (thread.end === 'erased') erased.push(id);
            }
            await index.archive();
          }
          for (const thread of erased) await tell({ type: 'thread.erased', payload: { thread, by: 'p' } });
          await index.snapshot();
          const { archives } = store.manifest;
          const harmed = damaged === undefined ? undefined : archives[damaged % Math.max(1, archives.length)];
          if (harmed) {
            const file = await disk.files.open(`/home/archives/${harmed.name}`, 'change');
            await file.write(Buffer.from('damage'), 4200);
          }
          for (const query of queries) {
            const plain = await plainly(disk.contents(), archives, query);
            const hits: SearchHit[] = [];
            let page: SearchPage | undefined;
            do {
              const cursor: number | undefined = page?.cursor;
              page = await index.search({ ...query, cursor }, store.durableOffset);
              hits.push(...page.hits);
              expect(page.unreadable).toEqual(plain.unreadable);
              if (page.cursor !== undefined) expect(page.hits).toHaveLength(query.limit);
            } while (page.cursor !== undefined);
            expect(hits).toEqual(plain.hits);
            compared += archives.length > 1 ? hits.length : 0;
          }
        },
      ),
      { seed, numRuns: 20 },
    );
    expect(compared).toBeGreaterThan(50);
  }, 30_000);

  it('keeps no file open that held an erased word, once it is purged', async () => {
    const disk = new MemoryDisk();
    const open = new Map<string, number>();
    const note = ({ operation, path }: FileCall): undefined => {
      const by = operation === 'openRead' ? 1 : operation === 'closeNow' ? -1 : 0;
      open.set(path, (open.get(path) ?? 0) + by);
    };
    const { index, store, tell } = await openTestIndex(disk.files, withFaults(disk.files, { before: note }));
    await tell(facts.registered('atlas'));
    for (const thread of ['t1', 't2']) {
      await tell(facts.opened(thread), facts.joined(thread, 1, 'atlas'), facts.said(thread, 2, 'atlas', 'a secret'));
      await tell(facts.closed(thread));
    }
    await index.archive();
    const path = `/home/archives/${store.manifest.archives[0]?.name}`;
    expect((await index.search({ text: 'secret', limit: 9 }, store.durableOffset)).hits).toHaveLength(2);
    expect(open.get(path)).toBe(1);
    const erased = await tell({ type: 'thread.erased', payload: { thread: 't1', by: 'p' } });
    await index.purge(erased, { limits: defaultLimits, now: 1 });
    expect(disk.contents().has(path)).toBe(false);
    expect(open.get(path)).toBe(0);
    const found = await index.search({ text: 'secret', limit: 9 }, store.durableOffset);
    expect(found.hits.map(({ thread }) => thread)).toEqual(['t2']);
  });
});
