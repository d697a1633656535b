import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BrokerRecord } from '../../src/contract/wire';
import { homeIn, patience, showParley, startParley } from '../support/parley';
import { until } from '../support/until';
import type { Workbench } from '../support/workbench';
import { keepEvidence } from '../support/workbenchEvidence';
import type { WorkbenchWindow } from '../support/workbenchWindow';

/** What keeps Parley well in VS Code: the doctor and its fixes, the report of an issue, connecting a client. */

let workbench: Workbench;
let window: WorkbenchWindow;
const user = (file: string): string => path.join(workbench.home, file);
const read = (file: string): string => readFileSync(user(file), 'utf8');

beforeAll(async () => {
  workbench = await startParley();
  window = workbench.window;
  await showParley(window, homeIn(workbench));
}, 180_000);
afterAll(async () => {
  await workbench?.stop();
}, 60_000);
keepEvidence(() => workbench);

const line = (text: string | RegExp): Locator =>
  window.page.locator('.quick-input-list .monaco-list-row').filter({ hasText: text });

/** Opens the doctor's list and waits until it has looked at everything. */
async function doctor(): Promise<void> {
  await window.runCommand('Parley: Doctor');
  await looked();
}

async function looked(): Promise<void> {
  const done = /^(?:Nothing|Something) is broken/;
  await window.page.getByPlaceholder(done).waitFor({ timeout: patience });
}

/** Moves to a line of the list, wherever it is: the list draws only those in sight. */
async function find(text: string): Promise<Locator> {
  await window.quickInput().fill(text);
  const found = line(text).first();
  await found.waitFor({ timeout: patience });
  return found;
}

test('the doctor shows a list in which what is well can be told from what is not', async () => {
  await doctor();
  await window.screenshot('doctor');
  await (
    await find('Broker Answers')
  )
    .getByText(/version \d/)
    .first()
    .waitFor();
  await (
    await find('Hooks')
  )
    .getByText(/each ran once/)
    .first()
    .waitFor();
  await (await find('VS Code')).getByText('the extension gives the chat its tools').first().waitFor();
  await window.page.keyboard.press('Escape');
});

test('a broker that is gone is started with a key from the list, and the list shows that it is back', async () => {
  await workbench.writeSettings({ 'parley.autoStart': false }, 'Machine');
  await window.openContainer('Parley');
  const broker = (): BrokerRecord => JSON.parse(read('.parley/broker.json')) as BrokerRecord;
  let record = broker();
  // As long as the extension has not heard of the setting, it starts another, within a second on a quiet machine.
  await until('a broker that stays away', async () => {
    record = broker();
    process.kill(record.pid, 'SIGKILL');
    const another = until('another', () => broker().pid !== record.pid, 8_000);
    return another.then(() => false).catch(() => true);
  });
  await window.page.getByText('The broker is not running: nobody').waitFor({ timeout: patience });
  await doctor();
  await line(/Start Broker/)
    .first()
    .waitFor({ timeout: patience });
  await window.screenshot('doctor-broker-gone');
  await line(/Start Broker/)
    .first()
    .click();
  await until('another broker', () => broker().pid !== record.pid, patience);
  await looked();
  await (
    await find('Broker Answers')
  )
    .getByText(/version \d/)
    .first()
    .waitFor({ timeout: patience });
  await window.page.keyboard.press('Escape');
});

test('the same stands on a page', async () => {
  await doctor();
  await window.page.getByRole('button', { name: 'Show as a Page' }).click();
  const page = window.webview();
  await page.getByRole('heading', { name: 'Parley Doctor' }).waitFor({ timeout: patience });
  await page.getByText('Permissions of the Home').waitFor();
  await window.screenshot('doctor-page');
  await window.runCommand('View: Close All Editors');
});

test('a report of an issue is shown before it leaves, and nothing of the home is in it', async () => {
  await window.runCommand('Parley: Report Issue…');
  await window.page.getByText('This is all that would be told').waitFor({ timeout: patience });
  await window.screenshot('report-issue');
  await window.pick('Copy');
  await window.notification('The report is on the clipboard.').waitFor({ timeout: patience });
  const text = String(await window.page.evaluate('navigator.clipboard.readText()'));
  expect(text).toMatch(/^- Parley: \d/);
  expect(text).toContain('| answering | ok |');
  expect(text).not.toContain(workbench.root);
  await window.runCommand('View: Close All Editors');
});

test('where the editor cannot open its issue reporter, the report is on the clipboard, and it says so', async () => {
  // In a browser VS Code goes to the address of the extension's project instead, which the manifest does not name.
  await window.runCommand('Parley: Report Issue…');
  await window.page.getByText('This is all that would be told').waitFor({ timeout: patience });
  await window.page.evaluate('navigator.clipboard.writeText("mine")');
  await window.pick('Open Issue Reporter');
  await window.notification('The issue reporter did not open').waitFor({ timeout: patience });
  await window.screenshot('report-issue-no-reporter');
  expect(String(await window.page.evaluate('navigator.clipboard.readText()'))).toMatch(/^- Parley: \d/);
  await window.runCommand('View: Close All Editors');
});

test('connecting Copilot CLI so that calls wake it sets its flag and its extension, and takes both out again', async () => {
  mkdirSync(user('.copilot'), { recursive: true });
  const before = '{\n  "theme": "dark"\n}\n';
  writeFileSync(user('.copilot/settings.json'), before);
  await window.runCommand('Parley: Connect an Agent…');
  await window.pick('Copilot CLI');
  await line('Connect, and Let Calls Wake It').getByText('enabledFeatureFlags.EXTENSIONS = true').waitFor();
  await window.screenshot('connect-wake');
  await window.pick('Connect, and Let Calls Wake It');
  await window.page.getByText('Make this change to the configuration of Copilot CLI?').waitFor({ timeout: patience });
  await line(/^Connect/)
    .first()
    .click();
  await window.notification(/Copilot CLI is connected/).waitFor({ timeout: patience });
  expect(JSON.parse(read('.copilot/settings.json'))).toEqual({
    theme: 'dark',
    enabledFeatureFlags: { EXTENSIONS: true },
  });
  expect(existsSync(user('.copilot/extensions/parley/extension.mjs'))).toBe(true);

  await window.runCommand('Parley: Connect an Agent…');
  await window.pick('Copilot CLI');
  await window.pick('Disconnect');
  await window.page.getByText('Make this change to the configuration of Copilot CLI?').waitFor({ timeout: patience });
  await line(/^Disconnect/)
    .first()
    .click();
  await window.notification('Copilot CLI is not connected any more').waitFor({ timeout: patience });
  expect(read('.copilot/settings.json')).toBe(before);
  expect(existsSync(user('.copilot/extensions'))).toBe(false);
});

test('connecting Claude Code shows the change, makes it, tries it, and takes all of it out again', async () => {
  const before = '{\n  // mine\n  "theme": "dark"\n}\n';
  mkdirSync(user('.claude'), { recursive: true });
  writeFileSync(user('.claude/settings.json'), before);
  // The README has this picture: what was told before does not stand over it.
  await window.runCommand('Notifications: Clear All Notifications');
  await window.runCommand('Parley: Connect an Agent…');
  await window.pick('Claude Code');
  await window.pick('Connect, and Allow');
  await window.page.getByText('Make this change to the configuration of Claude Code?').waitFor({ timeout: patience });
  await window.page
    .locator('.multiDiffEntry, .multi-diff-root-floating-menu, .monaco-component.multiDiffEditor')
    .first()
    .waitFor({ timeout: patience });
  await window.page.getByText('SessionStart').first().waitFor({ timeout: patience });
  await window.screenshot('connect-change');
  expect(existsSync(user('.claude.json'))).toBe(false);
  await window.pick('Leave It as It Is');
  await window.page.getByText('Changes to Claude Code').first().waitFor({ state: 'detached', timeout: patience });
  expect(read('.claude/settings.json')).toBe(before);

  await window.runCommand('Parley: Connect an Agent…');
  await window.pick('Claude Code');
  await window.pick('Connect, and Allow');
  await window.page.getByText('Make this change to the configuration of Claude Code?').waitFor({ timeout: patience });
  await line(/^Connect/)
    .first()
    .click();
  await window
    .notification(/Claude Code is connected, and Parley answers with \d+ tools/)
    .waitFor({ timeout: patience });
  await window.screenshot('connect-done');
  expect(read('.claude/settings.json')).toContain('mcp__parley');
  expect(read('.claude/settings.json')).toContain('// mine');
  expect(read('.claude.json')).toContain(user('.parley/bin/parley'));

  await window.runCommand('Parley: Connect an Agent…');
  await window.pick('Claude Code');
  await window.pick('Disconnect');
  await window.page.getByText('Make this change to the configuration of Claude Code?').waitFor({ timeout: patience });
  await window.screenshot('connect-remove');
  await line(/^Disconnect/)
    .first()
    .click();
  await window.notification('Claude Code is not connected any more').waitFor({ timeout: patience });
  expect(read('.claude/settings.json')).toBe(before);
  expect(existsSync(user('.claude.json'))).toBe(false);
  expect(existsSync(user('.claude/skills'))).toBe(false);
});

test('a client whose file is malformed is left alone, with an error that names the file', async () => {
  mkdirSync(user('.gemini'), { recursive: true });
  writeFileSync(user('.gemini/settings.json'), '{"a": ');
  await window.runCommand('Parley: Connect an Agent…');
  await window.pick('Gemini CLI');
  await line(/^Connect/)
    .first()
    .click();
  await window.notification(/Nothing was changed: .*settings\.json is not JSON/).waitFor({ timeout: patience });
  await window.screenshot('connect-malformed');
  expect(read('.gemini/settings.json')).toBe('{"a": ');
});
