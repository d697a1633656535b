import { rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../../src/client/client';
import { BrokerProcess, bundlePrograms, openLimits, temporaryHome } from '../support/brokerProcess';
import { lengthOf } from '../support/long';

/** How long the broker stands still (ms). */
const standstill = lengthOf(3000, 30_000);
/** How long a writer waits for an answer before it asks again (ms). */
const patience = 400;
const writers = 6;

let programs: string;

beforeAll(async () => {
  programs = await bundlePrograms();
});
afterAll(() => rmSync(programs, { recursive: true, force: true }));

/** Says it until it is answered, as a program does that loses its patience: the same words under the same key. */
async function insist(
  client: Client,
  text: string,
  key: string,
): Promise<{ tries: number; id: string; thread: string }> {
  for (let tries = 1; ; tries++) {
    try {
      const { message } = await client.ask(
        'message',
        { to: 'Reader', text, key },
        { signal: AbortSignal.timeout(patience) },
      );
      return { tries, id: message.id, thread: message.thread };
    } catch (error) {
      if ((error as Error).name !== 'TimeoutError') throw error;
    }
  }
}

describe(`a broker that stands still for ${standstill / 1000} s (F7)`, () => {
  it('does once what was asked again and again meanwhile, in order, and nobody has gone or missed a call for it', async () => {
    const broker = new BrokerProcess(programs, temporaryHome({ limits: openLimits }));
    try {
      await broker.start();
      const reader = await broker.agent('Reader');
      const caller = await broker.agent('Caller');
      const { call } = await caller.ask('call', { to: 'Reader', topic: 'Does it go on ringing?' });
      expect(call.to[0]?.state).toBe('ringing');
      const agents = await Promise.all(
        Array.from({ length: writers }, (_, index) => broker.agent(`Writer${index}`, { patience: 120_000 })),
      );
      let running = true;
      const ledger = agents.map(async (agent, writer) => {
        const own: { text: string; tries: number; id: string; thread: string }[] = [];
        while (running) {
          const text = `message ${own.length} of writer ${writer}`;
          own.push({ text, ...(await insist(agent, text, `key ${writer} ${own.length}`)) });
        }
        return own;
      });
      await pause(300);
      process.kill(broker.pid, 'SIGSTOP');
      await pause(standstill);
      process.kill(broker.pid, 'SIGCONT');
      await pause(500);
      running = false;
      let again = 0;
      for (const own of await Promise.all(ledger)) {
        again += own.reduce((sum, { tries }) => sum + tries - 1, 0);
        const thread = own[0]!.thread;
        const said: { id: string; text: string }[] = [];
        for (let after = 0, more = 1; more > 0;) {
          const page = await reader.ask('read', { thread, after, limit: 200 });
          for (const { id, type, content } of page.messages) if (type === 'message') said.push({ id, text: content });
          after = page.messages.at(-1)?.seq ?? after;
          more = page.more;
        }
        expect(said).toEqual(own.map(({ id, text }) => ({ id, text })));
      }
      // Everybody lost their patience, or the broker did not stand still.
      expect(again).toBeGreaterThanOrEqual(writers);
      const { agents: roster } = await reader.ask('who', {});
      expect(roster.filter(({ presence, kind }) => presence === 'offline' && kind === 'agent')).toEqual([]);
      const { calls } = await reader.ask('inbox', {});
      expect(calls.map((one) => one.to[0]?.state)).toEqual(['ringing']);
      console.log(`asked again ${again} times: 0 doubled, 0 lost, 0 reordered`);
    } finally {
      if (broker.pid > 0) process.kill(broker.pid, 'SIGCONT');
      await broker.dispose();
    }
  });
});
