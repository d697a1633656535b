import * as fs from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Client } from '../../src/client/client';
import { BrokerProcess, bundlePrograms, temporaryHome } from '../support/brokerProcess';
import { until } from '../support/until';

const hour = 3_600_000;
/** How long a call rings here (ms). */
const ring = 3000;
/** What the broker may add, when it takes a clock that was set for a sleep of the machine, or is slow (ms). */
const late = 15_000;

let programs: string;
let broker: BrokerProcess;
let wall: string;

beforeAll(async () => {
  programs = await bundlePrograms();
});
afterAll(() => fs.rmSync(programs, { recursive: true, force: true }));

beforeEach(async () => {
  broker = new BrokerProcess(programs, temporaryHome({ limits: { ringAgent: ring } }));
  wall = path.join(broker.home, 'wall');
  await start();
});
afterEach(() => broker.dispose());

const preload = path.resolve(import.meta.dirname, '../support/faultsWatch.cjs');

async function start(zone = 'UTC'): Promise<void> {
  await broker.start({ NODE_OPTIONS: `--require ${preload}`, PARLEY_TEST_WALL: wall, TZ: zone });
}

/** Somebody sets the clock of the machine: it is wrong by so much (ms) from now on. */
async function setWall(wrong: number): Promise<void> {
  fs.writeFileSync(wall, String(wrong));
  await until('the broker to read it', () => fs.readFileSync(`${wall}.read`, 'utf8') === String(wrong));
}

async function talk(): Promise<{ atlas: Client; nova: Client; thread: string }> {
  const [atlas, nova] = [await broker.agent('Atlas'), await broker.agent('Nova')];
  const { call } = await atlas.ask('call', { to: 'Nova', topic: 'The time' });
  const { thread = '' } = await nova.ask('answer', { call: call.id, answer: 'accept' });
  return { atlas, nova, thread };
}

describe.each([
  { jump: hour, name: 'an hour ahead' },
  { jump: -hour, name: 'an hour back' },
])('a clock that is set $name (F17)', ({ jump }) => {
  it('ends no thread, lengthens and shortens no ring by it, forgets no key, and changes no order', async () => {
    const { atlas, nova, thread } = await talk();
    const caller = await broker.agent('Caller');
    await broker.agent('Callee');
    const said = { thread, text: 'Before.', key: 'before' };
    const before = await atlas.ask('send', said);
    const placed = performance.now();
    const { call } = await caller.ask('call', { to: 'Callee', topic: 'Rings through it' });
    await setWall(jump);
    // Everything is asked and said as if nothing had been.
    expect((await atlas.ask('send', said)).message).toMatchObject({ id: before.message.id, seq: before.message.seq });
    const texts = ['First.', 'Second.', 'Third.'];
    for (const text of texts) await nova.ask('send', { thread, text });
    const { events } = await atlas.ask('listen', {});
    expect(events.flatMap((event) => (event.what === 'message' ? [event.message.content] : []))).toEqual(texts);
    const outcome = await until('the ring to lapse', async () => {
      const { events: told } = await caller.ask('listen', {});
      return told.find((event) => event.what === 'outcome' && event.call.id === call.id);
    });
    expect(outcome).toMatchObject({ outcome: 'missed' });
    const rang = performance.now() - placed;
    expect(rang).toBeGreaterThan(ring * 0.9);
    expect(rang).toBeLessThan(ring + late);
    // One that is placed now rings as long.
    const again = performance.now();
    const second = await caller.ask('call', { to: 'Callee', topic: 'Rings after it' });
    await until('the second ring to lapse', async () => {
      const { events: told } = await caller.ask('listen', {});
      return told.some((event) => event.what === 'outcome' && event.call.id === second.call.id);
    });
    expect(performance.now() - again).toBeGreaterThan(ring * 0.9);
    expect(performance.now() - again).toBeLessThan(ring + late);
    const page = await atlas.ask('read', { thread, after: 0 });
    expect(page.thread).toMatchObject({ state: 'open', mode: 'live' });
    expect(page.messages.map(({ seq }) => seq)).toEqual(page.messages.map((_, index) => index + 1));
  });
});

describe('a broker that is started again in another time zone, with a clock that is wrong (F17)', () => {
  it('has the same threads, inboxes and keys, in the same order', async () => {
    const { atlas, nova, thread } = await talk();
    const said = { thread, text: 'Before.', key: 'before' };
    const before = await atlas.ask('send', said);
    await nova.ask('message', { to: 'Atlas', text: 'Read me later.' });
    const read = async (): Promise<unknown> => {
      const { messages } = await nova.ask('read', { thread, after: 0 });
      const { threads } = await atlas.ask('inbox', {});
      return [messages.map(({ seq, content, timestamp }) => [seq, content, timestamp]), threads.map(({ id }) => id)];
    };
    const first = await read();
    for (const [zone, wrong] of [
      ['Pacific/Kiritimati', 0],
      ['America/Los_Angeles', hour],
      ['Asia/Kathmandu', -hour],
    ] as const) {
      await broker.end('SIGKILL');
      // It is read when the broker starts.
      fs.writeFileSync(wall, String(wrong));
      await start(zone);
      expect(await read()).toEqual(first);
      expect((await atlas.ask('send', said)).message).toMatchObject({ id: before.message.id });
    }
  });
});
