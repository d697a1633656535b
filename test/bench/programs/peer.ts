// One of the two processes between which messages go. The receiver notes when it heard a text and tells the sender over a
// socket of their own, which is no part of what is measured: one clock serves all processes of a machine.
import * as net from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { Round } from '../children';
import { compileSoon } from '../../../src/programs/tiers';
import { readLines } from './lines';
import { takeTasks } from './tasks';
import { wires, type Send, type WireOptions } from './wires';

export interface PeerOptions extends WireOptions {
  readonly role: 'sender' | 'receiver';
  /** Unix socket on which the sender hears what the receiver heard. */
  readonly echo: string;
}

// As the broker and the bridge; for every contender's ends alike.
compileSoon();

const textBytes = 300;
/** A message that is not heard for so long is lost (ms). */
const patience = 10_000;

let send: Send = () => Promise.reject(new Error('not opened'));
let told: (at: bigint) => void = () => undefined;
let sent = 0;

async function open(options: PeerOptions): Promise<void> {
  const wire = wires[options.wire];
  if (options.role === 'sender') {
    const server = net.createServer((socket) => readLines(socket, (line) => told(BigInt(line))));
    await new Promise<void>((resolve) => server.listen(options.echo, resolve));
    send = await wire.sender(options);
    return;
  }
  const echo = net.connect(options.echo);
  await wire.receiver(options, () => {
    const at = process.hrtime.bigint();
    echo.write(`${at}\n`);
  });
}

/** One message at a time: the next goes when the last was heard and its request is answered. */
async function round({ messages, rest, fromAnswer = false }: Round): Promise<number[]> {
  const times: number[] = [];
  for (let count = 0; count < messages; count++) {
    const text = `${++sent} `.padEnd(textBytes, 'x');
    const heard = new Promise<bigint>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`message ${count} was not heard within ${patience} ms`)),
        patience,
      );
      told = (at) => {
        clearTimeout(timer);
        resolve(at);
      };
    });
    const began = process.hrtime.bigint();
    const answered = send(text).then(() => process.hrtime.bigint());
    const at = await heard;
    const from = fromAnswer ? await answered : began;
    times.push(Number(at - from) / 1000);
    await answered;
    if (rest > 0) await pause(rest);
  }
  return times;
}

takeTasks({ open: (options) => open(options as PeerOptions), round });
