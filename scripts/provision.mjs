// Puts the test equipment into .cache/: the VS Code workbench (code-server), the Claude Code CLI, and a Chromium.
// Everything comes from the npm registry and Debian. Usage: node scripts/provision.mjs [codeServer] [claudeCode] [chromium]
// Runs on Node 20 and newer. May be interrupted and repeated, and two runs may race: each works in a folder of its
// own and the finished folder is put in place by one rename.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const cache = path.join(root, '.cache');
const versions = JSON.parse(readFileSync(path.join(root, 'scripts/equipment.json'), 'utf8'));
const chromium = '/usr/bin/chromium';

/** How often a slow step says that it is still at work, in milliseconds. */
const progressInterval = 15_000;

const seconds = (since) => `${((Date.now() - since) / 1000).toFixed(1)} s`;
const say = (line) => process.stdout.write(`provision: ${line}\n`);

/** Runs a command, with progress every 15 s. Its output is shown only when it fails. */
async function run(what, command, args, options = {}) {
  const started = Date.now();
  say(`${what} …`);
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  let output = '';
  child.stdout.on('data', (data) => (output += data));
  child.stderr.on('data', (data) => (output += data));
  const timer = setInterval(() => say(`${what}: still at work after ${seconds(started)}`), progressInterval);
  try {
    const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
    if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${output.slice(-4000)}`);
  } finally {
    clearInterval(timer);
  }
  say(`${what}: done in ${seconds(started)}`);
}

/** The environment for npm: our Node 24 first on PATH, and the headers of the system's Node, so that nothing is fetched from nodejs.org. */
function npmEnvironment() {
  const env = { ...process.env, PATH: `${path.join(root, 'node_modules/.bin')}${path.delimiter}${process.env.PATH}` };
  // npm scripts hand our own package's settings down as npm_*; an install in another folder must not see them.
  for (const name of Object.keys(env)) if (/^npm_(package|lifecycle|config_local_prefix)/.test(name)) delete env[name];
  if (env.npm_config_nodedir === undefined) {
    const which = spawnSync('which', ['-a', 'node'], { encoding: 'utf8' }).stdout ?? '';
    const headers = which
      .split('\n')
      .map((node) => path.dirname(path.dirname(node)))
      .find((prefix) => prefix && existsSync(path.join(prefix, 'include/node/node.h')));
    if (headers !== undefined) env.npm_config_nodedir = headers;
  }
  return env;
}

/** Removes what an interrupted run left behind: work folders whose process is gone. */
async function sweep() {
  for (const name of await readdir(cache)) {
    const pid = /^\.work-.*-(\d+)$/.exec(name)?.[1];
    if (pid === undefined || lives(Number(pid))) continue;
    await rm(path.join(cache, name), { recursive: true, force: true });
  }
}

function lives(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Makes the folder .cache/<name> with `make(folder)`, unless it is there. */
async function once(name, make) {
  const target = path.join(cache, name);
  if (existsSync(target)) return say(`${name} is there`);
  const started = Date.now();
  const work = path.join(cache, `.work-${name}-${process.pid}`);
  await mkdir(work, { recursive: true });
  await writeFile(path.join(work, 'package.json'), '{ "private": true }\n');
  await make(work);
  try {
    await rename(work, target);
  } catch (error) {
    if (!existsSync(target)) throw error;
    await rm(work, { recursive: true, force: true }); // another run was first
  }
  say(`${name}: ready after ${seconds(started)}`);
}

/** The VS Code workbench. `--ignore-scripts`, then the two native modules without which the extension host does not start. */
async function provideCodeServer() {
  await once(`code-server-${versions.codeServer}`, async (work) => {
    const env = npmEnvironment();
    const install = ['install', '--ignore-scripts', '--omit=dev', '--no-audit', '--no-fund'];
    await run('installing code-server', 'npm', [...install, `code-server@${versions.codeServer}`], { cwd: work, env });
    const vscode = path.join(work, 'node_modules/code-server/lib/vscode');
    await run('installing what VS Code needs', 'npm', install, { cwd: vscode, env });
    const native = ['rebuild', '@vscode/spdlog', '@vscode/native-watchdog'];
    await run('compiling two native modules', 'npm', native, { cwd: vscode, env });
  });
}

async function provideClaudeCode() {
  await once(`claude-code-${versions.claudeCode}`, async (work) => {
    const args = ['install', '--no-audit', '--no-fund', `@anthropic-ai/claude-code@${versions.claudeCode}`];
    await run('installing Claude Code', 'npm', args, { cwd: work, env: npmEnvironment() });
  });
}

/** Debian's Chromium, installed when it is missing and we may. */
async function provideChromium() {
  if (existsSync(chromium)) return say('chromium is there');
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    throw new Error(`The tests need ${chromium}. Install it first: sudo apt-get install chromium`);
  }
  // Two runs at once wait for each other's package lock instead of failing.
  const apt = ['-o', 'DPkg::Lock::Timeout=600', '-y', '-q'];
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await run('reading the package lists', 'apt-get', [...apt, 'update'], { env });
  await run('installing chromium', 'apt-get', [...apt, 'install', '--no-install-recommends', 'chromium'], { env });
}

const providers = { codeServer: provideCodeServer, claudeCode: provideClaudeCode, chromium: provideChromium };
const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => !(name in providers));
if (unknown !== undefined) {
  process.stderr.write(`provision: unknown equipment "${unknown}"; known: ${Object.keys(providers).join(', ')}\n`);
  process.exit(2);
}
const started = Date.now();
try {
  await mkdir(cache, { recursive: true });
  await sweep();
  for (const name of wanted.length > 0 ? wanted : Object.keys(providers)) await providers[name]();
  say(`all there after ${seconds(started)}`);
} catch (error) {
  process.stderr.write(`provision: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
