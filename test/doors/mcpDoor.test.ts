import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ParleyError } from '../../src/contract/errors';
import { until } from '../support/until';
import { heard, nothingWaits } from '../unit/mcp/views';
import { untilAborted } from './mcpFakeExchange';
import { DoorBench, headersOf, initialize, toolCall } from './mcpHttp';

let bench: DoorBench;
beforeEach(async () => {
  bench = await new DoorBench({ bodyBytes: 100_000 }).start();
});
afterEach(() => bench.stop());

const listened = (delivery?: string) => ({
  output: { events: [heard()], cursor: 3, more: 0, waiting: nothingWaits },
  ...(delivery !== undefined && { delivery }),
});

test('the SDK client connects, lists, calls and leaves', async () => {
  const client = new Client({ name: 'sdk', version: '1' });
  await client.connect(
    // The SDK's own types do not hold under exactOptionalPropertyTypes.
    new StreamableHTTPClientTransport(new URL(`http://127.0.0.1:${bench.port}/mcp`), {
      requestInit: { headers: { authorization: 'Bearer token-of-atlas' } },
    }) as never,
  );
  expect(client.getServerVersion()).toMatchObject({ name: 'parley', version: '1.2.3' });
  expect(client.getInstructions()).toContain('phone');
  expect((await client.listTools()).tools.map(({ name }) => name)).toContain('answer');
  const result = await client.callTool({ name: 'who', arguments: { capability: 'review', status: null } });
  expect(result.structuredContent).toEqual({ you: 'Atlas', agents: [] });
  expect(bench.exchange.asked).toMatchObject([{ agent: 'atlas', operation: 'who', input: { capability: 'review' } }]);
  await (client.transport as unknown as StreamableHTTPClientTransport).terminateSession();
  await client.close();
  expect(bench.door.size).toBe(0);
  expect(bench.exchange.closed).toEqual([false]);
});

test('a session is a connection of the agent: present, under the client’s name, with no claim on the seat', async () => {
  await bench.begin('atlas', 'Visual Studio Code');
  expect([...bench.exchange.connections.values()]).toEqual([
    {
      client: 'Visual Studio Code',
      version: '1',
      present: true,
      seat: false,
      ringers: [],
      ended: expect.any(Function) as unknown,
    },
  ]);
});

test('a session whose agent is signed off is over: its next request finds none', async () => {
  const session = await bench.begin('atlas', 'Visual Studio Code');
  const [connection] = bench.exchange.connections.values();
  connection?.ended?.();
  await until('the session to be over', () => bench.exchange.connections.size === 0);
  const { status } = await bench.post({ jsonrpc: '2.0', id: 9, method: 'tools/list' }, session);
  expect(status).toBe(404);
});

test('VS Code’s order is taken: a log level before initialized, no protocol version header', async () => {
  const { headers } = await bench.post(initialize('Visual Studio Code'));
  const session = headers['mcp-session-id'] as string;
  const level = await bench.post(
    { jsonrpc: '2.0', id: 1, method: 'logging/setLevel', params: { level: 'info' } },
    session,
  );
  expect(level.messages).toEqual([{ jsonrpc: '2.0', id: 1, result: {} }]);
  const note = await bench.post({ jsonrpc: '2.0', method: 'notifications/initialized' }, session);
  expect([note.status, note.body]).toEqual([202, '']);
  const tasks = await bench.post({ jsonrpc: '2.0', id: 2, method: 'tasks/list' }, session);
  expect(tasks.messages[0]?.error).toMatchObject({ code: -32601 });
});

test.each(['2025-11-25', '2025-06-18', '2025-03-26'])('revision %s is spoken', async (revision) => {
  const { messages, headers } = await bench.post(initialize('x', revision));
  expect(messages[0]?.result.protocolVersion).toBe(revision);
  const session = headers['mcp-session-id'] as string;
  const ping = await bench.post({ jsonrpc: '2.0', id: 5, method: 'ping' }, session, {
    'mcp-protocol-version': revision,
  });
  expect(ping.messages[0]?.result).toEqual({});
});

describe('what is refused says what to do', () => {
  test('no token, an unknown one, and the person’s', async () => {
    const none = await bench.post(initialize(), undefined, { authorization: '' });
    expect(none.status).toBe(401);
    expect(none.messages[0]?.error.data.code).toBe('who_are_you');
    expect(none.messages[0]?.error.message).toMatch(/Register first/);
    expect((await bench.post(initialize(), undefined, { authorization: 'Bearer wrong' })).status).toBe(401);
    const person = await bench.post(initialize(), undefined, { authorization: 'Bearer token-of-the-person' });
    expect([person.status, person.messages[0]?.error.data.code]).toEqual([403, 'forbidden']);
  });

  test('a session that is missing, unknown, or another agent’s', async () => {
    const session = await bench.begin('atlas');
    expect((await bench.post(toolCall(1, 'who'))).status).toBe(400);
    expect((await bench.post(toolCall(1, 'who'), 'nonsense')).status).toBe(404);
    const other = await bench.post(toolCall(1, 'who'), session, { authorization: 'Bearer token-of-nova' });
    expect(other.status).toBe(404);
    expect(bench.exchange.asked).toEqual([]);
  });

  test('a revision that nobody speaks', async () => {
    const session = await bench.begin();
    const header = await bench.post(toolCall(1, 'who'), session, { 'mcp-protocol-version': '2031-01-01' });
    expect([header.status, header.messages[0]?.error.code]).toEqual([400, -32022]);
    expect(header.messages[0]?.error.data.supported).toEqual(expect.arrayContaining(['2026-07-28', '2025-11-25']));
  });

  test('a body that is too large, declared or sent, gets JSON and no page', async () => {
    const long = JSON.stringify(toolCall(1, 'send', { text: 'x'.repeat(200_000) }));
    for (const headers of [{}, { 'transfer-encoding': 'chunked' }]) {
      const reply = await bench.send('POST', headersOf(undefined, headers), long);
      expect(reply.status).toBe(413);
      expect(reply.messages[0]?.error.data).toEqual({ code: 'too_large', facts: { limit: 100_000 } });
    }
  });

  test('other types, methods and forms', async () => {
    expect((await bench.send('POST', headersOf(undefined, { 'content-type': 'text/plain' }), '{}')).status).toBe(400);
    expect((await bench.send('PUT', headersOf(undefined), '{}')).status).toBe(405);
    expect((await bench.send('POST', headersOf(undefined), '{')).status).toBe(400);
    expect((await bench.send('POST', headersOf(undefined), '[]')).status).toBe(400);
    expect((await bench.post(initialize(), undefined, { accept: 'text/html' })).status).toBe(406);
    expect((await bench.send('GET', headersOf(undefined, { accept: 'text/event-stream' }))).status).toBe(400);
  });

  test('a body that never comes', async () => {
    const reply = bench.send('POST', headersOf(undefined, { 'content-length': '50' }), '{');
    await until('the door to wait for it', () => bench.timers.waiting > 0);
    bench.timers.advance(30_000);
    expect((await reply).status).toBe(400);
  });
});

describe('tools', () => {
  test('an error is a result that names its code and what to do', async () => {
    bench.exchange.answer = () => {
      throw new ParleyError('unknown_agent', { agent: 'Zoe', known: ['Nova'] });
    };
    const session = await bench.begin();
    const { messages } = await bench.post(toolCall(1, 'call', { to: 'Zoe', topic: 'x' }), session);
    expect(messages[0]?.result).toMatchObject({
      isError: true,
      content: [{ text: 'unknown_agent: There is no agent "Zoe". Ask who for the names. On the roster: Nova.' }],
      _meta: { 'parley/error': { code: 'unknown_agent' } },
    });
  });

  test('arguments of the wrong form are told which', async () => {
    const session = await bench.begin();
    const { messages } = await bench.post(toolCall(1, 'send', { text: 5 }), session);
    expect(messages[0]?.result.content[0].text).toMatch(/^bad_input: .*text: /);
    const unknown = await bench.post(toolCall(2, 'shout'), session);
    expect(unknown.messages[0]?.result.content[0].text).toMatch(/^unknown_operation: .*"shout"/);
  });

  test('what is internal stays in the log', async () => {
    bench.exchange.answer = () => {
      throw new Error('secret path /home/x');
    };
    const session = await bench.begin();
    const { body } = await bench.post(toolCall(1, 'who'), session);
    expect(body).not.toContain('secret path');
    expect(JSON.stringify(bench.log)).toContain('secret path');
  });

  test('read without a thread lists the threads when there is no current one', async () => {
    bench.exchange.answer = ({ operation }) => {
      if (operation === 'read') throw new ParleyError('no_current_thread');
      return { output: { threads: [], waiting: nothingWaits } };
    };
    const session = await bench.begin();
    const { messages } = await bench.post(toolCall(1, 'read'), session);
    expect(messages[0]?.result.content[0].text).toBe('You have no threads.');
  });

  test('a wait is 25 s by default and never longer than the client bears', async () => {
    const waits = async (client: string, args: object): Promise<unknown> => {
      bench.exchange.answer = () => listened();
      const session = await bench.begin('atlas', client);
      await bench.post(toolCall(1, 'listen', args), session);
      return bench.exchange.asked.at(-1)?.input['wait'];
    };
    expect(await waits('anything', {})).toBe(25);
    expect(await waits('anything', { wait: 600 })).toBe(50);
    expect(await waits('anything', { wait: 0 })).toBe(0);
    expect(await waits('claude-code', { wait: 600 })).toBe(110);
    expect(await waits('Visual Studio Code', { wait: 600 })).toBe(240);
  });

  test('which chat a call comes from is noted on it', async () => {
    bench.exchange.answer = () => {
      throw new ParleyError('empty_topic');
    };
    const session = await bench.begin();
    const meta = { 'vscode.conversationId': 'chat-1' };
    await bench.post(toolCall(1, 'call', { to: 'Nova', topic: 'x' }, meta), session);
    expect(bench.exchange.asked[0]?.input).toEqual({ to: 'Nova', topic: 'x', note: 'vscode:chat-1', wait: 25 });
  });

  test('more than fits is asked for again with as many as fit, and only that answer is confirmed', async () => {
    let asked = 0;
    bench.exchange.answer = ({ input }) => {
      const events = Array.from({ length: Math.min(Number(input['limit'] ?? 200), 200) }, (_, index) =>
        heard({ seq: index + 1, content: 'x'.repeat(300) }),
      );
      const more = 200 - events.length;
      return { output: { events, cursor: 1, more, waiting: nothingWaits }, delivery: `delivery-${++asked}` };
    };
    const session = await bench.begin();
    const { messages } = await bench.post(toolCall(1, 'listen'), session);
    const { structuredContent, content } = messages[0]?.result as {
      structuredContent: { events: object[]; more: number };
      content: { text: string }[];
    };
    expect(structuredContent.events.length + structuredContent.more).toBe(200);
    expect(Buffer.byteLength(content[0]?.text ?? '')).toBeLessThanOrEqual(24 * 1024);
    await until('the confirmation', () => bench.exchange.confirmed.length > 0);
    expect(bench.exchange.confirmed).toEqual(['delivery-2']);
  });
});

describe('a client that puts structured results in the place of the text', () => {
  test.each(['claude-code', 'Visual Studio Code'])('%s is offered none', async (name) => {
    bench.exchange.answer = () => listened();
    const session = await bench.begin('atlas', name);
    const { messages } = await bench.post({ jsonrpc: '2.0', id: 1, method: 'tools/list' }, session);
    for (const tool of messages[0]?.result.tools) expect(tool).not.toHaveProperty('outputSchema');
    const { messages: called } = await bench.post(toolCall(2, 'listen'), session);
    expect(called[0]?.result).toEqual({ content: [{ type: 'text', text: expect.stringContaining('> hello') }] });
  });

  test('every other client is', async () => {
    bench.exchange.answer = () => listened();
    const session = await bench.begin();
    const { messages } = await bench.post({ jsonrpc: '2.0', id: 1, method: 'tools/list' }, session);
    for (const tool of messages[0]?.result.tools) expect(tool.outputSchema.type).toBe('object');
    const { messages: called } = await bench.post(toolCall(2, 'listen'), session);
    expect(called[0]?.result.structuredContent.events).toHaveLength(1);
  });
});

describe('what counts as handed over', () => {
  test('an answer that its client took whole', async () => {
    bench.exchange.answer = () => listened('d1');
    const session = await bench.begin();
    await bench.post(toolCall(1, 'listen'), session);
    await until('the confirmation', () => bench.exchange.confirmed.length > 0);
    expect(bench.exchange.confirmed).toEqual(['d1']);
  });

  test('not an answer whose request was cancelled; its stream ends without one', async () => {
    let finish: (value: ReturnType<typeof listened>) => void = () => undefined;
    bench.exchange.answer = () => new Promise((resolve) => (finish = resolve));
    const session = await bench.begin();
    const reply = bench.post(toolCall(1, 'listen'), session);
    const [asked] = await until('the ask', () => bench.exchange.asked.length > 0 && bench.exchange.asked);
    await bench.post({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } }, session);
    expect((await reply).messages).toEqual([]);
    expect(asked?.options.signal.aborted).toBe(true);
    finish(listened('d1'));
    await bench.post(toolCall(2, 'nothing'), session);
    expect(bench.exchange.confirmed).toEqual([]);
  });

  test('not an answer whose client was gone and did not come back; the wait ends after ten seconds', async () => {
    let aborted = false;
    bench.exchange.answer = ({ options }) => {
      options.signal.addEventListener('abort', () => (aborted = true));
      return untilAborted(options.signal);
    };
    const session = await bench.begin();
    const body = JSON.stringify(toolCall(1, 'listen'));
    const reply = bench.send('POST', headersOf(session), body, (_reply, socket) => socket.destroy());
    await expect(reply).rejects.toThrow();
    await until('the door to notice', () => bench.door.busy === 0);
    bench.timers.advance(9_999);
    expect(aborted).toBe(false);
    bench.timers.advance(1);
    await until('the wait to end', () => aborted);
    expect(bench.exchange.confirmed).toEqual([]);
  });

  test('a late cancel of a finished request changes nothing', async () => {
    bench.exchange.answer = () => listened('d1');
    const session = await bench.begin();
    await bench.post(toolCall(1, 'listen'), session);
    await bench.post({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } }, session);
    expect((await bench.post(toolCall(2, 'listen'), session)).messages[0]?.result.isError).toBeUndefined();
    expect(bench.exchange.confirmed).toContain('d1');
  });
});

describe('while a call waits', () => {
  test('the headers are there at once, a comment every 15 s, progress every 10 s', async () => {
    let finish: (value: ReturnType<typeof listened>) => void = () => undefined;
    bench.exchange.answer = () => new Promise((resolve) => (finish = resolve));
    const session = await bench.begin();
    let started = false;
    const body = JSON.stringify(toolCall(1, 'listen', {}, { progressToken: 'p1' }));
    const reply = bench.send('POST', headersOf(session), body, () => (started = true));
    await until('the headers', () => started && bench.exchange.asked.length === 1);
    bench.timers.advance(35_000);
    finish(listened());
    const { messages, body: text } = await reply;
    expect(messages.map(({ method, params }) => [method, params?.progressToken, params?.progress])).toEqual([
      ['notifications/progress', 'p1', 1],
      ['notifications/progress', 'p1', 2],
      ['notifications/progress', 'p1', 3],
      [undefined, undefined, undefined],
    ]);
    expect(text.match(/^: waiting$/gm)).toHaveLength(2);
  });

  test('several requests wait side by side, each on its own stream', async () => {
    const finish = new Map<unknown, (value: ReturnType<typeof listened>) => void>();
    bench.exchange.answer = ({ input }) => new Promise((resolve) => finish.set(input['limit'], resolve));
    const session = await bench.begin();
    const first = bench.post(toolCall('a', 'listen', { limit: 1 }), session);
    const second = bench.post(toolCall('b', 'listen', { limit: 2 }), session);
    await until('both', () => finish.size === 2);
    finish.get(2)?.(listened());
    expect((await second).messages.map(({ id }) => id)).toEqual(['b']);
    finish.get(1)?.(listened());
    expect((await first).messages.map(({ id }) => id)).toEqual(['a']);
  });

  test('more requests at once than the limit are refused', async () => {
    await bench.stop();
    bench = await new DoorBench({ requests: 2 }).start();
    bench.exchange.answer = ({ options }) => untilAborted(options.signal);
    const session = await bench.begin();
    const waiting = [1, 2].map((id) => bench.post(toolCall(id, 'listen'), session).catch(() => undefined));
    await until('both to wait', () => bench.exchange.asked.length === 2);
    expect((await bench.post(toolCall(3, 'listen'), session)).status).toBe(429);
    await bench.door.close();
    await Promise.all(waiting);
  });
});

describe('a session ends', () => {
  test('with DELETE, at once', async () => {
    const session = await bench.begin();
    expect((await bench.send('DELETE', headersOf(session))).status).toBe(204);
    expect(bench.exchange.closed).toEqual([false]);
    expect((await bench.post(toolCall(1, 'who'), session)).status).toBe(404);
  });

  test('five minutes after its last stream or request, and not before', async () => {
    const session = await bench.begin();
    let open = 0;
    const first = bench.send('GET', headersOf(session), '', () => open++);
    await until('the stream', () => open === 1);
    bench.timers.advance(20 * 60_000);
    expect(bench.door.size).toBe(1);
    // A second stream takes the place of the first.
    const second = bench.send('GET', headersOf(session), '', (reply) => reply.destroy());
    await first;
    await second.catch(() => undefined);
    await until('the door to notice', () => bench.door.busy === 0);
    bench.timers.advance(5 * 60_000 - 1);
    expect(bench.door.size).toBe(1);
    bench.timers.advance(1);
    await until('the end', () => bench.exchange.connections.size === 0);
    expect(bench.door.size).toBe(0);
    expect(bench.timers.waiting).toBe(0);
  });

  test('when the door closes, with every wait in it', async () => {
    bench.exchange.answer = ({ options }) => untilAborted(options.signal);
    const session = await bench.begin();
    const reply = bench.post(toolCall(1, 'listen'), session);
    await until('the wait', () => bench.exchange.asked.length === 1);
    await bench.door.close();
    expect((await reply).messages).toEqual([]);
    expect(bench.exchange.asked[0]?.options.signal.aborted).toBe(true);
  });
});
