import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../support/until';
import { startWorkbench, type Workbench } from '../support/workbench';

const probe = path.join(import.meta.dirname, 'fixtures/probe');
let workbench: Workbench;

beforeAll(async () => {
  const started = Date.now();
  workbench = await startWorkbench({ extension: probe, settings: { 'probe.greeting': 'hello' } });
  console.log(`workbench with a window: ${Date.now() - started} ms`);
});
afterAll(async () => workbench?.stop());

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

test('a webview and its extension talk', async () => {
  const { window } = workbench;
  await window.runCommand('Probe: Open Page');
  await window.webview().locator('#say').click();
  await expect.poll(() => window.webview().locator('#heard').innerText()).toBe('heard hello');
});

test('a changed setting reaches the extension in every window', async () => {
  const second = await workbench.openWindow();
  await workbench.writeSettings({ 'probe.greeting': 'goodbye' });
  await workbench.window.statusItem('Probe says goodbye').waitFor();
  await second.statusItem('Probe says goodbye').waitFor();
  await second.screenshot('equipment-second-window');
  await second.close();
});

test('after a reload the extension is back', async () => {
  await workbench.window.reload();
  await workbench.window.statusItem('Probe says goodbye').waitFor();
});

test('stopping leaves no process', async () => {
  expect(workbench.processes().length).toBeGreaterThan(2);
  await workbench.stop();
  expect(workbench.processes()).toEqual([]);
});
