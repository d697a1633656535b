import { execFile, execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { createServer, type Server } from 'node:net';
import * as path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { errorTexts, type ErrorCode } from '../../src/contract/errors';
import { bundlePrograms, temporaryHome, testEdition } from '../support/brokerProcess';

/** Root passes every check of permissions: where we are root, the command line runs as nobody. */
const isRoot = process.getuid?.() === 0;
const nobody = isRoot ? { uid: 65534, gid: 65534 } : {};

let programs: string;
let home: string;
let hanging: Server | undefined;

beforeAll(async () => {
  programs = await bundlePrograms(testEdition, ['broker', 'index-worker', 'parley']);
  fs.chmodSync(programs, 0o755);
});

beforeEach(() => {
  home = temporaryHome();
  if (nobody.uid !== undefined) fs.chownSync(home, nobody.uid, nobody.gid);
});

afterEach(() => {
  hanging?.close();
  hanging = undefined;
  fs.chmodSync(home, 0o700);
  fs.rmSync(home, { recursive: true, force: true });
});

afterAll(() => fs.rmSync(programs, { recursive: true, force: true }));

interface Failed {
  readonly exit: number;
  readonly error: { readonly code: string; readonly facts: Record<string, unknown> };
  readonly stderr: string;
}

/** Runs one command that must fail, and answers how. */
function failing(words: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Failed> {
  return new Promise((resolve, reject) => {
    const command = [path.join(programs, 'parley.js'), ...words, '--json'];
    const options = { env: { PATH: process.env['PATH'], HOME: home, PARLEY_HOME: home, ...env }, ...nobody };
    execFile(process.execPath, command, options, (error, stdout, stderr) => {
      if (!error) reject(new Error(`it succeeded: ${stdout}`));
      else resolve({ exit: Number(error.code), stderr, ...(JSON.parse(stdout) as Pick<Failed, 'error'>) });
    });
  });
}

function expectError(failed: Failed, code: ErrorCode): void {
  expect({ code: failed.error.code, exit: failed.exit }).toEqual({ code, exit: errorTexts[code].exit });
  expect(failed.stderr).toMatch(/^parley: .+\n$/);
}

/** A record as a broker leaves it. */
function writeRecord(socket: string): void {
  const record = {
    pid: process.pid,
    processStart: '',
    startedAt: 0,
    socket,
    version: '0.0.1',
    build: 1,
    protocol: 1,
    epoch: 1,
  };
  fs.writeFileSync(path.join(home, 'broker.json'), JSON.stringify(record), { mode: 0o644 });
}

async function listen(socket: string, mode: number): Promise<void> {
  const server = (hanging = createServer(() => undefined));
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  fs.chmodSync(socket, mode);
}

describe('what goes wrong on the way to the broker', () => {
  it('is said of a home that cannot be written; inside an agent it may be a sandbox', async () => {
    fs.chmodSync(home, 0o500);
    const write = `touch ${home}/x 2>/dev/null && echo written || echo refused`;
    expect(execFileSync('sh', ['-c', write], { ...nobody, encoding: 'utf8' }).trim()).toBe('refused');
    expectError(await failing(['register', '--name', 'Nova']), 'home_read_only');
    expectError(await failing(['register', '--name', 'Nova'], { CLAUDECODE: '1' }), 'sandboxed');
    expectError(await failing(['register', '--name', 'Nova'], { CODEX_SANDBOX: 'seatbelt' }), 'sandboxed');
  });

  it.runIf(isRoot)('is said of a socket that belongs to another user (needs root, to make one)', async () => {
    const socket = path.join(home, 'foreign.sock');
    await listen(socket, 0o777);
    expect(fs.statSync(socket).uid).not.toBe(nobody.uid);
    writeRecord(socket);
    const failed = await failing(['register', '--name', 'Nova']);
    expectError(failed, 'socket_foreign');
    expect(failed.error.facts).toEqual({ socket });
  });

  it('is said of a broker that hangs, after 5 s, with its process', async () => {
    const socket = path.join(home, 'hangs.sock');
    await listen(socket, 0o700);
    if (nobody.uid !== undefined) fs.chownSync(socket, nobody.uid, nobody.gid);
    writeRecord(socket);
    const failed = await failing(['register', '--name', 'Nova']);
    expectError(failed, 'broker_hangs');
    expect(failed.error.facts).toEqual({ pid: process.pid });
  });

  it('is said of a broker program that is missing', async () => {
    const broker = path.join(programs, 'broker.js');
    fs.renameSync(broker, `${broker}.away`);
    try {
      const failed = await failing(['register', '--name', 'Nova']);
      expectError(failed, 'broker_start_failed');
      expect(failed.stderr).toContain(`Cannot find module '${broker}'`);
    } finally {
      fs.renameSync(`${broker}.away`, broker);
    }
  });
});
