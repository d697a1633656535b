import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect, type Client } from '../../src/client/client';
import { readAdminToken } from '../../src/client/identityStore';
import { toParleyError } from '../../src/contract/errors';
import { openLimits } from '../support/brokerProcess';
import { patience, showParley, signOn, startParley } from '../support/parley';
import { until } from '../support/until';
import type { Workbench } from '../support/workbench';
import { keepEvidence } from '../support/workbenchEvidence';
import type { WorkbenchWindow } from '../support/workbenchWindow';

/** The trees as a person uses them. The agents are programs at the real broker. */

/** As many as the roster holds by default. */
const crowd = 1000;
/** The window takes the theme that the browser says the person prefers. */
const themesByMedia = { 'window.autoDetectColorScheme': true, 'window.autoDetectHighContrast': true };
const home = mkdtempSync(path.join(tmpdir(), 'parley-sb-'));
let workbench: Workbench;
let window: WorkbenchWindow;
let person: Client;
const agents: Client[] = [];
let nova: Client;
let atlas: Client;

async function newAgent(name: string, card: Parameters<typeof signOn>[2] = {}): Promise<Client> {
  const client = await signOn(home, name, { version: '1.2', ...card });
  agents.push(client);
  return client;
}

const me = async (): Promise<string> => (await person.ask('profile', {})).agent.name;

beforeAll(async () => {
  writeFileSync(path.join(home, 'settings.json'), JSON.stringify({ limits: { ...openLimits, agents: crowd + 20 } }));
  workbench = await startParley({ env: { PARLEY_HOME: home }, settings: themesByMedia });
  window = workbench.window;
  // Many small steps: on a busy machine each may have to wait for others.
  window.page.setDefaultTimeout(patience);
  await showParley(window, home);
  nova = await newAgent('Nova', { capabilities: ['review', 'typescript'], workspace: workbench.folder });
  atlas = await newAgent('Atlas', { capabilities: ['planning'] });
  person = await connect({ home, client: 'test', version: '0', token: readAdminToken(home) ?? '' });
  await window.row(/^Atlas, /).waitFor({ timeout: patience });
}, 180_000);

afterAll(async () => {
  for (const agent of agents) agent.close();
  person?.close();
  await workbench?.stop();
  await rm(home, { recursive: true, force: true });
}, 60_000);
keepEvidence(() => workbench);

test('the Roster has groups, and says of each agent what it does, how it is reached, its client and its skills', async () => {
  const { task } = await atlas.ask('delegate', { to: 'Nova', title: 'Mend the parser' });
  await nova.ask('report', { task: task.id, state: 'working' });
  await window.row(/^Here, \d agents/).waitFor({ timeout: patience });
  await window
    .row('Nova, Script, available, hears when it asks, works on “Mend the parser”, review, typescript')
    .waitFor({ timeout: patience });
  const order = await window.page.locator('.monaco-list-row .label-name').allInnerTexts();
  // Nova works in the window's folder.
  expect(order.indexOf('Nova')).toBeLessThan(order.indexOf('Atlas'));
  const { call } = await atlas.ask('call', { to: 'Nova', topic: 'Which rule is it?' });
  await nova.ask('answer', { call: call.id, answer: 'decline', reason: 'busy mending' });
  const hover = window.page.locator('.monaco-hover', { hasText: 'Last calls' });
  // A row that is drawn anew under the pointer lets its hover go.
  await until('the hover', async () => {
    await window.row(/^Atlas, /).hover();
    await window.row(/^Nova, /).hover();
    return hover.waitFor({ timeout: 3_000 }).then(
      () => true,
      () => false,
    );
  });
  expect(await hover.innerText()).toMatch(/from Atlas · “Which rule is it\?” · declined/);
  await window.screenshot('sidebar-roster');
  await nova.ask('report', { task: task.id, state: 'completed', text: 'done' });
}, 120_000);

test('the Roster can be filtered, says so, and shows all again', async () => {
  await window.runCommand('Parley: Filter Agents…');
  await window.quickInput().fill('plan');
  await window.row(/^Nova, /).waitFor({ state: 'detached', timeout: patience });
  await window.page.getByText(/Filtered by “plan”: 1 of \d/).waitFor({ timeout: patience });
  await window.page.keyboard.press('Escape');
  await window.row(/^Nova, /).waitFor({ timeout: patience });
  await window.runCommand('Parley: Filter Agents…');
  await window.enter('nobody at all');
  await window.page.getByText('No agent fits the filter.').waitFor({ timeout: patience });
  await window.screenshot('sidebar-filtered');
  await window.page.getByRole('button', { name: 'Clear Filter' }).first().click();
  await window.row(/^Nova, /).waitFor({ timeout: patience });
}, 120_000);

test('an agent is renamed, its id copied, and it is signed off once the person is sure', async () => {
  const echo = await newAgent('Echo');
  await window.row(/^Echo, /).waitFor({ timeout: patience });
  await window.rowMenu(/^Echo, /, 'Rename Agent…');
  await window.quickInput().fill('1st');
  await window.page.getByText('A name starts with a letter').waitFor({ timeout: patience });
  await window.enter('Narcissus');
  await window.row(/^Narcissus, /).waitFor({ timeout: patience });
  await window.rowMenu(/^Narcissus, /, 'Copy Id');
  const { agents: found } = await person.ask('who', { agent: 'Narcissus' });
  await until('the id on the clipboard', async () => {
    const text = await window.page.evaluate(() =>
      (
        globalThis as unknown as { navigator: { clipboard: { readText(): Promise<string> } } }
      ).navigator.clipboard.readText(),
    );
    return text === found[0]?.id;
  });
  await window.rowMenu(/^Narcissus, /, 'Disconnect Agent…');
  await window.dialogButton('Disconnect').waitFor({ timeout: patience });
  await window.screenshot('sidebar-disconnect');
  await window.dialogButton('Disconnect').click();
  await window.row(/^Narcissus, /).waitFor({ state: 'detached', timeout: patience });
  const error = await echo.ask('profile', {}).catch((thrown: unknown) => toParleyError(thrown).code);
  expect(error).toBe('unauthorized');
}, 120_000);

test('the person answers for an agent at which a call rings', async () => {
  const { call } = await atlas.ask('call', { to: 'Nova', topic: 'Is anybody there?' });
  await window.row(/^Nova, .*ringing/).waitFor({ timeout: patience });
  await window.rowMenu(/^Nova, .*ringing/, 'Answer For…');
  await window.row(/^Is anybody there\?, .*live/).waitFor({ timeout: patience });
  const { threads } = await person.ask('threads', { state: 'open' });
  const thread = threads.find(({ topic }) => topic === 'Is anybody there?');
  expect(
    thread?.participants
      .filter(({ left }) => !left)
      .map(({ name }) => name)
      .sort(),
  ).toEqual(['Atlas', await me()].sort());
  expect(thread?.call?.id).toBe(call.id);
  await person.ask('leave', { thread: thread?.id, close: true });
}, 120_000);

test('a ring stands on top of the Inbox with a clock that runs, and is declined with a reason', async () => {
  await nova.ask('message', { to: await me(), text: 'No hurry', topic: 'Later' });
  await window
    .row(/^Later, .*1 unread/)
    .first()
    .waitFor({ timeout: patience });
  const { call } = await nova.ask('call', { to: await me(), topic: 'Lunch?' });
  await window.row(/^Nova calls you, Script, Lunch\?/).waitFor({ timeout: patience });
  // In the view's title, second by second; on the row in steps, so that its hover can be read.
  const title = window.page.locator('.pane-header', { hasText: 'Inbox' });
  const clock = async (): Promise<string> => (/\d:\d\d/.exec(await title.innerText()) ?? [''])[0];
  const first = await until('the clock', async () => (await clock()) || undefined);
  await until('the clock to move on', async () => (await clock()) > first);
  await window.row(/^Nova calls you/).hover();
  await window.page.locator('.monaco-hover:visible', { hasText: 'Lunch?' }).waitFor({ timeout: patience });
  await window.screenshot('sidebar-inbox');
  await window.rowMenu(/^Nova calls you/, 'Decline with a Reason…');
  await window.enter('In a meeting until three');
  await window.row(/^Nova calls you/).waitFor({ state: 'detached', timeout: patience });
  const { calls } = await person.ask('pastCalls', { agent: 'Nova', limit: 1 });
  expect(calls[0]).toMatchObject({ id: call.id, to: [{ state: 'declined' }] });
  const heard = await nova.ask('listen', {});
  const declined = heard.events.find((event) => event.what === 'outcome' && event.call.id === call.id);
  expect(declined).toMatchObject({ call: { to: [{ reason: 'In a meeting until three' }] } });
}, 120_000);

test('threads are marked as read, one and all, and who wrote learns that they were seen', async () => {
  await atlas.ask('message', { to: await me(), text: 'One', topic: 'First' });
  const { message } = await atlas.ask('message', { to: await me(), text: 'Two', topic: 'Second' });
  await window
    .row(/^First, .*1 unread/)
    .first()
    .waitFor({ timeout: patience });
  const theme = (name: string) => window.page.locator(`.monaco-workbench.${name}`).waitFor({ timeout: patience });
  await window.page.emulateMedia({ colorScheme: 'dark' });
  await theme('vs-dark');
  await window.screenshot('sidebar-dark');
  await window.page.emulateMedia({ colorScheme: 'dark', forcedColors: 'active' });
  await theme('hc-black');
  await window.screenshot('sidebar-high-contrast');
  await window.page.emulateMedia({ colorScheme: 'light', forcedColors: 'none' });
  await theme('vs');
  await window.rowMenu(/^First, .*1 unread/, 'Mark Read');
  const unread = async (): Promise<string[]> =>
    (await person.ask('threads', { state: 'open' })).threads
      .filter((one) => one.unread > 0)
      .map(({ topic }) => topic)
      .sort();
  await until('the first to be read', async () => !(await unread()).includes('First'));
  expect(await unread()).toContain('Second');
  await window.runCommand('Parley: Mark All Read');
  await until('all to be read', async () => (await unread()).length === 0);
  const { messages } = await atlas.ask('read', { thread: message.thread });
  expect(messages.at(-1)?.receipts[0]?.state).toBe('seen');
  await window.page.getByText('Nothing waits for you.').waitFor({ timeout: patience });
}, 120_000);

test('left alone for a while, nothing rings, the window says until when, and the home keeps it', async () => {
  await window.runCommand('Parley: Do Not Disturb for…');
  await window.pick('30 Minutes');
  await window.row(/^You, busy/).waitFor({ timeout: patience });
  await window.statusItem(/^\s*(?:\d+ )?until /).waitFor({ timeout: patience });
  await window.page
    .getByText(/You are left alone until .+: calls go to your inbox\./)
    .first()
    .waitFor({ timeout: patience });
  const { doNotDisturb } = await person.ask('status', {});
  expect(doNotDisturb.until ?? 0).toBeGreaterThan(Date.now() + 29 * 60_000);
  await nova.ask('call', { to: await me(), topic: 'Psst' });
  await window.row(/^Nova called you, .*Psst/).waitFor({ timeout: patience });
  expect(await window.notifications()).toEqual([]);
  await window.screenshot('sidebar-left-alone');
  await window.runCommand('Parley: Do Not Disturb for…');
  await window.pick('Let Calls Ring Again');
  await window.row(/^Nova calls you, .*Psst/).waitFor({ timeout: patience });
  await window.answerNotification(/Psst/, 'Decline');
  await window.row(/^Nova calls you/).waitFor({ state: 'detached', timeout: patience });
}, 120_000);

test('hours of a setting go to the home; what cannot be understood is said', async () => {
  await workbench.writeSettings({ 'parley.doNotDisturb.hours': '03:00-03:01 mon' });
  await until('the hours', async () => (await person.ask('status', {})).doNotDisturb.hours === '03:00-03:01 mon');
  await workbench.writeSettings({ 'parley.doNotDisturb.hours': 'at night' });
  await window.notification('“at night”').or(window.notification('"at night"')).first().waitFor({ timeout: patience });
  await window.runCommand('Notifications: Clear All Notifications');
}, 120_000);

test('a thread is written into a Markdown file', async () => {
  const { thread } = await nova.ask('open', {
    topic: 'Parser review',
    message: 'Have you seen *this*?\n\n```ts\nconst a = 1;\n```',
  });
  await atlas.ask('join', { thread: thread.id });
  await atlas.ask('send', { thread: thread.id, text: 'I have. [Run](command:evil) <img src=x>' });
  await window.row(/^Parser review, .*live/).waitFor({ timeout: patience });
  await window.rowMenu(/^Parser review, .*live/, 'Export as Markdown…');
  await window.quickInput().waitFor();
  const file = path.join(workbench.folder ?? '', 'parser-review.md');
  await until('the name of the file', async () =>
    (await window.quickInput().inputValue()).endsWith('parser-review.md'),
  );
  await window.page.keyboard.press('Enter');
  await window.answerNotification('The thread is in parser-review.md', 'Open');
  const text = readFileSync(file, 'utf8');
  expect(text).toContain('> ```ts\n> const a = 1;\n> ```');
  expect(text).toContain('> I have. [Run\\](command:evil) &lt;img src=x>');
  await window.page.locator('.monaco-editor', { hasText: 'Parser review' }).first().waitFor({ timeout: patience });
  await window.screenshot('sidebar-exported');
  await nova.ask('leave', { thread: thread.id, close: true });
  await window.runCommand('View: Close All Editors');
}, 120_000);

test('archived threads come page by page', async () => {
  for (let index = 0; index < 60; index++) {
    const { thread } = await nova.ask('open', { topic: `Old talk ${index}` });
    await nova.ask('leave', { thread: thread.id, close: true });
  }
  const archived = window.row(/^Archived, 50 threads and more/);
  await archived.waitFor({ timeout: patience });
  if ((await archived.getAttribute('aria-expanded')) !== 'true') await archived.click();
  await window.row(/^Old talk 59, /).waitFor({ timeout: patience });
  await window.screenshot('sidebar-threads');
  await window.runCommand('Parley: Show More Archived Threads');
  await window.row(/^Archived, 6\d threads/).waitFor({ timeout: patience });
}, 120_000);

test('a thousand agents stay fluid: one change draws one row', async () => {
  await window.runCommand('Developer: Set Log Level...');
  await window.enter('Parley');
  await window.enter('Trace');
  const nobody = await connect({ home, client: 'test', version: '0' });
  const tokens: string[] = [];
  for (let index = 0; index < crowd; index++) {
    tokens.push(
      (await nobody.ask('register', { name: `Crowd${index}`, platform: 'Script', capabilities: ['crowd'] })).token,
    );
  }
  nobody.close();
  await window.row(/^Here, 10\d\d agents/).waitFor({ timeout: patience });
  await window.screenshot('sidebar-thousand');
  const drawn = (): { rows: number; milliseconds: number }[] =>
    logLines().flatMap((line) => {
      const [, rows, milliseconds] = /drew (\d+) rows in ([\d.]+) ms/.exec(line) ?? [];
      return rows === undefined ? [] : [{ rows: Number(rows), milliseconds: Number(milliseconds) }];
    });
  await until('drawings in the log', () => drawn().length > 0);
  await until('the roster to be at rest', async () => {
    const before = drawn().length;
    await window.page.waitForTimeout(1_000);
    return drawn().length === before;
  });
  const before = drawn().length;
  const one = await connect({ home, client: 'test', version: '0', token: tokens[500] ?? '', present: true });
  agents.push(one);
  for (const presence of ['busy', 'available', 'busy', 'available', 'busy'] as const) {
    await one.ask('profile', { presence });
    await window.page.waitForTimeout(200);
  }
  await until('the change to be drawn', () => drawn().length > before);
  const single = drawn().slice(before);
  const most = Math.max(...single.map(({ milliseconds }) => milliseconds));
  const median =
    single.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b)[Math.floor(single.length / 2)] ?? 0;
  const whole = Math.max(...drawn().map(({ milliseconds }) => milliseconds));
  console.log(
    `1,000 agents in the real tree: one change draws ${Math.max(...single.map(({ rows }) => rows))} rows, ` +
      `median ${median.toFixed(2)} ms, most ${most.toFixed(2)} ms; the longest drawing of all ${whole.toFixed(1)} ms`,
  );
  expect(Math.max(...single.map(({ rows }) => rows))).toBeLessThanOrEqual(2);
  expect(median).toBeLessThan(16);
}, 240_000);

function logLines(): string[] {
  const logs = path.join(workbench.userData, 'logs');
  const files = readdirSync(logs, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('Parley.log'));
  return files.flatMap((file) => readFileSync(path.join(logs, file), 'utf8').split('\n'));
}
