import { encode } from 'gpt-tokenizer/encoding/o200k_base';
import { describe, expect, test } from 'vitest';
import { operations } from '../../../src/contract/operations';
import { isToolOperation } from '../../../src/mcp/answers';
import { instructions } from '../../../src/mcp/instructions';
import { tools } from '../../../src/mcp/tools';
import { inputSchema, outputSchema, withoutBlanks } from '../../../src/mcp/toolSchema';

const planOf = (name: string, args: Record<string, unknown>, workspace?: string) => {
  const tool = tools.find((candidate) => candidate.name === name);
  if (!tool) throw new Error(`no tool ${name}`);
  return tool.plan(tool.input.parse(args), { workspace });
};

test('the tools of a phone, and no others', () => {
  expect(tools.map(({ name }) => name)).toEqual([
    'who',
    'call',
    'answer',
    'send',
    'listen',
    'read',
    'leave',
    'profile',
    'search',
    'open',
    'delegate',
    'report',
    'use_tool',
  ]);
});

test('name, description and input schema of all together cost at most 3,000 tokens', () => {
  const listed = tools.map(({ name, description, input }) => ({ name, description, inputSchema: inputSchema(input) }));
  const cost = encode(JSON.stringify(listed)).length;
  console.log(`tools: ${cost} tokens; instructions: ${encode(instructions).length} tokens`);
  expect(cost).toBeLessThanOrEqual(3000);
});

test('every annotation is given; only another agent’s tool may destroy or reach out', () => {
  for (const { name, annotations } of tools) {
    expect(Object.keys(annotations).sort(), name).toEqual([
      'destructiveHint',
      'idempotentHint',
      'openWorldHint',
      'readOnlyHint',
    ]);
    expect([annotations.destructiveHint, annotations.openWorldHint], name).toEqual(
      name === 'use_tool' ? [true, true] : [false, false],
    );
  }
  const asksNothing = tools.filter(({ annotations }) => annotations.readOnlyHint).map(({ name }) => name);
  expect(asksNothing).toEqual(['who', 'listen', 'read', 'search']);
});

test('schemas have nothing that a client would have to fetch, and inputs allow what models add', () => {
  for (const { input, output } of tools) {
    const text = JSON.stringify([inputSchema(input), outputSchema(output)]);
    expect(text).not.toContain('$ref');
    expect(text).not.toContain('$schema');
    expect(inputSchema(input).type).toBe('object');
    expect(inputSchema(input)).not.toHaveProperty('additionalProperties');
  }
});

describe('every plan is input that its operation takes', () => {
  const cases: [string, Record<string, unknown>, string][] = [
    ['who', { capability: 'review', status: 'available' }, 'who'],
    ['call', { to: 'Nova', topic: 'Review', message: 'hi', urgency: 'now', refs: ['/w/a.ts:1-3'] }, 'call'],
    ['call', { to: ['Nova', 'Iris'], topic: 'Review' }, 'call'],
    ['call', { cancel: '01CALL' }, 'cancel'],
    ['answer', { answer: 'accept', message: 'hi' }, 'answer'],
    ['answer', { answer: 'decline', reason: 'busy', call: '01CALL' }, 'answer'],
    ['send', { text: 'hello' }, 'send'],
    ['send', { text: 'hello', thread: '01THREAD', replyTo: '01MESSAGE' }, 'send'],
    ['send', { text: 'hello', to: 'Nova', topic: 'Later' }, 'message'],
    ['listen', { wait: 5, limit: 3 }, 'listen'],
    ['listen', { inbox: true }, 'inbox'],
    ['read', { thread: '01THREAD', after: 3, skip: 10 }, 'read'],
    ['read', {}, 'read'],
    ['read', { list: 'threads' }, 'threads'],
    ['read', { list: 'rooms' }, 'threads'],
    ['read', { list: 'tasks' }, 'tasks'],
    ['read', { task: '01TASK' }, 'task'],
    ['leave', { close: true }, 'leave'],
    ['leave', { to: 'Iris', reason: 'she knows the parser' }, 'transfer'],
    ['call', { capability: 'review', topic: 'The parser', message: 'hi' }, 'match'],
    ['call', { topic: 'The parser' }, 'match'],
    ['call', { to: 'Nova', topic: 'Review', callBack: true }, 'call'],
    ['send', { text: 'hello', to: '*' }, 'broadcast'],
    ['send', { text: 'hello', capability: 'review' }, 'broadcast'],
    ['search', { query: 'parser "last line"', agent: 'Nova', limit: 5 }, 'search'],
    ['open', { topic: 'Panel', turns: 'round-robin', invite: ['Nova'], closedToNewcomers: true }, 'open'],
    ['open', { join: '01THREAD' }, 'join'],
    ['open', { invite: ['Nova'], message: 'come in' }, 'invite'],
    ['delegate', { to: 'Nova', title: 'Write the tests', text: 'all of them', deadline: 60 }, 'delegate'],
    ['delegate', { cancel: '01TASK', reason: 'done already' }, 'cancelTask'],
    ['report', { task: '01TASK', state: 'completed', result: { passed: 3 }, fence: 1 }, 'report'],
    ['report', { task: '01TASK', input: 'the second one' }, 'report'],
    ['use_tool', {}, 'tools'],
    ['use_tool', { agent: 'Nova', tool: 'lint', args: { path: 'a.ts' } }, 'useTool'],
    ['profile', { tools: [{ name: 'lint', description: 'Lints.', input: { type: 'object' } }] }, 'profile'],
    ['profile', { presence: 'busy', capabilities: ['review'] }, 'profile'],
  ];
  test.each(cases)('%s %j', (name, args, operation) => {
    const plan = planOf(name, args);
    expect(plan.operation).toBe(operation);
    const strict = operations[plan.operation].input.strict();
    expect(strict.safeParse(plan.input).error).toBeUndefined();
  });
});

test('call, send in a thread and listen wait by default; leaving a message and a bare answer do not', () => {
  expect(planOf('call', { to: 'Nova', topic: 'x' }).waits).toBe(true);
  expect(planOf('send', { text: 'x' }).waits).toBe(true);
  expect(planOf('listen', {}).waits).toBe(true);
  expect(planOf('answer', { answer: 'accept', message: 'x' }).waits).toBe(true);
  expect(planOf('answer', { answer: 'accept' }).waits).toBe(false);
  expect(planOf('send', { text: 'x', to: 'Nova' }).waits).toBe(false);
  expect(planOf('listen', { cursor: 3 }).waits).toBe(false);
});

test('a place in the code may be given as path and lines; a relative one is taken from the workspace', () => {
  expect(planOf('send', { text: 'x', refs: ['src/a.ts:10-12', 'https://x.test/y'] }, '/w/app').input['refs']).toEqual([
    {
      uri: 'file:///w/app/src/a.ts',
      range: { start: { line: 9, character: 0 }, end: { line: 12, character: 0 } },
    },
    { uri: 'https://x.test/y' },
  ]);
});

test('every operation of this door is reached by a tool', () => {
  const offered = Object.entries(operations)
    .filter(([, { doors }]) => doors.some((door) => door === 'mcp'))
    .map(([name]) => name);
  expect(offered.filter((name) => !isToolOperation(name))).toEqual([]);
});

test('null and empty arguments are the same as none', () => {
  expect(withoutBlanks({ a: null, b: '', c: 0, d: false, e: 'x' })).toEqual({ c: 0, d: false, e: 'x' });
});

test('the first line of the instructions says alone what Parley is for and when to use it', () => {
  const lines = instructions.split('\n');
  expect(lines).toHaveLength(10);
  expect(lines[0]).toMatch(/agents.*call.*answer/s);
  expect(lines[0]?.length).toBeLessThan(250);
});
