import { expect, it } from 'vitest';
import type { Found, NearbySession } from '../../../src/nearby/session';
import { NearbyWatch, lookEvery } from '../../../src/nearby/watch';

const session: NearbySession = { client: 'opencode', pid: 1, start: '1', folder: '/x', startedAt: 1, status: 'idle' };

/** A watch whose looks and timers the test holds in its hand. */
function held(): {
  watch: NearbyWatch;
  found: { now: Found };
  looks: () => number;
  timers: (() => void)[];
  asked: number[];
} {
  const found = { now: { sessions: [], unclear: [] } as Found };
  const timers: (() => void)[] = [];
  const asked: number[] = [];
  let looks = 0;
  const watch = new NearbyWatch({
    look: async () => {
      looks += 1;
      return found.now;
    },
    after: (milliseconds, run) => {
      asked.push(milliseconds);
      timers.push(run);
      return () => void timers.splice(timers.indexOf(run), 1);
    },
  });
  return { watch, found, looks: () => looks, timers, asked };
}

const settled = async (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

it('looks at once and then at intervals while somebody looks, and never without', async () => {
  const { watch, looks, timers, asked } = held();
  await settled();
  expect(looks()).toBe(0);
  const end = watch.look();
  await settled();
  expect([looks(), timers.length, asked]).toEqual([1, 1, [lookEvery]]);
  timers.shift()?.();
  await settled();
  expect([looks(), timers.length]).toEqual([2, 1]);
  end();
  expect(timers).toEqual([]);
  await settled();
  expect(looks()).toBe(2);
});

it('goes on for a second looker when the first has gone, with one timer for both', async () => {
  const { watch, timers } = held();
  const [first, second] = [watch.look(), watch.look()];
  await settled();
  first();
  expect(timers).toHaveLength(1);
  second();
  second();
  expect(timers).toEqual([]);
});

it('sets no timer when the last looker went during a look', async () => {
  const { watch, timers } = held();
  watch.look()();
  await settled();
  expect(timers).toEqual([]);
});

it('tells of what changed and of nothing else', async () => {
  const { watch, found, timers } = held();
  let told = 0;
  watch.onDidChange(() => (told += 1));
  watch.look();
  await settled();
  const first = told;
  found.now = { sessions: [session], unclear: [] };
  timers.shift()?.();
  await settled();
  expect([told - first, watch.sessions]).toEqual([1, [session]]);
  found.now = { sessions: [{ ...session }], unclear: [] };
  timers.shift()?.();
  await settled();
  expect(told - first).toBe(1);
  found.now = { sessions: [{ ...session, status: 'busy' }], unclear: [] };
  timers.shift()?.();
  await settled();
  expect(told - first).toBe(2);
});

it('goes on after a listener that failed', async () => {
  const { watch, found, timers } = held();
  watch.onDidChange(() => {
    throw new Error('mine');
  });
  found.now = { sessions: [session], unclear: [] };
  watch.look();
  await settled();
  expect(timers).toHaveLength(1);
});
