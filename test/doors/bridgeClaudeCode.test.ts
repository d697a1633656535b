import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Client } from '../../src/client/client';
import type { AgentView, ListenEvent, ReceiptView } from '../../src/contract/views';
import { BrokerProcess, bundlePrograms, temporaryHome, testEdition } from '../support/brokerProcess';
import { ClaudeCode } from '../support/claudeCode';
import { startScriptedModel, type Brain, type ScriptedModel } from '../support/scriptedModel';
import { until } from '../support/until';

/** The real Claude Code, interactive and idle, known to the real broker through `parley mcp`; its model is scripted. */

let programs: string;
let model: ScriptedModel;
let broker: BrokerProcess;
let brain: Brain;
let claude: ClaudeCode | undefined;
let atlas: Client;

beforeAll(async () => {
  programs = await bundlePrograms(testEdition, ['broker', 'index-worker', 'parley']);
  model = await startScriptedModel();
}, 60_000);
afterAll(async () => {
  await model.stop();
  fs.rmSync(programs, { recursive: true, force: true });
});
beforeEach(async (context) => {
  brain = model.brain(context.task.id);
  broker = new BrokerProcess(programs, temporaryHome());
  await broker.start();
  atlas = await broker.agent('Atlas');
});
afterEach(async () => {
  await claude?.stop();
  claude = undefined;
  await broker.dispose();
}, 60_000);

/** Starts it and waits until Nova is on the roster, which takes no turn of its model. */
async function startNova(options: { allowed?: boolean; args?: string[] } = {}): Promise<ClaudeCode> {
  claude = await ClaudeCode.start({
    brain,
    ...(options.allowed !== false && { allowedTools: ['mcp__parley__*'] }),
    ...(options.args && { args: options.args }),
    mcpServers: {
      parley: {
        command: process.execPath,
        args: [path.join(programs, 'parley.js'), 'mcp'],
        env: { PARLEY_HOME: broker.home, PARLEY_AGENT: 'Nova' },
        alwaysLoad: true,
      },
    },
  });
  await until('Nova to sign on', async () => (await nova())?.reach.state === 'wakes');
  return claude;
}

const nova = async (): Promise<AgentView | undefined> =>
  (await atlas.ask('who', {})).agents.find(({ name }) => name === 'Nova');

/** Places a call, and waits until its receipt at Nova is as wanted: the same key again places nothing, and shows it. */
async function ringUntil(wanted: (receipt: ReceiptView) => boolean): Promise<ReceiptView> {
  const seen = new Set<string>();
  const look = async (): Promise<ReceiptView | false> => {
    const { call } = await atlas.ask('call', { to: 'Nova', topic: 'Review', wait: 0, key: 'the-call' });
    const receipt = call.to[0]?.receipt;
    seen.add(JSON.stringify([receipt?.state, receipt?.result, receipt?.detail]));
    return receipt !== undefined && wanted(receipt) && receipt;
  };
  return until('the receipt', look, 30_000).catch((error: unknown) => {
    throw new Error(`${String(error)}; receipts seen: ${[...seen].join(' ')}`);
  });
}

test('an idle session is rung, its next turn answers, and the two talk', { timeout: 120_000 }, async () => {
  await startNova();
  expect(await nova()).toMatchObject({
    platform: 'Claude Code',
    workspace: claude?.folder,
    reach: { state: 'wakes', ringer: 'claude-inbox' },
  });

  const rung = performance.now();
  const { call } = await atlas.ask('call', { to: 'Nova', topic: 'Review', message: 'Have a look?', wait: 0 });
  const turn = await brain.nextRequest();
  console.log(`from the call until the model was asked: ${Math.round(performance.now() - rung)} ms`);
  expect(turn.news).toContain('Atlas is calling you');
  expect(turn.news).toContain(call.id);
  expect(turn.tools.map(({ name }) => name)).toContain('mcp__parley__answer');

  await turn.callTool('mcp__parley__answer', { answer: 'accept', message: 'Sure, which part?', wait: 10 });
  const heard: ListenEvent[] = [];
  await until('Nova’s first words', async () => {
    heard.push(...(await atlas.ask('listen', { wait: 5 })).events);
    return heard.some((event) => event.what === 'message' && event.message.content === 'Sure, which part?');
  });
  expect(heard[0]).toMatchObject({ what: 'outcome', outcome: 'accepted', agent: 'Nova' });
  await atlas.ask('send', { text: 'The loop.' });

  const next = await brain.nextRequest();
  const [result] = next.toolResults;
  expect(result?.isError).toBe(false);
  const lines = result?.text.split('\n') ?? [];
  expect(lines[0]).toMatch(/^You accepted Atlas's call about "Review"\. You are in thread \w+: use send\.$/);
  expect(lines[1]).toMatch(/^#3 Message from Atlas, not from your user:$/);
  expect(lines[2]).toBe('> Have a look?');
  expect(lines[3]).toMatch(/^#5 Message from Atlas, not from your user, in "Review" \(thread \w+\):$/);
  expect(lines[4]).toBe('> The loop.');
  const { messages } = await atlas.ask('read', {});
  expect(messages.map(({ content, receipts }) => [content, receipts[0]?.state])).toEqual([
    ['', undefined],
    ['', undefined],
    ['Have a look?', 'seen'],
    ['Sure, which part?', 'answered'],
    ['The loop.', 'seen'],
  ]);
  await next.callTool('mcp__parley__leave', {});
  await (await brain.nextRequest()).say('Done.');
  await until('Nova to be free', async () => (await nova())?.presence === 'available');
});

test('with its permission prompt open, the ring is held, and says so', { timeout: 120_000 }, async () => {
  await startNova({ allowed: false });
  await claude?.submit('change yourself');
  await (await brain.nextRequest()).callTool('mcp__parley__profile', { presence: 'busy' });
  await until('the prompt', async () => (await claude?.session())?.status === 'waiting');
  const receipt = await ringUntil(({ result }) => result !== undefined);
  expect(receipt).toMatchObject({
    state: 'stored',
    ringer: 'claude-inbox',
    result: 'held',
    detail: 'permission prompt',
  });
});

test(
  'a session that takes no messages from others refuses, and the caller learns it',
  { timeout: 120_000 },
  async () => {
    await startNova({ args: ['--settings', '{"crossSessionInbound":"refuse"}'] });
    const receipt = await ringUntil(({ result }) => result === 'refused');
    expect(receipt).toMatchObject({ ringer: 'claude-inbox', detail: 'it takes no messages from other sessions' });
  },
);

test(
  'the broker is killed and comes back: Nova is there as herself within 5 s and can be rung',
  { timeout: 120_000 },
  async () => {
    await startNova();
    const before = (await nova())?.id;
    await broker.end('SIGKILL');
    await broker.comeBack();
    const back = performance.now();
    await until('Nova', async () => (await nova())?.presence === 'available', 10_000);
    console.log(`back after ${Math.round(performance.now() - back)} ms`);
    expect(performance.now() - back).toBeLessThan(5000);
    expect((await nova())?.id).toBe(before);
    await atlas.ask('call', { to: 'Nova', topic: 'Again', wait: 0 });
    const turn = await brain.nextRequest();
    expect(turn.news).toContain('Again');
    await turn.say('Noted.');
  },
);

test('when the session ends, Nova is offline at once', { timeout: 120_000 }, async () => {
  const session = await startNova();
  session.press('\x03');
  session.press('\x03');
  await until('Nova to be offline', async () => (await nova())?.presence === 'offline', 15_000);
});
