// Pairs of agents in live threads, and others on the roster who are away. Sends in an open loop, one thread after the other,
// and times each message from when it was to go until the other of its pair has heard it.
import { connect, type Client } from '../../../src/client/client';
import type { Round } from '../children';
import { takeTasks } from './tasks';

export interface TalkersOptions {
  readonly home: string;
  /** On the roster, the pairs among them. */
  readonly registered: number;
  readonly pairs: number;
}

const textBytes = 300;
/** A message that is not heard for so long is lost (ms). */
const patience = 60_000;
/** Agents that sign on at once. */
const atOnce = 50;

interface Pair {
  readonly thread: string;
  readonly ends: readonly [Client, Client];
}

const pairs: Pair[] = [];
let sent = 0;
const waiting = new Map<string, (at: bigint) => void>();

async function open(options: TalkersOptions): Promise<void> {
  const desk = await connect({ home: options.home, client: 'bench', version: '1' });
  const tokens: string[] = [];
  while (tokens.length < options.registered) {
    const left = Math.min(atOnce, options.registered - tokens.length);
    const names = Array.from({ length: left }, (_, index) => `Agent${tokens.length + index}`);
    const answers = await Promise.all(names.map((name) => desk.ask('register', { name })));
    tokens.push(...answers.map(({ token }) => token));
  }
  desk.close();
  for (let index = 0; index < options.pairs; index++) pairs.push(await meet(options.home, tokens, index));
}

/** Two of them call each other and talk. */
async function meet(home: string, tokens: readonly string[], index: number): Promise<Pair> {
  const [first, second] = [tokens[2 * index], tokens[2 * index + 1]];
  const options = { home, client: 'bench', version: '1', present: true, seat: true };
  const ends = [
    await connect({ ...options, token: first ?? '' }),
    await connect({ ...options, token: second ?? '' }),
  ] as const;
  const { call } = await ends[0].ask('call', { to: `Agent${2 * index + 1}`, topic: `Matter ${index}` });
  const { thread = '' } = await ends[1].ask('answer', { call: call.id, answer: 'accept' });
  for (const end of ends) {
    end.subscribe((event) => {
      if (event.what !== 'message') return;
      const at = process.hrtime.bigint();
      waiting.get(event.message.content.split(' ', 1)[0] ?? '')?.(at);
    });
  }
  return { thread, ends };
}

async function round({ messages, perSecond = 500 }: Round): Promise<number[]> {
  const times: number[] = [];
  const began = process.hrtime.bigint();
  const under: Promise<void>[] = [];
  for (let index = 0; index < messages;) {
    const elapsed = Number(process.hrtime.bigint() - began) / 1e9;
    for (const due = Math.min(messages, Math.floor(elapsed * perSecond) + 1); index < due; index++) {
      const intended = began + BigInt(Math.round((index * 1e9) / perSecond));
      under.push(say(intended).then((took) => void times.push(took)));
    }
    if (index < messages) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(under);
  return times;
}

/** Both of a pair speak in turn; resolves with how long after the intended time it was heard, in µs. */
async function say(intended: bigint): Promise<number> {
  const number = ++sent;
  const pair = pairs[number % pairs.length];
  if (!pair) throw new Error('nobody talks');
  const heard = new Promise<bigint>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`message ${number} was not heard`)), patience);
    waiting.set(String(number), (at) => {
      clearTimeout(timer);
      waiting.delete(String(number));
      resolve(at);
    });
  });
  const speaker = pair.ends[Math.floor(number / pairs.length) % 2 === 0 ? 0 : 1];
  await speaker.ask('send', { thread: pair.thread, text: `${number} `.padEnd(textBytes, 'x') });
  return Number((await heard) - intended) / 1000;
}

takeTasks({ open: (options) => open(options as TalkersOptions), round });
