import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../../src/client/client';
import type { MessageView } from '../../src/contract/views';
import { BrokerProcess, bundlePrograms, openLimits, temporaryHome } from '../support/brokerProcess';
import { SeededRandom, runSeed } from '../support/faultsRandom';
import { lengthOf } from '../support/long';

const kills = Number(process.env['PARLEY_KILLS'] ?? lengthOf(50, 300));
const seed = runSeed();
const writers = 8;

let programs: string;

beforeAll(async () => {
  programs = await bundlePrograms();
});
afterAll(() => rmSync(programs, { recursive: true, force: true }));

/** Everything in the thread, page by page. */
async function readAll(client: Client, thread: string): Promise<MessageView[]> {
  const messages: MessageView[] = [];
  for (;;) {
    const page = await client.ask('read', { thread, after: messages.at(-1)?.seq ?? 0, limit: 200 });
    messages.push(...page.messages);
    if (page.more === 0) return messages;
  }
}

describe('a broker that is killed again and again (F1)', () => {
  it(`loses, doubles and reorders nothing that it acknowledged, over ${kills} kills under ${writers} writers (seed ${seed})`, async () => {
    const random = new SeededRandom(seed);
    const broker = new BrokerProcess(programs, temporaryHome({ limits: openLimits }));
    try {
      await broker.start();
      const reader = await broker.agent('Reader');
      const agents = await Promise.all(
        Array.from({ length: writers }, (_, index) => broker.agent(`Writer${index}`, { patience: 60_000 })),
      );
      /** What was acknowledged, kept outside the broker: by thread, in the order of the acknowledgements. */
      const ledger = agents.map(() => ({
        thread: '',
        acknowledged: [] as { id: string; seq: number; text: string }[],
        sent: 0,
      }));
      let running = true;
      const writing = agents.map(async (agent, index) => {
        const own = ledger[index]!;
        while (running) {
          const text = `message ${own.sent++} of writer ${index}`;
          const { message } = await agent.ask('message', { to: 'Reader', text });
          own.thread = message.thread;
          own.acknowledged.push({ id: message.id, seq: message.seq, text });
        }
      });
      for (let kill = 0; kill < kills; kill++) {
        // The instant is what is random here; nothing waits for it.
        await new Promise((resolve) => setTimeout(resolve, random.between(20, 200)));
        await broker.end('SIGKILL');
        await broker.start();
      }
      running = false;
      await Promise.all(writing);
      let total = 0;
      for (const [index, own] of ledger.entries()) {
        const messages = await readAll(reader, own.thread);
        expect(
          messages.map((message) => message.seq),
          `gapless seq of writer ${index}`,
        ).toEqual(messages.map((_, at) => at + 1));
        const said = messages.filter((message) => message.type === 'message');
        // Sent one after the other: nothing may be missing, come twice or change places.
        expect(said.map((message) => message.content)).toEqual(own.acknowledged.map((one) => one.text));
        expect(said.map((message) => message.id)).toEqual(own.acknowledged.map((one) => one.id));
        total += said.length;
      }
      console.log(`${total} acknowledged messages over ${kills} kills: 0 lost, 0 doubled, 0 reordered`);
      expect(total).toBeGreaterThan(kills);
    } finally {
      await broker.dispose();
    }
  });
});
