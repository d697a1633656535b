import { parseArgs } from 'node:util';
import { liftedLimits, removeFolders } from './home';
import { activation } from './activation';
import { crowd } from './crowd';
import { durable } from './durable';
import { hook } from './hook';
import { latency } from './latency';
import { listen } from './listen';
import { machine } from './machine';
import { mcp } from './mcp';
import { memory } from './memory';
import { line } from './report';
import { scale } from './scale';
import { size } from './size';
import { start } from './start';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string', default: '7' },
    messages: { type: 'string', default: '1000' },
    stored: { type: 'string', default: '10000,100000,1000000' },
    rest: { type: 'string', default: '0' },
    readable: { type: 'boolean' },
    quick: { type: 'boolean', default: false },
  },
});

/** Numbers of stored messages, ascending. */
function sizesOf(list: string): number[] {
  return list
    .split(',')
    .map(Number)
    .sort((a, b) => a - b);
}

const rounds = Number(values.rounds);
const sections: Readonly<Record<string, () => Promise<void>>> = {
  size,
  start,
  latency: () =>
    latency({
      rounds,
      messages: Number(values.messages),
      rest: Number(values.rest),
      isQuick: values.quick,
    }),
  durable: () => durable({ rounds }),
  listen: () => listen({ rounds }),
  hook: () => hook({ rounds }),
  crowd: () => crowd({ rounds }),
  scale: () => scale({ rounds, sizes: sizesOf(values.stored) }),
  mcp: () => mcp({ rounds }),
  memory,
  activation,
};
const wanted = values.only?.split(',') ?? Object.keys(sections);
const unknown = wanted.find((name) => !Object.hasOwn(sections, name));
if (unknown !== undefined)
  throw new Error(`There is no part "${unknown}"; there are: ${Object.keys(sections).join(', ')}`);

for (const fact of await machine()) line(fact);
line(
  `Limits set in every home: ${Object.entries(liftedLimits)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')}.\n`,
);
try {
  for (const name of wanted) {
    await sections[name]?.();
    line();
  }
} finally {
  await removeFolders();
}
