import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { toParleyError } from '../../src/contract/errors';
import type { ToolRequest } from '../../src/contract/wire';
import type { RunTool } from '../../src/broker/connections';
import { ToolUses } from '../../src/broker/toolUses';
import { settled } from '../support/manualClock';
import { testExchange, type Party } from '../support/testExchange';

async function errorOf(work: Promise<unknown>): Promise<{ code: string; message: string }> {
  try {
    await work;
  } catch (error) {
    const { code, message } = toParleyError(error);
    return { code, message };
  }
  return { code: 'no error', message: '' };
}
const codeOf = async (work: Promise<unknown>): Promise<string> => (await errorOf(work)).code;

const lint = {
  name: 'lint',
  description: 'Checks a file.',
  input: { type: 'object', properties: { file: { type: 'string' } }, required: ['file'], additionalProperties: false },
};

/** Atlas uses what Nova's program offers; `run` is what that program does. */
async function office(
  run: RunTool = () => Promise.resolve({ content: 'fine' }),
  tools: readonly object[] = [lint],
  limits: Parameters<typeof testExchange>[0] = {},
) {
  const all = testExchange(limits);
  const requests: ToolRequest[] = [];
  const useTool: RunTool = (request, options) => {
    requests.push(request);
    return run(request, options);
  };
  const atlas = await all.join('Atlas');
  const nova = await all.join('Nova', { useTool });
  await all.exchange.offer(nova.connection, { tools });
  const offer = (party: Party, offered: unknown): Promise<void> => all.exchange.offer(party.connection, offered);
  const facts = (type: string) => all.journal.filter((event) => event.type === type).map(({ payload }) => payload);
  return { ...all, atlas, nova, requests, offer, facts };
}

const use = (party: Party, args: object = { file: 'a.ts' }, more: object = {}) =>
  party.ask('useTool', { agent: 'Nova', tool: 'lint', args, ...more } as never);

describe('a tool that a program offers', () => {
  it('is listed with its schema, and in who', async () => {
    const { atlas } = await office();
    const { tools } = await atlas.ask('tools', {});
    expect(tools).toEqual([{ agent: 'Nova', ...lint, live: true, allowed: true }]);
    const { agents } = await atlas.ask('who', { agent: 'Nova' });
    expect(agents[0]?.tools).toEqual([{ name: 'lint', description: 'Checks a file.' }]);
  });

  it('is run with checked arguments, journaled before and after; the result is not', async () => {
    const { atlas, requests, facts } = await office(() => {
      expect(facts('tool.used')).toHaveLength(1);
      return Promise.resolve({ content: 'two warnings', structured: { warnings: ['a', 'b'] } });
    });
    const used = await use(atlas);
    expect(used).toMatchObject({
      result: { content: 'two warnings', structured: { warnings: ['a', 'b'] } },
      isError: false,
    });
    expect(requests).toMatchObject([
      { use: used.use, tool: 'lint', args: { file: 'a.ts' }, timeout: 60_000, byName: 'Atlas', byKind: 'agent' },
    ]);
    expect(facts('tool.used')).toMatchObject([
      { use: used.use, by: atlas.id, tool: 'lint', args: { file: 'a.ts' }, bytes: 15 },
    ]);
    expect(facts('tool.ended')).toMatchObject([{ use: used.use, outcome: 'ok' }]);
    expect(JSON.stringify(facts('tool.ended'))).not.toContain('warnings');
  });

  it('has long arguments journaled as their hash', async () => {
    const { atlas, facts } = await office();
    const args = { file: 'x'.repeat(5000) };
    await use(atlas, args);
    const hash = createHash('sha256').update(JSON.stringify(args)).digest('hex');
    expect(facts('tool.used')).toMatchObject([{ hash, bytes: 5011 }]);
    expect(facts('tool.used')[0]).not.toHaveProperty('args');
  });

  it('is unknown once its program has gone', async () => {
    const { atlas, nova } = await office();
    nova.connection.close(false);
    expect(await errorOf(use(atlas))).toEqual({
      code: 'unknown_tool',
      message: 'Nova offers no tool "lint". It offers none.',
    });
  });

  it('is run by the connection that offered it last', async () => {
    const { atlas, nova, party, offer } = await office(() => Promise.resolve({ content: 'first' }));
    const second = party(nova.token, { seat: false, useTool: () => Promise.resolve({ content: 'second' }) });
    await offer(second, { tools: [lint] });
    expect((await use(atlas)).result.content).toBe('second');
    second.connection.close(false);
    expect((await use(atlas)).result.content).toBe('first');
  });

  it.each([
    [{}, 'the whole must have required property'],
    [{ file: 1 }, '/file must be string'],
    [{ file: 'a', line: 1 }, 'the whole must NOT have additional properties'],
  ])('is not run with %j', async (args, problem) => {
    const { atlas, requests, journal } = await office();
    const before = journal.length;
    const { code, message } = await errorOf(use(atlas, args));
    expect(code).toBe('bad_tool_args');
    expect(message).toContain(problem);
    expect([requests.length, journal.length - before]).toEqual([0, 0]);
  });

  it('is not run with arguments of more than 64 KiB', async () => {
    const { atlas } = await office();
    expect(await codeOf(use(atlas, { file: 'x'.repeat(64 * 1024) }))).toBe('tool_args_too_large');
  });
});

describe('a tool that misbehaves', () => {
  it('by hanging is stopped at its time, and told to stop', async () => {
    let stopped = false;
    const hang: RunTool = (_request, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          stopped = true;
          reject(new Error('abandoned'));
        });
      });
    const { atlas, clock, facts } = await office(hang);
    const using = errorOf(use(atlas, undefined, { timeout: 3 }));
    await clock.advance(2_999);
    expect(stopped).toBe(false);
    await clock.advance(1);
    expect((await using).message).toBe(
      'The tool "lint" has not answered within 3 s and was told to stop. It may have done part of its work.',
    );
    expect(stopped).toBe(true);
    expect(facts('tool.ended')).toMatchObject([{ outcome: 'timeout', milliseconds: 3000 }]);
  });

  it('by hanging gets 60 s when nobody says how long', async () => {
    const { atlas, clock } = await office(
      (_request, { signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(new Error('abandoned')));
        }),
    );
    const using = codeOf(use(atlas));
    await clock.advance(60_000);
    expect(await using).toBe('tool_timeout');
  });

  it('by dying in the middle is told as gone', async () => {
    const { atlas, facts } = await office(() => Promise.reject(new Error('the connection ended')));
    expect(await codeOf(use(atlas))).toBe('tool_gone');
    expect(facts('tool.ended')).toMatchObject([{ outcome: 'gone' }]);
  });

  it.each([
    [undefined],
    [null],
    ['fine'],
    [{}],
    [{ content: 1 }],
    [{ content: 'a', isError: 'yes' }],
    [{ content: 'a', structured: { f: () => 1 } }],
  ])('by answering %j is told as such', async (answer) => {
    const { atlas, facts } = await office(() => Promise.resolve(answer));
    expect(await codeOf(use(atlas))).toBe('bad_tool_result');
    expect(facts('tool.ended')).toMatchObject([{ outcome: 'invalid' }]);
  });

  it('by answering more than 256 KiB is refused', async () => {
    const { atlas, facts } = await office(() => Promise.resolve({ content: 'x'.repeat(256 * 1024) }));
    expect(await codeOf(use(atlas))).toBe('tool_result_too_large');
    expect(facts('tool.ended')).toMatchObject([{ outcome: 'too_large', bytes: 256 * 1024 + 14 }]);
  });

  it('that says itself that it failed is answered as failed, not as an error of ours', async () => {
    const { atlas, facts } = await office(() => Promise.resolve({ content: 'no such file', isError: true }));
    expect(await use(atlas)).toMatchObject({ result: { content: 'no such file' }, isError: true });
    expect(facts('tool.ended')).toMatchObject([{ outcome: 'error' }]);
  });
});

describe('using a tool', () => {
  it('hands progress through to who uses it', async () => {
    const told: unknown[] = [];
    const { atlas, exchange } = await office(async (_request, { progress }) => {
      progress({ text: 'half', progress: 0.5 });
      progress({ text: 1, progress: 7 });
      progress('nonsense');
      await Promise.resolve();
      return { content: 'done' };
    });
    const { signal } = new AbortController();
    const input = { agent: 'Nova', tool: 'lint', args: { file: 'a' } };
    const progress = (text: string, fraction?: number): void => void told.push([text, fraction]);
    await exchange.ask(atlas.connection, 'useTool', input, { signal, progress });
    expect(told).toEqual([
      ['half', 0.5],
      ['', 1],
      ['', undefined],
    ]);
  });

  it('stops the tool when it is cancelled', async () => {
    let stopped = false;
    const { atlas, facts } = await office(
      (_request, { signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            stopped = true;
            reject(new Error('abandoned'));
          });
        }),
    );
    const cancel = new AbortController();
    const using = atlas.ask('useTool', { agent: 'Nova', tool: 'lint', args: { file: 'a' }, key: 'k' }, cancel.signal);
    await settled();
    cancel.abort();
    expect(await using).toMatchObject({ isError: true, result: { content: 'The use of the tool was cancelled.' } });
    expect(stopped).toBe(true);
    expect(facts('tool.ended')).toMatchObject([{ outcome: 'cancelled' }]);
  });

  it('runs it once for a key, also when the connection went under it and another asks again', async () => {
    let finish: (answer: object) => void = () => undefined;
    const { atlas, party, requests, clock } = await office(() => new Promise((resolve) => (finish = resolve)));
    const cut = new AbortController();
    const first = atlas.ask('useTool', { agent: 'Nova', tool: 'lint', args: { file: 'a' }, key: 'k' }, cut.signal);
    await settled();
    // As the door does when a socket closes.
    cut.abort();
    atlas.connection.close();
    await clock.advance(5_000);
    const back = party(atlas.token);
    const again = use(back, { file: 'a' }, { key: 'k' });
    await clock.advance(10_000);
    finish({ content: 'only once' });
    expect((await again).result.content).toBe('only once');
    expect((await first).result.content).toBe('only once');
    expect((await use(back, { file: 'a' }, { key: 'k' })).result.content).toBe('only once');
    expect(requests).toHaveLength(1);
    expect(await codeOf(use(back, { file: 'b' }, { key: 'k' }))).toBe('key_conflict');
  });

  it('that nobody comes back for is stopped after ten seconds', async () => {
    let stopped = false;
    const { atlas, clock } = await office(
      (_request, { signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            stopped = true;
            reject(new Error('abandoned'));
          });
        }),
    );
    const cut = new AbortController();
    const using = atlas.ask('useTool', { agent: 'Nova', tool: 'lint', args: { file: 'a' }, key: 'k' }, cut.signal);
    await settled();
    cut.abort();
    atlas.connection.close();
    await clock.advance(9_999);
    expect(stopped).toBe(false);
    await clock.advance(1);
    expect(stopped).toBe(true);
    await using;
  });

  it('that a broker before this one left open is ended in the journal as lost', async () => {
    const { atlas, nova, broker, facts } = await office();
    const payload = { use: 'old', by: atlas.id, owner: nova.id, tool: 'lint', bytes: 1 };
    broker.board.run((step) => step.emit({ type: 'tool.used', payload }));
    broker.uses.start();
    expect(facts('tool.ended')).toMatchObject([{ use: 'old', outcome: 'lost' }]);
    expect(broker.state.uses.size).toBe(0);
  });

  it('with the key of a use under a broker before this one runs nothing, and says that nobody knows', async () => {
    const { atlas, nova, broker, clock, requests } = await office();
    await use(atlas, { file: 'a' }, { key: 'k' });
    const restarted = new ToolUses(broker.board, clock, (agent) => agent);
    const [offer] = broker.offers.of(nova.id);
    const [asker] = broker.connections.of(atlas.id);
    if (!offer || !asker) throw new Error('nothing is offered');
    const { signal } = new AbortController();
    const wish = { by: atlas.id, asker, owner: nova.id, offer, args: { file: 'a' }, timeout: 1000, key: 'k', signal };
    expect(await codeOf(restarted.use(wish))).toBe('tool_use_lost');
    expect(requests).toHaveLength(1);
  });

  it('is bounded for each owner', async () => {
    const { atlas } = await office(() => new Promise(() => undefined), [lint], { toolUses: 3 });
    for (let count = 0; count < 3; count++) void use(atlas);
    await settled();
    expect(await codeOf(use(atlas))).toBe('too_many_uses');
  });

  it('counts against the rate', async () => {
    const { atlas } = await office(undefined, [lint], { messageBurst: 1 });
    await use(atlas);
    expect(await codeOf(use(atlas))).toBe('rate_limited');
  });
});

describe('what may be offered', () => {
  it.each([
    ['a name with a space', { name: 'two words' }],
    ['no name', { name: '' }],
    ['a schema of another type', { input: { type: 'string' } }],
    ['a schema of no type', { input: {} }],
    ['a type that there is not', { input: { type: 'object', properties: { a: { type: 'nonsense' } } } }],
    ['a pattern that is none', { input: { type: 'object', properties: { a: { type: 'string', pattern: '(' } } } }],
    ['a reference to the network', { input: { type: 'object', properties: { a: { $ref: 'http://localhost:1/a' } } } }],
    ['a reference to a file', { input: { type: 'object', allOf: [{ $ref: 'file:///etc/passwd' }] } }],
    ['a reference to nothing', { input: { type: 'object', allOf: [{ $ref: '#/$defs/none' }] } }],
    ['a draft that nobody knows', { input: { $schema: 'https://example.com/schema', type: 'object' } }],
    ['a schema of more than 16 KiB', { input: { type: 'object', description: 'x'.repeat(16 * 1024) } }],
    ['a description of more than 1,024 characters', { description: 'x'.repeat(1025) }],
    ['two required of one name', { input: { type: 'object', required: ['a', 'a'] } }],
  ])('is not %s', async (_what, change) => {
    const { nova, offer, atlas } = await office();
    expect(await codeOf(offer(nova, { tools: [{ ...lint, ...change }] }))).toBe('bad_tool');
    // What was offered before still is.
    expect((await use(atlas)).result.content).toBe('fine');
  });

  it('is not a schema nested without end, nor one with more tools than are taken, nor two of one name', async () => {
    const { nova, offer } = await office();
    let deep: object = { type: 'string' };
    for (let level = 0; level < 100; level++) deep = { type: 'array', items: deep };
    expect(await codeOf(offer(nova, { tools: [{ ...lint, input: { type: 'object', properties: { deep } } }] }))).toBe(
      'bad_input',
    );
    const many = Array.from({ length: 65 }, (_, number) => ({ ...lint, name: `tool${number}` }));
    expect(await codeOf(offer(nova, { tools: many }))).toBe('bad_tool');
    await offer(nova, { tools: many.slice(1) });
    expect(await codeOf(offer(nova, { tools: [lint, lint] }))).toBe('bad_tool');
    expect(await codeOf(offer(nova, { tools: 'all' }))).toBe('bad_input');
  });

  it('is a schema with keywords of every kind, which then holds', async () => {
    const { atlas, nova, offer } = await office();
    const input = {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      properties: { file: { type: 'string', pattern: '^[a-z]+\\.ts$' }, more: { $ref: '#/$defs/more' } },
      $defs: { more: { anyOf: [{ type: 'null' }, { type: 'integer', multipleOf: 2 }] } },
      required: ['file'],
    };
    await offer(nova, { tools: [{ ...lint, input }] });
    expect((await use(atlas, { file: 'a.ts', more: 4 })).result.content).toBe('fine');
    expect(await codeOf(use(atlas, { file: 'A.ts' }))).toBe('bad_tool_args');
    expect(await codeOf(use(atlas, { file: 'a.ts', more: 3 }))).toBe('bad_tool_args');
  });

  it('may lie about what it costs: arguments that would take for ever are refused in half a second, and nobody else waits longer', async () => {
    const { atlas, nova, offer } = await office();
    const input = { type: 'object', properties: { file: { type: 'string', pattern: '^(a+)+$' } } };
    await offer(nova, { tools: [{ ...lint, input }] });
    const began = performance.now();
    const { code, message } = await errorOf(use(atlas, { file: `${'a'.repeat(64)}b` }));
    expect(code).toBe('bad_tool');
    expect(message).toContain('takes too long');
    expect(performance.now() - began).toBeLessThan(10_000);
  }, 60_000);
});

describe('who may use what', () => {
  it('is every agent of this machine, until the person says otherwise; the person may all', async () => {
    const { atlas, join, person } = await office();
    const echo = await join('Echo');
    const kim = person();
    expect((await use(echo)).isError).toBe(false);
    await kim.ask('allowTool', { agent: 'Echo', owner: 'Nova', tool: 'lint', allow: false });
    const refused = await errorOf(use(echo));
    expect(refused.code).toBe('tool_not_allowed');
    expect(refused.message).toContain('The person can allow it');
    expect((await echo.ask('tools', {})).tools).toMatchObject([{ name: 'lint', allowed: false }]);
    expect((await use(atlas)).isError).toBe(false);
    expect((await use(kim)).isError).toBe(false);
    await kim.ask('allowTool', { agent: 'Echo', owner: 'Nova', tool: 'lint', allow: null });
    expect((await use(echo)).isError).toBe(false);
  });

  it('follows the rule that names most, and of equals the one that forbids', async () => {
    const { atlas, person } = await office();
    const kim = person();
    await kim.ask('allowTool', { allow: false });
    expect(await codeOf(use(atlas))).toBe('tool_not_allowed');
    await kim.ask('allowTool', { agent: 'Atlas', allow: true });
    expect((await use(atlas)).isError).toBe(false);
    await kim.ask('allowTool', { tool: 'lint', allow: false });
    expect(await codeOf(use(atlas))).toBe('tool_not_allowed');
    const { rules } = await kim.ask('allowTool', { agent: 'Atlas', tool: 'lint', allow: true });
    expect((await use(atlas)).isError).toBe(false);
    expect(rules).toEqual([
      { allow: false },
      { agent: 'Atlas', allow: true },
      { tool: 'lint', allow: false },
      { agent: 'Atlas', tool: 'lint', allow: true },
    ]);
  });

  it('is for the person to say', async () => {
    const { atlas, person } = await office();
    expect(await codeOf(atlas.ask('allowTool', { allow: true }))).toBe('forbidden');
    expect(await codeOf(person().ask('allowTool', { agent: 'Nobody', allow: true }))).toBe('unknown_agent');
    expect((await person().ask('allowTool', {})).rules).toEqual([]);
  });
});

describe('a tool that only stands on a card', () => {
  it('becomes a task with the checked arguments, and its result is the answer of who waits', async () => {
    const { atlas, join, facts } = await office();
    const echo = await join('Echo');
    await echo.ask('profile', { tools: [lint] });
    expect((await atlas.ask('tools', { agent: 'Echo' })).tools).toMatchObject([{ name: 'lint', live: false }]);
    const wrong = atlas.ask('useTool', { agent: 'Echo', tool: 'lint', args: { file: 1 } });
    expect(await codeOf(wrong)).toBe('bad_tool_args');
    const using = atlas.ask('useTool', { agent: 'Echo', tool: 'lint', args: { file: 'a.ts' }, wait: 60 });
    await settled();
    const { tasks } = await echo.ask('tasks', { mine: 'taken' });
    expect(tasks).toMatchObject([{ title: 'Use the tool lint', tool: 'lint', args: { file: 'a.ts' }, offered: true }]);
    await echo.ask('report', { task: tasks[0]?.id ?? '', state: 'completed', text: 'clean', result: { warnings: 0 } });
    const used = await using;
    expect(used).toMatchObject({
      result: { content: 'clean', structured: { warnings: 0 } },
      isError: false,
      task: { state: 'completed' },
    });
    expect(facts('tool.used')).toMatchObject([{ use: used.use, task: used.task?.id, tool: 'lint' }]);
    expect(facts('tool.ended')).toMatchObject([{ use: used.use, outcome: 'task' }]);
  });

  it('says when the task is not over yet, and when it failed', async () => {
    const { atlas, join } = await office();
    const echo = await join('Echo');
    await echo.ask('profile', { tools: [lint] });
    const input = { agent: 'Echo', tool: 'lint', args: { file: 'a.ts' }, key: 'k' };
    const used = await atlas.ask('useTool', input);
    expect(used).toMatchObject({ result: { content: 'It is a task for Echo now: submitted.' }, isError: false });
    await echo.ask('answer', { call: used.use, answer: 'decline', reason: 'no lint here' });
    const again = await atlas.ask('useTool', input);
    expect(again).toMatchObject({ use: used.use, result: { content: 'no lint here' }, isError: true });
  });
});
