import { describe, expect, it } from 'vitest';
import type { RingAnswer, RingRequest } from '../../src/contract/wire';
import { settled } from '../support/manualClock';
import { testExchange } from '../support/testExchange';

const minute = 60_000;

/** A command in the background of Nova's client: it can ring her, and does not sit in her seat. */
async function waiting(seat: RingAnswer | undefined) {
  const made = testExchange();
  const rings: RingRequest[] = [];
  const rung = (answer: RingAnswer) => (request: RingRequest) => {
    rings.push(request);
    return Promise.resolve(answer);
  };
  const nova = await made.join('Nova', seat && { ringers: ['copilot-port'], ring: rung(seat) });
  const atlas = await made.join('Atlas');
  const arm = () =>
    made.party(nova.token, { seat: false, ringers: ['background-shell'], ring: rung({ result: 'written' }) });
  const reach = async () => (await atlas.ask('who', { agent: 'Nova' })).agents[0]?.reach;
  return { ...made, rings, nova, atlas, arm, reach };
}

describe('a connection that can ring its agent and claims no seat', () => {
  it('makes the agent one that can be woken, for as long as it is there', async () => {
    const { arm, reach } = await waiting(undefined);
    expect((await reach())?.state).toBe('when-it-asks');
    const armed = arm();
    expect(armed.connection.seat).toBe('none');
    expect(await reach()).toMatchObject({ state: 'wakes', ringer: 'background-shell' });
    armed.connection.close(false);
    expect((await reach())?.state).toBe('when-it-asks');
  });

  it('is rung for a call, which counts as rung by it and as nothing more', async () => {
    const { arm, atlas, rings, broker, nova } = await waiting(undefined);
    arm();
    const { call } = await atlas.ask('call', { to: 'Nova', topic: 'Hello' });
    await settled();
    expect(rings.map(({ ringer, subject }) => [ringer, subject])).toEqual([['background-shell', call.id]]);
    const receipt = broker.state.pending.get(call.id)?.receipts.get(nova.id);
    expect(receipt).toMatchObject({ state: 'rung', report: { ringer: 'background-shell', result: 'written' } });
  });

  it('is rung after what sits in the seat has failed, and not when that took the ring or holds it', async () => {
    const outcome = async (answer: RingAnswer): Promise<string[]> => {
      const { arm, atlas, rings } = await waiting(answer);
      arm();
      await atlas.ask('call', { to: 'Nova', topic: 'Hello' });
      await settled();
      return rings.map(({ ringer }) => ringer);
    };
    expect(await outcome({ result: 'failed', detail: 'gone' })).toEqual(['copilot-port', 'background-shell']);
    expect(await outcome({ result: 'written' })).toEqual(['copilot-port']);
    expect(await outcome({ result: 'held', detail: 'permission prompt' })).toEqual(['copilot-port']);
  });

  it('is rung at once for what waited when it came', async () => {
    const { arm, atlas, rings, clock } = await waiting(undefined);
    const { message } = await atlas.ask('message', { to: 'Nova', text: 'hi' });
    await clock.advance(minute);
    expect(rings).toEqual([]);
    arm();
    await settled();
    expect(rings.map(({ subject }) => subject)).toEqual([message.id]);
  });

  it('that claimed the seat and did not get it is never rung', async () => {
    const { party, nova, atlas, rings } = await waiting(undefined);
    const other = party(nova.token, { ringers: ['claude-inbox'], ring: () => Promise.resolve({ result: 'written' }) });
    expect(other.connection.seat).toBe('taken');
    await atlas.ask('call', { to: 'Nova', topic: 'Hello' });
    await settled();
    expect(rings).toEqual([]);
  });
});
