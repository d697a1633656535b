import * as fs from 'node:fs';
import { Agent, request, type OutgoingHttpHeaders } from 'node:http';
import * as net from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BrokerProcess, bundlePrograms, openLimits, temporaryHome } from '../support/brokerProcess';
import { SeededRandom, runSeed } from '../support/faultsRandom';
import { initialize, toolCall } from './mcpHttp';
import { revision } from './mcpStateless';

/** Inputs of each kind; together 30,000. The rpc door has the other 70,000 in its own test. */
const inputs = { shaped: 17_000, stateless: 5_000, heads: 5_000, sockets: 2_960, oversized: 40 };
const seed = runSeed();
/** Requests at once. */
const width = 20;

let programs: string;
let broker: BrokerProcess;
let token: string;
const agent = new Agent({ keepAlive: true, maxSockets: width });

beforeAll(async () => {
  programs = await bundlePrograms();
  broker = new BrokerProcess(programs, temporaryHome({ durability: 'os', limits: openLimits }));
  await broker.start();
  ({ token } = await broker.agent('Fuzz'));
}, 60_000);
afterAll(async () => {
  agent.destroy();
  await broker.dispose();
  fs.rmSync(programs, { recursive: true, force: true });
});

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly session: string | undefined;
  readonly body: string;
}

function send(method: string, headers: OutgoingHttpHeaders, body: string | Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asking = request({ socketPath: broker.record()!.socket, path: '/mcp', method, headers, agent });
    asking.on('error', reject);
    asking.on('response', (reply) => {
      let text = '';
      reply.setEncoding('utf8');
      reply.on('data', (chunk: string) => (text += chunk));
      reply.on('end', () => {
        const { statusCode: status = 0, headers: given } = reply;
        resolve({
          status,
          type: given['content-type'] ?? '',
          session: given['mcp-session-id'] as string | undefined,
          body: text,
        });
      });
    });
    asking.end(body);
  });
}

const usual = (session?: string): OutgoingHttpHeaders => ({
  authorization: `Bearer ${token}`,
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
  ...(session !== undefined && { 'mcp-session-id': session }),
});

async function begin(): Promise<string> {
  const { session, body } = await send('POST', usual(), JSON.stringify(initialize('fuzz')));
  if (session === undefined) throw new Error(`no session: ${body}`);
  return session;
}

/** The door answers a session, a list and a call as ever, in the same process as before. */
async function doorWorks(pid: number): Promise<void> {
  const session = await begin();
  const list = await send('POST', usual(session), JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }));
  expect(list.body).toContain('"name":"answer"');
  const call = await send('POST', usual(session), JSON.stringify(toolCall(2, 'who')));
  expect(call.body).toContain('You are Fuzz.');
  expect((await send('DELETE', usual(session), '')).status).toBe(204);
  expect(broker.record()?.pid).toBe(pid);
}

async function inParallel(count: number, work: (index: number) => Promise<void>): Promise<void> {
  for (let done = 0; done < count; done += width) {
    await Promise.all(Array.from({ length: Math.min(width, count - done) }, (_, index) => work(done + index)));
  }
}

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
  const kind = random.between(0, depth > 4 ? 5 : 9);
  if (kind === 0) return null;
  if (kind === 1) return random.chance(0.5);
  if (kind === 2) return [0, -1, 1e308, 0.1, 2 ** 53, random.between(-1000, 1000)][random.between(0, 5)];
  if (kind <= 5) return words[random.between(0, words.length - 1)];
  if (kind === 6) return Array.from({ length: random.between(0, 4) }, () => anything(random, depth + 1));
  const names = [
    'to',
    'topic',
    'text',
    'thread',
    'call',
    'name',
    'arguments',
    '_meta',
    'requestId',
    'cursor',
    'limit',
    '__proto__',
  ];
  return Object.fromEntries(
    Array.from({ length: random.between(0, 5) }, () => [
      names[random.between(0, names.length - 1)],
      anything(random, depth + 1),
    ]),
  );
}

const toolNames = [
  'who',
  'call',
  'answer',
  'send',
  'listen',
  'read',
  'leave',
  'profile',
  'search',
  'open',
  'delegate',
  'report',
  'use_tool',
  'shout',
  '',
];
const methods = [
  'tools/call',
  'tools/list',
  'ping',
  'notifications/cancelled',
  'notifications/progress',
  'logging/setLevel',
  'resources/read',
  'resources/list',
  'resources/subscribe',
  'prompts/get',
  'completion/complete',
  'server/discover',
  'toString',
  '',
];

/** A message that looks like one of MCP's, and mostly makes no sense. Waits are zero: they would only make it long. */
function shaped(random: SeededRandom): string {
  const message: Record<string, unknown> = { jsonrpc: random.chance(0.95) ? '2.0' : anything(random) };
  if (random.chance(0.85)) message['id'] = random.chance(0.8) ? random.between(0, 1e6) : anything(random);
  if (random.chance(0.95)) {
    message['method'] = random.chance(0.9) ? methods[random.between(0, methods.length - 1)] : anything(random);
  }
  if (random.chance(0.6)) {
    const given = anything(random);
    const rest = typeof given === 'object' && given !== null && !Array.isArray(given) ? given : {};
    message['params'] = { name: toolNames[random.between(0, toolNames.length - 1)], arguments: { ...rest, wait: 0 } };
  } else if (random.chance(0.7)) message['params'] = anything(random);
  if (random.chance(0.05)) message['result'] = anything(random);
  if (random.chance(0.05)) return JSON.stringify(Array.from({ length: random.between(0, 5) }, () => message));
  const text = JSON.stringify(random.chance(0.95) ? message : anything(random));
  return random.chance(0.9) ? text : text.slice(0, random.between(0, text.length));
}

/** A request without a session whose parts contradict each other now and then; `subscriptions/listen` asks for nothing. */
function withoutSession(random: SeededRandom): { headers: OutgoingHttpHeaders; body: string } {
  const pick = <T>(values: readonly T[]): T => values[random.between(0, values.length - 1)] as T;
  const method = pick([...methods, 'subscriptions/listen', 'prompts/list']);
  const name = method === 'tools/call' ? pick(toolNames) : pick(words);
  const given = anything(random);
  const rest = typeof given === 'object' && given !== null && !Array.isArray(given) ? given : {};
  const meta: Record<string, unknown> = {
    'io.modelcontextprotocol/protocolVersion': random.chance(0.95) ? revision : anything(random),
    'io.modelcontextprotocol/clientCapabilities': random.chance(0.95) ? {} : anything(random),
    'io.modelcontextprotocol/clientInfo': random.chance(0.9) ? { name: 'fuzz', version: '1' } : anything(random),
    ...(random.chance(0.1) && { progressToken: anything(random) }),
  };
  const params: Record<string, unknown> = {
    ...(random.chance(0.9) && { name, uri: name, arguments: { ...rest, wait: 0 }, notifications: {} }),
    ...(random.chance(0.1) && { inputResponses: anything(random), requestState: anything(random) }),
    ...(random.chance(0.97) && { _meta: random.chance(0.97) ? meta : anything(random) }),
  };
  const id = random.chance(0.9) ? random.between(0, 1e6) : anything(random);
  const header = (value: string): string => (/^[\x20-\x7e]{1,200}$/.test(value) ? value : 'x');
  return {
    headers: {
      ...usual(),
      'mcp-protocol-version': random.chance(0.95) ? revision : '2025-11-25',
      'mcp-method': header(random.chance(0.95) ? method : pick(methods)),
      'mcp-name': header(random.chance(0.95) ? name : pick(words)),
    },
    body: JSON.stringify({ jsonrpc: '2.0', id, method, params }),
  };
}

function bytes(random: SeededRandom, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => random.between(0, 255)));
}

const total = Object.values(inputs).reduce((sum, count) => sum + count);

describe(`the MCP door under ${total} inputs that are wrong (seed ${seed})`, () => {
  test('answers every message with JSON, events or nothing, and never a page', { timeout: 240_000 }, async () => {
    const random = new SeededRandom(seed);
    const { pid } = broker;
    const statuses = new Map<number, number>();
    let session = await begin();
    await inParallel(inputs.shaped, async (index) => {
      const message = shaped(random);
      if (index % 2000 === 0) session = await begin();
      const { status, type, body } = await send('POST', usual(session), message);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (body !== '') expect(['application/json', 'text/event-stream']).toContain(type);
      expect([200, 202, 400, 404, 413]).toContain(status);
    });
    console.log(`answers by status: ${JSON.stringify([...statuses])}`);
    expect(statuses.get(200)).toBeGreaterThan(inputs.shaped / 20);
    await doorWorks(pid);
  });

  test('answers every request without a session with JSON, events or nothing', { timeout: 120_000 }, async () => {
    const random = new SeededRandom(seed + 3);
    const { pid } = broker;
    const statuses = new Map<number, number>();
    await inParallel(inputs.stateless, async () => {
      const { headers, body } = withoutSession(random);
      const answer = await send('POST', headers, body);
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      if (answer.body !== '') expect(['application/json', 'text/event-stream']).toContain(answer.type);
      expect([200, 202, 400, 404], answer.body).toContain(answer.status);
    });
    console.log(`answers without a session by status: ${JSON.stringify([...statuses])}`);
    expect(statuses.get(200)).toBeGreaterThan(inputs.stateless / 20);
    await doorWorks(pid);
  });

  test('refuses heads that are not right', { timeout: 120_000 }, async () => {
    const random = new SeededRandom(seed + 1);
    const { pid } = broker;
    const pick = <T>(values: readonly T[]): T => values[random.between(0, values.length - 1)] as T;
    const session = await begin();
    await inParallel(inputs.heads, async () => {
      const headers: OutgoingHttpHeaders = {
        authorization: pick([`Bearer ${token}`, 'Bearer x', 'Basic eDp5', 'Bearer', `bearer ${'y'.repeat(600)}`]),
        'content-type': pick(['application/json', 'application/json; charset=utf-8', 'text/plain', 'a/b', '', ';']),
        accept: pick(['*/*', 'text/event-stream', 'text/html', '']),
        'mcp-session-id': pick([session, 'x', '../..', 'é'.normalize('NFD').slice(0, 1), '0'.repeat(2000)]),
        'mcp-protocol-version': pick(['2025-11-25', '2026-07-28', '', '1', 'x'.repeat(500)]),
        ...(random.chance(0.1) && { host: pick(['evil.test', '127.0.0.1', 'localhost:80', '']) }),
        ...(random.chance(0.1) && { origin: pick(['https://evil.test', 'null', '']) }),
        ...(random.chance(0.1) && { 'content-encoding': pick(['gzip', 'identity', 'x']) }),
      };
      const method = pick(['POST', 'POST', 'PUT', 'PATCH', 'OPTIONS', 'HEAD', 'TRACE']);
      const answer = await send(method, headers, method === 'POST' ? shaped(random) : '');
      expect([200, 202, 400, 401, 403, 404, 405, 406]).toContain(answer.status);
      if (answer.body !== '') expect(['application/json', 'text/event-stream']).toContain(answer.type);
    });
    await doorWorks(pid);
  });

  test(
    'survives bytes that are no HTTP, bodies cut anywhere, and writes of one byte',
    { timeout: 120_000 },
    async () => {
      const random = new SeededRandom(seed + 2);
      const { pid } = broker;
      const { socket } = broker.record()!;
      const session = await begin();
      const body = JSON.stringify(toolCall(1, 'who'));
      const whole = Buffer.from(
        `POST /mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nAccept: */*\r\nMcp-Session-Id: ${session}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      );
      await inParallel(inputs.sockets, async (index) => {
        const stream = net.connect(socket);
        stream.on('error', () => undefined);
        await new Promise((resolve) => stream.once('connect', resolve));
        const kind = random.between(0, 4);
        if (kind === 0) stream.write(bytes(random, random.between(1, 400)));
        else if (kind === 1) stream.write(whole.subarray(0, index % whole.length));
        else if (kind === 2) for (const byte of whole) stream.write(Buffer.of(byte));
        else if (kind === 3) {
          const broken = Buffer.from(whole);
          for (let times = 0; times < 5; times++) broken[random.between(0, broken.length - 1)] = random.between(0, 255);
          stream.write(broken);
        } else stream.write(Buffer.concat([whole, whole, bytes(random, 50)]));
        stream.end();
        stream.resume();
        await new Promise((resolve) => stream.once('close', resolve));
      });
      await doorWorks(pid);
    },
  );

  test('refuses bodies that are larger than it takes', { timeout: 120_000 }, async () => {
    const { pid } = broker;
    const session = await begin();
    const long = JSON.stringify(toolCall(1, 'send', { text: 'x'.repeat(4 * 1024 * 1024) }));
    for (let sent = 0; sent < inputs.oversized; sent++) {
      // The door may hang up while we still write: that is a refusal too.
      const answer = await send('POST', usual(session), long).catch((error: NodeJS.ErrnoException) => error.code);
      if (typeof answer === 'object') expect([answer.status, answer.type]).toEqual([413, 'application/json']);
      else expect(['EPIPE', 'ECONNRESET']).toContain(answer);
    }
    await doorWorks(pid);
  });
});
