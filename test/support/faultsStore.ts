import type { StoreError } from '../../src/store/errors';
import type { Files } from '../../src/store/files';
import type { Durability } from '../../src/store/journalParts';
import type { Processes } from '../../src/store/processes';
import { type Store, openStore } from '../../src/store/store';
import type { StoredEvent } from '../../src/store/storedEvent';
import { ManualClock } from './faultsClock';

export const testHome = '/home';

/** A machine on which every other process is gone: each opening stands for a start after a crash. */
export const onlyUs: Processes = {
  self: { host: 'test', boot: '1', space: '', pid: 1, started: '1' },
  isGone: () => true,
};

/** An event whose content follows from its offset and `salt`, so that a wrong one shows. */
export function testEvent(offset: number, salt = 0, textBytes = 40): StoredEvent {
  const text = `${salt}/${offset}:`.padEnd(textBytes, 'parley');
  return { offset, time: 1_800_000_000_000 + offset, origin: 'here', type: 'message.sent', payload: { text } };
}

export function testEvents(from: number, to: number, salt = 0): StoredEvent[] {
  return Array.from({ length: to - from + 1 }, (_, index) => testEvent(from + index, salt));
}

export interface TestStore {
  readonly store: Store;
  readonly clock: ManualClock;
  readonly failures: StoreError[];
}

/** Opens a store over `files`, with small segments and a clock that stands. */
export async function openTestStore(
  files: Files,
  options: { durability?: Durability; segmentBytes?: number; home?: string } = {},
): Promise<TestStore> {
  const clock = new ManualClock();
  const failures: StoreError[] = [];
  const store = await openStore({
    files,
    home: options.home ?? testHome,
    durability: options.durability ?? 'fsync',
    clock,
    processes: onlyUs,
    segmentBytes: options.segmentBytes ?? 4096,
    onFailure: (error) => failures.push(error),
  });
  return { store, clock, failures };
}
