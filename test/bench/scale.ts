import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { connect } from '../../src/client/client';
import { homeFiles } from '../../src/contract/home';
import { Program } from './children';
import { parley, type Contender } from './contenders';
import { BenchBroker, makeHome } from './home';
import { residentMiB } from './memory';
import type { SeedOptions } from './programs/seed';
import { goal, line, short, table } from './report';
import { rareWords } from './seedWords';
import { median, quantile } from './statistics';

/** Most by which a message may take longer than with the fewest stored, as a share. */
const mostSlower = 0.2;
/** Most that a start may take (ms). */
const mostStart = 3000;
/** Messages of one contender in one turn, and its turns in a round. */
const turn = 100;
const turns = 3;
const warmUp = 500;
const starts = 3;
/** Searches of each kind, as far as they do not take longer than `patience` (ms) together. */
const searches = 40;
const patience = 20_000;

interface Stored {
  readonly messages: number;
  readonly home: string;
  readonly seconds: number;
}

/** What a message, a start, a search and the memory cost, by how many messages are stored. */
export async function scale({
  rounds,
  sizes,
}: {
  readonly rounds: number;
  readonly sizes: readonly number[];
}): Promise<void> {
  line('Cost against stored messages; nine of ten are in closed threads.\n');
  const stored: Stored[] = [];
  for (const messages of sizes) stored.push(await seed(messages));
  await starting(stored);
  await talking(stored, rounds);
  for (const one of stored) await searching(one);
}

async function seed(messages: number): Promise<Stored> {
  const home = await makeHome('fsync');
  const began = performance.now();
  const program = new Program('seed');
  await program.open({ home, messages } satisfies SeedOptions);
  await program.stop();
  const seconds = (performance.now() - began) / 1000;
  line(`  ${named(messages)}: made in ${seconds.toFixed(0)} s; ${short(sizeOf(home) / 2 ** 20)} MiB on disk`);
  return { messages, home, seconds };
}

/** From the start of the process until a client is welcomed; memory once it is idle, and the first listing of threads. */
async function starting(stored: readonly Stored[]): Promise<void> {
  line();
  const rows: string[][] = [];
  let slowest = 0;
  for (const { messages, home } of stored) {
    const times: number[] = [];
    let resident = NaN;
    for (let count = 0; count < starts; count++) {
      const { broker, client, milliseconds } = await BenchBroker.start(home);
      times.push(milliseconds);
      client.close();
      resident = residentMiB(broker.server.pid);
      await broker.stop();
    }
    slowest = Math.max(slowest, median(times));
    rows.push([
      named(messages),
      median(times).toFixed(0),
      resident.toFixed(0),
      times.map((ms) => ms.toFixed(0)).join(' '),
    ]);
  }
  table(['stored', 'start, ms', 'resident, MiB', 'each start'], rows);
  goal('the slowest start', slowest, mostStart, 'ms');
  line();
}

async function talking(stored: readonly Stored[], rounds: number): Promise<void> {
  const contenders: Contender[] = [];
  for (const { messages, home } of stored) {
    contenders.push(await parley(undefined, named(messages), 'fsync', { wire: 'listen', home }));
  }
  const found = contenders.map(() => [] as { whole: number; after: number }[]);
  const resident: number[] = [];
  try {
    for (const contender of contenders) await contender.round({ messages: warmUp, rest: 0 });
    for (let round = 0; round < rounds; round++) {
      const times = contenders.map(() => ({ whole: [] as number[], after: [] as number[] }));
      for (let count = 0; count < turns; count++) {
        for (let place = 0; place < contenders.length; place++) {
          const index = (round + count + place) % contenders.length;
          const half = { messages: turn / 2, rest: 1 };
          times[index]?.whole.push(...((await contenders[index]?.round(half)) ?? []));
          times[index]?.after.push(...((await contenders[index]?.round({ ...half, fromAnswer: true })) ?? []));
        }
      }
      for (const [index, { whole, after }] of times.entries())
        found[index]?.push({ whole: quantile(whole, 0.5), after: quantile(after, 0.5) });
    }
    resident.push(...contenders.map(({ pids }) => residentMiB(pids[1] ?? 0)));
  } finally {
    for (const contender of contenders) await contender.stop();
  }
  line(
    `  One message at a time, from the sending until a listen that waits has it; ${rounds} rounds, medians over them.\n`,
  );
  const beside = (index: number): number =>
    median((found[index] ?? []).map(({ whole }, round) => whole / (found[0]?.[round]?.whole ?? NaN)));
  table(
    ['stored', 'p50, µs', '× the fewest', 'listen after the answer, µs', 'resident, MiB', 'p50 of each round'],
    contenders.map(({ name }, index) => [
      name,
      median((found[index] ?? []).map(({ whole }) => whole)).toFixed(0),
      beside(index).toFixed(2),
      median((found[index] ?? []).map(({ after }) => after)).toFixed(0),
      (resident[index] ?? NaN).toFixed(0),
      (found[index] ?? []).map(({ whole }) => whole.toFixed(0)).join(' '),
    ]),
  );
  for (let index = 1; index < contenders.length; index++) {
    goal(`${contenders[index]?.name ?? ''} beside the fewest`, beside(index), 1 + mostSlower, '×');
  }
  line();
}

/** As the person, who finds in all threads. */
async function searching({ messages, home }: Stored): Promise<void> {
  const { broker, client } = await BenchBroker.start(home);
  client.close();
  const token = readFileSync(path.join(home, homeFiles.adminToken), 'utf8').trim();
  const person = await connect({ home, token, client: 'bench', version: '1', patience: 120_000 });
  const kinds: Readonly<Record<string, (index: number) => string>> = {
    'a word of few messages': (index) => `word${(index * 37) % rareWords}`,
    'two words, one of few messages': (index) => `parser word${(index * 41) % rareWords}`,
    'a word of every message': () => 'parser',
    'a phrase of every message': () => '"counts what it has read"',
  };
  const rows: string[][] = [];
  try {
    const began = performance.now();
    await person.ask('search', { query: 'parser word1' });
    const first = performance.now() - began;
    for (const [kind, query] of Object.entries(kinds)) {
      const times: number[] = [];
      let hits = 0;
      const until = performance.now() + patience;
      for (let index = 0; index < searches && performance.now() < until; index++) {
        const asked = performance.now();
        hits = (await person.ask('search', { query: query(index) })).hits.length;
        times.push(performance.now() - asked);
      }
      rows.push([
        kind,
        quantile(times, 0.5).toFixed(1),
        quantile(times, 0.95).toFixed(1),
        String(times.length),
        String(hits),
      ]);
    }
    line(
      `  Search in ${named(messages)} messages, ms; up to ${searches} of each kind in ${patience / 1000} s; the first of all took ${first.toFixed(0)} ms.`,
    );
    table(['', 'p50', 'p95', 'asked', 'hits'], rows);
  } finally {
    person.close();
    await broker.stop();
  }
}

function named(messages: number): string {
  return messages.toLocaleString('en');
}

/** Bytes of everything in the folder. */
function sizeOf(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(path.join(entry.parentPath, entry.name)).size, 0);
}
