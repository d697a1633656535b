import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { windowFor, Windows } from '../../../src/extension/window/windows';

describe('a ring belongs to', () => {
  const one = { pid: 1, folders: ['/work/app'], focusedAt: 10 };
  const two = { pid: 2, folders: ['/work/app/web'], focusedAt: 5 };
  const three = { pid: 3, folders: [], focusedAt: 20 };

  test('the window whose folder holds the callee most closely', () => {
    expect(windowFor('/work/app/web/src', [one, two, three])).toBe(two);
    expect(windowFor('/work/app', [one, two, three])).toBe(one);
  });

  test('the window that had the focus last when none holds it', () => {
    expect(windowFor('/elsewhere', [one, two, three])).toBe(three);
    expect(windowFor('', [one, two])).toBe(one);
  });

  test('no window by a mere likeness of names', () => {
    expect(windowFor('/work/app-two', [one, three])).toBe(three);
  });
});

describe('the windows on a home', () => {
  let home: string;
  beforeEach(async () => void (home = await mkdtemp(path.join(tmpdir(), 'parley-windows-'))));
  afterEach(async () => rm(home, { recursive: true, force: true }));

  test('know of each other, and agree on which of them shows a ring', async () => {
    const alive = () => true;
    const [first, second] = [new Windows(home, 101, alive), new Windows(home, 102, alive)];
    await first.write({ folders: ['/a'], focusedAt: 1 });
    await second.write({ folders: ['/b'], focusedAt: 2 });
    expect([await first.isOurs('/a'), await second.isOurs('/a')]).toEqual([true, false]);
    expect([await first.isOurs(''), await second.isOurs('')]).toEqual([false, true]);
    await second.remove();
    expect(await first.isOurs('')).toBe(true);
  });

  test('forget one whose process is gone', async () => {
    const ours = new Windows(home, 101, (pid) => pid !== 102);
    await ours.write({ folders: [], focusedAt: 1 });
    await new Windows(home, 102).write({ folders: [], focusedAt: 2 });
    expect(await ours.isOurs('')).toBe(true);
    expect(await readdir(path.join(home, 'windows'))).toEqual(['101.json']);
  });

  test('are not confused by a damaged record, and write none that others can read', async () => {
    const ours = new Windows(home, 101);
    await ours.write({ folders: [], focusedAt: 1 });
    await writeFile(path.join(home, 'windows/7.json'), '{"pid": "x"');
    expect(await ours.isOurs('/a')).toBe(true);
    expect((await stat(path.join(home, 'windows/101.json'))).mode & 0o777).toBe(0o600);
  });
});
