import { describe, expect, it } from 'vitest';
import { testExchange } from '../support/testExchange';

const minute = 60_000;
const hour = 60 * minute;

describe('a sleep of the machine', () => {
  it('is not time in which a call rings: it rings on for ten seconds at least, then is missed', async () => {
    const { join, clock } = testExchange();
    const [atlas, nova] = [await join('Atlas'), await join('Nova')];
    const { call } = await atlas.ask('call', { to: 'Nova', topic: 'Lunch?', wait: 0 });
    const ringing = async (): Promise<string | undefined> => {
      const inbox = await nova.ask('inbox', {});
      return inbox.calls.find(({ id }) => id === call.id)?.to[0]?.state;
    };
    await clock.advance(119_000);
    clock.sleep(8 * hour);
    await clock.advance(9_000);
    expect(await ringing()).toBe('ringing');
    await clock.advance(3_000);
    expect(await ringing()).toBe('missed');
  });

  it('is not absence, nor silence in a thread; half an hour of either while awake is', async () => {
    const { join, clock } = testExchange();
    const [atlas, nova] = [await join('Atlas'), await join('Nova')];
    const { call } = await atlas.ask('call', { to: 'Nova', topic: 'Lunch?', wait: 0 });
    const { thread } = await nova.ask('answer', { call: call.id, answer: 'accept' });
    const state = async (): Promise<string> => (await atlas.ask('read', { thread: thread ?? '' })).thread.state;
    await clock.advance(20 * minute);
    nova.connection.close(true);
    clock.sleep(8 * hour);
    await clock.advance(29 * minute);
    expect(await state()).toBe('open');
    await clock.advance(3 * minute);
    expect(await state()).toBe('closed');
  });
});
