import { describe, expect, it } from 'vitest';
import { MemoryDisk } from '../../support/faultsDisk';
import { openTestStore, testEvent, testEvents, testHome } from '../../support/faultsStore';

async function filled(events: number) {
  const disk = new MemoryDisk();
  const opened = await openTestStore(disk.files);
  for (let offset = 1; offset <= events; offset += 10) {
    opened.store.append(testEvents(offset, offset + 9));
    await opened.store.durable(offset + 9);
  }
  return { disk, ...opened };
}

describe('the store', () => {
  it('starts from the newest checkpoint and what came after it', async () => {
    const { disk, store } = await filled(100);
    await store.checkpoint(40, { at: 40 });
    await store.checkpoint(70, { at: 70 });
    await store.close();
    const { store: again } = await openTestStore(disk.files);
    expect(again.recovered.checkpoint).toEqual({ offset: 70, state: { at: 70 } });
    expect(again.recovered.events).toEqual(testEvents(71, 100));
    again.forgetRecovered();
    expect(again.recovered).toMatchObject({ events: [], report: { tornBytes: 0 } });
    expect(again.durableOffset).toBe(100);
  });

  it('keeps two checkpoints, the state as it was when it was handed over, and drops one that is not newer', async () => {
    const { disk, store } = await filled(60);
    const state = { at: 20 };
    const written = store.checkpoint(20, state);
    state.at = 99;
    await written;
    await store.checkpoint(40, {});
    await store.checkpoint(60, {});
    await store.checkpoint(50, {});
    expect(store.manifest.checkpoints.map((entry) => entry.offset)).toEqual([60, 40]);
    expect(await disk.files.list(`${testHome}/checkpoints`)).toHaveLength(2);
    await store.close();
    const contents = disk.contents();
    contents.delete(`${testHome}/checkpoints/${store.manifest.checkpoints[0]?.name ?? ''}`);
    const { store: again } = await openTestStore(MemoryDisk.of(contents, disk.folders).files);
    expect(again.recovered.checkpoint?.offset).toBe(40);
  });

  it('deletes a segment only when neither the checkpoint nor the snapshot before the newest needs it', async () => {
    const { disk, store } = await filled(200);
    const first = () => store.manifest.segments[0]?.first ?? 0;
    const cover = (offset: number) => store.recordSnapshot({ offset, length: 0, sha256: String(offset) });
    await store.checkpoint(150, {});
    await store.checkpoint(160, {});
    await cover(100);
    expect(first()).toBe(1);
    await cover(180);
    expect(first()).toBeGreaterThan(1);
    expect(first()).toBeLessThanOrEqual(101);
    await cover(190);
    expect(first()).toBeGreaterThan(101);
    expect(first()).toBeLessThanOrEqual(151);
    const files = (await disk.files.list(`${testHome}/journal`)).filter((name) => name.endsWith('.log'));
    expect(files.sort()).toEqual(store.manifest.segments.map((segment) => segment.name));
    const { store: again } = await openTestStore(disk.files);
    expect(again.recovered.checkpoint?.offset).toBe(160);
    expect(again.recovered.events).toEqual(testEvents(161, 200));
  });

  it('raises the epoch with every start and removes what a crash left over', async () => {
    const { disk, store } = await filled(10);
    expect(store.manifest.epoch).toBe(1);
    const { store: second } = await openTestStore(disk.files);
    expect(second.manifest.epoch).toBe(2);
    second.append([testEvent(11)]);
    await second.durable(11);
    await second.close();
    const { store: third } = await openTestStore(disk.files);
    await third.close();
    expect(third.manifest.epoch).toBe(3);
    const left = [...disk.contents().keys()].map((path) => path.slice(testHome.length + 1)).sort();
    expect(left).toEqual(['journal/00000000000000000001-1.log', 'journal/00000000000000000011-2.log', 'manifest.json']);
  });

  it('takes nothing once it is closed', async () => {
    const { store } = await filled(10);
    await store.close();
    expect(() => store.append([testEvent(11)])).toThrow(expect.objectContaining({ code: 'storage_closed' }));
    await expect(store.checkpoint(10, {})).rejects.toMatchObject({ code: 'storage_closed' });
  });
});
