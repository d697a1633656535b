// Writes the manifest's `contributes` and `capabilities` and package.nls.json from src/extension/contributions.ts, and
// package.nls.LANGUAGE.json by l10n/manifest.LANGUAGE.json, which says in that language what stands there in English.
// Usage: node scripts/contributions.mjs [--check]
import { build } from 'esbuild';
import { readdir, readFile, writeFile } from 'node:fs/promises';
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
for (const file of await readdir(path.join(root, 'l10n'))) {
  const language = /^manifest\.(.+)\.json$/.exec(file)?.[1];
  if (language === undefined) continue;
  const lines = JSON.parse(await readFile(path.join(root, 'l10n', file), 'utf8'));
  const missing = Object.values(strings).filter((text) => !Object.hasOwn(lines, text));
  for (const text of new Set(missing)) console.error(`l10n/${file} has no line for ${JSON.stringify(text)}`);
  const said = Object.entries(strings).map(([key, text]) => [key, lines[text] ?? text]);
  await write(`package.nls.${language}.json`, () => Object.fromEntries(said));
}
if (check && differs) process.exit(1);
