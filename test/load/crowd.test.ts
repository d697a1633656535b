import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../../src/client/client';
import { BrokerProcess, bundlePrograms, openLimits, temporaryHome } from '../support/brokerProcess';
import { lengthOf } from '../support/long';
import { openLoop } from '../support/openLoop';
import { until } from '../support/until';

const registered = 1000;
const threads = 50;
const rate = 500;
const seconds = lengthOf(4, 120);

let programs: string;

beforeAll(async () => {
  programs = await bundlePrograms();
});
afterAll(() => rmSync(programs, { recursive: true, force: true }));

describe(`${registered} agents on the roster, ${2 * threads} of them in ${threads} live threads, ${rate} sends a second`, () => {
  it(
    'hear everything, each thread in its order, and nothing of another',
    async () => {
      const limits = { ...openLimits, agents: registered + 1 };
      const broker = new BrokerProcess(programs, temporaryHome({ limits }));
      try {
        await broker.start();
        const desk = await broker.connect();
        const tokens: string[] = [];
        while (tokens.length < registered) {
          const names = Array.from({ length: 50 }, (_, index) => `Agent${tokens.length + index}`);
          const answers = await Promise.all(names.map((name) => desk.ask('register', { name })));
          tokens.push(...answers.map(({ token }) => token));
        }
        const pairs: Pair[] = [];
        for (let index = 0; index < threads; index++) pairs.push(await meet(broker, tokens, index));
        await openLoop(rate, seconds * 1000, async (index) => {
          const { thread, ends, said } = pairs[index % threads]!;
          // One after the other in each thread: what is said there has an order of its own.
          const text = `message ${index} of thread ${index % threads}`;
          const turn = said.length % 2;
          said.push(text);
          await ends[turn]!.client.ask('send', { thread, text });
        });
        for (const { thread, ends, said } of pairs) {
          const page = await ends[0]!.client.ask('read', { thread, after: 0, limit: 200 });
          const messages = [...page.messages];
          while (messages.length < page.messages.length + page.more) {
            const more = await ends[0]!.client.ask('read', { thread, after: messages.at(-1)!.seq, limit: 200 });
            messages.push(...more.messages);
          }
          expect(messages.map(({ seq }) => seq)).toEqual(messages.map((_, index) => index + 1));
          const texts = messages.filter(({ type }) => type === 'message');
          expect(texts.map(({ content }) => content).sort()).toEqual([...said].sort());
          // What one said, the other heard, in the order of the thread.
          for (const [index, end] of ends.entries()) {
            const other = ends[1 - index]!;
            const theirs = texts.filter(({ from }) => from === other.client.id).map(({ content }) => content);
            await until('everything to be heard', () => end.heard.length >= theirs.length);
            expect(end.heard).toEqual(theirs);
          }
        }
      } finally {
        await broker.dispose();
      }
    },
    lengthOf(300_000, 1_200_000),
  );
});

interface End {
  readonly client: Client & { readonly id: string };
  readonly heard: string[];
}

interface Pair {
  readonly thread: string;
  readonly ends: readonly End[];
  readonly said: string[];
}

/** Two of them call each other; each notes what it hears. */
async function meet(broker: BrokerProcess, tokens: readonly string[], index: number): Promise<Pair> {
  const ends: End[] = [];
  for (const token of tokens.slice(2 * index, 2 * index + 2)) {
    const client = await broker.connect({ token, present: true, seat: true });
    const { agents, you } = await client.ask('who', { agent: `Agent${2 * index + ends.length}` });
    expect(you).toBe(agents[0]?.name);
    ends.push({ client: Object.assign(client, { id: agents[0]?.id ?? '' }), heard: [] });
  }
  const [first, second] = ends;
  const { call } = await first!.client.ask('call', { to: `Agent${2 * index + 1}`, topic: `Matter ${index}` });
  const { thread = '' } = await second!.client.ask('answer', { call: call.id, answer: 'accept' });
  for (const { client, heard } of ends) {
    client.subscribe((event) => {
      if (event.what === 'message' && event.message.type === 'message') heard.push(event.message.content);
    });
  }
  return { thread, ends, said: [] };
}
