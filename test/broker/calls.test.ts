import { describe, expect, it } from 'vitest';
import { toParleyError } from '../../src/contract/errors';
import { answerCall } from '../../src/core/callAnswers';
import type { RingRequest, Watched } from '../../src/contract/wire';
import type { ConnectionOptions } from '../../src/operations/exchange';
import { settled } from '../support/manualClock';
import { adminToken, testExchange } from '../support/testExchange';

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    return toParleyError(error).code;
  }
  return 'no error';
}

const minute = 60_000;

/** Atlas, who asks, and two who can review. */
async function reviewers() {
  const made = testExchange();
  const [atlas, nova, echo] = [await made.join('Atlas'), await made.join('Nova'), await made.join('Echo')];
  for (const agent of [nova, echo]) await agent.ask('profile', { capabilities: ['review'] });
  return { ...made, atlas, nova, echo };
}

describe('match', () => {
  it('waits while it hunts, and answers with who was tried and what came of it', async () => {
    const { atlas, nova, echo } = await reviewers();
    const waiting = atlas.ask('match', { capability: 'review', message: 'The parser loses a line.', wait: 60 });
    await settled();
    await echo.ask('answer', { answer: 'decline', reason: 'busy week' });
    const { messages } = await nova.ask('answer', { answer: 'accept', message: 'Which file?' });
    expect(messages.at(-1)?.content).toBe('The parser loses a line.');
    const { tried, thread, events, call } = await waiting;
    expect(tried).toEqual([
      { name: 'Echo', outcome: 'declined: busy week' },
      { name: 'Nova', outcome: 'accepted' },
    ]);
    expect(thread).toBe(call.thread);
    expect(call.hunt).toEqual({ left: 0, nobody: false });
    expect(events.at(-1)).toMatchObject({ what: 'message', message: { content: 'Which file?' } });
  });

  it('tells the caller when nobody took it, and ends its wait', async () => {
    const { atlas, clock } = await reviewers();
    const waiting = atlas.ask('match', { capability: 'review', wait: 120 });
    await clock.advance(40_000);
    const { tried, events, call } = await waiting;
    expect(tried).toEqual([
      { name: 'Echo', outcome: 'passed: no-answer' },
      { name: 'Nova', outcome: 'passed: no-answer' },
    ]);
    expect(events.map((event) => event.what === 'outcome' && event.outcome)).toEqual(['passed', 'passed', 'nobody']);
    expect(call.hunt).toEqual({ left: 0, nobody: true });
  });

  it('refuses when nobody fits, saying which wish left nobody; a client that reads the text too', async () => {
    const { atlas } = await reviewers();
    const error = await atlas.ask('match', { capability: 'singing' }).catch((caught: unknown) => toParleyError(caught));
    expect(error).toMatchObject({ code: 'nobody_matches' });
    expect((error as Error).message).toContain('capability singing');
    expect(await codeOf(atlas.ask('match', {}))).toBe('empty_topic');
    expect(await codeOf(atlas.ask('match', { capability: '' }))).toBe('bad_input');
    expect(await codeOf(atlas.ask('match', { topic: 'x', agents: [] }))).toBe('bad_input');
  });

  it('passes over who loses the connection while it rings', async () => {
    const { atlas, nova, echo, clock } = await reviewers();
    const { call } = await atlas.ask('match', { capability: 'review' });
    expect(call.to).toMatchObject([{ name: 'Echo', state: 'ringing' }]);
    // Who goes as the broker starts counts as not having come back yet.
    await clock.advance(1000);
    echo.connection.close();
    await clock.advance(10_000);
    expect((await nova.ask('inbox', {})).calls[0]?.to).toMatchObject([
      { name: 'Echo', state: 'passed', reason: 'offline' },
      { name: 'Nova', state: 'ringing' },
    ]);
  });
});

describe('who', () => {
  it('with words of a topic has first whose card has them', async () => {
    const { atlas, nova } = await reviewers();
    await nova.ask('profile', { description: 'knows the parser' });
    const { agents } = await atlas.ask('who', { topic: 'parser review' });
    expect(agents.map((agent) => agent.name).slice(0, 2)).toEqual(['Nova', 'Echo']);
  });
});

describe('invite and transfer', () => {
  it('bring a third into the talk, and the first out of it', async () => {
    const { atlas, nova, echo } = await reviewers();
    await atlas.ask('call', { to: 'Nova', topic: 'Parser' });
    const { thread = '' } = await nova.ask('answer', { answer: 'accept' });
    const waiting = atlas.ask('invite', { to: 'Echo', message: 'You wrote it.', wait: 30 });
    await settled();
    const rung = await echo.ask('inbox', {});
    expect(rung.calls[0]).toMatchObject({ into: thread, message: 'You wrote it.', topic: 'Parser' });
    expect((await echo.ask('answer', { answer: 'accept' })).thread).toBe(thread);
    expect((await waiting).thread).toBe(thread);
    await echo.ask('leave', {});
    const { call, thread: view } = await atlas.ask('transfer', { to: 'Echo', reason: 'your parser' });
    expect(call).toMatchObject({ into: thread, transfer: true });
    expect(view.participants.filter(({ left }) => !left).map(({ name }) => name)).toEqual(['Nova']);
    const { events } = await nova.ask('listen', {});
    const texts = events.flatMap((event) => (event.what === 'message' ? [event.message.content] : []));
    expect(texts).toContain('Atlas hands over to Echo: your parser');
    await echo.ask('answer', { answer: 'accept' });
    expect((await nova.ask('read', {})).thread.state).toBe('open');
  });

  it('refuse what makes no sense, and change nothing', async () => {
    const { atlas, nova, echo } = await reviewers();
    expect(await codeOf(atlas.ask('invite', { to: 'Nova' }))).toBe('no_current_thread');
    await atlas.ask('call', { to: 'Nova', topic: 'Parser' });
    const { thread = '' } = await nova.ask('answer', { answer: 'accept' });
    expect(await codeOf(echo.ask('invite', { to: 'Nova', thread }))).toBe('not_participant');
    expect(await codeOf(atlas.ask('invite', { to: 'Nova' }))).toBe('already_in');
    expect(await codeOf(atlas.ask('transfer', { to: 'Nemo' }))).toBe('unknown_agent');
    expect(await codeOf(atlas.ask('invite', { to: [] }))).toBe('bad_input');
    expect((await atlas.ask('read', {})).thread.participants).toHaveLength(2);
  });
});

describe('call back', () => {
  it('ends the wait of the caller when the callee is free', async () => {
    const { atlas, nova } = await reviewers();
    await nova.ask('profile', { presence: 'busy' });
    const waiting = atlas.ask('call', { to: 'Nova', topic: 'Hello', callBack: true, wait: 60 });
    await settled();
    expect((await nova.ask('listen', {})).events).toMatchObject([{ what: 'call', call: { callBack: true } }]);
    await nova.ask('profile', { presence: 'available' });
    expect((await waiting).events).toMatchObject([{ what: 'outcome', agent: 'Nova', outcome: 'free' }]);
  });

  it('rings the caller through its ringers, and its callee through none', async () => {
    const { join, atlas: _, ...made } = await reviewers();
    const rings: RingRequest[] = [];
    const ringer = {
      ringers: ['claude-inbox'],
      ring: (request: RingRequest) => {
        rings.push(request);
        return Promise.resolve({ result: 'written' as const });
      },
    };
    const [mira, omar] = [await join('Mira', ringer), await join('Omar', ringer)];
    await omar.ask('profile', { presence: 'busy' });
    await mira.ask('call', { to: 'Omar', topic: 'Hello', callBack: true });
    await made.clock.advance(minute);
    expect(rings).toEqual([]);
    await omar.ask('profile', { presence: 'available' });
    await made.clock.advance(minute);
    expect(rings.map(({ agent, from, kind }) => [agent, from, kind])).toEqual([[mira.id, 'Omar', 'message']]);
    expect(rings[0]?.text).toContain('is free now');
  });
});

describe('the person’s rules', () => {
  it('are the person’s to make: agents may not, and the person is governed by nobody', async () => {
    const { atlas, person } = await reviewers();
    for (const operation of ['govern', 'pauseAll', 'resumeAll'] as const)
      expect(await codeOf(atlas.ask(operation, {}))).toBe('forbidden');
    const alex = person();
    expect(await codeOf(alex.ask('govern', { agent: 'Alex', hold: true }))).toBe('bad_input');
    expect(await codeOf(alex.ask('govern', { agent: 'Nemo', hold: true }))).toBe('unknown_agent');
    expect(await codeOf(alex.ask('govern', { wakesPerHour: -1 }))).toBe('bad_input');
  });

  it('stand on the roster and are answered whole', async () => {
    const { nova, person } = await reviewers();
    const alex = person();
    await alex.ask('govern', { agent: 'Nova', hold: true, mute: true });
    const { agent, rule } = await alex.ask('govern', { agent: 'Nova', policy: 'ask-person', hold: null });
    expect(rule).toEqual({ mute: true, policy: 'ask-person' });
    expect(agent).toMatchObject({ muted: true, allowedPolicy: 'ask-person', policy: 'ring' });
    expect((await nova.ask('profile', {})).agent.hold).toBeUndefined();
    expect((await alex.ask('govern', { maySend: false })).rule).toEqual({ maySend: false });
    expect(await codeOf(nova.ask('message', { to: 'Atlas', text: 'hi' }))).toBe('not_allowed_to_send');
  });

  it('that ask the person put the call before them; the agent hears of it when they let it', async () => {
    const { atlas, nova, person, journal } = await reviewers();
    const alex = person();
    await alex.ask('govern', { agent: 'Nova', policy: 'ask-person' });
    const { call } = await atlas.ask('call', { to: 'Nova', topic: 'Hello' });
    expect(call.to).toMatchObject([{ state: 'ringing', asks: 'Alex' }]);
    expect((await nova.ask('listen', {})).events).toEqual([]);
    expect((await nova.ask('inbox', {})).calls).toEqual([]);
    expect(await codeOf(nova.ask('answer', { call: call.id, answer: 'accept' }))).toBe('person_decides');
    expect((await alex.ask('listen', {})).events).toMatchObject([{ what: 'call', call: { id: call.id } }]);
    expect((await alex.ask('inbox', {})).calls).toMatchObject([{ id: call.id }]);
    await alex.ask('wake', { call: call.id, agent: nova.id });
    expect(journal.at(-1)?.type).toBe('call.permitted');
    expect((await nova.ask('listen', {})).events).toMatchObject([{ what: 'call' }]);
    expect((await alex.ask('inbox', {})).calls).toEqual([]);
    expect((await nova.ask('answer', { answer: 'accept' })).thread).toBeDefined();
    expect(await codeOf(alex.ask('wake', { call: call.id, agent: nova.id }))).toBe('call_over');
  });
});

describe('all paused', () => {
  it('holds what agents write: taken and stored, told to no agent until all goes on; the person reads it', async () => {
    const { atlas, nova, person, clock } = await reviewers();
    const alex = person();
    await atlas.ask('call', { to: 'Nova', topic: 'Parser' });
    await nova.ask('answer', { answer: 'accept', message: 'before' });
    await atlas.ask('listen', {});
    await clock.advance(10);
    expect(await alex.ask('pauseAll', {})).toMatchObject({ paused: true });
    expect((await alex.ask('status', {})).paused).toBe(true);
    const sent = await nova.ask('send', { text: 'held' });
    expect(sent.waiting.paused).toBe(true);
    expect(sent.receipts).toMatchObject([{ name: 'Atlas', state: 'stored' }]);
    await nova.ask('message', { to: 'Atlas', text: 'held too' });
    expect((await atlas.ask('listen', {})).events).toEqual([]);
    expect((await atlas.ask('read', {})).messages.map((one) => one.content)).not.toContain('held');
    expect((await nova.ask('read', {})).messages.at(-1)?.content).toBe('held');
    expect((await atlas.ask('inbox', {})).threads).toEqual([]);
    const own = await alex.ask('read', { thread: sent.message.thread });
    expect(own.messages.at(-1)?.content).toBe('held');
    const waiting = atlas.ask('listen', { wait: 60 });
    await settled();
    await alex.ask('resumeAll', {});
    const { events } = await waiting;
    expect(events.map((event) => event.what === 'message' && event.message.content)).toEqual(['held', 'held too']);
    expect((await alex.ask('status', {})).paused).toBe(false);
  });

  it('tells the words of the person all the same, once, and what was held after them', async () => {
    const { atlas, nova, person, party, exchange, clock } = await reviewers();
    const alex = person();
    const told: string[] = [];
    const bridge = party(nova.token, {
      told: ({ event }) => event.what === 'message' && told.push(event.message.content),
    });
    exchange.subscribe(bridge.connection);
    await atlas.ask('message', { to: 'Nova', text: 'before' });
    await nova.ask('listen', {});
    await alex.ask('pauseAll', {});
    await clock.advance(10);
    await atlas.ask('message', { to: 'Nova', text: 'held' });
    const waiting = nova.ask('listen', { wait: 60 });
    await settled();
    const said = await alex.ask('message', { to: 'Nova', text: 'from me' });
    const texts = (events: readonly { what: string }[]): unknown[] =>
      events.map((event) => ('message' in event ? (event.message as { content: string }).content : event.what));
    expect(texts((await waiting).events)).toEqual(['from me']);
    expect(texts((await nova.ask('listen', {})).events)).toEqual([]);
    const { messages } = await nova.ask('read', { thread: said.message.thread });
    expect(messages.at(-1)?.content).toBe('from me');
    await alex.ask('message', { to: 'Nova', text: 'and this' });
    expect((await nova.ask('inbox', {})).threads.map((thread) => thread.id)).toEqual([said.message.thread]);
    await alex.ask('resumeAll', {});
    expect(texts((await nova.ask('listen', {})).events)).toEqual(['held', 'and this']);
    await settled();
    expect(told).toEqual(['before', 'from me', 'and this', 'held']);
  });

  it('shows a task given meanwhile to who gave it and to the person, and to who is to do it after', async () => {
    const { atlas, nova, person, clock } = await reviewers();
    const alex = person();
    await alex.ask('pauseAll', {});
    await clock.advance(1);
    await atlas.ask('delegate', { to: 'Nova', title: 'Mend the parser' });
    const titles = async (who: typeof nova): Promise<string[]> =>
      (await who.ask('tasks', {})).tasks.map((task) => task.title);
    expect([await titles(nova), await titles(atlas), await titles(alex)]).toEqual([
      [],
      ['Mend the parser'],
      ['Mend the parser'],
    ]);
    expect((await nova.ask('inbox', {})).tasks ?? []).toEqual([]);
    await alex.ask('resumeAll', {});
    expect(await titles(nova)).toEqual(['Mend the parser']);
  });

  it('pushes nothing to subscribers meanwhile, and all of it after', async () => {
    const { atlas, person, party, nova, exchange } = await reviewers();
    const told: string[] = [];
    const bridge = party(nova.token, { told: ({ event }) => told.push(event.what) });
    exchange.subscribe(bridge.connection);
    const alex = person();
    await alex.ask('pauseAll', {});
    await atlas.ask('message', { to: 'Nova', text: 'hi' });
    await atlas.ask('call', { to: 'Nova', topic: 'Hello' });
    await settled();
    expect(told).toEqual([]);
    await alex.ask('resumeAll', {});
    await settled();
    expect(told[0]).toBe('message');
    expect(told).toContain('call');
  });
});

describe('a wake', () => {
  async function ringing(options: Partial<ConnectionOptions> = {}) {
    const made = testExchange();
    const rings: RingRequest[] = [];
    const nova = await made.join('Nova', {
      ringers: ['claude-inbox'],
      ring: (request) => {
        rings.push(request);
        return Promise.resolve({ result: 'written' as const });
      },
      ...options,
    });
    return { ...made, nova, rings, atlas: await made.join('Atlas'), alex: made.person() };
  }

  it('is refused beyond what the agent may be woken in an hour, which its receipt says; the person raises it', async () => {
    const { nova, rings, atlas, alex, clock } = await ringing();
    await alex.ask('govern', { agent: 'Nova', wakesPerHour: 1 });
    const first = await atlas.ask('call', { to: 'Nova', topic: 'One' });
    await settled();
    await atlas.ask('cancel', { call: first.call.id });
    const { call } = await atlas.ask('call', { to: 'Nova', topic: 'Two' });
    await settled();
    expect(rings).toHaveLength(1);
    const { call: second } = await atlas.ask('cancel', { call: call.id });
    expect(second.to[0]?.receipt).toMatchObject({ ringer: 'none', result: 'refused', detail: 'wake limit' });
    expect((await atlas.ask('who', { agent: 'Nova' })).agents[0]?.wakesLastHour).toBe(1);
    await alex.ask('govern', { agent: 'Nova', wakesPerHour: 2 });
    await atlas.ask('call', { to: 'Nova', topic: 'Three' });
    await settled();
    expect(rings).toHaveLength(2);
    await clock.advance(61 * minute);
    expect((await atlas.ask('who', { agent: 'Nova' })).agents[0]?.wakesLastHour).toBeUndefined();
    expect(nova.connection.seat).toBe('held');
  });

  it('by one who may not wake is none: what it sends waits, and its receipt says why', async () => {
    const { rings, atlas, alex, clock } = await ringing();
    await alex.ask('govern', { agent: 'Atlas', mayWake: false });
    const { message } = await atlas.ask('message', { to: 'Nova', text: 'hi' });
    await clock.advance(30 * minute);
    expect(rings).toEqual([]);
    expect((await atlas.ask('listen', {})).events).toMatchObject([
      { what: 'unseen', subject: message.id, reason: 'the sender may not wake' },
    ]);
    await alex.ask('govern', { agent: 'Atlas', mayWake: null });
    await clock.advance(minute);
    expect(rings.map((ring) => ring.kind)).toEqual(['message']);
  });

  it('by every ringer needs the person’s word for the one who sends', async () => {
    const { rings, atlas, alex } = await ringing({ ringers: ['headless-resume'] });
    await atlas.ask('call', { to: 'Nova', topic: 'One' });
    await settled();
    expect(rings).toEqual([]);
    await alex.ask('govern', { agent: 'Atlas', mayWake: true });
    await atlas.ask('message', { to: 'Nova', text: 'hi' });
    await settled();
    expect(rings.map((ring) => [ring.ringer, ring.permitted])).toEqual([['headless-resume', true]]);
  });

  it('does not happen to one who is held, or while all is paused; then it does', async () => {
    const { rings, atlas, alex, clock } = await ringing();
    await alex.ask('govern', { agent: 'Nova', hold: true });
    expect((await atlas.ask('who', { agent: 'Nova' })).agents[0]?.reach.state).toBe('when-it-asks');
    await atlas.ask('message', { to: 'Nova', text: 'hi' });
    await clock.advance(minute);
    await alex.ask('pauseAll', {});
    await alex.ask('govern', { agent: 'Nova', hold: null });
    await clock.advance(minute);
    expect(rings).toEqual([]);
    await alex.ask('resumeAll', {});
    await clock.advance(minute);
    expect(rings).toHaveLength(1);
  });

  it('comes to one in its turn for the words that it did not hear there, though it heard those before them', async () => {
    const { rings, atlas, nova, clock } = await ringing();
    await nova.ask('who', {});
    await atlas.ask('message', { to: 'Nova', text: 'one' });
    await nova.ask('listen', { wait: 0 });
    const { message } = await atlas.ask('message', { to: 'Nova', text: 'two' });
    await clock.advance(minute);
    expect(rings.map(({ subject }) => subject)).toEqual([message.id]);
  });

  it('tells who watches which ringer is tried', async () => {
    const { exchange, atlas, nova } = await ringing({ ringers: ['notification', 'claude-inbox'] });
    const told: Watched[] = [];
    const window = { client: 'window', version: '1', present: true, seat: false, ringers: [] };
    exchange.watch(exchange.connect(exchange.identify(adminToken), { ...window, event: (event) => told.push(event) }));
    const { call } = await atlas.ask('call', { to: 'Nova', topic: 'One' });
    await settled();
    expect(told.filter((event) => event.type === 'ring')).toEqual([
      { type: 'ring', call: call.id, agent: nova.id, step: 'notification' },
    ]);
  });

  it('comes to one who took its seat with words waiting', async () => {
    const { rings, atlas, nova, party, clock } = await ringing();
    nova.connection.close(false);
    await atlas.ask('message', { to: 'Nova', text: 'hi' });
    const again: RingRequest[] = [];
    party(nova.token, {
      ringers: ['claude-inbox'],
      ring: (request) => {
        again.push(request);
        return Promise.resolve({ result: 'written' });
      },
    });
    await clock.advance(minute);
    expect([rings.length, again.length]).toEqual([0, 1]);
  });
});

describe('an answer that is given again, because its own answer was lost', () => {
  it('is answered as it was, and says its first words once', async () => {
    const { atlas, nova } = await reviewers();
    const { call } = await atlas.ask('call', { to: 'Nova', topic: 'Parser' });
    const input = { call: call.id, answer: 'accept', message: 'Here I am.', key: 'once' } as const;
    const first = await nova.ask('answer', input);
    const again = await nova.ask('answer', input);
    expect(again.thread).toBe(first.thread);
    const { messages } = await atlas.ask('read', { thread: first.thread });
    expect(messages.filter(({ content }) => content === 'Here I am.')).toHaveLength(1);
  });

  it('says the words that were lost with it', async () => {
    const { atlas, nova, broker } = await reviewers();
    const { call } = await atlas.ask('call', { to: 'Nova', topic: 'Parser' });
    // As far as a broker came that died between the acceptance and the words.
    await broker.board.change((step) => answerCall(step, nova.id, call.id, 'accept', { key: 'once' }));
    const { thread } = await nova.ask('answer', {
      call: call.id,
      answer: 'accept',
      message: 'Here I am.',
      key: 'once',
    });
    const { messages } = await atlas.ask('read', { thread });
    expect(messages.at(-1)?.content).toBe('Here I am.');
  });

  it('holds for a refusal and a late answer too; another answer under the key is a conflict', async () => {
    const { atlas, nova } = await reviewers();
    const { call } = await atlas.ask('call', { to: 'Nova', topic: 'Parser' });
    const no = { call: call.id, answer: 'decline', reason: 'lunch', key: 'no' } as const;
    const outcome = async () => (await nova.ask('answer', no)).call?.to[0]?.state;
    expect([await outcome(), await outcome()]).toEqual(['declined', 'declined']);
    expect(await codeOf(nova.ask('answer', { ...no, answer: 'accept' }))).toBe('key_conflict');
    expect(await codeOf(nova.ask('answer', { ...no, key: 'another' }))).toBe('call_over');

    const later = await atlas.ask('call', { to: 'Nova', topic: 'Lexer', urgency: 'later' });
    const yes = { call: later.call.id, answer: 'accept', key: 'late' } as const;
    const { ringBack } = await nova.ask('answer', yes);
    expect(ringBack).toBeDefined();
    expect((await nova.ask('answer', yes)).ringBack).toBe(ringBack);
  });
});
