import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ClaudeCode } from '../support/claudeCode';
import { equipment } from '../support/provision';
import { ScriptedModel } from '../support/scriptedModel';
import { startWorkbench, type Workbench } from '../support/workbench';
import { keepEvidence } from '../support/workbenchEvidence';
import type { WorkbenchWindow } from '../support/workbenchWindow';

/** A real Claude Code that knows nothing of Parley, seen and invited from the Roster. */

const patience = 60_000;
const home = mkdtempSync(path.join(tmpdir(), 'parley-nb-'));
let model: ScriptedModel;
let claude: ClaudeCode;
let workbench: Workbench;
let window: WorkbenchWindow;

beforeAll(async () => {
  model = await ScriptedModel.start();
  claude = await ClaudeCode.start({
    brain: model.brain('stranger'),
    allowedTools: ['Bash'],
    env: { PARLEY_HOME: home },
  });
  const env = { PARLEY_HOME: home, CLAUDE_CONFIG_DIR: path.join(claude.home, '.claude') };
  workbench = await startWorkbench({ vsix: equipment.vsix, env });
  window = workbench.window;
  await window.openContainer('Parley');
}, 240_000);

afterAll(async () => {
  await workbench?.stop();
  await claude?.stop();
  await model?.stop();
  await rm(home, { recursive: true, force: true });
}, 60_000);
keepEvidence(() => workbench);

/** The session's row, whatever it does. */
const stranger = /^Claude Code, project, .*has not signed on$/;

test('a session that has not signed on stands under Nearby, with its folder and what it does; its id can be copied', async () => {
  await window.row(/^Nearby, \d+ session/).waitFor({ timeout: patience });
  await window.row(stranger).waitFor({ timeout: patience });
  await window.row(stranger).hover();
  await window.screenshot('nearby-roster');
  await window.row(stranger).click({ button: 'right' });
  const menu = window.page.locator('.monaco-menu');
  await menu.getByText('Connect This Client…').waitFor({ timeout: patience });
  expect(await menu.innerText()).toMatch(/Invite to Parley…[^]*Connect This Client…[^]*Copy Id[^]*Reveal Folder/);
  await window.screenshot('nearby-menu');
  await menu.getByText('Copy Id').click();
  await window.statusItem('The id is on the clipboard').waitFor({ timeout: patience });
  const session = await claude.session();
  expect(await window.page.evaluate('navigator.clipboard.readText()')).toBe(session?.sessionId);
}, 240_000);

test('it is invited with the line that was shown, once the person says so, and is an agent when it has followed', async () => {
  const brain = model.brain('stranger');
  await window.rowAction(stranger, 'Invite to Parley…');
  const dialog = window.page.locator('.monaco-dialog-box');
  await dialog.waitFor({ timeout: patience });
  const said = await dialog.innerText();
  expect(said).toContain(`Invite Claude Code in ${claude.folder} to Parley?`);
  const command = `${path.join(home, 'bin/parley')} register`;
  expect(said).toContain(command);
  await window.screenshot('nearby-invite');
  expect(brain.seen.join('\n')).not.toContain('invited');

  await window.dialogButton('Send This Line').click();
  const turn = await brain.nextRequest(patience);
  expect(JSON.stringify(turn.request)).toContain('You are invited to Parley');
  await window.notification('The line is in the session of Claude Code.').waitFor({ timeout: patience });
  await turn.callTool('Bash', { command: `${command} --name Nova`, description: 'Sign on' });
  const after = await brain.nextRequest(patience);
  expect(JSON.stringify(after.request)).toContain('You are Nova');
  await after.say('I am there.');
  await window.row(/^Nova, Claude Code, available/).waitFor({ timeout: patience });
  await window.row(stranger).waitFor({ state: 'detached', timeout: patience });
  await window.screenshot('nearby-signed-on');
}, 240_000);
