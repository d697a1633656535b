// Packs dist/ into parley.vsix. A marketplace shows pictures and links of the README only by address: PARLEY_PAGES names where
// the project's files are on the web (e.g. https://github.com/OWNER/NAME/raw/HEAD), and without it they stay as they are.
// Usage: node scripts/package.mjs
import { spawnSync } from 'node:child_process';
import path from 'node:path';

const pages = process.env.PARLEY_PAGES;
const links =
  pages === undefined || pages === ''
    ? ['--no-rewrite-relative-links']
    : ['--baseImagesUrl', pages, '--baseContentUrl', pages.replace('/raw/', '/blob/')];
const root = path.dirname(import.meta.dirname);
const vsce = path.join(root, 'node_modules/@vscode/vsce/vsce');
const { status } = spawnSync(
  process.execPath,
  [vsce, 'package', '--no-dependencies', '--allow-missing-repository', ...links, '--out', 'parley.vsix'],
  { cwd: root, stdio: 'inherit' },
);
process.exitCode = status ?? 1;
