// The control: what any program must pay that takes a message from one process and hands it to another. One JSON object
// a line; the first on a connection says who it is, every other is passed on to whom it names.
import * as net from 'node:net';
import { readLines } from './lines';

const byName = new Map<string, net.Socket>();

net
  .createServer((socket) => {
    socket.on('error', () => socket.destroy());
    readLines(socket, (line) => {
      const message = JSON.parse(line) as { readonly name?: string; readonly to?: string };
      if (message.name !== undefined) byName.set(message.name, socket);
      else if (message.to !== undefined) byName.get(message.to)?.write(`${line}\n`);
    });
  })
  .listen(process.argv[2]);
