import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { until } from '../support/until';
import { nothingWaits } from '../unit/mcp/views';
import { untilAborted } from './mcpFakeExchange';
import { DoorBench, headersOf, toolCall } from './mcpHttp';

/** What clients get wrong, told by the protocol's own codes. */
let bench: DoorBench;
beforeEach(async () => {
  bench = await new DoorBench().start();
});
afterEach(() => bench.stop());

test('what is not JSON, and an initialize without what it needs, by JSON-RPC’s codes', async () => {
  for (const body of ['{', '', Buffer.from([0x22, 0xff, 0x22])]) {
    const reply = await bench.send('POST', headersOf(undefined), body);
    expect([reply.status, reply.messages[0]?.error.code]).toEqual([400, -32700]);
  }
  const begin = await bench.post({ jsonrpc: '2.0', id: 1, method: 'initialize', params: {} });
  expect(begin.status).toBe(400);
  expect(begin.messages[0]?.error.message).toMatch(/initialize needs protocolVersion/);
});

test('parameters that are not as their method wants them: which, and that it is no error of ours', async () => {
  const session = await bench.begin();
  for (const [method, params, expected] of [
    ['tools/call', {}, /^Invalid params: params\.name: /],
    ['tools/call', { name: 'who', arguments: [] }, /^Invalid params: params\.arguments: /],
    ['logging/setLevel', { level: 'loud' }, /^Invalid params: params\.level: /],
  ] as const) {
    const { messages } = await bench.post({ jsonrpc: '2.0', id: 1, method, params }, session);
    expect(messages[0]?.error).toEqual({ code: -32602, message: expect.stringMatching(expected) as string });
  }
});

test('an id that is used again ends the request that had it, and answers the new one', async () => {
  let ended = false;
  bench.exchange.answer = ({ operation, options }) => {
    if (operation === 'who') return { output: { you: 'Atlas', agents: [], waiting: nothingWaits } };
    options.signal.addEventListener('abort', () => (ended = true));
    return untilAborted(options.signal);
  };
  const session = await bench.begin();
  const first = bench.post(toolCall(1, 'listen'), session);
  await until('the first to wait', () => bench.exchange.asked.length === 1);
  const second = await bench.post(toolCall(1, 'who'), session);
  expect(second.messages.map(({ result }) => result.structuredContent)).toEqual([{ you: 'Atlas', agents: [] }]);
  expect((await first).messages).toEqual([]);
  expect(ended).toBe(true);
});

/** A client that has sent the head of a request and a little of its body, and reads the answer. */
async function halfSent(length: number): Promise<{ readonly socket: Socket; readonly hasEnded: () => boolean }> {
  const socket = connect(bench.port, '127.0.0.1');
  let text = '';
  let ended = false;
  socket.on('data', (data: Buffer) => (text += data.toString()));
  socket.on('end', () => (ended = true));
  const headers = { host: 'localhost', ...headersOf(undefined), 'content-length': String(length) };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${String(value)}`);
  socket.write(`POST /mcp HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n{`);
  await until('the answer', () => text.includes('too_large'));
  // Whatever closed with the answer is closed by the time that another is served.
  await bench.post({ jsonrpc: '2.0', id: 1, method: 'ping' }, 'nobody');
  return { socket, hasEnded: () => ended };
}

test('whoever still sends a body that is refused reads the answer: the connection ends when the body does', async () => {
  const length = 5_000_000;
  const { socket, hasEnded } = await halfSent(length);
  expect(hasEnded()).toBe(false);
  socket.write(Buffer.alloc(length - 1, 0x20));
  await until('the end', hasEnded);
  socket.destroy();
});

test('a body that is refused and never ends is waited for two seconds', async () => {
  const { socket, hasEnded } = await halfSent(5_000_000);
  bench.timers.advance(1999);
  expect(hasEnded()).toBe(false);
  bench.timers.advance(1);
  await until('the end', hasEnded);
  socket.destroy();
});
