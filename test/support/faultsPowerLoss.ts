import type { Files } from '../../src/store/files';
import type { Durability } from '../../src/store/journalParts';
import type { Store } from '../../src/store/store';
import type { StoredEvent } from '../../src/store/storedEvent';
import { MemoryDisk } from './faultsDisk';
import { prepareRecord } from '../../src/store/record';
import { type FileCall, withFaults } from './faultsFiles';
import { SeededRandom } from './faultsRandom';
import { openTestStore, testEvent } from './faultsStore';

/** Most calls of the file system that one life of the store makes here. */
const longestLife = 260;

class PowerCut extends Error {}

/** A head state that is wrong as soon as any event up to its offset was wrong. */
interface Sum {
  readonly count: number;
  readonly sum: number;
}

function add(state: Sum, event: StoredEvent): Sum {
  let sum = state.sum;
  for (const character of JSON.stringify(event)) sum = (Math.imul(sum, 31) + character.charCodeAt(0)) | 0;
  return { count: state.count + 1, sum };
}

/** What was appended, in every life so far: `events[offset - 1]`. */
interface Ledger {
  events: StoredEvent[];
  acknowledged: number;
  /** Offsets inside of a batch: nothing may end there. */
  inside: Set<number>;
}

/** Small, so that there are many. */
const segmentBytes = 2048;

/** Events that become durable together, because a segment can hold them. */
function isBatch(events: readonly StoredEvent[]): boolean {
  return events.reduce((sum, event) => sum + (prepareRecord(event)?.bytes ?? 0), 0) <= segmentBytes;
}

/** What the store must show after a start. Answers what is wrong, or nothing. */
function judge(store: Store, ledger: Ledger): string | undefined {
  const { checkpoint, events, damage } = store.recovered;
  if (damage) return `open for reading only: ${JSON.stringify(damage)}`;
  const from = checkpoint?.offset ?? 0;
  const last = from + events.length;
  if (last < ledger.acknowledged) return `${ledger.acknowledged} was acknowledged, ${last} is the last`;
  if (ledger.inside.has(last)) return `${last} is the last, in the midst of a batch`;
  const state = ledger.events.slice(0, from).reduce(add, { count: 0, sum: 0 });
  if (checkpoint && JSON.stringify(checkpoint.state) !== JSON.stringify(state)) return `wrong checkpoint at ${from}`;
  for (const [index, event] of events.entries()) {
    const expected = ledger.events[from + index];
    if (JSON.stringify(event) !== JSON.stringify(expected)) return `wrong event at ${from + index + 1}`;
  }
  return undefined;
}

/** How the disk and the store are to behave in a schedule. */
export interface PowerLossOptions {
  /** Whether syncs do anything. */
  readonly honest: boolean;
  /** At `os`, acknowledged events may be lost; wrong ones, gaps and refusals to write may not be. */
  readonly durability: Durability;
}

export interface PowerLossOutcome {
  /** What the store got wrong. */
  readonly wrong?: string;
  /** How many starts had to cut off a torn write, and how many of those held readable records. */
  readonly torn: number;
  readonly tornWithRecords: number;
}

/**
 * One schedule: the store lives several times on one disk, and each time the power goes at a random call.
 */
export async function powerLossSchedule(seed: number, options: PowerLossOptions): Promise<PowerLossOutcome> {
  const counts = { torn: 0, tornWithRecords: 0 };
  const wrong = await runLives(seed, options, counts);
  return wrong === undefined ? counts : { ...counts, wrong };
}

interface Counts {
  torn: number;
  tornWithRecords: number;
}

async function runLives(seed: number, options: PowerLossOptions, counts: Counts): Promise<string | undefined> {
  const random = new SeededRandom(seed);
  const ledger: Ledger = { events: [], acknowledged: 0, inside: new Set() };
  let disk = new MemoryDisk();
  const lives = random.between(2, 4);
  for (let life = 1; life <= lives; life++) {
    disk.honest = options.honest;
    const cutAt = random.between(1, longestLife);
    // Half of the cuts come when written records are not synced yet.
    const within = options.durability === 'fsync' ? 'sync' : 'writeNow';
    const isAmidWrite = random.chance(0.5);
    const comesNow = (call: FileCall): boolean =>
      isAmidWrite
        ? call.number >= cutAt && call.operation === within && call.path.endsWith('.log')
        : call.number === cutAt;
    const cut: { disk: MemoryDisk | undefined } = { disk: undefined };
    const running: { store: Store | undefined } = { store: undefined };
    const powerGoes = (): void => {
      const promised = options.durability === 'fsync' ? (running.store?.durableOffset ?? 0) : 0;
      ledger.acknowledged = Math.max(ledger.acknowledged, promised);
      cut.disk = disk.afterPowerCut(random);
    };
    const files = withFaults(disk.files, {
      before(call) {
        if (!cut.disk && comesNow(call)) powerGoes();
        // `exists` cannot fail; what it says no longer matters.
        if (cut.disk && call.operation !== 'exists') throw new PowerCut();
        return undefined;
      },
    });
    const wrong = await live(files, ledger, random, { life, durability: options.durability, running, counts }).catch(
      (error: unknown) => {
        // Once the power is gone, whatever the store throws about it reaches nobody.
        return cut.disk ? undefined : `stopped by ${String(error)}`;
      },
    );
    if (wrong !== undefined) return `life ${life}: ${wrong}`;
    if (!cut.disk) powerGoes();
    disk = cut.disk ?? disk;
  }
  disk.honest = true;
  try {
    const { store } = await openTestStore(disk.files);
    return judge(store, ledger);
  } catch (error) {
    return `does not open: ${String(error)}`;
  }
}

interface LifeParts {
  readonly life: number;
  readonly durability: Durability;
  readonly running: { store: Store | undefined };
  readonly counts: Counts;
}

async function live(
  files: Files,
  ledger: Ledger,
  random: SeededRandom,
  { life, durability, running, counts }: LifeParts,
): Promise<string | undefined> {
  const { store, clock } = await openTestStore(files, { segmentBytes, durability });
  const { tornBytes, tornRecords } = store.recovered.report;
  if (tornBytes > 0) counts.torn++;
  if (tornRecords > 0) counts.tornWithRecords++;
  const wrong = judge(store, ledger);
  if (wrong !== undefined) return wrong;
  running.store = store;
  let last = (store.recovered.checkpoint?.offset ?? 0) + store.recovered.events.length;
  ledger.events.length = last;
  for (const offset of ledger.inside) if (offset > last) ledger.inside.delete(offset);
  for (let step = 0; step < 40; step++) {
    const action = random.next();
    if (action < 0.7) {
      const count = random.between(1, random.chance(0.2) ? 12 : 4);
      const events = Array.from({ length: count }, (_, i) => testEvent(last + 1 + i, life, random.between(10, 200)));
      ledger.events.push(...events);
      if (isBatch(events)) for (let i = 1; i < count; i++) ledger.inside.add(last + i);
      last += count;
      store.append(events, { lazy: random.chance(0.2) });
      if (random.chance(0.6)) await store.durable(last);
    } else if (action < 0.8) {
      await store.checkpoint(last, ledger.events.slice(0, last).reduce(add, { count: 0, sum: 0 }));
    } else if (action < 0.9) {
      // A snapshot of the index is another file; here only its promise to cover an offset matters.
      await store.recordSnapshot({ offset: last, length: 0, sha256: '' });
    } else {
      clock.turn(1000);
      await Promise.resolve();
    }
  }
  if (random.chance(0.5)) await store.close();
  return undefined;
}
