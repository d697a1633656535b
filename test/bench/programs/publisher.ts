// Puts texts before a server that keeps them, so many at once, and times each until the server has acknowledged it.
import { publishers, type Publish, type PublisherOptions } from './publishers';
import type { Round } from '../children';
import { takeTasks } from './tasks';

const textBytes = 300;

let publish: Publish = () => Promise.reject(new Error('not opened'));
let sent = 0;

async function open(options: PublisherOptions): Promise<void> {
  publish = await publishers[options.server](options);
}

async function round({ messages, inFlight = 1 }: Round): Promise<number[]> {
  const times: number[] = [];
  let left = messages;
  const sendOn = async (): Promise<void> => {
    while (left-- > 0) {
      const began = process.hrtime.bigint();
      await publish(`${++sent} `.padEnd(textBytes, 'x'));
      times.push(Number(process.hrtime.bigint() - began) / 1000);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, sendOn));
  return times;
}

takeTasks({ open: (options) => open(options as PublisherOptions), round });
