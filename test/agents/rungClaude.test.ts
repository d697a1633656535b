import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Client } from '../../src/client/client';
import { BrokerProcess, bundlePrograms, temporaryHome, testEdition } from '../support/brokerProcess';
import { ClaudeCode } from '../support/claudeCode';
import { hundredRings, problemsOf } from '../support/hundredRings';
import { RungClaude } from '../support/rungClaude';
import { startScriptedModel, type Brain, type ScriptedModel } from '../support/scriptedModel';
import { until } from '../support/until';

/** The real Claude Code, idle, rung through its inbox socket again and again: 20 times, in `npm run test:clients` 100 times. */

let programs: string;
let model: ScriptedModel;
let brain: Brain;
let broker: BrokerProcess;
let claude: ClaudeCode;
let atlas: Client;
let person: Client;

beforeAll(async () => {
  programs = await bundlePrograms(testEdition, ['broker', 'index-worker', 'parley']);
  model = await startScriptedModel();
  brain = model.brain('nova');
  broker = new BrokerProcess(programs, temporaryHome());
  await broker.start();
  atlas = await broker.agent('Atlas');
  person = await broker.person();
  claude = await ClaudeCode.start({
    brain,
    allowedTools: ['mcp__parley__*'],
    mcpServers: {
      parley: {
        command: process.execPath,
        args: [path.join(programs, 'parley.js'), 'mcp'],
        env: { PARLEY_HOME: broker.home, PARLEY_AGENT: 'Nova' },
        alwaysLoad: true,
      },
    },
  });
}, 180_000);
afterAll(async () => {
  await claude?.stop();
  await broker?.dispose();
  await model?.stop();
  fs.rmSync(programs, { recursive: true, force: true });
}, 60_000);

it('an idle Claude Code hears at least 95 of a hundred rings, at most twice as slow as by its bare door, with honest receipts', async () => {
  const rings = Number(process.env['PARLEY_RINGS'] ?? 20);
  const nova = async () => (await atlas.ask('who', {})).agents.find(({ name }) => name === 'Nova');
  await until('Nova to sign on', async () => (await nova())?.reach.state === 'wakes', 60_000);
  const plan = { rings, bare: Math.max(5, Math.round(rings / 5)), caller: atlas, person, callee: 'Nova' };
  expect(problemsOf(await hundredRings(new RungClaude(claude, brain), plan))).toEqual([]);
}, 1_200_000);
