import { execFile } from 'node:child_process';
import * as fs from 'node:fs';
import path from 'node:path';
import type { Client as McpClient } from '@modelcontextprotocol/sdk/client/index.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../../src/client/client';
import { errorTexts, toParleyError } from '../../src/contract/errors';
import type { ListenEvent } from '../../src/contract/views';
import { BrokerProcess, bundlePrograms, temporaryHome } from '../support/brokerProcess';
import { mcpClient } from '../support/mcpClient';
import { until } from '../support/until';

/** Somebody comes back after more than the 7 days for which events are kept: over each door, in turn. */

const day = 24 * 60 * 60_000;
const doors = ['Rpc', 'Mcp', 'Cli', 'Watcher'] as const;
type Door = (typeof doors)[number];

let programs: string;
let broker: BrokerProcess;
let mcp: McpClient;
const agents = new Map<Door, Client & { token: string }>();

const expired = 'cursor_expired';

beforeAll(async () => {
  programs = await bundlePrograms(undefined, ['clock-broker', 'index-worker', 'parley']);
  broker = new BrokerProcess(programs, temporaryHome({ durability: 'os' }), process.execPath, 'clock-broker');
  broker.turnClock(0);
  const { socket } = await broker.start();
  const atlas = await broker.agent('Atlas');
  for (const door of doors) {
    agents.set(door, await broker.agent(door));
    await atlas.ask('message', { to: door, text: 'from long ago' });
  }
  // A cursor from before somebody came is always too old; from here on this one knows of what will be.
  const came = toParleyError(
    await agents
      .get('Rpc')!
      .ask('listen', { cursor: 0 })
      .catch((caught: unknown) => caught),
  );
  const cursor = Number(came.facts['cursor']);
  expect(await codeOf(agents.get('Rpc')!.ask('listen', { cursor }))).toBe('no error');
  broker.turnClock(8 * day);
  // What is too old goes with the next sweep; this door's agent is not asked for anything but its error.
  await until('the sweep', async () => (await codeOf(agents.get('Rpc')!.ask('listen', { cursor }))) === expired);
  for (const door of doors) await atlas.ask('message', { to: door, text: 'from today' });
  keepToken('Cli');
  mcp = await mcpClient(socket, agents.get('Mcp')!.token);
});
afterAll(async () => {
  await mcp?.close();
  await broker?.dispose();
  fs.rmSync(programs, { recursive: true, force: true });
});

describe('a cursor from before what is kept', () => {
  it('is refused over rpc with a cursor that works and what waits', async () => {
    const rpc = agents.get('Rpc')!;
    const error = toParleyError(await rpc.ask('listen', { cursor: 0 }).catch((caught: unknown) => caught));
    expect(error.code).toBe(expired);
    expect(error.facts).toMatchObject({ calls: 0, unread: 2 });
    expect(error.message).toContain(`cursor ${String(error.facts['cursor'])}`);
    const { events } = await rpc.ask('listen', { cursor: Number(error.facts['cursor']) });
    expect(texts(events)).toEqual(['from today']);
  });

  it('is refused as the result of the MCP tool, with a cursor that works', async () => {
    const result = await mcp.callTool({ name: 'listen', arguments: { cursor: 0 } });
    expect(result.isError).toBe(true);
    const said = JSON.stringify(result.content);
    expect(said).toContain(expired);
    const cursor = Number(/cursor (\d+)/.exec(said)?.[1]);
    const again = await mcp.callTool({ name: 'listen', arguments: { cursor } });
    expect(JSON.stringify(again.content)).toContain('from today');
  });

  it('is refused by the command line with its exit code and a cursor that works', async () => {
    const { exit, stderr } = await parley('poll', '--cursor', '0');
    expect(exit).toBe(errorTexts.cursor_expired.exit);
    const cursor = /cursor (\d+)/.exec(stderr)?.[1] ?? '';
    expect((await parley('poll', '--cursor', cursor)).stdout).toContain('from today');
  });
});

describe('a listen without a cursor, when something was let go unheard', () => {
  it('says so once over rpc, then carries on', async () => {
    const rpc = agents.get('Rpc')!;
    const first = await rpc.ask('listen', {});
    expect(first.events.map(({ what }) => what)).toEqual(['gap', 'message']);
    expect(texts(first.events)).toEqual(['from today']);
    await until('the position to move', async () => (await rpc.ask('listen', {})).events.length === 0);
  });

  it('says so once over MCP, and where the rest is', async () => {
    const first = await mcp.callTool({ name: 'listen', arguments: { wait: 0 } });
    expect(first.structuredContent).toMatchObject({ events: [{ what: 'gap' }, { what: 'message' }] });
    expect(JSON.stringify(first.content)).toContain('not kept any more');
    const second = await mcp.callTool({ name: 'listen', arguments: { wait: 0 } });
    expect(JSON.stringify(second.content)).not.toContain('not kept any more');
  });

  it('says so once on the command line', async () => {
    const first = await parley('poll');
    expect(first.stdout).toMatch(/^{"what":"gap",.*}\n{"what":"message",.*from today.*}\n$/);
    expect((await parley('poll')).stdout).toBe('');
  });

  it('says so once in a subscription', async () => {
    const { token } = agents.get('Watcher')!;
    const heard: ListenEvent[] = [];
    const watcher = await broker.connect({ token });
    watcher.subscribe((event) => void heard.push(event));
    await until('today’s message', () => texts(heard).includes('from today'));
    expect(heard.map(({ what }) => what)).toEqual(['gap', 'message']);
    await until('what was heard to be confirmed', async () => (await watcher.ask('listen', {})).events.length === 0);
  });

  it('leaves the message itself readable', async () => {
    const rpc = agents.get('Rpc')!;
    const { threads } = await rpc.ask('threads', {});
    const { messages } = await rpc.ask('read', { thread: threads[0]!.id });
    expect(messages.map(({ content }) => content)).toEqual(expect.arrayContaining(['from long ago', 'from today']));
  });
});

function texts(events: readonly ListenEvent[]): string[] {
  return events.flatMap((event) => (event.what === 'message' ? [event.message.content] : []));
}

function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'no error',
    (error: unknown) => toParleyError(error).code,
  );
}

/** The token as `parley register` keeps it. */
function keepToken(name: Door): void {
  const record = { id: name.toLowerCase(), name, token: agents.get(name)!.token, sessions: [], savedAt: 1 };
  const file = path.join(broker.home, 'identities', `${record.id}.json`);
  fs.writeFileSync(file, JSON.stringify(record), { mode: 0o600 });
}

function parley(...args: string[]): Promise<{ exit: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const env = { PATH: process.env['PATH'], HOME: broker.home, PARLEY_HOME: broker.home, PARLEY_AGENT: 'Cli' };
    const command = [path.join(programs, 'parley.js'), ...args];
    const child = execFile(process.execPath, command, { env }, (error, stdout, stderr) =>
      resolve({ exit: error ? Number(error.code) : 0, stdout, stderr }),
    );
    child.stdin?.end();
  });
}
