import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { runInHost } from '../support/workbenchHost';
import { startProbeServer } from './probeServer';

test('tests run inside the extension host and call a tool over a Unix socket', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'parley-probe-'));
  const server = await startProbeServer(path.join(folder, 'mcp.sock'));
  const started = Date.now();
  try {
    const { code, log } = await runInHost({
      extension: path.join(import.meta.dirname, 'fixtures/probe'),
      tests: path.join(import.meta.dirname, 'host/probe.host.ts'),
      env: { PROBE_SOCKET: server.address },
      settings: { 'chat.allowAnonymousAccess': true },
    });
    console.log(`tests in the extension host: ${Date.now() - started} ms`);
    expect(code, log).toBe(0);
    expect(log).toContain('tools: mcp_probe_echo');
    expect(server.echoed).toEqual(['from the host']);
  } finally {
    await server.stop();
    await rm(folder, { recursive: true });
  }
});
