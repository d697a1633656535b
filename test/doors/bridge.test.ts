import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Client } from '../../src/client/client';
import { BrokerProcess, bundlePrograms, temporaryHome, testEdition } from '../support/brokerProcess';
import { until } from '../support/until';
import { FakeInbox } from '../unit/ringers/fakeInbox';
import { BridgeProcess } from './bridgeProcess';

let programs: string;
let broker: BrokerProcess;
let person: Client;
const bridges: BridgeProcess[] = [];

beforeAll(async () => {
  programs = await bundlePrograms(testEdition, ['broker', 'index-worker', 'parley']);
}, 60_000);
afterAll(() => fs.rmSync(programs, { recursive: true, force: true }));
beforeEach(async () => {
  broker = new BrokerProcess(programs, temporaryHome());
  await broker.start();
  person = await broker.person();
}, 60_000);
afterEach(async () => {
  for (const bridge of bridges.splice(0)) {
    expect(bridge.strays).toEqual([]);
    await bridge.kill();
  }
  endStarted();
  await broker.dispose();
}, 60_000);

/** Ends the broker that a bridge has started. */
function endStarted(): void {
  const pid = broker.record()?.pid;
  if (pid !== undefined && pid !== broker.pid) process.kill(pid, 'SIGKILL');
}

/** Kills the broker; the bridge, which needs it, starts another. */
async function killBroker(): Promise<void> {
  const before = broker.record()?.pid;
  await broker.end('SIGKILL');
  await until('another broker', () => broker.record()?.pid !== before && broker.record());
}

function bridgeOf(env: NodeJS.ProcessEnv = {}): BridgeProcess {
  const bridge = new BridgeProcess(programs, { PARLEY_HOME: broker.home, ...env });
  bridges.push(bridge);
  return bridge;
}

/** The agents on the roster besides the person. */
const roster = async () => (await person.ask('who', {})).agents.filter(({ kind }) => kind === 'agent');
const textOf = (result: { content?: readonly { text: string }[] }): string => result.content?.[0]?.text ?? '';

describe('signing on', () => {
  test('a client that only looks at the tools leaves no trace on the roster; its first call signs it on', async () => {
    const bridge = bridgeOf();
    const { result } = await bridge.introduce('opencode');
    expect(result).toMatchObject({ protocolVersion: '2025-11-25', serverInfo: { name: 'parley', version: '0.0.1' } });
    expect((await bridge.request('tools/list')).result?.['tools']).toHaveLength(13);
    expect((await bridge.request('resources/list')).result?.['resources']).toHaveLength(2);
    expect((await bridge.request('prompts/list')).result?.['prompts']).toHaveLength(4);
    expect(await roster()).toEqual([]);
    await bridge.tool('who');
    expect(await roster()).toMatchObject([
      { platform: 'OpenCode', version: '2.1.329', workspace: fs.realpathSync(programs), presence: 'available' },
    ]);
  });

  test('a client whose agent was given its name is there at once', async () => {
    await bridgeOf({ PARLEY_AGENT: 'Nova' }).introduce('opencode');
    await until('Nova', async () => (await roster()).find(({ name }) => name === 'Nova'));
  });

  test('a client that can be rung is there at once', async () => {
    const inbox = await FakeInbox.start();
    try {
      const bridge = bridgeOf({
        CLAUDE_CODE_MESSAGING_SOCKET: inbox.socket,
        CLAUDE_CODE_MESSAGING_TOKEN: 't',
        CLAUDE_CODE_SESSION_ID: 'session-1',
        CLAUDE_PROJECT_DIR: '/w/app',
        PARLEY_AGENT: 'Nova',
      });
      await bridge.introduce('claude-code');
      const [nova] = await until(
        'Nova',
        async () => (await roster()).some(({ reach }) => reach.state === 'wakes') && roster(),
      );
      expect(nova).toMatchObject({ name: 'Nova', workspace: '/w/app', reach: { ringer: 'claude-inbox' } });
      await person.ask('call', { to: 'Nova', topic: 'Review', wait: 0 });
      await until('the ring', () => inbox.texts.length === 1);
      expect(inbox.texts[0]).toContain('is calling you');
    } finally {
      await inbox.stop();
    }
  });

  test('another client in the terminal of a Claude Code is not that Claude Code', async () => {
    const bridge = bridgeOf({
      CLAUDE_CODE_MESSAGING_SOCKET: '/nowhere.sock',
      CLAUDE_CODE_MESSAGING_TOKEN: 't',
      CLAUDE_CODE_SESSION_ID: 'session-1',
      CLAUDE_PROJECT_DIR: '/w/app',
    });
    await bridge.introduce('opencode');
    await bridge.tool('who');
    expect(await roster()).toMatchObject([{ platform: 'OpenCode', workspace: fs.realpathSync(programs) }]);
    const claude = bridgeOf({ CLAUDE_CODE_SESSION_ID: 'session-1' });
    await claude.introduce('claude-code');
    await claude.tool('who');
    expect(await roster()).toHaveLength(2);
  });

  test('the same session of a client comes back as the same agent', async () => {
    const env = { CLAUDE_CODE_SESSION_ID: 'session-7' };
    const first = bridgeOf(env);
    await first.introduce('claude-code');
    await first.tool('profile', { name: 'Nova', description: 'reviews' });
    const [before] = await roster();
    expect(await first.leave()).toBe(0);
    const second = bridgeOf(env);
    await second.introduce('claude-code');
    expect(textOf(await second.tool('profile'))).toContain('Nova (Claude Code)');
    expect(await roster()).toMatchObject([{ id: before?.id, name: 'Nova', description: 'reviews' }]);
  });

  test('an agent that names itself is found by that name in the home, and by the one that it was started with', async () => {
    for (const wished of ['Nova', 'Echo', 'Nova']) {
      const bridge = bridgeOf({ PARLEY_AGENT: wished });
      await bridge.introduce();
      expect(textOf(await bridge.tool('profile', { name: 'Echo' })), wished).toContain('- Echo ');
      expect(await bridge.leave()).toBe(0);
    }
    expect((await roster()).map(({ name }) => name)).toEqual(['Echo']);
  });

  test('a wished name that somebody else has gives way to another', async () => {
    await broker.agent('Nova');
    const bridge = bridgeOf({ PARLEY_AGENT: 'Nova' });
    await bridge.introduce();
    await bridge.tool('who');
    const names = (await roster()).map(({ name }) => name);
    expect(names).toHaveLength(2);
    expect(new Set(names).size).toBe(2);
  });

  test('without a broker it starts one', async () => {
    await broker.end('SIGTERM');
    const bridge = bridgeOf();
    await bridge.introduce();
    expect(textOf(await bridge.tool('who'))).toMatch(/^You are \w+\./);
    expect(broker.record()?.pid).not.toBe(broker.pid);
  });

  test('in a sandbox without a broker, the model is told what to do', async () => {
    await broker.end('SIGTERM');
    const bridge = bridgeOf({ CODEX_SANDBOX: 'seatbelt' });
    await bridge.introduce('codex-mcp-client');
    const result = await bridge.tool('who');
    expect(result.isError).toBe(true);
    expect(textOf(result)).toBe(
      'sandboxed: This process may not run the broker. Start Parley from VS Code or a plain terminal.',
    );
  });
});

describe('while the broker is away and comes back', () => {
  test('a wait goes on as if nothing had been, and brings what comes later', async () => {
    const bridge = bridgeOf({ PARLEY_AGENT: 'Nova' });
    await bridge.introduce();
    await bridge.tool('who');
    const listening = bridge.begin('tools/call', { name: 'listen', arguments: { wait: 40 } });
    await until('the listen', async () => (await roster())[0]?.reach.state === 'listening');
    await killBroker();
    const atlas = await broker.agent('Atlas');
    await until('Nova to be back', async () =>
      (await roster()).some(({ name, reach }) => name === 'Nova' && reach.state === 'listening'),
    );
    await atlas.ask('message', { to: 'Nova', text: 'Good morning' });
    expect(textOf(await bridge.answer(listening).then(({ result }) => result ?? {}))).toContain('> Good morning');
  });

  test('a message that was asked for while it was away is said once', async () => {
    const bridge = bridgeOf({ PARLEY_AGENT: 'Nova' });
    await bridge.introduce();
    const atlas = await broker.agent('Atlas');
    await bridge.tool('send', { to: 'Atlas', text: 'one' });
    await broker.end('SIGKILL');
    const saying = bridge.begin('tools/call', { name: 'send', arguments: { to: 'Atlas', text: 'two' } });
    expect((await bridge.answer(saying)).result?.isError).toBeUndefined();
    const { events } = await atlas.ask('listen', { wait: 5 });
    const said = events.flatMap((event) => (event.what === 'message' ? [event.message] : []));
    expect(said.filter(({ type }) => type === 'message').map(({ content }) => content)).toEqual(['one', 'two']);
  });
});

describe('resources', () => {
  test('are read and subscribed to; after a restart of the broker their readers are told to look again', async () => {
    const bridge = bridgeOf({ PARLEY_AGENT: 'Nova' });
    await bridge.introduce();
    await bridge.request('logging/setLevel', { level: 'info' });
    const read = async (uri: string): Promise<string> => {
      const { result } = await bridge.request('resources/read', { uri });
      return (result?.['contents'] as { text: string }[] | undefined)?.[0]?.text ?? '';
    };
    expect(await read('parley://inbox')).toBe('Your inbox is empty.');
    expect((await bridge.request('resources/subscribe', { uri: 'parley://inbox' })).result).toEqual({});
    const updates = (): number =>
      bridge.messages.filter(({ method }) => method === 'notifications/resources/updated').length;
    const atlas = await broker.agent('Atlas');
    await atlas.ask('message', { to: 'Nova', topic: 'Parser', text: 'Good morning' });
    await until('the notice', () => updates() > 0);
    expect(await read('parley://inbox')).toContain('Parser');
    const before = updates();
    await killBroker();
    await until('the notice after the restart', () => updates() > before);
    expect(await read('parley://roster')).toMatch(/^You are Nova\./);
    const { result } = await bridge.request('completion/complete', {
      ref: { type: 'ref/prompt', name: 'hand-over' },
      argument: { name: 'agent', value: 'At' },
    });
    expect(result).toMatchObject({ completion: { values: ['Atlas'] } });
    const logged = bridge.messages
      .filter(({ method }) => method === 'notifications/message')
      .map(({ params }) => params?.['data']);
    expect(logged).toEqual([
      'Signed on as Nova.',
      'The broker is away; requests wait for it.',
      'The broker is back.',
      'Signed on as Nova.',
    ]);
  });
});

describe('what counts as seen', () => {
  test('an answer that was written out is seen; one that was cancelled is not', async () => {
    const bridge = bridgeOf({ PARLEY_AGENT: 'Nova' });
    await bridge.introduce();
    await bridge.tool('who');
    const atlas = await broker.agent('Atlas');
    const receipt = async (seq: number) => {
      const [thread] = (await atlas.ask('threads', {})).threads;
      const { messages } = await atlas.ask('read', { thread: thread?.id });
      return messages.find((message) => message.seq === seq)?.receipts[0]?.state;
    };

    const waiting = bridge.begin('tools/call', { name: 'listen', arguments: { wait: 40 } });
    await until('the listen', async () => (await roster()).some(({ reach }) => reach.state === 'listening'));
    bridge.notify('notifications/cancelled', { requestId: waiting });
    await until('the end of it', async () => (await roster()).every(({ reach }) => reach.state !== 'listening'));
    const { message } = await atlas.ask('message', { to: 'Nova', text: 'hello' });
    expect(await receipt(message.seq)).toBe('stored');
    expect(textOf(await bridge.tool('listen'))).toContain('> hello');
    await until('the receipt', async () => (await receipt(message.seq)) === 'seen');
    expect(bridge.messages.some(({ id }) => id === waiting)).toBe(false);
  });
});

describe('compiled by V8 with all effort soon', () => {
  const watched = (home: string) => ({
    NODE_OPTIONS: `--require=${path.resolve(import.meta.dirname, '../support/flagsWatch.cjs')}`,
    PARLEY_TEST_FLAGS: path.join(home, 'flags'),
  });
  /** The flags that a program has set: none in a V8 that does not know it. */
  const flags = (file: string): string => (fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '');
  const soon = Number.parseInt(process.versions.v8, 10) >= 12 ? '--invocation-count-for-turbofan=100\n' : '';

  test('is the bridge, which runs for long', async () => {
    const env = watched(broker.home);
    const bridge = bridgeOf(env);
    await bridge.introduce();
    expect(flags(env.PARLEY_TEST_FLAGS)).toBe(soon);
  });

  test('is the broker', async () => {
    await broker.end('SIGTERM');
    const env = watched(broker.home);
    await broker.start(env);
    expect(flags(env.PARLEY_TEST_FLAGS)).toBe(soon);
  });
});

describe('on its input', () => {
  test('nonsense, a message in pieces, an empty line and a request of the stateless era do no harm', async () => {
    const bridge = bridgeOf();
    bridge.write('nonsense\n\n{"jsonrpc":"1.0"}\n');
    const meta = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' };
    const discovered = await bridge.request('server/discover', { _meta: meta });
    expect(discovered.error).toMatchObject({ code: -32022, data: { requested: '2026-07-28' } });
    expect(bridge.messages.map(({ error }) => error?.code)).toEqual([-32700, -32600, -32022]);
    const ping = Buffer.from(`${JSON.stringify({ jsonrpc: '2.0', id: 'é', method: 'ping' })}\n`);
    for (const byte of ping) bridge.write(Buffer.of(byte));
    await until('the pong', () => bridge.messages.find(({ id }) => id === 'é'));
  });

  test('its end is the bridge’s end: exit code 0, offline at once, nothing left to say', async () => {
    const bridge = bridgeOf({ PARLEY_AGENT: 'Nova' });
    await bridge.introduce();
    await bridge.tool('who');
    bridge.begin('tools/call', { name: 'listen', arguments: { wait: 40 } });
    await until('the listen', async () => (await roster())[0]?.reach.state === 'listening');
    expect(await bridge.leave()).toBe(0);
    expect((await roster())[0]?.presence).toBe('offline');
    expect(bridge.stderr).toBe('');
  });

  test('a signal ends it as well', async () => {
    const bridge = bridgeOf();
    await bridge.introduce();
    await bridge.tool('who');
    expect(await bridge.kill('SIGTERM')).toBe(0);
    expect((await roster())[0]?.presence).toBe('offline');
  });
});
