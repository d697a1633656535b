// Writes the manifest's `contributes` and `capabilities` and package.nls.json from src/extension/contributions.ts.
// Usage: node scripts/contributions.mjs [--check]
import { build } from 'esbuild';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

const root = path.dirname(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname));
const { outputFiles } = await build({
  entryPoints: [path.join(root, 'src/extension/contributions.ts')],
  bundle: true,
  format: 'esm',
  write: false,
});
const [{ contents: code }] = outputFiles;
const { manifest } = await import(`data:text/javascript;base64,${Buffer.from(code).toString('base64')}`);
const { contributes, capabilities, strings } = manifest();

const check = process.argv.includes('--check');
let differs = false;
/** @param {string} file @param {(before: any) => object} change */
async function write(file, change) {
  const name = path.join(root, file);
  const before = await readFile(name, 'utf8').catch(() => '{}');
  const after = `${JSON.stringify(change(JSON.parse(before)), undefined, 2)}\n`;
  if (after === before) return;
  differs = true;
  if (check) console.error(`${file} differs from src/extension/contributions.ts: run npm run contributions`);
  else await writeFile(name, after);
}
await write('package.json', (before) => ({ ...before, contributes, capabilities }));
await write('package.nls.json', () => strings);
if (check && differs) process.exit(1);
