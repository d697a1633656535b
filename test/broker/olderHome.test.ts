import * as fs from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { toParleyError } from '../../src/contract/errors';
import { decodeManifest, encodeManifest, sha256, type Manifest } from '../../src/store/manifest';
import { BrokerProcess, bundlePrograms, temporaryHome } from '../support/brokerProcess';
import { sqlForTests } from '../support/faultsIndex';
import { unpackHome } from '../support/homes/unpack';

let programs: string;
let broker: BrokerProcess;

beforeAll(async () => {
  programs = await bundlePrograms();
}, 60_000);

afterEach(() => broker.dispose());

afterAll(() => fs.rmSync(programs, { recursive: true }));

function oldHome(): string {
  const home = temporaryHome();
  unpackHome('format1', home);
  broker = new BrokerProcess(programs, home);
  return home;
}

const manifestOf = (home: string): Manifest =>
  decodeManifest(fs.readFileSync(path.join(home, 'manifest.json'))) as Manifest;

function changeManifest(home: string, change: (manifest: Manifest) => Manifest): void {
  fs.writeFileSync(path.join(home, 'manifest.json'), encodeManifest(change(manifestOf(home))));
}

describe('a home of format 1', () => {
  it('is opened with everything in it, its index raised to what this version has, and goes on', async () => {
    const home = oldHome();
    const before = manifestOf(home);
    expect(before).toMatchObject({ format: 1, checkpoints: [{ offset: 19 }], snapshots: [{ offset: 19 }] });
    await broker.start();
    const person = await broker.person();
    expect((await person.ask('status', {})).readOnly).toBeUndefined();
    const { agents } = await person.ask('who', {});
    expect(agents.map(({ name }) => name).sort()).toEqual(['Alex', 'Atlas', 'Nova', 'Sage']);
    const { threads } = await person.ask('threads', {});
    expect(threads.map(({ topic, state }) => [topic, state])).toEqual([
      ['Messages', 'open'],
      ['Notes', 'open'],
      ['Review of the parser', 'closed'],
    ]);
    const { messages } = await person.ask('read', { thread: threads[2]?.id ?? '' });
    expect(messages.filter(({ type }) => type === 'message').map(({ content }) => content)).toEqual([
      'Have you a minute?',
      'Yes. Which file?',
      'The parser loses the last line',
    ]);
    // Refs and topics were not in the lists of words then.
    expect((await person.ask('search', { query: 'lastLine' })).hits).toHaveLength(1);
    expect((await person.ask('search', { query: 'review parser' })).hits).toHaveLength(1);
    expect(manifestOf(home).format).toBeGreaterThan(1);
    await person.ask('erase', { thread: threads[2]?.id ?? '' });
    await broker.end('SIGTERM');
    await broker.start();
    expect((await (await broker.person()).ask('threads', {})).threads).toHaveLength(2);
  }, 60_000);
});

describe('a home of a newer format', () => {
  const refusal = async (): Promise<string> => {
    await expect(broker.start()).rejects.toThrow();
    return broker.stderr;
  };

  it('is refused by its manifest, and not changed', async () => {
    const home = oldHome();
    changeManifest(home, (manifest) => ({ ...manifest, format: 99 }));
    const before = fs.readFileSync(path.join(home, 'manifest.json'));
    expect(await refusal()).toContain('home_too_new');
    expect(fs.readFileSync(path.join(home, 'manifest.json'))).toEqual(before);
  });

  it('is refused by its checkpoint', async () => {
    const home = oldHome();
    const file = path.join(home, 'checkpoints/00000000000000000019.json');
    const body = fs.readFileSync(file, 'utf8').split('\n')[1]?.replace('"version":1', '"version":99') ?? '';
    const data = `${sha256(body)}\n${body}`;
    fs.writeFileSync(file, data);
    const cover = { length: Buffer.byteLength(data), sha256: sha256(data) };
    changeManifest(home, (manifest) => ({
      ...manifest,
      checkpoints: manifest.checkpoints.map((entry) => ({ ...entry, ...cover })),
    }));
    expect(await refusal()).toContain('home_too_new');
  });

  it('says so when only its index is newer', async () => {
    const home = oldHome();
    const file = path.join(home, 'state.db');
    const sql = await sqlForTests();
    const database = new sql.Database(fs.readFileSync(file));
    database.run(`update meta set value = 99 where key = 'format'`);
    const data = database.export();
    fs.writeFileSync(file, data);
    const cover = { length: data.length, sha256: sha256(data) };
    changeManifest(home, (manifest) => ({
      ...manifest,
      snapshots: manifest.snapshots.map((entry) => ({ ...entry, ...cover })),
    }));
    await broker.start();
    const person = await broker.person();
    const failed = await person.ask('threads', {}).catch((error: unknown) => toParleyError(error).code);
    expect(failed).toBe('index_failed');
    expect(fs.readFileSync(file)).toEqual(Buffer.from(data));
  });
});
