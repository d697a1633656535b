import * as net from 'node:net';
import { connect } from '../../../src/client/client';
import { WebSocket } from 'ws';
import { RpcError, RpcPeer } from '../../../src/transport/rpcPeer';
import { readLines } from './lines';

/** Where a contender is reached; what else it needs is in the fields that it knows. */
export interface WireOptions {
  readonly wire: WireName;
  /** Unix socket, or port on loopback. */
  readonly address: string | number;
  readonly home?: string;
  readonly token?: string;
  readonly thread?: string;
}

/** Resolves when this way of sending has nothing more to say about the text. */
export type Send = (text: string) => Promise<void>;

interface Wire {
  sender(options: WireOptions): Promise<Send>;
  /** Resolves when every text sent from now on is heard. */
  receiver(options: WireOptions, heard: (text: string) => void): Promise<void>;
}

export type WireName = 'parley' | 'listen' | 'relay' | 'rpc' | 'nats' | 'redis';

const parley = {
  async sender(options) {
    const client = await open(options);
    const thread = options.thread ?? '';
    return async (text) => void (await client.ask('send', { thread, text }));
  },
  async receiver(options, heard) {
    const client = await open(options);
    client.subscribe((event) => {
      if (event.what === 'message' && event.message.type === 'message') heard(event.message.content);
    });
    // Answered after the subscription was: requests of one connection are taken up in their order.
    await client.ask('who', {});
  },
} satisfies Wire;

/** As agents without a subscription hear: a `listen` that waits, and the next when it was answered. */
const listen = {
  sender: parley.sender,
  async receiver(options, heard) {
    const client = await open(options);
    const listenOn = async (): Promise<void> => {
      for (;;) {
        const { events } = await client.ask('listen', { wait: 60 });
        for (const event of events) {
          if (event.what === 'message' && event.message.type === 'message') heard(event.message.content);
        }
      }
    };
    listenOn().catch((error: unknown) => {
      throw error;
    });
    await client.ask('who', {});
  },
} satisfies Wire;

function open({ home = '', token = '' }: WireOptions): ReturnType<typeof connect> {
  return connect({ home, token, client: 'bench', version: '1', present: true, seat: true });
}

const relay = {
  async sender({ address }) {
    const socket = await dial(address);
    socket.write('{"name":"atlas"}\n');
    let answered: () => void = () => undefined;
    readLines(socket, () => answered());
    return (text) => {
      const done = new Promise<void>((resolve) => (answered = resolve));
      socket.write(`${JSON.stringify({ to: 'nova', from: 'atlas', text })}\n`);
      return done;
    };
  },
  async receiver({ address }, heard) {
    const socket = await dial(address);
    socket.write('{"name":"nova"}\n');
    readLines(socket, (line) => heard((JSON.parse(line) as { readonly text: string }).text));
  },
} satisfies Wire;

/** What the rpc door is made of, without the door. */
const rpc = {
  async sender(options) {
    const peer = await dialRpc(options.address, () => undefined);
    await peer.request('name', { name: 'atlas' });
    return async (text) => void (await peer.request('send', { to: 'nova', from: 'atlas', text }));
  },
  async receiver(options, heard) {
    const peer = await dialRpc(options.address, heard);
    await peer.request('name', { name: 'nova' });
  },
} satisfies Wire;

/** A connection of what the rpc door is made of. */
export async function dialRpc(address: string | number, heard: (text: string) => void): Promise<RpcPeer> {
  const socket = new WebSocket('ws://localhost/', { createConnection: () => net.connect(String(address)) });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  const peer = new RpcPeer(socket, {
    request: () => ({}),
    refusal: (error) => new RpcError(0, String(error)),
    notification: (_method, params) => heard((params as { readonly text: string }).text),
    broken: () => socket.terminate(),
  });
  peer.batch();
  return peer;
}

/** The NATS client protocol, as far as one subject needs it. */
const nats = {
  async sender({ address }) {
    const socket = await dialNats(address, () => undefined);
    return (text) => {
      socket.write(`PUB parley ${Buffer.byteLength(text)}\r\n${text}\r\n`);
      return Promise.resolve();
    };
  },
  async receiver({ address }, heard) {
    const socket = await dialNats(address, heard);
    socket.write('SUB parley 1\r\n');
  },
} satisfies Wire;

async function dialNats(address: string | number, heard: (text: string) => void): Promise<net.Socket> {
  const socket = await dial(address);
  let isPayload = false;
  await new Promise<void>((resolve) => {
    readLines(socket, (line) => {
      if (isPayload) {
        isPayload = false;
        heard(line);
      } else if (line.startsWith('MSG ')) isPayload = true;
      else if (line === 'PING') socket.write('PONG\r\n');
      else if (line === 'PONG') resolve();
      else if (line.startsWith('INFO ')) socket.write('CONNECT {"verbose":false,"pedantic":false}\r\nPING\r\n');
    });
  });
  return socket;
}

/** Redis pub/sub in RESP2, as far as one channel needs it. */
const redis = {
  async sender({ address }) {
    const socket = await dial(address);
    socket.resume();
    return (text) => {
      socket.write(`*3\r\n$7\r\nPUBLISH\r\n$6\r\nparley\r\n$${Buffer.byteLength(text)}\r\n${text}\r\n`);
      return Promise.resolve();
    };
  },
  async receiver({ address }, heard) {
    const socket = await dial(address);
    socket.write('*2\r\n$9\r\nSUBSCRIBE\r\n$6\r\nparley\r\n');
    await new Promise<void>((resolve) => {
      // A message is seven lines: *3, $7, message, $6, parley, its length, its text.
      let line = 0;
      readLines(socket, (part) => {
        if (part.startsWith(':')) resolve();
        line = part === '*3' ? 1 : line + 1;
        if (line === 7) heard(part);
      });
    });
  },
} satisfies Wire;

async function dial(address: string | number): Promise<net.Socket> {
  const socket = typeof address === 'number' ? net.connect(address, '127.0.0.1') : net.connect(address);
  socket.setNoDelay(true);
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  return socket;
}

export const wires: Readonly<Record<WireName, Wire>> = { parley, listen, relay, rpc, nats, redis };
