import { describe, expect, it } from 'vitest';
import { type PowerLossOptions, powerLossSchedule } from '../support/faultsPowerLoss';
import { runSeed } from '../support/faultsRandom';

async function run(schedules: number, options: PowerLossOptions) {
  const seed = runSeed();
  const outcome = { wrong: [] as string[], torn: 0, tornWithRecords: 0 };
  for (let index = 0; index < schedules && outcome.wrong.length < 50; index++) {
    const one = await powerLossSchedule(seed + index, options);
    if (one.wrong !== undefined) outcome.wrong.push(`PARLEY_SEED=${seed + index}: ${one.wrong}`);
    outcome.torn += one.torn;
    outcome.tornWithRecords += one.tornWithRecords;
  }
  return outcome;
}

describe('F5: power cuts that drop and reorder unsynced writes', () => {
  it('lose nothing acknowledged, over 5,000 schedules', async () => {
    const { wrong, torn, tornWithRecords } = await run(5000, { honest: true, durability: 'fsync' });
    expect(wrong).toEqual([]);
    // Otherwise the cuts met nothing worth cutting.
    expect(torn).toBeGreaterThan(100);
    expect(tornWithRecords).toBeGreaterThan(0);
  });

  it('are found to lose acknowledged events when the sync is taken out of the same schedules', async () => {
    const { wrong } = await run(200, { honest: false, durability: 'fsync' });
    expect(wrong.length).toBeGreaterThan(20);
  });

  it('at durability os may cost the end, and never leave a gap, a wrong event or a home that is not writable', async () => {
    const { wrong, torn } = await run(1000, { honest: true, durability: 'os' });
    expect(wrong).toEqual([]);
    expect(torn).toBeGreaterThan(10);
  });
});
