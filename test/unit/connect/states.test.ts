import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build } from 'esbuild';
import { clientNames } from '../../../src/connect/clientNames';
import { stateNames } from '../../support/connectStates';

/** The user "nobody" on Linux; whoever runs the tests, when that is not root: permissions hold neither back from root. */
const user = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};

let root: string;
let results: Readonly<Record<string, string>>;

beforeAll(async () => {
  root = fs.mkdtempSync('/tmp/parley-states-');
  fs.chmodSync(root, 0o755);
  const program = path.join(root, 'program.cjs');
  await build({
    entryPoints: [path.resolve('test/support/connectStates.ts')],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    outfile: program,
    alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
    logLevel: 'error',
  });
  const rooms = path.join(root, 'rooms');
  fs.mkdirSync(rooms);
  if (user.uid !== undefined) fs.chownSync(rooms, user.uid, user.gid);
  const ran = spawnSync(process.execPath, [program, 'run', rooms], { env: { HOME: rooms }, encoding: 'utf8', ...user });
  expect(ran.stderr).toBe('');
  results = JSON.parse(ran.stdout) as typeof results;
}, 120_000);
afterAll(() => fs.rmSync(root, { recursive: true, force: true }));

describe.each(clientNames)('connecting %s and taking it out again, as a user who is not root, with files', (client) => {
  it.each(stateNames)('%s: none is broken, lost or left changed', (state) => {
    expect(results[`${client}, ${state}`]).toBe('');
  });
});
