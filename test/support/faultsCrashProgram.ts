// A program that writes through the store and kills itself at a named point. Says "acked N" for every acknowledgement.
import { writeSync } from 'node:fs';
import { machineClock } from '../../src/store/clock';
import type { Files } from '../../src/store/files';
import { nodeFiles } from '../../src/store/nodeFiles';
import { machineProcesses } from '../../src/store/processes';
import { openStore } from '../../src/store/store';
import { type FileCall, withFaults } from './faultsFiles';
import { testEvent } from './faultsStore';

export interface CrashInput {
  readonly home: string;
  readonly point: keyof typeof crashPoints;
  /** At the how manieth time, counted from 1. */
  readonly occurrence: number;
  readonly salt: number;
  /** Salts of the events that are known to be there. */
  readonly salts: readonly number[];
}

const isSegment = (call: FileCall): boolean => call.path.endsWith('.log');
const isCheckpoint = (call: FileCall): boolean => call.path.includes('/checkpoints/') && call.path.endsWith('.tmp');
const isManifest = (call: FileCall): boolean => call.path.endsWith('/manifest.json.tmp');

interface CrashPoint {
  readonly when: 'before' | 'half' | 'after';
  readonly matches: (call: FileCall) => boolean;
}

/** Where a process can die, by name. */
export const crashPoints = {
  'accepted, not written': { when: 'before', matches: (call) => call.operation === 'writeNow' && isSegment(call) },
  'half written': { when: 'half', matches: (call) => call.operation === 'writeNow' && isSegment(call) },
  'written, not synced': { when: 'before', matches: (call) => call.operation === 'sync' && isSegment(call) },
  'synced, not acknowledged': { when: 'after', matches: (call) => call.operation === 'sync' && isSegment(call) },
  'during a checkpoint': { when: 'half', matches: (call) => call.operation === 'write' && isCheckpoint(call) },
  'checkpoint not renamed': { when: 'before', matches: (call) => call.operation === 'rename' && isCheckpoint(call) },
  'checkpoint renamed': { when: 'after', matches: (call) => call.operation === 'rename' && isCheckpoint(call) },
  'manifest not renamed': { when: 'before', matches: (call) => call.operation === 'rename' && isManifest(call) },
  'manifest renamed': { when: 'after', matches: (call) => call.operation === 'rename' && isManifest(call) },
  'segment not deleted': { when: 'before', matches: (call) => call.operation === 'unlink' && isSegment(call) },
  'segment deleted': { when: 'after', matches: (call) => call.operation === 'unlink' && isSegment(call) },
} satisfies Record<string, CrashPoint>;

function dyingFiles(inner: Files, point: CrashPoint, occurrence: number): Files {
  let seen = 0;
  let dying = false;
  const die = (): void => void process.kill(process.pid, 'SIGKILL');
  return withFaults(inner, {
    before(call) {
      if (!point.matches(call)) return undefined;
      seen++;
      if (seen < occurrence) return undefined;
      if (point.when === 'before') die();
      dying = true;
      return point.when === 'half' ? { kind: 'short', bytes: Math.floor((call.bytes ?? 0) / 2) } : undefined;
    },
    after(call) {
      if (dying && point.matches(call)) die();
    },
  });
}

async function run(input: CrashInput): Promise<void> {
  const point: CrashPoint = crashPoints[input.point];
  const store = await openStore({
    files: dyingFiles(nodeFiles, point, input.occurrence),
    home: input.home,
    durability: 'fsync',
    clock: machineClock,
    processes: machineProcesses(),
    segmentBytes: 8192,
    onFailure: (error) => {
      throw error;
    },
  });
  const salts = [...input.salts];
  for (let round = 1; round <= 200; round++) {
    for (let count = 0; count < 3; count++) {
      store.append([testEvent(salts.length + 1, input.salt)]);
      salts.push(input.salt);
    }
    await store.durable(salts.length);
    writeSync(1, `acked ${salts.length}\n`);
    if (round % 10 === 0) {
      const offset = salts.length;
      await store.checkpoint(offset, { salts });
      await store.recordSnapshot({ offset, length: 0, sha256: '' });
    }
  }
  throw new Error(`the point "${input.point}" was not reached ${input.occurrence} times`);
}

if (process.argv[2]?.startsWith('{')) void run(JSON.parse(process.argv[2]) as CrashInput);
