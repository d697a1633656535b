import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Frame } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Client } from '../../src/client/client';
import type { ListenEvent, MessageView } from '../../src/contract/views';
import { homeIn, patience, showParley, signOn, startParley } from '../support/parley';
import { until } from '../support/until';
import type { Workbench } from '../support/workbench';
import { keepEvidence } from '../support/workbenchEvidence';
import type { WorkbenchWindow } from '../support/workbenchWindow';

/** The thread view as the person has it: in the editor area and in the sidebar, over a reload, beside code. */

declare const axe: { run(): Promise<{ violations: { id: string; nodes: { target: unknown }[] }[] }> };

let workbench: Workbench;
let window: WorkbenchWindow;
let nova: Client;
let vega: Client;
let room: string;
const heard: ListenEvent[] = [];
const toVega: ListenEvent[] = [];
const code =
  'export function guard(token: string) {\n  const exp = read(token);\n  return exp * 1000 > Date.now();\n}\n';
const file = (): string => path.join(workbench.folder ?? '', 'src/guard.ts');

beforeAll(async () => {
  workbench = await startParley();
  window = workbench.window;
  // Many small steps: on a busy machine each may have to wait for others.
  window.page.setDefaultTimeout(patience);
  mkdirSync(path.join(workbench.folder ?? '', 'src'), { recursive: true });
  writeFileSync(file(), code);
  const home = homeIn(workbench);
  await showParley(window, home);
  const card = { workspace: workbench.folder ?? '' };
  nova = await signOn(home, 'Nova', card);
  vega = await signOn(home, 'Vega', card);
  nova.subscribe((event) => void heard.push(event));
  vega.subscribe((event) => void toVega.push(event));
  room = (await nova.ask('open', { topic: 'The guard' })).thread.id;
  const range = { start: { line: 1, character: 0 }, end: { line: 2, character: 0 } };
  await nova.ask('send', {
    thread: room,
    text: 'It reads seconds:\n\n```ts\nconst inSeconds = true;\n```',
    refs: [{ uri: 'src/guard.ts', range }],
  });
  await window.row(/^The guard, /).waitFor({ timeout: patience });
}, 180_000);

afterAll(async () => {
  nova?.close();
  vega?.close();
  await workbench?.stop();
}, 60_000);
keepEvidence(() => workbench);

const view = () => window.webview();
const box = () => view().locator('textarea');

/** The latest message of the person's that Nova has been told of. */
async function fromPerson(text: string): Promise<MessageView> {
  let found: MessageView | undefined;
  await until(
    `“${text}” to be at Nova`,
    () => {
      found = heard
        .flatMap((event) => (event.what === 'message' ? [event.message] : []))
        .findLast(({ content }) => content.includes(text));
      return found !== undefined;
    },
    patience,
  );
  return found as MessageView;
}

async function openFile(): Promise<void> {
  await window.page.keyboard.press('Control+P');
  await window.quickInput().fill('guard.ts');
  await window.pick('guard.ts');
  await window.page.locator('.monaco-editor[data-uri$="/src/guard.ts"]').waitFor({ timeout: patience });
}

test('code has colours, a place shows what stands there and says when that has changed', async () => {
  await window
    .row(/^The guard, /)
    .first()
    .click();
  await view().locator('.code-block .token-keyword').first().waitFor({ timeout: patience });
  const peek = view().locator('.peek-button').first();
  await peek.click();
  await view().locator('.peek .marked').getByText('const exp = read(token);').waitFor({ timeout: patience });
  expect(await view().locator('.changed').count()).toBe(0);
  await peek.click();
  writeFileSync(file(), code.replace('read(token)', 'decode(token)'));
  await peek.click();
  await view().locator('.changed').waitFor({ timeout: patience });
  await view().locator('.peek').getByText('const exp = decode(token);').waitFor({ timeout: patience });
  await window.screenshot('thread-view-peek');
  writeFileSync(file(), code);
});

test('a file and an agent are named by picking them, and the message points to the file', async () => {
  await box().click();
  await window.page.keyboard.type('Ask @Ve');
  await view().getByRole('option', { name: /^Vega/ }).waitFor({ timeout: patience });
  await window.page.keyboard.press('Enter');
  await window.page.keyboard.type('about #guard');
  await view()
    .getByRole('option', { name: /^guard\.ts/ })
    .waitFor({ timeout: patience });
  await window.screenshot('thread-view-picker');
  await window.page.keyboard.press('Enter');
  await view().locator('.attached li').waitFor({ timeout: patience });
  await window.page.keyboard.press('Enter');
  const message = await fromPerson('Ask @Vega about');
  expect(message.content.trim()).toBe('Ask @Vega about src/guard.ts');
  expect(message.refs).toMatchObject([{ uri: expect.stringMatching(/\/src\/guard\.ts$/) as string }]);
  expect(message.refs[0]?.hash).toMatch(/^[0-9a-f]{64}$/);
});

test('a selection that is copied in the editor is pasted as a place, and code goes to the cursor', async () => {
  await openFile();
  await window.page.keyboard.press('Control+Home');
  await window.page.keyboard.press('Control+Shift+End');
  await window.page.keyboard.press('Control+C');
  await window.page.locator('.tab', { hasText: 'The guard' }).click();
  await box().click({ timeout: patience });
  await window.page.keyboard.press('Control+V');
  await view().locator('.attached li').waitFor({ timeout: patience });
  expect(await box().inputValue()).toBe('');
  await window.page.keyboard.type('All of it');
  await window.page.keyboard.press('Enter');
  const { refs } = await fromPerson('All of it');
  expect(refs).toMatchObject([{ range: { start: { line: 0 } }, excerpt: code }]);

  await view().locator('.code-block').first().hover();
  await view().getByRole('button', { name: 'Insert this code at the cursor of the editor' }).first().click();
  const editor = window.page.locator('.monaco-editor[data-uri$="/src/guard.ts"]');
  await editor.getByText('const inSeconds = true;').waitFor({ timeout: patience });
  await window.page.keyboard.press('Control+Z');
});

test('a reply leads to what it replies to', async () => {
  await window.page.locator('.tab', { hasText: 'The guard' }).click();
  await view().locator('.message').first().hover();
  await view().getByRole('button', { name: 'Reply to Nova' }).first().click();
  await window.page.keyboard.type('Yes, seconds');
  await window.page.keyboard.press('Enter');
  const reply = await fromPerson('Yes, seconds');
  const { messages } = await nova.ask('read', { thread: room });
  expect(reply.replyTo).toBe(messages.find(({ content }) => content.startsWith('It reads'))?.id);
  await view().locator('button.quote').last().click();
  await view().locator('.message.found').getByText('It reads seconds').waitFor({ timeout: patience });
});

test('a reload in the middle of a call brings back the view, the call and the draft', async () => {
  await box().click();
  await window.page.keyboard.type('half a thought');
  // In a browser VS Code writes what extensions and views keep after some seconds.
  await until('the draft to be kept', () => window.keeps('half a thought'), patience);
  await window.reload();
  // Which tab was in front is written later still.
  await window.page.locator('.tab', { hasText: 'The guard' }).click({ timeout: patience });
  await view().getByText('It reads seconds').first().waitFor({ timeout: patience });
  await view().locator('.chip.live').waitFor({ timeout: patience });
  expect(await box().inputValue()).toBe('half a thought');
  await nova.ask('send', { thread: room, text: 'Still here?' });
  await view().locator('.content').getByText('Still here?').waitFor({ timeout: patience });
});

test('in each kind of theme the view looks as it should, and axe-core finds nothing', async () => {
  const script = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  const found: string[] = [];
  for (const [name, theme] of [
    ['light', 'Default Light Modern'],
    ['dark', 'Default Dark Modern'],
    ['high-contrast', 'Default High Contrast'],
  ] as const) {
    await workbench.writeSettings({ 'workbench.colorTheme': theme });
    await window.page.locator('.tab', { hasText: 'The guard' }).click();
    const kind = name === 'high-contrast' ? 'vscode-high-contrast' : `vscode-${name}`;
    await view().locator(`body.${kind}`).waitFor({ timeout: patience });
    await view().locator('.token-keyword').first().waitFor({ timeout: patience });
    await window.screenshot(`thread-view-${name}`);
    const frame = (await (await view().locator('#root').elementHandle())?.ownerFrame()) as Frame;
    await frame.evaluate(script);
    // The ground is drawn by VS Code, outside of the frame, where axe-core does not see it.
    await frame.evaluate('document.documentElement.style.background = "var(--vscode-editor-background)"');
    // While the colours of one theme give way to those of another, some do not go together.
    let faults: string[] = [];
    const look = async (): Promise<boolean> => {
      const violations = await frame.evaluate(async () => (await axe.run()).violations);
      faults = violations.map(({ id, nodes }) => `${name}: ${id} ${String(nodes[0]?.target)}`);
      return faults.length === 0;
    };
    await until('the colours to settle', look, 15_000).catch(() => found.push(...faults));
  }
  expect(found).toEqual([]);
});

test('the sidebar shows the thread that is selected, and comes back after a reload', async () => {
  await box().click();
  await window.page.keyboard.press('Control+A');
  await window.page.keyboard.press('Delete');
  await window.runCommand('View: Close All Editors');
  const header = window.page.locator('.pane-header', { hasText: 'Conversation' });
  expect(await header.count()).toBe(0);
  await window.rowMenu(/^The guard, /, 'Show in Sidebar');
  await view().getByText('Still here?').waitFor({ timeout: patience });
  // Room for some messages above where one writes, beside the three trees.
  const pane = await window.page.locator('.pane', { has: header }).boundingBox();
  expect(pane?.height).toBeGreaterThan(300);
  await window.screenshot('thread-view-sidebar');
  await nova.ask('message', { to: 'Vega', topic: 'Something else', text: 'Only for Vega' });
  await workbench.writeSettings({ 'parley.openThreads': 'sidebar' });
  // The setting reaches the extension a moment after it was written: until then the thread opens in the editor area too.
  await until('the thread in the sidebar alone', async () => {
    await window
      .row(/^Something else, /)
      .first()
      .click();
    const shown = view().getByText('Only for Vega').waitFor({ timeout: 5_000 });
    const isAlone = await shown.then(
      () => true,
      () => false,
    );
    if (!isAlone) await window.runCommand('View: Close All Editors');
    return isAlone;
  });
  await window
    .row(/^The guard, /)
    .first()
    .click();
  await view().getByText('Still here?').waitFor({ timeout: patience });
  // VS Code writes down what an extension remembers a moment later.
  await until('VS Code to have kept which thread is shown', () =>
    window.keeps(String.raw`\"conversation\":\"${room}\"`),
  );
  await window.reload();
  await view().getByText('Still here?').waitFor({ timeout: patience });
});

test('a thread is handed over: who gets it is rung, and the person is out', async () => {
  await view().getByRole('button', { name: 'More actions' }).click();
  await view().getByRole('menuitem', { name: 'Transfer' }).click();
  await window.page.getByText('To whom do you hand the thread over?').waitFor({ timeout: patience });
  await window.pick('Vega');
  const invitation = (event: ListenEvent): boolean => event.what === 'call' && event.call.into === room;
  await until('the invitation to be at Vega', () => toVega.some(invitation), patience);
  const { thread } = await nova.ask('read', { thread: room });
  expect(thread.participants.find(({ kind }) => kind === 'human')?.left).toBe(true);
});
