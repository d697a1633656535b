import type { Recovered } from '../../src/store/recovery';
import type { StoredEvent } from '../../src/store/storedEvent';
import { MemoryDisk } from './faultsDisk';
import { openTestStore, testEvents } from './faultsStore';

/** A head state that follows from its offset, so that a wrong one shows. */
export function testState(offset: number): object {
  return { offset, agents: [`agent-${offset}`, `agent-${offset * 7}`] };
}

/** A home with several segments, two checkpoints and a tail behind them, as the disk holds it. */
export async function makeHome(how: { stopped: boolean }): Promise<{ disk: MemoryDisk; events: StoredEvent[] }> {
  const disk = new MemoryDisk();
  const { store } = await openTestStore(disk.files);
  const events = testEvents(1, 120);
  for (let offset = 0; offset < events.length; offset += 6) {
    for (const event of events.slice(offset, offset + 6)) store.append([event]);
    await store.durable(offset + 6);
    if (offset === 30 || offset === 60) {
      await store.checkpoint(offset, testState(offset));
      await store.recordSnapshot({ offset, length: 0, sha256: '' });
    }
  }
  if (how.stopped) await store.close();
  return { disk, events };
}

/** Whether everything that a start gave is true: the right state, the right events, in order, without a gap. */
export function isTrue(recovered: Recovered, events: readonly StoredEvent[]): boolean {
  const from = recovered.checkpoint?.offset ?? 0;
  const stateIsTrue = !recovered.checkpoint || same(recovered.checkpoint.state, testState(from));
  return stateIsTrue && recovered.events.every((event, index) => same(event, events[from + index]));
}

/** The last offset that a start gave. */
export function lastOf(recovered: Recovered): number {
  return (recovered.checkpoint?.offset ?? 0) + recovered.events.length;
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
