import { AjvJsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/ajv';
import { encode } from 'gpt-tokenizer/encoding/o200k_base';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BrokerBench, eras, type McpAgent } from './mcpBroker';

interface ListedTool {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: object;
  readonly outputSchema: Record<string, unknown>;
}

interface ToolResult {
  readonly content: readonly { readonly text: string }[];
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly structuredContent: any;
  readonly isError?: boolean;
}

describe.each(eras)('in the era of %s requests', (era) => {
  let bench: BrokerBench;
  let atlas: McpAgent;
  let nova: McpAgent;
  let iris: McpAgent;
  beforeEach(async () => {
    bench = await BrokerBench.open();
    [atlas, nova, iris] = [
      await bench.enter('Atlas', era),
      await bench.enter('Nova', era),
      await bench.enter('Iris', era),
    ];
  });
  afterEach(() => bench.stop());

  test('every tool does what it says, and its results are as its schema says', async () => {
    const { tools } = (await atlas.ask('tools/list')) as { tools: readonly ListedTool[] };
    const shown = tools.map(({ name, description, inputSchema }) => ({ name, description, inputSchema }));
    expect(encode(JSON.stringify(shown)).length).toBeLessThanOrEqual(3000);
    const validator = new AjvJsonSchemaValidator();
    const schemas = new Map(tools.map(({ name, outputSchema }) => [name, validator.getValidator(outputSchema)]));
    const used = new Set<string>();

    // eslint-disable-next-line @typescript-eslint/no-explicit-any
    const use = async (who: McpAgent, name: string, args: Record<string, unknown> = {}): Promise<any> => {
      const result = (await who.ask('tools/call', { name, arguments: args })) as ToolResult;
      expect(result.isError, `${name} ${JSON.stringify(args)}: ${result.content[0]?.text ?? ''}`).toBeUndefined();
      expect(
        schemas.get(name)?.(result.structuredContent),
        `${name} ${JSON.stringify(result.structuredContent)}`,
      ).toMatchObject({ valid: true });
      const { waits } = result.structuredContent as { waits?: string };
      const last = result.content[0]?.text.split('\n').at(-1);
      if (waits !== undefined) expect(last).toBe(`Waiting for you: ${waits}.`);
      else expect(last).not.toMatch(/^Waiting for you/);
      used.add(name);
      return result.structuredContent as unknown;
    };

    await use(nova, 'profile', {
      description: 'Reviews parsers',
      capabilities: ['review'],
      tools: [
        {
          name: 'lint',
          description: 'Lints a file.',
          input: { type: 'object', properties: { path: { type: 'string' } } },
        },
      ],
    });
    expect((await use(atlas, 'who', { capability: 'review' })).agents).toMatchObject([{ name: 'Nova' }]);

    const { call } = await use(atlas, 'call', { to: 'Nova', topic: 'Parser', message: 'Have you a minute?', wait: 0 });
    const { thread } = await use(nova, 'answer', { answer: 'accept', message: 'Yes.', wait: 0 });
    expect(call.topic).toBe('Parser');
    await use(atlas, 'send', { text: 'It loses the last line', refs: ['/w/parser.ts:10-12'], wait: 0 });
    expect((await use(nova, 'listen', { wait: 0 })).events).toMatchObject([{ what: 'message' }]);
    expect((await use(nova, 'read', { thread })).messages.length).toBeGreaterThan(2);
    const { call: invitation } = await use(nova, 'open', { invite: ['Iris'], message: 'come in', wait: 0 });
    expect((await use(iris, 'listen', { inbox: true })).calls).toMatchObject([{ id: invitation.id }]);
    await use(iris, 'answer', { answer: 'accept', wait: 0 });
    await use(nova, 'leave', { thread });

    const taken = await use(atlas, 'call', { to: 'Nova', topic: 'Never mind', wait: 0 });
    await use(atlas, 'call', { cancel: taken.call.id });
    const matched = await use(atlas, 'call', {
      capability: 'review',
      topic: 'Another parser',
      urgency: 'now',
      wait: 0,
    });
    expect(matched.call.to).toMatchObject([{ name: 'Nova' }]);
    await use(atlas, 'call', { cancel: matched.call.id });
    const handed = await use(iris, 'leave', { thread, to: 'Nova', reason: 'she knows it' });
    expect(handed.call.to).toMatchObject([{ name: 'Nova' }]);

    const { thread: room } = await use(atlas, 'open', { topic: 'Panel', turns: 'round-robin', message: 'Welcome' });
    expect((await use(iris, 'read', { list: 'rooms' })).threads).toMatchObject([{ id: room.id }]);
    expect((await use(iris, 'open', { join: room.id })).messages.length).toBeGreaterThan(0);
    const { sent } = await use(atlas, 'send', { to: '*', text: 'The build is broken' });
    expect(sent.map(({ to }: { to: string }) => to).sort()).toEqual(['Iris', 'Nova']);
    await use(atlas, 'send', { to: 'Nova', text: 'Only you', topic: 'Private' });

    const { task } = await use(atlas, 'delegate', { to: 'Nova', title: 'Write the tests', text: 'all', wait: 0 });
    expect((await use(nova, 'listen', { inbox: true })).tasks).toMatchObject([{ id: task.id }]);
    const accepted = await use(nova, 'answer', { call: task.id, answer: 'accept' });
    const { fence } = accepted.task as { fence: number };
    await use(nova, 'report', { task: task.id, text: 'half', progress: 0.5, fence });
    expect((await use(atlas, 'read', { list: 'tasks' })).tasks).toMatchObject([{ state: 'working' }]);
    await use(nova, 'report', { task: task.id, state: 'completed', result: { passed: [1, null, 'x'] }, fence });
    expect((await use(atlas, 'read', { task: task.id })).history.length).toBeGreaterThan(2);
    const other = await use(atlas, 'delegate', { to: 'Nova', title: 'Not needed', wait: 0 });
    await use(atlas, 'delegate', { cancel: other.task.id, reason: 'found it' });

    expect((await use(atlas, 'search', { query: 'last line' })).hits.length).toBeGreaterThan(0);
    expect((await use(atlas, 'use_tool')).tools).toMatchObject([
      { agent: 'Nova', name: 'lint', allowed: expect.any(Boolean) },
    ]);
    expect(used.size).toBe(13);
  });
});
