import * as net from 'node:net';
import { connect } from '../../../src/client/client';
import { readLines } from './lines';
import { dialRpc } from './wires';

/** Resolves when the server says that it has the text for good, as far as it is set to promise that. */
export type Publish = (text: string) => Promise<void>;

export interface PublisherOptions {
  readonly server: PublisherName;
  /** Unix socket, or port on loopback; not used by Parley, which is found by its home. */
  readonly address: string | number;
  readonly home?: string;
  /** Who sends where, over each of the connections. */
  readonly senders?: readonly Sender[];
}

export interface Sender {
  readonly token: string;
  readonly thread: string;
}

export type PublisherName = 'parley' | 'lines' | 'rpc' | 'redis' | 'nats';

/** Opens one more connection; `place`: how many there are before it. */
type Opener = (options: PublisherOptions, place: number) => Promise<Publish>;

const parley: Opener = async ({ home = '', senders = [] }, place) => {
  const { token, thread } = senders[place] ?? { token: '', thread: '' };
  const client = await connect({ home, token, client: 'bench', version: '1', present: true, seat: true });
  return async (text) => void (await client.ask('send', { thread, text }));
};

/** The floor: a JSON object a line, answered by its id. */
const lines: Opener = async ({ address }) => {
  const socket = await dial(address);
  const waiting = new Map<number, () => void>();
  let last = 0;
  readLines(socket, (line) => {
    const { id } = JSON.parse(line) as { readonly id: number };
    waiting.get(id)?.();
    waiting.delete(id);
  });
  return (text) =>
    new Promise((resolve) => {
      waiting.set(++last, resolve);
      socket.write(`${JSON.stringify({ id: last, text })}\n`);
    });
};

/** The floor again, over JSON-RPC and WebSocket. */
const rpc: Opener = async ({ address }) => {
  const peer = await dialRpc(address, () => undefined);
  return async (text) => void (await peer.request('keep', { text }));
};

/** `XADD` in RESP2. Answers come in the order of the commands: `$<length>`, then the id. */
const redis: Opener = async ({ address }) => {
  const socket = await dial(address);
  const waiting: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = [];
  readLines(socket, (line) => {
    if (line.startsWith('$')) return;
    const first = waiting.shift();
    if (line.startsWith('-')) first?.reject(new Error(line));
    else first?.resolve();
  });
  return (text) =>
    new Promise((resolve, reject) => {
      waiting.push({ resolve, reject });
      socket.write(
        `*5\r\n$4\r\nXADD\r\n$6\r\nparley\r\n$1\r\n*\r\n$4\r\ntext\r\n$${Buffer.byteLength(text)}\r\n${text}\r\n`,
      );
    });
};

/** JetStream: every publish names where its answer goes. The stream is made first, in a file store. */
const nats: Opener = async ({ address }, place) => {
  const socket = await dial(address);
  const waiting = new Map<string, (answer: string) => void>();
  let last = 0;
  let answered: string | undefined;
  const request = (subject: string, text: string): Promise<string> =>
    new Promise((resolve) => {
      const reply = `_INBOX.${place}.${++last}`;
      waiting.set(reply, resolve);
      socket.write(`PUB ${subject} ${reply} ${Buffer.byteLength(text)}\r\n${text}\r\n`);
    });
  await new Promise<void>((resolve) => {
    readLines(socket, (line) => {
      if (answered !== undefined) {
        waiting.get(answered)?.(line);
        waiting.delete(answered);
        answered = undefined;
      } else if (line.startsWith('MSG ')) answered = line.split(' ')[1];
      else if (line === 'PING') socket.write('PONG\r\n');
      else if (line === 'PONG') resolve();
      else if (line.startsWith('INFO '))
        socket.write(`CONNECT {"verbose":false,"pedantic":false}\r\nSUB _INBOX.${place}.* 1\r\nPING\r\n`);
    });
  });
  const stream = { name: 'parley', subjects: ['parley'], storage: 'file', retention: 'limits', discard: 'old' };
  fine(await request('$JS.API.STREAM.CREATE.parley', JSON.stringify({ ...stream, max_age: 0, num_replicas: 1 })));
  return async (text) => fine(await request('parley', text));
};

/** @throws what JetStream answered, when that is an error */
function fine(answer: string): void {
  if (answer.includes('"error"')) throw new Error(answer);
}

async function dial(address: string | number): Promise<net.Socket> {
  const socket = typeof address === 'number' ? net.connect(address, '127.0.0.1') : net.connect(address);
  socket.setNoDelay(true);
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  return socket;
}

export const publishers: Readonly<Record<PublisherName, Opener>> = { parley, lines, rpc, redis, nats };
