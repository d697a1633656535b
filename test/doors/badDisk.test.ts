import { execFile } from 'node:child_process';
import * as fs from 'node:fs';
import path from 'node:path';
import type { Client as McpClient } from '@modelcontextprotocol/sdk/client/index.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../../src/client/client';
import { errorTexts, toParleyError } from '../../src/contract/errors';
import { homeFiles } from '../../src/contract/home';
import { BrokerProcess, bundlePrograms, openLimits } from '../support/brokerProcess';
import { mcpClient } from '../support/mcpClient';
import { SmallDisk } from '../support/smallDisk';
import { until } from '../support/until';

/** The disk is full while the broker runs. The home is on a small file system of its own, which is really full. */

/** Room for the journal's segment and its spare (8 MiB each), the index and the logs, and little more. */
const mebibytes = 40;
/** More than a segment and its spare hold, in messages of 60 KiB. */
const mostMessages = 400;

const disk = mounted();
let programs: string;
let broker: BrokerProcess;
let atlas: Client & { token: string };
let nova: Client;
let mcp: McpClient;
let acknowledged = 0;

function mounted(): SmallDisk | undefined {
  try {
    return new SmallDisk(mebibytes);
  } catch (error) {
    console.log(`skipped: a full disk needs the right to mount one (${String(error).split('\n')[0]})`);
    return undefined;
  }
}

describe.runIf(disk)('a full disk', () => {
  beforeAll(async () => {
    programs = await bundlePrograms(undefined, ['broker', 'index-worker', 'parley']);
    const home = disk!.folder;
    fs.writeFileSync(path.join(home, homeFiles.settings), JSON.stringify({ durability: 'os', limits: openLimits }));
    broker = new BrokerProcess(programs, home);
    const { socket } = await broker.start();
    atlas = await broker.agent('Atlas');
    nova = await broker.agent('Nova');
    const identity = { id: 'atlas', name: 'Atlas', token: atlas.token, sessions: [], savedAt: 1 };
    fs.writeFileSync(path.join(home, 'identities/atlas.json'), JSON.stringify(identity), { mode: 0o600 });
    mcp = await mcpClient(socket, atlas.token);
  });
  afterAll(async () => {
    await mcp?.close();
    await broker?.end('SIGTERM');
    disk?.remove();
    fs.rmSync(programs, { recursive: true, force: true });
  });

  it('is met by the broker once the room that it set aside is used up', async () => {
    expect(() => disk!.fill()).toThrow('ENOSPC');
    const text = 'x'.repeat(60 * 1024);
    const refused = (async () => {
      for (; acknowledged < mostMessages; acknowledged++)
        await atlas.ask('message', { to: 'Nova', text: `${acknowledged} ${text}` });
    })();
    expect(toParleyError(await refused.catch((error: unknown) => error)).code).toBe('storage_full');
    expect(acknowledged).toBeGreaterThan(100);
  });

  it('refuses a message over rpc with what to do', async () => {
    const error = await atlas.ask('message', { to: 'Nova', text: 'more' }).catch((caught: unknown) => caught);
    expect(toParleyError(error).code).toBe('storage_full');
    expect(toParleyError(error).message).toContain('disk');
  });

  it('refuses a message over MCP as the result of the tool', async () => {
    const result = await mcp.callTool({ name: 'send', arguments: { to: 'Nova', text: 'more' } });
    expect(result.isError).toBe(true);
    expect(JSON.stringify(result.content)).toContain('storage_full');
  });

  it('refuses a message on the command line with its exit code and one line', async () => {
    const { exit, stderr, stdout } = await parley('message', 'Nova', 'more');
    expect({ exit, stdout }).toEqual({ exit: errorTexts.storage_full.exit, stdout: '' });
    expect(stderr).toMatch(/^parley: [^\n]+\n$/);
  });

  it('leaves reading as it was, in every door', async () => {
    const { threads } = await nova.ask('threads', {});
    const thread = threads[0]!.id;
    const last = String(acknowledged - 1);
    const { messages } = await nova.ask('read', { thread });
    expect(messages.at(-1)?.content.startsWith(`${last} x`)).toBe(true);
    expect((await atlas.ask('who', {})).agents.map(({ name }) => name)).toContain('Nova');
    const read = await mcp.callTool({ name: 'read', arguments: { thread } });
    expect(read.isError ?? false).toBe(false);
    expect((await parley('read', thread)).stdout).toContain(`${last} x`);
    expect((await parley('who')).stdout).toContain('Nova');
  });

  it('is over without a restart once there is room again, and nothing that was acknowledged is missing', async () => {
    const { pid } = broker.record()!;
    disk!.free();
    await until('writing to go on', () => atlas.ask('message', { to: 'Nova', text: 'at last' }).catch(() => false));
    expect(broker.record()?.pid).toBe(pid);
    expect((await mcp.callTool({ name: 'send', arguments: { to: 'Nova', text: 'over MCP' } })).isError ?? false).toBe(
      false,
    );
    expect((await parley('message', 'Nova', 'by command')).exit).toBe(0);
    const before = Array.from({ length: acknowledged }, (_, index) => String(index));
    const all = [...before, 'at last', 'over MCP', 'by command'];
    expect(await everything()).toEqual(all);
    // The journal on the disk says the same.
    await broker.end('SIGKILL');
    await broker.start();
    expect(await everything()).toEqual(all);
  });
});

/** The beginnings of all that Nova was ever told in its thread with Atlas. */
async function everything(): Promise<string[]> {
  const { threads } = await nova.ask('threads', {});
  const contents: string[] = [];
  for (let after = 0, more = 1; more > 0;) {
    const page = await nova.ask('read', { thread: threads[0]!.id, after });
    const said = page.messages.filter(({ type }) => type === 'message');
    contents.push(...said.map(({ content }) => content.split(' x')[0] ?? ''));
    after = page.messages.at(-1)?.seq ?? after;
    ({ more } = page);
  }
  return contents;
}

function parley(...args: string[]): Promise<{ exit: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const env = { PATH: process.env['PATH'], HOME: broker.home, PARLEY_HOME: broker.home, PARLEY_AGENT: 'Atlas' };
    const command = [path.join(programs, 'parley.js'), ...args];
    const child = execFile(process.execPath, command, { env, maxBuffer: 1e8 }, (error, stdout, stderr) =>
      resolve({ exit: error ? Number(error.code) : 0, stdout, stderr }),
    );
    child.stdin?.end();
  });
}
