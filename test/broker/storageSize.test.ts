import * as fs from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Client } from '../../src/client/client';
import { chain } from '../../src/store/index/exportFormat';
import { BrokerProcess, bundlePrograms, openLimits, temporaryHome } from '../support/brokerProcess';
import { SeededRandom, runSeed } from '../support/faultsRandom';

/** Messages in the home; all but those of the test itself are archived. */
const messages = process.env['PARLEY_LONG'] === undefined ? 6000 : 1_000_000;
const perThread = 100;
/** F21: a start (ms) and the slowest but one of the first hundred calls (ms). The short form has neighbours who work. */
const goals = process.env['PARLEY_LONG'] === undefined ? { start: 10_000, call: 2000 } : { start: 3000, call: 100 };
const seed = runSeed();

let programs: string;
let broker: BrokerProcess;

beforeAll(async () => {
  programs = await bundlePrograms();
  broker = new BrokerProcess(programs, temporaryHome({ limits: openLimits }));
}, 60_000);

afterAll(async () => {
  await broker.dispose();
  fs.rmSync(programs, { recursive: true });
});

const words =
  'parser error last line count reads token auth seconds release branch commit review build green red'.split(' ');

/** An export of so many messages, in pieces of about half a megabyte. */
function* exported(random: SeededRandom): Generator<string> {
  let checksum = '';
  let piece = '';
  const line = (content: object): void => {
    const text = JSON.stringify(content);
    checksum = chain(checksum, text);
    piece += `${text}\n`;
  };
  const threads = messages / perThread;
  line({ parley: { version: 1, at: 1 } });
  for (const id of ['a1', 'a2']) line({ agent: { id, name: `Old${id}`, kind: 'agent', card: {}, lastAt: 1 } });
  for (let number = 0; number < threads; number++) {
    const id = `t${String(number).padStart(8, '0')}`;
    const participants = ['a1', 'a2'].map((agent) => ({ agent, joinedAt: number, leftAt: null }));
    const times = { openedAt: number, lastAt: number + 1, closedAt: number + 1 };
    const rest = { mode: 'async', state: 'closed', home: 'old', call: null, reason: 'closed', messages: perThread };
    line({ thread: { id, topic: `Matter ${number}`, ...rest, ...times, participants } });
    for (let seq = 1; seq <= perThread; seq++) {
      const text = Array.from({ length: 30 }, () => words[random.between(0, words.length - 1)]).join(' ');
      const content = seq === 50 ? `${text} needle${number}` : text;
      const message = { id: `${id}-${seq}`, thread: id, from: seq % 2 === 0 ? 'a1' : 'a2', type: 'message', content };
      line({ message: { ...message, refs: [], seq, timestamp: number * 1000 + seq, receipts: [] } });
      if (piece.length > 500_000) {
        yield piece;
        piece = '';
      }
    }
  }
  line({ end: { agent: 2, call: 0, thread: threads, message: messages, checksum } });
  yield piece;
}

async function timed<T>(work: () => Promise<T>): Promise<{ ms: number; result: T }> {
  const began = performance.now();
  const result = await work();
  return { ms: performance.now() - began, result };
}

/** A hundred calls of all kinds, one after the other, as agents and the person make them. */
async function hundredCalls(atlas: Client, nova: Client): Promise<number[]> {
  const took: number[] = [];
  for (let round = 0; round < 20; round++) {
    const calls = [
      () => atlas.ask('message', { to: 'Nova', text: `Round ${round}` }),
      () => nova.ask('listen', {}),
      () => atlas.ask('who', {}),
      () => atlas.ask('inbox', {}),
      () => nova.ask('profile', {}),
    ];
    for (const call of calls) took.push((await timed<unknown>(call)).ms);
  }
  return took.sort((a, b) => a - b);
}

it(`F21: with ${messages} messages, all archived, the broker starts and answers as ever (PARLEY_SEED=${seed})`, async () => {
  await broker.start();
  const importer = await broker.person();
  let upload: string | undefined;
  for (const text of exported(new SeededRandom(seed))) ({ upload } = await importer.ask('import', { upload, text }));
  const { done } = await importer.ask('import', { upload, text: '', end: true });
  expect(done).toEqual({ tasks: 0, threads: messages / perThread, messages, known: 0 });
  const [atlas, nova] = [await broker.agent('Atlas'), await broker.agent('Nova')];
  const tokens = [atlas.token, nova.token];
  await broker.end('SIGTERM');

  const start = await timed(() => broker.start());
  const [first, second] = await Promise.all(
    tokens.map((token) => broker.connect({ token, present: true, seat: true })),
  );
  const took = await hundredCalls(first as Client, second as Client);
  const person = await broker.person();
  const read = await timed(() => person.ask('read', { thread: 't00000007', after: 49, limit: 1 }));
  expect(read.result.messages[0]?.content).toContain('needle7');
  const list = await timed(() => person.ask('threads', { state: 'closed', limit: 50 }));
  const found = await timed(() => person.ask('search', { query: 'needle11' }));
  expect(found.result.hits.map(({ thread }) => thread)).toContain('t00000011');
  const slow = took.at(-2) ?? 0;
  const shown = { start: start.ms, p50: took[50], p99: slow, read: read.ms, threads: list.ms, search: found.ms };
  console.log(
    `F21, ${messages} messages, ms: ${JSON.stringify(shown, (_key, value: unknown) => (typeof value === 'number' ? Math.round(value * 10) / 10 : value))}`,
  );
  expect(start.ms).toBeLessThan(goals.start);
  expect(slow).toBeLessThan(goals.call);
}, 3_600_000);
