import * as fs from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../../src/client/client';
import { machineProcesses } from '../../src/client/processes';
import { operationNames, operations, type OperationName } from '../../src/contract/operations';
import { BrokerProcess, bundlePrograms, openLimits, temporaryHome } from '../support/brokerProcess';
import { until } from '../support/until';
import { run } from '../unit/cli/run';
import type { Asking, Entries, Entry } from './everyOperation/entry';
import { people } from './everyOperation/people';
import { store } from './everyOperation/store';
import { threads } from './everyOperation/threads';
import { work } from './everyOperation/work';
import { World, type Answered, type DoorName } from './everyOperation/world';

const entries: Entries = { ...people, ...threads, ...work, ...store };
/** Those that need a broker or an agent of their own; see below. */
const apart: readonly OperationName[] = ['register', 'stop'];

let programs: string;
let broker: BrokerProcess;
let person: Client;
let worlds = 0;

beforeAll(async () => {
  programs = await bundlePrograms();
  broker = new BrokerProcess(programs, temporaryHome({ limits: openLimits }));
  await broker.start();
  person = await broker.person();
}, 60_000);

afterAll(async () => {
  await broker.dispose();
  fs.rmSync(programs, { recursive: true, force: true });
});

function doorsOf(operation: OperationName): DoorName[] {
  return ['rpc', ...operations[operation].doors];
}

/** Asks through the door, as who the entry says. */
function ask(
  world: World,
  door: DoorName,
  as: 'agent' | 'person' | 'stranger',
  operation: OperationName,
  asking: Asking,
): Promise<Answered> {
  const who = as === 'agent' ? world.a : as;
  if (door === 'rpc') return world.byRpc(who, operation, asking.rpc);
  if (who === 'stranger') throw new Error('a stranger asks through rpc alone');
  if (door === 'cli' && asking.cli) return world.byCli(who, asking.cli);
  if (door === 'mcp' && asking.mcp) return world.byMcp(world.a, ...asking.mcp);
  throw new Error(`the table does not say how ${operation} is asked through ${door}`);
}

async function inWorld(work: (world: World) => Promise<void>): Promise<void> {
  const world = await World.make(broker, person, ++worlds);
  try {
    await work(world);
  } finally {
    world.leave();
  }
}

function isAlive(pid: number): boolean {
  return machineProcesses().isAlive(pid);
}

it('has an entry for every operation', () => {
  const known = [...Object.keys(entries), ...apart];
  expect([...operationNames].sort()).toEqual(known.sort());
});

describe.each(Object.entries(entries) as [OperationName, Entry][])('%s', (operation, entry) => {
  it.each(doorsOf(operation))(
    'does the same through %s, and refuses the same',
    async (door) => {
      await inWorld(async (world) => {
        const answered = await ask(world, door, entry.as, operation, await entry.good(world));
        try {
          expect(answered.code).toBeUndefined();
          if (entry.shows) expect(answered.shown).toContain(entry.shows(world));
          if (entry.effect) expect(await entry.effect[0](world)).toEqual(entry.effect[1]);
        } finally {
          await entry.undo?.(world);
        }
      });
      await inWorld(async (world) => {
        const { code, by = entry.as, ...asking } = await entry.bad(world);
        if (door === 'cli' && asking.cli === undefined) return;
        const answered = await ask(world, door, by, operation, asking);
        expect(answered.code).toBe(code);
      });
    },
    60_000,
  );
});

describe('register', () => {
  it('does the same through rpc and cli, and refuses the same', async () => {
    const stranger = await broker.connect();
    await stranger.ask('register', { name: 'Rita', capabilities: ['doors'] });
    expect((await run(broker.home, ['register', '--name', 'Carl', '--capabilities', 'doors'])).code).toBe(0);
    const { agents } = await person.ask('who', { capability: 'doors' });
    expect(agents.map(({ name }) => name).sort()).toEqual(['Carl', 'Rita']);
    await expect(stranger.ask('register', { name: '1st' })).rejects.toMatchObject({ code: 'bad_name' });
    const refused = await run(broker.home, ['register', '--name', '1st', '--json']);
    expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code: 'bad_name' } });
  });
});

describe('stop', () => {
  it.each(['rpc', 'cli'] as const)(
    'ends the broker through %s, for the person alone',
    async (door) => {
      const own = new BrokerProcess(programs, temporaryHome());
      const { pid } = await own.start();
      try {
        const agent = await own.agent('Atlas');
        await expect(agent.ask('stop', {})).rejects.toMatchObject({ code: 'forbidden' });
        const refused = await run(own.home, ['broker', 'stop', '--json']);
        expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code: 'forbidden' } });
        if (door === 'rpc') await (await own.person()).ask('stop', {});
        else
          expect(
            (await run(own.home, ['broker', 'stop'], { terminal: true, processes: machineProcesses() })).code,
          ).toBe(0);
        await until('the broker to end', () => !isAlive(pid));
      } finally {
        await own.dispose();
      }
    },
    60_000,
  );
});
