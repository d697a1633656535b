// The floor: what a program on this runtime must pay at least that keeps what others send and answers after the sync. No
// rules, no inboxes, no receipts: a request comes in, its text goes to the end of a file, all that came meanwhile is synced
// together, each is answered. `lines`: JSON on lines, over the bare socket. `rpc`: over what the rpc door is made of.
import * as fs from 'node:fs';
import * as net from 'node:net';
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { RpcError, RpcPeer } from '../../../src/transport/rpcPeer';
import { readLines } from './lines';

const [, , wire, address = '', kept = '', syncs] = process.argv;
const file = fs.openSync(kept, 'a', 0o600);
let waiting: (() => void)[] = [];
let records: string[] = [];
let isSyncing = false;

/** Calls `done` when the record is as safe as this run promises. */
function keep(record: string, done: () => void): void {
  records.push(record);
  waiting.push(done);
  if (!isSyncing) flush();
}

function flush(): void {
  isSyncing = true;
  // What comes with the same turn goes together.
  setImmediate(() => {
    const [group, told] = [records, waiting];
    [records, waiting] = [[], []];
    fs.writeSync(file, group.join(''));
    const synced = (error?: Error | null): void => {
      if (error) throw error;
      for (const one of told) one();
      isSyncing = false;
      if (records.length > 0) flush();
    };
    if (syncs === 'os') synced();
    else fs.fdatasync(file, synced);
  });
}

function lines(): void {
  const take = (socket: net.Socket): void => {
    let answers = '';
    socket.on('error', () => socket.destroy());
    readLines(socket, (line) => {
      const { id, text } = JSON.parse(line) as { readonly id: number; readonly text: string };
      keep(`${JSON.stringify({ id, text })}\n`, () => {
        if (answers === '')
          process.nextTick(() => {
            socket.write(answers);
            answers = '';
          });
        answers += `{"id":${id}}\n`;
      });
    });
  };
  net.createServer(take).listen(address);
}

function rpc(): void {
  const server = createServer();
  new WebSocketServer({ server, perMessageDeflate: false }).on('connection', (socket) => {
    const peer = new RpcPeer(socket, {
      request: (_method, params) =>
        new Promise((resolve) => keep(`${JSON.stringify(params)}\n`, () => resolve({ kept: true }))),
      refusal: (error) => new RpcError(0, String(error)),
      notification: () => undefined,
      broken: () => socket.terminate(),
    });
    peer.batch();
  });
  server.listen(address);
}

if (wire === 'rpc') rpc();
else lines();
