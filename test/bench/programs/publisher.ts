// Puts texts before a server that keeps them, so many at once, and times each until the server has acknowledged it.
import { publishers, type Publish, type PublisherOptions } from './publishers';
import type { Round } from '../children';
import { takeTasks } from './tasks';

const textBytes = 300;

let connect: (place: number) => Promise<Publish> = () => Promise.reject(new Error('not opened'));
const connected: Publish[] = [];
let sent = 0;

async function open(options: PublisherOptions): Promise<void> {
  connect = (place) => publishers[options.server](options, place);
  connected.push(await connect(0));
}

async function round({ messages, inFlight = 1, connections = 1 }: Round): Promise<number[]> {
  while (connected.length < connections) connected.push(await connect(connected.length));
  const times: number[] = [];
  let left = messages;
  const sendOn = async (publish: Publish): Promise<void> => {
    while (left-- > 0) {
      const began = process.hrtime.bigint();
      await publish(`${++sent} `.padEnd(textBytes, 'x'));
      times.push(Number(process.hrtime.bigint() - began) / 1000);
    }
  };
  const used = connected.slice(0, connections);
  const shares = inFlight / connections;
  await Promise.all(used.flatMap((publish) => Array.from({ length: shares }, () => sendOn(publish))));
  return times;
}

takeTasks({ open: (options) => open(options as PublisherOptions), round });
