import type { Round } from './children';
import { disk, nats, parley, redis, relay, rpcRelay, type Contender } from './contenders';
import { goal, line, table } from './report';
import { findProcessors, type Processors } from './processors';
import { processorTime } from './processorTime';
import { median, quantile, type Result } from './statistics';

/** Most that one message may take at durability `os`, in multiples of the relay's median. */
const mostTimesRelay = 2.5;
/** Agents that are connected and silent, in the row that shows what they cost. */
const crowd = 1000;
/** Messages of one contender before it is the next one's turn. */
const turn = 100;
/** Messages of each contender before anything counts: programs compile their hot paths meanwhile. */
const warmUp = 3000;

export interface LatencyOptions {
  readonly rounds: number;
  /** Messages of one contender in one round. */
  readonly messages: number;
  /** How long everything is at rest between two messages, in ms. */
  readonly rest: number;
  /** Leaves out everything but the relay, the disk and Parley without a crowd. */
  readonly isQuick: boolean;
}

/** One message at a time from one process to another; every contender in every round, in turn. */
export async function latency(options: LatencyOptions): Promise<void> {
  const { rounds, messages, rest } = options;
  line(`Latency: one message of 300 bytes at a time, from one process through another to a third, until it is heard.`);
  line(
    `${rounds} rounds of ${messages} messages after ${warmUp} to warm up; the contenders take turns of ${turn} messages, with ` +
      `${rest} ms of rest\nafter each message. p50 and p99: medians over the rounds, µs. × relay: the median of each round's ` +
      `p50 by the relay's.\nCPU: processor time of a message in sender + middle + receiver (main threads), µs.\n`,
  );
  await compare(undefined, options);
  const processors = findProcessors();
  if (processors) await compare(processors, options);
}

async function compare(on: Processors | undefined, { rounds, messages, rest, isQuick }: LatencyOptions): Promise<void> {
  line(
    on
      ? `b) Kept in place: the middle on processor ${on.middle}, sender and receiver on ${on.ends}. Steadier when others work too.\n`
      : 'a) Where the system puts the processes.\n',
  );
  const opened: (Contender | undefined)[] = [
    await relay(on, 'relay'),
    await relay(on, 'relay that writes and syncs', true),
    await rpcRelay(on, 'relay in JSON-RPC over WebSocket'),
    await parley(on, 'Parley os', 'os'),
    await parley(on, 'Parley fsync', 'fsync'),
    await disk(on, 'fdatasync'),
  ];
  if (!isQuick) {
    opened.push(
      await parley(on, `Parley os, ${crowd} others listen`, 'os', { others: crowd }),
      await nats(on),
      await redis(on),
    );
  }
  const contenders = opened.filter((one) => one !== undefined);
  try {
    report(await measure(contenders, rounds, { messages, rest }));
  } finally {
    for (const contender of contenders) await contender.stop();
  }
  const missing = ['NATS', 'Redis'].filter((server) => !contenders.some(({ name }) => name.startsWith(server)));
  if (!isQuick && missing.length > 0) line(`  not installed here: ${missing.join(', ')}`);
  line();
}

type Measured = ReadonlyMap<string, readonly Result[]>;

async function measure(contenders: readonly Contender[], rounds: number, each: Round): Promise<Measured> {
  const measured = new Map<string, Result[]>(contenders.map(({ name }) => [name, []]));
  for (const contender of contenders) await contender.round({ messages: warmUp, rest: 0 });
  for (let round = 0; round < rounds; round++) {
    for (const [name, result] of await playRound(contenders, each)) measured.get(name)?.push(result);
  }
  return measured;
}

/** In turns, so short that whatever else the machine does comes upon all alike; each turn begins with another. */
async function playRound(
  contenders: readonly Contender[],
  { messages, rest }: Round,
): Promise<ReadonlyMap<string, Result>> {
  const played = new Map(contenders.map(({ name }) => [name, { times: [] as number[], cpu: [] as number[][] }]));
  for (let done = 0, first = 0; done < messages; done += turn, first++) {
    for (let place = 0; place < contenders.length; place++) {
      const contender = contenders[(first + place) % contenders.length];
      const own = contender && played.get(contender.name);
      if (!own) continue;
      const before = contender.pids.map(processorTime);
      own.times.push(...(await contender.round({ messages: turn, rest })));
      own.cpu.push(contender.pids.map((pid, index) => (processorTime(pid) - (before[index] ?? NaN)) / turn));
    }
  }
  return new Map(
    [...played].map(([name, { times, cpu }]) => {
      const each = (cpu[0] ?? []).map((_, process) => median(cpu.map((one) => one[process] ?? NaN)));
      return [name, { p50: quantile(times, 0.5), p99: quantile(times, 0.99), cpu: each }];
    }),
  );
}

function report(measured: Measured): void {
  const p50s = (name: string): number[] => (measured.get(name) ?? []).map((round) => round.p50);
  const relays = p50s('relay');
  const timesRelay = (name: string): number => median(p50s(name).map((p50, round) => p50 / (relays[round] ?? NaN)));
  table(
    ['', 'p50', 'p99', '× relay', 'CPU', 'p50 of each round'],
    [...measured].map(([name, rounds]) => [
      name,
      median(rounds.map((round) => round.p50)).toFixed(0),
      median(rounds.map((round) => round.p99)).toFixed(0),
      timesRelay(name).toFixed(2),
      cpuOf(rounds),
      rounds.map((round) => round.p50.toFixed(0)).join(' '),
    ]),
  );
  goal(`os: at most ${mostTimesRelay} × relay`, timesRelay('Parley os'), mostTimesRelay, '× relay');
  const disks = p50s('fdatasync');
  const over = median(
    p50s('Parley fsync').map((p50, round) => p50 - (disks[round] ?? NaN) - mostTimesRelay * (relays[round] ?? NaN)),
  );
  goal(
    'fsync: at most that and one fdatasync',
    median(p50s('Parley fsync')),
    median(p50s('Parley fsync')) - over,
    'µs',
  );
}

/** Median processor time of a message in each process, e.g. `20 + 85 + 31`. */
function cpuOf(rounds: readonly Result[]): string {
  const processes = rounds[0]?.cpu ?? [];
  return processes.map((_, index) => median(rounds.map((round) => round.cpu[index] ?? NaN)).toFixed(0)).join(' + ');
}
