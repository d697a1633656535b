import * as fs from 'node:fs';
import * as path from 'node:path';
import { spawnSync } from 'node:child_process';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/client/clock';
import { readAdminToken } from '../../src/client/identityStore';
import { machineProcesses } from '../../src/client/processes';
import { checks, examine } from '../../src/health/examine';
import type { Finding, Patient } from '../../src/health/finding';
import { BrokerProcess, bundlePrograms, temporaryHome, testEdition } from '../support/brokerProcess';
import { until } from '../support/until';

/** The doctor at a real broker: what it finds, and what its fixes really mend. */

let programs: string;
let broker: BrokerProcess;

beforeAll(async () => {
  programs = await bundlePrograms(testEdition, ['broker', 'index-worker', 'parley']);
}, 60_000);
afterAll(() => fs.rmSync(programs, { recursive: true, force: true }));
beforeEach(async () => {
  broker = new BrokerProcess(programs, temporaryHome());
  await broker.start();
});
afterEach(async () => {
  const { pid } = broker.record() ?? {};
  await broker.dispose();
  // Whatever a fix has started is ours to end.
  if (pid !== undefined && machineProcesses().isAlive(pid)) process.kill(pid, 'SIGKILL');
});

function patient(more: Partial<Patient> = {}): Patient {
  const { home } = broker;
  return {
    home,
    launcher: path.join(home, 'bin', 'parley'),
    env: { PATH: '/usr/bin:/bin' },
    userFolder: home,
    platform: 'linux',
    version: testEdition.version,
    clock: systemClock,
    processes: machineProcesses(),
    autostart: { program: path.join(programs, 'broker.js'), env: { PATH: process.env['PATH'] } },
    personToken: () => readAdminToken(home),
    hands: {},
    ...more,
  };
}

async function find(id: string, more: Partial<Patient> = {}): Promise<Finding> {
  const table = checks.filter((check) => check.id === id);
  const [finding] = await examine(patient(more), undefined, table);
  return finding as Finding;
}

describe('the doctor', () => {
  it('finds nothing wrong with a broker that is well, and says what is in its journal and index', async () => {
    const nova = await broker.agent('Nova');
    await nova.ask('open', { topic: 'Parser' });
    const findings = await examine(patient());
    expect(
      findings.filter(({ state, check }) => state === 'fail' || (state === 'warn' && check !== 'launcher')),
    ).toEqual([]);
    const of = (id: string): string => findings.find(({ check }) => check === id)?.found ?? '';
    expect(of('journal')).toMatch(/^offset \d+, \d+ MiB, durability fsync$/);
    expect(of('index')).toMatch(/^threads: 1, answered in \d+ ms/);
    expect(of('answering')).toMatch(/^version 0\.0\.1, protocol \d+$/);
    expect(of('ringers')).toBe('Nova: hears when it asks');
  });

  it('who is not the person is told nothing that only the person may know', async () => {
    const more = { personToken: () => undefined };
    for (const check of ['index', 'ringers']) expect((await find(check, more)).state, check).toBe('none');
    expect((await find('answering', more)).state).toBe('ok');
  });

  it('starts a broker that does not run', async () => {
    await broker.end('SIGTERM');
    const found = await find('broker');
    expect(found).toMatchObject({ state: 'warn', found: 'does not run', fix: { name: 'startBroker' } });
    await found.fix?.run();
    expect((await find('answering')).state).toBe('ok');
  });

  it('sees a broker that was killed, and starts another', async () => {
    const before = broker.record()?.pid;
    await broker.end('SIGKILL');
    const found = await find('broker');
    expect(found).toMatchObject({ state: 'warn', found: `process ${before} is gone and has left its record` });
    await found.fix?.run();
    expect(broker.record()?.pid).not.toBe(before);
    expect((await find('broker')).state).toBe('ok');
  });

  it('offers no start from an agent’s sandbox', async () => {
    await broker.end('SIGTERM');
    expect((await find('broker', { env: { SANDBOX_RUNTIME: '1' } })).fix).toBeUndefined();
  });

  it('restarts a broker of another version, by the person’s word alone', async () => {
    const before = broker.record()?.pid;
    const found = await find('answering', { version: '9.9.9' });
    expect(found).toMatchObject({ state: 'warn', fix: { name: 'restartBroker', asks: expect.any(String) as string } });
    const stranger = await find('answering', { version: '9.9.9', personToken: () => undefined });
    await expect(stranger.fix?.run()).rejects.toThrow();
    expect(broker.record()?.pid).toBe(before);
    await found.fix?.run();
    expect(broker.record()?.pid).not.toBe(before);
    expect((await find('answering')).state).toBe('ok');
  });

  it('ends a broker that hangs, and no other process, and starts another with everything in it', async () => {
    const nova = await broker.agent('Nova');
    await nova.ask('open', { topic: 'Kept' });
    nova.close();
    const { pid = 0 } = broker.record() ?? {};
    process.kill(pid, 'SIGSTOP');
    const found = await find('answering');
    expect(found).toMatchObject({ state: 'fail', fix: { name: 'endBroker', asks: expect.any(String) as string } });
    await found.fix?.run();
    await until('the one that hung to be gone', () => !machineProcesses().isAlive(pid));
    expect((await find('index')).found).toContain('threads: 1');
  }, 40_000);

  it('repairs a damaged home and starts its broker, with what was said still there', async () => {
    const nova = await broker.agent('Nova');
    await nova.ask('open', { topic: 'Kept' });
    nova.close();
    await broker.end('SIGTERM');
    fs.writeFileSync(path.join(broker.home, 'manifest.json'), 'damaged');
    const found = await find('format');
    expect(found).toMatchObject({ state: 'fail', fix: { name: 'repairHome', asks: expect.any(String) as string } });
    await found.fix?.run();
    expect((await find('format')).state).toBe('ok');
    expect((await find('index')).found).toContain('threads: 1');
    expect((await find('journal')).state).not.toBe('fail');
  }, 40_000);
});

/** The user "nobody" on Linux; whoever runs the tests, when that is not root. */
const user = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};

it('a home that its owner may not write is told by the command line, with the fix that opens it', () => {
  const home = fs.mkdtempSync('/tmp/parley-shut-');
  try {
    if (user.uid !== undefined) fs.chownSync(home, user.uid, user.gid);
    fs.chmodSync(programs, 0o755);
    fs.chmodSync(home, 0o500);
    const asNobody = (...argv: string[]): string =>
      spawnSync(process.execPath, argv, { env: { PARLEY_HOME: home, HOME: home }, encoding: 'utf8', ...user }).stdout;
    // The obstacle is real.
    const tries = `try { require('fs').writeFileSync('${home}/x', '') } catch (error) { console.log(error.code) }`;
    expect(asNobody('-e', tries)).toBe('EACCES\n');
    const { findings } = JSON.parse(asNobody(path.join(programs, 'parley.js'), 'doctor', '--json')) as {
      findings: { check: string; state: string; fix?: string }[];
    };
    expect(findings.find(({ check }) => check === 'writing')).toMatchObject({ state: 'fail', fix: 'openHome' });
  } finally {
    fs.chmodSync(home, 0o700);
    fs.rmSync(home, { recursive: true });
  }
});
