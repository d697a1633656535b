import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';
import * as vscode from 'vscode';
import { connect, type Client } from '../../../src/client/client';
import { homeOf } from '../../../src/client/home';
import { readAdminToken } from '../../../src/client/identityStore';
import { commands, settings, views } from '../../../src/extension/contributions';
import { tools } from '../../../src/mcp/tools';
import { until } from '../../support/until';
import { standInContext } from './standInContext';

/**
 * Parley inside the extension host, on whatever VS Code this runs in: code-server for `npm test`, desktop VS Code for
 * `npm run test:desktop`. `PARLEY_HOME` MUST name a folder of this run alone.
 */

/** What a start of the broker or of the MCP server may take on a busy machine, in milliseconds. */
const patience = 60_000;
const home = homeOf(process.env);
const commandIds = Object.keys(commands).map((name) => `parley.${name}`);
const toolNames = tools.map((tool) => `mcp_parley_${tool.name}`).sort();

interface Program {
  activate(context: vscode.ExtensionContext): void;
  deactivate(): Promise<void>;
}

export async function run(): Promise<void> {
  assert.notEqual(process.env['PARLEY_HOME'] ?? '', '', 'the run has a home of its own');
  const extension = vscode.extensions.getExtension('parley.parley');
  assert.ok(extension, 'Parley is loaded');
  await extension.activate();
  console.log('it activates');
  await everyCommandIsRegistered();
  await everyViewIsThere();
  settingsHaveTheirDefaults();
  const person = await connectAsPerson();
  await theToolsAnswerAsThisWindowsAgent(person);
  await theWindowsToolsAreForOtherAgents(person);
  await theLauncherRuns();
  await terminalsFindTheLauncher();
  const program = await deactivatedNothingIsLeft(extension, person);
  await whatCannotBeOpenedIsLetGoOf(program, extension, person);
  person.close();
}

/** Activation does not wait for the broker that it starts. */
function connectAsPerson(): Promise<Client> {
  return until(
    'the broker',
    () => {
      const token = readAdminToken(home);
      if (token === undefined) return false;
      return connect({ home, token, client: 'test', version: '0' }).catch(() => false as const);
    },
    patience,
  );
}

async function registeredCommands(): Promise<string[]> {
  const all = new Set(await vscode.commands.getCommands(true));
  return commandIds.filter((id) => all.has(id));
}

function liveTools(): string[] {
  const names = vscode.lm.tools.map((tool) => tool.name);
  return names.filter((name) => name.startsWith('mcp_parley_')).sort();
}

async function everyCommandIsRegistered(): Promise<void> {
  assert.deepEqual(await registeredCommands(), commandIds);
  console.log('every command of the table is registered');
}

/** The workbench makes a command that shows it for each view that it took from the manifest. */
async function everyViewIsThere(): Promise<void> {
  const all = new Set(await vscode.commands.getCommands(true));
  const ids = Object.keys(views).map((name) => `parley.${name}`);
  assert.equal(ids.length, 4);
  for (const id of ids) {
    assert.ok(all.has(`${id}.focus`), `there is a view ${id}`);
    await vscode.commands.executeCommand(`${id}.focus`);
  }
  console.log('the four views are there and can be shown');
}

function settingsHaveTheirDefaults(): void {
  const configuration = vscode.workspace.getConfiguration('parley');
  for (const [name, { default: value }] of Object.entries(settings)) {
    assert.equal(configuration.inspect(name)?.defaultValue, value, `the default of parley.${name}`);
    assert.equal(configuration.get(name), value, `the value of parley.${name}`);
  }
  console.log('the settings have their defaults');
}

async function startTools(): Promise<void> {
  // The workbench hears of a new provider a little later, and starting what it has not heard of does nothing.
  await until(
    'the tools to be live',
    async () => {
      await vscode.commands.executeCommand('workbench.mcp.startServer', '*', { waitForLiveTools: true });
      return liveTools().length > 0;
    },
    patience,
  );
}

async function theToolsAnswerAsThisWindowsAgent(person: Client): Promise<void> {
  await startTools();
  assert.deepEqual(liveTools(), toolNames);
  const result = await vscode.lm.invokeTool('mcp_parley_who', { input: {}, toolInvocationToken: undefined });
  const text = result.content.map((part) => (part instanceof vscode.LanguageModelTextPart ? part.value : '')).join('');
  const { agents } = await person.ask('who', {});
  const own = agents.filter(({ kind, platform }) => kind === 'agent' && platform === 'VS Code');
  assert.equal(own.length, 1, 'this window has one agent');
  assert.equal((JSON.parse(text) as { you: string }).you, own[0]?.name, text);
  assert.equal(own[0]?.workspace, vscode.workspace.workspaceFolders?.[0]?.uri.fsPath);
  console.log("Parley's tools are live, and who answers this window's own agent");
}

/** What another agent gets from this window, through the broker. */
async function theWindowsToolsAreForOtherAgents(person: Client): Promise<void> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  assert.ok(folder, 'the window is on a folder');
  const { agents } = await person.ask('who', {});
  const own = agents.find(({ kind, platform }) => kind === 'agent' && platform === 'VS Code')?.name ?? '';
  const stranger = await connect({ home, client: 'test', version: '0' });
  const { token } = await stranger.ask('register', { name: 'Visitor' });
  stranger.close();
  const visitor = await connect({ home, token, client: 'test', version: '0' });
  const use = async (tool: string, args: Record<string, unknown> = {}): Promise<unknown> => {
    const { result, isError } = await visitor.ask('useTool', { agent: own, tool, args });
    assert.equal(isError, false, result.content);
    return result.structured;
  };
  const collection = vscode.languages.createDiagnosticCollection('test');
  const file = vscode.Uri.joinPath(folder, 'visitor.json');
  try {
    const { tools: offered } = await visitor.ask('tools', { agent: own });
    assert.deepEqual(
      offered.map(({ name, live }) => [name, live]),
      [
        ['diagnostics', true],
        ['open_file', true],
        ['symbols', true],
        ['selection', true],
      ],
    );
    await vscode.workspace.fs.writeFile(file, new TextEncoder().encode('{\n  "answer": 42\n}\n'));
    const problem = new vscode.Diagnostic(
      new vscode.Range(1, 2, 1, 10),
      'not the question',
      vscode.DiagnosticSeverity.Error,
    );
    collection.set(file, [problem]);
    assert.deepEqual(await use('diagnostics', { file: 'visitor.json' }), {
      problems: [{ file: 'visitor.json', line: 2, severity: 'error', message: 'not the question' }],
    });
    assert.deepEqual(await use('open_file', { file: 'visitor.json', line: 2 }), { file: 'visitor.json', line: 2 });
    const editor = vscode.window.visibleTextEditors.find(({ document }) => document.uri.fsPath === file.fsPath);
    assert.ok(editor, 'the file is shown');
    assert.equal(editor.selection.start.line, 1);
    editor.selection = new vscode.Selection(1, 2, 1, 10);
    const selected = await until('the selection', async () => {
      const one = (await use('selection')) as { text?: string } | null;
      return one?.text === '"answer"' && one;
    });
    assert.deepEqual(selected, { file: 'visitor.json', line: 2, endLine: 2, text: '"answer"' });
    const symbols = await until(
      'the symbols',
      async () => {
        const found = (await use('symbols', { file: 'visitor.json' })) as { symbols: { name: string; line: number }[] };
        return found.symbols.length > 0 && found.symbols;
      },
      patience,
    );
    assert.deepEqual(
      symbols.map(({ name, line }) => [name, line]),
      [['answer', 2]],
    );
    const outside = await visitor.ask('useTool', { agent: own, tool: 'open_file', args: { file: '/etc/hostname' } });
    assert.deepEqual([outside.isError, outside.result.content], [true, 'There is no such file in this workspace.']);
  } finally {
    collection.dispose();
    visitor.close();
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await vscode.workspace.fs.delete(file);
  }
  console.log("the window's four tools answer another agent, within the workspace only");
}

function launcher(): string {
  return path.join(home, 'bin', process.platform === 'win32' ? 'parley.cmd' : 'parley');
}

async function theLauncherRuns(): Promise<void> {
  const { version } = JSON.parse(
    await readFile(
      path.join(vscode.extensions.getExtension('parley.parley')?.extensionPath ?? '', 'package.json'),
      'utf8',
    ),
  ) as { version: string };
  for (const file of ['broker.js', 'index-worker.js', 'parley.js', 'sql-wasm.wasm']) {
    assert.ok(existsSync(path.join(home, 'bin', version, file)), `${file} is in the home`);
  }
  const stranger = { ...process.env, PARLEY_AGENT: '', PARLEY_HOME: '' };
  const register = ['register', '--name', 'Nova', '--json'];
  const shell = process.platform === 'win32';
  await promisify(execFile)(launcher(), register, { env: stranger, shell });
  const { stdout } = await promisify(execFile)(launcher(), ['who', '--as', 'Nova', '--json'], { env: stranger, shell });
  assert.equal((JSON.parse(stdout) as { you: string }).you, 'Nova');
  console.log('the programs are in the home, and the launcher runs them there');
}

/** A program in a terminal writes its environment down; it is the editor's own runtime, so any system has it. */
async function terminalsFindTheLauncher(): Promise<void> {
  const file = path.join(home, 'terminal.json');
  const write = `require('fs').writeFileSync(${JSON.stringify(file)}, JSON.stringify(process.env))`;
  const terminal = vscode.window.createTerminal({
    name: 'environment',
    shellPath: process.execPath,
    shellArgs: ['-e', write],
    env: { ELECTRON_RUN_AS_NODE: '1' },
  });
  try {
    await until('the terminal to have written', () => existsSync(file), patience);
    await until('all of it', async () => (await readFile(file, 'utf8')).endsWith('}'));
    const env = JSON.parse(await readFile(file, 'utf8')) as Record<string, string>;
    const PATH = env['PATH'] ?? env['Path'] ?? '';
    assert.ok(PATH.split(path.delimiter).includes(path.dirname(launcher())), PATH);
    assert.equal(env['PARLEY_HOME'], home);
  } finally {
    terminal.dispose();
  }
  console.log('a terminal has the launcher on its PATH, and the home');
}

async function deactivatedNothingIsLeft(extension: vscode.Extension<unknown>, person: Client): Promise<Program> {
  const require = createRequire(path.join(extension.extensionPath, 'package.json'));
  // What the extension host has loaded already: the same program, with its state.
  const program = require('./dist/extension.js') as Program;
  await program.deactivate();
  await nothingIsLeft(person);
  // As in a window that is opened again with a terminal in front.
  const terminal = vscode.window.createTerminal({ name: 'in front' });
  terminal.show();
  await until('the terminal in front', () => vscode.window.activeTerminal === terminal);
  const { context, variables } = standInContext(extension);
  program.activate(context);
  assert.deepEqual(await registeredCommands(), commandIds);
  await vscode.commands.executeCommand('parley.clearRosterFilter');
  terminal.dispose();
  assert.ok(variables.has('PATH'));
  await startTools();
  await program.deactivate();
  await nothingIsLeft(person);
  console.log('deactivated, activated and deactivated again, it leaves nothing behind');
  return program;
}

/** An error on the way, when the person's connection, the window's agent and the lookout are open already. */
async function whatCannotBeOpenedIsLetGoOf(
  program: Program,
  extension: vscode.Extension<unknown>,
  person: Client,
): Promise<void> {
  const { context } = standInContext(extension);
  let asked = false;
  const get = (): never => {
    asked = true;
    throw new Error('the memory of this workspace cannot be read');
  };
  program.activate({ ...context, workspaceState: { ...context.workspaceState, get } });
  // One that waits for the window, and one that comes too late for it.
  await vscode.commands.executeCommand('parley.callAgent');
  assert.ok(asked, 'the window was about to be opened');
  await vscode.commands.executeCommand('parley.callAgent');
  await onlyOurConnectionIsLeft(person);
  assert.deepEqual(await registeredCommands(), commandIds);
  assert.deepEqual(liveTools(), []);
  await program.deactivate();
  await nothingIsLeft(person);
  console.log('a window that cannot be opened answers its commands, and what was opened of it is closed');
}

async function nothingIsLeft(person: Client): Promise<void> {
  assert.deepEqual(await registeredCommands(), []);
  assert.equal(existsSync(path.join(home, 'windows', `${process.pid}.json`)), false, 'no record of this window');
  await until('the tools to be gone', () => liveTools().length === 0, patience);
  await onlyOurConnectionIsLeft(person);
}

function onlyOurConnectionIsLeft(person: Client): Promise<unknown> {
  return until(
    'our connection to be the only one',
    async () => (await person.ask('status', {})).connections === 1,
    patience,
  );
}
