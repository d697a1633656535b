import { createHash } from 'node:crypto';
import { mkdirSync, watch } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import path from 'node:path';
import { DoorClosed } from './ringer';

/** Longest path of a socket that every system takes, in bytes. */
const longestPath = 103;
/** Longest line that a plugin of ours may say, in characters. */
const longestLine = 64 * 1024;

/**
 * Where a plugin of ours inside a client listens: `ringers/<client>-<hash of its session>.sock` in the home, or a named pipe
 * on Windows. The plugin computes the same. @throws DoorClosed when the system takes no path of that length
 */
export function pluginSocket(home: string, client: string, session: string): string {
  const name = `${client}-${createHash('sha256').update(session).digest('hex').slice(0, 16)}`;
  if (process.platform === 'win32') return `\\\\.\\pipe\\parley-${name}`;
  const socket = path.join(home, 'ringers', `${name}.sock`);
  if (Buffer.byteLength(socket) > longestPath)
    throw new DoorClosed('the path of Parley’s home is too long for its socket');
  return socket;
}

/** Looks whether the socket is there, and our user's. @throws DoorClosed */
export async function lookAtSocket(socket: string, missing: string): Promise<void> {
  if (socket.startsWith('\\\\')) return;
  const stat = await lstat(socket).catch(() => undefined);
  if (stat?.isSocket() !== true) throw new DoorClosed(missing);
  if (process.getuid !== undefined && stat.uid !== process.getuid()) {
    throw new DoorClosed('its socket belongs to another user');
  }
}

/**
 * Calls back when the plugin's socket comes or goes, until the function returned is called. Where the folder cannot be
 * watched nothing is told: the door then counts from the next connection on.
 */
export function watchSocket(home: string, client: string, session: string, changed: () => void): () => void {
  try {
    const socket = pluginSocket(home, client, session);
    if (socket.startsWith('\\\\')) return () => undefined;
    mkdirSync(path.dirname(socket), { recursive: true, mode: 0o700 });
    const watcher = watch(path.dirname(socket), { persistent: false }, (_event, name) => {
      if (name === path.basename(socket)) changed();
    });
    watcher.on('error', () => watcher.close());
    return () => watcher.close();
  } catch {
    return () => undefined;
  }
}

/** A conversation of JSON lines with a plugin of ours. */
export class PluginTalk {
  readonly #socket: Socket;
  #rest = '';
  #onLine: (line: unknown) => void = () => undefined;
  #onEnd: (error: Error) => void = () => undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => this.#heard(chunk));
    socket.on('error', (error) => this.#onEnd(error));
    socket.on('close', () => this.#onEnd(new Error('it hung up')));
  }

  /** @throws when nobody listens there, or the signal is aborted */
  static open(socket: string, signal: AbortSignal): Promise<PluginTalk> {
    return new Promise((resolve, reject) => {
      const connection = connect({ path: socket, signal });
      connection.once('error', reject);
      connection.once('connect', () => {
        connection.off('error', reject);
        resolve(new PluginTalk(connection));
      });
    });
  }

  /** Says a line and answers the next one that comes back. @throws when none comes, or one that is no JSON object */
  ask(question: object): Promise<Readonly<Record<string, unknown>>> {
    return new Promise((resolve, reject) => {
      this.#onEnd = reject;
      this.#onLine = (line) => {
        if (typeof line === 'object' && line !== null) resolve(line as Readonly<Record<string, unknown>>);
        else reject(new Error('it said something that is not ours'));
      };
      this.#socket.write(`${JSON.stringify(question)}\n`);
    });
  }

  /** Hears every line from now on. The conversation holds no process up. */
  follow(heard: (line: unknown) => void, ended: () => void): void {
    this.#onLine = heard;
    this.#onEnd = ended;
    this.#socket.unref();
  }

  close(): void {
    this.#onLine = () => undefined;
    this.#onEnd = () => undefined;
    this.#socket.destroy();
  }

  #heard(chunk: string): void {
    const lines = (this.#rest + chunk).split('\n');
    this.#rest = lines.pop() ?? '';
    if (this.#rest.length > longestLine) this.#socket.destroy(new Error('it says too much'));
    for (const line of lines) this.#onLine(parsed(line));
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
