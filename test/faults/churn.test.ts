import * as fs from 'node:fs';
import { request } from 'node:http';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../src/client/client';
import { doorPaths } from '../../src/contract/wire';
import { BrokerProcess, bundlePrograms, openLimits, temporaryHome, testEdition } from '../support/brokerProcess';
import { lengthOf } from '../support/long';
import { until } from '../support/until';

/** Connections that come and go; and sessions of MCP that nobody ends. */
const churn = lengthOf(2000, 10_000);
const abandoned = lengthOf(100, 1000);
const agents = 20;
/** How far anything may be from where it began, as a share of it. */
const tolerance = 0.05;
/** Longer than a session of MCP lives without a request (ms). */
const sessionLife = 6 * 60_000;

let programs: string;

beforeAll(async () => {
  programs = await bundlePrograms(testEdition, ['clock-broker', 'index-worker']);
  // The preloaded part knows the broker by its name.
  fs.renameSync(path.join(programs, 'clock-broker.js'), path.join(programs, 'broker.js'));
});
afterAll(() => fs.rmSync(programs, { recursive: true, force: true }));

/** What one look has and the next has not: a timer of the broker's own, and the pipes to the index's worker, which rests when nobody asks. */
const comesAndGoes: Partial<Record<keyof Held, number>> = { timers: 1, fds: 4 };

interface Held {
  readonly heapUsed: number;
  readonly external: number;
  readonly timers: number;
  readonly fds: number;
}

describe(`${churn} connections that come and go, and ${abandoned} sessions of MCP that are left behind (F12)`, () => {
  it(
    'leave no descriptor, no timer and no memory behind',
    async () => {
      const broker = new BrokerProcess(programs, temporaryHome({ limits: openLimits }), process.execPath, 'broker');
      const watch = path.join(broker.home, 'watch.json');
      const preload = path.resolve(import.meta.dirname, '../support/faultsWatch.cjs');
      const look = (): Promise<Held> => {
        fs.rmSync(watch, { force: true });
        process.kill(broker.pid, 'SIGUSR2');
        return until('the broker to say what it holds', () =>
          fs.existsSync(watch) ? (JSON.parse(fs.readFileSync(watch, 'utf8')) as Held) : undefined,
        );
      };
      try {
        broker.turnClock(0);
        await broker.start({ NODE_OPTIONS: `--require ${preload}`, PARLEY_TEST_WATCH: watch });
        const person = await broker.person();
        const tokens: string[] = [];
        for (let count = 0; count < agents; count++) {
          const { token } = await person.ask('register', { name: `Agent${count}` });
          tokens.push(token);
        }
        let ahead = 0;
        const forget = async (): Promise<Held> => {
          // Everybody's grace is over, and sessions that nobody used are swept.
          broker.turnClock((ahead += sessionLife));
          await until('everybody is away', async () => {
            const { agents: roster } = await person.ask('who', {});
            return roster.every(({ kind, presence }) => kind === 'human' || presence === 'offline');
          });
          await person.ask('status', {});
          return look();
        };
        const { socket } = broker.record()!;
        const load = async (connections: number, sessions: number): Promise<void> => {
          await inParallel(connections, 8, (count) => comeAndGo(broker.home, tokens[count % agents]!, count));
          await inParallel(sessions, 8, (count) => beginSession(socket, tokens[count % agents]!));
        };
        // What is compiled and cached once is no leak.
        await load(600, 100);
        const before = await forget();
        await load(churn, abandoned);
        const during = await look();
        const after = await forget();
        console.log(JSON.stringify({ before, during, after }));
        expect(during.timers, 'sessions and graces have timers').toBeGreaterThan(before.timers);
        for (const what of ['fds', 'timers', 'heapUsed', 'external'] as const) {
          expect(after[what], what).toBeLessThanOrEqual(before[what] * (1 + tolerance) + (comesAndGoes[what] ?? 0));
        }
      } finally {
        await broker.dispose();
      }
    },
    lengthOf(300_000, 1_200_000),
  );
});

/** So many at once, until all are done. */
async function inParallel(count: number, width: number, run: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) await run(next++);
  };
  await Promise.all(Array.from({ length: width }, lane));
}

/** Connects, listens or asks, and goes: every third without a goodbye. */
async function comeAndGo(home: string, token: string, count: number): Promise<void> {
  const client = await connect({ home, token, client: 'test', version: '1', present: true, seat: count % 2 === 0 });
  if (count % 4 === 0) client.subscribe(() => undefined);
  const waiting = count % 3 === 0 ? client.ask('listen', { wait: 60 }).catch(() => undefined) : client.ask('who', {});
  if (count % 3 !== 0) await waiting;
  client.close();
  await waiting;
}

/** Begins a session and never ends it. */
function beginSession(socketPath: string, token: string): Promise<void> {
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } };
  const headers = {
    host: 'localhost',
    authorization: `Bearer ${token}`,
    accept: 'application/json, text/event-stream',
    'content-type': 'application/json',
  };
  return new Promise((resolve, reject) => {
    const asking = request({ socketPath, path: doorPaths.mcp, method: 'POST', agent: false, headers });
    asking.on('error', reject);
    asking.on('response', (reply) => {
      reply.resume();
      reply.on('end', () =>
        typeof reply.headers['mcp-session-id'] === 'string'
          ? resolve()
          : reject(new Error(`no session: ${reply.statusCode}`)),
      );
    });
    asking.end(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params }));
  });
}
