import { monotonicFactory } from 'ulid';
import { expect, it } from 'vitest';
import { Switchboard } from '../../src/broker/switchboard';
import { changeProfile, register } from '../../src/core/agents';
import { broadcast } from '../../src/core/broadcasts';
import { answerCall } from '../../src/core/callAnswers';
import { placeCall } from '../../src/core/calls';
import type { DurableEvent } from '../../src/core/events';
import { govern } from '../../src/core/govern';
import { defaultLimits, type Limits } from '../../src/core/limits';
import type { AgentId } from '../../src/core/model';
import { signOff } from '../../src/core/signOff';
import { emptyState } from '../../src/core/state';
import { leaveMessage } from '../../src/core/threads';
import { prepareRecord } from '../../src/store/record';
import { segmentBytes } from '../../src/store/segment';
import { ManualClock } from '../support/manualClock';

const fast = { messagesPerMinute: 1e9, messageBurst: 1e9, pairMessagesPerHour: 1e9 };

/** The rules with everybody connected, and what each step puts into the journal: the bytes of its records. */
function board(limits: Partial<Limits> = {}) {
  const steps: number[] = [];
  const state = emptyState('01BROKER');
  const append = (events: readonly DurableEvent[]): void => {
    const bytes = events.map((event) => prepareRecord(event)?.bytes ?? Infinity);
    steps.push(bytes.reduce((sum, one) => sum + one, 0));
  };
  const clock = new ManualClock();
  const newId = monotonicFactory();
  const switchboard = new Switchboard({
    state,
    record: { append, durable: () => Promise.resolve(), durableOffset: 0, refusal: undefined },
    world: {
      limits: { ...defaultLimits, ...fast, ...limits },
      isConnected: () => true,
      offlineSince: () => undefined,
      rates: new Map(),
    },
    clock,
    newId: () => newId(),
    onFailure: (error) => {
      throw error;
    },
  });
  const agent = (name: string, kind: 'agent' | 'human' = 'agent'): AgentId =>
    switchboard.run((step) => register(step, { name, kind, tokenHash: 'none', nameSeed: 0 })).id;
  /** One who calls another again and again, and is put off each time. */
  const putOff = (from: AgentId, to: AgentId, times: number): void => {
    for (let count = 0; count < times; count++) {
      const call = switchboard.run((step) => placeCall(step, from, { to: [to], topic: wide }));
      switchboard.run((step) => answerCall(step, to, call, 'later'));
    }
    steps.length = 0;
  };
  return { state, steps, agent, putOff, clock, run: switchboard.run.bind(switchboard) };
}

/** As long as a topic may be, in characters that take the most bytes. */
const wide = '\u4e16'.repeat(defaultLimits.topicLength);
const refs = Array.from({ length: defaultLimits.refsPerMessage }, (_, index) => ({
  uri: `file:///work/src/${index}.ts`,
  excerpt: 'x'.repeat(defaultLimits.refExcerptBytes),
}));
const words = 'x'.repeat(defaultLimits.messageBytes);

it('the largest broadcast to the largest roster fits into one segment, kept as a whole', () => {
  const { run, agent, steps } = board();
  const person = agent('Kim', 'human');
  const names = Array.from({ length: defaultLimits.agents - 1 }, (_, index) => `A${'a'.repeat(27)}${1000 + index}`);
  for (const name of names) agent(name);
  const draft = { content: 'x'.repeat(Math.floor(defaultLimits.broadcastBytes / names.length)), key: 'k'.repeat(128) };
  steps.length = 0;
  const outcome = run((step) => broadcast(step, person, { to: () => names, filter: [], topic: wide, draft }));
  expect(outcome.sent).toHaveLength(names.length);
  expect(steps).toHaveLength(1);
  expect(steps[0]).toBeGreaterThan(defaultLimits.broadcastBytes);
  expect(steps[0]).toBeLessThan(segmentBytes);
});

it('calls with all the words that they may have, accepted at once by many, ring in several steps that fit', () => {
  const { run, agent, steps, state } = board();
  const person = agent('Kim', 'human');
  const pairs = Array.from({ length: 40 }, (_, index) => [agent(`Caller${index}`), agent(`Callee${index}`)] as const);
  run((step) => govern(step, person, undefined, { hold: true }));
  for (const [from, to] of pairs) {
    run((step) => changeProfile(step, to, { card: { policy: 'accept' } }));
    run((step) => placeCall(step, from, { to: [to], topic: wide, content: words, refs }));
  }
  steps.length = 0;
  run((step) => govern(step, person, undefined, { hold: null }));
  expect(state.threads.size).toBe(pairs.length);
  expect(steps.reduce((sum, bytes) => sum + bytes, 0)).toBeGreaterThan(segmentBytes);
  expect(Math.max(...steps)).toBeLessThan(segmentBytes / 2);
});

it('what falls due together for many calls comes in several steps that fit', async () => {
  const { agent, putOff, steps, state, clock } = board({ callExpiry: 60_000 });
  const [ada, bea] = [agent('Ada'), agent('Bea')];
  putOff(ada, bea, 1600);
  await clock.advance(61_000);
  expect(state.waiting.size).toBe(0);
  expect(steps.length).toBeGreaterThan(1);
  expect(Math.max(...steps)).toBeLessThan(segmentBytes / 2);
});

it('an agent with very much to end is signed off in several steps that fit', () => {
  const { agent, putOff, steps, state, run } = board();
  const [ada, bea, person] = [agent('Ada'), agent('Bea'), agent('Kim', 'human')];
  putOff(ada, bea, 1600);
  for (let count = 0; count < 50; count++) run((step) => leaveMessage(step, bea, 'Ada', `${count}`, { content: 'x' }));
  steps.length = 0;
  let times = 1;
  while (!run((step) => signOff(step, person, ada))) times++;
  expect(times).toBeGreaterThan(1);
  expect(state.agents.has(ada)).toBe(false);
  expect(state.waiting.size).toBe(0);
  expect(Math.max(...steps)).toBeLessThan(segmentBytes / 2);
}, 60_000);
