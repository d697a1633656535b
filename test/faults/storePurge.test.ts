import { describe, expect, it } from 'vitest';
import { defaultLimits } from '../../src/core/limits';
import { MemoryDisk } from '../support/faultsDisk';
import { type FileCall, type Fault, withFaults } from '../support/faultsFiles';
import { facts, openTestIndex, type TestIndex } from '../support/faultsIndex';
import { SeededRandom, runSeed } from '../support/faultsRandom';

const seed = runSeed();
const fold = { limits: defaultLimits, now: 0 };
const secret = 'xyzzy';

/** A secret thread and another in one archive; snapshots and a checkpoint that know both; then the secret one is erased. */
async function erased(disk: MemoryDisk, meet?: (call: FileCall) => Fault): Promise<TestIndex & { offset: number }> {
  let isArmed = false;
  const files = withFaults(disk.files, { before: (call) => (isArmed ? meet?.(call) : undefined) });
  const opened = await openTestIndex(files);
  const { index, store, tell } = opened;
  await tell(facts.registered('atlas'), facts.registered('nova'));
  for (const [thread, words] of [
    ['t1', secret],
    ['t2', 'keepsake'],
  ] as const) {
    const refs = [{ uri: `file:///${words}.ts`, excerpt: words }];
    await tell(
      facts.opened(thread, `About ${words}`),
      facts.joined(thread, 1, 'atlas'),
      facts.joined(thread, 2, 'nova'),
      facts.said(thread, 3, 'atlas', `Say ${words} aloud`, { refs }),
      facts.closed(thread),
    );
  }
  await index.snapshot();
  await store.keepCheckpoint(store.durableOffset, (base) => index.fold({ offset: store.durableOffset, base, ...fold }));
  await index.archive();
  const offset = await tell({ type: 'thread.erased', payload: { thread: 't1', by: 'p' } });
  isArmed = true;
  return { ...opened, offset };
}

const filesWith = (disk: MemoryDisk, words: string): string[] =>
  [...disk.contents()].filter(([, bytes]) => bytes.includes(words)).map(([path]) => path);

/** That nothing of the secret is left, and everything of the other thread. */
async function check(disk: MemoryDisk, where: string): Promise<void> {
  expect(filesWith(disk, secret), where).toEqual([]);
  const { index, store } = await openTestIndex(MemoryDisk.of(disk.contents(), disk.folders).files);
  expect(store.recovered.damage, where).toBeUndefined();
  expect(await index.thread('t1', store.durableOffset), where).toBeUndefined();
  const { messages } = await index.messages({ thread: 't2', limit: 9 }, store.durableOffset);
  expect(
    messages.map(({ message }) => message.content),
    where,
  ).toEqual(['', '', 'Say keepsake aloud']);
}

describe('taking what was erased off the disk', () => {
  it('leaves nothing of it, in no file, and two copies of all else', async () => {
    const disk = new MemoryDisk();
    const { index, store, offset } = await erased(disk);
    expect(filesWith(disk, secret).length).toBeGreaterThan(4);
    await index.purge(offset, fold);
    expect(store.manifest).toMatchObject({ purged: offset });
    expect(store.manifest.checkpoints).toHaveLength(2);
    expect(store.manifest.snapshots).toHaveLength(2);
    await check(disk, 'at once');
    for (const lost of [store.manifest.checkpoints[0]?.name ?? '', 'state.db']) {
      const contents = disk.contents();
      const path = [...contents.keys()].find((one) => one.endsWith(`/${lost}`)) ?? '';
      expect(contents.delete(path), lost).toBe(true);
      await check(MemoryDisk.of(contents, disk.folders), `without ${lost}`);
    }
  });

  it('may fail at any call: done again it leaves nothing', async () => {
    for (const code of ['ENOSPC', 'EMFILE']) {
      let calls = 0;
      const run = async (faultAt: number): Promise<void> => {
        calls = 0;
        const disk = new MemoryDisk();
        const { index, store, offset } = await erased(disk, () =>
          ++calls === faultAt ? { kind: 'error', code } : undefined,
        );
        const where = `${code} at call ${faultAt}`;
        for (let attempt = 0; attempt < 3 && store.manifest.purged !== offset; attempt++) {
          await index.purge(offset, fold).catch(() => undefined);
        }
        // What cannot be gone on with ends the broker; the next start does it.
        if (store.manifest.purged !== offset) {
          const next = MemoryDisk.of(disk.contents(), disk.folders);
          const again = await openTestIndex(next.files);
          await again.index.purge(offset, fold);
          await check(next, where);
        } else await check(disk, where);
      };
      await run(0);
      const total = calls;
      expect(total).toBeGreaterThan(40);
      for (let faultAt = 1; faultAt <= total; faultAt += 3) await run(faultAt);
    }
  });

  it(`may be cut short by a power cut: the next start finds all else, and finishes (PARLEY_SEED=${seed})`, async () => {
    let total = 0;
    const disk = new MemoryDisk();
    const { index, offset } = await erased(disk, () => void total++);
    await index.purge(offset, fold);
    for (let at = 1; at <= total; at += 2) {
      let calls = 0;
      let cut: MemoryDisk | undefined;
      const running = new MemoryDisk();
      const broken = await erased(running, () => {
        if (++calls === at) cut = running.afterPowerCut(new SeededRandom(seed + at));
        return cut ? { kind: 'error', code: 'EIO' } : undefined;
      });
      await broken.index.purge(broken.offset, fold).catch(() => undefined);
      const next = cut ?? new MemoryDisk();
      const again = await openTestIndex(next.files);
      expect(again.store.recovered.damage, `call ${at}`).toBeUndefined();
      await again.index.purge(broken.offset, fold);
      await check(next, `call ${at}`);
    }
  });
});
