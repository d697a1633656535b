// What the disk alone takes: one record's worth of bytes into blocks that are there already, then one fdatasync.
import * as fs from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Round } from '../children';
import { takeTasks } from './tasks';

export interface DiskOptions {
  /** The file to write; made anew. */
  readonly file: string;
}

/** As long as the journal's segments. */
const fileBytes = 8 * 1024 * 1024;
/** About the length of the record of a message of 300 bytes. */
const recordBytes = 640;

let file = -1;
let position = 0;

function open({ file: path }: DiskOptions): Promise<void> {
  file = fs.openSync(path, 'w+', 0o600);
  fs.writeSync(file, Buffer.alloc(fileBytes));
  fs.fsyncSync(file);
  return Promise.resolve();
}

async function round({ messages, rest }: Round): Promise<number[]> {
  const record = Buffer.alloc(recordBytes, 'x');
  const times: number[] = [];
  for (let count = 0; count < messages; count++) {
    if (position + recordBytes > fileBytes) position = 0;
    fs.writeSync(file, record, 0, recordBytes, position);
    position += recordBytes;
    const began = process.hrtime.bigint();
    await new Promise<void>((resolve, reject) => fs.fdatasync(file, (error) => (error ? reject(error) : resolve())));
    times.push(Number(process.hrtime.bigint() - began) / 1000);
    if (rest > 0) await pause(rest);
  }
  return times;
}

takeTasks({ open: (options) => open(options as DiskOptions), round });
