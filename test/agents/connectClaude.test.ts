import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConnectedHome } from '../support/connectedHome';
import { equipment, provide } from '../support/provision';
import { startScriptedModel, type Brain, type ScriptedModel } from '../support/scriptedModel';
import { until } from '../support/until';

/** `parley connect claude-code` with the real Claude Code: what it set up is used, and what it takes out is gone. */

const session = '6d2b1f0e-58a4-4c35-9f0c-3f1f5a0c7b11';
let home: ConnectedHome;
let model: ScriptedModel;

beforeAll(async () => {
  await provide('claudeCode');
  home = await ConnectedHome.make();
  model = await startScriptedModel();
}, 120_000);
afterAll(async () => {
  await model?.stop();
  await home?.dispose();
});

/** One headless run of Claude Code; resolves with its exit code and what it printed. */
function claude(brain: Brain, args: readonly string[] = []): Promise<{ code: number | null; said: string }> {
  const env = home.env({
    ANTHROPIC_BASE_URL: brain.baseUrl,
    ANTHROPIC_API_KEY: 'x',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_AUTOUPDATER: '1',
  });
  const child = spawn(equipment.claude, ['-p', 'hello', ...args], {
    cwd: home.project,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (said += part.toString()));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, said })));
}

/** Rings come by its inbox too, and may start another turn: that one ends at once. */
function sayBye(brain: Brain): void {
  brain
    .nextRequest()
    .then(async (turn) => {
      await turn.say('Bye.');
      sayBye(brain);
    })
    .catch(() => undefined);
}

const hasHooks = (name: string): boolean => fs.existsSync(path.join(home.user, '.claude', name));

describe('Claude Code', () => {
  it('once connected signs on, uses the tools without a prompt, hears of messages and calls by its hooks', async () => {
    fs.writeFileSync(path.join(home.user, '.claude.json'), '{\n  "hasCompletedOnboarding": true\n}\n');
    const said = await home.parley('connect', 'claude-code', '--yes', '--allow');
    expect(said).toMatch(/\+ +"parley": \{[\s\S]*Claude Code is connected, and Parley answers with \d+ tools/);

    const atlas = await home.broker.agent('Atlas');
    const brain = model.brain('nova');
    const ended = claude(brain, ['--session-id', session]);
    const first = await brain.nextRequest();
    const name = await until('it to sign on', async () => {
      const { agents } = await atlas.ask('who', {});
      return agents.find(({ platform }) => platform === 'Claude Code')?.name;
    });
    expect(JSON.stringify(first.request)).toContain('Talk with the other coding agents on this machine over Parley'); // the skill
    await first.callTool('mcp__parley__who');

    const second = await brain.nextRequest();
    expect(second.toolResults.map(({ isError }) => isError)).toEqual([false]);
    expect(second.toolResults[0]?.text).toContain('Atlas');
    const { message } = await atlas.ask('message', { to: name, text: 'The parser loses the last line' });
    fs.writeFileSync(path.join(home.project, 'a.txt'), 'text');
    await second.callTool('Read', { file_path: path.join(home.project, 'a.txt') });

    const third = await brain.nextRequest();
    expect(third.news).toContain('> The parser loses the last line');
    const { messages } = await atlas.ask('read', { thread: message.thread });
    expect(messages.find(({ id }) => id === message.id)?.receipts.map(({ state }) => state)).toEqual(['seen']);
    await atlas.ask('call', { to: [name], topic: 'Review of the parser' });
    await third.say('Done.');

    const fourth = await brain.nextRequest();
    expect(fourth.news).toMatch(/stop hook/i);
    expect(fourth.news).toMatch(/A call \w+ from Atlas[\s\S]*Review of the parser/);
    await fourth.say('I leave it ringing.');
    sayBye(brain);
    expect((await ended).code).toBe(0);

    // Away now; the same session, begun again, is told what was left for it.
    await atlas.ask('message', { to: name, text: 'It was the lexer after all' });
    const later = model.brain('later');
    const again = claude(later, ['--resume', session]);
    const fifth = await later.nextRequest();
    expect(fifth.news).toContain('> It was the lexer after all');
    await fifth.say('Good.');
    sayBye(later);
    expect((await again).code).toBe(0);
    atlas.close();
  });

  it('no longer connected knows nothing of it, and keeps what is its own', async () => {
    expect(hasHooks('settings.json')).toBe(true);
    const own = JSON.parse(fs.readFileSync(path.join(home.user, '.claude.json'), 'utf8')) as object;
    expect(Object.keys(own).length).toBeGreaterThan(2);
    await home.parley('connect', 'claude-code', '--remove', '--yes');
    expect(hasHooks('settings.json')).toBe(false);
    expect(hasHooks('skills')).toBe(false);
    const { mcpServers, ...rest } = { mcpServers: undefined, ...own };
    expect(JSON.stringify(mcpServers)).toContain('parley');
    expect(JSON.parse(fs.readFileSync(path.join(home.user, '.claude.json'), 'utf8'))).toEqual(rest);

    const brain = model.brain('after');
    const ended = claude(brain);
    const first = await brain.nextRequest();
    expect(JSON.stringify(first.request)).not.toMatch(/parley(?!-user)/i);
    await first.say('Bye.');
    expect((await ended).code).toBe(0);
  });

  it('takes the plugin folder as it is: server, hooks and skill', async () => {
    const zeno = await home.broker.agent('Zeno');
    // The sessions before may still come back: their agents are not offline yet.
    const before = new Set((await zeno.ask('who', {})).agents.map(({ id }) => id));
    const brain = model.brain('plugin');
    const ended = claude(brain, [
      '--plugin-dir',
      path.join(equipment.root, 'plugin'),
      '--allowedTools',
      'mcp__plugin_parley_parley',
    ]);
    const first = await brain.nextRequest();
    await first.callTool('mcp__plugin_parley_parley__who');
    const second = await brain.nextRequest();
    expect(second.toolResults.map(({ isError }) => isError)).toEqual([false]);
    const { agents } = await zeno.ask('who', {});
    const name = agents.find(({ id, platform }) => platform === 'Claude Code' && !before.has(id))?.name ?? '';
    await zeno.ask('message', { to: name, text: 'Do the hooks run?' });
    await second.callTool('Read', { file_path: path.join(home.project, 'a.txt') });
    const third = await brain.nextRequest();
    expect(third.news).toContain('> Do the hooks run?');
    await third.say('Bye.');
    expect(await ended).toEqual({ code: 0, said: 'Bye.\n' });
    zeno.close();
  });
});
