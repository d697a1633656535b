import { describe, expect, it } from 'vitest';
import { MemoryDisk } from '../../support/faultsDisk';
import { type FileCall, withFaults } from '../../support/faultsFiles';
import { openTestStore, testEvent, testEvents, testHome } from '../../support/faultsStore';

const tick = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('the journal', () => {
  it('gives back what was appended, in order, after a clean stop', async () => {
    const disk = new MemoryDisk();
    const first = await openTestStore(disk.files);
    first.store.append(testEvents(1, 100));
    await first.store.durable(100);
    await first.store.close();
    const second = await openTestStore(disk.files);
    expect(second.store.recovered).toEqual({
      checkpoint: undefined,
      events: testEvents(1, 100),
      report: { tornBytes: 0, tornRecords: 0, rejectedCheckpoints: [] },
      damage: undefined,
    });
    expect(second.store.durableOffset).toBe(100);
  });

  it('writes everything that was appended in one turn with one write and one sync', async () => {
    const disk = new MemoryDisk();
    const calls: FileCall[] = [];
    const { store } = await openTestStore(withFaults(disk.files, { after: (call) => void calls.push(call) }));
    await tick();
    calls.length = 0;
    for (let offset = 1; offset <= 20; offset++) store.append([testEvent(offset)]);
    await store.durable(20);
    const onSegments = calls.filter((call) => call.path.endsWith('.log')).map((call) => call.operation);
    expect(onSegments).toEqual(['writeNow', 'sync']);
  });

  it('has the next group on its way to the disk before it lets those go on who waited for the one before', async () => {
    const disk = new MemoryDisk();
    const done: string[] = [];
    const note = ({ path, operation }: FileCall): void => void (path.endsWith('.log') && done.push(operation));
    const { store } = await openTestStore(withFaults(disk.files, { after: note }));
    await tick();
    done.length = 0;
    const answered = (offset: number): Promise<unknown> =>
      store.durable(offset).then(() => done.push(`answered ${offset}`));
    store.append([testEvent(1)]);
    const first = answered(1);
    await Promise.resolve();
    expect(done, 'the first is being synced').toEqual(['writeNow']);
    store.append([testEvent(2)]);
    await Promise.all([first, answered(2)]);
    const order = done.filter((what) => what !== 'sync');
    expect(order).toEqual(['writeNow', 'writeNow', 'answered 1', 'answered 2']);
  });

  it('acknowledges at durability os without a sync, and before the turn ends', async () => {
    const disk = new MemoryDisk();
    const calls: FileCall[] = [];
    const files = withFaults(disk.files, { after: (call) => void calls.push(call) });
    const { store } = await openTestStore(files, { durability: 'os' });
    await tick();
    calls.length = 0;
    store.append([testEvent(1)]);
    await Promise.resolve();
    expect(store.durableOffset).toBe(1);
    expect(calls.filter((call) => call.path.endsWith('.log')).map((call) => call.operation)).toEqual(['writeNow']);
  });

  it('lets lazy events wait for company, for a second, or for someone who waits for them', async () => {
    const disk = new MemoryDisk();
    const { store, clock } = await openTestStore(disk.files);
    store.append([testEvent(1)], { lazy: true });
    await tick();
    expect(store.durableOffset).toBe(0);
    store.append([testEvent(2)]);
    await store.durable(2);
    store.append([testEvent(3)], { lazy: true });
    clock.turn(999);
    await tick();
    expect(store.durableOffset).toBe(2);
    clock.turn(1);
    await tick();
    expect(store.durableOffset).toBe(3);
    store.append([testEvent(4)], { lazy: true });
    await store.durable(4);
    store.append([testEvent(5)], { lazy: true });
    await store.close();
    const { store: again } = await openTestStore(disk.files);
    expect(again.recovered.events).toEqual(testEvents(1, 5));
  });

  it('says that it is busy while more than 8 MiB wait, and takes what is appended all the same, lazy or not', async () => {
    const disk = new MemoryDisk();
    const { store, failures } = await openTestStore(disk.files, { segmentBytes: 8 * 1024 * 1024 });
    const large = Array.from({ length: 10 }, (_, index) => testEvent(1 + index, 0, 1_000_000));
    for (const event of large.slice(0, 8)) store.append([event], { lazy: true });
    expect(store.busy).toBeUndefined();
    store.append(large.slice(8, 9), { lazy: true });
    expect(store.busy?.code).toBe('storage_busy');
    store.append(large.slice(9), { lazy: true });
    await store.durable(10);
    expect(store.busy).toBeUndefined();
    expect(failures).toEqual([]);
    await store.close();
    const { store: again } = await openTestStore(disk.files);
    expect(again.recovered.events).toEqual(large);
  });

  it('goes on over many segments and keeps each whole', async () => {
    const disk = new MemoryDisk();
    const { store } = await openTestStore(disk.files);
    for (let offset = 1; offset <= 200; offset += 10) {
      store.append(testEvents(offset, offset + 9));
      await store.durable(offset + 9);
    }
    const finals = store.manifest.segments.slice(0, -1);
    expect(finals.length).toBeGreaterThan(3);
    expect(finals.every((segment) => segment.final !== undefined && segment.final.length <= 4096)).toBe(true);
    await store.close();
    const { store: again } = await openTestStore(disk.files);
    expect(again.recovered.events).toEqual(testEvents(1, 200));
  });

  it('refuses an event that no record holds, and takes nothing of its group', async () => {
    const disk = new MemoryDisk();
    const { store } = await openTestStore(disk.files);
    const huge = { ...testEvent(2), payload: { text: 'x'.repeat(5000) } };
    expect(() => store.append([testEvent(1), huge])).toThrow(expect.objectContaining({ code: 'record_too_large' }));
    store.append([testEvent(1)]);
    await store.durable(1);
    expect(store.durableOffset).toBe(1);
  });

  it('refuses new events with storage_full while there is no room, reads on, and recovers by itself', async () => {
    const disk = new MemoryDisk();
    const { store, clock, failures } = await openTestStore(disk.files);
    await tick();
    disk.capacity = 12_000;
    store.append(testEvents(1, 30));
    await store.durable(30);
    store.append(testEvents(31, 60));
    await store.durable(30);
    await tick();
    expect(() => store.append([testEvent(61)])).toThrow(expect.objectContaining({ code: 'storage_full' }));
    expect(store.durableOffset).toBeGreaterThanOrEqual(30);
    disk.capacity = Number.POSITIVE_INFINITY;
    clock.turn(1000);
    await tick();
    await store.durable(60);
    store.append([testEvent(61)]);
    await store.durable(61);
    expect(failures).toEqual([]);
  });

  it('has room for what it accepted when the next segment cannot be brought in, and refuses until it could be', async () => {
    const disk = new MemoryDisk();
    let full = false;
    const files = withFaults(disk.files, {
      before: (call) =>
        full && call.operation === 'open' && call.path.includes('manifest')
          ? { kind: 'error', code: 'ENOSPC' }
          : undefined,
    });
    const { store, clock, failures } = await openTestStore(files);
    await tick();
    full = true;
    let last = 0;
    const refused = async (): Promise<void> => {
      for (; last < 100; last++) {
        // The last ones are accepted while the next segment is on its way.
        store.append([testEvent(last + 1)]);
        await store.durable(last + 1);
      }
    };
    await expect(refused()).rejects.toMatchObject({ code: 'storage_full' });
    expect(last).toBeGreaterThan(10);
    expect(store.durableOffset).toBe(last);
    for (let time = 0; time < 5; time++) {
      clock.turn(1000);
      expect(() => store.append([testEvent(last + 1)]), 'while it is tried again').toThrow(
        expect.objectContaining({ code: 'storage_full' }),
      );
      await tick();
    }
    full = false;
    clock.turn(1000);
    await tick();
    store.append(testEvents(last + 1, 100));
    await store.durable(100);
    expect(failures).toEqual([]);
    await store.close();
    const { store: again } = await openTestStore(disk.files);
    expect(again.recovered.events).toEqual(testEvents(1, 100));
  });

  it('opens on a full disk for reading, and writes once there is room', async () => {
    const disk = new MemoryDisk();
    const first = await openTestStore(disk.files);
    first.store.append(testEvents(1, 3));
    await first.store.close();
    disk.capacity = 4000;
    const { store, clock } = await openTestStore(disk.files);
    expect(store.recovered.events).toEqual(testEvents(1, 3));
    expect(() => store.append([testEvent(4)])).toThrow(expect.objectContaining({ code: 'storage_full' }));
    disk.capacity = Number.POSITIVE_INFINITY;
    clock.turn(1000);
    await tick();
    store.append([testEvent(4)]);
    await store.durable(4);
  });

  it('acknowledges nothing after a failed sync, and says so once', async () => {
    const disk = new MemoryDisk();
    let broken = false;
    const files = withFaults(disk.files, {
      before: (call) =>
        broken && call.operation === 'sync' && call.path.endsWith('.log') ? { kind: 'error', code: 'EIO' } : undefined,
    });
    const { store, failures } = await openTestStore(files);
    store.append([testEvent(1)]);
    await store.durable(1);
    broken = true;
    store.append([testEvent(2)]);
    await expect(store.durable(2)).rejects.toMatchObject({ code: 'storage_failed' });
    broken = false;
    expect(() => store.append([testEvent(3)])).toThrow(expect.objectContaining({ code: 'storage_failed' }));
    expect(store.durableOffset).toBe(1);
    expect(failures.map((failure) => failure.code)).toEqual(['storage_failed']);
  });

  it('stops before it acknowledges anything once a newer writer has opened the home', async () => {
    const disk = new MemoryDisk();
    const older = await openTestStore(disk.files);
    older.store.append([testEvent(1)]);
    await older.store.durable(1);
    const newer = await openTestStore(disk.files);
    older.store.append([testEvent(2, 1)]);
    await expect(older.store.durable(2)).rejects.toMatchObject({ code: 'home_taken' });
    await expect(older.store.checkpoint(1, {})).rejects.toMatchObject({ code: 'home_taken' });
    newer.store.append([testEvent(2, 2)]);
    await newer.store.durable(2);
    await newer.store.close();
    const { store } = await openTestStore(disk.files);
    expect(store.recovered.events).toEqual([testEvent(1), testEvent(2, 2)]);
    expect(older.failures.map((failure) => failure.code)).toEqual(['home_taken']);
  });

  it('comes to rest when it is closed while a newer writer takes the home', async () => {
    const disk = new MemoryDisk();
    const older = await openTestStore(disk.files);
    await openTestStore(disk.files);
    older.store.append([testEvent(1)]);
    const waited = older.store.durable(1).then(
      () => 'acknowledged',
      (error: unknown) => (error as { readonly code: string }).code,
    );
    await older.store.close();
    expect(await waited).toBe('home_taken');
  });

  it('leaves no preallocated blocks and no spare behind after a clean stop', async () => {
    const disk = new MemoryDisk();
    const { store } = await openTestStore(disk.files);
    store.append([testEvent(1)]);
    await store.close();
    const journal = [...disk.contents()].filter(([path]) => path.startsWith(`${testHome}/journal/`));
    expect(journal.map(([path]) => path)).toEqual([`${testHome}/journal/00000000000000000001-1.log`]);
    expect(journal[0]?.[1].length).toBeLessThan(300);
    expect(disk.files.exists(`${testHome}/lock`)).toBe(false);
  });
});
