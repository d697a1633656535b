import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { OpenFile } from '../../../src/store/files';
import { nodeFiles } from '../../../src/store/nodeFiles';
import { littleGroup, quickSync, restAfterSlow } from '../../../src/store/syncPace';

let folder: string;
let file: OpenFile;
/** What the clock says (ms), and how long the disk takes for a sync in place. */
let now: number;
let takes: number;
let broken: Error | undefined;
let synced: ('in place' | 'in the background')[];

beforeEach(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'parley-files-'));
  file = await nodeFiles.open(path.join(folder, 'journal'), 'create');
  [now, takes, broken, synced] = [1000, quickSync / 2, undefined, []];
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  vi.spyOn(fs, 'fdatasyncSync').mockImplementation(() => {
    if (broken) throw broken;
    synced.push('in place');
    now += takes;
  });
  vi.spyOn(fs, 'fdatasync').mockImplementation((_descriptor, done) => {
    synced.push('in the background');
    done(null);
  });
  syncBuiltinESMExports();
});

afterEach(async () => {
  vi.restoreAllMocks();
  syncBuiltinESMExports();
  await file.close();
  fs.rmSync(folder, { recursive: true, force: true });
});

/** One write after another, each with this pause (ms) before it. */
async function write(times: number, pause: number, records = 1): Promise<typeof synced> {
  synced = [];
  for (let count = 0; count < times; count++) {
    now += pause;
    await file.sync(records);
  }
  return synced;
}

describe('a file of the machine', () => {
  it('is synced in place on a quick disk, for one who writes now and then', async () => {
    expect(await write(3, 10)).toEqual(['in place', 'in place', 'in place']);
  });

  it('is synced in the background once the disk was slow twice, and in place again when it has rested and is quick', async () => {
    takes = 5 * quickSync;
    expect(await write(4, 2 * takes)).toEqual(['in place', 'in place', 'in the background', 'in the background']);
    expect(await write(1, restAfterSlow * takes)).toEqual(['in place']);
    expect(await write(1, 2 * takes), 'still slow').toEqual(['in the background']);
    takes = quickSync / 2;
    now += 2 * restAfterSlow * 5 * quickSync;
    expect(await write(3, 10)).toEqual(['in place', 'in place', 'in place']);
  });

  it('is synced in the background for many who write together, and where nobody says how much was written', async () => {
    expect(await write(2, 10, littleGroup + 1)).toEqual(['in the background', 'in the background']);
    synced = [];
    await file.sync();
    expect(synced).toEqual(['in the background']);
  });

  it('rejects, and throws nothing, when the disk fails in place', async () => {
    broken = Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' });
    const syncing = file.sync(1);
    await expect(syncing).rejects.toMatchObject({ code: 'EIO' });
  });
});
