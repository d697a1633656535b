import { describe, expect, it } from 'vitest';
import type { RunTool } from '../../src/broker/connections';
import { toParleyError } from '../../src/contract/errors';
import type { ToolCard } from '../../src/core/model';
import { settled } from '../support/manualClock';
import { testExchange } from '../support/testExchange';

const minute = 60_000;

/** Limits that need the running broker; the others are proved with the rules. */
describe('wakesPerHour', () => {
  it('wakes an agent so often in an hour and not once more; an hour later it wakes again', async () => {
    const { join, party, clock } = testExchange({ wakesPerHour: 2, watchdogAsync: Infinity });
    const [atlas, nova] = [await join('Atlas'), await join('Nova')];
    nova.connection.close(false);
    let wakes = 0;
    const ring = () => {
      wakes++;
      return Promise.resolve({ result: 'written' as const });
    };
    const awake = party(nova.token, { ringers: ['claude-inbox'], ring });
    const write = async (text: string): Promise<void> => {
      await atlas.ask('message', { to: 'Nova', text });
      await settled();
      // It asks for something: it is awake, and the next message may wake it again.
      await awake.ask('listen', {});
      await clock.advance(10 * minute);
    };
    await write('one');
    await write('two');
    expect(wakes).toBe(2);
    await write('three');
    expect(wakes).toBe(2);
    await clock.advance(60 * minute);
    await write('four');
    expect(wakes).toBe(3);
  });
});

describe('a tool', () => {
  const card = (name: string, input: object = { type: 'object' }): ToolCard => ({ name, description: '', input });

  /** A tool that goes on until it is told to stop. */
  const untilStopped: RunTool = (_request, { signal }) =>
    new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))));

  async function offering(
    limits: Parameters<typeof testExchange>[0],
    answer: RunTool = () => Promise.resolve({ content: '' }),
  ) {
    const board = testExchange(limits);
    const [atlas, nova] = [await board.join('Atlas'), await board.join('Nova')];
    const person = board.person();
    await person.ask('allowTool', { tool: '*', allow: true });
    const { connection } = board.party(nova.token, { useTool: answer });
    const offer = (...tools: ToolCard[]): Promise<string> =>
      board.exchange.offer(connection, { tools }).then(
        () => 'taken',
        (error: unknown) => toParleyError(error).code,
      );
    const use = (): Promise<unknown> =>
      atlas.ask('useTool', { agent: 'Nova', tool: 'lint', args: {} }).catch(toParleyError);
    return { ...board, offer, use };
  }

  it('is one of so many that an agent offers: toolsOffered', async () => {
    const { offer } = await offering({ toolsOffered: 2 });
    expect(await offer(card('a'), card('b'))).toBe('taken');
    expect(await offer(card('a'), card('b'), card('c'))).toBe('bad_tool');
  });

  it('has a schema of so many bytes: toolSchemaBytes', async () => {
    const schema = { type: 'object', title: 'x' };
    const bytes = JSON.stringify(schema).length;
    const { offer } = await offering({ toolSchemaBytes: bytes });
    expect(await offer(card('a', schema))).toBe('taken');
    expect(await offer(card('a', { ...schema, title: 'xx' }))).toBe('bad_tool');
  });

  it('answers so many bytes: toolResultBytes', async () => {
    const answer = { content: 'x' };
    const bytes = JSON.stringify(answer).length;
    let content = 'x';
    const { offer, use } = await offering({ toolResultBytes: bytes }, () => Promise.resolve({ content }));
    await offer(card('lint'));
    expect(await use()).toMatchObject({ result: { content: 'x' } });
    content = 'xx';
    expect(await use()).toMatchObject({ code: 'tool_result_too_large' });
  });

  it('may take so long: toolTimeout', async () => {
    const { offer, use, clock } = await offering({ toolTimeout: 5000 }, untilStopped);
    await offer(card('lint'));
    let ended: unknown;
    void use().then((answer) => (ended = answer));
    await settled();
    await clock.advance(4999);
    expect(ended).toBeUndefined();
    await clock.advance(1);
    expect(ended).toMatchObject({ code: 'tool_timeout' });
  });

  it('runs so often at once at one agent: toolUses', async () => {
    const { offer, use } = await offering({ toolUses: 2 }, untilStopped);
    await offer(card('lint'));
    void use();
    void use();
    await settled();
    expect(await use()).toMatchObject({ code: 'too_many_uses', facts: { limit: 2 } });
  });
});
