import { describe, expect, it } from 'vitest';
import { decodeRecord } from '../../src/store/record';
import { MemoryDisk } from '../support/faultsDisk';
import { isTrue, lastOf, makeHome } from '../support/faultsHome';
import { SeededRandom, runSeed } from '../support/faultsRandom';
import { openTestStore, testEvent, testEvents, testHome } from '../support/faultsStore';

/** Where each record of a segment begins, and where the last one ends. */
function recordStarts(segment: Buffer): number[] {
  const starts = [0];
  for (let at = 0; ;) {
    const found = decodeRecord(segment, at);
    if (found.kind !== 'record') return starts;
    starts.push((at = found.next));
  }
}

async function crashedHome() {
  const { disk, events } = await makeHome({ stopped: false });
  const contents = disk.contents();
  const active =
    [...contents.keys()]
      .filter((path) => path.endsWith('.log'))
      .sort()
      .at(-1) ?? '';
  return { contents, folders: disk.folders, events, active, segment: contents.get(active) ?? Buffer.alloc(0) };
}

describe('F3: a torn tail', () => {
  it('is cut wherever it begins: the exact prefix is there, and writing goes on behind it', async () => {
    const seed = runSeed();
    const random = new SeededRandom(seed);
    const { contents, folders, events, active, segment } = await crashedHome();
    const starts = recordStarts(segment);
    const before = events.length - (starts.length - 1);
    const from = starts.at(-4) ?? 0;
    const end = starts.at(-1) ?? 0;
    const cuts = Array.from({ length: end - from + 1 }, (_, index) => from + index);
    for (let extra = 0; extra < 1000; extra++) cuts.push(random.between(0, segment.length));
    expect(end - from).toBeGreaterThan(200);

    for (const cut of cuts) {
      const where = `PARLEY_SEED=${seed}, cut at byte ${cut} of ${segment.length}`;
      const tail = random.next();
      // The rest is missing, or zeros, or what some other file left in those blocks.
      const rest =
        tail < 0.4 ? Buffer.alloc(0) : Buffer.alloc(Math.max(0, segment.length - cut), tail < 0.8 ? 0 : 0xa7);
      const torn = Buffer.concat([segment.subarray(0, cut), rest]);
      const disk = MemoryDisk.of(new Map([...contents, [active, torn]]), folders);
      const whole = starts.filter((start) => start > 0 && start <= cut).length;
      const { store } = await openTestStore(disk.files);
      expect(store.recovered.damage, where).toBeUndefined();
      expect(isTrue(store.recovered, events), where).toBe(true);
      expect(lastOf(store.recovered), where).toBe(before + whole);
      store.append([testEvent(before + whole + 1, 9)]);
      await store.durable(before + whole + 1);
      const { store: again } = await openTestStore(disk.files);
      expect(again.recovered.damage, where).toBeUndefined();
      expect(again.recovered.report.tornBytes, where).toBe(0);
      expect(lastOf(again.recovered), where).toBe(before + whole + 1);
    }
  });

  it('is reported with its size', async () => {
    const { contents, folders, active, segment } = await crashedHome();
    const end = recordStarts(segment).at(-1) ?? 0;
    const torn = Buffer.from(segment);
    torn.write('half a record', end);
    const { store } = await openTestStore(MemoryDisk.of(new Map([...contents, [active, torn]]), folders).files);
    expect(store.recovered.report).toMatchObject({ tornBytes: 13, tornRecords: 0 });
  });

  it('may have readable records in it: the later sectors of one unsynced write came through, the earlier did not', async () => {
    const { contents, folders, events, active, segment } = await crashedHome();
    const starts = recordStarts(segment);
    const torn = Buffer.from(segment);
    torn.fill(0, starts.at(-3), (starts.at(-3) ?? 0) + 20);
    const { store } = await openTestStore(MemoryDisk.of(new Map([...contents, [active, torn]]), folders).files);
    expect(store.recovered.report.tornRecords).toBe(1);
    expect(lastOf(store.recovered)).toBe(events.length - 2);
  });

  it('takes nothing or all of a command, wherever it is cut', async () => {
    const disk = new MemoryDisk();
    const { store: first } = await openTestStore(disk.files);
    first.append([testEvent(1)]);
    await first.durable(1);
    first.append(testEvents(2, 6));
    await first.durable(6);
    const contents = disk.contents();
    const active = [...contents.keys()].find((path) => path.endsWith('.log')) ?? '';
    const segment = contents.get(active) ?? Buffer.alloc(0);
    const starts = recordStarts(segment);
    for (let cut = starts[1] ?? 0; cut < (starts.at(-1) ?? 0); cut++) {
      const torn = Buffer.concat([segment.subarray(0, cut), Buffer.alloc(segment.length - cut, 0xa7)]);
      const { store } = await openTestStore(MemoryDisk.of(new Map([...contents, [active, torn]]), disk.folders).files);
      expect(store.recovered.damage, `cut at ${cut}`).toBeUndefined();
      expect(store.recovered.events, `cut at ${cut}`).toEqual([testEvent(1)]);
    }
  });
});

describe('damage', () => {
  it('before the tail opens the store for reading only, says which offsets, and changes nothing', async () => {
    const { contents, folders, events, active, segment } = await crashedHome();
    const starts = recordStarts(segment);
    const damaged = Buffer.from(segment);
    damaged.fill(0, 10, 30);
    const disk = MemoryDisk.of(new Map([...contents, [active, damaged]]), folders);
    const { store } = await openTestStore(disk.files);
    const first = events.length - (starts.length - 1) + 1;
    expect(store.recovered.damage).toMatchObject({ kind: 'journal_damaged', from: first });
    expect(() => store.append([testEvent(first)])).toThrow(expect.objectContaining({ code: 'storage_damaged' }));
    await expect(store.checkpoint(first - 1, {})).rejects.toMatchObject({ code: 'storage_damaged' });
    await store.durable(first - 1);
    expect(isTrue(store.recovered, events)).toBe(true);
    expect(disk.contents().get(active)).toEqual(damaged);
  });

  it('of a missing manifest opens for reading what the other files prove', async () => {
    const { contents, folders, events } = await crashedHome();
    contents.delete(`${testHome}/manifest.json`);
    const { store } = await openTestStore(MemoryDisk.of(contents, folders).files);
    expect(store.recovered.damage).toMatchObject({ kind: 'manifest_lost' });
    expect(isTrue(store.recovered, events)).toBe(true);
    expect(lastOf(store.recovered)).toBe(events.length);
  });

  it('of the newest checkpoint costs nothing: the one before and the journal say the same', async () => {
    const { contents, folders, events } = await crashedHome();
    const newest =
      [...contents.keys()]
        .filter((path) => path.includes('/checkpoints/'))
        .sort()
        .at(-1) ?? '';
    contents.delete(newest);
    const disk = MemoryDisk.of(contents, folders);
    const { store } = await openTestStore(disk.files);
    expect(store.recovered.damage).toBeUndefined();
    expect(store.recovered.checkpoint?.offset).toBe(30);
    expect(store.recovered.report.rejectedCheckpoints).toHaveLength(1);
    expect(isTrue(store.recovered, events)).toBe(true);
    expect(lastOf(store.recovered)).toBe(events.length);
  });

  it('of a manifest put back from an old copy shows in the segments that it does not know', async () => {
    const disk = new MemoryDisk();
    const { store } = await openTestStore(disk.files);
    store.append([testEvent(1)]);
    await store.durable(1);
    await store.close();
    const old = disk.contents().get(`${testHome}/manifest.json`) ?? Buffer.alloc(0);
    const second = await openTestStore(disk.files);
    second.store.append([testEvent(2)]);
    await second.store.durable(2);
    await second.store.close();
    const contents = new Map([...disk.contents(), [`${testHome}/manifest.json`, old]]);
    const third = await openTestStore(MemoryDisk.of(contents, disk.folders).files);
    expect(third.store.recovered.damage).toMatchObject({ kind: 'manifest_behind', from: 2, to: 2 });
  });

  it('is not seen in a segment whose first write was torn, and that a crash kept from being removed', async () => {
    const disk = new MemoryDisk();
    const { store } = await openTestStore(disk.files);
    store.append([testEvent(1)]);
    await store.durable(1);
    await store.close();
    const stray = Buffer.alloc(4096);
    stray.write('half a record');
    const contents = new Map([...disk.contents(), [`${testHome}/journal/00000000000000000002-2.log`, stray]]);
    const again = await openTestStore(MemoryDisk.of(contents, disk.folders).files);
    expect(again.store.recovered).toMatchObject({ damage: undefined, events: [testEvent(1)] });
    again.store.append([testEvent(2)]);
    await again.store.durable(2);
  });

  it('of a newer format is refused', async () => {
    const disk = new MemoryDisk();
    const { store } = await openTestStore(disk.files);
    await store.close();
    const { encodeManifest } = await import('../../src/store/manifest');
    const newer = encodeManifest({ ...store.manifest, format: store.manifest.format + 1 });
    const contents = new Map([...disk.contents(), [`${testHome}/manifest.json`, newer]]);
    await expect(openTestStore(MemoryDisk.of(contents, disk.folders).files)).rejects.toMatchObject({
      code: 'home_too_new',
    });
  });
});

describe('F4: a flipped bit', () => {
  for (const stopped of [false, true]) {
    it(`is found or harmless after a ${stopped ? 'clean stop' : 'crash'}, 5,000 times over all files`, async () => {
      const seed = runSeed();
      const random = new SeededRandom(seed);
      const { disk: original, events } = await makeHome({ stopped });
      const contents = original.contents();
      const paths = [...contents.keys()].filter((path) => !path.endsWith('spare.tmp') && !path.endsWith('/lock'));
      const found = { harmless: 0, damage: 0, torn: 0, otherCheckpoint: 0 };
      for (let flip = 0; flip < 5000; flip++) {
        const path = paths[random.between(0, paths.length - 1)] ?? '';
        const bytes = Buffer.from(contents.get(path) ?? Buffer.alloc(0));
        if (bytes.length === 0) continue;
        const bit = random.between(0, bytes.length * 8 - 1);
        bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        const where = `PARLEY_SEED=${seed}, bit ${bit} of ${path}`;
        const disk = MemoryDisk.of(new Map([...contents, [path, bytes]]), original.folders);
        const { recovered } = (await openTestStore(disk.files)).store;
        expect(isTrue(recovered, events), where).toBe(true);
        if (recovered.damage) found.damage++;
        else if (recovered.report.tornBytes > 0) found.torn++;
        else {
          expect(lastOf(recovered), where).toBe(events.length);
          if (recovered.report.rejectedCheckpoints.length > 0) found.otherCheckpoint++;
          else found.harmless++;
        }
      }
      expect(found.damage, JSON.stringify(found)).toBeGreaterThan(500);
      expect(found.otherCheckpoint, JSON.stringify(found)).toBeGreaterThan(200);
      if (stopped) expect(found.torn, JSON.stringify(found)).toBe(0);
    });
  }
});
