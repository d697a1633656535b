// The control: what any program must pay that takes a message from one process and hands it to another. One JSON object
// a line; the first on a connection says who it is, every other is passed on to whom it names, and answered. With a second argument it
// keeps what it passes on: it writes as much to that file and syncs it first.
import * as net from 'node:net';
import { readLines } from './lines';
import { SyncedFile } from './syncedFile';

const [, , address, kept] = process.argv;
const file = kept === undefined ? undefined : new SyncedFile(kept);
const byName = new Map<string, net.Socket>();

net
  .createServer((socket) => {
    socket.on('error', () => socket.destroy());
    readLines(socket, (line) => {
      const message = JSON.parse(line) as { readonly name?: string; readonly to?: string };
      if (message.name !== undefined) byName.set(message.name, socket);
      else if (message.to !== undefined) pass(socket, message.to, line);
    });
  })
  .listen(address);

function pass(from: net.Socket, to: string, line: string): void {
  const write = (): void => {
    byName.get(to)?.write(`${line}\n`);
    from.write('{}\n');
  };
  if (!file) return write();
  file.write();
  file.sync(write);
}
