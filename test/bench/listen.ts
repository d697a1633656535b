import { parley, type Contender } from './contenders';
import { goal, line, table } from './report';
import { median, quantile } from './statistics';

/** Most that a waiting `listen` may be answered after the send was (ms). */
const mostOver = 1;
/** Messages of one contender in one round. */
const messages = 200;
/** How long everything is at rest after each message (ms): the listener waits again by then. */
const rest = 3;
const warmUp = 300;

/** How long after the sender's own answer a listener of each kind has the message. */
export async function listen({ rounds }: { readonly rounds: number }): Promise<void> {
  line('Wake-up: how long after the sender has its answer the recipient has the message; one at a time, µs.');
  line(`${rounds} rounds of ${messages} messages, ${rest} ms of rest after each; medians over the rounds.\n`);
  const contenders = [
    await parley(undefined, 'listen that waits, fsync', 'fsync', { wire: 'listen' }),
    await parley(undefined, 'subscription, fsync', 'fsync'),
    await parley(undefined, 'listen that waits, os', 'os', { wire: 'listen' }),
    await parley(undefined, 'subscription, os', 'os'),
  ];
  const found = new Map(contenders.map(({ name }) => [name, [] as { over: number[]; whole: number[] }[]]));
  try {
    for (const contender of contenders) await contender.round({ messages: warmUp, rest: 0 });
    for (let round = 0; round < rounds; round++) {
      for (let place = 0; place < contenders.length; place++) {
        const contender = contenders[(round + place) % contenders.length];
        if (contender) found.get(contender.name)?.push(await measure(contender));
      }
    }
  } finally {
    for (const contender of contenders) await contender.stop();
  }
  const over = (name: string, q: number): number =>
    median((found.get(name) ?? []).map((round) => quantile(round.over, q)));
  table(
    ['', 'p50 after the answer', 'p99', 'p50 from the sending', 'p50 of each round'],
    [...found].map(([name, all]) => [
      name,
      over(name, 0.5).toFixed(0),
      over(name, 0.99).toFixed(0),
      median(all.map((round) => quantile(round.whole, 0.5))).toFixed(0),
      all.map((round) => quantile(round.over, 0.5).toFixed(0)).join(' '),
    ]),
  );
  for (const { name } of contenders) goal(`${name}, p50`, over(name, 0.5) / 1000, mostOver, 'ms');
}

async function measure(contender: Contender): Promise<{ over: number[]; whole: number[] }> {
  const half = { messages: messages / 2, rest };
  const over = await contender.round({ ...half, fromAnswer: true });
  return { over: [...over], whole: [...(await contender.round(half))] };
}
