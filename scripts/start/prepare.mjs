// Installs and builds what is missing. Imports nothing from node_modules: that may be what is missing.
import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { step } from './tell.mjs';

/** What the programs are made of, and what the build makes, relative to the project's root. */
const sources = ['src', 'package.json', 'package-lock.json', 'esbuild.mjs'];
const programs = [
  'broker.js',
  'index-worker.js',
  'parley.js',
  'extension.js',
  'extensionWindow.js',
  'ui.js',
  'sql-wasm.wasm',
];
/** What else goes into the package. */
const packed = ['package.nls.json', 'README.md', 'CHANGELOG.md', 'LICENSE', '.vscodeignore', 'media'];

/** npm writes this file when an installation is complete. */
const installed = 'node_modules/.package-lock.json';

/** Installs and builds with npm, in the project's root. */
export class Preparation {
  #root;
  #launcher;

  constructor(root, launcher) {
    this.#root = root;
    this.#launcher = launcher;
  }

  async install() {
    if (existsSync(path.join(this.#root, installed))) return;
    await step('Installing dependencies (npm ci)', () => this.#npm('ci'));
  }

  /** Sees to it that dist/ holds programs that are newer than their sources. */
  async build() {
    if (oldest(this.#files(programs.map(built))) > newest(this.#files(sources))) return;
    await step('Building', () => this.#npm('run', '--silent', 'build'));
  }

  /** Sees to it that parley.vsix and dist/ are of one build, newer than their sources. Returns the package's path. */
  async pack() {
    const vsix = path.join(this.#root, 'parley.vsix');
    if (oldest([vsix]) <= newest(this.#files([...sources, ...packed, ...programs.map(built)]))) {
      await step('Building and packaging the extension', () => this.#npm('run', '--silent', 'package'));
    }
    return vsix;
  }

  #files(names) {
    return names.map((name) => path.join(this.#root, name));
  }

  /** Runs npm: the one that runs us, else the one on the PATH. */
  #npm(...args) {
    const cli = process.env.npm_execpath;
    if (cli?.endsWith('.js')) return this.#launcher.run(process.execPath, [cli, ...args], { cwd: this.#root });
    return this.#launcher.run('npm', args, { cwd: this.#root, shell: process.platform === 'win32' });
  }
}

const built = (name) => path.join('dist', name);

/** When the latest of these files, or of the files in these folders, was changed. Milliseconds; 0 when there is none. */
function newest(files) {
  return Math.max(0, ...files.map((file) => changed(file)));
}

function changed(file) {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined) return 0;
  if (!stat.isDirectory()) return stat.mtimeMs;
  return newest(readdirSync(file).map((name) => path.join(file, name)));
}

/** When the earliest of these files was changed; 0 when one is missing. */
function oldest(files) {
  return Math.min(...files.map((file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0));
}
