import * as fs from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { RingAnswer, RingRequest } from '../../src/contract/wire';
import { BrokerProcess, bundlePrograms, temporaryHome } from '../support/brokerProcess';
import { until } from '../support/until';

/** The person's program stands by for an agent, over the real broker and its socket. */

let programs: string;
let broker: BrokerProcess;

beforeAll(async () => {
  programs = await bundlePrograms();
});
afterAll(() => fs.rmSync(programs, { recursive: true, force: true }));
beforeEach(async () => {
  broker = new BrokerProcess(programs, temporaryHome({ durability: 'os' }));
  await broker.start();
});
afterEach(() => broker.dispose());

it('rings the agent with the person’s permission, and again after the broker was killed', async () => {
  const [atlas, nova] = [await broker.agent('Atlas'), await broker.agent('Nova')];
  const rings: RingRequest[] = [];
  const ring = (request: RingRequest): Promise<RingAnswer> => {
    rings.push(request);
    return Promise.resolve({ result: 'written' });
  };
  const reach = async () => (await atlas.ask('who', { agent: 'Nova' })).agents[0]?.reach;
  const window = await broker.person({ ring });
  window.standBy([{ agent: nova.id, ringers: ['typed-line'] }]);
  await until('the broker to know', async () => (await reach())?.state === 'wakes');

  const { call } = await atlas.ask('call', { to: 'Nova', topic: 'Hello' });
  await until('the ring', () => rings.length === 1);
  expect(rings).toMatchObject([
    { agent: nova.id, ringer: 'typed-line', permitted: true, from: 'Atlas', call: call.id },
  ]);
  await atlas.ask('cancel', { call: call.id });

  await broker.end();
  await broker.start();
  await until('the window to stand by again', async () => (await reach())?.state === 'wakes');
  await atlas.ask('call', { to: 'Nova', topic: 'Hello again' });
  await until('the second ring', () => rings.length === 2);
});

it('is refused to whoever is not the person', async () => {
  const [atlas, nova] = [await broker.agent('Atlas'), await broker.agent('Nova')];
  atlas.standBy([{ agent: nova.id, ringers: ['typed-line'] }]);
  // One connection is answered in order: what was asked before this is through.
  expect((await atlas.ask('who', { agent: 'Nova' })).agents[0]?.reach.state).toBe('when-it-asks');
});
