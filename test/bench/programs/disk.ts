// What the disk alone takes: one record's worth of bytes into blocks that are there already, then one fdatasync.
import { setTimeout as pause } from 'node:timers/promises';
import type { Round } from '../children';
import { SyncedFile } from './syncedFile';
import { takeTasks } from './tasks';

export interface DiskOptions {
  /** The file to write; made anew. */
  readonly file: string;
}

let file: SyncedFile | undefined;

async function round({ messages, rest }: Round): Promise<number[]> {
  const times: number[] = [];
  for (let count = 0; count < messages; count++) {
    file?.write();
    const began = process.hrtime.bigint();
    await new Promise<void>((resolve) => file?.sync(resolve));
    times.push(Number(process.hrtime.bigint() - began) / 1000);
    if (rest > 0) await pause(rest);
  }
  return times;
}

takeTasks({
  open(options) {
    file = new SyncedFile((options as DiskOptions).file);
    return Promise.resolve();
  },
  round,
});
