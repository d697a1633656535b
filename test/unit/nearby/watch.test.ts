import { expect, it } from 'vitest';
import type { Found, NearbySession } from '../../../src/nearby/session';
import { NearbyWatch, gathering, lookPause } from '../../../src/nearby/watch';

const session: NearbySession = { client: 'opencode', pid: 1, start: '1', folder: '/x', startedAt: 1, status: 'idle' };

/** A watch whose looks, folders and clock the test holds in its hand. */
class Held {
  found: Found = { sessions: [], unclear: [] };
  looks = 0;
  folders: readonly string[] = ['/records'];
  /** By folder, while it is watched. */
  readonly watched = new Map<string, (name?: string) => void>();
  readonly #timers: { readonly at: number; readonly run: () => void }[] = [];
  #now = 10_000;
  /** Lets a look come to its end; without it a look ends at once. */
  hold: Promise<void> | undefined;

  readonly watch = new NearbyWatch({
    look: async () => {
      this.looks += 1;
      await this.hold;
      return this.found;
    },
    folders: async () => this.folders,
    watchFolder: (folder, changed) => {
      this.watched.set(folder, changed);
      return () => this.watched.delete(folder);
    },
    now: () => this.#now,
    after: (milliseconds, run) => {
      const timer = { at: this.#now + milliseconds, run };
      this.#timers.push(timer);
      return () => void (this.#timers.includes(timer) && this.#timers.splice(this.#timers.indexOf(timer), 1));
    },
  });

  get timers(): number {
    return this.#timers.length;
  }

  change(folder = '/records'): void {
    this.watched.get(folder)?.('a file');
  }

  async pass(milliseconds: number): Promise<void> {
    this.#now += milliseconds;
    for (const timer of this.#timers.filter(({ at }) => at <= this.#now)) {
      this.#timers.splice(this.#timers.indexOf(timer), 1);
      timer.run();
    }
    await settled();
  }
}

const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => void setImmediate(resolve));
};

it('looks when somebody begins to, and then sets no timer: time alone is no reason to look', async () => {
  const held = new Held();
  await settled();
  expect([held.looks, held.watched.size]).toEqual([0, 0]);
  const end = held.watch.look();
  await settled();
  expect([held.looks, [...held.watched.keys()], held.timers]).toEqual([1, ['/records'], 0]);
  await held.pass(3_600_000);
  expect(held.looks).toBe(1);
  end();
  expect(held.watched.size).toBe(0);
});

it('looks once for all that changes within a moment', async () => {
  const held = new Held();
  held.watch.look();
  await settled();
  await held.pass(lookPause);
  for (let index = 0; index < 5; index++) held.change();
  held.watch.occasion();
  expect(held.timers).toBe(1);
  await held.pass(gathering - 1);
  expect(held.looks).toBe(1);
  await held.pass(1);
  expect([held.looks, held.timers]).toEqual([2, 0]);
});

it('leaves a pause between two looks, however much a client writes', async () => {
  const held = new Held();
  held.watch.look();
  await settled();
  for (let step = 0; step < 100; step++) {
    held.change();
    await held.pass(100);
  }
  expect(held.looks).toBeLessThanOrEqual(1 + 10_000 / lookPause);
  expect(held.looks).toBeGreaterThan(3);
});

it('looks once more after a change that came during a look', async () => {
  const held = new Held();
  let letGo: () => void = () => undefined;
  held.hold = new Promise((resolve) => (letGo = resolve));
  held.watch.look();
  await settled();
  held.change();
  await held.pass(lookPause);
  expect(held.looks).toBe(1);
  letGo();
  await settled();
  expect(held.looks).toBe(2);
});

it('takes no notice of occasions without a looker', async () => {
  const held = new Held();
  held.watch.occasion();
  expect(held.timers).toBe(0);
  const end = held.watch.look();
  await settled();
  held.change();
  end();
  await held.pass(lookPause);
  expect([held.looks, held.timers, held.watched.size]).toEqual([1, 0, 0]);
});

it('watches nothing when the last looker went during a look', async () => {
  const held = new Held();
  held.watch.look()();
  await settled();
  expect([held.watched.size, held.timers]).toEqual([0, 0]);
});

it('goes on for a second looker when the first has gone', async () => {
  const held = new Held();
  const [first, second] = [held.watch.look(), held.watch.look()];
  await settled();
  first();
  expect(held.watched.size).toBe(1);
  second();
  second();
  expect(held.watched.size).toBe(0);
});

it('watches the folders that the clients use by then', async () => {
  const held = new Held();
  held.watch.look();
  await settled();
  held.folders = ['/records', '/chats'];
  held.change();
  await held.pass(lookPause);
  expect([...held.watched.keys()].sort()).toEqual(['/chats', '/records']);
  held.folders = ['/chats'];
  held.change('/chats');
  await held.pass(lookPause);
  expect([...held.watched.keys()]).toEqual(['/chats']);
});

it('tells of what is otherwise than before and of nothing else', async () => {
  const held = new Held();
  let told = 0;
  held.watch.onDidChange(() => (told += 1));
  held.watch.look();
  await settled();
  const first = told;
  const again = async (found: Found): Promise<number> => {
    held.found = found;
    held.change();
    await held.pass(lookPause);
    return told - first;
  };
  expect(await again({ sessions: [session], unclear: [] })).toBe(1);
  expect(held.watch.sessions).toEqual([session]);
  expect(await again({ sessions: [{ ...session }], unclear: [] })).toBe(1);
  expect(await again({ sessions: [{ ...session, status: 'busy' }], unclear: [] })).toBe(2);
});

it('goes on after a listener that failed', async () => {
  const held = new Held();
  held.watch.onDidChange(() => {
    throw new Error('mine');
  });
  held.found = { sessions: [session], unclear: [] };
  held.watch.look();
  await settled();
  held.change();
  await held.pass(lookPause);
  expect(held.looks).toBe(2);
});
