import { expect, it } from 'vitest';
import { powerLossSchedule } from '../support/faultsPowerLoss';
import { runSeed } from '../support/faultsRandom';

const schedules = 5000;

it(`F5: loses nothing acknowledged over ${schedules} power cuts that drop and reorder unsynced writes`, async () => {
  const seed = runSeed();
  const wrong: string[] = [];
  for (let index = 0; index < schedules && wrong.length < 5; index++) {
    const found = await powerLossSchedule(seed + index, true);
    if (found !== undefined) wrong.push(`PARLEY_SEED=${seed + index}: ${found}`);
  }
  expect(wrong).toEqual([]);
});

it('F5: the same schedules find the loss when the sync is taken out', async () => {
  const seed = runSeed();
  let lost = 0;
  for (let index = 0; index < 200; index++) {
    if ((await powerLossSchedule(seed + index, false)) !== undefined) lost++;
  }
  expect(lost).toBeGreaterThan(20);
});
