import { lstat, readdir, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import path from 'node:path';

/** Longest line and longest connection that we put up with. */
const lineLimit = 64 * 1024;
const connectionTimeout = 5000;

/** Longest path of a socket that every system takes, in bytes. */
const longestPath = 103;

/**
 * An address of ours where Claude Code leaves word. It answers only to addresses in the folder of its own inbox, and only
 * to the process that wrote to it, so we listen there, in the process that rings.
 */
export class ReturnAddress {
  readonly path: string;
  readonly #server: Server;
  readonly #connections = new Set<Socket>();

  private constructor(address: string, server: Server) {
    this.path = address;
    this.#server = server;
  }

  /** Undefined when nothing can be listened on there; ringing works without. */
  static async open(address: string, onLine: (line: string) => void): Promise<ReturnAddress | undefined> {
    if (Buffer.byteLength(address) > longestPath && !address.startsWith('\\\\')) return undefined;
    const server = createServer();
    const opened = new ReturnAddress(address, server);
    server.on('connection', (socket) => opened.#read(socket, onLine));
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        // The folder is 0700; a umask keeps the socket to ourselves from its first moment.
        const mask = process.umask(0o177);
        server.listen(address, resolve);
        process.umask(mask);
      });
    } catch {
      return undefined;
    }
    server.on('error', () => undefined);
    server.unref();
    return opened;
  }

  async close(): Promise<void> {
    for (const socket of this.#connections) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #read(socket: Socket, onLine: (line: string) => void): void {
    let rest = '';
    this.#connections.add(socket);
    socket.setEncoding('utf8');
    socket.setTimeout(connectionTimeout, () => socket.destroy());
    socket.on('error', () => undefined);
    socket.on('close', () => this.#connections.delete(socket));
    socket.on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) onLine(line);
      if (rest.length > lineLimit) socket.destroy();
    });
    socket.on('end', () => {
      if (rest !== '') onLine(rest);
    });
  }
}

/** Sockets that bridges left behind when they were killed: `parley-<pid>-<n>.sock` of processes that are gone. */
export async function sweepAddresses(folder: string, isAlive: (pid: number) => boolean): Promise<void> {
  const names = await readdir(folder).catch((): string[] => []);
  for (const name of names) {
    const pid = /^parley-(\d+)-\d+\.sock$/.exec(name)?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    const file = path.join(folder, name);
    const stat = await lstat(file).catch(() => undefined);
    if (stat?.isSocket() === true) await rm(file, { force: true }).catch(() => undefined);
  }
}
