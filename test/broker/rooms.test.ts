import { describe, expect, it } from 'vitest';
import { typingEvery, typingFor } from '../../src/broker/typing';
import { toParleyError } from '../../src/contract/errors';
import type { Watched } from '../../src/contract/wire';
import { settled } from '../support/manualClock';
import { testExchange, type Party } from '../support/testExchange';

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    return toParleyError(error).code;
  }
  return 'no error';
}

async function party(...names: string[]) {
  const exchange = testExchange();
  const parties: Party[] = [];
  for (const name of names) parties.push(await exchange.join(name));
  return { ...exchange, parties: parties as [Party, Party, Party, Party] };
}

describe('open', () => {
  it('opens a room that shows its rules, with the first message, alone if need be', async () => {
    const { parties } = await party('Atlas');
    const [atlas] = parties;
    const opened = await atlas.ask('open', {
      topic: 'Design of the parser',
      turns: 'round-robin',
      turnLimit: 20,
      message: 'Shall we begin?',
    });
    expect(opened.thread).toMatchObject({
      topic: 'Design of the parser',
      mode: 'live',
      isOpen: true,
      turns: 'round-robin',
      turnsLeft: 19,
      participants: [{ name: 'Atlas', left: false }],
    });
    expect(opened.message).toMatchObject({ thread: opened.thread.id, seq: 2 });
    const sent = await atlas.ask('send', { text: 'Anybody?' });
    expect(sent).toMatchObject({ nobodyElse: true, receipts: [], message: { seq: 3 } });
  });

  it('calls into it whom one invites, and says who cannot be called', async () => {
    const { parties, person } = await party('Atlas', 'Nova', 'Kira');
    const [atlas, nova, kira] = parties;
    await kira.ask('profile', { policy: 'decline' });
    const opened = await atlas.ask('open', { topic: 'Panel', closedToNewcomers: true, invite: ['Nova', 'Kira'] });
    expect(opened.refused).toMatchObject([{ name: 'Kira', code: 'call_declined_by_policy' }]);
    expect(opened.calls).toMatchObject([{ topic: 'Panel', to: [{ name: 'Nova', state: 'ringing' }] }]);
    await nova.ask('answer', { answer: 'accept' });
    const sent = await atlas.ask('send', { text: 'Welcome' });
    expect(sent.nobodyElse).toBeUndefined();
    expect(sent.receipts.map(({ name }) => name)).toEqual(['Nova']);
    expect(await codeOf(kira.ask('join', { thread: opened.thread.id }))).toBe('not_open');
    expect(await codeOf(atlas.ask('open', { topic: 'Other', invite: ['Nobody'] }))).toBe('unknown_agent');
    expect((await person().ask('threads', {})).threads.map(({ topic }) => topic)).toEqual(['Panel']);
  });
});

describe('whom the person lets write nothing', () => {
  it('opens no room, renames none and broadcasts nothing, and may join and read', async () => {
    const { parties, person } = await party('Atlas', 'Nova');
    const [atlas, nova] = parties;
    const { thread } = await nova.ask('open', { topic: 'Room', message: 'hello' });
    await person().ask('govern', { agent: 'Atlas', maySend: false });
    expect((await atlas.ask('join', { thread: thread.id })).messages.at(-1)?.content).toBe('hello');
    expect(await codeOf(atlas.ask('open', { topic: 'Mine', message: 'words' }))).toBe('not_allowed_to_send');
    expect(await codeOf(atlas.ask('rename', { thread: thread.id, topic: 'Words' }))).toBe('not_allowed_to_send');
    const { sent, refused } = await atlas.ask('broadcast', { text: 'words', to: ['Nova'] });
    expect([sent.length, refused[0]?.code]).toEqual([0, 'not_allowed_to_send']);
  });
});

describe('an invitation into a room', () => {
  it('shows who accepts it the latest of what was said, whatever came before', async () => {
    const { parties, person } = await party('Atlas', 'Nova');
    const [atlas, nova] = parties;
    const { thread } = await atlas.ask('open', { topic: 'Long talk', mode: 'async', closedToNewcomers: true });
    const kim = person();
    for (let index = 1; index <= 150; index++) await kim.ask('send', { thread: thread.id, text: `word ${index}` });
    await atlas.ask('invite', { thread: thread.id, to: 'Nova' });
    const { messages } = await nova.ask('answer', { answer: 'accept' });
    expect(messages.at(-2)?.content).toBe('word 150');
    expect(messages.at(-1)).toMatchObject({ type: 'join', fromName: 'Nova' });
    expect((await nova.ask('listen', {})).events).toEqual([]);
  });
});

describe('join', () => {
  it('answers the latest of what was said before, and counts nothing of it as unread', async () => {
    const { parties } = await party('Atlas', 'Nova');
    const [atlas, nova] = parties;
    const { thread } = await atlas.ask('open', { topic: 'Notes', mode: 'async' });
    for (let index = 1; index <= 20; index++) await atlas.ask('send', { thread: thread.id, text: `note ${index}` });
    expect(await codeOf(nova.ask('read', { thread: thread.id }))).toBe('unknown_thread');
    const joined = await nova.ask('join', { thread: thread.id });
    expect(joined.messages.map(({ content }) => content).at(-1)).toBe('note 20');
    expect(joined.messages).toHaveLength(21);
    expect(joined).toMatchObject({ more: 0, waiting: { unread: 0 }, thread: { unread: 0 } });
    expect((await nova.ask('listen', {})).events).toEqual([]);
    expect((await nova.ask('read', { thread: thread.id, after: 1, limit: 1 })).messages[0]?.content).toBe('note 1');
    expect((await atlas.ask('listen', {})).events).toMatchObject([{ what: 'message', message: { type: 'join' } }]);
    expect(await codeOf(nova.ask('join', { thread: thread.id }))).toBe('already_in');
  });

  it('finds the rooms by threads, which lists those that one may join', async () => {
    const { parties } = await party('Atlas', 'Nova');
    const [atlas, nova] = parties;
    await atlas.ask('open', { topic: 'Open' });
    await atlas.ask('open', { topic: 'Closed', closedToNewcomers: true });
    await atlas.ask('message', { to: 'Nova', text: 'a thread of two is no room' });
    const rooms = await nova.ask('threads', { rooms: true });
    expect(rooms.threads).toMatchObject([{ topic: 'Open', isOpen: true, unread: 0 }]);
    expect((await nova.ask('threads', {})).threads.map(({ topic }) => topic)).toEqual(['Messages']);
  });
});

describe('a round-robin through the operations', () => {
  it('tells whose turn it is, to listen too, and waits with send for one’s own', async () => {
    const { parties, clock } = await party('Atlas', 'Nova', 'Kira');
    const [atlas, nova, kira] = parties;
    const { thread } = await atlas.ask('open', { topic: 'Panel', turns: 'round-robin' });
    await nova.ask('join', { thread: thread.id });
    await kira.ask('join', { thread: thread.id });
    const waiting = atlas.ask('send', { thread: thread.id, text: 'one', wait: 600 });
    await settled();
    const heard = await nova.ask('listen', {});
    expect(heard.events.at(-1)).toMatchObject({ what: 'message', yourTurn: true, message: { content: 'one' } });
    const others = await kira.ask('listen', {});
    expect(others.events.at(-1)).not.toHaveProperty('yourTurn');
    expect(await codeOf(kira.ask('send', { text: 'me' }))).toBe('not_your_turn');
    expect((await nova.ask('send', { text: 'two' })).message.seq).toBe(5);
    expect((await kira.ask('listen', {})).events.at(-1)).toMatchObject({ yourTurn: true });
    await kira.ask('send', { text: 'three' });
    const { events } = await waiting;
    expect(events.map((event) => (event.what === 'message' ? event.message.content : event.what))).toEqual([
      '',
      '',
      'two',
      'three',
    ]);
    expect(events.at(-1)).toMatchObject({ yourTurn: true });
    await clock.advance(2 * 60_000);
    const skipped = await nova.ask('listen', {});
    expect(skipped.events.at(-1)).toMatchObject({
      what: 'message',
      yourTurn: true,
      message: {
        type: 'system',
        fromName: 'Parley',
        content: 'Atlas was skipped: silent for 2 min. It is the turn of Nova.',
      },
    });
    expect((await atlas.ask('read', { thread: thread.id })).thread.turn).toBe('Nova');
  });
});

describe('what is done to a thread as a whole', () => {
  it('is the person’s to pause, to resume and to take somebody out', async () => {
    const { parties, person } = await party('Atlas', 'Nova');
    const [atlas, nova] = parties;
    const { thread } = await atlas.ask('open', { topic: 'Room' });
    await nova.ask('join', { thread: thread.id });
    const kim = person();
    for (const operation of ['pause', 'resume', 'grant'] as const)
      expect(await codeOf(atlas.ask(operation, { thread: thread.id }))).toBe('forbidden');
    expect(await codeOf(atlas.ask('leave', { thread: thread.id, agent: 'Nova' }))).toBe('forbidden');
    expect((await kim.ask('pause', { thread: thread.id })).thread.state).toBe('paused');
    expect(await codeOf(atlas.ask('send', { text: 'hm' }))).toBe('thread_paused');
    expect((await kim.ask('resume', { thread: thread.id })).thread.state).toBe('open');
    expect((await atlas.ask('rename', { thread: thread.id, topic: 'Parser' })).thread.topic).toBe('Parser');
    expect((await kim.ask('leave', { thread: thread.id, agent: 'nova' })).closed).toBe(false);
    const { events } = await nova.ask('listen', {});
    expect(events.map(({ what }) => what)).toEqual(['paused', 'resumed', 'message', 'message', 'removed']);
    expect(events.at(-1)).toMatchObject({ what: 'removed', topic: 'Parser', by: 'Alex' });
  });

  it('waits in the person’s inbox when agents have spoken as often as they may, until more is granted', async () => {
    const { parties, person } = await party('Atlas', 'Nova');
    const [atlas, nova] = parties;
    const { thread } = await atlas.ask('open', { topic: 'Room', turnLimit: 1 });
    await nova.ask('join', { thread: thread.id });
    await nova.ask('send', { text: 'one' });
    expect(await codeOf(atlas.ask('send', { text: 'two' }))).toBe('turn_limit');
    const kim = person();
    expect(await kim.ask('inbox', {})).toMatchObject({
      grants: [{ id: thread.id, turnsLeft: 0 }],
      waiting: { grants: 1 },
    });
    expect((await kim.ask('listen', {})).events).toMatchObject([{ what: 'limited', thread: thread.id }]);
    expect((await kim.ask('grant', { thread: thread.id, turns: 5 })).thread.turnsLeft).toBe(5);
    expect(await kim.ask('inbox', {})).not.toHaveProperty('grants');
    await atlas.ask('send', { text: 'two' });
    const told = (await nova.ask('listen', {})).events.map((event) =>
      event.what === 'message' ? event.message.content : event.what,
    );
    expect(told).toEqual([
      'The turn limit (1) is reached. Agents go on when a person speaks or grants more turns.',
      'Alex granted more turns: 5.',
      'two',
    ]);
  });
});

describe('typing', () => {
  it('is told to those who watch and to those in the thread, at most every two seconds, and ends by itself', async () => {
    const { parties, exchange, clock, journal, party: connect } = await party('Atlas', 'Nova', 'Kira');
    const [atlas, nova, kira] = parties;
    const { thread } = await atlas.ask('open', { topic: 'Room' });
    await nova.ask('join', { thread: thread.id });
    const heard = new Map<string, Watched[]>();
    const hears = (one: Party): void => {
      const own: Watched[] = [];
      heard.set(one.name, own);
      const { connection } = connect(one.token, { event: (event) => own.push(event), told: () => undefined });
      exchange.subscribe(connection);
    };
    hears(nova);
    hears(kira);
    const before = journal.length;
    await atlas.ask('typing', { thread: thread.id });
    await atlas.ask('typing', { thread: thread.id });
    expect(heard.get('Nova')).toEqual([{ type: 'typing', thread: thread.id, agent: atlas.id }]);
    expect(heard.get('Kira')).toEqual([]);
    expect((await nova.ask('read', { thread: thread.id })).thread.typing).toEqual(['Atlas']);
    await clock.advance(typingEvery);
    await atlas.ask('typing', { thread: thread.id });
    expect(heard.get('Nova')).toHaveLength(2);
    await clock.advance(typingFor);
    expect((await nova.ask('read', { thread: thread.id })).thread.typing).toBeUndefined();
    await atlas.ask('typing', { thread: thread.id });
    expect(journal.slice(before).map(({ type }) => type)).toEqual([]);
    await atlas.ask('send', { text: 'there' });
    expect((await nova.ask('read', { thread: thread.id })).thread.typing).toBeUndefined();
    expect(await codeOf(kira.ask('typing', { thread: thread.id }))).toBe('not_participant');
  });
});

describe('broadcast', () => {
  it('goes to everyone who is there, the person too, and not to who is away', async () => {
    const { parties, person, join } = await party('Atlas', 'Nova');
    const [atlas, nova] = parties;
    const gone = await join('Gone');
    gone.connection.close(false);
    const kim = person();
    const told = await atlas.ask('broadcast', { text: 'The build is red', key: 'k' });
    expect(told.sent).toMatchObject([
      { name: 'Alex', receipt: { state: 'stored' } },
      { name: 'Nova', receipt: { state: 'stored' } },
    ]);
    const heard = await nova.ask('listen', {});
    expect(heard.events.at(-1)).toMatchObject({ message: { content: 'The build is red', broadcast: told.broadcast } });
    expect((await kim.ask('inbox', {})).threads).toHaveLength(1);
    expect(await atlas.ask('broadcast', { text: 'The build is red', key: 'k' })).toMatchObject({
      broadcast: told.broadcast,
      refused: [],
    });
    expect((await nova.ask('listen', {})).events).toEqual([]);
  });

  it('with a filter goes to the agents who match, and says so when nobody does', async () => {
    const { parties, person } = await party('Atlas', 'Nova', 'Kira');
    const [atlas, nova, kira] = parties;
    person();
    await nova.ask('profile', { capabilities: ['Review'], workspace: '/work/parser' });
    await kira.ask('profile', { capabilities: ['review'], presence: 'busy' });
    const names = async (input: object): Promise<string[]> =>
      (await atlas.ask('broadcast', { text: `to ${JSON.stringify(input)}`, ...input })).sent.map(({ name }) => name);
    expect(await names({ capability: 'review' })).toEqual(['Nova', 'Kira']);
    expect(await names({ workspace: '/work/parser' })).toEqual(['Nova']);
    expect(await names({ status: 'busy' })).toEqual(['Kira']);
    expect(await names({ to: ['Alex', 'Kira'] })).toEqual(['Alex', 'Kira']);
    expect(await codeOf(names({ capability: 'cooking' }))).toBe('nobody_matches');
    const { refused } = await atlas.ask('broadcast', { text: 'hello', to: ['Atlas', 'Nobody', 'Nova'] });
    expect(refused).toMatchObject([
      { name: 'Atlas', code: 'cannot_call_yourself' },
      { name: 'Nobody', code: 'unknown_agent' },
    ]);
  });
});

describe('a reply', () => {
  it('names any message of the thread, an old one too, and shows who said it and how it began', async () => {
    const { parties } = await party('Atlas', 'Nova');
    const [atlas, nova] = parties;
    const { thread } = await atlas.ask('open', { topic: 'Room' });
    await nova.ask('join', { thread: thread.id });
    const first = await atlas.ask('send', { text: `Which parser\n${'x'.repeat(100)}` });
    for (let index = 0; index < 20; index++) await nova.ask('send', { text: `words ${index}` });
    await nova.ask('send', { text: 'The second', replyTo: first.message.id });
    const shown = { from: 'Atlas', text: `Which parser ${'x'.repeat(66)}…` };
    expect((await atlas.ask('listen', {})).events.at(-1)).toMatchObject({ message: { replyToExcerpt: shown } });
    const { messages } = await atlas.ask('read', { thread: thread.id, limit: 1 });
    expect(messages[0]).toMatchObject({ replyTo: first.message.id, replyToExcerpt: shown });
    const other = await atlas.ask('message', { to: 'Nova', text: 'elsewhere' });
    const wrong = nova.ask('send', { thread: thread.id, text: 'to what?', replyTo: other.message.id });
    expect(await codeOf(wrong)).toBe('unknown_message');
  });

  it('shows what it replies to also when that is no longer among the latest', async () => {
    const { parties, person, broker } = await party('Atlas', 'Nova');
    const [atlas, nova] = parties;
    const { thread } = await atlas.ask('open', { topic: 'Room' });
    await nova.ask('join', { thread: thread.id });
    const first = await atlas.ask('send', { text: 'The first words' });
    const kim = person();
    for (let index = 0; index < 130; index++) await kim.ask('send', { thread: thread.id, text: 'x'.repeat(64 * 1024) });
    expect(broker.recentMessage(first.message.id)).toBeUndefined();
    await nova.ask('send', { text: 'Back to that', replyTo: first.message.id });
    const { messages } = await atlas.ask('read', { thread: thread.id, limit: 1 });
    expect(messages[0]?.replyToExcerpt).toEqual({ from: 'Atlas', text: 'The first words' });
  });
});
