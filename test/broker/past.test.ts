import { describe, expect, it } from 'vitest';
import type { Output } from '../../src/contract/operations';
import { defaultLimits } from '../../src/core/limits';
import { RestartableBroker } from '../support/restartableBroker';

const day = 24 * 3_600_000;

describe('what is long over', () => {
  it('a task that ended days ago is listed by filter and can be looked at, by those whom it concerned', async () => {
    const office = new RestartableBroker(defaultLimits, 1_800_000_000_000);
    const [atlas = '', nova = '', rex = ''] = ['Atlas', 'Nova', 'Rex'].map((name) => {
      const id = office.register(name, 'agent');
      office.connect(id, false);
      return id;
    });
    const given = (await office.ask(atlas, 'delegate', { to: 'Nova', title: 'Mend it' })) as Output<'delegate'>;
    const { id } = given.task;
    await office.ask(nova, 'report', { task: id, state: 'completed', text: 'Done.', result: { ok: true } });
    office.clock.turnTo(office.clock.now() + 2 * day);
    expect(office.state.tasks.has(id)).toBe(false);

    const list = async (who: string, input: object) => (await office.ask(who, 'tasks', input)) as Output<'tasks'>;
    expect((await list(nova, {})).tasks).toEqual([]);
    for (const state of ['over', 'completed'])
      expect((await list(nova, { state })).tasks).toMatchObject([{ id, state: 'completed', result: { ok: true } }]);
    expect((await list(atlas, { state: 'over', mine: 'given' })).tasks).toHaveLength(1);
    expect((await list(atlas, { state: 'over', mine: 'taken' })).tasks).toEqual([]);
    expect((await list(atlas, { state: 'failed' })).tasks).toEqual([]);
    expect((await list(rex, { state: 'over' })).tasks).toEqual([]);
    const whole = (await office.ask(atlas, 'task', { task: id })) as Output<'task'>;
    expect(whole.history.map(({ change }) => change)).toEqual(['offered', 'working', 'completed']);
    await expect(office.ask(rex, 'task', { task: id })).rejects.toMatchObject({ code: 'unknown_task' });
  });

  it('an agent that is off the roster keeps its name in what it said', async () => {
    const office = new RestartableBroker(defaultLimits, 1_800_000_000_000);
    const atlas = office.register('Atlas', 'agent');
    office.connect(atlas, false);
    const generated = office.registerGenerated();
    office.connect(generated.id, false);
    await office.ask(generated.id, 'message', { to: 'Atlas', text: 'I will not be here for long.' });
    const { threads } = (await office.ask(atlas, 'threads', {})) as Output<'threads'>;
    const thread = threads[0]?.id ?? '';
    await office.ask(atlas, 'read', { thread });
    office.disconnect(generated.id, false);
    office.clock.turnTo(office.clock.now() + 2 * day);
    expect(office.state.agents.has(generated.id)).toBe(false);
    const { messages, thread: view } = (await office.ask(atlas, 'read', { thread })) as Output<'read'>;
    expect(messages.at(-1)?.fromName).toBe(generated.name);
    expect(view.participants.map(({ name }) => name)).toContain(generated.name);
  });

  it('an agent that is off the roster keeps its name in what is told of it later', async () => {
    const office = new RestartableBroker(defaultLimits, 1_800_000_000_000);
    const atlas = office.register('Atlas', 'agent');
    office.connect(atlas, false);
    const rex = office.register('Rex', 'agent');
    office.connect(rex, false);
    await office.ask(rex, 'message', { to: 'Atlas', text: 'Farewell.' });
    const kim = office.register('Kim', 'human');
    office.connect(kim, true);
    await office.ask(kim, 'disconnect', { agent: 'Rex' });
    expect(office.state.agents.has(rex)).toBe(false);
    const { events } = (await office.ask(atlas, 'listen', {})) as Output<'listen'>;
    const said = events.flatMap((event) => (event.what === 'message' ? [event.message] : []));
    expect(said.find(({ content }) => content === 'Farewell.')?.fromName).toBe('Rex');
  });
});
