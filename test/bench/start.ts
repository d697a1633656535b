import { Program } from './children';
import { BenchBroker, makeHome } from './home';
import type { SeedOptions } from './programs/seed';
import { line, table } from './report';
import { median } from './statistics';

/** Messages in the home that has been used. */
const messages = 100_000;
const starts = 7;

let used: Promise<string> | undefined;

/** A home with 100,000 messages, a tenth of them in threads that are still open; made once. */
export function usedHome(): Promise<string> {
  return (used ??= (async () => {
    const home = await makeHome('fsync');
    const seed = new Program('seed');
    await seed.open({ home, messages } satisfies SeedOptions);
    await seed.stop();
    return home;
  })());
}

/** From the start of the process until a client has been welcomed. */
export async function start(): Promise<void> {
  line(`Broker start: from the start of its process until a client is welcomed, in ms; median of ${starts}.\n`);
  const full = await usedHome();
  const empty: number[] = [];
  const used: number[] = [];
  for (let count = 0; count < starts; count++) {
    empty.push(await startOn(await makeHome('fsync')));
    used.push(await startOn(full));
  }
  table(
    ['', 'median', 'each'],
    [
      ['empty home', median(empty).toFixed(0), each(empty)],
      [`home with ${messages.toLocaleString('en')} messages`, median(used).toFixed(0), each(used)],
    ],
  );
}

async function startOn(home: string): Promise<number> {
  const { broker, client, milliseconds } = await BenchBroker.start(home);
  client.close();
  await broker.stop();
  return milliseconds;
}

function each(numbers: readonly number[]): string {
  return numbers.map((number) => number.toFixed(0)).join(' ');
}
