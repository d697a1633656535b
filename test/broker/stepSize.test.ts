import { monotonicFactory } from 'ulid';
import { describe, expect, it } from 'vitest';
import { Switchboard, type Record } from '../../src/broker/switchboard';
import { changeProfile, register } from '../../src/core/agents';
import { broadcast } from '../../src/core/broadcasts';
import { answerCall } from '../../src/core/callAnswers';
import { placeCall } from '../../src/core/calls';
import { follow } from '../../src/core/follow';
import { govern, pauseAll } from '../../src/core/govern';
import { invite } from '../../src/core/invitations';
import { defaultLimits, type Limits } from '../../src/core/limits';
import type { AgentId } from '../../src/core/model';
import { signOff } from '../../src/core/signOff';
import { emptyState } from '../../src/core/state';
import { Step, stepFull, type World } from '../../src/core/step';
import { leave, leaveMessage } from '../../src/core/threads';
import { prepareRecord } from '../../src/store/record';
import { segmentBytes } from '../../src/store/segment';
import { MemoryDisk } from '../support/faultsDisk';
import { openTestStore } from '../support/faultsStore';
import { ManualClock } from '../support/manualClock';

const fast = { messagesPerMinute: 1e9, messageBurst: 1e9, pairMessagesPerHour: 1e9 };

const nowhere: Record = {
  append: () => undefined,
  durable: () => Promise.resolve(),
  durableOffset: 0,
  refusal: undefined,
  busy: undefined,
};

/** The rules with everybody connected, and what each step puts into the journal: the bytes of its records. */
function board(limits: Partial<Limits> = {}, record: Record = nowhere) {
  const steps: number[] = [];
  const state = emptyState('01BROKER');
  const append: Record['append'] = (events, options) => {
    const bytes = events.map((event) => prepareRecord(event)?.bytes ?? Infinity);
    steps.push(bytes.reduce((sum, one) => sum + one, 0));
    record.append(events, options);
  };
  const clock = new ManualClock();
  let work = 0;
  const newId = monotonicFactory();
  const world: World = {
    limits: { ...defaultLimits, ...fast, ...limits },
    isConnected: () => true,
    offlineSince: () => undefined,
    rates: new Map(),
  };
  const switchboard = new Switchboard({
    state,
    record: {
      append,
      durable: (offset) => record.durable(offset),
      get durableOffset() {
        return record.durableOffset;
      },
      get refusal() {
        return record.refusal;
      },
      get busy() {
        return record.busy;
      },
    },
    world,
    // Time goes on while it works.
    clock: { now: () => clock.now() + work++, monotonic: () => clock.now(), after: clock.after },
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
  /** Very many who ring at 49 others at once; answers the person. */
  const ringAll = (callers: number): AgentId => {
    const callees = Array.from({ length: 49 }, (_, index) => `Callee${index}`);
    for (const name of callees) agent(name);
    for (let count = 0; count < callers; count++) {
      const from = agent(`Caller${count}`);
      switchboard.run((step) => placeCall(step, from, { to: callees, topic: 'x', urgency: 'now' }));
    }
    const person = agent('Kim', 'human');
    steps.length = 0;
    return person;
  };
  /** The states of all legs, each once; the deadlines of those that ring. */
  const legs = () => {
    const all = [...state.calls.values()].flatMap((record) => [...record.legs.values()]);
    return { states: new Set(all.map((leg) => leg.state)), deadlines: new Set(all.map((leg) => leg.deadline)) };
  };
  return {
    state,
    steps,
    agent,
    putOff,
    ringAll,
    legs,
    clock,
    world,
    switchboard,
    run: switchboard.run.bind(switchboard),
  };
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

describe('with very many calls that ring at once', () => {
  /** Of 49 calls each: more than one step takes. */
  const callers = 40;

  it('a pause of everything comes in several steps, after which nothing rings', () => {
    const { run, ringAll, legs, steps } = board();
    const person = ringAll(callers);
    run((step) => pauseAll(step, person));
    expect(legs().states).toEqual(new Set(['queued']));
    expect(steps.length).toBeGreaterThan(1);
    expect(Math.max(...steps)).toBeLessThan(stepFull);
  });

  it('holding everyone comes in several steps, after which nothing rings', () => {
    const { run, ringAll, legs, steps } = board();
    const person = ringAll(callers);
    run((step) => govern(step, person, undefined, { hold: true }));
    expect(legs().states).toEqual(new Set(['queued']));
    expect(steps.length).toBeGreaterThan(1);
    expect(Math.max(...steps)).toBeLessThan(stepFull);
  });

  it('a start gives all of them their ten seconds in several steps, however long those take', async () => {
    const { switchboard, ringAll, legs, steps, clock } = board();
    ringAll(callers);
    await clock.advance(115_000);
    steps.length = 0;
    switchboard.start();
    expect(legs().states).toEqual(new Set(['ringing']));
    expect(legs().deadlines.size).toBe(1);
    expect(steps.length).toBeGreaterThan(1);
    expect(Math.max(...steps)).toBeLessThan(stepFull);
  });

  it('a pause in the middle of which the broker ended is whole after the start', () => {
    const { switchboard, ringAll, legs, state, world, clock } = board();
    const person = ringAll(callers);
    const step = new Step(state, world, clock.now(), () => 'none');
    pauseAll(step, person);
    follow(step);
    expect(legs().states).toEqual(new Set(['queued', 'ringing']));
    switchboard.start();
    expect(legs().states).toEqual(new Set(['queued']));
  });
});

it('threads in which many wait alone stay while everyone is held, and after it close in several steps that fit, with all who were invited', async () => {
  const { run, agent, steps, state, clock } = board();
  const person = agent('Kim', 'human');
  const others = Array.from({ length: 46 }, (_, index) => agent(`Other${index}`));
  const callers = Array.from({ length: 60 }, (_, index) => agent(`Caller${index}`));
  const late = Array.from({ length: 60 }, (_, index) => agent(`Late${index}`));
  for (const one of [...others, ...late]) run((step) => changeProfile(step, one, { busy: true }));
  for (const [index, from] of callers.entries()) {
    const call = run((step) => placeCall(step, from, { to: ['Kim'], topic: 'x', urgency: 'now' }));
    const { thread } = run((step) => answerCall(step, person, call, 'accept'));
    run((step) => invite(step, from, { thread, to: [`Late${index}`, ...others] }));
    run((step) => leave(step, from, thread));
  }
  expect(state.threads.size).toBe(callers.length);
  await clock.advance(100_000);
  for (const one of late) run((step) => changeProfile(step, one, { busy: false }));
  run((step) => govern(step, person, undefined, { hold: true }));
  await clock.advance(3_600_000);
  run((step) => govern(step, person, undefined, { hold: false }));
  await clock.advance(defaultLimits.ringAgent - 1000);
  expect(state.threads.size).toBe(callers.length);
  steps.length = 0;
  await clock.advance(2000);
  expect(state.threads.size).toBe(0);
  expect(state.waiting.size).toBe(0);
  expect(steps.length).toBeGreaterThan(1);
  expect(Math.max(...steps)).toBeLessThan(stepFull / 2);
});

describe('over a disk that is behind', () => {
  const half = 'x'.repeat(defaultLimits.broadcastBytes / 1000);

  async function onDisk() {
    const { store, failures } = await openTestStore(new MemoryDisk().files, { segmentBytes });
    const made = board({}, store);
    const person = made.agent('Kim', 'human');
    await store.durable(made.state.offset);
    return { ...made, store, failures, person };
  }

  it('a command is refused before it changes anything, and taken once the disk has caught up', async () => {
    const { switchboard, agent, state, store, failures, person } = await onDisk();
    const names = Array.from({ length: defaultLimits.agents - 1 }, (_, index) => `A${index}`);
    for (const name of names) agent(name);
    await store.durable(state.offset);
    const tell = (key: string) => {
      const draft = { content: half, key };
      return switchboard.change((step) => broadcast(step, person, { to: () => names, filter: [], topic: 'x', draft }));
    };
    const [first, second] = [tell('first'), tell('second')];
    const { offset } = state;
    await expect(tell('third')).rejects.toMatchObject({ code: 'storage_busy' });
    expect(state.offset).toBe(offset);
    await Promise.all([first, second]);
    expect((await tell('third')).sent).toHaveLength(names.length);
    expect(failures).toEqual([]);
  });

  it('what follows from a command is taken whatever its size', async () => {
    const { run, agent, steps, state, store, failures, person } = await onDisk();
    const pairs = Array.from({ length: 40 }, (_, index) => [agent(`Caller${index}`), agent(`Callee${index}`)] as const);
    run((step) => govern(step, person, undefined, { hold: true }));
    for (const [from, to] of pairs) {
      run((step) => changeProfile(step, to, { card: { policy: 'accept' } }));
      run((step) => placeCall(step, from, { to: [to], topic: wide, content: words, refs }));
      await store.durable(state.offset);
    }
    steps.length = 0;
    run((step) => govern(step, person, undefined, { hold: null }));
    expect(steps.reduce((sum, bytes) => sum + bytes, 0)).toBeGreaterThan(segmentBytes);
    await store.durable(state.offset);
    expect(state.threads.size).toBe(pairs.length);
    expect(failures).toEqual([]);
  });
});
