import { type ChildProcess, spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as net from 'node:net';
import * as path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Client } from '../../src/client/client';
import { toParleyError } from '../../src/contract/errors';
import type { ShareView } from '../../src/contract/operations/shares';
import { BrokerProcess, bundlePrograms, temporaryHome } from '../support/brokerProcess';
import { until } from '../support/until';
import { run } from '../unit/cli/run';

const ours = path.resolve('test/support/sharedServer.mjs');
const everything = path.resolve('node_modules/@modelcontextprotocol/server-everything/dist/index.js');
const node = process.execPath;

let programs: string;
let broker: BrokerProcess;
let person: Client;
let nova: Client;
let server: ChildProcess | undefined;

beforeAll(async () => {
  programs = await bundlePrograms();
}, 60_000);
afterAll(() => fs.rmSync(programs, { recursive: true }));

beforeEach(async () => {
  broker = new BrokerProcess(programs, temporaryHome());
  await broker.start();
  person = await broker.person();
  nova = await broker.agent('Nova');
});
afterEach(async () => {
  await broker.dispose();
  server?.kill();
});

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'no error',
    (error: unknown) => toParleyError(error).code,
  );
}

async function share(input: object = {}): Promise<ShareView> {
  return (await person.ask('share', { name: 'Box', command: [node, ours], ...input })).share;
}

/** Two requests at once, over two connections, and a third after both: what a client does that lost its answer. */
async function threeTimes<T>(ask: (client: Client) => Promise<T>): Promise<T[]> {
  const other = await broker.person();
  const [one, two] = await Promise.all([ask(person), ask(other)]);
  return [one, two, await ask(other)];
}

const stateOf = async (): Promise<ShareView | undefined> => (await person.ask('shares', {})).shares[0];
const toolsOf = async (agent: string): Promise<string[]> =>
  (await nova.ask('tools', { agent })).tools.map(({ name }) => name);
const use = async (tool: string, args: Record<string, unknown> = {}, agent = 'Box'): Promise<string> =>
  (await nova.ask('useTool', { agent, tool, args })).result.content;

describe('an MCP server that the person shares', () => {
  it('is shared once and taken back once, however often the same key asks', async () => {
    const wish = { name: 'Box', command: [node, ours], key: 'share-box' };
    const shared = await threeTimes((client) => client.ask('share', wish));
    expect(new Set(shared.map((answer) => answer.share.agent)).size).toBe(1);
    expect(await codeOf(person.ask('share', { ...wish, name: 'Other' }))).toBe('key_conflict');
    expect((await person.ask('shares', {})).shares).toHaveLength(1);

    const taken = await threeTimes((client) => client.ask('unshare', { name: 'Box', key: 'take-box' }));
    expect(taken.map(({ name }) => name)).toEqual(['Box', 'Box', 'Box']);
    expect(await codeOf(person.ask('unshare', { name: 'Other', key: 'take-box' }))).toBe('key_conflict');
    expect(await codeOf(person.ask('unshare', { name: 'Box' }))).toBe('unknown_share');
    expect(await codeOf(person.ask('share', wish))).toBe('unknown_share');
    expect((await nova.ask('who', {})).agents.map(({ name }) => name)).not.toContain('Box');
  });

  it('stands on the roster with its tools, which agents use as the person allows, each use journaled', async () => {
    const shared = await share({ name: 'everything', command: [node, everything] });
    expect(shared).toMatchObject({ name: 'everything', transport: 'stdio', state: 'running' });
    expect(shared.tools).toBeGreaterThan(5);
    const { agents } = await nova.ask('who', { agent: 'everything' });
    expect(agents).toMatchObject([{ presence: 'available', platform: 'MCP server' }]);
    const { tools } = await nova.ask('tools', { agent: 'everything' });
    expect(tools).toHaveLength(shared.tools);
    const echo = tools.find(({ name }) => name === 'echo');
    expect(echo).toMatchObject({ live: true, allowed: true, input: { type: 'object', required: ['message'] } });
    expect(await use('echo', { message: 'hello' }, 'everything')).toContain('hello');
    expect(await codeOf(use('echo', { message: 7 }, 'everything'))).toBe('bad_tool_args');

    await person.ask('allowTool', { owner: 'everything', tool: 'echo', allow: false });
    expect(await codeOf(use('echo', { message: 'again' }, 'everything'))).toBe('tool_not_allowed');
    const journal = path.join(broker.home, 'journal');
    const written = fs.readdirSync(journal).map((name) => fs.readFileSync(path.join(journal, name), 'latin1'));
    expect(written.join('').match(/"tool":"echo","args":{"message":"hello"}/g)).toHaveLength(1);
    // Nobody reads there: no call is for it, and no broadcast.
    expect((await nova.ask('broadcast', { text: 'Lunch?' })).sent.map(({ name }) => name)).not.toContain('everything');
    expect(await codeOf(nova.ask('call', { to: 'everything', topic: 'Hello' }))).toBe('call_declined_by_policy');
  }, 60_000);

  it('is shown with its tools though their list changes while it is read', async () => {
    expect((await share({ command: [node, ours, 'restless'] })).tools).toBeGreaterThan(5);
  });

  it('is reached over HTTP as well', async () => {
    const port = await freePort();
    server = spawn(node, [everything, 'streamableHttp'], {
      env: { ...process.env, PORT: String(port) },
      stdio: 'ignore',
    });
    await until('the server to listen', () => canReach(port), 20_000);
    const shared = await share({
      command: undefined,
      url: `http://127.0.0.1:${port}/mcp`,
      headers: { 'X-Key': 'secret' },
    });
    expect(shared).toMatchObject({ transport: 'http', state: 'running', headers: ['X-Key'] });
    expect(JSON.stringify(shared)).not.toContain('secret');
    expect(await use('get-sum', { a: 2, b: 3 })).toContain('5');
    server.kill('SIGKILL');
    await until('the broker to know', async () => {
      await use('get-sum', { a: 2, b: 3 }).catch(() => undefined);
      return (await stateOf())?.state !== 'running';
    });
    expect(await toolsOf('Box')).toEqual([]);
  }, 60_000);

  it('gets the environment that the person chose, and nothing of the broker’s', async () => {
    const shared = await share({ environment: { SECRET_KEY: 'kept to ourselves' }, folder: broker.home });
    expect(shared.environment).toEqual(['SECRET_KEY']);
    const environment = JSON.parse(await use('environment')) as Record<string, string>;
    expect(environment['SECRET_KEY']).toBe('kept to ourselves');
    expect(Object.keys(environment)).not.toContain('PARLEY_HOME');
    expect((await use('process')).split(' ')[1]).toBe(fs.realpathSync(broker.home));
    const file = path.join(broker.home, 'shares.json');
    expect(fs.statSync(file).mode & 0o777).toBe(0o600);
    expect(fs.readFileSync(file, 'utf8')).toContain('kept to ourselves');
    expect(JSON.stringify(await person.ask('shares', {}))).not.toContain('kept to ourselves');
  }, 60_000);

  it('tells progress, is told when a use is cancelled, and says itself when a tool failed', async () => {
    await share();
    const stop = new AbortController();
    const told: unknown[] = [];
    const used = nova.ask(
      'useTool',
      { agent: 'Box', tool: 'wait', args: { words: 'a quarter' } },
      { signal: stop.signal, progress: (progress) => void told.push(progress) },
    );
    await until('the progress', () => told.length > 0);
    expect(told[0]).toEqual({ text: 'a quarter', progress: 0.25 });
    stop.abort();
    await expect(used).rejects.toThrow();
    await until('the tool to stop', async () => (await use('stopped')) === '1');
    expect(await nova.ask('useTool', { agent: 'Box', tool: 'fail' })).toMatchObject({
      isError: true,
      result: { content: 'It broke.' },
    });
  }, 60_000);

  it('offers what it comes to have', async () => {
    await share();
    expect(await toolsOf('Box')).not.toContain('grown');
    await use('grow');
    await until('the new tool', async () => (await toolsOf('Box')).includes('grown'));
    expect(await use('grown')).toBe('I am new.');
  }, 60_000);

  it('is started again when it dies, and shown as gone until then', async () => {
    await share();
    const [before] = (await use('process')).split(' ');
    expect(await codeOf(use('die'))).toBe('tool_gone');
    await until('it to be gone', async () => (await stateOf())?.state !== 'running');
    expect(await stateOf()).toMatchObject({ state: 'waiting', tools: 0, problem: 'it ended: out of luck' });
    expect((await nova.ask('who', { agent: 'Box' })).agents[0]?.presence).toBe('offline');
    expect(await codeOf(use('process'))).toBe('unknown_tool');
    await until('it to be back', async () => (await stateOf())?.state === 'running');
    await until('its tools', async () => (await toolsOf('Box')).includes('process'));
    expect((await use('process')).split(' ')[0]).not.toBe(before);
  }, 60_000);

  it('is the same agent after the broker was started again, and gone when it is shared no more', async () => {
    const { agent } = await share();
    const pid = Number((await use('process')).split(' ')[0]);
    await broker.end('SIGTERM');
    await until('the server to end with its broker', () => !isAlive(pid));
    await broker.start();
    await until('it to be back', async () => (await stateOf())?.state === 'running');
    expect((await stateOf())?.agent).toBe(agent);
    expect(await codeOf(nova.ask('unshare' as 'tools', { name: 'Box' } as object))).toBe('forbidden');
    await person.ask('unshare', { name: 'box' });
    expect(await stateOf()).toBeUndefined();
    expect(await codeOf(nova.ask('who', { agent: 'Box' }))).toBe('unknown_agent');
    expect(await codeOf(person.ask('unshare', { name: 'Box' }))).toBe('unknown_share');
    await share();
    expect(await toolsOf('Box')).toContain('grow');
  }, 60_000);

  it('must start, have a free name, and be named so that the folder of who asks does not matter', async () => {
    const wrong: [object, string][] = [
      [{ command: [path.join(broker.home, 'nothing-there')] }, 'bad_share'],
      [{ command: [node, '-e', 'process.exit(1)'] }, 'bad_share'],
      [{ command: ['./server'] }, 'bad_share'],
      [{ command: undefined }, 'bad_share'],
      [{ url: 'http://127.0.0.1:1/mcp' }, 'bad_share'],
      [{ command: undefined, url: 'file:///etc/passwd' }, 'bad_share'],
      [{ command: undefined, url: 'http://127.0.0.1:1/mcp' }, 'bad_share'],
      [{ headers: { a: 'b' } }, 'bad_share'],
      [{ name: 'Nova' }, 'name_taken'],
      [{ name: '1st' }, 'bad_name'],
    ];
    for (const [input, code] of wrong) expect(await codeOf(share(input)), JSON.stringify(input)).toBe(code);
    expect(await stateOf()).toBeUndefined();
    expect(await codeOf(nova.ask('share', { name: 'Box', command: [node, ours] }))).toBe('forbidden');
  }, 60_000);

  it('says in plain words why it did not start', async () => {
    const problemOf = (input: object): Promise<string> =>
      share(input).then(
        () => 'shared',
        (error: unknown) => toParleyError(error).message,
      );
    expect(await problemOf({ command: ['no-such-program-anywhere'] })).toContain('there is no program no-such-program');
    expect(await problemOf({ folder: '/no/such/folder' })).toContain('there is no folder /no/such/folder');
    expect(await problemOf({ command: [broker.home] })).toContain(`${broker.home} may not be run`);
    const says = 'console.error("no key"); process.exit(1)';
    expect(await problemOf({ command: [node, '-e', says] })).toContain('it ended before it answered (no key)');
  });

  it('is added, listed and removed at the command line, by the person alone', async () => {
    const asked = (...words: string[]) => run(broker.home, ['share', ...words], { terminal: true });
    const added = await asked('add', 'Box', '--env', 'A=b', '--', node, ours);
    expect(added).toMatchObject({ code: 0, stderr: '' });
    expect(added.stdout).toContain('running');
    expect(JSON.parse(await use('environment'))).toMatchObject({ A: 'b' });
    expect((await asked('list')).stdout).toMatch(/Box.*running.*\d+ tools/);
    expect((await run(broker.home, ['share', 'list'])).code).not.toBe(0);
    expect((await asked('remove', 'Box')).code).toBe(0);
    expect((await asked('list')).stdout.trim()).toBe('No server is shared.');
  }, 60_000);
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const listening = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = listening.address() as net.AddressInfo;
      listening.close(() => resolve(port));
    });
  });
}

function canReach(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
    socket.on('close', () => undefined).unref();
  });
}
