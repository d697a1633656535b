import { describe, expect, it } from 'vitest';
import { StoreError } from '../../src/store/errors';
import { quietMs, snapshotRetryMs } from '../../src/store/index/upkeep';
import { MemoryDisk } from '../support/faultsDisk';
import { type FileCall, type Fault, withFaults } from '../support/faultsFiles';
import { conversation, facts, openTestIndex } from '../support/faultsIndex';
import { SeededRandom, runSeed } from '../support/faultsRandom';

const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
};

describe('F23: a disk that is full during a snapshot', () => {
  it('costs nothing: the last snapshot and the journal are good, calls go on, and the snapshot is made up for', async () => {
    const disk = new MemoryDisk();
    const { index, tell, store, clock, logged } = await openTestIndex(disk.files);
    await tell(...conversation);
    await index.snapshot();
    await settle();
    disk.capacity = [...disk.contents().values()].reduce((sum, content) => sum + content.length, 0) + 4000;
    const offset = await tell(facts.said('t1', 6, 'nova', 'still here'));
    clock.turn(quietMs);
    await settle();
    clock.turn(quietMs);
    await settle();
    expect(logged).toEqual(['snapshot failed']);
    expect(store.manifest.snapshots).toMatchObject([{ offset: 8 }]);
    expect([...disk.contents().keys()].filter((path) => path.includes('state.db'))).toEqual(['/home/state.db']);
    expect((await index.thread('t1', offset))?.messages).toBe(6);
    await tell(facts.said('t1', 7, 'nova', 'and still'));
    await store.durable(10);

    const crashed = await openTestIndex(MemoryDisk.of(disk.contents(), disk.folders).files);
    expect((await crashed.index.thread('t1', 10))?.messages).toBe(7);

    disk.capacity = Number.POSITIVE_INFINITY;
    clock.turn(snapshotRetryMs);
    await settle();
    clock.turn(quietMs);
    await settle();
    expect(store.manifest.snapshots).toMatchObject([{ offset: 10 }, { offset: 8 }]);
  });
});

/** Two snapshots; each call of the file system on the way may meet a fault, or be the last before the power goes. */
async function twoSnapshots(meet: (call: FileCall, disk: MemoryDisk) => Fault): Promise<MemoryDisk> {
  const disk = new MemoryDisk();
  const files = withFaults(disk.files, { before: (call) => meet(call, disk) });
  const { index, tell } = await openTestIndex(files);
  await tell(...conversation);
  await index.snapshot();
  await tell(facts.said('t1', 6, 'nova', 'Bye'));
  await index.snapshot();
  return disk;
}

async function messagesAfter(disk: MemoryDisk): Promise<{ messages: number | undefined; damage: unknown }> {
  const { index, store } = await openTestIndex(disk.files);
  const thread = await index.thread('t1', store.durableOffset);
  return { messages: thread?.messages, damage: store.recovered.damage };
}

describe('a snapshot', () => {
  it('may be cut short by a power cut at any call: all that was said is there afterwards', async () => {
    const seed = runSeed();
    let calls = 0;
    let firstSnapshot = 0;
    await twoSnapshots((call) => {
      calls = call.number;
      if (firstSnapshot === 0 && call.path.endsWith('state.db.tmp')) firstSnapshot = call.number;
      return undefined;
    });
    expect(calls - firstSnapshot).toBeGreaterThan(30);
    for (let at = firstSnapshot; at <= calls; at++) {
      for (let variant = 0; variant < 5; variant++) {
        let cut: MemoryDisk | undefined;
        await twoSnapshots((call, disk) => {
          if (call.number === at) cut = disk.afterPowerCut(new SeededRandom(seed + at * 5 + variant));
          return cut ? { kind: 'error', code: 'EIO' } : undefined;
        }).catch(() => undefined);
        const where = `PARLEY_SEED=${seed}, call ${at}, variant ${variant}`;
        const { messages, damage } = await messagesAfter(cut ?? new MemoryDisk());
        expect(damage, where).toBeUndefined();
        expect([5, 6], where).toContain(messages);
      }
    }
  });

  it('may fail at any call: the next one makes up for it', async () => {
    for (const code of ['EIO', 'ENOSPC', 'EMFILE']) {
      let calls = 0;
      const run = async (faultAt: number): Promise<void> => {
        const disk = new MemoryDisk();
        const files = withFaults(disk.files, {
          before(call) {
            if (call.path.includes('state.')) calls++;
            else return undefined;
            return calls === faultAt ? { kind: 'error', code } : undefined;
          },
        });
        const { index, tell, store } = await openTestIndex(files);
        await tell(...conversation);
        const attempts = [
          () => index.snapshot(),
          () => tell(facts.said('t1', 6, 'nova', 'Bye')),
          () => index.snapshot(),
        ];
        for (const attempt of [...attempts, () => index.snapshot()]) {
          await attempt().catch((error: unknown) => expect(error).toBeInstanceOf(StoreError));
        }
        const where = `${code} at call ${faultAt}`;
        expect(store.manifest.snapshots[0]?.offset, where).toBe(9);
        expect(await messagesAfter(MemoryDisk.of(disk.contents(), disk.folders)), where).toEqual({ messages: 6 });
      };
      await run(0);
      const total = calls;
      expect(total).toBeGreaterThan(10);
      for (let faultAt = 1; faultAt <= total; faultAt++) {
        calls = 0;
        await run(faultAt);
      }
    }
  });
});
