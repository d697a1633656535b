import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { homeIn, patience, showParley, startParley } from '../support/parley';
import { equipment } from '../support/provision';
import { until } from '../support/until';
import type { Workbench } from '../support/workbench';
import { keepEvidence } from '../support/workbenchEvidence';
import type { WorkbenchWindow } from '../support/workbenchWindow';

/** MCP servers that the person shares with the roster from VS Code, used by an agent of the command line. */

const base = mkdtempSync(path.join(tmpdir(), 'parley-sh-'));
const project = path.join(realpathSync(base), 'project');
const ours = path.resolve('test/support/sharedServer.mjs');
let workbench: Workbench;
let window: WorkbenchWindow;

/** What `parley` prints, as it runs in a terminal of this machine. */
async function parley(...words: readonly string[]): Promise<string> {
  const env = { PATH: process.env['PATH'], HOME: workbench.home };
  const launcher = path.join(homeIn(workbench), 'bin/parley');
  return (await promisify(execFile)(launcher, words, { env })).stdout;
}

/** Says that a server is shared, and which. */
async function choose(entry: string): Promise<void> {
  await window.runCommand('Parley: Share an MCP Server…');
  await window.page.getByText('Which MCP server do you share?').waitFor({ timeout: patience });
  await window.screenshot('shares-which');
  await window.pick(entry);
}

beforeAll(async () => {
  const servers = {
    'Tool Box': { command: equipment.node, args: [ours], env: { BOX_KEY: 'kept-to-ourselves' } },
    broken: { command: 'no-such-program-anywhere' },
    asking: { command: 'box', args: ['${input:token}'] },
  };
  mkdirSync(path.join(project, '.vscode'), { recursive: true });
  writeFileSync(path.join(project, '.vscode/mcp.json'), JSON.stringify({ servers }));
  workbench = await startParley({ folder: project });
  window = workbench.window;
  await showParley(window, homeIn(workbench));
  await parley('register', '--name', 'Nova');
  await window.row(/^Nova, /).waitFor({ timeout: patience });
}, 180_000);
afterAll(async () => {
  await workbench?.stop();
  rmSync(base, { recursive: true, force: true });
}, 60_000);
keepEvidence(() => workbench);

test('a server of mcp.json is shared once the person has seen what runs, and an agent uses its tool', async () => {
  await choose('Tool Box');
  await window.page.getByText('What is it called on the roster?').waitFor({ timeout: patience });
  expect(await window.quickInput().inputValue()).toBe('Tool-Box');
  await window.quickInput().fill('nova');
  await window.page.getByText('nova is on the roster already. Choose another name.').waitFor({ timeout: patience });
  await window.screenshot('shares-name-taken');
  await window.enter('Box');

  const dialog = window.page.locator('.monaco-dialog-box');
  await dialog.getByText('Share Box with every agent on the roster?').waitFor({ timeout: patience });
  const said = await dialog.innerText();
  for (const part of [`${equipment.node} ${ours}`, `In ${project}`, 'With BOX_KEY']) expect(said).toContain(part);
  expect(said).not.toContain('kept-to-ourselves');
  await window.screenshot('shares-sure');
  expect(await parley('who', '--as', 'Nova')).not.toContain('Box');

  await window.dialogButton('Share').click();
  await window.notification('Box is shared: 7 tools.').waitFor({ timeout: patience });
  const row = window.row(/^Box, MCP server, .*7 tools/);
  await row.waitFor({ timeout: patience });
  // A row that is drawn anew at that moment lets go of its hover.
  await until('the card of the server', async () => {
    await window.page.mouse.move(900, 300);
    await row.hover();
    const card = window.page.getByText('Tools: environment, process');
    return card.waitFor({ timeout: 3000 }).then(
      () => true,
      () => false,
    );
  });
  await window.screenshot('shares-roster');

  expect(await parley('use', 'Box', 'environment', '--as', 'Nova')).toContain('kept-to-ourselves');
  expect(await parley('use', 'Box', 'process', '--as', 'Nova')).toContain(project);
});

test('one that does not start, and one that cannot be shared, are told plainly, and nothing is shared', async () => {
  await choose('broken');
  await window.page.getByText('What is it called on the roster?').waitFor({ timeout: patience });
  await window.enter('Broken');
  await window.dialogButton('Share').click();
  const told = 'The server "Broken" is not shared: it did not start: there is no program no-such-program-anywhere.';
  await window.notification(told).waitFor({ timeout: patience });
  await window.screenshot('shares-not-started');
  await choose('asking');
  await window.notification('asking cannot be shared').waitFor({ timeout: patience });
  expect(await parley('who', '--as', 'Nova')).not.toMatch(/Broken|asking/);
});

test('one that is shared no more leaves the roster, and its tools with it', async () => {
  await window.runCommand('Parley: Stop Sharing an MCP Server…');
  await window.page.getByText('Which server is shared no more?').waitFor({ timeout: patience });
  await window.screenshot('shares-stop');
  await window.page.keyboard.press('Escape');
  const stop = await window.menuOf(window.row(/^Box, /), 'Stop Sharing an MCP Server…');
  expect(await window.page.locator('.monaco-menu').innerText()).not.toMatch(/Call|Message|Policy/);
  await window.takeMenuEntry(stop);
  await window.notification('Box is shared no more.').waitFor({ timeout: patience });
  await window.row(/^Box, /).waitFor({ state: 'detached', timeout: patience });
  await window.screenshot('shares-stopped');
  await expect(parley('use', 'Box', 'process', '--as', 'Nova')).rejects.toThrow('There is no agent "Box"');
});
