import * as fs from 'node:fs';
import * as net from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { Client } from '../../src/client/client';
import { doorPaths, protocol, rpcMethods } from '../../src/contract/wire';
import { BrokerProcess, bundlePrograms, openLimits, temporaryHome } from '../support/brokerProcess';
import { isLong, lengthOf } from '../support/long';
import { openLoop, quantile } from '../support/openLoop';
import { until } from '../support/until';

/** Messages a second, and for how many seconds; each of so many bytes. */
const rate = 1000;
const seconds = lengthOf(8, 600);
const textBytes = 2500;
/** Most that the broker may grow beyond what it grows where everybody reads (bytes). */
const mostGrowth = 64 * 2 ** 20;
/** Most that others may wait, in multiples of what they wait where everybody reads. */
const mostTimes = 2;
/** Two whose waits differ by less (ms) do not differ: the machine has other work. */
const noise = 20;

let programs: string;

beforeAll(async () => {
  programs = await bundlePrograms();
});
afterAll(() => fs.rmSync(programs, { recursive: true, force: true }));

/** Three in a thread: one speaks, one hears at once, and the third hears, or never reads. */
class Trio {
  readonly broker: BrokerProcess;
  readonly waits: number[] = [];
  thread = '';
  lazy!: Client & { readonly token: string };
  readonly #speakers: Client[] = [];
  readonly #intended = new Map<string, number>();
  sent = 0;

  constructor() {
    this.broker = new BrokerProcess(programs, temporaryHome({ limits: openLimits }));
  }

  async open(): Promise<void> {
    await this.broker.start();
    const speaker = await this.broker.agent('Speaker');
    // A connection has at most 256 requests under way: when the machine falls behind, these are more.
    for (let count = 0; count < 8; count++) this.#speakers.push(await this.broker.connect({ token: speaker.token }));
    const quick = await this.broker.agent('Quick');
    this.lazy = await this.broker.agent('Lazy');
    const { call } = await speaker.ask('call', { to: ['Quick', 'Lazy'], topic: 'A lot to say' });
    for (const one of [quick, this.lazy]) {
      const { thread = '' } = await one.ask('answer', { call: call.id, answer: 'accept' });
      this.thread = thread;
    }
    quick.subscribe((event) => {
      if (event.what !== 'message') return;
      const intended = this.#intended.get(event.message.content.slice(0, 20));
      if (intended !== undefined) this.waits.push(performance.now() - intended);
    });
  }

  /** A second of talk. */
  talk(): Promise<void> {
    return openLoop(rate, 1000, (index, intended) => {
      const text = textOf(this.sent++);
      this.#intended.set(text.slice(0, 20), intended);
      return this.#speakers[index % this.#speakers.length]!.ask('send', { thread: this.thread, text });
    });
  }

  get memory(): number {
    const status = fs.readFileSync(`/proc/${this.broker.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024;
  }
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(0);
}

function textOf(index: number): string {
  return `message ${String(index).padStart(11, '0')} `.padEnd(textBytes, 'x');
}

/** Subscribes as the agent and never reads again. */
async function neverRead(broker: BrokerProcess, token: string): Promise<WebSocket> {
  const { socket } = broker.record()!;
  const deaf = new WebSocket(`ws+unix:///broker:${doorPaths.rpc}`, {
    createConnection: () => net.connect(socket),
    headers: { Authorization: `Bearer ${token}` },
    perMessageDeflate: false,
  });
  await new Promise((resolve) => deaf.once('open', resolve));
  const hello = { client: 'deaf', version: '1', protocol, seat: false, ringers: [], present: true };
  deaf.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: rpcMethods.hello, params: hello }));
  await new Promise((resolve) => deaf.once('message', resolve));
  deaf.send(JSON.stringify({ jsonrpc: '2.0', id: 2, method: rpcMethods.subscribe }));
  await new Promise((resolve) => deaf.once('message', resolve));
  deaf.on('error', () => undefined);
  deaf.pause();
  return deaf;
}

describe(`one who never reads while ${rate} messages a second come, for ${seconds} s (F11)`, () => {
  it(
    'costs the broker little memory and the others no time, and is told everything in the end',
    async () => {
      const [slow, control] = [new Trio(), new Trio()];
      try {
        await slow.open();
        await control.open();
        control.lazy.subscribe(() => undefined);
        // Both warm: what is compiled once is no growth.
        await slow.talk();
        await control.talk();
        const warm = slow.sent;
        slow.waits.length = control.waits.length = 0;
        const deaf = await neverRead(slow.broker, slow.lazy.token);
        slow.lazy.close();
        const before = [slow.memory, control.memory] as const;
        let [most, usual] = before;
        for (let second = 0; second < seconds; second++) {
          await control.talk();
          await slow.talk();
          most = Math.max(most, slow.memory);
          usual = Math.max(usual, control.memory);
        }
        await until('everything to be heard', () => slow.waits.length >= slow.sent - warm);
        const [other, own] = [control, slow].map(({ waits }) => [quantile(waits, 0.5), quantile(waits, 0.99)] as const);
        console.log(
          `grew by ${mebibytes(most - before[0])} MiB, where everybody reads by ${mebibytes(usual - before[1])}; p50 and p99 of the others: ${own?.map((ms) => ms.toFixed(1)).join(', ')} ms, ` +
            `${other?.map((ms) => ms.toFixed(1)).join(', ')} ms where everybody reads`,
        );
        expect(most - before[0] - (usual - before[1])).toBeLessThan(mostGrowth);
        const which = isLong ? 1 : 0;
        expect(own![which]).toBeLessThan(Math.max(mostTimes * other![which], other![which] + noise));
        // It was cut off, and is told everything when it comes back.
        const cut = new Promise((resolve) => deaf.once('close', resolve));
        deaf.resume();
        await cut;
        const back = await slow.broker.connect({ token: slow.lazy.token, present: true });
        const heard: string[] = [];
        let seq = 0;
        for (let more = 1; more > 0;) {
          const page = await back.ask('listen', { limit: 200 });
          for (const event of page.events) {
            if (event.what !== 'message' || event.message.type !== 'message') continue;
            heard.push(event.message.content);
            expect(event.message.seq).toBeGreaterThan(seq);
            ({ seq } = event.message);
          }
          more = page.more;
        }
        expect(heard.sort()).toEqual(Array.from({ length: slow.sent }, (_, index) => textOf(index)));
      } finally {
        await slow.broker.dispose();
        await control.broker.dispose();
      }
    },
    lengthOf(300_000, 3_600_000),
  );
});
