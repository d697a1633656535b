import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Client } from '../../src/client/client';
import type { CallView, ListenEvent } from '../../src/contract/views';
import type { BrokerRecord } from '../../src/contract/wire';
import { homeIn, patience, showParley, signOn, startParley } from '../support/parley';
import { startScriptedModel, type ScriptedModel } from '../support/scriptedModel';
import { until } from '../support/until';
import type { Workbench } from '../support/workbench';
import { agentOptions, askAgent, enableAutoApprove } from '../support/workbenchAgent';
import { keepEvidence } from '../support/workbenchEvidence';
import type { WorkbenchWindow } from '../support/workbenchWindow';

/** What the person does in VS Code: calls, answers, messages, setting up. Nova is a program at the real broker. */

let model: ScriptedModel;
let workbench: Workbench;
let window: WorkbenchWindow;
let nova: Client;
const heard: ListenEvent[] = [];
const home = (): string => homeIn(workbench);

beforeAll(async () => {
  model = await startScriptedModel();
  workbench = await startParley(agentOptions(model.brain('own')));
  window = workbench.window;
  const lines = Array.from({ length: 80 }, (_, index) => `line ${index + 1}`);
  mkdirSync(path.join(workbench.folder ?? '', 'src'));
  writeFileSync(path.join(workbench.folder ?? '', 'src/notes.txt'), lines.join('\n'));
  await showParley(window, home());
  nova = await signOn(home(), 'Nova', { workspace: workbench.folder ?? '' });
  nova.subscribe((event) => void heard.push(event));
  await window.row(/^Nova, /).waitFor({ timeout: patience });
}, 180_000);

afterAll(async () => {
  nova?.close();
  await workbench?.stop();
  await model?.stop();
}, 60_000);
keepEvidence(() => workbench);

/** The person calls Nova from the roster; resolves when the call is at Nova. */
async function callNova(topic: string, message = ''): Promise<CallView> {
  await window.rowAction(/^Nova, /, 'Call Agent…');
  const about = window.page.getByText('What is the call to Nova about?');
  const whom = window.page.getByText('Whom do you want to call?');
  await about.or(whom).first().waitFor();
  // The tree was redrawn under the pointer, so VS Code did not say whose row it was: the command asks.
  if (await whom.isVisible()) await window.pick('Nova');
  await about.waitFor();
  await window.enter(topic);
  await window.page.getByText('Your first words to Nova').waitFor();
  await window.enter(message);
  let call: CallView | undefined;
  await until('the call to ring at Nova', () => {
    call = heard.flatMap((event) => (event.what === 'call' ? [event.call] : [])).find((one) => one.topic === topic);
    return call !== undefined;
  });
  await window.notification(`Calling Nova: “${topic}”`).waitFor({ timeout: patience });
  return call as CallView;
}

async function callPerson(topic: string, urgency: CallView['urgency'] = 'next'): Promise<CallView> {
  const { agents } = await nova.ask('who', {});
  const person = agents.find(({ kind }) => kind === 'human')?.id ?? '';
  return (await nova.ask('call', { to: person, topic, urgency })).call;
}

test('a call from the roster that is answered opens its thread, and ends its notification', async () => {
  const call = await callNova('Please review my change', 'It is in src/notes.txt');
  await nova.ask('answer', { call: call.id, answer: 'accept' });
  await window.webview().getByText('It is in src/notes.txt').waitFor({ timeout: patience });
  await window.notification('Calling Nova').waitFor({ state: 'detached', timeout: patience });
  await window.row(/^Nova, Script, in a call with you/).waitFor({ timeout: patience });
});

test('a place in the code opens, with a word when other text stands there now', async () => {
  const hash = createHash('sha256').update('what stood there').digest('hex');
  const range = { start: { line: 41, character: 0 }, end: { line: 44, character: 0 } };
  await nova.ask('send', { text: 'Look here', refs: [{ uri: 'src/notes.txt', range, hash }] });
  await window.webview().getByText('notes.txt:42').first().click({ timeout: patience });
  await window.notification('notes.txt has changed since').waitFor({ timeout: patience });
  await window.page.getByText('(24 selected)').waitFor({ timeout: patience });
});

test('what stood in the focused thread view for a second counts as seen by the person', async () => {
  await window.page.locator('.tab', { hasText: 'Please review' }).click();
  await window.webview().locator('textarea').click({ timeout: patience });
  await until(
    'the receipt',
    async () => {
      const { messages } = await nova.ask('read', {});
      return messages.find(({ content }) => content === 'Look here')?.receipts[0]?.state === 'seen';
    },
    patience,
  );
});

test('ending a thread for everyone is asked about, and archives it', async () => {
  await window.webview().getByText('End', { exact: true }).click();
  await window.dialogButton('End Thread').click();
  await window.row(/^Archived, 1 thread/).waitFor({ timeout: patience });
  await until('Nova to be told', () => heard.some(({ what }) => what === 'closed'), patience);
});

test('a call that is declined says why, with a link in the reason as plain text', async () => {
  const call = await callNova('Again?');
  await nova.ask('answer', { call: call.id, answer: 'decline', reason: 'busy [x](command:y)' });
  await window.notification('Nova declined: “busy (x)(command:y)”').waitFor({ timeout: patience });
});

test('a call that is taken back stops ringing', async () => {
  const call = await callNova('Third');
  await window.answerNotification('Calling Nova', 'Cancel');
  const ends = (event: ListenEvent): boolean => event.what === 'outcome' && event.call.id === call.id;
  await until(
    'the call to end',
    () => heard.some((event) => ends(event) && event.what === 'outcome' && event.outcome === 'cancelled'),
    patience,
  );
});

test('a message waits in a thread of its own', async () => {
  await window.rowAction(/^Nova, /, 'Send Message…');
  await window.page.getByText('Message for Nova').waitFor();
  await window.enter('A note for later');
  await window.row(/^Messages, /).waitFor({ timeout: patience });
  await until(
    'Nova to hear',
    () => heard.some((event) => event.what === 'message' && event.message.content === 'A note for later'),
    patience,
  );
});

test('presence is set by the person, and a call to one who is busy does not ring', async () => {
  const choose = async (presence: string): Promise<void> => {
    await window.runCommand('Parley: Set My Presence…');
    await window.page.getByText('Are you available?').waitFor();
    await window.pick(presence);
  };
  await choose('Busy');
  await window.row(/^You, busy/).waitFor({ timeout: patience });
  const call = await callPerson('While you work');
  expect(call.to).toMatchObject([{ state: 'queued' }]);
  await window.row(/Nova called you, Script, While you work/).waitFor({ timeout: patience });
  expect(await window.notifications()).not.toContainEqual(expect.stringContaining('While you work'));
  await nova.ask('cancel', { call: call.id });
  await choose('Available');
  await window.row(/^You, available/).waitFor({ timeout: patience });
});

test('a ring that is put off is not answered, never declined; answered late it rings the caller back', async () => {
  const call = await callPerson('Lunch?');
  await window.answerNotification('Nova (Script) is calling you: “Lunch?”', 'Cancel');
  await window.row(/Nova called you, Script, Lunch\?, not answered/).waitFor({ timeout: patience });
  await until('the badge', async () => (await window.badge('Parley')) === '1', patience);
  await window.rowAction(/Nova called you/, 'Answer');
  await until(
    'Nova to be rung back',
    () => heard.some((event) => event.what === 'call' && event.call.returns === call.id),
    patience,
  );
  const back = heard.find((event) => event.what === 'call' && event.call.returns === call.id);
  if (back?.what === 'call') await nova.ask('answer', { call: back.call.id, answer: 'accept' });
  await window.row(/^Lunch\?, /).waitFor({ timeout: patience });
});

test('the configuration on the clipboard and the installed command run the launcher', async () => {
  await window.runCommand('Parley: Copy MCP Configuration');
  await window.pick('Claude Code');
  await window.notification('on the clipboard').waitFor({ timeout: patience });
  const text = await window.page.evaluate('navigator.clipboard.readText()');
  const launcher = path.join(home(), 'bin/parley');
  expect(JSON.parse(String(text))).toEqual({ mcpServers: { parley: { command: launcher, args: ['mcp'] } } });

  await window.runCommand("Parley: Install 'parley' Command");
  await window.notification('The command stands at').waitFor({ timeout: patience });
  const env = { PATH: '/usr/bin:/bin', HOME: workbench.home };
  const help = execFileSync(path.join(workbench.home, '.local/bin/parley'), ['--help'], { env, encoding: 'utf8' });
  expect(help).toContain('register');
});

test('a topic that is a command link with an icon and markup is plain text wherever it is shown', async () => {
  const topic = 'see [this](command:workbench.action.quit) $(bug) <b>now</b>';
  await window.runCommand('View: Close All Editors');
  // The person is in a call by now: only what is urgent rings.
  await callPerson(topic, 'now');

  const toast = window.notification('see (this)(command:workbench.action.quit) $(bug) <b>now</b>');
  await toast.waitFor({ timeout: patience });
  expect(await toast.locator('.notification-list-item-message a').allInnerTexts()).not.toContain('this');
  expect(await toast.locator('.codicon-bug, b').count()).toBe(0);

  const row = window.row(/Nova calls you, Script, see/).first();
  expect(await row.innerText()).toContain('see [this](command:workbench.action.quit) $ (bug) <b>now</b>');
  expect(await row.locator('.codicon-bug, a[href], b').count()).toBe(0);
  await row.hover();
  const tooltip = window.page.locator('.monaco-hover:visible').filter({ hasText: 'see' });
  await tooltip.waitFor({ timeout: patience });
  expect(await tooltip.innerText()).toContain(topic);
  expect(await tooltip.locator('a, b, .codicon-bug').count()).toBe(0);

  await window.answerNotification('see (this)', 'Answer');
  const page = window.webview();
  await page.getByText(topic).first().waitFor({ timeout: patience });
  expect(await page.locator('a[href^="command"], .codicon-bug, b').count()).toBe(0);
  const tab = window.page.locator('.tab', { hasText: 'see' });
  expect(await tab.locator('.codicon-bug').count()).toBe(0);
  await window.screenshot('telephone-hostile-topic');
});

test('do-not-disturb, set while it rings, takes the ring out of sight and leaves it in the Inbox', async () => {
  const call = await callPerson('Psst', 'now');
  await window.notification('Psst').waitFor({ timeout: patience });
  await workbench.writeSettings({ 'parley.disturb': 'none' });
  await window.notification('Psst').waitFor({ state: 'detached', timeout: patience });
  await window.row(/Nova calls you, Script, Psst/).waitFor({ timeout: patience });
  await workbench.writeSettings({ 'parley.disturb': 'all' });
  await nova.ask('cancel', { call: call.id });
  await window.row(/Nova calls you, Script, Psst/).waitFor({ state: 'detached', timeout: patience });
});

test("VS Code's own agent has the tools, and keeps them when the broker is killed and comes back", async () => {
  const brain = model.brain('own');
  await askAgent(window, 'Who is there?');
  let turn = await brain.nextRequest(patience);
  expect(turn.tools.map(({ name }) => name)).toContain('mcp_parley_who');
  const called = turn.callTool('mcp_parley_who', {});
  await window.dialogButton('Enable').waitFor({ timeout: patience });
  await enableAutoApprove(window);
  await called;
  turn = await brain.nextRequest(patience);
  expect(turn.toolResults).toMatchObject([{ isError: false, text: expect.stringContaining('Nova') as string }]);
  await turn.say('Nova is there.');

  const record = (): BrokerRecord => JSON.parse(readFileSync(path.join(home(), 'broker.json'), 'utf8')) as BrokerRecord;
  const { pid, epoch } = record();
  process.kill(pid, 'SIGKILL');
  await until('another broker', () => record().epoch > epoch, patience);
  await window.row(/^Nova, /).waitFor({ timeout: patience });
  await askAgent(window, 'And now?');
  turn = await brain.nextRequest(patience);
  await turn.callTool('mcp_parley_who', {});
  turn = await brain.nextRequest(patience);
  expect(turn.toolResults).toMatchObject([{ isError: false, text: expect.stringContaining('Nova') as string }]);
  await turn.say('Still there.');
});

test('stopping the workbench leaves no process, the broker that its extension started included', async () => {
  expect(workbench.processes().length).toBeGreaterThan(3);
  const { pid } = JSON.parse(readFileSync(path.join(home(), 'broker.json'), 'utf8')) as BrokerRecord;
  expect(workbench.processes()).toContain(pid);
  await workbench.stop();
  expect(workbench.processes()).toEqual([]);
});
