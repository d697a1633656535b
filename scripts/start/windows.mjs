// Opens VS Code with Parley in it: the desktop's, if there is one, else the code-server workbench for a browser.
import { randomBytes } from 'node:crypto';
import { createWriteStream, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { bold, step, tell } from './tell.mjs';

/** How long code-server may take until it answers, in milliseconds (2 s when the machine is idle). */
const startPatience = 60_000;

const settings = {
  'workbench.startupEditor': 'none',
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'security.workspace.trust.startupPrompt': 'never',
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
};

/**
 * Opens a window with the package installed.
 * @returns a promise that settles when the window's program ends, inside an object, so that it is not waited for here
 */
export async function openWindow({ root, places, launcher, env, vsix }) {
  mkdirSync(path.join(places.data, 'User'));
  const own = { ...settings, 'parley.home': places.home };
  writeFileSync(path.join(places.data, 'User/settings.json'), JSON.stringify(own, undefined, 2));
  const code = desktopCode();
  if (code !== undefined) return openDesktop(code, { places, launcher, env, vsix });
  return openWorkbench({ root, places, launcher, env, vsix });
}

/** The desktop's `code`; undefined where no window could open, or where `code` would talk to the editor that runs us. */
function desktopCode() {
  const { PATH = '', VSCODE_IPC_HOOK_CLI, DISPLAY, WAYLAND_DISPLAY } = process.env;
  if (VSCODE_IPC_HOOK_CLI) return undefined;
  if (process.platform === 'linux' && !DISPLAY && !WAYLAND_DISPLAY) return undefined;
  const name = process.platform === 'win32' ? 'code.cmd' : 'code';
  return PATH.split(path.delimiter)
    .map((folder) => path.join(folder, name))
    .find((file) => existsSync(file));
}

async function openDesktop(code, { places, launcher, env, vsix }) {
  const folders = ['--user-data-dir', places.data, '--extensions-dir', places.extensions];
  // Electron refuses to run as root with its sandbox.
  if (process.getuid?.() === 0) folders.push('--no-sandbox');
  const options = { env, shell: process.platform === 'win32' };
  await step('Installing the extension in VS Code', () =>
    launcher.run(code, [...folders, '--install-extension', vsix], options),
  );
  const window = [...folders, '--new-window', '--wait', '--disable-workspace-trust', places.project];
  const child = launcher.start(code, window, { ...options, stdio: 'ignore' });
  tell(`VS Code opens. Parley is in the activity bar: two speech bubbles.`);
  return { closed: ended(child) };
}

async function openWorkbench({ root, places, launcher, env, vsix }) {
  const { codeServer, node } = equipment(root);
  if (!existsSync(codeServer)) {
    await step('Installing the VS Code workbench (once, about 600 MB)', () =>
      launcher.run(process.execPath, [path.join(root, 'scripts/provision.mjs'), 'codeServer']),
    );
  }
  // What code-server and VS Code write beside their data folder, also when they only install.
  const own = { XDG_DATA_HOME: path.join(places.data, 'share'), XDG_CACHE_HOME: path.join(places.data, 'cache') };
  const folders = ['--user-data-dir', places.data, '--extensions-dir', places.extensions];
  folders.push('--config', path.join(places.folder, 'code-server.yaml'));
  await step('Installing the extension in the workbench', () =>
    launcher.run(node, [codeServer, ...folders, '--install-extension', vsix], { env: { ...env, ...own } }),
  );
  const port = await freePort();
  const password = randomBytes(12).toString('base64url');
  const log = createWriteStream(path.join(places.folder, 'code-server.log'));
  const server = launcher.start(
    node,
    [
      ...[codeServer, ...folders, '--auth', 'password', '--bind-addr', `127.0.0.1:${port}`, '--disable-telemetry'],
      ...['--disable-update-check', '--disable-getting-started-override', '--disable-workspace-trust'],
      '--ignore-last-opened',
    ],
    { env: { ...env, ...own, PASSWORD: password }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  server.stdout.pipe(log);
  server.stderr.pipe(log);
  const closed = ended(server);
  await step('Starting the workbench', () => Promise.race([answers(port), closed.then(serverEnded)]));
  tell();
  tell(`Open      ${bold(`http://127.0.0.1:${port}/?folder=${encodeURIComponent(places.project)}`)}`);
  tell(`Password  ${bold(password)}`);
  tell('Parley is in the activity bar: two speech bubbles.');
  return { closed };
}

/** Where provision.mjs puts the workbench, and the Node that it needs. */
function equipment(root) {
  const versions = JSON.parse(readFileSync(path.join(root, 'scripts/equipment.json'), 'utf8'));
  const folder = path.join(root, '.cache', `code-server-${versions.codeServer}`);
  const node = path.join(root, 'node_modules/node/bin', process.platform === 'win32' ? 'node.exe' : 'node');
  return { codeServer: path.join(folder, 'node_modules/code-server/out/node/entry.js'), node };
}

function ended(child) {
  return new Promise((resolve) => child.once('error', resolve).once('close', resolve));
}

function serverEnded() {
  throw new Error('code-server ended before it answered');
}

async function answers(port) {
  for (const deadline = Date.now() + startPatience; Date.now() < deadline; await pause(100)) {
    const answer = await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => undefined);
    if (answer?.ok) return;
  }
  throw new Error(`code-server did not answer within ${startPatience / 1000} s`);
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
