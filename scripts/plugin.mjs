// Writes plugin/, the plugin for Claude Code, VS Code and Copilot CLI, from src/connect/plugin.ts. A test fails when they differ.
// Usage: node scripts/plugin.mjs
import { build } from 'esbuild';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const { outputFiles } = await build({
  entryPoints: [path.join(root, 'src/connect/plugin.ts')],
  bundle: true,
  format: 'esm',
  write: false,
});
const { pluginFiles } = await import(
  `data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`
);
const { version } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));

await rm(path.join(root, 'plugin'), { recursive: true, force: true });
for (const [name, content] of Object.entries(pluginFiles(version))) {
  const file = path.join(root, 'plugin', name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, content);
}
