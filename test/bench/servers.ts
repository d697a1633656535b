import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Server } from './children';
import { makeFolder } from './home';

/** A server that is not ours, and where it listens: a Unix socket, or a port on loopback. */
export interface Listening<Address extends string | number> {
  readonly server: Server;
  readonly address: Address;
}

/** NATS speaks TCP only: loopback. Undefined when no server is installed. */
export async function startNats(
  processor?: number,
  more: (folder: string) => readonly string[] = () => [],
): Promise<Listening<number> | undefined> {
  const program = installed('nats-server');
  if (program === undefined) return undefined;
  const folder = await makeFolder();
  const args = ['-a', '127.0.0.1', '-p', '-1', '--ports_file_dir', folder, '-l', `${folder}/log`, ...more(folder)];
  const server = new Server(program, args, { processor });
  const named = (): string | undefined => readdirSync(folder).find((file) => file.endsWith('.ports'));
  while (named() === undefined) await pause(5);
  const { nats: urls } = JSON.parse(readFileSync(path.join(folder, named() ?? ''), 'utf8')) as { nats: string[] };
  return { server, address: Number(new URL(urls[0] ?? '').port) };
}

/** Whether the server that is installed can sync before it answers: from 2.10 on. */
export function natsCanSync(): boolean {
  const program = installed('nats-server');
  if (program === undefined) return false;
  const [, major = '0', minor = '0'] = /v(\d+)\.(\d+)/.exec(execFileSync(program, ['--version']).toString()) ?? [];
  return Number(major) > 2 || (Number(major) === 2 && Number(minor) >= 10);
}

/** Redis on a Unix socket, without snapshots. Undefined when no server is installed. */
export async function startRedis(
  processor: number | undefined,
  more: readonly string[],
): Promise<Listening<string> | undefined> {
  const program = installed('redis-server');
  if (program === undefined) return undefined;
  const folder = await makeFolder();
  const address = path.join(folder, 'redis');
  const place = ['--port', '0', '--unixsocket', address, '--dir', folder, '--save', '', '--logfile', `${folder}/log`];
  const server = new Server(program, [...place, ...more], { processor });
  await listening(address);
  return { server, address };
}

/** Resolves when the socket is there. */
export async function listening(socket: string): Promise<void> {
  while (!existsSync(socket)) await pause(5);
}

function installed(program: string): string | undefined {
  try {
    const found = execFileSync('sh', [
      '-c',
      `command -v ${program} || PATH=/usr/sbin:/usr/local/sbin command -v ${program}`,
    ]);
    return found.toString().trim();
  } catch {
    return undefined;
  }
}
