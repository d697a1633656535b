import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toCheckpoint } from '../../../src/core/checkpoint';
import type { DurableEvent } from '../../../src/core/events';
import { defaultLimits } from '../../../src/core/limits';
import type { StoredEvent } from '../../../src/store/storedEvent';
import { MemoryDisk } from '../../support/faultsDisk';
import { openTestIndex, type TestIndex } from '../../support/faultsIndex';
import { openTestStore } from '../../support/faultsStore';
import { replay } from '../core/office';
import { Player } from '../core/player';
import { runSeed } from '../../support/faultsRandom';

const seed = runSeed();

/** What a hundred random commands bring about. */
function played(): readonly DurableEvent[] {
  const [numbers = []] = fc.sample(fc.noBias(fc.array(fc.nat(), { minLength: 100, maxLength: 100 })), {
    numRuns: 1,
    seed,
  });
  const player = new Player();
  player.play(numbers);
  return player.events;
}

async function opened(disk: MemoryDisk, events: readonly DurableEvent[]): Promise<TestIndex> {
  const test = await openTestIndex(disk.files);
  test.store.append(events as unknown as StoredEvent[]);
  await test.store.durable(events.length);
  return test;
}

/** Keeps a checkpoint the way the broker does. `now` 0: nothing is over by then. */
function keep({ store, index }: TestIndex, offset: number, now = 0): Promise<void> {
  return store.keepCheckpoint(offset, (base) => index.fold({ offset, base, limits: defaultLimits, now }));
}

async function kept(disk: MemoryDisk): Promise<unknown> {
  const { store } = await openTestStore(disk.files, { segmentBytes: 16_384 });
  const { checkpoint } = store.recovered;
  await store.close();
  return checkpoint;
}

describe(`a checkpoint folded by the worker (PARLEY_SEED=${seed})`, () => {
  it('is what the head state was at its offset, made from nothing and made from the one before', async () => {
    const events = played();
    for (const offsets of [[events.length], [Math.floor(events.length / 3), events.length - 1]]) {
      const disk = new MemoryDisk();
      const test = await opened(disk, events);
      for (const offset of offsets) await keep(test, offset);
      await test.store.close();
      const last = offsets.at(-1) ?? 0;
      const state: unknown = JSON.parse(JSON.stringify(toCheckpoint(replay(events.slice(0, last)))));
      expect(await kept(disk)).toEqual({ offset: last, state });
    }
  });

  it('leaves out what nothing can ask for any more', async () => {
    const events = played();
    const disk = new MemoryDisk();
    const test = await opened(disk, events);
    await keep(test, events.length - 1, Number.MAX_SAFE_INTEGER);
    await test.store.close();
    expect(JSON.stringify(await kept(disk)).length).toBeLessThan(
      JSON.stringify(toCheckpoint(replay(events.slice(0, -1)))).length,
    );
  });

  it('is not made when the one before cannot be read; that and the journal stay', async () => {
    const events = played();
    const disk = new MemoryDisk();
    const test = await opened(disk, events);
    await keep(test, 3);
    const before = test.store.manifest;
    const [base] = before.checkpoints;
    await disk.files.unlink(`/home/checkpoints/${base?.name}`);
    await expect(keep(test, events.length)).rejects.toMatchObject({ code: 'storage_damaged' });
    expect(test.store.manifest).toBe(before);
  });
});
