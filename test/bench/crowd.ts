import { Program } from './children';
import { BenchBroker, makeHome } from './home';
import type { TalkersOptions } from './programs/talkers';
import { processorTime } from './processorTime';
import { goal, line, table } from './report';
import { median, quantile } from './statistics';

/** Sends a second, over all threads together. */
const perSecond = 500;
/** Messages of one contender before it is the next one's turn: a second. */
const turn = perSecond;
const turns = 3;
const warmUp = 4 * perSecond;
/** Most that the crowd's p99 may be, in multiples of the pair's. */
const mostTimesPair = 3;

const contenders = [
  { name: 'one pair, alone on the roster', registered: 2, pairs: 1 },
  { name: '1,000 registered, 100 connected, 50 live threads', registered: 1000, pairs: 50 },
] as const;

interface Found {
  readonly p50: number;
  readonly p99: number;
  readonly most: number;
  /** Processor time of the broker's main thread for a message, µs. */
  readonly cpu: number;
}

/** The same rate of messages in many threads of a full roster and in the only one. */
export async function crowd({ rounds }: { readonly rounds: number }): Promise<void> {
  line(
    `Crowd: an open loop of ${perSecond} sends a second (fsync), from when each was to go until it is heard, in ms.`,
  );
  line(
    `${rounds} rounds of ${turns} turns of ${turn} messages each; medians over the rounds.\nCPU: processor time of the broker for one message (main thread), µs.\n`,
  );
  const opened = [];
  for (const { name, registered, pairs } of contenders) {
    const home = await makeHome('fsync');
    const { broker, client } = await BenchBroker.start(home);
    client.close();
    const talkers = new Program('talkers');
    await talkers.open({ home, registered, pairs } satisfies TalkersOptions);
    opened.push({ name, broker, talkers, found: [] as Found[] });
  }
  try {
    for (const { talkers } of opened) await talkers.round({ messages: warmUp, rest: 0, perSecond });
    for (let round = 0; round < rounds; round++) {
      const times = opened.map(() => [] as number[]);
      const before = opened.map(({ broker }) => processorTime(broker.server.pid));
      for (let count = 0; count < turns; count++) {
        for (const [index, { talkers }] of opened.entries()) {
          times[index]?.push(...(await talkers.round({ messages: turn, rest: 0, perSecond })));
        }
      }
      for (const [index, { found, broker }] of opened.entries()) {
        const all = (times[index] ?? []).map((time) => time / 1000);
        const cpu = (processorTime(broker.server.pid) - (before[index] ?? NaN)) / (turns * turn);
        found.push({ p50: quantile(all, 0.5), p99: quantile(all, 0.99), most: Math.max(...all), cpu });
      }
    }
  } finally {
    for (const { talkers, broker } of opened) {
      await talkers.stop();
      await broker.stop();
    }
  }
  table(
    ['', 'p50', 'p99', 'most', 'CPU', 'p99 of each round'],
    opened.map(({ name, found }) => [
      name,
      median(found.map(({ p50 }) => p50)).toFixed(2),
      median(found.map(({ p99 }) => p99)).toFixed(2),
      Math.max(...found.map(({ most }) => most)).toFixed(1),
      median(found.map(({ cpu }) => cpu)).toFixed(0),
      found.map(({ p99 }) => p99.toFixed(1)).join(' '),
    ]),
  );
  const [pair, many] = opened.map(({ found }) => found.map(({ p99 }) => p99));
  const ratio = median((many ?? []).map((p99, round) => p99 / (pair?.[round] ?? NaN)));
  goal('p99 of the crowd beside the pair in the same round', ratio, mostTimesPair, '×');
}
