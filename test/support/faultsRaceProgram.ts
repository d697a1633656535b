// A program that opens the store of a home on command. Lines in: "open HOME AT-MS" and "close".
// Lines out: "won MS", "refused CODE MS", "closed".
import { createInterface } from 'node:readline';
import { machineClock } from '../../src/store/clock';
import { StoreError } from '../../src/store/errors';
import { nodeFiles } from '../../src/store/nodeFiles';
import { machineProcesses } from '../../src/store/processes';
import { type Store, openStore } from '../../src/store/store';

let store: Store | undefined;

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function open(home: string, at: number): Promise<void> {
  while (Date.now() < at) await new Promise((resolve) => setImmediate(resolve));
  const begun = performance.now();
  try {
    store = await openStore({
      files: nodeFiles,
      home,
      durability: 'os',
      clock: machineClock,
      processes: machineProcesses(),
      segmentBytes: 4096,
      onFailure: (error) => say(`failed ${error.code}`),
    });
    const next = store.durableOffset + 1;
    store.append([{ offset: next, time: Date.now(), origin: 'race', type: 'race', payload: { pid: process.pid } }]);
    await store.durable(next);
    say(`won ${Math.round(performance.now() - begun)}`);
  } catch (error) {
    const code = error instanceof StoreError ? error.code : String(error);
    say(`refused ${code} ${Math.round(performance.now() - begun)}`);
  }
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const [word, home = '', at] = line.split(' ');
  if (word === 'open') void open(home, Number(at));
  if (word === 'close') void store?.close().then(() => say('closed'));
});
