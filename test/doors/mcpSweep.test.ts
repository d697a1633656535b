import { readdirSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { until } from '../support/until';
import { DoorBench, headersOf, toolCall } from './mcpHttp';
import { askStateless } from './mcpStateless';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes on the heap after collection. */
function heap(): number {
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

const descriptors = (): number => (process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0);

const many = 1000;
const ttl = 5 * 60_000;

test('1,000 sessions that are never ended are swept within their time, with everything that they held', async () => {
  const bench = await new DoorBench().start();
  // Once through everything, so that what is loaded lazily is not counted.
  const first = await bench.begin();
  await bench.post(toolCall(1, 'who'), first);
  bench.timers.advance(ttl);
  await until('the first to end', () => bench.door.size === 0);
  const before = { heap: heap(), descriptors: descriptors() };

  for (let count = 0; count < many; count++) {
    const session = await bench.begin(`agent${count % 50}`);
    await bench.post(toolCall(1, 'who'), session, { authorization: `Bearer token-of-agent${count % 50}` });
  }
  expect(bench.door.size).toBe(many);
  expect(bench.exchange.connections.size).toBe(many);
  expect(bench.door.storedBytes).toBeGreaterThan(0);
  const during = heap();

  bench.timers.advance(ttl - 1);
  expect(bench.door.size).toBe(many);
  bench.timers.advance(1);
  await until('the sweep', () => bench.exchange.connections.size === 0);
  expect(bench.door.size).toBe(0);
  expect(bench.door.storedBytes).toBe(0);
  expect(bench.timers.waiting).toBe(0);
  bench.exchange.asked.length = 0;
  bench.exchange.closed.length = 0;
  await until('the sockets to close', () => bench.sockets.size === 0);
  const after = heap();
  console.log(`heap: ${[before.heap, during, after].map((bytes) => (bytes / 2 ** 20).toFixed(1)).join(' → ')} MiB`);
  // A quarter of what they held is left to what the engine keeps of the code that ran.
  expect(after - before.heap).toBeLessThan((during - before.heap) / 4);
  expect(descriptors() - before.descriptors).toBeLessThanOrEqual(2);
  await bench.stop();
}, 60_000);

test('the session that was silent for longest makes room, one’s own first; one in use never does', async () => {
  const bench = await new DoorBench({ sessions: 3 }).start();
  const nova = await bench.begin('nova');
  const held = await bench.begin('atlas');
  const idle = await bench.begin('atlas');
  let open = false;
  const stream = bench.send('GET', headersOf(held), '', () => (open = true));
  await until('the stream', () => open);
  const fresh = await bench.begin('atlas');
  const status = async (session: string, agent: string): Promise<number> =>
    (await bench.post(toolCall(1, 'who'), session, { authorization: `Bearer token-of-${agent}` })).status;
  expect(await status(idle, 'atlas')).toBe(404);
  expect(await status(nova, 'nova')).toBe(200);
  expect(await status(held, 'atlas')).toBe(200);
  expect(await status(fresh, 'atlas')).toBe(200);
  await bench.stop();
  await stream;
});

test('who comes without a session counts as there for five minutes after the last request, and is then forgotten', async () => {
  const bench = await new DoorBench().start();
  const ask = () => askStateless(bench, { method: 'tools/call', params: { name: 'who', arguments: {} } });
  await ask();
  expect([...bench.exchange.connections.values()]).toMatchObject([
    { present: true, seat: false, client: 'test-client' },
  ]);
  bench.timers.advance(ttl - 1);
  await ask();
  bench.timers.advance(ttl - 1);
  expect(bench.exchange.connections.size).toBe(1);
  bench.timers.advance(1);
  await until('the end', () => bench.exchange.connections.size === 0);
  expect([bench.door.size, bench.timers.waiting]).toEqual([0, 0]);
  expect((await ask()).status).toBe(200);
  await bench.stop();
});
