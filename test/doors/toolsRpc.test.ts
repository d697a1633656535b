import { once } from 'node:events';
import * as fs from 'node:fs';
import * as net from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { Client } from '../../src/client/client';
import type { OfferedTool, ToolRun } from '../../src/client/options';
import { toParleyError } from '../../src/contract/errors';
import { protocol, type ToolAnswer, type ToolProgress, type ToolRequest } from '../../src/contract/wire';
import { BrokerProcess, bundlePrograms, temporaryHome } from '../support/brokerProcess';
import { mcpClient } from '../support/mcpClient';
import { until } from '../support/until';

/** Tools between two programs, over the real broker and its socket. */

let programs: string;
let broker: BrokerProcess;
let atlas: Client;
let nova: Client & { readonly token: string };

beforeAll(async () => {
  programs = await bundlePrograms();
});
afterAll(() => fs.rmSync(programs, { recursive: true, force: true }));
beforeEach(async () => {
  broker = new BrokerProcess(programs, temporaryHome({ durability: 'os' }));
  await broker.start();
  [atlas, nova] = [await broker.agent('Atlas'), await broker.agent('Nova')];
});
afterEach(() => broker.dispose());

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'no error',
    (error: unknown) => toParleyError(error).code,
  );

function tool(run: OfferedTool['run']): OfferedTool {
  const input = { type: 'object', properties: { text: { type: 'string' } } };
  return { name: 'echo', description: 'Says it again.', input, run };
}

const use = (args: Record<string, unknown> = { text: 'hi' }, key?: string) =>
  atlas.ask('useTool', { agent: 'Nova', tool: 'echo', args, ...(key !== undefined && { key }) });

describe('a tool offered over rpc', () => {
  it('gets checked arguments and who uses it, and its progress and its answer reach the user', async () => {
    const requests: ToolRequest[] = [];
    const told: ToolProgress[] = [];
    await nova.offer([
      tool(async (request, { progress }: ToolRun): Promise<ToolAnswer> => {
        requests.push(request);
        progress({ text: 'half', progress: 0.5 });
        await Promise.resolve();
        return { content: String(request.args['text']), structured: { length: 2 } };
      }),
    ]);
    const input = { agent: 'Nova', tool: 'echo', args: { text: 'hi' } };
    const used = await atlas.ask('useTool', input, { progress: (progress) => void told.push(progress) });
    expect(used).toMatchObject({ result: { content: 'hi', structured: { length: 2 } }, isError: false });
    expect(requests).toMatchObject([{ use: used.use, byName: 'Atlas', args: { text: 'hi' } }]);
    expect(told).toEqual([{ text: 'half', progress: 0.5 }]);
    expect(await codeOf(use({ text: 1 }))).toBe('bad_tool_args');
  });

  it('tells its progress to who uses it by MCP', async () => {
    await nova.offer([
      tool((_request, { progress }) => {
        progress({ text: 'half', progress: 0.5 });
        return { content: 'done' };
      }),
    ]);
    const model = await mcpClient(broker.record()?.socket ?? '', (atlas as typeof nova).token);
    const told: unknown[] = [];
    const result = await model.callTool(
      { name: 'use_tool', arguments: { agent: 'Nova', tool: 'echo', args: { text: 'hi' } } },
      undefined,
      { onprogress: ({ progress, message }) => void told.push([progress, message]) },
    );
    await model.close();
    expect(told).toEqual([[1, '50 % "half"']]);
    expect(JSON.stringify(result.content)).toContain('done');
  });

  it('that throws has failed, with its words', async () => {
    await nova.offer([tool(() => Promise.reject(new Error('the disk is gone')))]);
    expect(await use()).toMatchObject({ result: { content: 'the disk is gone' }, isError: true });
  });

  it('is told to stop when its user cancels', async () => {
    let stopped = false;
    let runs = false;
    await nova.offer([
      tool(
        (_request, { signal }) =>
          new Promise((resolve) => {
            runs = true;
            signal.addEventListener('abort', () => {
              stopped = true;
              resolve({ content: 'too late' });
            });
          }),
      ),
    ]);
    const cancel = new AbortController();
    const using = atlas.ask('useTool', { agent: 'Nova', tool: 'echo' }, { signal: cancel.signal });
    const refused = codeOf(using);
    await until('the tool to run', () => runs);
    cancel.abort();
    await refused;
    await until('the tool to be stopped', () => stopped);
  });

  it('whose program dies under it is gone, for its user and from the list', async () => {
    await nova.offer([
      tool(() => {
        nova.close();
        return new Promise(() => undefined);
      }),
    ]);
    expect(await codeOf(use())).toBe('tool_gone');
    expect((await atlas.ask('tools', { agent: 'Nova' })).tools).toEqual([]);
  });

  it('that answers with megabytes costs neither the connection nor the broker anything', async () => {
    await nova.offer([tool(({ args }) => ({ content: 'x'.repeat(Number(args['text'])) }))]);
    expect(await codeOf(use({ text: '300000' }))).toBe('tool_result_too_large');
    expect(await use({ text: '50000000' })).toMatchObject({ isError: true });
    expect((await use({ text: '3' })).result.content).toBe('xxx');
  });

  it('is offered again when the broker comes back, and a use that was cut off is not run a second time', async () => {
    let runs = 0;
    await nova.offer([
      tool(async () => {
        runs++;
        if (runs === 1) {
          await broker.end();
          await broker.start();
        }
        return { content: `run ${runs}` };
      }),
    ]);
    const cut = codeOf(use({ text: 'a' }, 'k'));
    expect(await cut).toMatch(/tool_use_lost|unknown_tool/);
    await until('the tool to be offered', async () => (await atlas.ask('tools', { agent: 'Nova' })).tools.length === 1);
    expect(await codeOf(use({ text: 'a' }, 'k'))).toBe('tool_use_lost');
    expect(runs).toBe(1);
    expect((await use({ text: 'a' }, 'k2')).result.content).toBe('run 2');
  });

  it('is refused with what is wrong when its schema lies', async () => {
    const input = { type: 'object', properties: { text: { $ref: 'https://example.com/schema' } } };
    const offered = nova.offer([{ ...tool(() => ({ content: '' })), input }]);
    await expect(offered).rejects.toMatchObject({ code: 'bad_tool' });
  });

  it('by a program of another make, which answers twice, is answered once; one that answers too much loses its connection', async () => {
    const answers = new Map<string, string[]>([
      ['twice', ['first', 'second']],
      ['huge', ['x'.repeat(5 * 1024 * 1024)]],
    ]);
    const raw = await rawProgram(
      broker.record()?.socket ?? '',
      nova.token,
      ({ args }) => answers.get(String(args['text'])) ?? [],
    );
    expect((await use({ text: 'twice' })).result.content).toBe('first');
    expect((await use({ text: 'twice' })).result.content).toBe('first');
    expect(await codeOf(use({ text: 'huge' }))).toBe('tool_gone');
    await until('the connection to be cut', () => raw.readyState === WebSocket.CLOSED);
    expect((await atlas.ask('status', {})).agents).toBeGreaterThan(0);
  });
});

/** A program that speaks the protocol without our client: it offers `echo`, and sends each of the answers. */
async function rawProgram(
  socketPath: string,
  token: string,
  answer: (request: ToolRequest) => readonly string[],
): Promise<WebSocket> {
  const socket = new WebSocket('ws+unix:///broker:/rpc', {
    createConnection: () => net.connect(socketPath),
    headers: { Authorization: `Bearer ${token}` },
  });
  await once(socket, 'open');
  const answered = new Set<unknown>();
  socket.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString()) as { id?: number; method?: string; params?: ToolRequest };
    if (message.method !== 'useTool' || !message.params) {
      answered.add(message.id);
      return;
    }
    for (const content of answer(message.params))
      socket.send(JSON.stringify({ jsonrpc: '2.0', id: message.id, result: { content } }));
  });
  socket.on('error', () => undefined);
  const hello = { client: 'raw', version: '0', protocol, seat: false, ringers: [], present: true };
  const { name, description, input } = tool(() => ({ content: '' }));
  socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'hello', params: hello }));
  socket.send(
    JSON.stringify({ jsonrpc: '2.0', id: 2, method: 'offer', params: { tools: [{ name, description, input }] } }),
  );
  await until('the tool to be offered', () => answered.has(2));
  return socket;
}
