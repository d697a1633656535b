import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { until } from '../support/until';
import { BrokerBench } from './mcpBroker';
import { OpenStream } from './mcpEvents';
import { untilAborted } from './mcpFakeExchange';
import { DoorBench, initialize } from './mcpHttp';
import { askStateless, revision, statelessBody, statelessHeaders } from './mcpStateless';

describe('a request of the stateless era', () => {
  let bench: DoorBench;
  beforeEach(async () => {
    bench = await new DoorBench({ bodyBytes: 100_000, streams: 2, requests: 3 }).start();
  });
  afterEach(() => bench.stop());

  const who = { method: 'tools/call', params: { name: 'who', arguments: {} } };
  const listen = { method: 'tools/call', params: { name: 'listen', arguments: {} } };

  test('is served with nothing before it, beside sessions on the same path', async () => {
    const session = await bench.begin('nova');
    const discovered = await askStateless(bench, { method: 'server/discover' });
    expect(discovered.messages[0]?.result).toMatchObject({
      supportedVersions: [revision],
      capabilities: { tools: {}, prompts: {}, completions: {}, logging: {}, resources: { subscribe: true } },
    });
    expect(discovered.headers['mcp-session-id']).toBeUndefined();
    const { messages } = await askStateless(bench, who);
    expect(messages[0]?.result).toMatchObject({ resultType: 'complete', structuredContent: { you: 'Atlas' } });
    expect(
      (await bench.post({ jsonrpc: '2.0', id: 1, method: 'ping' }, session, { authorization: 'Bearer token-of-nova' }))
        .status,
    ).toBe(200);
    expect(bench.exchange.asked.map(({ agent }) => agent)).toEqual(['atlas']);
  });

  test('is who its token says, whatever its body says', async () => {
    await askStateless(bench, { ...who, agent: 'nova', client: 'atlas', meta: { agent: 'atlas', from: 'atlas' } });
    expect(bench.exchange.asked.map(({ agent }) => agent)).toEqual(['nova']);
    expect((await askStateless(bench, { ...who, agent: 'nova' }, { authorization: 'Bearer wrong' })).status).toBe(401);
    expect((await askStateless(bench, who, { authorization: undefined })).status).toBe(401);
  });

  test('whose headers or _meta are wrong is refused with the code of the specification', async () => {
    const refused = async (headers: object, body: object): Promise<[number, unknown]> => {
      const reply = await bench.send('POST', { ...statelessHeaders(who), ...headers }, JSON.stringify(body));
      return [reply.status, reply.messages[0]?.error.code];
    };
    const good = statelessBody(who) as { params: { _meta: Record<string, unknown> } };
    const without = (key: string): object => {
      const { [key]: _, ...meta } = good.params._meta;
      return { ...good, params: { ...good.params, _meta: meta } };
    };
    expect(await refused({ 'mcp-method': 'tools/list' }, good)).toEqual([400, -32020]);
    expect(await refused({ 'mcp-name': 'send' }, good)).toEqual([400, -32020]);
    expect(await refused({ 'mcp-name': undefined }, good)).toEqual([400, -32020]);
    expect(await refused({ 'mcp-protocol-version': '2025-11-25' }, good)).toEqual([400, -32020]);
    expect(await refused({}, without('io.modelcontextprotocol/protocolVersion'))).toEqual([400, -32602]);
    expect(await refused({}, without('io.modelcontextprotocol/clientCapabilities'))).toEqual([400, -32602]);
    expect(await refused({}, { ...good, params: { ...good.params, _meta: 5 } })).toEqual([400, -32600]);
    const later = statelessBody({ ...who, meta: { 'io.modelcontextprotocol/protocolVersion': '2031-01-01' } });
    expect(await refused({ 'mcp-protocol-version': '2031-01-01' }, later)).toEqual([400, -32022]);
    expect(await refused({}, [good, good])).toEqual([400, expect.any(Number)]);
    expect(await refused({ 'mcp-method': 'initialize' }, initialize())).toEqual([400, expect.any(Number)]);
    expect(bench.exchange.asked).toEqual([]);
  });

  test('that is too large, or not JSON, is refused before anything looks at it', async () => {
    const headers = statelessHeaders(who);
    expect(
      (await bench.send('POST', headers, JSON.stringify(statelessBody({ ...who, meta: { x: 'x'.repeat(200_000) } }))))
        .status,
    ).toBe(413);
    expect((await bench.send('POST', headers, '{')).status).toBe(400);
    expect((await bench.send('POST', { ...headers, 'content-type': 'text/plain' }, '{}')).status).toBe(400);
    for (const method of ['GET', 'DELETE', 'PUT']) {
      const { status, headers: answered } = await bench.send(method, headers);
      expect([method, status, answered['allow']]).toEqual([method, 405, 'POST']);
    }
  });

  test('is cancelled by closing its response: the wait ends at once, and nothing is confirmed', async () => {
    bench.exchange.answer = ({ options }) => untilAborted(options.signal);
    const stream = await OpenStream.open(bench, 'POST', statelessHeaders(listen), statelessBody(listen));
    await until('the ask', () => bench.exchange.asked.length === 1);
    stream.cut();
    await until('the end', () => bench.exchange.asked[0]?.options.signal.aborted === true);
    await until('the door to notice', () => bench.door.busy === 0);
    expect(bench.exchange.confirmed).toEqual([]);
  });

  test('that waits has its head at once, comments and progress while it waits, and a confirmed answer', async () => {
    let finish = (): void => undefined;
    bench.exchange.answer = () =>
      new Promise((resolve) => {
        const output = { events: [], cursor: 1, more: 0, waiting: { unread: 0, calls: 0, ringing: 0 } };
        finish = () => resolve({ output, delivery: 'd1' });
      });
    const asking = { ...listen, meta: { progressToken: 'p' } };
    const stream = await OpenStream.open(bench, 'POST', statelessHeaders(asking), statelessBody(asking));
    await until('the ask', () => bench.exchange.asked.length === 1);
    bench.timers.advance(25_000);
    await stream.has(2);
    expect(stream.messages.map(({ params }) => params.progress)).toEqual([1, 2]);
    expect(bench.exchange.confirmed).toEqual([]);
    finish();
    await stream.end();
    expect(stream.messages.at(-1)).toMatchObject({ id: 1, result: { resultType: 'complete' } });
    await until('the confirmation', () => bench.exchange.confirmed.length > 0);
    expect([bench.exchange.confirmed, bench.timers.waiting]).toEqual([['d1'], 1]);
  });

  test('beyond the bound of one agent is refused, and another agent is not', async () => {
    bench.exchange.answer = ({ options, agent }) =>
      agent === 'atlas'
        ? untilAborted(options.signal)
        : { output: { you: 'Nova', agents: [], waiting: { unread: 0, calls: 0, ringing: 0 } } };
    const open = await Promise.all(
      [1, 2, 3].map((id) => OpenStream.open(bench, 'POST', statelessHeaders(listen), statelessBody({ ...listen, id }))),
    );
    await until('all three', () => bench.exchange.asked.length === 3);
    expect((await askStateless(bench, who)).status).toBe(429);
    expect((await askStateless(bench, { ...who, agent: 'nova' })).status).toBe(200);
    for (const stream of open) stream.cut();
    await until('room', () => bench.door.busy === 0);
  });

  describe('that listens for changes', () => {
    const subscribe = (uris: readonly unknown[], agent = 'atlas', id: string | number = 7) => {
      const asking = {
        id,
        method: 'subscriptions/listen',
        params: { notifications: { resourceSubscriptions: uris } },
        agent,
      };
      return OpenStream.open(bench, 'POST', statelessHeaders(asking), statelessBody(asking));
    };

    test('is acknowledged with what there is, and told of that alone until it closes', async () => {
      const stream = await subscribe(['parley://roster', 'parley://nothing', 'file:///etc/passwd']);
      await stream.has(1);
      expect(stream.messages[0]).toMatchObject({
        method: 'notifications/subscriptions/acknowledged',
        params: { notifications: { resourceSubscriptions: ['parley://roster'] } },
      });
      const change = (what: 'roster' | 'inbox'): void => {
        for (const follower of bench.exchange.followers) follower({ what });
        bench.timers.advance(1000);
      };
      change('inbox');
      change('roster');
      await stream.has(2);
      expect(stream.messages.slice(1)).toMatchObject([
        {
          method: 'notifications/resources/updated',
          params: { uri: 'parley://roster', _meta: { 'io.modelcontextprotocol/subscriptionId': 7 } },
        },
      ]);
      stream.cut();
      await until('the end of following', () => bench.exchange.followers.size === 0 && bench.door.busy === 0);
    });

    test('has a bound for one agent, and asks for no more than a hundred resources', async () => {
      const open = [await subscribe(['parley://roster'], 'atlas', 1), await subscribe(['parley://inbox'], 'atlas', 2)];
      const third = await askStateless(bench, {
        method: 'subscriptions/listen',
        params: { notifications: { resourceSubscriptions: ['parley://roster'] } },
      });
      expect(third.messages[0]?.error.code).toBe(-32603);
      const other = await subscribe(['parley://roster'], 'nova');
      await other.has(1);
      const many = Array.from({ length: 101 }, (_, index) => `parley://threads/${index}`);
      const greedy = await askStateless(bench, {
        method: 'subscriptions/listen',
        agent: 'iris',
        params: { notifications: { resourceSubscriptions: many } },
      });
      expect([greedy.status, greedy.messages[0]?.error.data.code]).toEqual([400, 'bad_input']);
      for (const stream of [...open, other]) stream.cut();
      await until('the end of following', () => bench.exchange.followers.size === 0);
    });

    test('for nothing that there is ends at once', async () => {
      const stream = await subscribe(['parley://nothing']);
      await stream.end();
      expect(stream.messages.at(-1)).toMatchObject({ id: 7, result: { resultType: 'complete' } });
    });
  });
});

test('an answer that was lost after the write: sent again under another id and the same key, it happens once', async () => {
  const bench = await BrokerBench.open();
  const atlas = await bench.enter('Atlas', 'stateless');
  const nova = await bench.enter('Nova', 'stateless');
  const writes: [string, Record<string, unknown>][] = [
    ['send', { to: 'Nova', text: 'once', key: 'k1' }],
    ['call', { to: 'Nova', topic: 'Once', wait: 0, key: 'k2' }],
    ['open', { topic: 'Room', key: 'k3' }],
    ['send', { to: '*', text: 'to everybody', key: 'k4' }],
    ['delegate', { to: 'Nova', title: 'Once', wait: 0, key: 'k5' }],
  ];
  for (const [name, args] of writes) {
    const { headers, body } = atlas.request('tools/call', { name, arguments: args });
    const before = bench.office.journal.length;
    // The connection goes when the answer begins: by then the write is durable, and nobody was told.
    const lost = bench.send('POST', headers, JSON.stringify(body), (_reply, socket) => socket.destroy());
    await lost.catch(() => undefined);
    await until(`the effect of ${name}`, () => bench.office.journal.length > before);
    await until('the door to notice', () => bench.door.busy === 0);
    const effect = bench.office.journal.length;
    const again = await atlas.call(name, args);
    expect(again.isError, JSON.stringify(again)).toBeUndefined();
    expect([
      name,
      bench.office.journal
        .slice(effect)
        .map(({ type }) => type)
        .filter((type) => !type.startsWith('receipt.')),
    ]).toEqual([name, []]);
    expect((await atlas.call(name, args)).isError).toBeUndefined();
  }
  const conflict = await atlas.call('send', { to: 'Nova', text: 'something else', key: 'k1' });
  expect(conflict).toMatchObject({ isError: true, content: [{ text: expect.stringMatching(/^key_conflict/) }] });
  const { events } = await nova.call('listen', { wait: 0 });
  expect(events.filter(({ message }: { message?: { text: string } }) => message?.text === 'once')).toHaveLength(1);
  await bench.stop();
});

test('an id of somebody else’s thread or call opens nothing: possession is not permission', async () => {
  const bench = await BrokerBench.open();
  const atlas = await bench.enter('Atlas', 'stateless');
  await bench.enter('Nova', 'stateless');
  const iris = await bench.enter('Iris', 'stateless');
  const { thread } = await atlas.call('send', { to: 'Nova', text: 'between us' });
  const { call } = await atlas.call('call', { to: 'Nova', topic: 'Us', wait: 0 });
  const { task } = await atlas.call('delegate', { to: 'Nova', title: 'Ours', wait: 0 });
  for (const [name, args] of [
    ['read', { thread }],
    ['send', { thread, text: 'me too' }],
    ['leave', { thread }],
    ['open', { join: thread }],
    ['answer', { call: call.id, answer: 'accept' }],
    ['call', { cancel: call.id }],
    ['delegate', { cancel: task.id }],
    ['report', { task: task.id, text: 'done', state: 'completed' }],
    ['read', { task: task.id }],
  ] as const) {
    const result = await iris.call(name, args);
    expect([name, result.isError, JSON.stringify(result)]).toEqual([
      name,
      true,
      expect.not.stringContaining('between us'),
    ]);
  }
  await bench.stop();
});
