import { describe, expect, it, vi } from 'vitest';
import { testExchange } from '../support/testExchange';

/** Nova has two unread messages of Atlas; `counts` is called when what waits is counted anew for an answer. */
async function twoUnread() {
  const board = testExchange();
  const [atlas, nova] = [await board.join('Atlas'), await board.join('Nova')];
  await atlas.ask('message', { to: 'Nova', text: 'first' });
  await atlas.ask('message', { to: 'Nova', text: 'second' });
  const counts = vi.spyOn(board.broker.deliveries, 'waitingAfter');
  const { signal } = new AbortController();
  const bare = (operation: string, input: object) => board.exchange.ask(nova.connection, operation, input, { signal });
  return { atlas, nova, counts, bare };
}

describe('what an answer says of what waits', () => {
  it('is what its handler counted when it delivers nothing', async () => {
    const { counts, bare } = await twoUnread();
    for (const [operation, input] of [
      ['who', {}],
      ['threads', {}],
      ['message', { to: 'Atlas', text: 'not now' }],
    ] as const) {
      const { output, delivery } = await bare(operation, input);
      expect(delivery, operation).toBeUndefined();
      expect(output, operation).toMatchObject({ waiting: { unread: 2 } });
    }
    expect(counts).not.toHaveBeenCalled();
  });

  it('leaves out what it delivers, once, and counts it again until that was handed over', async () => {
    const { counts, bare } = await twoUnread();
    const first = await bare('listen', { limit: 1 });
    expect(first.delivery).toBeDefined();
    expect(first.output).toMatchObject({ events: [{ message: { content: 'first' } }], waiting: { unread: 1 } });
    expect(counts).toHaveBeenCalledOnce();
    expect((await bare('who', {})).output, 'nobody has confirmed it').toMatchObject({ waiting: { unread: 2 } });
    expect(counts).toHaveBeenCalledOnce();
  });
});
