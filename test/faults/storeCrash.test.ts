import { rm } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { machineClock } from '../../src/store/clock';
import { nodeFiles } from '../../src/store/nodeFiles';
import { machineProcesses } from '../../src/store/processes';
import { openStore } from '../../src/store/store';
import { type CrashInput, crashPoints } from '../support/faultsCrashProgram';
import { TestProgram, bundleProgram, temporaryFolder } from '../support/faultsPrograms';
import { SeededRandom, runSeed } from '../support/faultsRandom';
import { testEvent } from '../support/faultsStore';

const kills = 20;
let program: string;

beforeAll(async () => {
  program = await bundleProgram('faultsCrashProgram.ts');
}, 60_000);

/** Reads the home as a start would; answers the salt of each event in it, after checking every one. */
async function readHome(home: string): Promise<number[]> {
  const store = await openStore({
    files: nodeFiles,
    home,
    durability: 'fsync',
    clock: machineClock,
    processes: machineProcesses(),
    segmentBytes: 8192,
    onFailure: (error) => {
      throw error;
    },
  });
  const { checkpoint, events, damage } = store.recovered;
  expect(damage).toBeUndefined();
  const salts = [...((checkpoint?.state as { salts: number[] } | undefined)?.salts ?? [])];
  expect(salts).toHaveLength(checkpoint?.offset ?? 0);
  for (const event of events) {
    const salt = Number.parseInt((event.payload as { text: string }).text, 10);
    expect(event).toEqual(testEvent(salts.length + 1, salt));
    salts.push(salt);
  }
  await store.close();
  return salts;
}

describe.concurrent('F2: killed by SIGKILL', () => {
  for (const point of Object.keys(crashPoints) as CrashInput['point'][]) {
    it(`${kills} times at "${point}", nothing acknowledged is lost, and the rest is there once or not at all`, async () => {
      const seed = runSeed();
      const random = new SeededRandom(seed);
      const home = temporaryFolder();
      let salts: number[] = [];
      for (let kill = 1; kill <= kills; kill++) {
        const where = `PARLEY_SEED=${seed}, kill ${kill} at "${point}"`;
        const rare = /checkpoint|segment/.test(point);
        const occurrence = random.between(1, rare ? 4 : 40);
        const input: CrashInput = { home, point, occurrence, salt: kill, salts };
        const child = new TestProgram(program, input);
        expect(await child.ended, `${where}: ${child.complaints}`).toBe('SIGKILL');
        const acknowledged = Number(child.lines.at(-1)?.split(' ')[1] ?? salts.length);
        const found = await readHome(home);
        expect(found.length, where).toBeGreaterThanOrEqual(acknowledged);
        expect(found.length, where).toBeLessThanOrEqual(acknowledged + 3);
        expect(found.slice(0, salts.length), where).toEqual(salts);
        expect(
          found.slice(salts.length).every((salt) => salt === kill),
          where,
        ).toBe(true);
        salts = found;
      }
      await rm(home, { recursive: true });
    });
  }
});
