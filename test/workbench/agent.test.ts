import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startClaudeCodeInTerminal } from '../support/claudeCode';
import { startScriptedModel, type ScriptedModel } from '../support/scriptedModel';
import { until } from '../support/until';
import { startWorkbench, type Workbench } from '../support/workbench';
import { agentAnswers, agentOptions, askAgent, enableAutoApprove } from '../support/workbenchAgent';
import { startProbeServer, type ProbeServer } from './probeServer';

let folder: string;
let model: ScriptedModel;
let server: ProbeServer;
let workbench: Workbench;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'parley-probe-'));
  model = await startScriptedModel();
  server = await startProbeServer(path.join(folder, 'mcp.sock'));
  workbench = await startWorkbench({
    extension: path.join(import.meta.dirname, 'fixtures/probe'),
    env: { PROBE_SOCKET: server.address },
    ...agentOptions(model.brain('atlas')),
  });
});
afterAll(async () => {
  await workbench?.stop();
  await server.stop();
  await model.stop();
  await rm(folder, { recursive: true });
});

test("VS Code's own agent calls a tool when the scripted model says so", async () => {
  const { window } = workbench;
  const brain = model.brain('atlas');
  const started = Date.now();
  await askAgent(window, 'please echo');
  const ask = await brain.nextRequest();
  console.log(`first request of VS Code's agent: ${Date.now() - started} ms`);
  expect(ask.news).toContain('please echo');
  expect(ask.tools.map((tool) => tool.name)).toContain('mcp_probe_echo');

  await ask.callTool('mcp_probe_echo', { text: 'from VS Code' });
  await enableAutoApprove(window);
  const after = await brain.nextRequest();
  expect(after.toolResults.map((result) => result.text).join()).toContain('echo of from VS Code');
  expect(server.echoed).toEqual(['from VS Code']);

  await after.say('It said it back.');
  await until('the answer to show', async () => (await agentAnswers(window)).join().includes('It said it back.'));
  await window.screenshot('equipment-agent');
});

test('Claude Code runs in a terminal of the workbench', async () => {
  const brain = model.brain('nova');
  const claude = await startClaudeCodeInTerminal(workbench.window, { brain });
  try {
    await until('the session to be idle', async () => (await claude.session())?.status === 'idle');
    await workbench.window.page.keyboard.type('hello');
    await workbench.window.page.keyboard.press('Enter');
    const ask = await brain.nextRequest();
    expect(ask.news).toContain('hello');
    await ask.say('Hello to you.');
    await until('the session to be idle again', async () => (await claude.session())?.status === 'idle');
    await workbench.window.screenshot('equipment-terminal');
  } finally {
    await claude.stop();
  }
});
