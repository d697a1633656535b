import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Output } from '../../src/contract/operations';
import { ClaudeCode } from '../support/claudeCode';
import { patience, startParley } from '../support/parley';
import { ScriptedModel } from '../support/scriptedModel';
import type { Workbench } from '../support/workbench';
import { keepEvidence } from '../support/workbenchEvidence';
import type { WorkbenchWindow } from '../support/workbenchWindow';

/** A real Claude Code that knows nothing of Parley, seen and invited from the Roster. */

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
  workbench = await startParley({ env });
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
  const copy = await window.menuOf(window.row(stranger), 'Copy Id');
  const menu = window.page.locator('.monaco-menu');
  expect(await menu.innerText()).toMatch(/Invite to Parley…[^]*Connect This Client…[^]*Copy Id[^]*Reveal Folder/);
  await window.screenshot('nearby-menu');
  await window.takeMenuEntry(copy);
  await window.statusItem('The id is on the clipboard').waitFor({ timeout: patience });
  const session = await claude.session();
  expect(await window.page.evaluate('navigator.clipboard.readText()')).toBe(session?.sessionId);
}, 240_000);

test('an agent that asks who is there is told of the same session, after those who can be called', async () => {
  const launcher = path.join(home, 'bin/parley');
  const parley = async (...words: readonly string[]): Promise<string> => {
    const env = { PATH: process.env['PATH'], HOME: workbench.home, PARLEY_HOME: home };
    return (await promisify(execFile)(launcher, words, { env })).stdout;
  };
  await parley('register', '--name', 'Asker');
  const session = await claude.session();
  const told = JSON.parse(await parley('who', '--as', 'Asker', '--json')) as Output<'who'>;
  expect(told.nearby).toContainEqual(
    expect.objectContaining({ client: 'Claude Code', pid: session?.pid, folder: claude.folder, status: 'idle' }),
  );
  const printed = await parley('who', '--as', 'Asker');
  expect(printed).toMatch(/Asker[^]*Nearby, not signed on[^]*Claude Code/);
  expect(printed.split('Nearby, not signed on')[1]).toContain(claude.folder);
}, 240_000);

test('its folder is shown: in a window of its own, since it is none of this one', async () => {
  const opened = window.page.context().waitForEvent('page', { timeout: patience });
  await window.rowMenu(stranger, 'Reveal Folder');
  const other = await opened;
  await other.locator('.monaco-workbench .part.statusbar').waitFor({ timeout: patience });
  expect(new URL(other.url()).searchParams.get('folder')).toBe(claude.folder);
  await other.close();
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

test('one that begins stands there without a look, and one that was killed is told when its row is used', async () => {
  const second = await ClaudeCode.start({ brain: model.brain('second'), env: { PARLEY_HOME: home } });
  try {
    // The same HOME is watched: the record of the second is put there as Claude Code would.
    const session = await second.session();
    const record = path.join(claude.home, '.claude/sessions', `${session?.pid}.json`);
    writeFileSync(record, JSON.stringify(session));
    await window.row(stranger).waitFor({ timeout: patience });
    rmSync(record);
    await window.row(stranger).waitFor({ state: 'detached', timeout: patience });
    writeFileSync(record, JSON.stringify(session));
    await window.row(stranger).waitFor({ timeout: patience });
  } finally {
    await second.stop();
  }
  await window.rowMenu(stranger, 'Copy Id');
  await window.notification('That session has ended').waitFor({ timeout: patience });
  await window.row(stranger).waitFor({ state: 'detached', timeout: patience });
}, 240_000);
