import { execFile } from 'node:child_process';
import * as fs from 'node:fs';
import path from 'node:path';
import type { Client as McpClient } from '@modelcontextprotocol/sdk/client/index.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../../src/client/client';
import { errorTexts, toParleyError, type ErrorCode } from '../../src/contract/errors';
import type { OperationName } from '../../src/contract/operations';
import { BrokerProcess, bundlePrograms, openLimits, temporaryHome } from '../support/brokerProcess';
import { mcpClient } from '../support/mcpClient';

/** One thing done wrong, in the words of each door that has it. */
interface Wrong {
  readonly what: string;
  readonly code: ErrorCode;
  readonly rpc: readonly [OperationName, object];
  readonly mcp?: readonly [string, object];
  readonly cli?: readonly string[];
}

let programs: string;
let broker: BrokerProcess;
let atlas: Client & { token: string };
let mcp: McpClient;
/** Ids that the table needs: a call answered already, a call of others, a closed thread, a thread of others. */
const ids = { answered: '', theirs: '', closed: '', foreign: '' };

beforeAll(async () => {
  programs = await bundlePrograms(undefined, ['broker', 'index-worker', 'parley']);
  broker = new BrokerProcess(programs, temporaryHome({ durability: 'os', limits: { ...openLimits, inboxItems: 40 } }));
  const { socket } = await broker.start();
  atlas = await broker.agent('Atlas');
  fs.writeFileSync(
    path.join(broker.home, 'identities', 'atlas.json'),
    JSON.stringify({ id: 'atlas', name: 'Atlas', token: atlas.token, sessions: [], savedAt: 1 }),
    { mode: 0o600 },
  );
  mcp = await mcpClient(socket, atlas.token);
  const [nova, echo, sage] = [await broker.agent('Nova'), await broker.agent('Echo'), await broker.agent('Sage')];
  const first = await atlas.ask('call', { to: 'Nova', topic: 'Over soon' });
  const { thread } = await nova.ask('answer', { call: first.call.id, answer: 'accept' });
  await nova.ask('leave', {});
  ids.answered = first.call.id;
  ids.closed = thread!;
  ids.foreign = (await nova.ask('message', { to: 'Echo', text: 'between us' })).message.thread;
  ids.theirs = (await nova.ask('call', { to: 'Echo', topic: 'between us' })).call.id;
  // Sage's inbox is full.
  await atlas.ask('message', { to: 'Sage', text: 'first', key: 'used' });
  for (let index = 1; index < 40; index++) await atlas.ask('message', { to: 'Sage', text: `message ${index}` });
  await Promise.all([nova, echo, sage].map((client) => client.ask('who', {})));
});
afterAll(async () => {
  await mcp.close();
  await broker.dispose();
  fs.rmSync(programs, { recursive: true, force: true });
});

const huge = 'x'.repeat(64 * 1024 + 1);

/** Made when the test runs: the ids are known then. */
const table: readonly { what: string; of: () => Omit<Wrong, 'what'> }[] = [
  {
    what: 'an agent that is not there',
    of: () => ({
      code: 'unknown_agent',
      rpc: ['call', { to: 'Zed', topic: 'x' }],
      mcp: ['call', { to: 'Zed', topic: 'x' }],
      cli: ['call', 'Zed', '--topic', 'x'],
    }),
  },
  {
    what: 'oneself',
    of: () => ({
      code: 'cannot_call_yourself',
      rpc: ['message', { to: 'Atlas', text: 'x' }],
      mcp: ['send', { to: 'Atlas', text: 'x' }],
      cli: ['message', 'Atlas', 'x'],
    }),
  },
  {
    what: 'a name that is taken',
    of: () => ({
      code: 'name_taken',
      rpc: ['profile', { name: 'nova' }],
      mcp: ['profile', { name: 'nova' }],
      cli: ['profile', '--name', 'nova'],
    }),
  },
  {
    what: 'a name that is none',
    of: () => ({
      code: 'bad_name',
      rpc: ['profile', { name: '4 you' }],
      mcp: ['profile', { name: '4 you' }],
      cli: ['profile', '--name', '4 you'],
    }),
  },
  {
    what: 'an empty topic',
    of: () => ({
      code: 'empty_topic',
      rpc: ['call', { to: 'Nova', topic: ' \u0007 ' }],
      mcp: ['call', { to: 'Nova', topic: ' \u0007 ' }],
      cli: ['call', 'Nova', '--topic', ' \u0007 '],
    }),
  },
  {
    what: 'a topic that is too long',
    of: () => ({
      code: 'topic_too_long',
      rpc: ['call', { to: 'Nova', topic: 'x'.repeat(201) }],
      mcp: ['call', { to: 'Nova', topic: 'x'.repeat(201) }],
      cli: ['call', 'Nova', '--topic', 'x'.repeat(201)],
    }),
  },
  {
    what: 'an empty text',
    of: () => ({
      code: 'empty_text',
      rpc: ['message', { to: 'Nova', text: ' ' }],
      mcp: ['send', { to: 'Nova', text: ' ' }],
      cli: ['message', 'Nova', ' '],
    }),
  },
  {
    what: 'a huge text',
    of: () => ({
      code: 'message_too_long',
      rpc: ['message', { to: 'Nova', text: huge }],
      mcp: ['send', { to: 'Nova', text: huge }],
      cli: ['message', 'Nova', huge],
    }),
  },
  {
    what: 'a thread that is not there',
    of: () => ({
      code: 'unknown_thread',
      rpc: ['send', { thread: 'nowhere', text: 'x' }],
      mcp: ['send', { thread: 'nowhere', text: 'x' }],
      cli: ['send', 'x', '--thread', 'nowhere'],
    }),
  },
  {
    what: 'a thread of others',
    of: () => ({
      code: 'unknown_thread',
      rpc: ['read', { thread: ids.foreign }],
      mcp: ['read', { thread: ids.foreign }],
      cli: ['read', ids.foreign],
    }),
  },
  {
    what: 'a closed thread',
    of: () => ({
      code: 'thread_closed',
      rpc: ['send', { thread: ids.closed, text: 'x' }],
      mcp: ['send', { thread: ids.closed, text: 'x' }],
      cli: ['send', 'x', '--thread', ids.closed],
    }),
  },
  {
    what: 'no thread at all',
    of: () => ({
      code: 'no_current_thread',
      rpc: ['send', { text: 'x' }],
      mcp: ['send', { text: 'x' }],
      cli: ['send', 'x'],
    }),
  },
  {
    what: 'a call that was answered already',
    of: () => ({
      code: 'call_over',
      rpc: ['cancel', { call: ids.answered }],
      mcp: ['call', { cancel: ids.answered }],
      cli: ['cancel', ids.answered],
    }),
  },
  {
    what: 'a call of others',
    of: () => ({
      code: 'not_your_call',
      rpc: ['answer', { call: ids.theirs, answer: 'accept' }],
      mcp: ['answer', { call: ids.theirs, answer: 'accept' }],
      cli: ['accept', ids.theirs],
    }),
  },
  {
    what: 'a call that is not there',
    of: () => ({
      code: 'unknown_call',
      rpc: ['answer', { call: 'nothing', answer: 'accept' }],
      mcp: ['answer', { call: 'nothing', answer: 'accept' }],
      cli: ['accept', 'nothing'],
    }),
  },
  {
    what: 'a key used for two texts',
    of: () => ({
      code: 'key_conflict',
      rpc: ['message', { to: 'Sage', text: 'second', key: 'used' }],
      mcp: ['send', { to: 'Sage', text: 'second', key: 'used' }],
      cli: ['message', 'Sage', 'second', '--key', 'used'],
    }),
  },
  {
    what: 'a full inbox',
    of: () => ({
      code: 'inbox_full',
      rpc: ['message', { to: 'Sage', text: 'one too many' }],
      mcp: ['send', { to: 'Sage', text: 'one too many' }],
      cli: ['message', 'Sage', 'one too many'],
    }),
  },
  {
    what: 'an argument of a wrong kind',
    of: () => ({
      code: 'bad_input',
      rpc: ['listen', { limit: -1 }],
      mcp: ['listen', { limit: -1 }],
      cli: ['poll', '--limit', '-1'],
    }),
  },
];

describe.each(table)('$what', ({ of }) => {
  it('is refused over rpc with its code and what to do', async () => {
    const { code, rpc } = of();
    const error = toParleyError(await atlas.ask(rpc[0], rpc[1] as never).catch((caught: unknown) => caught));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(/[.!?]$/);
  });

  it('is refused as the result of the MCP tool, which a model can read', async () => {
    const { code, mcp: ask } = of();
    if (!ask) throw new Error('the table must name the tool');
    const result = await mcp.callTool({ name: ask[0], arguments: ask[1] as Record<string, unknown> });
    expect(result.isError).toBe(true);
    expect(JSON.stringify(result.content)).toContain(code);
  });

  it('is refused by the command line with its exit code and one line', async () => {
    const { code, cli } = of();
    const { exit, stderr, stdout } = await parley(...(cli ?? []));
    expect({ exit, stdout }).toEqual({ exit: errorTexts[code].exit, stdout: '' });
    expect(stderr).toMatch(/^parley: [^\n]+\n$/);
  });
});

describe('somebody whom nobody knows', () => {
  it('is asked who they are, over the command line and over rpc', async () => {
    const { exit, stderr } = await parleyAs({}, 'who');
    expect(exit).toBe(errorTexts.who_are_you.exit);
    expect(stderr).toContain('parley register --name');
    const stranger = await broker.connect();
    expect(toParleyError(await stranger.ask('who', {}).catch((caught: unknown) => caught)).code).toBe('who_are_you');
  });

  it('is told over MCP that the token is missing, or not known', async () => {
    const { socket } = broker.record()!;
    await expect(mcpClient(socket, 'wrong')).rejects.toThrow(/401|not known/);
  });
});

function parley(...args: string[]): Promise<{ exit: number; stdout: string; stderr: string }> {
  return parleyAs({ PARLEY_AGENT: 'Atlas' }, ...args);
}

function parleyAs(
  env: NodeJS.ProcessEnv,
  ...args: string[]
): Promise<{ exit: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [path.join(programs, 'parley.js'), ...args],
      { env: { PATH: process.env['PATH'], HOME: broker.home, PARLEY_HOME: broker.home, ...env }, encoding: 'utf8' },
      (error, stdout, stderr) => {
        resolve({ exit: error ? Number(error.code) : 0, stdout, stderr });
      },
    );
    child.stdin?.end();
  });
}
