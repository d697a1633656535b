import { existsSync, rmSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { connect, type Client } from '../../src/client/client';
import type { Limits } from '../../src/core/limits';
import { Server } from './children';

/** Limits that would stop two agents who do nothing but talk; lifted in every home of the bench. */
export const liftedLimits = {
  messagesPerMinute: 1_000_000_000,
  messageBurst: 1_000_000_000,
  turns: 1_000_000_000,
  pairMessagesPerHour: 1_000_000_000,
  agents: 5000,
} as const;

export type Durability = 'os' | 'fsync';

/** A new folder of the bench; removed when the bench ends. Short, because sockets live in it. */
export async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'pb-'));
  folders.push(folder);
  return folder;
}

const folders: string[] = [];
process.once('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

export async function removeFolders(): Promise<void> {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** A home that no broker has seen yet, with its settings; `limits` are set besides the lifted ones. */
export async function makeHome(durability: Durability, limits: Partial<Limits> = {}): Promise<string> {
  const home = await makeFolder();
  const settings = { durability, limits: { ...liftedLimits, ...limits } };
  await writeFile(path.join(home, 'settings.json'), JSON.stringify(settings));
  return home;
}

/** A broker of its own process, on one home. */
export class BenchBroker {
  readonly home: string;
  readonly server: Server;

  private constructor(home: string, server: Server) {
    this.home = home;
    this.server = server;
  }

  /** Starts it and waits until it answers; `program` is the bundled broker. */
  static async start(
    home: string,
    processor?: number,
  ): Promise<{ broker: BenchBroker; client: Client; milliseconds: number }> {
    const began = performance.now();
    const program = path.join(import.meta.dirname, 'broker.js');
    const server = new Server(process.execPath, [program], { env: { ...process.env, PARLEY_HOME: home }, processor });
    while (!existsSync(path.join(home, 'broker.json'))) {
      if (!server.isRunning) throw new Error('the broker ended at its start');
      await pause(1);
    }
    const client = await connect({ home, client: 'bench', version: '1' });
    return { broker: new BenchBroker(home, server), client, milliseconds: performance.now() - began };
  }

  stop(): Promise<void> {
    return this.server.stop();
  }
}
