import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Client } from '../../src/client/client';
import { ParleyError } from '../../src/contract/errors';
import type { ListenEvent } from '../../src/contract/views';
import { homeIn, patience, showParley, signOn, startParley } from '../support/parley';
import { until } from '../support/until';
import type { Workbench } from '../support/workbench';
import { keepEvidence } from '../support/workbenchEvidence';
import type { WorkbenchWindow } from '../support/workbenchWindow';

/** What the person decides in VS Code over agents and threads. Nova and Atlas are programs at the real broker. */

let workbench: Workbench;
let window: WorkbenchWindow;
let nova: Client;
let atlas: Client;
let room: string;
const heard: ListenEvent[] = [];

beforeAll(async () => {
  workbench = await startParley();
  window = workbench.window;
  mkdirSync(path.join(workbench.folder ?? '', 'src'), { recursive: true });
  const home = homeIn(workbench);
  await showParley(window, home);
  nova = await signOn(home, 'Nova');
  atlas = await signOn(home, 'Atlas');
  nova.subscribe((event) => void heard.push(event));
  await window.row(/^Nova, /).waitFor({ timeout: patience });
  room = (await nova.ask('open', { topic: 'Parser review', turnLimit: 2 })).thread.id;
  await atlas.ask('join', { thread: room });
  await window.row(/^Parser review, /).waitFor({ timeout: patience });
}, 180_000);

afterAll(async () => {
  nova?.close();
  atlas?.close();
  await workbench?.stop();
}, 60_000);
keepEvidence(() => workbench);

async function refusal(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return error instanceof ParleyError ? error.code : 'none';
}

test('agents at their turn limit wait for the person, who grants more with a click in the Inbox', async () => {
  await nova.ask('send', { thread: room, text: 'one' });
  await atlas.ask('send', { thread: room, text: 'two' });
  expect(await refusal(nova.ask('send', { thread: room, text: 'three' }))).toBe('turn_limit');
  await window
    .row(/^Parser review, .*waits for you to grant more turns/)
    .first()
    .waitFor({ timeout: patience });
  await window.screenshot('controls-turn-limit');
  await window.rowAction(/^Parser review, .*waits for you to grant more turns/, 'Grant More Turns');
  await until('turns', async () => (await refusal(nova.ask('send', { thread: room, text: 'three' }))) === 'none');
});

test('a paused thread takes words from the person only, until it goes on', async () => {
  await window.runCommand('Parley: Pause Thread');
  await window.pick('Parser review');
  await until('the pause to be told', () => heard.some(({ what }) => what === 'paused'), patience);
  expect(await refusal(atlas.ask('send', { thread: room, text: 'four' }))).toBe('thread_paused');
  await window.runCommand('Parley: Resume Thread');
  await window.pick('Parser review');
  await until('the end of the pause', () => heard.some(({ what }) => what === 'resumed'), patience);
  await atlas.ask('send', { thread: room, text: 'four' });
});

test('a new name for a thread stands in the tree at once', async () => {
  await window.runCommand('Parley: Rename Thread…');
  await window.pick('Parser review');
  await window.page.getByText('What is the thread about now?').waitFor();
  await window.enter('Lexer review');
  await window
    .row(/^Lexer review, /)
    .first()
    .waitFor({ timeout: patience });
});

test('a held agent gets no rings, and its row says so', async () => {
  await atlas.ask('leave', { thread: room });
  await nova.ask('leave', { thread: room });
  await window.row(/^Nova, Script, available/).waitFor({ timeout: patience });
  await window.runCommand('Parley: Hold Calls');
  await window.pick('Nova');
  await window.row(/^Nova, .*held/).waitFor({ timeout: patience });
  const { call } = await atlas.ask('call', { to: 'Nova', topic: 'Are you held?' });
  expect(call.to).toMatchObject([{ state: 'queued', reason: 'held' }]);
  await window.runCommand('Parley: Let Calls Ring Again');
  await window.pick('Nova');
  await until(
    'the ring',
    () => heard.some((event) => event.what === 'call' && event.call.to[0]?.state === 'ringing'),
    patience,
  );
  await atlas.ask('cancel', { call: call.id });
});

test('while all is paused nothing rings and nothing is told, and the status bar says so', async () => {
  await window.runCommand('Parley: Pause All');
  // Its entry, and for a moment the word that answers the command.
  await window.page.locator('.statusbar-item[aria-label*="All is paused"]').first().waitFor({ timeout: patience });
  const { call } = await atlas.ask('call', { to: 'Nova', topic: 'In the pause' });
  expect(call.to).toMatchObject([{ state: 'queued', reason: 'paused' }]);
  await window.runCommand('Parley: Resume All');
  await until(
    'the ring',
    () => heard.some((event) => event.what === 'call' && event.call.topic === 'In the pause'),
    patience,
  );
  await nova.ask('answer', { answer: 'accept', call: call.id });
});

test('who is invited to a thread is rung', async () => {
  const vega = await signOn(homeIn(workbench), 'Vega');
  try {
    await window.row(/^Vega, /).waitFor({ timeout: patience });
    await window.runCommand('Parley: Invite…');
    await window.pick('In the pause');
    await window.page.getByText('Whom do you want in the thread?').waitFor();
    await window.pick('Vega');
    let call: string | undefined;
    await until('the ring', async () => {
      call = (await vega.ask('inbox', {})).calls[0]?.id;
      return call !== undefined;
    });
    await vega.ask('answer', { answer: 'accept', call });
    const { thread } = await vega.ask('read', {});
    expect(thread.topic).toBe('In the pause');
  } finally {
    vega.close();
  }
});

test('what was said is found by the beginning of a word, and opens its thread', async () => {
  await nova.ask('send', { text: 'The pomegranate is in the fridge' });
  await window.runCommand('Parley: Search Threads…');
  await window.page.locator('.quick-input-title', { hasText: 'Search Threads' }).waitFor({ timeout: patience });
  await window.quickInput().fill('pomegr');
  const hit = window.page.locator('.quick-input-list .monaco-list-row').filter({ hasText: 'pomegranate' });
  await hit.waitFor({ timeout: patience });
  await window.screenshot('controls-search');
  await hit.click();
  await window.webview().getByText('The pomegranate is in the fridge').waitFor({ timeout: patience });
});

test('an erased thread is gone from the tree and cannot be read', async () => {
  const { thread } = await nova.ask('read', {});
  await window.runCommand('Parley: Erase Thread…');
  await window.pick('In the pause');
  await window.dialogButton('Erase Thread').click();
  await window.row(/^In the pause, /).waitFor({ state: 'detached', timeout: patience });
  expect(await refusal(nova.ask('read', { thread: thread.id }))).toMatch(/^(unknown_thread|thread_erased)$/);
});
