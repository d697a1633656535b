import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Client, connect } from '../../../src/client/client';
import type { ClientState, ConnectOptions } from '../../../src/client/options';
import type { ListenEvent } from '../../../src/contract/views';
import type { Watched } from '../../../src/contract/wire';
import { FakeBroker, temporaryHome } from './fakeBroker';
import { ManualClock } from './manualClock';

let home: string;
let clock: ManualClock;
const clients: Client[] = [];
const brokers: FakeBroker[] = [];

beforeEach(() => {
  home = temporaryHome();
  clock = new ManualClock();
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  for (const broker of brokers.splice(0)) await broker.kill();
  fs.rmSync(home, { recursive: true, force: true });
});

async function broker(options: Parameters<typeof FakeBroker.start>[1] = {}): Promise<FakeBroker> {
  const started = await FakeBroker.start(home, options);
  brokers.push(started);
  return started;
}

function optionsWith(more: Partial<ConnectOptions> = {}): ConnectOptions {
  let keys = 0;
  return { home, client: 'test', version: '1', token: 'secret', clock, newKey: () => `key-${++keys}`, ...more };
}

async function connected(more: Partial<ConnectOptions> = {}): Promise<Client> {
  const client = await connect(optionsWith(more));
  clients.push(client);
  return client;
}

function until(client: Client, kind: ClientState['kind']): Promise<ClientState> {
  if (client.state.kind === kind) return Promise.resolve(client.state);
  return new Promise((resolve) => {
    const stop = client.onState((state) => {
      if (state.kind !== kind) return;
      stop();
      resolve(state);
    });
  });
}

/** Resolves when the client says next where it stands. */
function changeOf(client: Client): Promise<void> {
  return new Promise((resolve) => {
    const stop = client.onState(() => {
      stop();
      resolve();
    });
  });
}

/** A request whose answer the test has no use for. */
function unanswered(asking: Promise<unknown>): void {
  asking.catch(() => undefined);
}

/** Lets the pause before a confirmation pass, once the client has begun so many of them. */
async function confirmPause(times: number): Promise<void> {
  await vi.waitFor(() => expect(clock.pauses.filter((milliseconds) => milliseconds === 10)).toHaveLength(times));
  clock.advance(10);
}

const closedEvent = (offset: number): ListenEvent => ({ what: 'closed', offset, at: 0, thread: 'T', topic: 'x' });

describe('reaching the broker', () => {
  it('finds it by its record and brings the token in the header only', async () => {
    const fake = await broker();
    const client = await connected({ seat: true, present: true, ringers: ['claude-inbox'] });
    expect(client.state.kind).toBe('connected');
    expect(fake.hellos).toEqual([
      {
        client: 'test',
        version: '1',
        protocol: 1,
        seat: true,
        present: true,
        ringers: ['claude-inbox'],
        batches: true,
        token: 'secret',
      },
    ]);
  });

  it('says broker_gone when there is no record, or nobody listens there', async () => {
    await expect(connect(optionsWith())).rejects.toMatchObject({ code: 'broker_gone' });
    const fake = await broker();
    await fake.kill();
    await expect(connect(optionsWith())).rejects.toMatchObject({ code: 'broker_gone' });
  });

  it('does not follow a link in the place of the socket', async () => {
    const fake = await broker();
    const link = path.join(home, 'link.sock');
    fs.symlinkSync(path.join(home, 'fake.sock'), link);
    fake.writeRecord({ socket: link });
    await expect(connect(optionsWith())).rejects.toMatchObject({ code: 'socket_foreign', facts: { socket: link } });
    expect(fake.hellos).toEqual([]);
  });

  it.runIf(process.getuid?.() === 0)(
    'does not speak to a socket of another user (run as root: only root can make one)',
    async () => {
      await broker();
      fs.chownSync(path.join(home, 'fake.sock'), 65534, 65534);
      expect(fs.lstatSync(path.join(home, 'fake.sock')).uid).toBe(65534);
      await expect(connect(optionsWith())).rejects.toMatchObject({ code: 'socket_foreign' });
    },
  );

  it('says broker_hangs, with the process, when the hello is not answered within 5 s', async () => {
    const fake = await broker({ hangs: true });
    const connecting = connect(optionsWith());
    await fake.greeted(1);
    clock.advance(4999);
    clock.advance(1);
    await expect(connecting).rejects.toMatchObject({ code: 'broker_hangs', facts: { pid: process.pid } });
  });

  it('fails for good on a token that is not known, and signs in with another', async () => {
    await broker({ tokens: ['good'] });
    const client = new Client(optionsWith({ token: 'bad' }));
    clients.push(client);
    expect(await until(client, 'failed')).toMatchObject({ error: { code: 'unauthorized' } });
    await expect(client.ask('inbox', {})).rejects.toMatchObject({ code: 'unauthorized' });
    await client.signIn('good');
    expect(client.state.kind).toBe('connected');
  });

  it('asks for the token anew at each connection', async () => {
    const fake = await broker();
    let token = 'first';
    const client = await connected({ token: () => token });
    token = 'second';
    client.retry();
    await client.ready();
    expect(fake.hellos.map((hello) => hello.token)).toEqual(['first', 'second']);
  });

  it('says goodbye when it closes, so that its agent is gone at once', async () => {
    const fake = await broker();
    const client = await connected();
    client.close();
    expect(await fake.closed()).toEqual([1000]);
  });
});

describe('asking', () => {
  it('answers the output, and confirms what was handed over', async () => {
    const fake = await broker();
    const client = await connected();
    const asking = client.ask('inbox', {});
    const [request] = await fake.requests('inbox');
    request?.answer({ calls: [], threads: [], waiting: {} }, 'D1');
    expect(await asking).toEqual({ calls: [], threads: [], waiting: {} });
    const [confirmed] = await fake.requests('confirm');
    expect(confirmed?.input).toEqual({ deliveries: ['D1'], via: 'test' });
  });

  it('leaves confirming to whoever receives', async () => {
    const fake = await broker();
    const client = await connected();
    const receiving = client.receive('inbox', {});
    (await fake.requests('inbox'))[0]?.answer({}, 'D1');
    expect(await receiving).toEqual({ output: {}, delivery: 'D1' });
    await Promise.all([client.confirm(['D1'], 'stdout'), client.confirm(['D2'], 'stdout')]);
    expect((await fake.requests('confirm')).map(({ input }) => input)).toEqual([
      { deliveries: ['D1', 'D2'], via: 'stdout' },
    ]);
  });

  it('gives a write a key of its own, keeps one that was given, and gives a question none', async () => {
    const fake = await broker();
    const client = await connected();
    unanswered(client.ask('send', { text: 'a' }));
    unanswered(client.ask('send', { text: 'b', key: 'mine' }));
    unanswered(client.ask('inbox', {}));
    expect((await fake.requests('send', 2)).map(({ input }) => input['key'])).toEqual(['key-1', 'mine']);
    expect((await fake.requests('inbox'))[0]?.input).toEqual({});
  });

  it('gives the error its code and facts', async () => {
    const fake = await broker();
    const client = await connected();
    const asking = client.ask('call', { to: 'Zed', topic: 't' });
    (await fake.requests('call'))[0]?.refuse('unknown_agent', { agent: 'Zed', known: ['Nova'] });
    await expect(asking).rejects.toMatchObject({ code: 'unknown_agent', facts: { agent: 'Zed', known: ['Nova'] } });
  });

  it('takes a request back at the broker when it is aborted', async () => {
    const fake = await broker();
    const client = await connected();
    const stop = new AbortController();
    const asking = client.ask('listen', { wait: 60 }, { signal: stop.signal });
    const [request] = await fake.requests('listen');
    stop.abort(new Error('enough'));
    await expect(asking).rejects.toThrow('enough');
    unanswered(client.ask('inbox', {}));
    await fake.requests('inbox');
    expect(request?.cancelled).toBe(true);
  });
});

describe('a broker that goes and comes back', () => {
  it('is found again, and what waited is repeated with the same key and what is left of its wait', async () => {
    const first = await broker();
    const client = await connected();
    const asking = client.ask('send', { text: 'hello', wait: 60 });
    await first.requests('send');
    clock.advance(20_000);
    const lost = until(client, 'lost');
    await first.kill();
    await lost;
    const second = await broker();
    const back = until(client, 'connected');
    clock.advance(50);
    await back;
    const [request] = await second.requests('send');
    expect(request?.input).toMatchObject({ text: 'hello', key: 'key-1' });
    expect(request?.input['wait']).toBeCloseTo(40, 0);
    request?.answer({ message: {} });
    expect(await asking).toEqual({ message: {} });
  });

  it('is looked for after 50 ms, then ever more rarely, every 2 s for a while', async () => {
    const fake = await broker();
    const client = await connected();
    const lost = until(client, 'lost');
    await fake.kill();
    await lost;
    const from = clock.pauses.length - 1;
    for (let attempt = 0; attempt < 8; attempt++) {
      const pause = clock.pauses.at(-1) ?? 0;
      const again = changeOf(client);
      clock.advance(pause);
      await again;
    }
    expect(clock.pauses.slice(from).filter((pause) => pause !== 5000)).toEqual([
      50, 100, 200, 400, 800, 1600, 2000, 2000, 2000,
    ]);
  });

  it('is waited for by its record after a while, and no more by the clock', async () => {
    const fake = await broker();
    const client = await connected();
    const lost = until(client, 'lost');
    await fake.kill();
    await lost;
    for (let attempt = 0; attempt < 9; attempt++) {
      const again = changeOf(client);
      clock.advance(2000);
      await again;
    }
    expect(client.state).toMatchObject({ kind: 'lost', error: { code: 'broker_gone' } });
    expect(client.state).not.toHaveProperty('retryAt');
    const { length } = clock.pauses;
    clock.advance(3_600_000);
    expect(clock.pauses).toHaveLength(length);
    const back = until(client, 'connected');
    await broker();
    await back;
  });

  it('is tried at once when somebody asks for something, however long it has been away', async () => {
    const fake = await broker();
    // A watch that never tells.
    const client = await connected({ watchRecord: () => () => undefined });
    const lost = until(client, 'lost');
    await fake.kill();
    await lost;
    for (let attempt = 0; attempt < 9; attempt++) {
      const again = changeOf(client);
      clock.advance(2000);
      await again;
    }
    const second = await broker();
    const asking = client.ask('inbox', {});
    const [request] = await second.requests('inbox');
    request?.answer({ calls: [], threads: [] });
    await asking;
  });

  it('is looked for every 2 s where its record cannot be watched', async () => {
    const fake = await broker();
    const client = await connected({ watchRecord: () => undefined });
    const lost = until(client, 'lost');
    await fake.kill();
    await lost;
    for (let attempt = 0; attempt < 12; attempt++) {
      const again = changeOf(client);
      clock.advance(2000);
      await again;
    }
    expect(client.state).toMatchObject({ kind: 'lost', retryAt: clock.now() + 2000 });
  });

  it('is waited for no longer than patience', async () => {
    const fake = await broker();
    const client = await connected({ patience: 3000 });
    const lost = until(client, 'lost');
    await fake.kill();
    await lost;
    const asking = client.ask('inbox', {});
    const refused = expect(asking).rejects.toMatchObject({ code: 'broker_gone' });
    clock.advance(3000);
    await refused;
  });

  it('is asked to register again under the same key: that makes one agent', async () => {
    const first = await broker();
    const client = await connected();
    const asking = client.ask('register', { name: 'Nova' });
    const [before] = await first.requests('register');
    const lost = until(client, 'lost');
    await first.kill();
    await lost;
    const second = await broker();
    const back = until(client, 'connected');
    clock.advance(50);
    await back;
    const [request] = await second.requests('register');
    expect(request?.input).toEqual(before?.input);
    expect(request?.input['key']).toBeDefined();
    request?.answer({ agent: {}, token: 'token' });
    expect(await asking).toEqual({ agent: {}, token: 'token' });
  });

  it('is not asked a second time to stop: it would stop the next one', async () => {
    const fake = await broker();
    const client = await connected();
    const asking = client.ask('stop', {});
    await fake.requests('stop');
    const refused = expect(asking).rejects.toMatchObject({ code: 'broker_gone' });
    await fake.kill();
    await refused;
  });

  it('is subscribed to and watched anew', async () => {
    const first = await broker();
    const client = await connected();
    client.subscribe(() => undefined);
    client.watch(() => undefined);
    await first.requests('subscribe');
    await first.requests('watch');
    const lost = until(client, 'lost');
    await first.kill();
    await lost;
    const second = await broker();
    clock.advance(50);
    await second.requests('subscribe');
    await second.requests('watch');
  });
});

describe('what is told', () => {
  it('is handed over in order, one at a time, and confirmed only then', async () => {
    const fake = await broker();
    const client = await connected();
    const handed: number[] = [];
    const finish: (() => void)[] = [];
    client.subscribe((event) => {
      handed.push(event.offset);
      return new Promise((resolve) => finish.push(resolve));
    });
    await fake.requests('subscribe');
    fake.tell({ delivery: 'D5', event: closedEvent(5) });
    fake.tell({ delivery: 'D6', event: closedEvent(6) });
    unanswered(client.ask('inbox', {}));
    await fake.requests('inbox');
    await client.confirm(['other']);
    expect(handed).toEqual([5]);
    expect(fake.asked.filter(({ method }) => method === 'confirm').map(({ input }) => input['deliveries'])).toEqual([
      ['other'],
    ]);
    finish[0]?.();
    await confirmPause(1);
    const confirms = await fake.requests('confirm', 2);
    expect(confirms[1]?.input['deliveries']).toEqual(['D5']);
    expect(handed).toEqual([5, 6]);
  });

  it('is confirmed again, and not handed over again, when it comes a second time', async () => {
    const fake = await broker({ offset: 9 });
    const client = await connected();
    const handed: number[] = [];
    client.subscribe((event) => void handed.push(event.offset));
    await fake.requests('subscribe');
    fake.tell({ delivery: 'D5', event: closedEvent(5) });
    await confirmPause(1);
    await fake.requests('confirm', 1);
    fake.tell({ delivery: 'E5', event: closedEvent(5) });
    await confirmPause(2);
    const confirms = await fake.requests('confirm', 2);
    expect(handed).toEqual([5]);
    expect(confirms.map(({ input }) => input['deliveries'])).toEqual([['D5'], ['E5']]);
  });

  it('is confirmed many at once, and before a goodbye', async () => {
    const fake = await broker();
    const client = await connected();
    const handed: number[] = [];
    client.subscribe((event) => void handed.push(event.offset));
    await fake.requests('subscribe');
    for (const offset of [5, 6, 7]) fake.tell({ delivery: `D${offset}`, event: closedEvent(offset) });
    await vi.waitFor(() => expect(handed).toEqual([5, 6, 7]));
    client.close();
    expect((await fake.requests('confirm')).map(({ input }) => input['deliveries'])).toEqual([['D5', 'D6', 'D7']]);
  });

  it('stays unconfirmed when the listener fails', async () => {
    const fake = await broker();
    const client = await connected();
    client.subscribe((event) => {
      if (event.offset === 5) throw new Error('no');
    });
    await fake.requests('subscribe');
    fake.tell({ delivery: 'D5', event: closedEvent(5) });
    fake.tell({ delivery: 'D6', event: closedEvent(6) });
    await confirmPause(1);
    expect((await fake.requests('confirm'))[0]?.input['deliveries']).toEqual(['D6']);
  });

  it('reaches who watches, and a ring reaches the ringer', async () => {
    const fake = await broker();
    const client = await connected({
      ring: (request) => Promise.resolve({ result: 'written', detail: request.topic }),
    });
    const seen = new Promise<Watched>((resolve) => client.watch(resolve));
    await fake.requests('watch');
    fake.notify('event', { type: 'presence', agent: 'A', presence: 'busy' });
    expect(await seen).toEqual({ type: 'presence', agent: 'A', presence: 'busy' });
    expect(await fake.ring({ topic: 'Review' })).toEqual({ result: 'written', detail: 'Review' });
  });
});
