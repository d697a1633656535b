import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { until } from '../support/until';
import { BrokerBench, eras, type McpAgent } from './mcpBroker';

describe.each(eras)('in the era of %s requests', (era) => {
  let bench: BrokerBench;
  let atlas: McpAgent;
  let nova: McpAgent;
  beforeEach(async () => {
    bench = await BrokerBench.open();
    atlas = await bench.enter('Atlas', era);
    nova = await bench.enter('Nova', era);
  });
  afterEach(() => bench.stop());

  const leave = async (text = 'The parser loses the last line'): Promise<string> => {
    const { thread } = (await atlas.call('send', { to: 'Nova', topic: 'Parser', text })) as { thread: string };
    return thread;
  };

  const read = async (who: McpAgent, uri: string): Promise<string> => {
    const { contents } = (await who.ask('resources/read', { uri })) as { contents: { uri: string; text: string }[] };
    expect(contents.map((content) => content.uri)).toEqual([uri]);
    return contents[0]?.text ?? '';
  };

  test('roster, inbox and threads are listed and read, with other agents’ words quoted', async () => {
    const thread = await leave();
    const { resources } = await nova.ask('resources/list');
    expect(resources.map(({ uri }: { uri: string }) => uri)).toEqual([
      'parley://roster',
      'parley://inbox',
      `parley://threads/${thread}`,
    ]);
    const { resourceTemplates } = await nova.ask('resources/templates/list');
    expect(resourceTemplates).toMatchObject([{ uriTemplate: 'parley://threads/{id}' }]);
    expect(await read(nova, 'parley://roster')).toMatch(/You are Nova.*Atlas/s);
    expect(await read(nova, 'parley://inbox')).toMatch(/Parser/);
    expect(await read(nova, `parley://threads/${thread}`)).toContain('> The parser loses the last line');
  });

  test('reading a thread as a resource makes nothing seen: the client may only have shown it', async () => {
    const thread = await leave();
    await read(nova, `parley://threads/${thread}`);
    const { events } = await nova.call('listen', { wait: 0 });
    expect(events).toMatchObject([{ what: 'message' }]);
  });

  test('what is no resource, or another’s thread, is not found, whatever it looks like', async () => {
    const thread = await leave();
    const iris = await bench.enter('Iris', era);
    const uris = [
      'parley://nothing',
      'parley://roster/../inbox',
      'parley://threads/../roster',
      'parley://threads/%2e%2e%2froster',
      'parley://threads/',
      'parley://threads/{id}',
      'parley://threads/01ARZ3NDEKTSV4RRFFQ69G5FAV',
      `parley://threads/${thread}/messages`,
      'file:///etc/passwd',
      '',
      `parley://threads/${'A'.repeat(5000)}`,
    ];
    for (const uri of uris) {
      const { code, data } = await nova.refusal('resources/read', { uri });
      expect([uri.slice(0, 60), code]).toEqual([uri.slice(0, 60), era === 'session' ? -32002 : -32602]);
      expect(data.uri).toBe(uri.slice(0, 256));
    }
    const foreign = await iris.refusal('resources/read', { uri: `parley://threads/${thread}` });
    const missing = await iris.refusal('resources/read', { uri: 'parley://threads/01ARZ3NDEKTSV4RRFFQ69G5FAV' });
    expect(foreign.message.replace(thread, 'X')).toBe(missing.message.replace('01ARZ3NDEKTSV4RRFFQ69G5FAV', 'X'));
  });

  test('names of agents and ids of threads are completed, by name or by topic', async () => {
    const thread = await leave();
    const complete = async (ref: object, name: string, value: string): Promise<unknown> =>
      (await nova.ask('completion/complete', { ref, argument: { name, value } })).completion.values;
    const handOver = { type: 'ref/prompt', name: 'hand-over' };
    expect(await complete(handOver, 'agent', 'at')).toEqual(['Atlas']);
    expect(await complete(handOver, 'agent', 'nov')).toEqual([]);
    expect(await complete(handOver, 'task', 'x')).toEqual([]);
    const template = { type: 'ref/resource', uri: 'parley://threads/{id}' };
    expect(await complete(template, 'id', 'pars')).toEqual([thread]);
    expect(await complete(template, 'id', thread.slice(0, 5).toLowerCase())).toEqual([thread]);
    expect(await complete({ type: 'ref/prompt', name: 'join' }, 'thread', '')).toEqual([thread]);
  });

  test('a completion for nothing is refused', async () => {
    const argument = { name: 'agent', value: '' };
    for (const params of [
      { ref: { type: 'ref/prompt', name: 'none' }, argument },
      { ref: { type: 'ref/prompt', name: 'join' }, argument },
      { ref: { type: 'ref/resource', uri: 'parley://roster' }, argument },
      { ref: { type: 'ref/resource', uri: 'parley://threads/{id}' }, argument },
    ]) {
      expect([-32602, -32002]).toContain((await nova.refusal('completion/complete', params)).code);
    }
  });

  test('prompts are the user’s words: filled in, and refused with arguments that they do not take', async () => {
    const { prompts } = await nova.ask('prompts/list');
    expect(prompts.map(({ name }: { name: string }) => name)).toEqual([
      'join',
      'answer',
      'hand-over',
      'review-together',
    ]);
    const get = (name: string, args?: Record<string, string>) =>
      nova.ask('prompts/get', { name, ...(args && { arguments: args }) });
    expect((await get('hand-over', { agent: 'Atlas' })).messages).toMatchObject([
      { role: 'user', content: { type: 'text', text: expect.stringContaining('Hand over to Atlas on Parley') } },
    ]);
    expect((await get('answer')).messages[0].content.text).toContain('Somebody calls you');
    for (const params of [
      { name: 'nothing' },
      { name: 'join' },
      { name: 'join', arguments: { thread: ' \n' } },
      { name: 'join', arguments: { thread: 'x', other: 'y' } },
      { name: 'hand-over', arguments: { agent: 'a'.repeat(5000) } },
    ]) {
      expect((await nova.refusal('prompts/get', params)).code).toBe(-32602);
    }
  });
});

test('a session is told when what it subscribed to changes, and of nothing else', async () => {
  const bench = await BrokerBench.open();
  const atlas = await bench.enter('Atlas', 'session');
  const nova = await bench.enter('Nova', 'session');
  const standing = await nova.stream('GET');
  expect(await nova.ask('resources/subscribe', { uri: 'parley://inbox' })).toEqual({});
  expect((await nova.refusal('resources/subscribe', { uri: 'parley://threads/none' })).code).toBe(-32002);
  expect(standing.messages).toEqual([]);
  await atlas.call('send', { to: 'Nova', text: 'hello' });
  const updated = () =>
    standing.messages
      .filter(({ method }) => method === 'notifications/resources/updated')
      .map(({ params }) => params.uri as string);
  await until('the notice', () => updated().length > 0);
  expect(new Set(updated())).toEqual(new Set(['parley://inbox']));
  // Several at once are told as one, and after a pause as one more.
  const before = updated().length;
  for (const text of ['a', 'b', 'c', 'd']) await atlas.call('send', { to: 'Nova', text });
  await bench.office.clock.advance(1000);
  await until('the rest', () => updated().length > before);
  expect(updated().length).toBeLessThanOrEqual(before + 2);
  await nova.ask('resources/unsubscribe', { uri: 'parley://inbox' });
  const told = updated().length;
  await atlas.call('send', { to: 'Nova', text: 'more' });
  await bench.office.clock.advance(1000);
  expect(updated().length).toBe(told);
  for (let count = 0; count < 100; count++) await nova.ask('resources/subscribe', { uri: 'parley://roster' });
  standing.cut();
  await bench.stop();
});
