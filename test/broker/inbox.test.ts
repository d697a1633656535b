import { describe, expect, it } from 'vitest';
import type { Input, OperationName, Output } from '../../src/contract/operations';
import { toParleyError } from '../../src/contract/errors';
import { settled } from '../support/manualClock';
import { testExchange, type Party } from '../support/testExchange';

/** Bytes of one answer for a model. */
const budget = 24 * 1024;

/** Asks as a model's client does: with a budget, and confirming what came. */
function modelOf({ exchange }: Pick<ReturnType<typeof testExchange>, 'exchange'>, { connection }: Party) {
  return async <N extends OperationName>(operation: N, input: Input<N>, isConfirmed = true): Promise<Output<N>> => {
    const { signal } = new AbortController();
    const { output, delivery } = await exchange.ask(connection, operation, input, { signal, budget });
    if (delivery !== undefined && isConfirmed) exchange.confirm(connection, [delivery], 'test');
    return output as Output<N>;
  };
}

describe('an inbox of 10,000 items', () => {
  it('is told in order, each exactly once, in answers of bounded size; it takes no more until something was read', async () => {
    const board = testExchange();
    const nova = await board.join('Nova');
    const kim = board.person();
    const ask = modelOf(board, nova);
    for (let index = 0; index < 10_000; index++) {
      await kim.ask('message', { to: 'Nova', topic: `Topic ${index % 100}`, text: `message ${index}` });
    }
    const full = await kim.ask('message', { to: 'Nova', text: 'one more' }).catch(toParleyError);
    expect(full).toMatchObject({ code: 'inbox_full', facts: { limit: 10_000 } });

    // The inbox in pages: each thread once, each page within the budget, the rest counted.
    const topics: string[] = [];
    for (let more = 1; more > 0;) {
      const page = await ask('inbox', { skip: topics.length });
      expect(JSON.stringify(page.threads).length).toBeLessThanOrEqual(budget);
      expect(page.threads.length).toBeGreaterThan(0);
      topics.push(...page.threads.map(({ topic }) => topic));
      more = page.more ?? 0;
      expect(topics.length + more).toBe(100);
    }
    expect(new Set(topics).size).toBe(100);

    // Told, but never handed over: it comes again.
    const lost = await ask('listen', { limit: 50 }, false);
    expect(lost.events).toHaveLength(50);
    const texts: string[] = [];
    let slowest = 0;
    for (let more = 1; more > 0;) {
      const from = performance.now();
      const heard = await ask('listen', { limit: 200 });
      slowest = Math.max(slowest, performance.now() - from);
      const messages = heard.events.flatMap((event) =>
        event.what === 'message' && event.message.type === 'message' ? [event.message] : [],
      );
      const bytes = messages.reduce((sum, { content }) => sum + content.length, 0);
      expect(bytes).toBeLessThanOrEqual(budget);
      texts.push(...messages.map(({ content }) => content));
      more = heard.more;
    }
    expect(texts).toEqual(Array.from({ length: 10_000 }, (_, index) => `message ${index}`));
    expect((await ask('listen', {})).events).toEqual([]);
    expect((await ask('inbox', {})).threads).toEqual([]);
    await kim.ask('message', { to: 'Nova', text: 'one more' });
    // Generous: two processors are shared with other tests.
    expect(slowest).toBeLessThan(2000);
  }, 120_000);
});

describe('after its context is lost', () => {
  it('an agent reads again from an earlier cursor, which moves nothing', async () => {
    const board = testExchange();
    const [atlas, nova] = [await board.join('Atlas'), await board.join('Nova')];
    const ask = modelOf(board, nova);
    const { cursor: before } = await ask('listen', {});
    for (let index = 0; index < 10; index++) await atlas.ask('message', { to: 'Nova', text: `message ${index}` });
    const first = await ask('listen', {});
    const again = await ask('listen', { cursor: before, limit: 4 });
    expect(again.events).toEqual(first.events.slice(0, 4));
    expect(again.more).toBe(first.events.length - 4);
    const rest = await ask('listen', { cursor: again.cursor });
    expect([...again.events, ...rest.events]).toEqual(first.events);
    await atlas.ask('message', { to: 'Nova', text: 'new' });
    expect((await ask('listen', {})).events).toMatchObject([{ message: { content: 'new' } }]);
  });

  it('a cursor from before what is kept is refused with what waits, and how to go on', async () => {
    const board = testExchange();
    const [atlas, nova] = [await board.join('Atlas'), await board.join('Nova')];
    const ask = modelOf(board, nova);
    await atlas.ask('message', { to: 'Nova', text: 'old' });
    const { cursor } = await ask('listen', {});
    await board.clock.advance(8 * 24 * 3_600_000);
    await atlas.ask('message', { to: 'Nova', text: 'fresh' });
    const refused = await ask('listen', { cursor: 1 }).catch(toParleyError);
    expect(refused).toMatchObject({ code: 'cursor_expired', facts: { calls: 0, unread: 1 } });
    const goOn = Number('facts' in refused ? refused.facts['cursor'] : 0);
    expect(goOn).toBeGreaterThanOrEqual(cursor);
    expect((await ask('listen', { cursor: goOn })).events).toMatchObject([{ message: { content: 'fresh' } }]);
  });
});

describe('a wait', () => {
  it('of listen ends for a call that waits, which is told once', async () => {
    const board = testExchange();
    const [atlas, nova] = [await board.join('Atlas'), await board.join('Nova')];
    await nova.ask('profile', { presence: 'busy' });
    const waiting = nova.ask('listen', { wait: 60 });
    await settled();
    await atlas.ask('call', { to: 'Nova', topic: 'When you are free' });
    expect((await waiting).events).toMatchObject([{ what: 'call', call: { to: [{ state: 'queued' }] } }]);
    expect((await nova.ask('listen', {})).events).toEqual([]);
  });
});
