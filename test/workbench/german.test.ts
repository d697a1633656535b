import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Client } from '../../src/client/client';
import { homeIn, patience, showParley, signOn, startParley } from '../support/parley';
import type { Workbench } from '../support/workbench';
import { keepEvidence } from '../support/workbenchEvidence';
import type { WorkbenchWindow } from '../support/workbenchWindow';

/**
 * Parley where VS Code speaks German. The language pack is a stand-in, so that VS Code's own words stay English; what is
 * Parley's comes from its own files, through VS Code's own ways.
 */

let workbench: Workbench;
let window: WorkbenchWindow;
let nova: Client;

beforeAll(async () => {
  workbench = await startParley({ language: 'de' });
  window = workbench.window;
  const home = homeIn(workbench);
  await showParley(window, home);
  nova = await signOn(home, 'Nova');
  await window.row(/^Nova, /).waitFor({ timeout: patience });
}, 180_000);

afterAll(async () => {
  nova?.close();
  await workbench?.stop();
}, 60_000);
keepEvidence(() => workbench);

test('views, rows, commands, questions and the status bar are German', async () => {
  for (const view of ['Agenten', 'Eingang', 'Gespräche']) {
    await window.page.locator('.pane-header').filter({ hasText: view }).first().waitFor({ timeout: patience });
  }
  await window.row(/^Nova, Script, erreichbar/).waitFor({ timeout: patience });
  await window.page.locator('.statusbar-item[aria-label*="Agenten da"]').waitFor({ timeout: patience });
  await window.screenshot('german-sidebar');
  await window.runCommand('Parley: Nachricht senden');
  await window.page.locator('.quick-input-title').filter({ hasText: 'Für wen ist die Nachricht?' }).waitFor();
  await window.screenshot('german-question');
  await window.pick('Nova');
  await window.enter('Guten Tag');
  await window
    .row(/^Nachrichten, .*Nova/)
    .first()
    .waitFor({ timeout: patience });
  await window.screenshot('german-messages');
});

test('a ring and an error are German', async () => {
  const you = (await nova.ask('who', {})).agents.find(({ kind }) => kind === 'human');
  await nova.ask('call', { to: you?.id ?? '', topic: 'Der Parser' });
  const ring = window.notification('ruft Sie an: „Der Parser“');
  await ring.waitFor({ timeout: patience });
  await window.row(/^Nova ruft Sie an/).waitFor({ timeout: patience });
  await window.screenshot('german-ring');
  await window.answerNotification('ruft Sie an: „Der Parser“', 'Annehmen');
  await window.webview().getByPlaceholder('Nachricht an Nova').waitFor({ timeout: patience });
});

test('the thread’s page is German, its call line and its times too', async () => {
  const page = window.webview();
  await page.getByText('Nova hat Sie angerufen').waitFor({ timeout: patience });
  await page.getByRole('button', { name: 'Einladen' }).waitFor();
  expect(await page.locator('html').getAttribute('lang')).toBe('de');
  await window.screenshot('german-thread');
});
