import { describe, expect, it } from 'vitest';
import { toParleyError } from '../../src/contract/errors';
import { defaultLimits } from '../../src/core/limits';
import { RestartableBroker } from '../support/restartableBroker';

/** Three agents and the person, connected. */
class Office extends RestartableBroker {
  readonly people: Readonly<Record<'atlas' | 'nova' | 'rex' | 'kim', string>>;

  constructor() {
    super(defaultLimits, 1_800_000_000_000);
    this.people = {
      atlas: this.register('Atlas', 'agent'),
      nova: this.register('Nova', 'agent'),
      rex: this.register('Rex', 'agent'),
      kim: this.register('Kim', 'human'),
    };
    this.#connectAll();
  }

  /** The process goes after everything was written, and comes back. */
  restart(): void {
    this.crash(true);
    this.start();
    this.#connectAll();
  }

  #connectAll(): void {
    for (const [name, id] of Object.entries(this.people)) this.connect(id, name === 'kim');
  }
}

type Who = keyof Office['people'];

interface Keyed {
  readonly operation: string;
  readonly by: Who;
  /** What goes before; answers the input. */
  readonly before: (office: Office) => Promise<Record<string, unknown>>;
  /** The same key with this is a conflict. */
  readonly other?: Record<string, unknown>;
}

async function call(office: Office): Promise<string> {
  const placed = await office.ask(office.people.atlas, 'call', { to: 'Nova', topic: 'Review', wait: 0 });
  return (placed as { call: { id: string } }).call.id;
}

async function room(office: Office, by: Who = 'atlas'): Promise<string> {
  const opened = await office.ask(office.people[by], 'open', { topic: 'Review' });
  return (opened as { thread: { id: string } }).thread.id;
}

async function task(office: Office): Promise<string> {
  const given = await office.ask(office.people.atlas, 'delegate', { to: 'Nova', title: 'Mend it' });
  return (given as { task: { id: string } }).task.id;
}

const keyed: readonly Keyed[] = [
  { operation: 'cancel', by: 'atlas', before: async (office) => ({ call: await call(office) }) },
  {
    operation: 'leave',
    by: 'atlas',
    before: async (office) => ({ thread: await room(office) }),
    other: { close: true },
  },
  {
    operation: 'leave',
    by: 'kim',
    before: async (office) => {
      const thread = await room(office);
      await office.ask(office.people.rex, 'join', { thread });
      return { thread, agent: 'Rex' };
    },
    other: { agent: 'Atlas' },
  },
  { operation: 'cancelTask', by: 'atlas', before: async (office) => ({ task: await task(office) }) },
  {
    operation: 'answer',
    by: 'nova',
    before: async (office) => ({ call: await task(office), answer: 'decline' }),
    other: { answer: 'accept' },
  },
  { operation: 'join', by: 'rex', before: async (office) => ({ thread: await room(office) }) },
  {
    operation: 'rename',
    by: 'atlas',
    before: async (office) => ({ thread: await room(office), topic: 'Another' }),
    other: { topic: 'A third' },
  },
  { operation: 'pause', by: 'kim', before: async (office) => ({ thread: await room(office) }) },
  { operation: 'resume', by: 'kim', before: async (office) => ({ thread: await room(office) }) },
  {
    operation: 'grant',
    by: 'kim',
    before: async (office) => ({ thread: await room(office), turns: 5 }),
    other: { turns: 6 },
  },
  { operation: 'pauseAll', by: 'kim', before: () => Promise.resolve({}) },
  { operation: 'resumeAll', by: 'kim', before: () => Promise.resolve({}) },
];

describe('done once under its key, and answered as it was, also after a crash:', () => {
  for (const { operation, by, before, other } of keyed) {
    it(`${operation} by ${by}`, async () => {
      const office = new Office();
      const input = { ...(await before(office)), key: 'k' };
      const who = office.people[by];
      const first = await office.ask(who, operation, input);
      const { offset } = office.state;
      expect(await office.ask(who, operation, input)).toEqual(first);
      expect(office.state.offset).toBe(offset);
      office.restart();
      const events = office.journal.length;
      expect(await office.ask(who, operation, input)).toEqual(first);
      expect(office.journal.length).toBe(events);
      if (!other) return;
      const conflict = await office.ask(who, operation, { ...input, ...other }).catch((error: unknown) => error);
      expect(toParleyError(conflict).code).toBe('key_conflict');
    });
  }

  it('a leave says that it closed the thread, though the thread is long gone from the head state', async () => {
    const office = new Office();
    const thread = await room(office);
    const first = await office.ask(office.people.atlas, 'leave', { thread, key: 'k' });
    expect(first).toMatchObject({ thread, closed: true });
    office.restart();
    expect(await office.ask(office.people.atlas, 'leave', { thread, key: 'k' })).toEqual(first);
  });

  it('whoever signs on is answered the same agent and token, which no file holds', async () => {
    const office = new Office();
    const input = { name: 'Vega', platform: 'Script', key: '7d2f6c1e-aaaa-4bbb-8ccc-0123456789ab' };
    const first = (await office.askAsStranger('register', input)) as { agent: { id: string }; token: string };
    expect(await office.askAsStranger('register', input)).toEqual(first);
    office.restart();
    const again = (await office.askAsStranger('register', input)) as typeof first;
    expect([again.agent.id, again.token]).toEqual([first.agent.id, first.token]);
    expect(office.agentWith(first.token)).toBe(first.agent.id);
    expect(office.journal.filter(({ type }) => type === 'agent.registered')).toHaveLength(5);
    const written = JSON.stringify(office.journal);
    for (const secret of [first.token, input.key]) expect(written).not.toContain(secret);
    const conflict = await office
      .askAsStranger('register', { ...input, name: 'Other' })
      .catch((error: unknown) => error);
    expect(toParleyError(conflict).code).toBe('key_conflict');
  });

  it('a key of yesterday signs somebody new on, under a token of their own', async () => {
    const office = new Office();
    const key = '7d2f6c1e-aaaa-4bbb-8ccc-0123456789ab';
    const first = (await office.askAsStranger('register', { name: 'Vega', key })) as {
      agent: { id: string };
      token: string;
    };
    office.clock.turnTo(office.clock.time + defaultLimits.keysKept);
    const second = (await office.askAsStranger('register', { name: 'Lyra', key })) as typeof first;
    expect(second.agent.id).not.toBe(first.agent.id);
    expect([office.agentWith(first.token), office.agentWith(second.token)]).toEqual([first.agent.id, second.agent.id]);
  });

  it('turns are granted once', async () => {
    const office = new Office();
    const thread = await room(office);
    const input = { thread, turns: 5, key: 'k' };
    await office.ask(office.people.kim, 'grant', input);
    office.restart();
    await office.ask(office.people.kim, 'grant', input);
    expect(office.journal.filter(({ type }) => type === 'thread.granted')).toHaveLength(1);
  });
});
