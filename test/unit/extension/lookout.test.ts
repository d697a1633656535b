import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ParleyError } from '../../../src/contract/errors';
import { emptyCard } from '../../../src/core/model';
import { Lookout } from '../../../src/extension/lookout';
import { nameOf } from '../../../src/extension/picture';
import { agent, callToYou, event, FakeLine, noon, placed, settle, TestClock, thread, you } from './support';

let line: FakeLine;
let clock: TestClock;
let lookout: Lookout;
const errors: unknown[] = [];

beforeEach(() => {
  line = new FakeLine();
  clock = new TestClock();
  line.agents = [you, agent('Nova')];
  line.threads = [thread('t1', { unread: 1 })];
  lookout = new Lookout({
    line,
    clock,
    disturb: () => 'whenNeeded',
    ownAgent: () => undefined,
    onError: (error) => errors.push(error),
  });
});

afterEach(() => expect(errors.splice(0)).toEqual([]));

describe('the picture', () => {
  test('is connecting until the broker has told everything, then whole', async () => {
    expect(lookout.picture.broker.state).toBe('connecting');
    line.connect();
    expect(lookout.picture.broker.state).toBe('connecting');
    await settle();
    expect(lookout.picture.broker.state).toBe('connected');
    expect([...lookout.picture.agents.keys()]).toEqual([you.id, 'NOVA']);
    expect(lookout.picture.unread.map((one) => one.id)).toEqual(['t1']);
  });

  test('is empty and says so when the broker goes, and is whole again when it is back', async () => {
    line.connect();
    await settle();
    line.become({ kind: 'lost', error: new ParleyError('broker_gone'), retryAt: 0 });
    expect(lookout.picture.broker.state).toBe('gone');
    expect(lookout.picture.agents.size).toBe(0);
    line.connect();
    await settle();
    expect(lookout.picture.broker.state).toBe('connected');
    expect(lookout.picture.agents.size).toBe(2);
  });

  test('shows a presence at once and asks for that one agent only', async () => {
    line.connect();
    await settle();
    line.asked.length = 0;
    line.agents = [you, agent('Nova', { presence: 'busy', description: 'new' })];
    line.tell({ type: 'presence', agent: 'NOVA', presence: 'busy' });
    expect(lookout.picture.agents.get('NOVA')).toMatchObject({ presence: 'busy', description: '' });
    await clock.pass(100);
    expect(line.asked).toEqual(['who']);
    expect(lookout.picture.agents.get('NOVA')?.description).toBe('new');
  });

  test('knows whether all is paused, from before it came and from what it hears', async () => {
    line.paused = true;
    line.connect();
    await settle();
    expect(lookout.picture.paused).toBe(true);
    line.tell(event({ type: 'all.resumed', payload: { by: you.id } }));
    expect(lookout.picture.paused).toBe(false);
    line.tell(event({ type: 'all.paused', payload: { by: you.id } }));
    expect(lookout.picture.paused).toBe(true);
  });

  test('knows who has just come by name at once, and by a new name as well', async () => {
    line.connect();
    await settle();
    const echo = {
      id: 'ECHO',
      name: 'Echo',
      kind: 'agent',
      card: emptyCard,
      busy: false,
      generated: false,
      tokenHash: '',
      registeredAt: 1,
    } as const;
    line.tell(event({ type: 'agent.registered', payload: { agent: echo } }));
    expect(nameOf(lookout.picture, 'ECHO')).toBe('Echo');
    line.tell(event({ type: 'agent.profiled', payload: { agent: 'ECHO', name: 'Narcissus' } }));
    expect(nameOf(lookout.picture, 'ECHO')).toBe('Narcissus');
  });

  test('fetches a burst of events once', async () => {
    line.connect();
    await settle();
    line.asked.length = 0;
    const message = {
      id: 'm',
      thread: 't1',
      from: 'NOVA',
      type: 'message',
      content: 'hi',
      refs: [],
      seq: 4,
      timestamp: 0,
    } as const;
    line.threads = [thread('t1', { messages: 54, unread: 51 })];
    for (let many = 0; many < 50; many++) line.tell(event({ type: 'message.sent', payload: { message, answers: [] } }));
    await clock.pass(1000);
    expect(line.asked.sort()).toEqual(['inbox', 'read']);
    expect(lookout.picture.threads[0]?.messages).toBe(54);
  });

  test('does not miss what happens while it fetches', async () => {
    line.connect();
    line.agents = [you, agent('Nova'), agent('Atlas')];
    line.tell(event({ type: 'agent.retired', payload: { agent: 'X' } }));
    await clock.pass(100);
    expect(lookout.picture.agents.has('ATLAS')).toBe(true);
  });

  test('is fetched again a while after the broker refused a question', async () => {
    const { receive } = line;
    line.receive = () => Promise.reject(new ParleyError('too_many_requests', { limit: 1 }));
    line.connect();
    await settle();
    expect(lookout.picture.broker.state).toBe('connecting');
    line.receive = receive;
    await clock.pass(2_000);
    expect(lookout.picture.broker.state).toBe('connected');
    expect(errors.splice(0)).toMatchObject([{ code: 'too_many_requests' }]);
  });

  test('has all open threads however many are archived, and more of those when they are asked for', async () => {
    const archived = Array.from({ length: 230 }, (_, index) =>
      thread(`a${index}`, { state: 'closed', lastAt: noon - index }),
    );
    line.threads = [...archived, thread('old', { lastAt: 1 })];
    line.connect();
    await settle();
    const count = (): number[] => [
      lookout.picture.threads.filter((one) => one.state === 'closed').length,
      Number(lookout.picture.archivedMore),
    ];
    expect(count()).toEqual([50, 1]);
    expect(lookout.picture.threads.at(-1)?.id).toBe('old');
    lookout.moreArchived();
    await clock.pass(100);
    expect(count()).toEqual([100, 1]);
    for (let page = 0; page < 3; page++) lookout.moreArchived();
    await clock.pass(100);
    expect(count()).toEqual([230, 0]);
  });

  test('knows until when the person is left alone', async () => {
    line.connect();
    await settle();
    line.quiet = { on: true, until: noon + 1 };
    line.tell(event({ type: 'person.quieted', payload: { agent: you.id, quiet: { until: noon + 1 }, busy: true } }));
    await clock.pass(100);
    expect(lookout.picture.quiet).toEqual({ on: true, until: noon + 1 });
  });

  test('asks for nothing when nothing happens', async () => {
    line.connect();
    await settle();
    line.asked.length = 0;
    await clock.pass(3_600_000);
    expect(line.asked).toEqual([]);
  });
});

describe('rings', () => {
  test('that began before the window opened are shown, and end by their event', async () => {
    line.calls = [callToYou('c1', 'ringing')];
    line.connect();
    await settle();
    expect(lookout.picture.rings.map((ring) => ring.call.id)).toEqual(['c1']);
    line.calls = [];
    line.tell(event({ type: 'call.cancelled', payload: { call: 'c1', agent: you.id, by: 'NOVA' } }));
    expect(lookout.picture.rings).toEqual([]);
    await clock.pass(100);
    expect(lookout.picture.calls).toEqual([]);
  });

  test('are in the picture as soon as their event is', async () => {
    line.connect();
    await settle();
    const call = placed('c2', { from: 'NOVA' });
    line.tell(
      event({ type: 'call.placed', payload: { call, to: [you.id] } }, clock.now()),
      event({ type: 'call.rang', payload: { call: 'c2', agent: you.id, deadline: clock.now() + 45_000 } }, clock.now()),
    );
    expect(lookout.picture.rings).toHaveLength(1);
  });

  test('are gone with the broker that told them', async () => {
    line.calls = [callToYou('c1', 'ringing')];
    line.connect();
    await settle();
    line.become({ kind: 'lost', error: new ParleyError('broker_gone'), retryAt: 0 });
    expect(lookout.picture.rings).toEqual([]);
  });
});
