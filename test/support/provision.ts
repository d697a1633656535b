import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import versions from '../../scripts/equipment.json';

const root = path.resolve(import.meta.dirname, '../..');
const cache = path.join(root, '.cache');
const codeServer = path.join(cache, `code-server-${versions.codeServer}`, 'node_modules/code-server');

/** Where the test equipment is. All paths are absolute. */
export const equipment = {
  /** The project's root folder. */
  root,
  /** Screenshots and logs that a run leaves behind; ignored by git. */
  output: path.join(root, 'test-output'),
  /** The packaged extension, as `npm run package` leaves it. */
  vsix: path.join(root, 'parley.vsix'),
  /** Node 24, the runtime that VS Code 1.139 has. */
  node: path.join(root, 'node_modules/.bin/node'),
  codeServer: path.join(codeServer, 'out/node/entry.js'),
  /** Node modules that VS Code's server ships, among them node-pty and a headless xterm. */
  codeServerModules: path.join(codeServer, 'lib/vscode/node_modules'),
  claude: path.join(cache, `claude-code-${versions.claudeCode}`, 'node_modules/.bin/claude'),
  chromium: '/usr/bin/chromium',
} as const;

const parts = { codeServer: equipment.codeServer, claudeCode: equipment.claude, chromium: equipment.chromium };

/** Sees to it that the named equipment is there; installs what is missing (up to a minute on a new machine). */
export async function provide(...wanted: (keyof typeof parts)[]): Promise<void> {
  const missing = wanted.filter((name) => !existsSync(parts[name]));
  if (missing.length === 0) return;
  const script = path.join(root, 'scripts/provision.mjs');
  const child = spawn(equipment.node, [script, ...missing], { stdio: ['ignore', 'inherit', 'inherit'] });
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`Provisioning ${missing.join(', ')} failed (see above). Try: npm run provision`);
}
