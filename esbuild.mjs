// Builds every program of Parley into dist/. Usage: node esbuild.mjs [--watch] [--production]
import { build, context } from 'esbuild';
import { copyFile, mkdir, readFile, rm } from 'node:fs/promises';

const watch = process.argv.includes('--watch');
const production = process.argv.includes('--production');
const { version } = JSON.parse(await readFile('package.json', 'utf8'));
const hookBuild = JSON.parse(await readFile('scripts/hookBuild.json', 'utf8'));

/** @type {import('esbuild').BuildOptions} */
const shared = {
  bundle: true,
  minify: production,
  sourcemap: production ? false : 'linked',
  logLevel: 'info',
  legalComments: 'none',
  define: { PARLEY_VERSION: JSON.stringify(version), PARLEY_BUILD: String(Date.now()) },
};

/** @type {import('esbuild').BuildOptions} */
const node = {
  ...shared,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  outdir: 'dist',
  // Its other form asks for its own files at run time.
  alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
};

const builds = [
  {
    ...node,
    entryPoints: {
      broker: 'src/programs/broker.ts',
      'index-worker': 'src/programs/indexWorker.ts',
      parley: 'src/programs/parley.ts',
    },
  },
  {
    ...node,
    entryPoints: { hook: 'src/programs/hook.ts' },
    alias: hookBuild.alias,
    define: { ...node.define, ...hookBuild.define },
  },
  {
    ...node,
    entryPoints: { extension: 'src/programs/extension.ts', extensionWindow: 'src/programs/extensionWindow.ts' },
    // The second is loaded by the first when that is through, not read together with it.
    external: ['vscode', './extensionWindow.js'],
    // By `require`: the editor hands its own module to nobody else.
    supported: { 'dynamic-import': false },
  },
  {
    ...shared,
    platform: 'browser',
    format: 'iife',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    outdir: 'dist',
    entryPoints: { ui: 'src/programs/ui.tsx' },
  },
  // Loaded by the page when the first code is to be coloured.
  {
    ...shared,
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    outdir: 'dist',
    entryPoints: { highlighter: 'src/programs/highlighter.ts' },
  },
];

await rm('dist', { recursive: true, force: true });
await mkdir('dist', { recursive: true });
await copyFile('node_modules/sql.js/dist/sql-wasm.wasm', 'dist/sql-wasm.wasm');
if (watch) {
  const contexts = await Promise.all(builds.map((options) => context(options)));
  // All are built before the first says "build finished": F5 waits for that line. Errors are told by esbuild itself.
  await Promise.all(contexts.map((one) => one.rebuild().catch(() => undefined)));
  for (const one of contexts) await one.watch();
} else await Promise.all(builds.map((options) => build(options)));
