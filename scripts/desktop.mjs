// Runs the tests that run inside the extension host (test/workbench/host) in desktop VS Code, through @vscode/test-electron.
// It downloads VS Code, which needs a network: CI runs the same tests in code-server (npm run test:workbench).
// Usage: npm run test:desktop [-- VERSION]   VERSION: stable (default), insiders, or a number such as 1.105.0
// VSCODE_EXECUTABLE=/path/to/code uses a VS Code that is here already. Linux without a display: xvfb-run -a npm run test:desktop
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { downloadAndUnzipVSCode, runTests } from '@vscode/test-electron';
import { bundleHostTests } from '../test/support/hostTests.ts';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const version = process.argv[2] ?? 'stable';
const say = (line) => process.stdout.write(`test:desktop: ${line}\n`);

/** Node's fetch hides the reason in `cause`. */
function reason(error) {
  const parts = [];
  for (let one = error; one instanceof Error && parts.length < 4; one = one.cause) parts.push(one.message);
  return parts.filter((part) => part !== '').join(': ') || error.code || String(error);
}

function run(command, args) {
  const child = spawn(command, args, { cwd: root, stdio: 'inherit' });
  return new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
}

/** The VS Code to run: the one that is named, else one that is downloaded into .cache/vscode-test and kept there. */
async function provideVsCode() {
  const named = process.env.VSCODE_EXECUTABLE;
  if (named !== undefined && named !== '') {
    if (!existsSync(named)) throw new Error(`There is no ${named}, which VSCODE_EXECUTABLE names.`);
    return named;
  }
  try {
    return await downloadAndUnzipVSCode({ version, cachePath: path.join(root, '.cache/vscode-test') });
  } catch (error) {
    throw new Error(
      `VS Code (${version}) could not be downloaded: ${reason(error)}. Name one that is here: VSCODE_EXECUTABLE=/path/to/code npm run test:desktop`,
    );
  }
}

/** Everything of the run lives in one folder; its name is short because sockets live there too. */
const folder = await mkdtemp(path.join(tmpdir(), 'parley-dt-'));
const at = (name) => path.join(folder, name);
const home = at('home');
const logFile = at('log');
try {
  const vscodeExecutablePath = await provideVsCode();
  if (!existsSync(path.join(root, 'dist/extension.js')) && (await run(process.execPath, ['esbuild.mjs'])) !== 0) {
    throw new Error('The build failed (see above).');
  }
  await mkdir(home, { mode: 0o700 });
  await mkdir(at('project'));
  await mkdir(at('data/User'), { recursive: true });
  await writeFile(at('data/User/settings.json'), JSON.stringify({ 'chat.allowAnonymousAccess': true }));
  await writeFile(logFile, '');
  await bundleHostTests({
    root,
    tests: path.join(root, 'test/workbench/host/parley.host.ts'),
    outfile: at('tests.js'),
    logFile,
  });
  say(`running in ${vscodeExecutablePath}`);
  const code = await runTests({
    vscodeExecutablePath,
    extensionDevelopmentPath: root,
    extensionTestsPath: at('tests.js'),
    extensionTestsEnv: { PARLEY_HOME: home },
    launchArgs: [
      at('project'),
      `--user-data-dir=${at('data')}`,
      `--extensions-dir=${at('extensions')}`,
      '--disable-workspace-trust',
      '--skip-welcome',
      '--skip-release-notes',
    ],
  });
  process.stdout.write(await readFile(logFile, 'utf8'));
  if (code !== 0) throw new Error(`VS Code ended with ${code}.`);
  const last = (await readFile(logFile, 'utf8')).trimEnd().split('\n').at(-1) ?? '';
  if (!last.endsWith('leaves nothing behind')) throw new Error('VS Code ended without running the tests to their end.');
  say('passed');
} catch (error) {
  const log = await readFile(logFile, 'utf8').catch(() => '');
  process.stderr.write(`${log}test:desktop: ${reason(error)}\n`);
  process.exitCode = 1;
} finally {
  await stopBroker();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** The broker outlives the window that started it. */
async function stopBroker() {
  const record = await readFile(path.join(home, 'broker.json'), 'utf8').catch(() => undefined);
  if (record === undefined) return;
  try {
    process.kill(JSON.parse(record).pid, 'SIGTERM');
  } catch {
    // It has ended by itself.
  }
}
