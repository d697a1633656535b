import { describe, expect, it } from 'vitest';
import { toParleyError } from '../../src/contract/errors';
import { settled } from '../support/manualClock';
import { testExchange } from '../support/testExchange';

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    return toParleyError(error).code;
  }
  return 'no error';
}

async function two(limits: Parameters<typeof testExchange>[0] = {}) {
  const office = testExchange(limits);
  const [atlas, nova] = [await office.join('Atlas'), await office.join('Nova')];
  return { ...office, atlas, nova };
}

describe('delegate', () => {
  it('waits for the result, which the assignee reports with the number that it was given', async () => {
    const { atlas, nova } = await two();
    const given = atlas.ask('delegate', { to: 'nova', title: 'Count the tests', text: 'All of them.', wait: 60 });
    const { events, waiting } = await nova.ask('listen', { wait: 5 });
    expect(events).toMatchObject([
      { what: 'task', change: 'offered', task: { title: 'Count the tests', text: 'All of them.', fromName: 'Atlas' } },
    ]);
    expect(waiting.tasks).toBe(1);
    const task = (events[0] as { task: { id: string } }).task.id;
    const taken = await nova.ask('answer', { call: task, answer: 'accept' });
    expect(taken).toMatchObject({ task: { state: 'working', fence: 1 }, waiting: { unread: 0 } });
    expect(taken.call).toBeUndefined();
    await nova.ask('report', { task, fence: 1, text: 'Counting', progress: 0.5 });
    await nova.ask('report', { task, fence: 1, state: 'completed', text: 'Done', result: { tests: 42 } });
    const done = await given;
    expect(done.task).toMatchObject({ state: 'completed', result: { tests: 42 }, said: 'Done', by: 'Nova' });
    expect(done.events.map((event) => event.what === 'task' && event.change)).toEqual([
      'working',
      'progress',
      'completed',
    ]);
    expect((await atlas.ask('listen', {})).events).toEqual([]);
  });

  it('comes back from its wait with a question, and the report of the question with the answer', async () => {
    const { atlas, nova } = await two();
    const given = atlas.ask('delegate', { to: 'Nova', title: 'Mend it', wait: 60 });
    await settled();
    const { tasks = [] } = await nova.ask('inbox', {});
    const [{ id: task } = { id: '' }] = tasks;
    const asked = nova.ask('report', { task, state: 'input-required', text: 'Which one?', wait: 60 });
    expect((await given).task).toMatchObject({ state: 'input-required', said: 'Which one?' });
    expect((await atlas.ask('inbox', {})).tasks).toMatchObject([{ id: task, said: 'Which one?' }]);
    await atlas.ask('report', { task, input: 'The left one' });
    const heard = await asked;
    expect(heard.events).toMatchObject([{ what: 'task', change: 'input', task: { said: 'The left one' } }]);
  });

  it('tells an assignee who was away, once it asks, and the giver that the offer was seen', async () => {
    const { atlas, nova, clock, party } = await two();
    nova.connection.close(false);
    const { task } = await atlas.ask('delegate', { to: 'Nova', title: 'Later' });
    expect(task.receipt?.state).toBe('stored');
    await clock.advance(3_600_000);
    const back = party(nova.token);
    const { events } = await back.ask('listen', {});
    expect(events).toMatchObject([{ what: 'task', change: 'offered', task: { id: task.id } }]);
    expect((await atlas.ask('task', { task: task.id })).task.receipt?.state).toBe('seen');
  });

  it('fails by its deadline at that moment, though nobody does anything', async () => {
    const { atlas, clock } = await two();
    await clock.advance(120_000);
    const given = atlas.ask('delegate', { to: 'Nova', title: 'Quick', deadline: 5, wait: 60 });
    await settled();
    await clock.advance(4_999);
    await clock.advance(1);
    expect((await given).task).toMatchObject({ state: 'failed', reason: 'deadline' });
  });

  it('happens once for a key', async () => {
    const { atlas, nova } = await two();
    const input = { to: 'Nova', title: 'Once', key: 'k' };
    const [one, other] = [await atlas.ask('delegate', input), await atlas.ask('delegate', input)];
    expect(other.task.id).toBe(one.task.id);
    expect(await codeOf(atlas.ask('delegate', { ...input, title: 'Twice' }))).toBe('key_conflict');
    expect((await nova.ask('tasks', {})).tasks).toHaveLength(1);
  });
});

describe('report', () => {
  it('refuses strangers, wrong numbers and what does not go together', async () => {
    const { atlas, nova, join } = await two();
    const echo = await join('Echo');
    const { task } = await atlas.ask('delegate', { to: 'Nova', title: 'Mine' });
    expect(await codeOf(echo.ask('report', { task: task.id, state: 'completed' }))).toBe('unknown_task');
    expect(await codeOf(echo.ask('task', { task: task.id }))).toBe('unknown_task');
    expect(await codeOf(atlas.ask('report', { task: task.id }))).toBe('not_your_task');
    expect(await codeOf(nova.ask('report', { task: task.id, fence: 7 }))).toBe('stale_fence');
    expect(await codeOf(nova.ask('report', { task: task.id, result: 1 }))).toBe('bad_input');
    expect(await codeOf(nova.ask('report', { task: task.id, text: 'a', input: 'b' }))).toBe('bad_input');
    let deep: unknown = 1;
    for (let level = 0; level < 10_000; level++) deep = [deep];
    expect(await codeOf(nova.ask('report', { task: task.id, state: 'completed', result: deep }))).toBe('bad_input');
    expect((await nova.ask('task', { task: task.id })).history).toHaveLength(1);
  });

  it('without a number speaks under the one that its own connection was given, not under a later one', async () => {
    const { atlas, nova, clock, party } = await two();
    const { task } = await atlas.ask('delegate', { to: 'Nova', title: 'Long', retries: 1 });
    await nova.ask('answer', { call: task.id, answer: 'accept' });
    await clock.advance(600_000);
    await clock.advance(10_000);
    const other = party(nova.token, { seat: false });
    const again = await other.ask('answer', { call: task.id, answer: 'accept' });
    expect(again.task).toMatchObject({ state: 'working', fence: 2 });
    expect(await codeOf(nova.ask('report', { task: task.id, state: 'completed' }))).toBe('stale_fence');
    await other.ask('report', { task: task.id, state: 'completed' });
    expect((await atlas.ask('task', { task: task.id })).task.state).toBe('completed');
  });

  it('and cancel race: the first stands, the other learns what became of it', async () => {
    const { atlas, nova } = await two();
    const outcomes = new Set<string>();
    for (const first of ['cancel', 'complete']) {
      const { task } = await atlas.ask('delegate', { to: 'Nova', title: `Race, ${first} first` });
      await nova.ask('answer', { call: task.id, answer: 'accept' });
      const acts = {
        cancel: () => codeOf(atlas.ask('cancelTask', { task: task.id, reason: 'changed my mind' })),
        complete: () => codeOf(nova.ask('report', { task: task.id, state: 'completed' })),
      };
      const order = first === 'cancel' ? ['cancel', 'complete'] : ['complete', 'cancel'];
      const codes = await Promise.all(order.map((act) => acts[act as 'cancel' | 'complete']()));
      expect(codes).toEqual(['no error', 'task_over']);
      outcomes.add((await atlas.ask('task', { task: task.id })).task.state);
    }
    expect([...outcomes]).toEqual(['canceled', 'completed']);
  });
});

describe('a lease', () => {
  it('that lapses ends the wait of who gave the task, and is told to who had it', async () => {
    const { atlas, nova, clock } = await two();
    const { task } = await atlas.ask('delegate', { to: 'Nova', title: 'Long' });
    await nova.ask('answer', { call: task.id, answer: 'accept' });
    await atlas.ask('listen', {});
    await clock.advance(1000);
    const waiting = atlas.ask('listen', { wait: 600 });
    await settled();
    await clock.advance(599_000);
    expect((await waiting).events).toMatchObject([
      { what: 'task', change: 'returned', task: { state: 'submitted', fence: 2, reason: 'lapsed', offered: false } },
    ]);
    expect((await nova.ask('listen', {})).events.at(-1)).toMatchObject({ what: 'task', change: 'returned' });
    expect((await atlas.ask('who', {})).waiting.tasks).toBe(1);
    expect((await nova.ask('who', {})).waiting.tasks).toBeUndefined();
  });
});

describe('tasks and task', () => {
  it('list what one gave and took, the latest change first, and nothing of others; the person sees all', async () => {
    const { atlas, nova, join, person, clock } = await two();
    const echo = await join('Echo');
    const { task: first } = await atlas.ask('delegate', { to: 'Nova', title: 'First' });
    await clock.advance(1);
    const { task: second } = await nova.ask('delegate', { to: 'Atlas', title: 'Second' });
    await clock.advance(1);
    await atlas.ask('delegate', { to: 'Echo', title: 'Third' });
    await clock.advance(1);
    await nova.ask('answer', { call: first.id, answer: 'decline', reason: 'no' });
    const titles = async (ask: Promise<{ tasks: { title: string }[] }>) => (await ask).tasks.map(({ title }) => title);
    expect(await titles(atlas.ask('tasks', { state: 'open' }))).toEqual(['Third', 'Second']);
    expect(await titles(nova.ask('tasks', { mine: 'given' }))).toEqual(['Second']);
    expect(await titles(nova.ask('tasks', { mine: 'taken', state: 'over' }))).toEqual(['First']);
    expect(await titles(echo.ask('tasks', {}))).toEqual(['Third']);
    expect(await titles(person().ask('tasks', {}))).toEqual(['Third', 'Second']);
    expect(await atlas.ask('tasks', { limit: 1 })).toMatchObject({ more: 1 });
    expect((await atlas.ask('task', { task: first.id })).history).toMatchObject([
      { change: 'offered', by: 'Atlas' },
      { change: 'rejected', by: 'Nova', said: 'no' },
    ]);
    expect(second.toName).toBe('Atlas');
  });

  it('show in who what an agent works on', async () => {
    const { atlas, nova } = await two();
    const { task } = await atlas.ask('delegate', { to: 'Nova', title: 'Now' });
    await nova.ask('answer', { call: task.id, answer: 'accept' });
    const { agents } = await atlas.ask('who', { agent: 'Nova' });
    expect(agents[0]?.task).toEqual({ id: task.id, title: 'Now' });
  });

  it('cut long words in lists and in what is told within a budget, and show them whole one by one', async () => {
    const { atlas, nova, exchange } = await two();
    const text = 'x'.repeat(60_000);
    const { task } = await atlas.ask('delegate', { to: 'Nova', title: 'Long', text });
    const { signal } = new AbortController();
    const { output } = await exchange.ask(nova.connection, 'listen', {}, { signal, budget: 24 * 1024 });
    const { events } = output as { events: { task: { text: string; cut?: boolean } }[] };
    expect(events[0]?.task.cut).toBe(true);
    expect(events[0]?.task.text.length).toBeLessThan(24 * 1024);
    expect((await nova.ask('inbox', {})).tasks?.[0]?.cut).toBe(true);
    expect((await atlas.ask('task', { task: task.id })).task.receipt?.state).toBe('stored');
    expect((await nova.ask('task', { task: task.id })).task.text).toBe(text);
    expect((await atlas.ask('task', { task: task.id })).task.receipt?.state).toBe('seen');
  });
});
