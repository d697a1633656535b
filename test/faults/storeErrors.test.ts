import { describe, expect, it } from 'vitest';
import { StoreError } from '../../src/store/errors';
import { MemoryDisk } from '../support/faultsDisk';
import { type Fault, withFaults } from '../support/faultsFiles';
import { isTrue, lastOf, testState } from '../support/faultsHome';
import { SeededRandom, runSeed } from '../support/faultsRandom';
import { openTestStore, testEvents } from '../support/faultsStore';

const events = testEvents(1, 90);

interface Outcome {
  acknowledged: number;
  calls: number;
  errors: unknown[];
  acknowledgedAfterFailure: boolean;
}

/** A whole life: open, write over several segments, checkpoint, snapshot, stop. One call meets a fault. */
async function live(disk: MemoryDisk, faultAt: number, fault: Fault): Promise<Outcome> {
  const outcome: Outcome = { acknowledged: 0, calls: 0, errors: [], acknowledgedAfterFailure: false };
  const files = withFaults(disk.files, {
    before(call) {
      outcome.calls = call.number;
      return call.number === faultAt ? fault : undefined;
    },
  });
  const attempt = async (work: () => Promise<void> | void): Promise<void> => {
    try {
      await work();
    } catch (error) {
      outcome.errors.push(error);
    }
  };
  await attempt(async () => {
    const { store, clock, failures } = await openTestStore(files);
    let atFailure: number | undefined;
    for (let offset = 0; offset < events.length; offset += 6) {
      await attempt(() => {
        const next = Math.max(offset, outcome.acknowledged);
        store.append(events.slice(next, next + 6));
      });
      // A refusal passes when the clock is turned: the fault was met once only.
      const patience = setImmediatePromise().then(() => clock.turn(1000));
      await Promise.all([attempt(() => store.durable(offset + 6)), patience]);
      outcome.acknowledged = store.durableOffset;
      if (failures.length > 0) atFailure ??= store.durableOffset;
      if (offset % 24 === 0 && offset > 0) {
        await attempt(() => store.checkpoint(offset, testState(offset)));
        const snapshot = { offset, length: 0, sha256: '' };
        await attempt(() => store.recordSnapshot(snapshot));
      }
    }
    outcome.acknowledgedAfterFailure = atFailure !== undefined && store.durableOffset > atFailure;
    await store.close();
    outcome.acknowledged = store.durableOffset;
  });
  return outcome;
}

function setImmediatePromise(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe('F6: a failing system call', () => {
  const faults: [string, Fault][] = [
    ['EIO', { kind: 'error', code: 'EIO' }],
    ['ENOSPC', { kind: 'error', code: 'ENOSPC' }],
    ['EMFILE', { kind: 'error', code: 'EMFILE' }],
    ['a short write', { kind: 'short', bytes: 7 }],
  ];
  for (const [name, fault] of faults) {
    it(`at each call site in turn (${name}) costs nothing acknowledged and throws only typed errors`, async () => {
      const seed = runSeed();
      const { calls, acknowledged, errors } = await live(new MemoryDisk(), 0, undefined);
      expect({ acknowledged, errors }).toEqual({ acknowledged: 90, errors: [] });
      expect(calls).toBeGreaterThan(150);
      for (let call = 1; call <= calls; call++) {
        const where = `${name} at call ${call}, PARLEY_SEED=${seed}`;
        const disk = new MemoryDisk();
        const outcome = await live(disk, call, fault);
        expect(
          outcome.errors.filter((error) => !(error instanceof StoreError) && !(error instanceof RangeError)),
          where,
        ).toEqual([]);
        expect(outcome.acknowledgedAfterFailure, where).toBe(false);
        if (fault?.kind === 'short') expect(outcome.acknowledged, where).toBe(90);
        // The process ends; or the power goes as well.
        const cut = disk.afterPowerCut(new SeededRandom(seed + call));
        for (const after of [disk, cut]) {
          const { recovered } = (await openTestStore(after.files)).store;
          expect(recovered.damage, where).toBeUndefined();
          expect(isTrue(recovered, events), where).toBe(true);
          expect(lastOf(recovered), where).toBeGreaterThanOrEqual(outcome.acknowledged);
        }
      }
    });
  }
});
