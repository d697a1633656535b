import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { ClaudeCode } from '../support/claudeCode';
import { startScriptedModel, type Brain, type ScriptedModel } from '../support/scriptedModel';
import { until } from '../support/until';
import { startProbeServer, type ProbeServer } from './probeServer';

let model: ScriptedModel;
let server: ProbeServer;
let brain: Brain;

beforeAll(async () => {
  model = await startScriptedModel();
  server = await startProbeServer();
});
afterAll(async () => {
  await model.stop();
  await server.stop();
});
beforeEach((context) => (brain = model.brain(context.task.id)));

const servers = (): object => ({ probe: { type: 'http', url: server.address, alwaysLoad: true } });

test('Claude Code starts idle, and each step waits for the test', async () => {
  const started = Date.now();
  const claude = await ClaudeCode.start({ brain, mcpServers: servers() as never, allowedTools: ['mcp__probe__*'] });
  console.log(`Claude Code, idle at its prompt: ${Date.now() - started} ms`);
  try {
    expect((await claude.session())?.status).toBe('idle');
    await until('Claude Code to connect', () => server.clients > 0);
    await claude.submit('please echo');
    const ask = await brain.nextRequest();
    expect(ask.news).toContain('please echo');
    expect(server.echoed).toEqual([]);
    await until('the session to be busy', async () => (await claude.session())?.status === 'busy');

    await ask.callTool('mcp__probe__echo', { text: 'from Claude Code' });
    const after = await brain.nextRequest();
    expect(after.toolResults).toEqual([{ text: 'echo of from Claude Code', isError: false }]);

    await after.say('It said it back.');
    await claude.waitForScreen(/It said it back\./);
    await until('the session to be idle', async () => (await claude.session())?.status === 'idle');
  } finally {
    await claude.stop();
  }
});

test('a tool that no rule allows raises a permission prompt on the screen', async () => {
  const claude = await ClaudeCode.start({ brain, mcpServers: servers() as never });
  try {
    await claude.submit('please echo');
    await (await brain.nextRequest()).callTool('mcp__probe__echo', { text: 'not allowed' });
    await claude.waitForScreen(/Do you want to proceed/);
    await until('the session to wait', async () => (await claude.session())?.status === 'waiting');
    expect(server.echoed).not.toContain('not allowed');
  } finally {
    await claude.stop();
  }
});
