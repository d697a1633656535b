import { describe, expect, it } from 'vitest';
import { ParleyError, toParleyError } from '../../src/contract/errors';
import type { RingRequest } from '../../src/contract/wire';
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

describe('a call through the operations', () => {
  it('rings, is answered, carries the first message and is archived when one leaves', async () => {
    const { join } = testExchange();
    const [atlas, nova] = [await join('Atlas'), await join('Nova')];
    const waiting = atlas.ask('call', {
      to: 'nova',
      topic: 'Review my auth',
      message: 'The JWT check fails.',
      wait: 60,
    });
    const heard = await nova.ask('listen', { wait: 5 });
    expect(heard.events).toMatchObject([
      { what: 'call', call: { fromName: 'Atlas', topic: 'Review my auth', to: [{ state: 'ringing' }] } },
    ]);
    const answered = await nova.ask('answer', { answer: 'accept', message: 'Looking.' });
    expect(answered.messages.map((message) => [message.type, message.content])).toEqual([
      ['join', ''],
      ['join', ''],
      ['message', 'The JWT check fails.'],
    ]);
    const called = await waiting;
    expect(called.events.at(-1)).toMatchObject({
      what: 'message',
      message: { fromName: 'Nova', content: 'Looking.', seq: 4 },
    });
    const who = await atlas.ask('who', {});
    expect(who.agents.map((agent) => [agent.name, agent.presence])).toEqual([
      ['Atlas', 'in-call'],
      ['Nova', 'in-call'],
      ['Alex', 'offline'],
    ]);
    const left = await nova.ask('leave', {});
    expect(left.closed).toBe(true);
    const archived = await atlas.ask('read', { thread: called.thread! });
    expect(archived.thread.state).toBe('closed');
    expect(archived.messages[2]?.receipts).toMatchObject([{ name: 'Nova', state: 'seen' }]);
  });

  it('tells the caller who declined and why, and whoever answers after that what became of it', async () => {
    const { join } = testExchange();
    const [atlas, nova] = [await join('Atlas'), await join('Nova')];
    const waiting = atlas.ask('call', { to: 'Nova', topic: 'Lunch?', wait: 60 });
    await settled();
    await nova.ask('answer', { answer: 'decline', reason: 'in the middle of a release' });
    const { events, call } = await waiting;
    expect(events).toMatchObject([
      { what: 'outcome', agent: 'Nova', outcome: 'declined', call: { to: [{ reason: 'in the middle of a release' }] } },
    ]);
    expect(await codeOf(nova.ask('answer', { call: call.id, answer: 'accept' }))).toBe('call_over');
    expect(await codeOf(atlas.ask('cancel', { call: call.id }))).toBe('call_over');
  });

  it('answers the wait of a call that still rings with the call as it stands', async () => {
    const { join, clock } = testExchange();
    const [atlas] = [await join('Atlas'), await join('Nova')];
    const waiting = atlas.ask('call', { to: 'Nova', topic: 'Hello', wait: 25 });
    await clock.advance(25_000);
    const { call, events } = await waiting;
    expect(events).toEqual([]);
    expect(call.to[0]?.state).toBe('ringing');
  });

  it('asks which one, when several ring', async () => {
    const { join } = testExchange();
    const [atlas, echo, nova] = [await join('Atlas'), await join('Echo'), await join('Nova')];
    await atlas.ask('call', { to: 'Nova', topic: 'One' });
    await echo.ask('call', { to: 'Nova', topic: 'Two', urgency: 'now' });
    const error = await nova.ask('answer', { answer: 'accept' }).catch((caught: unknown) => toParleyError(caught));
    expect(error).toMatchObject({ code: 'which_call' });
    expect((error as ParleyError).message).toContain('from Echo about "Two"');
  });

  it('is told once to one who was away when it came and is rung by now', async () => {
    const { join, party } = testExchange();
    const [atlas, nova] = [await join('Atlas'), await join('Nova')];
    nova.connection.close(false);
    await atlas.ask('call', { to: 'Nova', topic: 'Hello' });
    const { events } = await party(nova.token).ask('listen', {});
    expect(events).toMatchObject([{ what: 'call', call: { to: [{ state: 'ringing' }] } }]);
  });

  it('waits in the inbox of one who is away and rings once when it comes', async () => {
    const { join, party } = testExchange();
    const [atlas, nova] = [await join('Atlas'), await join('Nova')];
    nova.connection.close(false);
    const { call } = await atlas.ask('call', { to: 'Nova', topic: 'Hello' });
    expect(call.to[0]).toMatchObject({ state: 'queued', reason: 'offline' });
    const back = party(nova.token);
    const { calls } = await back.ask('inbox', {});
    expect(calls).toMatchObject([{ fromName: 'Atlas', to: [{ state: 'ringing' }] }]);
  });
});

describe('listening', () => {
  it('tells again what was handed over to nobody', async () => {
    const { join, exchange } = testExchange();
    const [atlas, nova] = [await join('Atlas'), await join('Nova')];
    await atlas.ask('message', { to: 'Nova', text: 'one' });
    const signal = new AbortController().signal;
    const first = await exchange.ask(nova.connection, 'listen', {}, { signal });
    const again = await exchange.ask(nova.connection, 'listen', {}, { signal });
    expect(again.output).toMatchObject({ events: (first.output as { events: unknown[] }).events });
    exchange.confirm(nova.connection, [again.delivery!], 'test');
    expect((await nova.ask('listen', {})).events).toEqual([]);
  });

  it('does not count as waiting what the same answer tells', async () => {
    const { join } = testExchange();
    const [atlas, nova] = [await join('Atlas'), await join('Nova')];
    await atlas.ask('message', { to: 'Nova', text: 'one' });
    await atlas.ask('message', { to: 'Nova', text: 'two' });
    expect((await nova.ask('profile', {})).waiting.unread).toBe(2);
    expect((await nova.ask('listen', { limit: 1 })).waiting.unread).toBe(1);
    expect((await nova.ask('listen', {})).waiting.unread).toBe(0);
  });

  it('does not tell again what another answer told already, and waits for what is new', async () => {
    const { join } = testExchange();
    const [atlas, nova] = [await join('Atlas'), await join('Nova')];
    await atlas.ask('call', { to: 'Nova', topic: 'Hello', message: 'first' });
    const { messages } = await nova.ask('answer', { answer: 'accept', wait: 20 });
    expect(messages.at(-1)?.content).toBe('first');
    const waiting = nova.ask('send', { text: 'second', wait: 20 });
    await settled();
    await atlas.ask('send', { text: 'third' });
    expect((await waiting).events).toMatchObject([{ what: 'message', message: { content: 'third' } }]);
    expect((await nova.ask('listen', {})).events).toEqual([]);
  });

  it('re-reads from a cursor without moving', async () => {
    const { join } = testExchange();
    const [atlas, nova] = [await join('Atlas'), await join('Nova')];
    const { cursor } = await nova.ask('listen', {});
    await atlas.ask('message', { to: 'Nova', text: 'one' });
    expect((await nova.ask('listen', { cursor })).events).toHaveLength(1);
    expect((await nova.ask('listen', {})).events.at(-1)).toMatchObject({
      what: 'message',
      message: { content: 'one' },
    });
    expect((await nova.ask('listen', {})).events).toEqual([]);
    expect((await nova.ask('listen', { cursor })).events).toHaveLength(1);
  });

  it('cuts a text that is larger than the budget, and does not call it seen', async () => {
    const { join, exchange, broker } = testExchange();
    const [atlas, nova] = [await join('Atlas'), await join('Nova')];
    const { message } = await atlas.ask('message', { to: 'Nova', text: 'x'.repeat(30_000) });
    const signal = new AbortController().signal;
    const heard = await exchange.ask(nova.connection, 'listen', {}, { signal, budget: 24 * 1024 });
    exchange.confirm(nova.connection, [heard.delivery!], 'test');
    const told = (heard.output as { events: { message?: { cut?: number; content: string } }[] }).events.at(-1);
    expect(told?.message?.cut).toBe(30_000 - (told?.message?.content.length ?? 0));
    expect(broker.state.pending.get(message.id)?.receipts.get(nova.id)?.state).toBe('stored');
    const skip = told?.message?.content.length ?? 0;
    const later = { thread: message.thread, after: message.seq - 1, skip: 20_000 };
    const end = await exchange.ask(nova.connection, 'read', later, { signal, budget: 24 * 1024 });
    expect([end.delivery, (end.output as { messages: unknown[] }).messages.length]).toEqual([undefined, 1]);
    const rest = await exchange.ask(
      nova.connection,
      'read',
      { thread: message.thread, after: message.seq - 1, skip },
      { signal, budget: 24 * 1024 },
    );
    exchange.confirm(nova.connection, [rest.delivery!], 'test');
    expect(broker.state.pending.get(message.id)?.receipts.get(nova.id)?.state).toBe('seen');
  });
});

describe('the seat', () => {
  it('is held by the first, and the person is told of a second claim', async () => {
    const { join, party, exchange, person } = testExchange();
    const told: unknown[] = [];
    const nova = await join('Nova');
    const watcher = exchange.connect(exchange.identify(person().token), {
      client: 'window',
      version: '1',
      present: true,
      seat: false,
      ringers: [],
      event: (watched) => told.push(watched),
    });
    exchange.watch(watcher);
    const second = party(nova.token, { client: 'parley-mcp' });
    expect([nova.connection.seat, second.connection.seat]).toEqual(['held', 'taken']);
    expect(told).toEqual([{ type: 'seat', agent: nova.id, program: 'parley-mcp' }]);
    nova.connection.close();
    expect(party(nova.token).connection.seat).toBe('held');
  });
});

describe('presence', () => {
  it('counts who only runs single commands as there for 90 s after the last', async () => {
    const { exchange, clock, person } = testExchange();
    const alex = person();
    const signal = new AbortController().signal;
    const single = { client: 'cli', version: '1', present: false, seat: false, ringers: [] };
    const stranger = exchange.connect({ role: 'none' }, single);
    const { output } = await exchange.ask(stranger, 'register', { name: 'Script' }, { signal });
    stranger.close(false);
    const presence = async (): Promise<string | undefined> =>
      (await alex.ask('who', { agent: 'Script' })).agents[0]?.presence;
    await clock.advance(89_000);
    expect(await presence()).toBe('available');
    const again = exchange.connect(exchange.identify((output as { token: string }).token), single);
    await exchange.ask(again, 'inbox', {}, { signal });
    again.close(false);
    await clock.advance(89_000);
    expect(await presence()).toBe('available');
    await clock.advance(2_000);
    expect(await presence()).toBe('offline');
  });

  it('gives a dropped connection 10 s to come back, and one that said goodbye none', async () => {
    const { join, party, clock, person } = testExchange();
    const [nova, alex] = [await join('Nova'), person()];
    const presence = async (): Promise<string | undefined> =>
      (await alex.ask('who', { agent: 'Nova' })).agents[0]?.presence;
    nova.connection.close(true);
    await clock.advance(9_000);
    expect(await presence()).toBe('available');
    const back = party(nova.token);
    await clock.advance(60_000);
    expect(await presence()).toBe('available');
    back.connection.close(false);
    expect(await presence()).toBe('offline');
  });
});

describe('the last words of a thread', () => {
  it('wait in the inbox after it was archived, until they were shown', async () => {
    const { join, person, broker } = testExchange();
    const [atlas, nova, alex] = [await join('Atlas'), await join('Nova'), person()];
    await atlas.ask('call', { to: 'Nova', topic: 'Short' });
    const { thread } = await nova.ask('answer', { answer: 'accept' });
    await alex.ask('send', { thread: thread!, text: 'I am here too' });
    for (const party of [nova, atlas]) await party.ask('listen', {});
    await atlas.ask('send', { text: 'the important thing' });
    await atlas.ask('leave', { close: true });
    expect((await nova.ask('profile', {})).waiting.unread).toBe(1);
    const { threads } = await nova.ask('inbox', {});
    expect(threads).toMatchObject([{ id: thread, state: 'closed', unread: 1 }]);
    await nova.ask('read', { thread: thread! });
    expect((await nova.ask('inbox', {})).threads).toEqual([]);
    // The person is shown it in the thread view, up to a seq.
    expect((await alex.ask('inbox', {})).threads).toHaveLength(1);
    await alex.ask('seen', { thread: thread!, seq: 50 });
    expect((await alex.ask('inbox', {})).threads).toEqual([]);
    expect([broker.state.lastWords.size, broker.state.unread.size]).toEqual([0, 0]);
  });
});

describe('reading', () => {
  it('gives the latest messages that fit the budget, and with `after` the first', async () => {
    const { join, exchange } = testExchange();
    const [atlas, nova] = [await join('Atlas'), await join('Nova')];
    for (const letter of ['a', 'b', 'c', 'd']) await atlas.ask('message', { to: 'Nova', text: letter.repeat(10_000) });
    const { threads } = await nova.ask('threads', {});
    const signal = new AbortController().signal;
    const read = async (more: object): Promise<[string, number]> => {
      const { output } = await exchange.ask(
        nova.connection,
        'read',
        { thread: threads[0]!.id, ...more },
        { signal, budget: 24 * 1024 },
      );
      const { messages, more: left } = output as { messages: { content: string }[]; more: number };
      return [messages.map((message) => message.content[0] ?? '').join(''), left];
    };
    expect(await read({})).toEqual(['cd', 4]);
    expect(await read({ before: 5 })).toEqual(['ab', 0]);
    expect(await read({ after: 2 })).toEqual(['ab', 2]);
  });
});

describe('permission and input', () => {
  it('lets a stranger register and do nothing else', async () => {
    const { exchange } = testExchange();
    const stranger = exchange.connect(
      { role: 'none' },
      { client: 't', version: '1', present: false, seat: false, ringers: [] },
    );
    const signal = new AbortController().signal;
    expect(await codeOf(exchange.ask(stranger, 'who', {}, { signal }))).toBe('who_are_you');
    expect(() => exchange.identify('not a token')).toThrow(ParleyError);
  });

  it('lets agents neither watch nor stop nor wake', async () => {
    const { join, exchange } = testExchange();
    const atlas = await join('Atlas');
    expect(() => exchange.watch(atlas.connection)).toThrow(ParleyError);
    expect(await codeOf(atlas.ask('stop', {}))).toBe('forbidden');
    expect(await codeOf(atlas.ask('wake', { call: 'x', agent: 'y' }))).toBe('forbidden');
  });

  it('names the field that is wrong', async () => {
    const { join } = testExchange();
    const atlas = await join('Atlas');
    const error = await atlas.ask('listen', { limit: 0 }).catch((caught: unknown) => toParleyError(caught));
    expect(error).toMatchObject({ code: 'bad_input', facts: { problem: expect.stringContaining('limit') as string } });
  });

  it('shows a thread to its participants and the person, to nobody else', async () => {
    const { join, person } = testExchange();
    const [atlas, , echo, alex] = [await join('Atlas'), await join('Nova'), await join('Echo'), person()];
    const { message } = await atlas.ask('message', { to: 'Nova', text: 'between us' });
    expect(await codeOf(echo.ask('read', { thread: message.thread }))).toBe('unknown_thread');
    expect((await echo.ask('threads', {})).threads).toEqual([]);
    expect((await alex.ask('read', { thread: message.thread })).messages.at(-1)?.content).toBe('between us');
  });
});

describe('getting through', () => {
  it('rings an idle agent by its own door, and says rung, not seen', async () => {
    const { join, broker } = testExchange();
    const rings: RingRequest[] = [];
    const atlas = await join('Atlas');
    const nova = await join('Nova', {
      ringers: ['vscode-chat', 'claude-inbox'],
      ring: (request) => {
        rings.push(request);
        return Promise.resolve({ result: 'written' as const });
      },
    });
    expect((await atlas.ask('who', { agent: 'Nova' })).agents[0]?.reach).toEqual({
      state: 'wakes',
      ringer: 'claude-inbox',
    });
    const { call } = await atlas.ask('call', { to: 'Nova', topic: 'say "hi"' });
    await settled();
    expect(rings.map((ring) => [ring.ringer, ring.permitted])).toEqual([['claude-inbox', false]]);
    expect(rings[0]?.text).toContain('"say \\"hi\\""');
    expect(broker.state.pending.get(call.id)?.receipts.get(nova.id)).toMatchObject({
      state: 'rung',
      report: { ringer: 'claude-inbox' },
    });
  });

  it('takes what a client tells of a ring before its ringer has answered for the answer, and tries the next', async () => {
    const { join, broker } = testExchange();
    const tried: string[] = [];
    const atlas = await join('Atlas');
    const nova = await join('Nova', {
      ringers: ['claude-inbox', 'listen'],
      ring: async ({ ringer, subject, agent }) => {
        tried.push(ringer);
        if (ringer === 'claude-inbox') await nova.ask('ringReport', { subject, agent, ringer, result: 'failed' });
        return ringer === 'claude-inbox' ? { result: 'written' } : { result: 'failed', detail: 'nobody' };
      },
    });
    const { call } = await atlas.ask('call', { to: 'Nova', topic: 'review' });
    const report = (): object | undefined => broker.state.pending.get(call.id)?.receipts.get(nova.id)?.report;
    await settled();
    expect(tried).toEqual(['claude-inbox', 'listen']);
    expect(report()).toEqual({ ringer: 'listen', result: 'failed', detail: 'nobody' });
    await nova.ask('ringReport', { subject: call.id, agent: nova.id, ringer: 'claude-inbox', result: 'held' });
    expect(report()).toEqual({ ringer: 'claude-inbox', result: 'held' });
  });

  it('tells those who watch when the way to an agent has changed', async () => {
    const { join, exchange } = testExchange();
    const nova = await join('Nova');
    const told: object[] = [];
    const window = { client: 'window', version: '1', present: true, seat: false, ringers: [] };
    const watcher = exchange.connect(exchange.identify(adminToken), {
      ...window,
      event: (watched) => told.push(watched),
    });
    exchange.watch(watcher);
    const hangUp = new AbortController();
    const listening = nova.ask('listen', { wait: 30 }, hangUp.signal);
    await settled();
    expect(told).toEqual([{ type: 'reach', agent: nova.id }]);
    hangUp.abort();
    await listening;
    expect(told).toHaveLength(2);
  });

  it('rings nobody who is listening', async () => {
    const { join } = testExchange();
    const atlas = await join('Atlas');
    let rings = 0;
    const nova = await join('Nova', {
      ringers: ['claude-inbox'],
      ring: () => {
        rings++;
        return Promise.resolve({ result: 'written' as const });
      },
    });
    const listening = nova.ask('listen', { wait: 30 });
    await settled();
    expect((await atlas.ask('who', { agent: 'Nova' })).agents[0]?.reach.state).toBe('listening');
    await atlas.ask('call', { to: 'Nova', topic: 'Hello' });
    expect((await listening).events).toHaveLength(1);
    expect(rings).toBe(0);
  });

  it('says that a held ring waits for permission, and asks for the chat only when the person lets it', async () => {
    const { join, person } = testExchange();
    const tried: string[] = [];
    const atlas = await join('Atlas');
    const alex = person();
    await join('Nova', {
      ringers: ['claude-inbox', 'vscode-chat'],
      ring: (request) => {
        tried.push(`${request.ringer} ${request.permitted}`);
        if (request.ringer === 'vscode-chat') return Promise.resolve({ result: 'written' as const });
        const held = { result: 'held' as const, detail: 'permission prompt' };
        return Promise.resolve(request.permitted ? { result: 'failed' as const, detail: 'its inbox is gone' } : held);
      },
    });
    const { call } = await atlas.ask('call', { to: 'Nova', topic: 'Hello' });
    await settled();
    expect((await atlas.ask('who', { agent: 'Nova' })).agents[0]?.reach.state).toBe('waits-for-permission');
    await alex.ask('wake', { call: call.id, agent: call.to[0]!.agent });
    await settled();
    expect(tried).toEqual(['claude-inbox false', 'claude-inbox true', 'vscode-chat true']);
  });

  it('tells the sender once what was not seen in time, and why', async () => {
    const { join, clock } = testExchange();
    const [atlas, nova] = [await join('Atlas'), await join('Nova')];
    await atlas.ask('message', { to: 'Nova', text: 'anyone?' });
    nova.connection.close(false);
    await clock.advance(31 * 60_000);
    const { events } = await atlas.ask('listen', {});
    expect(events.filter((event) => event.what === 'unseen')).toMatchObject([{ agent: 'Nova', reason: 'offline' }]);
    await clock.advance(60 * 60_000);
    expect((await atlas.ask('listen', {})).events.filter((event) => event.what === 'unseen')).toEqual([]);
  });
});
