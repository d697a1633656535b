import { mkdtemp, rm } from 'node:fs/promises';
import { request, type OutgoingHttpHeaders } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { McpDoor } from '../../src/doors/mcp/mcpDoor';
import { RpcDoor } from '../../src/doors/rpc/rpcDoor';
import { DoorServer } from '../../src/doors/server';
import { ManualTimers } from '../unit/mcp/manualTimers';
import { FakeExchange } from './mcpFakeExchange';
import { headersOf, initialize, toolCall } from './mcpHttp';
import { statelessBody, statelessHeaders } from './mcpStateless';

/** Every combination of who a request says it is for, comes from and is by: one cell of each is right. */
const hosts = {
  'localhost:4000': true,
  '127.0.0.1:4000': true,
  '[::1]:4000': true,
  'evil.test': false,
  'localhost.evil.test': false,
  '127.0.0.1.evil.test:4000': false,
  '0.0.0.0:4000': false,
  'user@localhost': false,
};
/** What stands for the same server as Host says. */
const same = 'http://HOST';
const origins = {
  none: true,
  [same]: true,
  null: false,
  'http://evil.test': false,
  'http://localhost:9999': false,
  'https://localhost:4000': false,
  'vscode-webview://abc': false,
};
const tokens = { 'token-of-atlas': true, none: false, nonsense: false, 'token-of-the-person': false };

type Era = 'session' | 'stateless';
type Method = 'POST' | 'GET' | 'DELETE';

let folder: string;
let server: DoorServer;
let exchange: FakeExchange;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'parley-origin-'));
  exchange = new FakeExchange();
  const timers = new ManualTimers();
  const { after } = timers;
  const identity = { version: '1', build: 1, broker: 'B', offset: () => 0, agentName: () => undefined };
  server = new DoorServer({
    rpc: new RpcDoor({ exchange, identity, log: () => undefined, after }),
    mcp: new McpDoor(exchange, { clock: timers, log: () => undefined }),
    after: (milliseconds, run) => {
      const timer = setTimeout(run, milliseconds);
      return () => clearTimeout(timer);
    },
  });
  await server.listen(path.join(folder, 'socket'));
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

function send(
  method: string,
  headers: OutgoingHttpHeaders,
  body = '',
): Promise<{ status: number; session: string | undefined }> {
  return new Promise((resolve, reject) => {
    const asking = request({ socketPath: path.join(folder, 'socket'), path: '/mcp', method, headers, agent: false });
    asking.on('error', reject);
    asking.on('response', (reply) => {
      const session = reply.headers['mcp-session-id'];
      // The head says it all; streams stay open.
      reply.destroy();
      resolve({ status: reply.statusCode ?? 0, session: typeof session === 'string' ? session : undefined });
    });
    asking.end(body);
  });
}

const call = { method: 'tools/call', params: { name: 'who', arguments: {} } };

function headersFor(era: Era, method: Method, session: string | undefined): OutgoingHttpHeaders {
  if (era === 'session') return headersOf(session, method === 'GET' ? { accept: 'text/event-stream' } : {});
  return statelessHeaders(call);
}

const bodyFor = (era: Era, method: Method): string =>
  method === 'POST' ? JSON.stringify(era === 'session' ? toolCall(1, 'who') : statelessBody(call)) : '';

async function begin(): Promise<string> {
  const { session } = await send('POST', headersOf(undefined), JSON.stringify(initialize()));
  if (session === undefined) throw new Error('no session');
  return session;
}

describe.each<[Era, Method, number]>([
  ['session', 'POST', 200],
  ['session', 'GET', 200],
  ['session', 'DELETE', 204],
  ['stateless', 'POST', 200],
  ['stateless', 'GET', 405],
  ['stateless', 'DELETE', 405],
])('%s era, %s', (era, method, good) => {
  test('every wrong Host, Origin or token is 401 or 403, and reaches nobody', async () => {
    const statuses = new Map<string, number>();
    const asked = exchange.asked.length;
    const session = era === 'session' ? await begin() : undefined;
    for (const [host, hostIsGood] of Object.entries(hosts)) {
      for (const [origin, originIsGood] of Object.entries(origins)) {
        for (const [token, tokenIsGood] of Object.entries(tokens)) {
          if (hostIsGood && originIsGood && tokenIsGood) continue;
          const { authorization: _, ...rest } = headersFor(era, method, session);
          const headers = {
            ...rest,
            host,
            ...(origin !== 'none' && { origin: origin === same ? `http://${host}` : origin }),
            ...(token !== 'none' && { authorization: `Bearer ${token}` }),
          };
          const { status } = await send(method, headers, bodyFor(era, method));
          statuses.set(`${host} ${origin} ${token}`, status);
        }
      }
    }
    expect(statuses.size).toBe(8 * 7 * 4 - 3 * 2);
    expect([...statuses].filter(([, status]) => status !== 401 && status !== 403)).toEqual([]);
    expect(exchange.asked.length).toBe(asked);
  });

  test('the right ones are let in', async () => {
    for (const host of Object.keys(hosts).filter((name) => hosts[name as keyof typeof hosts])) {
      for (const origin of [undefined, `http://${host}`]) {
        const session = era === 'session' ? await begin() : undefined;
        const headers = { ...headersFor(era, method, session), host, ...(origin !== undefined && { origin }) };
        expect([host, origin, (await send(method, headers, bodyFor(era, method))).status]).toEqual([
          host,
          origin,
          good,
        ]);
      }
    }
  });
});
