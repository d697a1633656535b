import { describe, expect, it } from 'vitest';
import { apply } from '../../src/core/apply';
import { type Checkpoint, fromCheckpoint } from '../../src/core/checkpoint';
import type { DurableEvent } from '../../src/core/events';
import { defaultLimits } from '../../src/core/limits';
import { emptyState, type State } from '../../src/core/state';
import { repairHome, type RepairReport } from '../../src/store/repair';
import { ManualClock } from '../support/faultsClock';
import { MemoryDisk } from '../support/faultsDisk';
import { facts, openTestIndex } from '../support/faultsIndex';
import { SeededRandom, runSeed } from '../support/faultsRandom';
import { onlyUs, openTestStore, testHome } from '../support/faultsStore';

const seed = runSeed();

function repair(disk: MemoryDisk): Promise<RepairReport> {
  return repairHome({ files: disk.files, home: testHome, processes: onlyUs, clock: new ManualClock() });
}

/** A home with an archive, two snapshots, two checkpoints of which one is newer, several segments, and a thread that is open. */
async function talked(): Promise<MemoryDisk> {
  const disk = new MemoryDisk();
  const { index, store, tell } = await openTestIndex(disk.files);
  const cover = async (withIndex: boolean): Promise<void> => {
    const offset = store.durableOffset;
    if (withIndex) await index.snapshot();
    await store.keepCheckpoint(offset, (base) => index.fold({ offset, base, limits: defaultLimits, now: 0 }));
  };
  await tell(facts.registered('atlas'), facts.registered('nova'));
  await tell(
    facts.opened('t1'),
    facts.joined('t1', 1, 'atlas'),
    facts.said('t1', 2, 'atlas', 'old'),
    facts.closed('t1'),
  );
  await index.archive();
  await tell(facts.opened('t2'), facts.joined('t2', 1, 'atlas'), facts.joined('t2', 2, 'nova'));
  for (let seq = 3; seq <= 120; seq++) {
    await tell(facts.said('t2', seq, 'atlas', `word${seq} `.repeat(40)));
    // The head state is ahead of the index.
    if (seq === 40 || seq === 60 || seq === 80) await cover(seq < 80);
  }
  await index.close();
  return MemoryDisk.of(disk.contents(), disk.folders);
}

function harmed(disk: MemoryDisk, harm: (contents: Map<string, Buffer>) => void): MemoryDisk {
  const contents = new Map([...disk.contents()].map(([path, bytes]) => [path, Buffer.from(bytes)]));
  harm(contents);
  return MemoryDisk.of(contents, disk.folders);
}

const paths = (contents: Map<string, Buffer>, part: string | RegExp): string[] =>
  [...contents.keys()].filter((path) => path.search(part) >= 0).sort();

/** The head state as a broker would have it. */
async function stateOf(disk: MemoryDisk): Promise<{ state: State; damage: unknown }> {
  const { store } = await openTestStore(disk.files);
  const { checkpoint, events, damage } = store.recovered;
  const state = (checkpoint && fromCheckpoint(checkpoint.state as Checkpoint)) ?? emptyState('here');
  for (const event of events as unknown as DurableEvent[]) apply(state, event);
  await store.close();
  return { state, damage };
}

/** That the home can be written and read, and goes on. */
async function goesOn(disk: MemoryDisk, where: string): Promise<void> {
  const { damage } = await stateOf(disk);
  expect(damage, where).toBeUndefined();
  const { index, store, tell } = await openTestIndex(disk.files);
  const offset = await tell(facts.opened('t9'), facts.joined('t9', 1, 'nova'), facts.said('t9', 2, 'nova', 'after'));
  expect((await index.messages({ thread: 't9', limit: 5 }, offset)).messages, where).toHaveLength(2);
  await index.snapshot();
  await store.close();
}

describe('a repair', () => {
  it('leaves a sound home as it is, a new one too', async () => {
    const disk = await talked();
    const before = disk.contents();
    expect(await repair(disk)).toMatchObject({ changed: false, gaps: [], kept: [], archives: [], dropped: [] });
    const [after, lock] = [disk.contents(), /lock|writer/];
    for (const [path, bytes] of before) if (!lock.test(path)) expect(after.get(path)?.equals(bytes), path).toBe(true);
    expect(await repair(new MemoryDisk())).toMatchObject({ changed: false });
  });

  it('puts a fact in the place of every lost event, archives what was open, and keeps the damaged file', async () => {
    let name = '';
    const disk = harmed(await talked(), (contents) => {
      const path = paths(contents, '.log').at(-2) ?? '';
      name = path.split('/').at(-1) ?? '';
      const bytes = contents.get(path) as Buffer;
      bytes.fill(7, bytes.length / 2, bytes.length / 2 + 600);
    });
    expect((await stateOf(disk)).damage).toMatchObject({ kind: 'journal_damaged' });
    const report = await repair(disk);
    expect(report).toMatchObject({ changed: true, archives: [], dropped: [] });
    expect(report.gaps).toHaveLength(1);
    expect(report.kept.map((kept) => kept.replace(/^\d+-/, ''))).toEqual([name]);
    expect([...disk.contents().keys()].some((path) => path.startsWith('/home/damaged/'))).toBe(true);
    const { from = 0, to = 0 } = report.gaps[0] ?? {};
    expect(to - from).toBeLessThan(4);
    const { state, damage } = await stateOf(disk);
    expect(damage).toBeUndefined();
    expect([...state.agents.keys()]).toEqual(['atlas', 'nova']);
    expect(state.threads.size).toBe(0);
    const { index, store } = await openTestIndex(disk.files);
    expect(await index.thread('t2', store.durableOffset)).toMatchObject({ state: 'closed' });
    const { hits } = await index.search({ text: 'word119', limit: 5 }, store.durableOffset);
    expect(hits).toHaveLength(1);
    await store.close();
    await goesOn(disk, 'after');
    expect(await repair(disk)).toMatchObject({ changed: false });
  });

  it('mends what the index needs also before the newest checkpoint, where no start looks', async () => {
    const disk = new MemoryDisk();
    const { index, store, tell } = await openTestIndex(disk.files);
    await tell(facts.registered('atlas'), facts.registered('nova'), facts.opened('t1'), facts.joined('t1', 1, 'atlas'));
    for (let seq = 2; seq <= 30; seq++) await tell(facts.said('t1', seq, 'atlas', `word${seq} `));
    const offset = store.durableOffset;
    await store.keepCheckpoint(offset, (base) => index.fold({ offset, base, limits: defaultLimits, now: 0 }));
    await store.close();
    const broken = harmed(disk, (contents) => {
      const bytes = contents.get(paths(contents, '.log')[0] ?? '') as Buffer;
      bytes.fill(7, 100, 110);
      bytes.fill(7, bytes.indexOf('word10'), bytes.indexOf('word12'));
    });
    expect((await stateOf(broken)).damage).toBeUndefined();
    const gaps = [
      { from: 1, to: 1 },
      { from: 13, to: 15 },
    ];
    expect(await repair(broken)).toMatchObject({ changed: true, gaps });
    const { state } = await stateOf(broken);
    expect([...state.agents.keys()]).toEqual(['atlas', 'nova']);
    expect(state.threads.size).toBe(0);
    const mended = await openTestIndex(broken.files);
    expect(await mended.index.thread('t1', mended.store.durableOffset)).toMatchObject({ state: 'closed' });
    const { hits } = await mended.index.search({ text: 'word29', limit: 5 }, mended.store.durableOffset);
    expect(hits).toHaveLength(1);
    await mended.store.close();
    await goesOn(broken, 'after');
    expect(await repair(broken)).toMatchObject({ changed: false });
  });

  it('says in which threads messages are lost', async () => {
    const disk = new MemoryDisk();
    const { tell, store } = await openTestIndex(disk.files);
    await tell(facts.registered('atlas'), facts.opened('t1'), facts.joined('t1', 1, 'atlas'));
    for (let seq = 2; seq <= 30; seq++) await tell(facts.said('t1', seq, 'atlas', `word${seq} `));
    await store.close();
    const broken = harmed(disk, (contents) => {
      const bytes = contents.get(paths(contents, '.log')[0] ?? '') as Buffer;
      bytes.fill(7, bytes.indexOf('word10'), bytes.indexOf('word12'));
    });
    const report = await repair(broken);
    expect(report.gaps).toEqual([{ from: 12, to: 14 }]);
    expect(report.threads).toEqual([{ thread: 't1', messages: 3 }]);
  });

  it.each<[string, (contents: Map<string, Buffer>) => void]>([
    ['the manifest is gone', (contents) => void contents.delete('/home/manifest.json')],
    ['the manifest is damaged', (contents) => void contents.set('/home/manifest.json', Buffer.from('{}'))],
    ['a segment is gone', (contents) => void contents.delete(paths(contents, '.log').at(-2) ?? '')],
    ['the last segment is gone', (contents) => void contents.delete(paths(contents, '.log').at(-1) ?? '')],
    [
      'the checkpoints are gone',
      (contents) => paths(contents, '/checkpoints/').forEach((path) => contents.delete(path)),
    ],
    ['the snapshots are gone', (contents) => paths(contents, '/home/state').forEach((path) => contents.delete(path))],
    [
      'only the snapshots are there',
      (contents) => paths(contents, /\.log|checkpoints/).forEach((path) => contents.delete(path)),
    ],
    ['the journal is gone', (contents) => paths(contents, '.log').forEach((path) => contents.delete(path))],
    [
      'all is gone but the journal',
      (contents) => {
        for (const path of contents.keys()) if (!path.endsWith('.log')) contents.delete(path);
      },
    ],
  ])('makes a home writable in which %s', async (what, harm) => {
    const disk = harmed(await talked(), harm);
    expect((await repair(disk)).changed || what.includes('last segment')).toBe(true);
    await goesOn(disk, what);
    expect(await repair(disk)).toMatchObject({ changed: false });
  });

  it('loses nothing but the manifest with the manifest', async () => {
    const disk = await talked();
    const before = await stateOf(MemoryDisk.of(disk.contents(), disk.folders));
    const without = harmed(disk, (contents) => void contents.delete('/home/manifest.json'));
    expect(await repair(without)).toMatchObject({ changed: true, gaps: [], archives: [], dropped: [] });
    expect((await stateOf(without)).state).toEqual(before.state);
    const { index, store } = await openTestIndex(without.files);
    expect((await index.messages({ thread: 't1', limit: 5 }, store.durableOffset)).messages).toHaveLength(2);
    expect((await index.messages({ thread: 't2', after: 0, limit: 200 }, store.durableOffset)).messages).toHaveLength(
      120,
    );
  });

  it('takes an archive that is damaged out, and says what is lost; its threads are no more', async () => {
    let name = '';
    const disk = harmed(await talked(), (contents) => {
      const [path = ''] = paths(contents, '/archives/');
      name = path.split('/').at(-1) ?? '';
      (contents.get(path) as Buffer)[4200] = 1;
    });
    expect(await repair(disk)).toMatchObject({ changed: true, archives: [name], gaps: [] });
    const { index, store } = await openTestIndex(disk.files);
    expect(await index.thread('t1', store.durableOffset)).toBeUndefined();
    expect(await index.thread('t2', store.durableOffset)).toMatchObject({ messages: 120 });
    expect(
      await index.sql({ text: 'select count(*) from conversations', limit: 1 }, store.durableOffset),
    ).toMatchObject({
      rows: [[1]],
    });
  });

  it('refuses while a broker runs', async () => {
    const disk = await talked();
    const { store } = await openTestStore(disk.files);
    const processes = { ...onlyUs, isGone: () => false };
    const running = repairHome({ files: disk.files, home: testHome, processes, clock: new ManualClock() });
    await expect(running).rejects.toMatchObject({ code: 'home_locked' });
    await store.close();
  });

  it(`makes a home writable whatever bytes are wrong (PARLEY_SEED=${seed})`, async () => {
    const random = new SeededRandom(seed);
    const sound = await talked();
    for (let round = 0; round < 60; round++) {
      const disk = harmed(sound, (contents) => {
        const all = [...contents.keys()].filter((path) => !/lock|writer/.test(path));
        for (let count = random.between(1, 4); count > 0; count--) {
          const bytes = contents.get(all[random.between(0, all.length - 1)] ?? '') ?? Buffer.alloc(0);
          const at = random.between(0, Math.max(0, bytes.length - 1));
          bytes.fill(random.between(0, 255), at, Math.min(bytes.length, at + random.between(1, 400)));
        }
      });
      await repair(disk);
      await goesOn(disk, `PARLEY_SEED=${seed}, round ${round}`);
    }
  });
});
