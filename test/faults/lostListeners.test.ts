import { spawn, type ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { request } from 'node:http';
import * as net from 'node:net';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { Client } from '../../src/client/client';
import { doorPaths, protocol, rpcMethods } from '../../src/contract/wire';
import { BridgeProcess } from '../doors/bridgeProcess';
import { BrokerProcess, bundlePrograms, openLimits, temporaryHome, testEdition } from '../support/brokerProcess';
import { until } from '../support/until';

let programs: string;
let broker: BrokerProcess;
let writer: Client;
let listener: Client & { readonly token: string; readonly id: string };
const children: ChildProcess[] = [];

beforeAll(async () => {
  programs = await bundlePrograms(testEdition, ['broker', 'index-worker', 'parley']);
});
afterAll(() => rmSync(programs, { recursive: true, force: true }));

beforeEach(async () => {
  broker = new BrokerProcess(programs, temporaryHome({ limits: openLimits }));
  await broker.start();
  writer = await broker.agent('Writer');
  listener = await broker.agent('Listener');
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await broker.dispose();
});

/** As many messages as make an answer that does not fit between two processes at once. */
async function fill(): Promise<string[]> {
  const texts = Array.from({ length: 60 }, (_, index) => `message ${index} `.padEnd(20_000, 'x'));
  for (const text of texts) await writer.ask('message', { to: 'Listener', text });
  return texts;
}

/** The texts of what the agent is told next; they count as heard. */
async function heard(client: Client): Promise<string[]> {
  const texts: string[] = [];
  for (;;) {
    const { events, more } = await client.ask('listen', { limit: 200 });
    for (const event of events) if (event.what === 'message') texts.push(event.message.content);
    if (more === 0) return texts;
  }
}

describe('a listener that dies before its answer was complete is told the same again (F10)', () => {
  it('over rpc, when its connection breaks in the middle of the answer', async () => {
    const texts = await fill();
    const { socket } = broker.record()!;
    let stream: net.Socket | undefined;
    const dying = new WebSocket(`ws+unix:///broker:${doorPaths.rpc}`, {
      createConnection: () => (stream = net.connect(socket)),
      headers: { Authorization: `Bearer ${listener.token}` },
      perMessageDeflate: false,
    });
    await new Promise((resolve) => dying.once('open', resolve));
    const hello = { client: 'dying', version: '1', protocol, seat: false, ringers: [], present: true };
    dying.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: rpcMethods.hello, params: hello }));
    await new Promise((resolve) => dying.once('message', resolve));
    dying.on('message', () => expect.unreachable('the answer was complete'));
    dying.on('error', () => undefined);
    const broken = new Promise((resolve) => dying.once('close', resolve));
    stream!.prependOnceListener('data', () => stream!.destroy());
    dying.send(JSON.stringify({ jsonrpc: '2.0', id: 2, method: 'listen', params: { limit: 200 } }));
    await broken;
    expect(await heard(listener)).toEqual(texts);
    expect(await heard(listener)).toEqual([]);
  });

  it('over rpc, when it had the answer and did not confirm that it took it', async () => {
    const texts = await fill();
    const dying = await broker.connect({ token: listener.token, present: true });
    const { output } = await dying.receive('listen', { limit: 200 });
    expect(output.events.length).toBe(texts.length);
    dying.close();
    expect(await heard(listener)).toEqual(texts);
    expect(await heard(listener)).toEqual([]);
  });

  it('over a session of MCP, when it goes while it waits', async () => {
    const { socket } = broker.record()!;
    const session = await McpSession.begin(socket, listener.token);
    // Its own connection would be told as well.
    listener.close();
    const waiting = session.begin('tools/call', { name: 'listen', arguments: { wait: 60 } });
    await until('it listens', async () => {
      const { agents } = await writer.ask('who', { agent: 'Listener' });
      return agents[0]?.reach.state === 'listening';
    });
    waiting.destroy();
    await writer.ask('message', { to: 'Listener', text: 'Are you still there?' });
    const again = JSON.stringify(await session.ask('tools/call', { name: 'listen', arguments: { wait: 0 } }));
    expect(again).toContain('Are you still there?');
    const after = JSON.stringify(await session.ask('tools/call', { name: 'listen', arguments: { wait: 0 } }));
    expect(after).not.toContain('Are you still there?');
  });

  it('over the bridge, when it is killed while it waits', async () => {
    const environment = { PARLEY_HOME: broker.home, PARLEY_AGENT: 'Bridged' };
    const first = new BridgeProcess(programs, environment);
    await first.introduce();
    const name = 'Bridged';
    first.begin('tools/call', { name: 'listen', arguments: { wait: 60 } });
    await until('the bridge listens', async () => {
      const { agents } = await writer.ask('who', {});
      return agents.find((agent) => agent.name === name)?.reach.state === 'listening';
    });
    void first.kill('SIGSTOP');
    await writer.ask('message', { to: name, text: 'Said to one who cannot take it.' });
    await first.kill();
    const second = new BridgeProcess(programs, environment);
    await second.introduce();
    const told = await second.answer(second.begin('tools/call', { name: 'listen', arguments: { wait: 0 } }));
    expect(JSON.stringify(told)).toContain('Said to one who cannot take it.');
    const after = await second.answer(second.begin('tools/call', { name: 'listen', arguments: { wait: 0 } }));
    expect(JSON.stringify(after)).not.toContain('Said to one who cannot take it.');
    await second.kill();
  });

  it('on the command line, when nobody reads what it prints', async () => {
    const run = (words: readonly string[], reads: boolean): Promise<string> =>
      new Promise((resolve) => {
        const child = spawn(process.execPath, [path.join(programs, 'parley.js'), ...words], {
          env: { PATH: process.env['PATH'], HOME: broker.home, PARLEY_HOME: broker.home },
          stdio: ['ignore', 'pipe', 'ignore'],
        });
        children.push(child);
        let printed = '';
        if (reads) child.stdout.on('data', (data: Buffer) => (printed += data.toString()));
        else child.stdout.destroy();
        child.once('close', () => resolve(printed));
      });
    await run(['register', '--name', 'Script'], true);
    await writer.ask('message', { to: 'Script', text: 'Read me aloud.' });
    await run(['poll', '--as', 'Script'], false);
    expect(await run(['poll', '--as', 'Script'], true)).toContain('Read me aloud.');
    expect(await run(['poll', '--as', 'Script'], true)).not.toContain('Read me aloud.');
  });
});

/** The least of an MCP client over the broker's socket. */
class McpSession {
  readonly #socket: string;
  readonly #token: string;
  #session: string | undefined;
  #id = 0;

  private constructor(socket: string, token: string) {
    this.#socket = socket;
    this.#token = token;
  }

  static async begin(socket: string, token: string): Promise<McpSession> {
    const session = new McpSession(socket, token);
    const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } };
    await session.ask('initialize', params);
    await session.#post({ jsonrpc: '2.0', method: 'notifications/initialized' });
    return session;
  }

  /** The whole answer, as text. */
  async ask(method: string, params: object): Promise<string> {
    return this.#post({ jsonrpc: '2.0', id: ++this.#id, method, params });
  }

  begin(method: string, params: object): { destroy(): void } {
    const asking = this.#request();
    asking.on('error', () => undefined);
    asking.end(JSON.stringify({ jsonrpc: '2.0', id: ++this.#id, method, params }));
    return asking;
  }

  #post(message: object): Promise<string> {
    return new Promise((resolve, reject) => {
      const asking = this.#request();
      asking.on('error', reject);
      asking.on('response', (reply) => {
        const id = reply.headers['mcp-session-id'];
        if (typeof id === 'string') this.#session = id;
        let text = '';
        reply.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        reply.on('end', () => resolve(text));
      });
      asking.end(JSON.stringify(message));
    });
  }

  #request(): ReturnType<typeof request> {
    return request({
      socketPath: this.#socket,
      path: doorPaths.mcp,
      method: 'POST',
      agent: false,
      headers: {
        host: 'localhost',
        authorization: `Bearer ${this.#token}`,
        accept: 'application/json, text/event-stream',
        'content-type': 'application/json',
        'mcp-protocol-version': '2025-11-25',
        ...(this.#session !== undefined && { 'mcp-session-id': this.#session }),
      },
    });
  }
}
