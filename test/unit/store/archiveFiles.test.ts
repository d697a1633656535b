import { describe, expect, it } from 'vitest';
import { sha256 } from '../../../src/store/manifest';
import { pageCacheBytes } from '../../../src/store/index/archiveDatabase';
import { ArchiveFiles, mostHeld } from '../../../src/store/index/archiveFiles';
import { ArchiveBuilder } from '../../../src/store/index/archiving';
import { MemoryDisk } from '../../support/faultsDisk';
import { type FileCall, type Fault, withFaults } from '../../support/faultsFiles';
import { sqlForTests } from '../../support/faultsIndex';

const folder = '/home/archives';
const name = 'one.db';
const path = `${folder}/${name}`;
const countWord = `select count(*) as n from messageText where messageText match ?`;

/** The bytes of an archive with messages that all have other words; `change` is run over it last. */
async function archiveBytes(messages: number, change = ''): Promise<Buffer> {
  const builder = new ArchiveBuilder(await sqlForTests());
  const { database } = builder;
  database.transaction(() => {
    for (let place = 1; place <= messages; place++) {
      const content = `word${place} ${'and much that nobody looks for '.repeat(20)}`;
      database.run(
        `insert into message (place, id, thread, seq, sender, type, content, timestamp) values (?, ?, 't', ?, 'a', 'message', ?, ?)`,
        ...[place, `m${place}`, place, content, place],
      );
      database.run('insert into messageText (docid, content) values (?, ?)', place, content);
    }
  });
  database.script(change);
  const bytes = Buffer.from(builder.finish(1));
  builder.close();
  return bytes;
}

interface Opened {
  readonly disk: MemoryDisk;
  readonly archives: ArchiveFiles;
  /** Every call to the disk since the last time this was emptied. */
  readonly calls: FileCall[];
  /** What happens to the next calls. */
  fault: (call: FileCall) => Fault;
  write(bytes: Uint8Array, position?: number): Promise<void>;
}

async function opened(bytes: Buffer, names: readonly string[] = [name]): Promise<Opened> {
  const disk = MemoryDisk.of(new Map(names.map((one) => [`${folder}/${one}`, bytes])), [folder]);
  const calls: FileCall[] = [];
  const files = withFaults(disk.files, { before: (call) => (calls.push(call), one.fault(call)) });
  const archives = new ArchiveFiles(files, folder, await sqlForTests());
  archives.list(names.map((entry) => ({ name: entry, offset: 1, length: bytes.length, sha256: sha256(bytes) })));
  const one: Opened = {
    disk,
    archives,
    calls,
    fault: () => undefined,
    async write(change, position = 0) {
      await (await disk.files.open(path, 'change')).write(change, position);
    },
  };
  return one;
}

const bytesRead = (calls: readonly FileCall[]): number =>
  calls.filter(({ operation }) => operation === 'readNow').reduce((sum, { bytes = 0 }) => sum + bytes, 0);
const count = (calls: readonly FileCall[], operation: FileCall['operation']): number =>
  calls.filter((call) => call.operation === operation).length;

const missing = { code: 'archive_missing', facts: { file: name } };

describe('an archive', () => {
  it('is read as a whole once, and then only where a question needs it', async () => {
    const bytes = await archiveBytes(2000);
    const { archives, calls } = await opened(bytes);
    expect((await archives.open(name)).get(countWord, 'word7')).toEqual({ n: 1 });
    expect(bytesRead(calls)).toBeGreaterThanOrEqual(bytes.length);
    calls.length = 0;
    expect((await archives.open(name)).get(countWord, 'word1234')).toEqual({ n: 1 });
    expect(bytesRead(calls)).toBeLessThan(bytes.length / 20);
    expect(count(calls, 'openRead')).toBe(0);
  });

  it('that was closed for others is opened without another proof', async () => {
    const bytes = await archiveBytes(100);
    const names = Array.from({ length: mostHeld / pageCacheBytes + 3 }, (_, index) => `${index}.db`);
    const { archives, calls } = await opened(bytes, names);
    for (const one of names) expect((await archives.open(one)).get(countWord, 'word7')).toEqual({ n: 1 });
    expect(count(calls, 'openRead') - count(calls, 'closeNow')).toBe(mostHeld / pageCacheBytes);
    calls.length = 0;
    expect((await archives.open('0.db')).get(countWord, 'word100')).toEqual({ n: 1 });
    expect(count(calls, 'openRead')).toBe(1);
    expect(bytesRead(calls)).toBeLessThan(bytes.length / 2);
  });

  it('that the manifest names no more is let go of', async () => {
    const { archives, calls } = await opened(await archiveBytes(10));
    await archives.open(name);
    archives.list([]);
    expect(count(calls, 'closeNow')).toBe(count(calls, 'openRead'));
    await expect(archives.open(name)).rejects.toMatchObject(missing);
  });

  it('cannot be changed', async () => {
    const { archives } = await opened(await archiveBytes(10));
    const database = await archives.open(name);
    expect(() => database.run('delete from message')).toThrow(/readonly/);
    expect(database.get('select count(*) as n from message')).toEqual({ n: 10 });
  });

  it('of an older format is brought up to date in memory', async () => {
    const old = `drop view tasks; drop table task; drop table taskPart; drop table callReturn;
      update meta set value = 2 where key = 'format'`;
    const { archives, calls } = await opened(await archiveBytes(10, old));
    for (let time = 0; time < 2; time++) {
      const database = await archives.open(name);
      expect(database.get('select count(*) as n from task')).toEqual({ n: 0 });
      expect(database.get(countWord, 'word7')).toEqual({ n: 1 });
    }
    expect(count(calls, 'read')).toBe(1);
    expect(count(calls, 'closeNow')).toBe(count(calls, 'openRead'));
  });

  it('of a newer format is refused', async () => {
    const { archives } = await opened(await archiveBytes(10, `update meta set value = 999 where key = 'format'`));
    await expect(archives.open(name)).rejects.toMatchObject({ code: 'home_too_new' });
  });
});

describe('an archive that is damaged after it was proven', () => {
  it('is missing when it is gone, and there again when it was put back', async () => {
    const bytes = await archiveBytes(300);
    const { archives, disk, calls } = await opened(bytes);
    await archives.open(name);
    await disk.files.unlink(path);
    await expect(archives.open(name)).rejects.toMatchObject(missing);
    expect(count(calls, 'closeNow')).toBe(count(calls, 'openRead'));
    await disk.files.createWhole(path, bytes);
    expect((await archives.open(name)).get(countWord, 'word7')).toEqual({ n: 1 });
  });

  it('is proven anew when its stamp is another', async () => {
    const bytes = await archiveBytes(300);
    const { archives, write } = await opened(bytes);
    await archives.open(name);
    const at = bytes.indexOf('word150 ');
    await write(Buffer.from('w0rd'), at);
    await expect(archives.open(name)).rejects.toMatchObject(missing);
    await write(Buffer.from('word'), at);
    expect((await archives.open(name)).get(countWord, 'word150')).toEqual({ n: 1 });
  });

  it('is missing when it is longer or shorter than it should be', async () => {
    const bytes = await archiveBytes(300);
    const longer = await opened(bytes);
    await longer.write(Buffer.from('x'), bytes.length);
    await expect(longer.archives.open(name)).rejects.toMatchObject(missing);
    const shorter = await opened(bytes);
    await (await shorter.disk.files.open(path, 'change')).truncate(bytes.length - 1);
    await expect(shorter.archives.open(name)).rejects.toMatchObject(missing);
  });

  it.each<[string, Fault]>([
    ['an error of the disk', { kind: 'error', code: 'EIO' }],
    ['the end of the file', { kind: 'short', bytes: 0 }],
  ])('gives no answer over pages that it could not read (%s), and another once it can', async (_what, fault) => {
    const one = await opened(await archiveBytes(2000));
    const database = await one.archives.open(name);
    one.fault = ({ operation }) => (operation === 'readNow' ? fault : undefined);
    expect(() => database.get(countWord, 'word1234')).toThrow(expect.objectContaining(missing));
    expect(() => database.get('select count(*) as n from message')).toThrow(expect.objectContaining(missing));
    await expect(one.archives.open(name)).rejects.toMatchObject(missing);
    one.fault = () => undefined;
    expect((await one.archives.open(name)).get(countWord, 'word1234')).toEqual({ n: 1 });
    expect(count(one.calls, 'openRead') - count(one.calls, 'closeNow')).toBe(1);
  });

  it('is read to its end when the disk gives less than was asked for', async () => {
    const one = await opened(await archiveBytes(300));
    one.fault = ({ operation }) => (operation === 'readNow' ? { kind: 'short', bytes: 1000 } : undefined);
    expect((await one.archives.open(name)).get(countWord, 'word7')).toEqual({ n: 1 });
  });
});
