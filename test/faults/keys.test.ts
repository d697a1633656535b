import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../../src/client/client';
import { BrokerProcess, bundlePrograms, openLimits, temporaryHome, testEdition } from '../support/brokerProcess';
import { until } from '../support/until';

const hour = 3_600_000;
/** How often the same is asked, over how many connections. */
const times = 1000;
const connections = 8;

let programs: string;

beforeAll(async () => {
  programs = await bundlePrograms(testEdition, ['clock-broker', 'index-worker']);
});
afterAll(() => rmSync(programs, { recursive: true, force: true }));

const said = { to: 'Reader', text: 'Only once, please.', key: 'one-and-only' };

async function messagesOf(client: Client, thread: string): Promise<string[]> {
  const { messages } = await client.ask('read', { thread, after: 0, limit: 200 });
  return messages.filter((message) => message.type === 'message').map((message) => message.content);
}

/** Turns the broker's clock, and waits until it goes by it. */
async function turn(broker: BrokerProcess, client: Client, ahead: number): Promise<void> {
  broker.turnClock(ahead);
  await until('the clock is turned', async () => {
    const { message } = await client.ask('message', { to: 'Other', text: `What time is it? ${Date.now()}` });
    return message.timestamp > Date.now() + ahead - 30_000;
  });
}

describe('an idempotency key (F9)', () => {
  it(`makes ${times} requests at once one message with one answer, through a crash, and for a day`, async () => {
    const broker = new BrokerProcess(programs, temporaryHome({ limits: openLimits }), process.execPath, 'clock-broker');
    try {
      broker.turnClock(0);
      await broker.start();
      await broker.agent('Reader');
      const writer = await broker.agent('Writer');
      const { token } = writer;
      const writers = [writer];
      for (let count = 1; count < connections; count++)
        writers.push(Object.assign(await broker.connect({ token }), writer));
      const ask = async (index: number): Promise<string> => {
        const { message } = await writers[index % connections]!.ask('message', said);
        return JSON.stringify([message.id, message.thread, message.seq]);
      };
      const answers = await Promise.all(Array.from({ length: times }, (_, index) => ask(index)));
      expect(answers).toHaveLength(times);
      expect([...new Set(answers)]).toHaveLength(1);
      const [thread = ''] = (JSON.parse(answers[0]!) as string[]).slice(1);
      expect(await messagesOf(writer, thread)).toEqual([said.text]);

      // The same key for something else.
      await expect(writer.ask('message', { ...said, text: 'Something else.' })).rejects.toMatchObject({
        code: 'key_conflict',
      });
      // Another agent's key is another key.
      const other = await broker.agent('Other');
      const theirs = await other.ask('message', said);
      expect(theirs.message.thread).not.toBe(thread);

      await broker.end('SIGKILL');
      await broker.start();
      expect(await ask(0)).toBe(answers[0]);
      await expect(writer.ask('message', { ...said, text: 'Something else.' })).rejects.toMatchObject({
        code: 'key_conflict',
      });

      await turn(broker, writer, 24 * hour - 60_000);
      expect(await ask(1)).toBe(answers[0]);
      expect(await messagesOf(writer, thread)).toEqual([said.text]);
      await turn(broker, writer, 24 * hour + 60_000);
      const late = await writer.ask('message', said);
      expect(late.message.seq).toBeGreaterThan((JSON.parse(answers[0]!) as number[])[2]!);
      expect(await messagesOf(writer, thread)).toEqual([said.text, said.text]);
    } finally {
      await broker.dispose();
    }
  });
});
