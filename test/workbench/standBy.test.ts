import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect, type Client } from '../../src/client/client';
import { readAdminToken } from '../../src/client/identityStore';
import type { ReachView } from '../../src/contract/views';
import type { Watched } from '../../src/contract/wire';
import type { RingReport } from '../../src/core/model';
import { obstacles } from '../../src/extension/standBy/lineObstacle';
import { quietClaude } from '../support/claudeCode';
import { patience, showParley, signOn, startParley } from '../support/parley';
import { equipment, provide } from '../support/provision';
import { startScriptedModel, type Brain, type ScriptedModel } from '../support/scriptedModel';
import type { Turn } from '../support/scriptedModelTurn';
import { until } from '../support/until';
import type { Workbench } from '../support/workbench';
import { keepEvidence } from '../support/workbenchEvidence';
import type { WorkbenchWindow } from '../support/workbenchWindow';

/**
 * The ringers that the person allows by name, in a real window. Nova is a real Claude Code in a terminal of it, without the
 * door that it would have of its own; Iris is one that has ended. Their models are scripted; Atlas, who calls, is a program.
 */

const base = realpathSync(mkdtempSync(path.join(tmpdir(), 'parley-sb-')));
const home = path.join(base, 'home');
const project = path.join(base, 'project');
const launcher = path.join(home, 'bin/parley');
let model: ScriptedModel;
let brain: Brain;
let workbench: Workbench;
let window: WorkbenchWindow;
let atlas: Client;
let person: Client;
/** Resolves when the session of Iris is over. */
let iris: Promise<void>;
/** The call that waits for its terminal to be left alone. */
let lexer = '';
const happened: Watched[] = [];

beforeAll(async () => {
  await provide('claudeCode');
  model = await startScriptedModel();
  brain = model.brain('nova');
  mkdirSync(project);
  const { env, answers } = quietClaude(brain, project);
  const onPath = `export PATH="${path.dirname(equipment.claude)}:$PATH"\n`;
  // As .claude.json names Parley; without the socket it is as on a Claude Code that has no inbox.
  const parley = { command: launcher, args: ['mcp'], env: { CLAUDE_CODE_MESSAGING_SOCKET: '' }, alwaysLoad: true };
  workbench = await startParley({
    folder: project,
    // What a terminal shows is text of the page then.
    settings: {
      'terminal.integrated.gpuAcceleration': 'off',
      'workbench.secondarySideBar.defaultVisibility': 'hidden',
    },
    env: { ...env, PARLEY_HOME: home },
    // VS Code asks a login shell for the PATH.
    homeFiles: {
      '.bash_profile': onPath,
      '.bashrc': onPath,
      '.claude.json': JSON.stringify({ ...answers, mcpServers: { parley } }),
    },
  });
  window = workbench.window;
  await showParley(window, home);
  atlas = await signOn(home, 'Atlas');
  person = await connect({ home, client: 'test', version: '0', token: readAdminToken(home) ?? '' });
  person.watch((event) => void happened.push(event));
  iris = runIris({ ...env, PARLEY_HOME: home, PARLEY_AGENT: 'Iris' });
  // It is waited for where it is needed.
  iris.catch(() => undefined);
}, 180_000);

afterAll(async () => {
  atlas?.close();
  person?.close();
  await workbench?.stop();
  await model?.stop();
  rmSync(base, { recursive: true, force: true });
}, 60_000);
keepEvidence(() => workbench);

async function reach(name: string): Promise<ReachView> {
  const { agents } = await atlas.ask('who', { agent: name });
  return agents[0]?.reach ?? { state: 'offline' };
}

/** The request of a model that holds these words. */
const asked = (words: string): Promise<Turn> => until(`a model to hear “${words}”`, () => brain.take(words), patience);

/** Shows the row's hover, with these words in it. */
async function hover(row: RegExp, words: string | RegExp): Promise<void> {
  await window.row(row).hover();
  await window.page.locator('.monaco-hover:visible').getByText(words).waitFor({ timeout: patience });
}

/** A session that was and is over: a Claude Code that signs on as Iris, says something, and ends. */
async function runIris(env: Readonly<Record<string, string>>): Promise<void> {
  const own = model.brain('iris');
  const parts = ['-p', 'hello', '--allowedTools=mcp__parley__*'];
  const child = spawn(equipment.claude, parts, {
    cwd: project,
    env: { PATH: process.env['PATH'], HOME: workbench.home, ...env, ANTHROPIC_BASE_URL: own.baseUrl },
    stdio: 'ignore',
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  await (await own.nextRequest(patience)).callTool('mcp__parley__who');
  await (await own.nextRequest(patience)).say('I was here before.');
  expect(await ended).toBe(0);
}

/** What ringers reported of it, oldest first. */
const reports = (subject: string): RingReport[] =>
  happened.flatMap((one) =>
    one.type === 'receipt.rung' && one.payload.subject === subject ? [one.payload.report] : [],
  );

/** What the first ringer reports of it. */
const rung = (subject: string): Promise<RingReport> =>
  until(`a ring for ${subject}`, () => reports(subject)[0], patience);

/** Takes the call back. @returns the receipt that it had */
async function cancelled(id: string): Promise<object> {
  const { call: ended } = await atlas.ask('cancel', { call: id });
  return ended?.to[0]?.receipt ?? {};
}

const call = async (to: string, topic: string): Promise<string> =>
  (await atlas.ask('call', { to, topic, wait: 0 })).call.id;

/** What the terminals show. */
async function shown(): Promise<string> {
  return (await window.page.locator('.xterm-rows').allInnerTexts()).join('\n');
}

test('nothing is typed for a call to an agent that the person has not named', async () => {
  await window.typeInTerminal("PARLEY_AGENT=Nova claude 'Who is there?' --allowedTools 'mcp__parley__*'");
  // Without a door it signs on with its first use of Parley.
  await (await brain.nextRequest(patience)).callTool('mcp__parley__who');
  await (await brain.nextRequest(patience)).say('Atlas is there.');
  await window.row(/^Nova, Claude Code, available, hears when it asks/).waitFor({ timeout: patience });
  const id = await call('Nova', 'Before you allow it');
  expect((await reach('Nova')).state).toBe('when-it-asks');
  expect(await cancelled(id)).not.toHaveProperty('ringer');
  await until('the turn to be shown', async () => (await shown()).includes('Atlas is there.'), patience);
  expect(await shown()).not.toContain('Parley:');
  await window.screenshot('stand-by-not-named');
});

test('nothing is typed while the terminal is in hand, and the Roster says so', async () => {
  await workbench.writeSettings({ 'parley.wake.typedLine': 'Nova, Vero', 'parley.wake.headless': 'Iris' }, 'Machine');
  const { inHand } = obstacles;
  await until('the reason', async () => (await reach('Nova')).detail === inHand, patience);
  const id = await call('Nova', 'While you may be typing');
  expect(await rung(id)).toEqual({ ringer: 'typed-line', result: 'failed', detail: inHand });
  expect(await reach('Nova')).toEqual({ state: 'when-it-asks', detail: inHand });
  await hover(/^Nova, /, `In the way: ${inHand}.`);
  await window.screenshot('stand-by-in-hand');
  expect(await shown()).not.toContain('Parley:');
  expect(await cancelled(id)).toMatchObject({ ringer: 'typed-line', result: 'failed', detail: inHand });
});

test('nor when the person has just left it; that call goes on ringing', async () => {
  await window.typeInTerminal('parley register --name Vero');
  await until('the person to have left', async () => (await reach('Nova')).detail === obstacles.justLeft, patience);
  lexer = await call('Nova', 'The lexer');
  expect(await rung(lexer)).toEqual({ ringer: 'typed-line', result: 'failed', detail: obstacles.justLeft });
});

test('nobody claims that a line may be typed for an agent in a plain shell', async () => {
  const row = window.row(/^Vero, .*when it asks/);
  await row.waitFor({ timeout: patience });
  expect(await reach('Vero')).toEqual({ state: 'when-it-asks' });
});

test('whose client has ended is brought back for a call, in sight of the person, and answers it', async () => {
  await iris;
  await until('a way back', async () => (await reach('Iris')).ringer === 'headless-resume', patience);
  const id = await call('Iris', 'Are you there?');
  const turn = await asked('Are you there?');
  expect(JSON.stringify(turn.request)).toContain('I was here before.');
  expect(reports(id)).toEqual([{ ringer: 'headless-resume', result: 'written' }]);
  await window.statusItem('Claude Code runs for Iris in project, without a window').waitFor({ timeout: patience });
  await window.screenshot('stand-by-brought-back');
  await turn.callTool('mcp__parley__answer', { call: id, answer: 'accept', message: 'Yes.', wait: 0 });
  const next = await asked('You accepted');
  await window.row(/^Iris, Claude Code, .*in a call with Atlas/).waitFor({ timeout: patience });
  await next.say('I was brought back.');
  await window.statusItem('Claude Code runs for').waitFor({ state: 'detached', timeout: patience });
});

test('taking the name out of the setting ends the run, and nobody is brought back any more', async () => {
  await until('a way back', async () => (await reach('Iris')).ringer === 'headless-resume', patience);
  const { message } = await atlas.ask('message', { to: 'Iris', text: 'One more thing' });
  // The ring says who wrote, and not what.
  const turn = await asked(message.id);
  await window.statusItem('Claude Code runs for Iris').waitFor({ timeout: patience });
  await workbench.writeSettings({ 'parley.wake.headless': '' }, 'Machine');
  await until('the run to end', () => turn.over, patience);
  await window.statusItem('Claude Code runs for').waitFor({ state: 'detached', timeout: patience });
  await until('no way back', async () => (await reach('Iris')).ringer === undefined, patience);
  const id = await call('Iris', 'Nobody rings');
  expect(await cancelled(id)).not.toHaveProperty('ringer');
  await window.screenshot('stand-by-ended');
});

test('a call that still rings is told by a typed line once its terminal is left alone, and is not seen before it is asked for', async () => {
  const turn = await asked(`Answer it with the parley tool answer, call ${lexer}.`);
  expect(turn.news.trim()).toBe(
    `Parley: you have a call from Atlas. Answer it with the parley tool answer, call ${lexer}.`,
  );
  const written = { ringer: 'typed-line', result: 'written' };
  await until('the report', () => reports(lexer).length > 1, patience);
  expect(reports(lexer)).toEqual([expect.objectContaining({ result: 'failed' }), written]);
  expect(happened.flatMap((one) => (one.type === 'receipt.seen' ? one.payload.calls : []))).not.toContain(lexer);
  await window.row(/^Nova, .*can be woken/).waitFor({ timeout: patience });
  await hover(/^Nova, /, /through a line typed into the terminal/);
  await window.screenshot('stand-by-typed');
  await turn.callTool('mcp__parley__answer', { call: lexer, answer: 'accept', message: 'Which file?', wait: 0 });
  await (await asked('You accepted')).say('I answered.');
  expect(happened.map(({ type }) => type)).toContain('call.accepted');
  await window.row(/^Nova, .*in a call with Atlas/).waitFor({ timeout: patience });
  await window.page.locator('.tabs-list').getByText('Claude Code').click();
  await until('the line to be seen', async () => (await shown()).includes('Parley: you have a call'), patience);
  await window.screenshot('stand-by-answered');
});

test('nothing is typed into the shell behind a client that is suspended', async () => {
  await window.page.locator('.terminal-wrapper.active .xterm textarea').first().focus();
  await window.page.keyboard.press('Control+Z');
  await until('the shell', async () => (await reach('Nova')).detail === obstacles.otherProgram, patience);
  const { message } = await atlas.ask('message', { to: 'Nova', text: 'Are you asleep?' });
  expect(await rung(message.id)).toEqual({
    ringer: 'typed-line',
    result: 'failed',
    detail: obstacles.otherProgram,
  });
  await window.screenshot('stand-by-suspended');
});
