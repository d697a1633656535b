import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Client } from '../../src/client/client';
import type { CallView, ListenEvent, MessageView } from '../../src/contract/views';
import { quietClaude } from '../support/claudeCode';
import { homeIn, patience, showParley, signOn, startParley } from '../support/parley';
import { equipment, provide } from '../support/provision';
import { startScriptedModel, type ScriptedModel } from '../support/scriptedModel';
import { until } from '../support/until';
import type { Workbench } from '../support/workbench';
import { keepEvidence } from '../support/workbenchEvidence';
import type { WorkbenchWindow } from '../support/workbenchWindow';

/** What begins outside of Parley's own views: menus of the editor, terminals, links, the walkthrough. Nova is a program. */

const committed = ['export function parse(text: string) {', "  return text.split(' ');", '}', ''].join('\n');
const changed = committed.replace("' '", '/\\s+/');
const base = mkdtempSync(path.join(tmpdir(), 'parley-ev-'));
const project = path.join(realpathSync(base), 'project');
const programs = path.join(base, 'bin');
let workbench: Workbench;
let window: WorkbenchWindow;
let nova: Client;
let model: ScriptedModel;
let commit: string;
const heard: ListenEvent[] = [];

const git = (...args: readonly string[]): string =>
  execFileSync('git', ['-c', 'user.name=T', '-c', 'user.email=t@example.com', ...args], { cwd: project }).toString();
const uriOf = (file: string): string => `file://${path.join(project, file)}`;

/** A program that a client would be, as far as Parley sees it. */
function program(name: string, script: string): void {
  writeFileSync(path.join(programs, name), `#!/bin/sh\n${script}\n`);
  chmodSync(path.join(programs, name), 0o755);
}

/** The next message that Nova hears, with its refs. */
async function message(words: string): Promise<MessageView> {
  let found: MessageView | undefined;
  await until(`the message “${words}”`, () => {
    const all = heard.flatMap((event) => (event.what === 'message' ? [event.message] : []));
    found = all.find(({ content }) => content.startsWith(words));
    return found !== undefined;
  });
  return found as MessageView;
}

/** The title of a list from which the person picks. */
function question(words: string): Locator {
  return window.page.locator('.quick-input-title').filter({ hasText: words });
}

/** Answers whom a parcel goes to, how, and with which words. */
async function give(way: string, words: string): Promise<void> {
  const { page } = window;
  await question('Which agent gets').waitFor({ timeout: patience });
  await window.pick('Nova');
  await question('How does Nova get it?').waitFor();
  await window.pick(way);
  await page.getByText('What do you say to Nova?').waitFor();
  await window.enter(words);
}

async function openFile(name: string): Promise<void> {
  await window.page.keyboard.press('Control+P');
  await window.quickInput().fill(name);
  await window.pick(name);
  await window.page.locator(`.monaco-editor[data-uri$="${name}"] .view-lines`).first().waitFor();
}

beforeAll(async () => {
  await provide('claudeCode');
  model = await startScriptedModel();
  mkdirSync(path.join(project, 'src'), { recursive: true });
  mkdirSync(programs);
  const { env, answers } = quietClaude(model.brain('vega'), project);
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  program('claude', `exec env ${variables.join(' ')} ${equipment.claude} "$@"`);
  program('codex', 'parley register --name "$PARLEY_AGENT" && parley poll --wait 300');
  program('gemini', 'echo "no such model" >&2; exit 3');
  writeFileSync(path.join(project, 'src/parser.ts'), committed);
  git('init', '-q', '-b', 'main');
  git('add', '.');
  git('commit', '-q', '-m', 'First');
  commit = git('rev-parse', 'HEAD').trim();
  writeFileSync(path.join(project, 'src/parser.ts'), changed);
  writeFileSync(path.join(project, 'src/broken.json'), '{ "a": }\n');
  const onPath = `export PATH="${programs}:$PATH"\n`;
  workbench = await startParley({
    folder: project,
    settings: {
      'git.enabled': true,
      'git.autofetch': false,
      'files.autoSave': 'off',
      // Both sides of a diff, however narrow.
      'diffEditor.useInlineViewWhenSpaceIsLimited': false,
    },
    // VS Code asks a login shell for the PATH.
    homeFiles: { '.bash_profile': onPath, '.bashrc': onPath, '.claude.json': JSON.stringify(answers) },
  });
  window = workbench.window;
  const home = homeIn(workbench);
  await showParley(window, home);
  nova = await signOn(home, 'Nova', { capabilities: ['review'] });
  nova.subscribe((event) => void heard.push(event));
  await window.row(/^Nova, /).waitFor({ timeout: patience });
}, 180_000);

afterAll(async () => {
  nova?.close();
  await workbench?.stop();
  await model?.stop();
  rmSync(base, { recursive: true, force: true });
}, 60_000);
keepEvidence(() => workbench);

describe('sending', () => {
  test('a selection from the editor’s menu takes the place, what stands there and the commit along', async () => {
    await openFile('parser.ts');
    const { page } = window;
    await page.keyboard.press('Control+Home');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Shift+ArrowDown');
    const second = page.locator('.monaco-editor .view-line').nth(1);
    const entry = await window.menuOf(second, 'Send Selection to Agent…', { x: 60, y: 8 });
    await window.screenshot('everywhere-editor-menu');
    await window.takeMenuEntry(entry);
    await page.locator('.quick-input-title').filter({ hasText: 'Which agent gets' }).waitFor();
    await window.screenshot('everywhere-which-agent');
    await give('Leave a Message', 'Is this split right?');
    const { refs } = await message('Is this split right?');
    const line = `${changed.split('\n')[1] ?? ''}\n`;
    expect(refs).toEqual([
      expect.objectContaining({
        uri: uriOf('src/parser.ts'),
        range: { start: { line: 1, character: 0 }, end: { line: 2, character: 0 } },
        excerpt: line,
        hash: createHash('sha256').update(line).digest('hex'),
        commit,
        worktree: project,
      }),
    ]);
    await window.webview().getByText('Is this split right?').waitFor({ timeout: patience });
    await window.screenshot('everywhere-sent-selection');
  });

  test('a file from the explorer’s menu can open a call', async () => {
    await window.openContainer('Explorer');
    await window.row(/^src/).first().click();
    await window.rowMenu(/broken\.json/, 'Send File to Agent…');
    await give('Call Now', 'What is wrong with this file?');
    let call: CallView | undefined;
    await until('the call', () => {
      call = heard.flatMap((event) => (event.what === 'call' ? [event.call] : [])).at(-1);
      return call?.topic === 'What is wrong with this file?';
    });
    expect(call?.refs).toMatchObject([{ uri: uriOf('src/broken.json') }]);
    await nova.ask('answer', { call: call?.id ?? '', answer: 'decline', reason: 'later' });
    await window.notification('Nova declined').waitFor({ timeout: patience });
  });

  test('a problem goes from the menu of the problems panel', async () => {
    await openFile('broken.json');
    await window.runCommand('View: Focus Problems');
    const problem = window.row(/Value expected/).first();
    await problem.waitFor({ timeout: patience });
    const entry = await window.menuOf(problem, 'Send to Agent…');
    await window.screenshot('everywhere-problem-menu');
    await window.takeMenuEntry(entry);
    await give('Leave a Message', 'Please mend this');
    const { content, refs } = await message('Please mend this');
    expect(content).toMatch(/Error.*broken\.json:1: Value expected/);
    expect(refs).toMatchObject([{ uri: uriOf('src/broken.json'), range: { start: { line: 0 } } }]);
  });

  test('what is selected in a terminal goes as text, and the clipboard is as it was', async () => {
    const { page } = window;
    await page.evaluate('navigator.clipboard.writeText("mine")');
    const ran = path.join(programs, 'ran');
    await window.typeInTerminal(`echo the-words-of-a-terminal && touch ${ran}`);
    await page.locator('.terminal-wrapper.active .xterm').waitFor();
    await until('the shell to have run it', () => existsSync(ran), patience);
    await window.runCommand('Terminal: Select All');
    // VS Code knows a little later that something is selected there: until then the keys do nothing.
    await until('the question that the keys ask', async () => {
      await page.keyboard.press('Control+Alt+P');
      await page.keyboard.press('s');
      return question('Which agent gets')
        .waitFor({ timeout: 3_000 })
        .then(() => true)
        .catch(() => false);
    });
    await give('Leave a Message', 'See this');
    const { content, refs } = await message('See this');
    expect(content).toContain('the-words-of-a-terminal');
    expect(content).toMatch(/```\n[\s\S]*\n```$/);
    expect(refs).toEqual([]);
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe('mine');
  });
});

test('changes are reviewed place by place, by who is good at it first', async () => {
  await window.runCommand('Parley: Ask for Review of Changes…');
  const first = window.page.locator('.quick-input-list .monaco-list-row').first();
  await window.page
    .locator('.quick-input-title')
    .filter({ hasText: 'the changes in 2 files' })
    .waitFor({ timeout: patience });
  expect(await first.innerText()).toContain('Nova');
  await give('Leave a Message', 'Please review');
  const { content, refs } = await message('Please review');
  expect(content).toContain(`Compared with commit ${commit.slice(0, 8)}, branch main.`);
  expect(refs.map(({ uri, note, range }) => [uri, note, range?.start.line]).sort()).toEqual([
    [uriOf('src/broken.json'), 'new file', undefined],
    [uriOf('src/parser.ts'), '+1 −1', 1],
  ]);
  expect(refs.every((ref) => ref.commit === commit)).toBe(true);
  await window.screenshot('everywhere-review');
});

describe('with some of it staged', () => {
  const later = `${changed}export const last = 1;\n`;
  const line = (text: string): string => `${text.split('\n')[1] ?? ''}\n`;

  beforeAll(async () => {
    git('add', 'src/parser.ts');
    writeFileSync(path.join(project, 'src/parser.ts'), later);
    await window.runCommand('View: Close All Editors');
    await window.runCommand('Git: Refresh');
    await window.openContainer('Source Control');
    await window.page.locator('.scm-view').getByText('Staged Changes').waitFor({ timeout: patience });
  });

  test.each([
    ['the last commit', 'original', committed, 'as at commit'],
    ['the index', 'modified', changed, 'as staged'],
  ])('a selection in the diff’s side of %s goes as it stands there', async (side, where, text, note) => {
    await window
      .row(/parser\.ts.*[Ii]ndex/)
      .first()
      .click();
    const editor = window.page.locator(`.monaco-diff-editor .editor.${where}`);
    await editor.getByText('return text.split').first().click({ timeout: patience });
    await window.page.keyboard.press('Home');
    await window.page.keyboard.press('Home');
    await window.page.keyboard.press('Shift+ArrowDown');
    const entry = await window.menuOf(editor.getByText('return text.split').first(), 'Send Selection to Agent…');
    await window.screenshot(`everywhere-diff-${where}`);
    await window.takeMenuEntry(entry);
    await give('Leave a Message', `From ${side}`);
    const { refs } = await message(`From ${side}`);
    expect(refs).toMatchObject([{ uri: uriOf('src/parser.ts'), excerpt: line(text), commit, worktree: project }]);
    expect(refs[0]?.note).toContain(note);
  });

  test('the person says whether what is staged is reviewed, or what is not', async () => {
    const review = async (which: string, words: string): Promise<MessageView> => {
      await window.runCommand('Parley: Ask for Review of Changes…');
      await window.page.getByText('Which changes shall be reviewed?').waitFor({ timeout: patience });
      await window.screenshot('everywhere-review-which');
      await window.pick(which);
      await give('Leave a Message', words);
      return message(words);
    };
    const staged = await review('Staged Changes', 'Review what is staged');
    expect(staged.content).toContain(`What is staged, compared with commit ${commit.slice(0, 8)}, branch main.`);
    expect(staged.refs).toMatchObject([{ uri: uriOf('src/parser.ts'), excerpt: line(changed), note: '+1 −1', commit }]);
    const rest = await review('Changes That Are Not Staged', 'Review the rest');
    expect(rest.content).toContain('What is not staged, compared with what is.');
    expect(rest.refs.map(({ uri, note, excerpt }) => [uri, note, excerpt]).sort()).toEqual([
      [uriOf('src/broken.json'), 'new file', undefined],
      [uriOf('src/parser.ts'), '+1 −0', 'export const last = 1;\n'],
    ]);
    expect(rest.refs.every((ref) => ref.commit === undefined)).toBe(true);
  });

  test('a place of a commit says whether it has changed since', async () => {
    await window.runCommand('View: Close All Editors');
    const { agents } = await nova.ask('who', {});
    const you = agents.find(({ kind }) => kind === 'human')?.id ?? '';
    const at = (line: number) => ({ start: { line, character: 0 }, end: { line: line + 1, character: 0 } });
    const ref = { uri: uriOf('src/parser.ts'), commit };
    const text = 'It was right in that commit';
    await nova.ask('message', {
      to: you,
      topic: 'Since',
      text,
      refs: [
        { ...ref, range: at(1) },
        { ...ref, range: at(0) },
      ],
    });
    await window.openContainer('Parley');
    await window
      .row(/^Since, /)
      .first()
      .click();
    const row = window.webview().locator('.message', { hasText: text });
    const peek = row.locator('.peek');
    await row.locator('.peek-button').first().click();
    await peek.getByText('changed since').waitFor({ timeout: patience });
    await peek.locator('.marked').getByText('return text.split').waitFor();
    await window.screenshot('everywhere-changed-since');
    await row.locator('.peek-button').last().click();
    await peek.locator('.marked').getByText('export function parse').waitFor({ timeout: patience });
    expect(await peek.getByText('changed since').count()).toBeLessThanOrEqual(1);
  });
});

describe('an agent in a terminal', () => {
  const start = async (client: string, name: string): Promise<void> => {
    await window.runCommand('Parley: New Agent in Terminal…');
    await question('Which agent do you start?').waitFor();
    await window.screenshot('everywhere-new-agent');
    await window.pick(client);
    await window.page.getByText('is not set up for Parley. Set it up first?').waitFor();
    await window.dialogButton('Start Anyway').click();
    await window.page.getByText('What is it called?').waitFor();
    await window.enter(name);
  };

  test('is on the roster under the name that it was given, and its terminal is found again', async () => {
    await start('Codex', 'Korrektor');
    await window.notification('Korrektor is here.').waitFor({ timeout: patience });
    await window.openContainer('Parley');
    await window.row(/^Korrektor, /).waitFor({ timeout: patience });
    await window.screenshot('everywhere-agent-in-terminal');
    await window.runCommand('View: Hide Panel');
    const terminal = window.page.locator('.terminal-wrapper.active .xterm');
    await terminal.waitFor({ state: 'hidden' });
    await window.rowMenu(/^Korrektor, /, 'Show Terminal');
    await terminal.waitFor();
  });

  test('the real Claude Code is set up first, signs on under its name, and is called where it runs', async () => {
    await window.runCommand('Parley: New Agent in Terminal…');
    await window.pick('Claude Code');
    await window.dialogButton('Set Up…').click({ timeout: patience });
    await window.pick('Connect, and Allow');
    await window.page.getByText('Make this change to the configuration of Claude Code?').waitFor({ timeout: patience });
    await window.pick('Connect');
    await window.notification(/Claude Code is connected/).waitFor({ timeout: patience });
    await window.page.getByText('What is it called?').waitFor({ timeout: patience });
    await window.enter('Vega');
    await window.notification('Vega is here.').waitFor({ timeout: patience });
    await window.openContainer('Parley');
    await window.row(/^Vega, Claude Code, available, can be woken/).waitFor({ timeout: patience });
    await window.screenshot('everywhere-claude-in-terminal');

    const { call } = await nova.ask('call', { to: 'Vega', topic: 'The lexer', message: 'Have you a minute?' });
    const brain = model.brain('vega');
    const rung = await brain.nextRequest(patience);
    expect(rung.news).toContain('Nova');
    await rung.callTool('mcp__parley__answer', {
      call: call.id,
      answer: 'accept',
      message: 'Yes. Which file?',
      wait: 0,
    });
    const told = await message('Yes. Which file?');
    expect(told.fromName).toBe('Vega');
    await (await brain.nextRequest(patience)).say('I answered.');
    await window.row(/^Vega, .*in a call with Nova/).waitFor({ timeout: patience });
    await window.screenshot('everywhere-claude-in-a-call');
    await nova.ask('leave', { thread: told.thread, close: true });
  });

  test('that ends before it signs on is told with its exit code', async () => {
    await start('Gemini CLI', 'Olga');
    await window
      .notification(/Gemini CLI ended with code 3|The terminal of Olga was closed/)
      .waitFor({ timeout: patience });
    await window.screenshot('everywhere-agent-ended');
  });
});

test('a link that was copied leads back to its thread, and one of another kind is told', async () => {
  const { page } = window;
  const thread = (await nova.ask('threads', {})).threads.find(({ topic }) => topic === 'Messages');
  await window.runCommand('Parley: Copy Link to Thread');
  await window.pick(thread?.topic ?? '');
  await until('the link', async () =>
    String(await page.evaluate('navigator.clipboard.readText()')).includes('/thread/'),
  );
  const link = String(await page.evaluate('navigator.clipboard.readText()'));
  expect(link).toMatch(new RegExp(`^[a-z-]+://parley\\.parley/thread/${thread?.id ?? ''}$`));
  await window.runCommand('View: Close All Editors');
  const open = async (url: string): Promise<void> => {
    await window.runCommand('Developer: Open URL');
    await window.enter(url);
    // VS Code asks before it hands a link to any extension.
    await window.dialogButton('Open').click();
  };
  await open(link.replace('/thread/', '/other/'));
  await window.notification('Parley does not know this link').waitFor({ timeout: patience });
  await open(link);
  await window.webview().getByText('Is this split right?').waitFor({ timeout: patience });
});

test('the walkthrough and the sections of the settings stand where one looks for them', async () => {
  await window.runCommand('Welcome: Open Walkthrough...');
  await window.pick('Start with Parley');
  await window.page.getByText('Give your agents Parley').first().waitFor({ timeout: patience });
  await window.screenshot('everywhere-walkthrough');
  await window.runCommand('Preferences: Open Settings (UI)');
  await window.page.locator('.settings-editor .monaco-editor').first().click();
  await window.page.keyboard.type('@ext:parley.parley');
  await window.page.getByText('Agent of This Window').first().waitFor({ timeout: patience });
  await window.screenshot('everywhere-settings');
});
