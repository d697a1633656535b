import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { equipment } from '../support/provision';
import { endProcessesOf } from '../support/workbenchProcesses';
import { runInHost } from '../support/workbenchHost';

test('inside the extension host Parley has all that it declares, and leaves nothing behind', async () => {
  const home = await mkdtemp(path.join(tmpdir(), 'parley-host-home-'));
  const started = Date.now();
  try {
    const { code, log } = await runInHost({
      // An unpacked build can stand in for the project's own while one works on the extension.
      extension: process.env['PARLEY_UNPACKED'] ?? equipment.root,
      tests: path.join(import.meta.dirname, 'host/parley.host.ts'),
      env: { PARLEY_HOME: home },
      settings: { 'chat.allowAnonymousAccess': true },
    });
    console.log(`in the extension host, ${Date.now() - started} ms:\n${log}`);
    expect(code, log).toBe(0);
    expect(log).toContain('it leaves nothing behind');
    expect(log).toContain('a window that cannot be opened answers its commands');
  } finally {
    await endProcessesOf(home);
    await rm(home, { recursive: true, force: true });
  }
});
