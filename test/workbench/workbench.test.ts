import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startClaudeCodeInTerminal } from '../support/claudeCode';
import { startScriptedModel, type ScriptedModel } from '../support/scriptedModel';
import { until } from '../support/until';
import { startWorkbench, type Workbench } from '../support/workbench';
import { keepEvidence } from '../support/workbenchEvidence';
import { agentAnswers, agentOptions, askAgent, enableAutoApprove } from '../support/workbenchAgent';
import { startProbeServer, type ProbeServer } from './probeServer';

let folder: string;
let model: ScriptedModel;
let server: ProbeServer;
let workbench: Workbench;
keepEvidence(() => workbench);

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'parley-probe-'));
  model = await startScriptedModel();
  server = await startProbeServer(path.join(folder, 'mcp.sock'));
  const agent = agentOptions(model.brain('atlas'));
  const started = Date.now();
  workbench = await startWorkbench({
    ...agent,
    extension: path.join(import.meta.dirname, 'fixtures/probe'),
    settings: { ...agent.settings, 'probe.greeting': 'hello' },
    env: { PROBE_SOCKET: server.address },
  });
  console.log(`workbench with a window: ${Date.now() - started} ms`);
});
afterAll(async () => {
  await workbench?.stop();
  await server.stop();
  await model.stop();
  await rm(folder, { recursive: true });
});

test('an installed extension shows its tree, badge and status bar item', async () => {
  const { window } = workbench;
  await window.statusItem('Probe says hello').waitFor();
  await window.openContainer('Probe');
  await window.row('Nova, touched 3 times').waitFor();
  expect(await window.badge('Probe')).toBe('3');
  await window.rowAction('Nova', 'Touch');
  await window.row('Nova, touched 4 times').waitFor();
  await until('the badge to say 4', async () => (await window.badge('Probe')) === '4');
});

test('a toast answers the extension that showed it', async () => {
  const { window } = workbench;
  await window.runCommand('Probe: Ring');
  await window.answerNotification('Probe is ringing', 'Answer');
  await window.notification('You chose Answer').waitFor();
  expect(await window.notifications()).toEqual(['You chose Answer']);
});

test('a progress toast runs the command behind a link in its message, and ends when cancelled', async () => {
  const { window } = workbench;
  await window.runCommand('Probe: Call');
  await window.answerNotification('Atlas is calling', 'Touch');
  await window.row('Nova, touched 5 times').waitFor();
  await window.answerNotification('Atlas is calling', 'Cancel');
  await window.notification('Atlas is calling').waitFor({ state: 'detached' });
});

test('a webview and its extension talk', async () => {
  const { window } = workbench;
  await window.runCommand('Probe: Open Page');
  await window.webview().locator('#say').click();
  await expect.poll(() => window.webview().locator('#heard').innerText()).toBe('heard hello');
});

test('a changed setting reaches the extension, and a window opened later', async () => {
  await workbench.writeSettings({ 'probe.greeting': 'goodbye' });
  await workbench.window.statusItem('Probe says goodbye').waitFor();
  const second = await workbench.openWindow();
  await second.statusItem('Probe says goodbye').waitFor();
  await second.reload();
  await second.statusItem('Probe says goodbye').waitFor();
  await second.screenshot('equipment-second-window');
  await second.close();
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

test('stopping leaves no process', async () => {
  expect(workbench.processes().length).toBeGreaterThan(2);
  await workbench.stop();
  expect(workbench.processes()).toEqual([]);
});
