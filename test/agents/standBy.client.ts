import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Client } from '../../src/client/client';
import { systemClock } from '../../src/client/clock';
import { IdentityStore, readAdminToken } from '../../src/client/identityStore';
import type { Watched } from '../../src/contract/wire';
import { foregroundProgram } from '../../src/nearby/foreground';
import { DoorRinger } from '../../src/ringers/doorRinger';
import { headlessSession } from '../../src/ringers/headlessClients';
import { HeadlessResumeDoor } from '../../src/ringers/headlessResume';
import { DoorClosed, type LateReport } from '../../src/ringers/ringer';
import { TypedLineDoor } from '../../src/ringers/typedLine';
import { BrokerProcess, bundlePrograms, temporaryHome, testEdition } from '../support/brokerProcess';
import { ClaudeCode } from '../support/claudeCode';
import { equipment } from '../support/provision';
import { startScriptedModel, type Brain, type ScriptedModel } from '../support/scriptedModel';
import { until } from '../support/until';

/** The ringers that a window runs with the person's word, against the real Claude Code: a program of ours is the window. */

const patience = 120_000;
let programs: string;
let model: ScriptedModel;
let brain: Brain;
let broker: BrokerProcess;
let claude: ClaudeCode;
let atlas: Client;
let folder: string;

beforeAll(async () => {
  programs = await bundlePrograms(testEdition, ['broker', 'index-worker', 'parley']);
  model = await startScriptedModel();
  brain = model.brain('nova');
  broker = new BrokerProcess(programs, temporaryHome());
  await broker.start();
  atlas = await broker.agent('Atlas');
  folder = fs.realpathSync(fs.mkdtempSync(path.join(tmpdir(), 'parley-stand-by-')));
  claude = await ClaudeCode.start({
    brain,
    allowedTools: ['mcp__parley__*'],
    env: { PARLEY_AGENT: 'Nova' },
    mcpServers: { parley: server() },
  });
}, 180_000);
afterAll(async () => {
  await claude?.stop();
  await broker?.dispose();
  await model?.stop();
  fs.rmSync(programs, { recursive: true, force: true });
  fs.rmSync(folder, { recursive: true, force: true });
}, 60_000);

function server() {
  const args = [path.join(programs, 'parley.js'), 'mcp'];
  return { command: process.execPath, args, env: { PARLEY_HOME: broker.home }, alwaysLoad: true };
}

const nova = async () => (await atlas.ask('who', {})).agents.find(({ name }) => name === 'Nova');

/** The model's request that holds these words. */
async function heard(words: string) {
  return until(`the model to hear ${words}`, () => brain.take(words), patience);
}

it('a line typed into the terminal of an idle Claude Code starts a turn, and nothing is typed into another program', async () => {
  await until('Nova to sign on', async () => (await nova())?.presence === 'available', 60_000);
  const { pid } = (await claude.session()) ?? { pid: 0 };
  let wanted = 'codex';
  const terminal = {
    obstacle: async () => ((await foregroundProgram(pid)) === wanted ? undefined : `not ${wanted}`),
    type: (text: string) => claude.press(text),
  };
  const door = new TypedLineDoor({ terminal: () => Promise.resolve(terminal), clock: systemClock });
  const ringer = new DoorRinger({ door, clock: systemClock });
  const request = { kind: 'call', subject: '01TYPED', call: '01TYPED', from: 'Atlas', topic: 'Typed' } as const;
  const ring = { ...request, agent: 'nova', fromId: 'atlas', ringer: 'typed-line', text: 'x', permitted: true };
  expect(await ringer.ring(ring)).toEqual({ result: 'failed', detail: 'not codex' });
  wanted = 'claude';
  const began = performance.now();
  expect(await ringer.ring(ring)).toEqual({ result: 'written' });
  const turn = await heard('01TYPED');
  console.log(`typed line to the model: ${(turn.at - began).toFixed(0)} ms`);
  expect(turn.news).toContain('you have a call from Atlas');
  await turn.say('Good.');
  await until('it to be idle', async () => (await claude.session())?.status === 'idle', patience);
}, 300_000);

it('a Claude Code whose session has ended is brought back for a call, answers it, and ends', async () => {
  claude.press('/exit');
  await claude.waitForScreen(/\/exit/);
  claude.press('\r');
  await until('Nova to be away', async () => (await nova())?.presence === 'offline', 60_000);
  const { id = '', sessions = [] } = new IdentityStore(broker.home).byName('Nova') ?? {};
  const session = headlessSession(sessions);
  if (!session) throw new DoorClosed(`no session among ${sessions.join()}`);
  expect(session.client.program).toBe('claude');

  // The real program; in between stand only the settings that this Claude Code's user would have in a file.
  const program = path.join(folder, 'claude');
  const config = path.join(folder, 'mcp.json');
  fs.writeFileSync(config, JSON.stringify({ mcpServers: { parley: server() } }));
  fs.writeFileSync(
    program,
    `#!/bin/sh\nexec '${equipment.claude}' --mcp-config='${config}' --strict-mcp-config "$@"\n`,
    {
      mode: 0o700,
    },
  );
  const reports: LateReport[] = [];
  const notes: string[] = [];
  const door = new HeadlessResumeDoor({
    find: () => Promise.resolve({ session, program, folder: claude.folder }),
    env: {
      PATH: process.env['PATH'],
      HOME: claude.home,
      ANTHROPIC_BASE_URL: brain.baseUrl,
      ANTHROPIC_API_KEY: 'x',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      DISABLE_AUTOUPDATER: '1',
      PARLEY_HOME: broker.home,
      PARLEY_AGENT: 'Nova',
    },
    clock: systemClock,
    report: (report) => reports.push(report),
    note: (text) => notes.push(text),
  });
  const ringer = new DoorRinger({ door, clock: systemClock });
  const token = readAdminToken(broker.home) ?? '';
  const window = await broker.connect({ token, present: true, ring: (request) => ringer.ring(request) });
  const happened: Watched[] = [];
  window.watch((event) => void happened.push(event));
  window.standBy([{ agent: id, ringers: ['headless-resume'] }]);
  await until('the broker to know', async () => (await nova())?.reach.ringer === 'headless-resume');

  const began = performance.now();
  const { call } = await atlas.ask('call', { to: ['Nova'], topic: 'Are you there?', wait: 0 });
  const turn = await heard(call.id);
  console.log(`brought back, to the model: ${(turn.at - began).toFixed(0)} ms`);
  expect(turn.news).toContain('Are you there?');
  const types = (): string[] => happened.map(({ type }) => type);
  const rung = happened.flatMap((one) => (one.type === 'receipt.rung' ? [one.payload] : []));
  expect(rung).toMatchObject([{ subject: call.id, report: { ringer: 'headless-resume', result: 'written' } }]);
  expect(types()).not.toContain('receipt.seen');
  await turn.callTool('mcp__parley__answer', { call: call.id, answer: 'accept' });
  const next = await until('the result', () => brain.take(''), patience);
  expect(next.toolResults[0]?.isError).toBe(false);
  expect(types()).toContain('call.accepted');
  await next.say('I was brought back.');
  await until('it to end', () => notes.some((note) => /ended with 0/.test(note)), patience);
  expect(reports).toEqual([]);
  window.close();
}, 300_000);
