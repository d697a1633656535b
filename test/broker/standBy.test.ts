import { describe, expect, it } from 'vitest';
import type { RingAnswer, RingRequest, StandBy } from '../../src/contract/wire';
import { settled } from '../support/manualClock';
import { testExchange } from '../support/testExchange';

const minute = 60_000;

/** A window of the person that stands by for Nova with these ringers. */
async function standingBy(
  ringers: readonly string[],
  { own, answer = { result: 'written' } }: { readonly own?: RingAnswer; readonly answer?: RingAnswer } = {},
) {
  const made = testExchange();
  const rings: RingRequest[] = [];
  const nova = await made.join(
    'Nova',
    own && {
      ringers: ['claude-inbox'],
      ring: (request) => {
        rings.push(request);
        return Promise.resolve(own);
      },
    },
  );
  const atlas = await made.join('Atlas');
  const window = made.party('the-token-of-the-person-in-tests-0123456789', {
    seat: false,
    ring: (request) => {
      rings.push(request);
      return Promise.resolve(answer);
    },
  });
  const offer = (agents: readonly StandBy[] = [{ agent: nova.id, ringers }]) =>
    made.exchange.standBy(window.connection, { agents });
  offer();
  const reach = async () => (await atlas.ask('who', { agent: 'Nova' })).agents[0]?.reach;
  const rung = () => rings.map(({ ringer }) => ringer);
  const leave = async () => {
    nova.connection.close(false);
    await settled();
  };
  return { ...made, rings, rung, nova, atlas, window, offer, reach, leave };
}

describe('a window that stands by for an agent', () => {
  it('rings one who is there and has no door of its own, for whoever may wake', async () => {
    const { atlas, rings, reach } = await standingBy(['typed-line', 'headless-resume']);
    expect(await reach()).toMatchObject({ state: 'wakes', ringer: 'typed-line' });
    await atlas.ask('call', { to: 'Nova', topic: 'Hello' });
    await settled();
    expect(rings.map(({ ringer, permitted }) => [ringer, permitted])).toEqual([['typed-line', true]]);
  });

  it('comes after the doors of the agent, and not at all when one of them took the ring or holds it', async () => {
    const outcome = async (own: RingAnswer): Promise<string[]> => {
      const { atlas, rung } = await standingBy(['typed-line'], { own });
      await atlas.ask('call', { to: 'Nova', topic: 'Hello' });
      await settled();
      return rung();
    };
    expect(await outcome({ result: 'failed', detail: 'gone' })).toEqual(['claude-inbox', 'typed-line']);
    expect(await outcome({ result: 'written' })).toEqual(['claude-inbox']);
    expect(await outcome({ result: 'held', detail: 'permission prompt' })).toEqual(['claude-inbox']);
  });

  it('rings nobody for a sender who may not wake, while the agent is held, or while all is paused', async () => {
    const { atlas, nova, rung, person, reach, join } = await standingBy(['typed-line']);
    const iris = await join('Iris');
    await person().ask('govern', { agent: atlas.id, mayWake: false });
    await atlas.ask('call', { to: 'Nova', topic: 'One' });
    await person().ask('govern', { agent: nova.id, hold: true });
    expect((await reach())?.state).toBe('when-it-asks');
    await iris.ask('message', { to: 'Nova', text: 'Two' });
    await person().ask('pauseAll', {});
    await person().ask('govern', { agent: nova.id, hold: null });
    await iris.ask('message', { to: 'Nova', text: 'Three' });
    await settled();
    expect(rung()).toEqual([]);
  });

  it('is forgotten when it offers no more, or goes', async () => {
    const { offer, reach, window, atlas, rung } = await standingBy(['typed-line']);
    offer([]);
    expect((await reach())?.state).toBe('when-it-asks');
    offer();
    expect((await reach())?.state).toBe('wakes');
    window.connection.close(false);
    expect((await reach())?.state).toBe('when-it-asks');
    await atlas.ask('call', { to: 'Nova', topic: 'Hello' });
    await settled();
    expect(rung()).toEqual([]);
  });

  it('says what is in the way before anybody is rung, and rings for what waits when that is past', async () => {
    const { offer, reach, atlas, rung, nova } = await standingBy(['typed-line'], {
      answer: { result: 'failed', detail: 'in hand' },
    });
    const agent = nova.id;
    offer([{ agent, ringers: ['typed-line'], closed: { 'typed-line': 'in hand' } }]);
    expect(await reach()).toEqual({ state: 'when-it-asks', detail: 'in hand' });
    await atlas.ask('call', { to: 'Nova', topic: 'Hello' });
    await settled();
    expect(rung()).toEqual(['typed-line']);
    offer([{ agent, ringers: ['typed-line'], closed: { 'typed-line': 'just left' } }]);
    expect(await reach()).toEqual({ state: 'when-it-asks', detail: 'just left' });
    expect(rung()).toEqual(['typed-line']);
    offer();
    expect((await reach())?.state).toBe('wakes');
    await settled();
    expect(rung()).toEqual(['typed-line', 'typed-line']);
    // What was offered so before is no news.
    offer();
    await settled();
    expect(rung()).toHaveLength(2);
  });

  it('rings for a call that rang before it stood by, not for one that was taken or is being rung for', async () => {
    const { offer, atlas, rung, rings, window } = await standingBy(['typed-line']);
    offer([]);
    await atlas.ask('call', { to: 'Nova', topic: 'Hello' });
    await settled();
    expect(rung()).toEqual([]);
    offer();
    // While that ring is under way, and after it was taken.
    offer([]);
    offer();
    await settled();
    offer([]);
    offer();
    await settled();
    expect(rings).toHaveLength(1);
    window.connection.close(false);
  });

  it('tells of what held its ringer, which is no prompt of the client', async () => {
    const { atlas, reach } = await standingBy(['typed-line'], { answer: { result: 'held', detail: 'not sent' } });
    await atlas.ask('call', { to: 'Nova', topic: 'Hello' });
    await settled();
    expect(await reach()).toEqual({ state: 'when-it-asks', detail: 'not sent' });
  });

  const unsent = { result: 'held', detail: 'its line stands in the terminal, not sent: just left' } as const;

  it('types no second line for a call or message whose line stands unsent in the terminal', async () => {
    const { offer, atlas, nova, rung, person, broker } = await standingBy(['typed-line'], { answer: unsent });
    const closed = { 'typed-line': 'just left' };
    const { call } = await atlas.ask('call', { to: 'Nova', topic: 'Hello' });
    await settled();
    const { message } = await atlas.ask('message', { to: 'Nova', text: 'One' });
    await settled();
    expect(rung()).toEqual(['typed-line', 'typed-line']);
    // Whoever was at the terminal leaves it, a rule changes, all is paused and goes on: both wait still.
    offer([{ agent: nova.id, ringers: ['typed-line'], closed }]);
    offer();
    await person().ask('govern', { agent: atlas.id, mute: true });
    await person().ask('pauseAll', {});
    await person().ask('resumeAll', {});
    await settled();
    expect(rung()).toHaveLength(2);
    for (const id of [call.id, message.id])
      expect(broker.state.pending.get(id)?.receipts.get(nova.id)).toMatchObject({
        state: 'stored',
        report: { ringer: 'typed-line', ...unsent },
      });
    // For the next there is a line of its own.
    await atlas.ask('message', { to: 'Nova', text: 'Two' });
    await settled();
    expect(rung()).toHaveLength(3);
  });

  it('types no second line when another connection of the agent takes its seat, whose own doors are tried', async () => {
    const { atlas, nova, party, rung, broker } = await standingBy(['typed-line'], { answer: unsent });
    const { call } = await atlas.ask('call', { to: 'Nova', topic: 'Hello' });
    await settled();
    nova.connection.close(false);
    const rings: string[] = [];
    party(nova.token, {
      ringers: ['codex-queue'],
      ring: ({ ringer }) => {
        rings.push(ringer);
        return Promise.resolve({ result: 'failed', detail: 'the session has ended' });
      },
    });
    await settled();
    expect(rings).toEqual(['codex-queue']);
    expect(rung()).toEqual(['typed-line']);
    // The line that stands there is the last word of it, not the door that failed.
    expect(broker.state.pending.get(call.id)?.receipts.get(nova.id)?.report).toEqual({
      ringer: 'typed-line',
      ...unsent,
    });
  });

  it('does not make a client that holds a ring be rung again for it', async () => {
    const { offer, atlas, rung } = await standingBy(['typed-line'], { own: { result: 'held', detail: 'a prompt' } });
    await atlas.ask('call', { to: 'Nova', topic: 'Hello' });
    await settled();
    offer([]);
    offer();
    await settled();
    expect(rung()).toEqual(['claude-inbox']);
  });

  it('must be the person', async () => {
    const { exchange, atlas, window } = await standingBy([]);
    expect(() => exchange.standBy(atlas.connection, { agents: [] })).toThrow(
      expect.objectContaining({ code: 'forbidden' }) as Error,
    );
    expect(() => exchange.standBy(window.connection, { agents: [{ agent: 'x' }] })).toThrow(
      expect.objectContaining({ code: 'bad_input' }) as Error,
    );
  });
});

describe('an agent that is away, and whose session the person lets bring back', () => {
  it('is brought back for a call, which counts as rung and as nothing more', async () => {
    const { atlas, rung, leave, reach, broker, nova } = await standingBy(['typed-line', 'headless-resume']);
    await leave();
    expect(await reach()).toMatchObject({ state: 'wakes', ringer: 'headless-resume' });
    const { call } = await atlas.ask('call', { to: 'Nova', topic: 'Hello' });
    await settled();
    expect(rung()).toEqual(['headless-resume']);
    expect(broker.state.calls.get(call.id)?.legs.get(nova.id)?.state).toBe('queued');
    const receipt = broker.state.pending.get(call.id)?.receipts.get(nova.id);
    expect(receipt).toMatchObject({ state: 'rung', report: { ringer: 'headless-resume', result: 'written' } });
  });

  it('finds the call ringing when it is there, and is not rung for it a second time', async () => {
    const { atlas, rung, leave, party, nova } = await standingBy(['headless-resume']);
    await leave();
    const { call } = await atlas.ask('call', { to: 'Nova', topic: 'Hello' });
    await settled();
    const back = party(nova.token, { ringers: ['claude-inbox'], ring: () => Promise.reject(new Error('not rung')) });
    await settled();
    expect(rung()).toEqual(['headless-resume']);
    expect((await back.ask('answer', { call: call.id, answer: 'accept' })).call?.id).toBe(call.id);
  });

  it('is rung for the call when it comes by itself after its session could not be brought back', async () => {
    const { atlas, leave, party, nova, window } = await standingBy(['headless-resume']);
    await leave();
    const { call } = await atlas.ask('call', { to: 'Nova', topic: 'Hello' });
    await settled();
    const failed = { ringer: 'headless-resume', result: 'failed', detail: 'ended with code 1' } as const;
    await window.ask('ringReport', { subject: call.id, agent: nova.id, ...failed });
    const rung: string[] = [];
    party(nova.token, {
      ringers: ['claude-inbox'],
      ring: ({ subject }) => Promise.resolve({ result: rung.push(subject) > 0 ? 'written' : 'failed' }),
    });
    await settled();
    expect(rung).toEqual([call.id]);
  });

  it('is brought back once for several messages, and again after that failed', async () => {
    const { atlas, rings, leave, window, nova, clock } = await standingBy(['headless-resume']);
    await leave();
    const { message } = await atlas.ask('message', { to: 'Nova', text: 'One' });
    await settled();
    await atlas.ask('message', { to: 'Nova', text: 'Two' });
    await clock.advance(minute);
    expect(rings.map(({ subject }) => subject)).toEqual([message.id]);
    const failed = { ringer: 'headless-resume', result: 'failed', detail: 'ended with code 1' } as const;
    await window.ask('ringReport', { subject: message.id, agent: nova.id, ...failed });
    const { message: third } = await atlas.ask('message', { to: 'Nova', text: 'Three' });
    await settled();
    expect(rings.map(({ subject }) => subject)).toEqual([message.id, third.id]);
  });

  it('is left alone for what waited before, for calls for later, and when the person is asked first', async () => {
    const { atlas, rung, leave, offer, person, nova, join } = await standingBy([]);
    const [iris, ada] = [await join('Iris'), await join('Ada')];
    await leave();
    await ada.ask('call', { to: 'Nova', topic: 'Before' });
    await atlas.ask('message', { to: 'Nova', text: 'Before' });
    offer([{ agent: nova.id, ringers: ['headless-resume'] }]);
    await person().ask('govern', { agent: nova.id, policy: 'ask-person' });
    await atlas.ask('call', { to: 'Nova', topic: 'Asked first' });
    await person().ask('govern', { agent: nova.id, policy: null });
    await iris.ask('call', { to: 'Nova', topic: 'Later', urgency: 'later' });
    await settled();
    expect(rung()).toEqual([]);
  });

  it('is brought back as often as it may be woken in an hour', async () => {
    const { atlas, rung, leave, person, nova, join } = await standingBy(['headless-resume']);
    const iris = await join('Iris');
    await person().ask('govern', { agent: nova.id, wakesPerHour: 1 });
    await leave();
    await atlas.ask('call', { to: 'Nova', topic: 'One' });
    await settled();
    await iris.ask('call', { to: 'Nova', topic: 'Two' });
    await settled();
    expect(rung()).toEqual(['headless-resume']);
  });
});
