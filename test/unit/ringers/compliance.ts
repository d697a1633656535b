import { describe, expect, test } from 'vitest';
import type { RingRequest } from '../../../src/contract/wire';
import { ringers } from '../../../src/contract/ringers';
import type { Ringer } from '../../../src/ringers/ringer';

export function ringOf(changes: Partial<RingRequest> = {}): RingRequest {
  return {
    subject: '01CALL',
    kind: 'call',
    agent: '01NOVA',
    ringer: 'claude-inbox',
    call: '01CALL',
    from: 'Atlas',
    fromId: '01ATLAS',
    topic: 'Review',
    text: 'Atlas calls you about "Review". Use the parley answer tool with call 01CALL.',
    permitted: false,
    ...changes,
  };
}

/** A ringer with a client of its own that the suite can look at. */
export interface RingerBench {
  readonly ringer: Ringer;
  /** The texts that the client was given, once there are that many. */
  received(count: number): Promise<readonly string[]>;
  /** Takes the client away. */
  vanish(): Promise<void>;
  stop(): Promise<void>;
}

/** What every ringer must do, run against each. */
export function ringerCompliance(name: string, make: () => Promise<RingerBench>): void {
  const during = async (work: (bench: RingerBench) => Promise<void>): Promise<void> => {
    const bench = await make();
    try {
      await work(bench);
    } finally {
      await bench.ringer.dispose();
      await bench.stop();
    }
  };

  describe(`${name} does what every ringer must`, () => {
    test('its name stands in the contract', () =>
      during(async ({ ringer }) => {
        expect(Object.keys(ringers)).toContain(ringer.name);
      }));

    test('a ring puts the whole text before the client and says no more than written', () =>
      during(async ({ ringer, received }) => {
        expect(await ringer.available()).toEqual({ available: true });
        expect(await ringer.ring(ringOf())).toEqual({ result: 'written' });
        expect((await received(1)).join('\n')).toContain(ringOf().text);
      }));

    test('the same ring again is not the same text again', () =>
      during(async ({ ringer, received }) => {
        await ringer.ring(ringOf());
        await ringer.ring(ringOf());
        const texts = await received(2);
        expect(texts).toHaveLength(2);
        expect(new Set(texts).size).toBe(2);
      }));

    test('a client that is gone makes it fail with a reason, and throws nothing', () =>
      during(async ({ ringer, vanish }) => {
        await vanish();
        expect((await ringer.available()).available).toBe(false);
        const answer = await ringer.ring(ringOf());
        expect(answer.result).toBe('failed');
        expect(answer.detail).not.toBe('');
      }));

    test('disposed of, it fails, and may be disposed of again', () =>
      during(async ({ ringer, received }) => {
        await ringer.dispose();
        await ringer.dispose();
        expect((await ringer.ring(ringOf())).result).toBe('failed');
        expect(await received(0)).toEqual([]);
      }));
  });
}
