import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { heard, nothingWaits } from '../unit/mcp/views';
import { until } from '../support/until';
import { OpenStream } from './mcpEvents';
import { DoorBench, headersOf, toolCall } from './mcpHttp';

let bench: DoorBench;
beforeEach(async () => {
  bench = await new DoorBench().start();
});
afterEach(() => bench.stop());

const answer = (delivery: string) => ({
  output: { events: [heard({})], cursor: 1, more: 0, waiting: nothingWaits },
  delivery,
});

/** A call of `listen` that waits, and what ends its wait. */
async function waiting(session: string): Promise<{ stream: OpenStream; finish: () => void }> {
  let finish = (): void => undefined;
  bench.exchange.answer = () => new Promise((resolve) => (finish = () => resolve(answer('d1'))));
  const asked = bench.exchange.asked.length;
  const body = toolCall(1, 'listen', {}, { progressToken: 'p' });
  const stream = await OpenStream.open(bench, 'POST', headersOf(session), body);
  await until('the ask', () => bench.exchange.asked.length > asked);
  return { stream, finish: () => finish() };
}

const resume = (session: string, id: string | undefined, more: object = {}): Promise<OpenStream> =>
  OpenStream.open(bench, 'GET', headersOf(session, { accept: 'text/event-stream', 'last-event-id': id, ...more }));

describe('a stream that breaks', () => {
  // The priming event, three of progress, and the answer.
  test.each([1, 2, 3, 4])('after its event %i goes on after it, without a gap and without another’s', async (cut) => {
    const session = await bench.begin();
    const other = await bench.begin('nova');
    const { stream, finish } = await waiting(session);
    await stream.has(1);
    for (let event = 2; event <= cut; event++) {
      bench.timers.advance(10_000);
      await stream.has(event);
    }
    const before = [...stream.events];
    stream.cut();
    await until('the door to notice', () => bench.door.busy === 0);
    // What is said meanwhile is kept; the resumed stream has the rest.
    bench.timers.advance(9_000);
    const rest = await resume(session, stream.lastId);
    expect(rest.status).toBe(200);
    for (let event = cut; event < 4; event++) bench.timers.advance(10_000);
    finish();
    await rest.end();
    const ids = [...before, ...rest.events].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const said = [...stream.messages.slice(0, cut - 1), ...rest.messages];
    const progress = said
      .filter(({ method }) => method === 'notifications/progress')
      .map(({ params }) => params.progress);
    expect(progress).toEqual(progress.map((_, index) => index + 1));
    expect(progress.length).toBeGreaterThanOrEqual(3);
    expect(said.at(-1)).toMatchObject({ id: 1, result: { structuredContent: { events: [{ what: 'message' }] } } });
    await until('the confirmation', () => bench.exchange.confirmed.length > 0);
    expect(bench.exchange.confirmed).toEqual(['d1']);
    expect((await resume(other, before[0]?.id, { authorization: 'Bearer token-of-nova' })).status).toBe(400);
  });

  test('before its answer is confirmed only when the answer was fetched', async () => {
    const session = await bench.begin();
    const { stream, finish } = await waiting(session);
    await stream.has(1);
    stream.cut();
    await until('the door to notice', () => bench.door.busy === 0);
    finish();
    await until('the answer', () => bench.door.storedBytes > 0);
    expect(bench.exchange.confirmed).toEqual([]);
    const rest = await resume(session, stream.lastId);
    await rest.end();
    expect(rest.messages.map(({ id }) => id)).toEqual([1]);
    await until('the confirmation', () => bench.exchange.confirmed.length > 0);
  });

  test('is not waited for longer than ten seconds: the answer is not confirmed, and what it held is told again', async () => {
    const session = await bench.begin();
    const { stream } = await waiting(session);
    await stream.has(1);
    stream.cut();
    await until('the door to notice', () => bench.door.busy === 0);
    const signal = bench.exchange.asked.at(-1)?.options.signal;
    bench.timers.advance(10_000);
    await until('the end of the wait', () => signal?.aborted === true);
    // Nothing was said and nothing will be: there is nothing to come back to.
    expect((await resume(session, stream.lastId)).status).toBe(400);
    expect(bench.exchange.confirmed).toEqual([]);
  });

  test('may be fetched twice: equal ids, and one confirmation', async () => {
    const session = await bench.begin();
    const { stream, finish } = await waiting(session);
    await stream.has(1);
    finish();
    await stream.end();
    const [prime, last] = stream.events;
    const again = await resume(session, prime?.id);
    await again.end();
    expect(again.events).toEqual([last]);
    expect(bench.exchange.confirmed).toEqual(['d1']);
    expect((await resume(session, last?.id)).status).toBe(200);
  });
});

describe('what the server says by itself', () => {
  const updates = { jsonrpc: '2.0', id: 9, method: 'resources/subscribe', params: { uri: 'parley://roster' } };

  test('while nobody held the stream is there when it is resumed, in order', async () => {
    const session = await bench.begin();
    const standing = await OpenStream.open(bench, 'GET', headersOf(session, { accept: 'text/event-stream' }));
    await standing.has(1);
    expect((await bench.post(updates, session)).messages[0]?.result).toEqual({});
    const change = (): void => {
      for (const follower of bench.exchange.followers) follower({ what: 'roster' });
      bench.timers.advance(1000);
    };
    change();
    await standing.has(2);
    standing.cut();
    await until('the door to notice', () => bench.door.busy === 0);
    change();
    change();
    const rest = await resume(session, standing.lastId);
    await rest.has(2);
    change();
    await rest.has(3);
    const all = [...standing.events, ...rest.events].map(({ id }) => id);
    expect(new Set(all).size).toBe(all.length);
    expect(rest.messages.map(({ method, params }) => [method, params.uri])).toEqual(
      rest.messages.map(() => ['notifications/resources/updated', 'parley://roster']),
    );
  });
});

describe('an event that is not there to go on from', () => {
  test.each(['', '0', 'x-1-1', '../../etc/passwd', 'a'.repeat(500), '-1--1', '1e9'])('%j', async (id) => {
    const session = await bench.begin();
    const reply = await bench.send('GET', headersOf(session, { accept: 'text/event-stream', 'last-event-id': id }));
    expect([reply.status, reply.messages[0]?.error.data.code]).toEqual([400, 'stream_gone']);
  });

  test('of a session that ended, or of a broker before: 404, and the client begins anew', async () => {
    const session = await bench.begin();
    const { stream } = await waiting(session);
    await stream.has(1);
    await bench.send('DELETE', headersOf(session));
    expect((await resume(session, stream.lastId)).status).toBe(404);
    const later = await new DoorBench().start();
    const reply = await later.send(
      'GET',
      headersOf(session, { accept: 'text/event-stream', 'last-event-id': stream.lastId }),
    );
    expect(reply.status).toBe(404);
    await later.stop();
  });

  test('that was let go for newer ones: typed, and newer ones can still be fetched', async () => {
    await bench.stop();
    bench = await new DoorBench({ sessionEvents: 3 }).start();
    bench.exchange.answer = () => answer('d');
    const session = await bench.begin();
    const streams: OpenStream[] = [];
    for (let id = 1; id <= 5; id++) {
      const stream = await OpenStream.open(bench, 'POST', headersOf(session), toolCall(id, 'listen'));
      await stream.end();
      streams.push(stream);
    }
    expect((await resume(session, streams[0]?.events[0]?.id)).status).toBe(400);
    const kept = await resume(session, streams[4]?.events[0]?.id);
    await kept.end();
    expect(kept.messages.map(({ id }) => id)).toEqual([5]);
  });
});

test('bytes kept for all sessions together are bounded, and go with their sessions', async () => {
  await bench.stop();
  bench = await new DoorBench({ allBytes: 4000 }).start();
  bench.exchange.answer = () => answer('d');
  const sessions: string[] = [];
  for (let count = 0; count < 5; count++) {
    const session = await bench.begin();
    sessions.push(session);
    for (let id = 1; id <= 5; id++) await bench.post(toolCall(id, 'listen'), session);
    expect(bench.door.storedBytes).toBeLessThanOrEqual(4000);
  }
  expect(bench.door.storedBytes).toBeGreaterThan(0);
  for (const session of sessions) await bench.send('DELETE', headersOf(session));
  expect(bench.door.storedBytes).toBe(0);
});

test('the SDK’s client comes back by itself for the answer that its connection lost', async () => {
  let finish = (): void => undefined;
  bench.exchange.answer = () => new Promise((resolve) => (finish = () => resolve(answer('d1'))));
  const client = new Client({ name: 'sdk', version: '1' });
  const authorization = { Authorization: 'Bearer token-of-atlas' };
  const url = new URL(`http://127.0.0.1:${bench.port}/mcp`);
  // The SDK's own types do not agree with each other under exactOptionalPropertyTypes.
  const transport = new StreamableHTTPClientTransport(url, { requestInit: { headers: authorization } }) as Transport;
  await client.connect(transport);
  const called = client.callTool({ name: 'listen', arguments: {} });
  await until('the ask', () => bench.exchange.asked.length === 1);
  for (const socket of bench.sockets) socket.destroy();
  await until('the client to be back', () => bench.door.busy > 0 && bench.sockets.size > 0);
  finish();
  expect((await called).structuredContent).toMatchObject({ events: [{ what: 'message' }] });
  await until('the confirmation', () => bench.exchange.confirmed.length > 0);
  expect([bench.exchange.asked.length, bench.exchange.confirmed]).toEqual([1, ['d1']]);
  await client.close();
});
