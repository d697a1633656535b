import * as fs from 'node:fs';
import * as net from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { operationNames } from '../../src/contract/operations';
import { protocol, rpcMethods } from '../../src/contract/wire';
import { BrokerProcess, bundlePrograms, openLimits, temporaryHome } from '../support/brokerProcess';
import { SeededRandom, runSeed } from '../support/faultsRandom';

/** Inputs of each kind; together 70,000. The MCP door has the other 30,000 in its own test. */
const inputs = { shaped: 60_000, frames: 4_000, sockets: 6_000 };
const seed = runSeed();

let programs: string;
let broker: BrokerProcess;

beforeAll(async () => {
  programs = await bundlePrograms();
  broker = new BrokerProcess(programs, temporaryHome({ durability: 'os', limits: openLimits }));
  await broker.start();
});
afterAll(async () => {
  await broker.dispose();
  fs.rmSync(programs, { recursive: true, force: true });
});

const words = [
  '',
  'Nova',
  '\u0000',
  '\ud800',
  '../../etc',
  '$(id)',
  '__proto__',
  'constructor',
  '𝕏'.repeat(50),
  'a'.repeat(5000),
];

/** Any JSON value, now and then deep or strange. */
function anything(random: SeededRandom, depth = 0): unknown {
  switch (random.between(0, depth > 4 ? 5 : 8)) {
    case 0:
      return null;
    case 1:
      return random.chance(0.5);
    case 2:
      return [0, -1, 1e308, 0.1, 2 ** 53, random.between(-1000, 1000)][random.between(0, 5)];
    case 3:
    case 4:
    case 5:
      return words[random.between(0, words.length - 1)];
    case 6:
      return Array.from({ length: random.between(0, 4) }, () => anything(random, depth + 1));
    default:
      return Object.fromEntries(
        Array.from({ length: random.between(0, 4) }, () => [
          ['to', 'topic', 'text', 'thread', 'call', 'key', 'refs', 'limit', '__proto__', 'x'][random.between(0, 10)],
          anything(random, depth + 1),
        ]),
      );
  }
}

/**
 * JSON that looks like a request, a response or a notification, and is none that makes sense. `mild`: an object at least,
 * so that the door has no reason to close.
 */
function shaped(random: SeededRandom, mild: boolean): string {
  const methods = [
    ...operationNames.filter((name) => name !== 'stop'),
    ...Object.values(rpcMethods),
    ...(mild ? [] : ['$/cancelRequest']),
    'rpc.discover',
    '',
    'toString',
  ];
  const message: Record<string, unknown> = random.chance(0.9) ? { jsonrpc: '2.0' } : { jsonrpc: anything(random) };
  if (random.chance(0.8)) message['id'] = random.chance(0.8) ? random.between(0, 1e6) : anything(random);
  if (random.chance(0.8))
    message['method'] = random.chance(0.9) ? methods[random.between(0, methods.length - 1)] : anything(random);
  if (random.chance(0.8)) message['params'] = anything(random);
  if (random.chance(0.1)) message['result'] = anything(random);
  if (random.chance(0.1)) message['error'] = anything(random);
  // No `wait` among the names: it would only make the test long.
  return JSON.stringify(mild || random.chance(0.95) ? message : anything(random));
}

function bytes(random: SeededRandom, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => random.between(0, 255)));
}

function openSocket(token?: string): Promise<WebSocket> {
  const { socket } = broker.record()!;
  const webSocket = new WebSocket('ws://localhost/rpc', {
    createConnection: () => net.connect(socket),
    ...(token !== undefined && { headers: { Authorization: `Bearer ${token}` } }),
  });
  return new Promise((resolve, reject) => {
    webSocket.once('open', () => resolve(webSocket));
    webSocket.once('error', reject);
  });
}

const gone = (webSocket: WebSocket): Promise<void> =>
  new Promise((resolve) =>
    webSocket.readyState === WebSocket.CLOSED ? resolve() : webSocket.once('close', () => resolve()),
  );

/** Two agents call, answer and talk: the broker is well, and is the same process as before. */
async function callWorks(name: string): Promise<void> {
  const [atlas, nova] = [await broker.agent(`Atlas${name}`), await broker.agent(`Nova${name}`)];
  const { call } = await atlas.ask('call', { to: `Nova${name}`, topic: 'After the storm', message: 'hello' });
  await nova.ask('answer', { call: call.id, answer: 'accept' });
  const { events } = await atlas.ask('listen', {});
  expect(events).toMatchObject([{ what: 'outcome', outcome: 'accepted' }]);
  atlas.close();
  nova.close();
}

describe(`the rpc door under ${Object.values(inputs).reduce((a, b) => a + b)} inputs that are wrong (seed ${seed})`, () => {
  it('answers or ignores JSON that is no request, as stranger and as agent', { timeout: 120_000 }, async () => {
    const random = new SeededRandom(seed);
    const { token } = await broker.agent('Fuzz');
    const { pid } = broker;
    let answers = 0;
    let closed = 0;
    for (let sent = 0; sent < inputs.shaped;) {
      const webSocket = await openSocket(random.chance(0.8) ? token : undefined);
      webSocket.on('error', () => undefined);
      const mild = random.chance(0.7);
      const last = new Promise<void>((resolve) => {
        webSocket.on('message', (data: Buffer) => {
          answers++;
          if (data.includes('"id":"last"')) resolve();
        });
        webSocket.once('close', () => resolve());
      });
      const hello = { client: 'fuzz', version: '1', protocol, seat: false, present: false, ringers: [] };
      webSocket.send(JSON.stringify({ jsonrpc: '2.0', id: 'first', method: 'hello', params: hello }));
      for (let index = 0; index < 200; index++, sent++) webSocket.send(shaped(random, mild));
      webSocket.send('{"jsonrpc":"2.0","id":"last","method":"who","params":{}}');
      await last;
      if (webSocket.readyState !== WebSocket.OPEN) closed++;
      webSocket.close();
      await gone(webSocket);
    }
    console.log(`${answers} answers, ${closed} of ${inputs.shaped / 200} connections closed by the broker`);
    expect(answers).toBeGreaterThan(inputs.shaped / 4);
    expect(broker.record()?.pid).toBe(pid);
    await callWorks('One');
  });

  it('closes on frames that are no JSON, binary, or larger than it takes', { timeout: 120_000 }, async () => {
    const random = new SeededRandom(seed + 1);
    for (let sent = 0; sent < inputs.frames; sent += 20) {
      await Promise.all(
        Array.from({ length: 20 }, async () => {
          const webSocket = await openSocket();
          webSocket.on('error', () => undefined);
          const kind = random.between(0, 99);
          if (kind === 0) webSocket.send('x'.repeat(4 * 1024 * 1024 + 1));
          else if (kind < 50) webSocket.send(bytes(random, random.between(0, 300)));
          else webSocket.send(`{"jsonrpc":"2.0",${bytes(random, 40).toString('latin1')}`);
          webSocket.send('[');
          await gone(webSocket);
        }),
      );
    }
    await callWorks('Two');
  });

  it(
    'survives bytes that are no HTTP, upgrades cut at every byte, and writes of one byte',
    { timeout: 120_000 },
    async () => {
      const random = new SeededRandom(seed + 2);
      const { socket } = broker.record()!;
      const upgrade = Buffer.from(
        'GET /rpc HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
      );
      for (let sent = 0; sent < inputs.sockets; sent += 20) {
        await Promise.all(
          Array.from({ length: 20 }, async (_, index) => {
            const stream = net.connect(socket);
            stream.on('error', () => undefined);
            await new Promise((resolve) => stream.once('connect', resolve));
            const kind = random.between(0, 3);
            if (kind === 0) stream.write(bytes(random, random.between(1, 400)));
            else if (kind === 1) stream.write(upgrade.subarray(0, (sent + index) % upgrade.length));
            else if (kind === 2) for (const byte of upgrade.subarray(0, 60)) stream.write(Buffer.of(byte));
            else stream.write(Buffer.concat([upgrade, bytes(random, random.between(1, 200))]));
            stream.end();
            stream.resume();
            await new Promise((resolve) => stream.once('close', resolve));
          }),
        );
      }
      await callWorks('Three');
    },
  );
});
