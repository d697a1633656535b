import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as fs from 'node:fs';
import fc from 'fast-check';
import type { Client } from '../../src/client/client';
import { toParleyError } from '../../src/contract/errors';
import { isTooLarge, mostInputBytes } from '../../src/operations/inputSize';
import { maxPayloadBytes } from '../../src/store/record';
import { BrokerProcess, bundlePrograms, temporaryHome } from '../support/brokerProcess';

/** The character that JSON writes in the most bytes: six. */
const longest = '\u0001';

describe('what a request may bring', () => {
  it('is measured as JSON, whatever it is made of', () => {
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.integer({ min: mostInputBytes - 400, max: mostInputBytes + 400 }),
        (value, size) => {
          const around = Buffer.byteLength(JSON.stringify({ value, text: '' }));
          const input = { value, text: 'x'.repeat(Math.max(0, size - around)) };
          expect(isTooLarge(input)).toBe(Buffer.byteLength(JSON.stringify(input)) > mostInputBytes);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('leaves room in a record of the journal for what the broker adds to it', () => {
    expect(maxPayloadBytes - mostInputBytes).toBeGreaterThanOrEqual(256 * 1024);
  });
});

describe('a request that no record of the journal could hold', () => {
  let programs: string;
  let broker: BrokerProcess;
  let nova: Client;

  beforeAll(async () => {
    programs = await bundlePrograms();
  }, 60_000);
  afterAll(() => fs.rmSync(programs, { recursive: true }));
  beforeEach(async () => {
    broker = new BrokerProcess(programs, temporaryHome());
    await broker.start();
    nova = await broker.agent('Nova');
    await broker.agent('Atlas');
  });
  afterEach(() => broker.dispose());

  const codeOf = (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => 'taken',
      (error: unknown) => toParleyError(error).code,
    );

  it('is refused though each part of it is within its limit, and the broker goes on', async () => {
    const refs = Array.from({ length: 50 }, (_, line) => ({
      uri: `file:///a/${line}`,
      excerpt: longest.repeat(4096),
    }));
    expect(await codeOf(nova.ask('message', { to: 'Atlas', text: 'Look', refs }))).toBe('too_large');
    const files = Array.from({ length: 100 }, (_, index) => `${index}${'\u4e16'.repeat(4000)}`);
    expect(await codeOf(nova.ask('profile', { files }))).toBe('too_large');
    expect(await codeOf(nova.ask('message', { to: 'Atlas', text: 'Look' }))).toBe('taken');
  });

  it('is taken with the longest words and the most refs that one is likely to have', async () => {
    const refs = Array.from({ length: 50 }, (_, line) => ({ uri: `file:///a/${line}`, excerpt: 'x'.repeat(4096) }));
    expect(await codeOf(nova.ask('message', { to: 'Atlas', text: 'x'.repeat(64 * 1024), refs }))).toBe('taken');
  });
});
