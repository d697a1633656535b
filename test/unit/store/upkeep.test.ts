import { describe, expect, it } from 'vitest';
import type { IndexAskKind } from '../../../src/store/index/protocol';
import { mostBehind, quietMs, snapshotEvery, Upkeep, type UpkeepOptions } from '../../../src/store/index/upkeep';
import { ManualClock } from '../../support/faultsClock';

/** A home that never comes to rest: between two looks it gets `events` more. A snapshot takes the worker `takes` ms. */
function busyHome(events: number, takes: number) {
  const clock = new ManualClock();
  const store = { durableOffset: 0, refusal: undefined, manifest: { snapshots: [{ offset: 0, length: 1 }] } };
  /** Offsets of the snapshots, in their order. */
  const snapshots: number[] = [];
  const options = {
    store: {
      ...store,
      get durableOffset() {
        return store.durableOffset;
      },
      recordSnapshot: (made: { offset: number }) => {
        store.manifest.snapshots[0] = { offset: made.offset, length: 1 };
        return Promise.resolve();
      },
    },
    clock,
    log: () => undefined,
    letGo: () => Promise.resolve(true),
    ask: (kind: IndexAskKind) => {
      if (kind !== 'snapshot') return Promise.resolve({ more: false });
      snapshots.push(store.durableOffset);
      const made = { offset: store.durableOffset, length: 1, sha256: '' };
      clock.turn(takes);
      return Promise.resolve(made);
    },
  };
  const upkeep = new Upkeep(options as unknown as UpkeepOptions);
  upkeep.follow();
  return {
    snapshots,
    async looks(times: number): Promise<void> {
      for (let look = 0; look < times; look++) {
        store.durableOffset += events;
        clock.turn(quietMs);
        for (let turn = 0; turn < 20; turn++) await Promise.resolve();
      }
      upkeep.stop();
    },
  };
}

describe('the upkeep of a home that is never quiet', () => {
  it('writes state.db whenever it is far enough behind, as long as that takes little time', async () => {
    const home = busyHome(snapshotEvery, 10);
    await home.looks(4);
    expect(home.snapshots).toEqual([1, 2, 3, 4].map((look) => look * snapshotEvery));
  });

  it('rests after a snapshot that took long, so that it does not take a processor for itself', async () => {
    const home = busyHome(snapshotEvery, quietMs / 3);
    await home.looks(8);
    expect(home.snapshots).toEqual([1, 5].map((look) => look * snapshotEvery));
  });

  it('rests no longer than until it is so far behind that a question would wait', async () => {
    const home = busyHome(mostBehind / 2, 100 * quietMs);
    await home.looks(5);
    expect(home.snapshots).toEqual([1, 3, 5].map((look) => (look * mostBehind) / 2));
  });
});
