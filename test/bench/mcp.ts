import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import path from 'node:path';
import { doorPaths, type BrokerRecord } from '../../src/contract/wire';
import { Server } from './children';
import { BenchBroker, makeFolder, makeHome } from './home';
import { goal, line, table } from './report';
import { listening } from './servers';
import { median, quantile } from './statistics';

/** Most that a call may take, in multiples of the bare server's median. */
const mostTimesBare = 1.3;
/** Calls of one contender in one round, and before it is the next one's turn. */
const calls = 1000;
const turn = 50;
const warmUp = 2000;
/** Agents on the roster that the call lists. */
const roster = 5;

/** A client of one session: one call at a time over one connection. */
class Session {
  readonly #socket: string;
  readonly #token: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  #id: string | undefined;
  #last = 0;

  constructor(socket: string, token: string) {
    this.#socket = socket;
    this.#token = token;
  }

  async begin(): Promise<void> {
    const clientInfo = { name: 'bench', version: '1' };
    await this.#post('initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo });
  }

  /** The result of `who`, as text of JSON. */
  async who(): Promise<string> {
    const text = await this.#post('tools/call', { name: 'who', arguments: {} });
    const data = text.split('\n').findLast((one) => one.startsWith('data: '));
    if (data === undefined || !data.includes('"structuredContent"')) throw new Error(`no result: ${text}`);
    return data.slice('data: '.length);
  }

  close(): void {
    this.#agent.destroy();
  }

  #post(method: string, params: object): Promise<string> {
    return new Promise((resolve, reject) => {
      const asking = request({
        socketPath: this.#socket,
        path: doorPaths.mcp,
        method: 'POST',
        agent: this.#agent,
        headers: {
          'Content-Type': 'application/json',
          Accept: 'application/json, text/event-stream',
          Authorization: `Bearer ${this.#token}`,
          ...(this.#id !== undefined && { 'Mcp-Session-Id': this.#id }),
        },
      });
      asking.once('error', reject);
      asking.once('response', (reply) => {
        const id = reply.headers['mcp-session-id'];
        if (typeof id === 'string') this.#id = id;
        let text = '';
        reply.setEncoding('utf8');
        reply.on('data', (chunk: string) => (text += chunk));
        reply.once('end', () => resolve(text));
      });
      asking.end(JSON.stringify({ jsonrpc: '2.0', id: ++this.#last, method, params }));
    });
  }
}

/** A call of `who` with a small roster over MCP with a session, beside the SDK's own server on the same kind of socket. */
export async function mcp({ rounds }: { readonly rounds: number }): Promise<void> {
  line(`MCP: one call of "who" at a time (2025-11-25, a session, ${roster} agents) over a Unix socket, µs.`);
  line(
    `${rounds} rounds of ${calls} calls after ${warmUp} to warm up, in turns of ${turn}; medians over the rounds. The bare ` +
      `server answers with the same\nbytes that Parley gave, without looking anything up.\n`,
  );
  const home = await makeHome('os');
  const { broker, client } = await BenchBroker.start(home);
  const { token } = await client.ask('register', { name: 'Agent0' });
  for (let agent = 1; agent < roster; agent++) {
    await client.ask('register', { name: `Agent${agent}`, capabilities: ['review'], platform: 'bench' });
  }
  const { socket } = JSON.parse(readFileSync(path.join(home, 'broker.json'), 'utf8')) as BrokerRecord;
  const parley = new Session(socket, token);
  await parley.begin();
  const { result } = JSON.parse(await parley.who()) as { result: object };
  const address = path.join(await makeFolder(), 'mcp');
  const env = { ...process.env, BENCH_RESULT: JSON.stringify(result) };
  const server = new Server(process.execPath, [path.join(import.meta.dirname, 'bare-mcp.js'), address], { env });
  await listening(address);
  const bare = new Session(address, 'none');
  await bare.begin();
  try {
    report(await measure([bare, parley], rounds));
  } finally {
    parley.close();
    bare.close();
    client.close();
    await server.stop();
    await broker.stop();
  }
}

/** The p50s and p99s of each session's rounds. */
async function measure(sessions: readonly Session[], rounds: number): Promise<Quantiles[][]> {
  for (const session of sessions) for (let call = 0; call < warmUp; call++) await session.who();
  const found: Quantiles[][] = sessions.map(() => []);
  for (let round = 0; round < rounds; round++) {
    const times: number[][] = sessions.map(() => []);
    for (let done = 0; done < calls; done += turn) {
      for (let place = 0; place < sessions.length; place++) {
        const index = (done / turn + place) % sessions.length;
        for (let call = 0; call < turn; call++) {
          const began = performance.now();
          await sessions[index]?.who();
          times[index]?.push((performance.now() - began) * 1000);
        }
      }
    }
    times.forEach((own, index) => found[index]?.push({ p50: quantile(own, 0.5), p99: quantile(own, 0.99) }));
  }
  return found;
}

interface Quantiles {
  readonly p50: number;
  readonly p99: number;
}

function report([bare = [], parley = []]: readonly Quantiles[][]): void {
  const times = median(parley.map(({ p50 }, round) => p50 / (bare[round]?.p50 ?? NaN)));
  const row = (name: string, own: readonly Quantiles[], ratio: number): string[] => [
    name,
    median(own.map(({ p50 }) => p50)).toFixed(0),
    median(own.map(({ p99 }) => p99)).toFixed(0),
    ratio.toFixed(2),
    own.map(({ p50 }) => p50.toFixed(0)).join(' '),
  ];
  table(
    ['', 'p50', 'p99', '× bare', 'p50 of each round'],
    [row('bare SDK server', bare, 1), row('Parley', parley, times)],
  );
  goal('a tool call: at most', times, mostTimesBare, '× a bare SDK server');
}
