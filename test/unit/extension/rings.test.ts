import { describe, expect, test } from 'vitest';
import { RingBook } from '../../../src/extension/ring/ringBook';
import { RingDesk } from '../../../src/extension/ring/ringDesk';
import type { Disturb } from '../../../src/extension/contributions';
import type { AgentView } from '../../../src/contract/views';
import { agent, callToYou, event, noon, rings, TestClock, you } from './support';

function desk(setting: Disturb = 'whenNeeded', ...agents: AgentView[]) {
  const clock = new TestClock();
  const roster = new Map(agents.map((one) => [one.id, one]));
  const made = new RingDesk({
    clock,
    setting: () => setting,
    you: () => you.id,
    agent: (id) => roster.get(id),
    onError: (error) => {
      throw error;
    },
  });
  return { desk: made, clock, ids: () => made.disturbing().map((ring) => ring.call.id) };
}

const silent = agent('Nova', { reach: { state: 'when-it-asks' } });

describe('a ring disturbs the person', () => {
  test('at once when the person is called', () => {
    const { desk: it, clock, ids } = desk();
    for (const one of rings('c1', you.id, clock)) it.apply(one);
    expect(ids()).toEqual(['c1']);
  });

  test('not while the person wants to be left alone: it stands in the Inbox alone', async () => {
    const { desk: it, clock, ids } = desk('all', { ...you, presence: 'busy' }, silent);
    for (const one of rings('c1', you.id, clock)) it.apply(one);
    for (const one of rings('c2', 'NOVA', clock)) it.apply(one);
    await clock.pass(8_000);
    expect(ids()).toEqual([]);
    expect(it.raised().map((ring) => ring.call.id)).toEqual(['c1', 'c2']);
    expect(it.at('NOVA').map((ring) => ring.call.id)).toEqual(['c2']);
  });

  test('after eight seconds when no ringer got through to the agent', async () => {
    const { desk: it, clock, ids } = desk('whenNeeded', silent);
    for (const one of rings('c1', 'NOVA', clock)) it.apply(one);
    await clock.pass(7_999);
    expect(ids()).toEqual([]);
    expect(it.raised()).toEqual([]);
    let told = 0;
    it.changes.on(() => told++);
    await clock.pass(1);
    expect(ids()).toEqual(['c1']);
    expect(it.raised()).toHaveLength(1);
    expect(told).toBeGreaterThan(0);
  });

  test('also when a ringer was refused or held', async () => {
    const { desk: it, clock, ids } = desk('whenNeeded', silent);
    for (const one of rings('c1', 'NOVA', clock)) it.apply(one);
    it.apply(
      event({
        type: 'receipt.rung',
        payload: { subject: 'c1', agent: 'NOVA', report: { ringer: 'claude-inbox', result: 'held' } },
      }),
    );
    await clock.pass(8_000);
    expect(ids()).toEqual(['c1']);
  });

  test('never when a ringer wrote to the client, or the agent was handed the call', async () => {
    const { desk: it, clock, ids } = desk('whenNeeded', silent);
    for (const one of [...rings('c1', 'NOVA', clock), ...rings('c2', 'NOVA', clock)]) it.apply(one);
    it.apply(
      event({
        type: 'receipt.rung',
        payload: { subject: 'c1', agent: 'NOVA', report: { ringer: 'claude-inbox', result: 'written' } },
      }),
    );
    it.apply(event({ type: 'receipt.seen', payload: { agent: 'NOVA', messages: [], calls: ['c2'], via: 'mcp' } }));
    await clock.pass(60_000);
    expect(ids()).toEqual([]);
  });

  test('at once when the person is asked first, until they let the agent answer', () => {
    const { desk: it, clock, ids } = desk('whenNeeded', agent('Nova', { policy: 'ask-person' }));
    const [placed] = rings('c1', 'NOVA', clock);
    if (placed) it.apply(placed);
    const payload = { call: 'c1', agent: 'NOVA', deadline: clock.now() + 45_000 };
    it.apply(event({ type: 'call.rang', payload: { ...payload, asks: you.id } }));
    expect(ids()).toEqual(['c1']);
    it.apply(event({ type: 'call.permitted', payload: { ...payload, by: you.id } }));
    expect(ids()).toEqual([]);
  });

  test('of an agent that is muted only when the person is asked first', () => {
    const { desk: it, clock, ids } = desk('all', agent('Nova', { muted: true }));
    for (const one of rings('c1', 'NOVA', clock)) it.apply(one);
    expect(ids()).toEqual([]);
    const payload = { call: 'c1', agent: 'NOVA', deadline: clock.now() + 45_000, asks: you.id };
    it.apply(event({ type: 'call.rang', payload }));
    expect(ids()).toEqual(['c1']);
  });

  test('for every call with the setting all, but not for those that the person places', () => {
    const { desk: it, clock, ids } = desk('all', silent);
    for (const one of [...rings('c1', 'NOVA', clock), ...rings('c2', 'NOVA', clock, { from: you.id })]) it.apply(one);
    expect(ids()).toEqual(['c1']);
  });

  test('never with the setting none, though it stands in the inbox', () => {
    const { desk: it, clock, ids } = desk('none');
    for (const one of rings('c1', you.id, clock)) it.apply(one);
    expect(ids()).toEqual([]);
    expect(it.raised()).toHaveLength(1);
  });

  test('no more once the person has decided, though it still rings', () => {
    const { desk: it, clock, ids } = desk('all', silent);
    for (const one of rings('c1', 'NOVA', clock)) it.apply(one);
    it.settle('c1', 'NOVA');
    expect(ids()).toEqual([]);
    expect(it.raised()).toHaveLength(1);
  });
});

describe('a ring ends', () => {
  test.each(['accepted', 'declined', 'missed', 'cancelled'] as const)('when it is %s, and how is told once', (how) => {
    const { desk: it, clock, ids } = desk();
    for (const one of rings('c1', you.id, clock)) it.apply(one);
    const outcomes: string[] = [];
    it.outcomes.on((outcome) => outcomes.push(`${outcome.call.id} ${outcome.state}`));
    const base = { call: 'c1', agent: you.id };
    const facts = {
      accepted: event({ type: 'call.accepted', payload: { ...base, by: you.id, thread: 't1' } }),
      declined: event({ type: 'call.declined', payload: { ...base, by: you.id } }),
      missed: event({ type: 'call.missed', payload: base }),
      cancelled: event({ type: 'call.cancelled', payload: { ...base, by: 'ATLAS' } }),
    };
    it.apply(facts[how]);
    expect(ids()).toEqual([]);
    expect(it.raised()).toEqual([]);
    expect(outcomes).toEqual([`c1 ${how}`]);
  });

  test('when the broker is gone', () => {
    const { desk: it, clock } = desk();
    for (const one of rings('c1', you.id, clock)) it.apply(one);
    it.clear();
    expect(it.raised()).toEqual([]);
  });
});

test('a ring that began before we watched is taken from the inbox, and keeps what is known of it', () => {
  const book = new RingBook();
  book.seed([callToYou('c1', 'ringing'), callToYou('c2', 'missed')], you.id);
  expect(book.ringing(noon).map((ring) => ring.call.id)).toEqual(['c1']);
  book.apply(event({ type: 'receipt.seen', payload: { agent: you.id, messages: [], calls: ['c1'], via: 'view' } }));
  book.seed([callToYou('c1', 'ringing')], you.id);
  expect(book.find('c1', you.id)?.seen).toBe(true);
  book.seed([], you.id);
  expect(book.ringing(noon)).toEqual([]);
});
