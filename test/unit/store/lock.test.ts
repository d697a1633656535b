import { describe, expect, it } from 'vitest';
import { takeLock } from '../../../src/store/lock';
import { type Owner, type Processes, machineProcesses } from '../../../src/store/processes';
import { MemoryDisk } from '../../support/faultsDisk';

const path = '/home/lock';

function machine(self: Partial<Owner>, gone: (owner: Owner) => boolean): Processes {
  return { self: { host: 'a', boot: '1', space: '', pid: 1, started: '1', ...self }, isGone: gone };
}

async function diskWithHome(): Promise<MemoryDisk> {
  const disk = new MemoryDisk();
  await disk.files.makeFolder('/home');
  return disk;
}

describe('the lock', () => {
  it('is refused while its owner may be alive, and says who that is', async () => {
    const { files } = await diskWithHome();
    await takeLock(
      files,
      path,
      machine({ pid: 7 }, () => false),
    );
    await expect(
      takeLock(
        files,
        path,
        machine({ pid: 8 }, () => false),
      ),
    ).rejects.toMatchObject({
      code: 'home_locked',
      message: expect.stringContaining('process 7 on a') as string,
    });
  });

  it('is stolen from an owner that is gone, and nothing is left of the theft', async () => {
    const { files } = await diskWithHome();
    await takeLock(
      files,
      path,
      machine({ pid: 7 }, () => false),
    );
    const lock = await takeLock(
      files,
      path,
      machine({ pid: 8 }, (owner) => owner.pid === 7),
    );
    expect(await files.list('/home')).toEqual(['lock']);
    await lock.release();
    expect(await files.list('/home')).toEqual([]);
  });

  it('is stolen even when a thief died in the middle of the theft', async () => {
    const { files } = await diskWithHome();
    await takeLock(
      files,
      path,
      machine({ pid: 7 }, () => false),
    );
    await takeLock(
      files,
      `${path}.steal`,
      machine({ pid: 8 }, () => false),
    );
    await takeLock(
      files,
      path,
      machine({ pid: 9 }, (owner) => owner.pid < 9),
    );
    expect(await files.list('/home')).toEqual(['lock']);
  });

  it('is not stolen when it names nobody: that proves nothing', async () => {
    const { files } = await diskWithHome();
    await files.createWhole(path, Buffer.from('{}'));
    await expect(
      takeLock(
        files,
        path,
        machine({}, () => true),
      ),
    ).rejects.toMatchObject({ code: 'home_locked' });
  });
});

describe('the processes of this machine', () => {
  const processes = machineProcesses();
  const { self } = processes;

  it('count this one as running', () => {
    expect(processes.isGone(self)).toBe(false);
  });

  it('count a pid with another start as gone: it is somebody else now', () => {
    expect(processes.isGone({ ...self, started: '12' })).toBe(true);
  });

  it('count everything from another boot as gone', () => {
    expect(processes.isGone({ ...self, boot: 'another' })).toBe(self.boot !== '');
  });

  it('know nothing about another host or another container', () => {
    expect(processes.isGone({ ...self, host: 'another', pid: 4_000_000 })).toBe(false);
    expect(processes.isGone({ ...self, space: 'another', pid: 4_000_000 })).toBe(false);
  });

  it('count a pid that nobody has as gone', () => {
    expect(processes.isGone({ ...self, pid: 4_190_000 })).toBe(true);
  });
});
