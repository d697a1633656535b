import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { toParleyError } from '../../src/contract/errors';
import { decodeManifest, encodeManifest } from '../../src/store/manifest';
import { BrokerProcess, bundlePrograms, temporaryHome, testEdition } from '../support/brokerProcess';
import { until } from '../support/until';

let programs: string;
const brokers: BrokerProcess[] = [];

beforeAll(async () => {
  programs = await bundlePrograms(testEdition, ['broker', 'clock-broker', 'index-worker']);
});
afterEach(async () => {
  for (const broker of brokers.splice(0)) await broker.dispose();
});
afterAll(() => fs.rmSync(programs, { recursive: true, force: true }));

function brokerAt(home: string, folder = programs): BrokerProcess {
  const broker = new BrokerProcess(folder, home);
  brokers.push(broker);
  return broker;
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'no error',
    (error: unknown) => toParleyError(error).code,
  );
}

/** Which error the broker's program named as its last line when it ended. */
function lastError(broker: BrokerProcess): { code: string; message: string } {
  return JSON.parse(broker.stderr.trim().split('\n').at(-1) ?? '{}') as { code: string; message: string };
}

describe('the home', () => {
  it('is ours alone: folder 0700, socket, token and record 0600, whatever the umask', async () => {
    const home = temporaryHome();
    fs.chmodSync(home, 0o755);
    const umask = process.umask(0);
    try {
      const record = await brokerAt(home).start();
      const mode = (file: string): string => (fs.statSync(file).mode & 0o777).toString(8);
      expect(mode(home)).toBe('700');
      expect(mode(record.socket)).toBe('600');
      for (const file of ['admin.token', 'broker.json']) expect(mode(path.join(home, file))).toBe('600');
      for (const folder of ['identities', 'logs']) expect(mode(path.join(home, folder))).toBe('700');
    } finally {
      process.umask(umask);
    }
  });

  it('may have a path that is too long for a socket', async () => {
    const home = path.join(temporaryHome(), 'a'.repeat(60), 'b'.repeat(60));
    fs.mkdirSync(home, { recursive: true });
    const broker = brokerAt(home);
    const { socket } = await broker.start();
    expect(Buffer.byteLength(path.join(home, 'broker.sock'))).toBeGreaterThan(107);
    expect(Buffer.byteLength(socket)).toBeLessThanOrEqual(107);
    expect((fs.statSync(path.dirname(socket)).mode & 0o777).toString(8)).toBe('700');
    const atlas = await broker.agent('Atlas');
    expect((await atlas.ask('who', {})).you).toBe('Atlas');
  });

  it('is one of several: two homes at once know nothing of each other', async () => {
    const [one, two] = [brokerAt(temporaryHome()), brokerAt(temporaryHome())];
    await Promise.all([one.start(), two.start()]);
    const [atlas, nova] = [await one.agent('Atlas'), await two.agent('Nova')];
    const names = async (client: typeof atlas): Promise<string[]> =>
      (await client.ask('who', {})).agents.filter((agent) => agent.kind === 'agent').map((agent) => agent.name);
    expect([await names(atlas), await names(nova)]).toEqual([['Atlas'], ['Nova']]);
    const stray = await two.connect({ token: atlas.token }).catch((error: unknown) => toParleyError(error).code);
    expect(stray).toBe('unauthorized');
  });

  it('has one broker: a second start ends and says who writes there', async () => {
    const home = temporaryHome();
    const first = brokerAt(home);
    await first.start();
    const second = new BrokerProcess(programs, home);
    await expect(second.start()).rejects.toThrow('exit 53');
    expect(lastError(second).code).toBe('broker_already_running');
    expect((await (await first.agent('Atlas')).ask('who', {})).you).toBe('Atlas');
  });

  it('of a newer Parley is refused with what to do', async () => {
    const home = temporaryHome();
    const broker = brokerAt(home);
    await broker.start();
    await broker.end('SIGTERM');
    const file = path.join(home, 'manifest.json');
    const manifest = decodeManifest(fs.readFileSync(file))!;
    fs.writeFileSync(file, encodeManifest({ ...manifest, format: manifest.format + 1 }));
    await expect(broker.start()).rejects.toThrow('exit 60');
    expect(lastError(broker).message).toContain('Update Parley');
  });

  it('with settings that are wrong says which entry', async () => {
    const broker = brokerAt(temporaryHome({ limits: { messageBites: 3 } }));
    await expect(broker.start()).rejects.toThrow('exit 2');
    expect(lastError(broker).message).toContain('messageBites');
  });
});

describe('without the right to', () => {
  /** Root passes every check of permissions: these run as nobody. */
  const nobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};

  function asNobody(...script: string[]): string {
    return execFileSync('sh', ['-c', script.join('; ')], { ...nobody, encoding: 'utf8' });
  }

  it('write the home, the broker does not start and says so', async () => {
    const home = temporaryHome();
    fs.chmodSync(home, 0o555);
    fs.chmodSync(programs, 0o755);
    expect(asNobody(`touch ${home}/probe 2>/dev/null && echo written || echo denied`).trim()).toBe('denied');
    const broker = brokerAt(home);
    await expect(broker.start({}, nobody)).rejects.toThrow('exit 61');
    expect(lastError(broker).message).toContain(home);
  });

  it('use the folder of the socket, the broker does not start and says so', async () => {
    const parent = temporaryHome();
    fs.chmodSync(parent, 0o755);
    const home = path.join(parent, 'h'.repeat(100));
    fs.mkdirSync(home);
    const runtime = fs.mkdtempSync(path.join(tmpdir(), 'parley-runtime-'));
    fs.mkdirSync(path.join(runtime, 'parley'), { mode: 0o700 });
    if (nobody.uid !== undefined) fs.chownSync(home, nobody.uid, nobody.gid);
    fs.chmodSync(runtime, 0o755);
    // The folder is there and belongs to somebody else.
    expect(asNobody(`ls ${runtime}/parley 2>/dev/null && echo open || echo denied`).trim()).toBe(
      nobody.uid === undefined ? 'open' : 'denied',
    );
    if (nobody.uid === undefined) return;
    const broker = brokerAt(home);
    await expect(broker.start({ XDG_RUNTIME_DIR: runtime }, nobody)).rejects.toThrow('exit 63');
    expect(lastError(broker)).toMatchObject({ code: 'socket_folder_denied' });
    expect(lastError(broker).message).toContain('another user');
    fs.rmSync(runtime, { recursive: true });
    await broker.dispose();
    fs.rmSync(parent, { recursive: true });
  });
});

describe('the broker', () => {
  it('ends cleanly on SIGTERM: the record is gone, the next start replays nothing and everyone is who they were', async () => {
    const broker = brokerAt(temporaryHome());
    await broker.start();
    const [atlas, nova] = [await broker.agent('Atlas'), await broker.agent('Nova')];
    await atlas.ask('message', { to: 'Nova', text: 'still there?' });
    await broker.end('SIGTERM');
    expect(broker.record()).toBeUndefined();
    expect(fs.existsSync(path.join(broker.home, 'lock'))).toBe(false);
    await broker.start();
    const { events } = await nova.ask('listen', {});
    expect(events.at(-1)).toMatchObject({ message: { content: 'still there?', fromName: 'Atlas' } });
  });

  it('that was killed comes back with the call still ringing, and both are back as themselves within 5 s', async () => {
    const broker = brokerAt(temporaryHome());
    await broker.start();
    const [atlas, nova] = [await broker.agent('Atlas'), await broker.agent('Nova')];
    const { call } = await atlas.ask('call', { to: 'Nova', topic: 'Are you there?' });
    await broker.end('SIGKILL');
    const began = Date.now();
    await broker.start();
    const { calls } = await nova.ask('inbox', {});
    expect(calls).toMatchObject([{ id: call.id, to: [{ state: 'ringing' }] }]);
    await nova.ask('answer', { call: call.id, answer: 'accept' });
    await until('both to be in the call', async () => {
      const { agents } = await atlas.ask('who', {});
      return agents.filter((agent) => agent.presence === 'in-call').length === 2;
    });
    expect(Date.now() - began).toBeLessThan(5000);
  });

  it('ends by itself when nobody has been connected for ten minutes, and not before', async () => {
    const broker = new BrokerProcess(programs, temporaryHome(), process.execPath, 'clock-broker');
    brokers.push(broker);
    broker.turnClock(0);
    await broker.start();
    const atlas = await broker.agent('Atlas');
    const { pid } = broker;
    let ahead = 11 * 60_000;
    broker.turnClock(ahead);
    expect((await atlas.ask('who', {})).you).toBe('Atlas');
    atlas.close();
    // Turned again and again: when the broker notices that the connection has gone is its own business.
    await until('the broker to end', () => {
      if (!isRunning(pid)) return true;
      broker.turnClock((ahead += 11 * 60_000));
      return false;
    });
    expect(broker.record()).toBeUndefined();
  });

  it('that hangs is told apart from one that is gone', async () => {
    const broker = brokerAt(temporaryHome());
    await broker.start();
    process.kill(broker.pid, 'SIGSTOP');
    try {
      expect(await codeOf(broker.connect())).toBe('broker_hangs');
    } finally {
      process.kill(broker.pid, 'SIGCONT');
    }
    await broker.end();
    expect(await codeOf(broker.connect())).toBe('broker_gone');
  });

  it('keeps what was said and who holds a token out of its log', async () => {
    const broker = brokerAt(temporaryHome());
    await broker.start();
    const [atlas] = [await broker.agent('Atlas'), await broker.agent('Nova')];
    await atlas.ask('call', { to: 'Nova', topic: 'a-secret-topic', message: 'a-secret-message' });
    await broker.end('SIGTERM');
    const log = fs.readFileSync(path.join(broker.home, 'logs/broker.log'), 'utf8');
    expect(log).toContain('started');
    expect(log).not.toContain('secret');
    expect(log).not.toContain(atlas.token);
    const journal = fs
      .readdirSync(path.join(broker.home, 'journal'))
      .map((name) => fs.readFileSync(path.join(broker.home, 'journal', name), 'latin1'));
    expect(journal.join('')).not.toContain(atlas.token);
  });
});

describe('a hand-over', () => {
  it('from an older build in the middle of a call keeps the call, and the older never comes back', async () => {
    const home = temporaryHome();
    const newer = await bundlePrograms({ version: testEdition.version, build: testEdition.build + 1 });
    try {
      const older = brokerAt(home);
      const before = await older.start();
      const [atlas, nova] = [await older.agent('Atlas'), await older.agent('Nova')];
      const { call } = await atlas.ask('call', { to: 'Nova', topic: 'Before and after', message: 'one' });
      const { thread } = await nova.ask('answer', { call: call.id, answer: 'accept' });
      const waiting = nova.ask('listen', { wait: 20 });
      // A program of the newer build comes along, as a window does after an update.
      const autostart = {
        program: path.join(newer, 'broker.js'),
        env: process.env,
        version: testEdition.version,
        build: testEdition.build + 1,
      };
      const began = Date.now();
      await older.connect({ autostart });
      await until('the newer broker', () => older.record()?.build === testEdition.build + 1, 10_000);
      await atlas.ask('send', { thread: thread!, text: 'two' });
      const heard = await waiting;
      expect(
        heard.events.some((event) => event.what === 'message' && event.message.content === 'two') ||
          heard.events.length > 0,
      ).toBe(true);
      const { messages } = await nova.ask('read', { thread: thread! });
      expect(messages.filter((message) => message.type === 'message').map((message) => message.content)).toEqual([
        'one',
        'two',
      ]);
      expect(Date.now() - began).toBeLessThan(10_000);
      const after = older.record();
      expect(after?.pid).not.toBe(before.pid);
      process.kill(after!.pid, 'SIGTERM');
      await until('the newer broker to end', () => !isRunning(after!.pid), 5000);
      await expect(older.start()).rejects.toThrow('exit 58');
      expect(lastError(older).code).toBe('superseded');
    } finally {
      fs.rmSync(newer, { recursive: true });
    }
  });
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
