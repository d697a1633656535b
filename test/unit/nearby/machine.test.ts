import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { machineProcesses } from '../../../src/client/processes';
import { CannotTell, ownFiles } from '../../../src/nearby/files';
import { lookAround } from '../../../src/nearby/lookAround';
import { machineTable, readLsof, readPs } from '../../../src/nearby/processTable';
import { nearbyClients } from '../../../src/nearby/session';

/** The real machine: its files and its processes. */

let folder: string;
beforeAll(() => (folder = fs.mkdtempSync(path.join(tmpdir(), 'parley-files-'))));
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

describe('files', () => {
  const files = ownFiles();

  it('gives the beginning or the end of a file, and says when that is not all', async () => {
    const file = path.join(folder, 'text');
    fs.writeFileSync(file, 'abcdef');
    expect(await files.read(file, 'start', 4)).toMatchObject({ text: 'abcd', isWhole: false });
    expect(await files.read(file, 'end', 4)).toMatchObject({ text: 'cdef', isWhole: false });
    expect(await files.read(file, 'end', 6)).toMatchObject({ text: 'abcdef', isWhole: true });
  });

  it('has nothing to say of what is not there', async () => {
    expect(await files.read(path.join(folder, 'none'), 'start', 9)).toBeUndefined();
    expect(await files.names(path.join(folder, 'none'), 9)).toEqual([]);
    expect(await files.names(path.join(folder, 'text'), 9)).toEqual([]);
  });

  it('reads at most so many names', async () => {
    const many = path.join(folder, 'many');
    fs.mkdirSync(many);
    for (let n = 0; n < 30; n += 1) fs.writeFileSync(path.join(many, String(n)), '');
    expect(await files.names(many, 10)).toHaveLength(10);
  });

  it('does not wait for a pipe that nobody writes to', async () => {
    const pipe = path.join(folder, 'pipe');
    await new Promise((resolve) => spawn('mkfifo', [pipe]).once('close', resolve));
    await expect(files.read(pipe, 'start', 9)).rejects.toThrow(CannotTell);
  });

  it.runIf(process.getuid?.() === 0)(
    'refuses what belongs to another user (only root can make such a file)',
    async () => {
      const file = path.join(folder, 'theirs');
      fs.writeFileSync(file, 'x');
      expect(await files.read(file, 'start', 9)).toMatchObject({ text: 'x' });
      fs.chownSync(file, 12345, 12345);
      await expect(files.read(file, 'start', 9)).rejects.toThrow('its file belongs to another user');
      const theirs = path.join(folder, 'their-folder');
      fs.mkdirSync(theirs);
      fs.chownSync(theirs, 12345, 12345);
      await expect(files.names(theirs, 9)).rejects.toThrow('its folder belongs to another user');
    },
  );
});

describe.runIf(process.platform === 'linux')('the processes of Linux', () => {
  const table = machineTable('linux');

  it('tell of one what the client layer says of it, with its folder and what it holds open', async () => {
    const file = path.join(folder, 'held');
    const hold = `require('fs').openSync(${JSON.stringify(file)}, 'w'); process.stdout.write('up'); setInterval(() => {}, 9e5)`;
    const child = spawn(process.execPath, ['-e', hold], { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] });
    try {
      await new Promise((resolve) => child.stdout.once('data', resolve));
      const pid = child.pid ?? 0;
      const known = machineProcesses().look(pid);
      for (const _ of ['fresh', 'remembered']) {
        const found = (await table.list()).find((one) => one.pid === pid);
        expect(found).toMatchObject({ pid, parent: process.pid, start: known?.start, command: known?.command });
        expect(Math.abs((found?.startedAt ?? 0) - Date.now())).toBeLessThan(15_000);
      }
      expect(await table.folder(pid)).toBe(fs.realpathSync(folder));
      expect(await table.openFiles(pid)).toContain(path.join(fs.realpathSync(folder), 'held'));
    } finally {
      child.kill('SIGKILL');
      await new Promise((resolve) => child.once('close', resolve));
    }
    expect((await table.list()).some(({ pid }) => pid === child.pid)).toBe(false);
    expect(await table.folder(child.pid ?? 0)).toBeUndefined();
    expect(await table.openFiles(child.pid ?? 0)).toEqual([]);
  });

  it.runIf(process.getuid?.() === 0)('leave out those of other users (only root can start one)', async () => {
    const child = spawn('sleep', ['60'], { uid: 12345, gid: 12345, stdio: 'ignore' });
    try {
      await new Promise((resolve) => child.once('spawn', resolve));
      expect(machineProcesses().isAlive(child.pid ?? 0)).toBe(true);
      expect((await table.list()).some(({ pid }) => pid === child.pid)).toBe(false);
    } finally {
      child.kill('SIGKILL');
    }
  });
});

it('reads what ps and lsof of macOS say', () => {
  const ps =
    '  501     1 Sat Nov 21 09:02:11 2026     /opt/bin/claude --resume x\n  502   501 Sat Nov  1 09:02:11 2026     -zsh\ngarbage\n';
  const both = readPs(ps);
  expect(both.map(({ pid, parent, command }) => [pid, parent, command[0]])).toEqual([
    [501, 1, '/opt/bin/claude'],
    [502, 501, '-zsh'],
  ]);
  expect(both[0]?.start).toBe('Sat Nov 21 09:02:11 2026');
  expect(readLsof('p501\nfcwd\nn/Users/ada/project\nf3\nn/Users/ada/a.lock\nf4\nn->0x1\n')).toEqual({
    folder: '/Users/ada/project',
    files: ['/Users/ada/a.lock'],
  });
});

it('says of each client that it cannot tell where the system does not', async () => {
  const { sessions, unclear } = await lookAround({
    files: ownFiles(),
    table: machineTable('win32'),
    env: {},
    home: folder,
    identities: () => [],
  });
  expect(sessions).toEqual([]);
  expect(unclear.map(({ client }) => client)).toEqual([...nearbyClients]);
});
