// `npm run bench`: builds the bench and the broker it measures into .cache/bench, then runs it with the given arguments.
// Usage: npm run bench [-- --only size,start,latency,durable,listen,hook,crowd,memory,activation --rounds 7 --messages 1000 --rest 0 --stored 10000,100000,1000000 --quick --readable]
import { spawn } from 'node:child_process';
import { copyFile, mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url))));
const bench = path.join(root, 'test/bench');
const outdir = path.join(root, '.cache/bench');
const hookBuild = JSON.parse(await readFile(path.join(root, 'scripts/hookBuild.json'), 'utf8'));
const { version } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));

/** As in the package; `--readable` keeps the names for a profiler. */
const minify = !process.argv.includes('--readable');

const shared = {
  minify,
  bundle: true,
  platform: 'node',
  target: 'node20',
  outdir,
  logLevel: 'error',
  define: { PARLEY_VERSION: JSON.stringify(version), PARLEY_BUILD: '1' },
};

await mkdir(outdir, { recursive: true });
await copyFile(path.join(root, 'node_modules/sql.js/dist/sql-wasm.wasm'), path.join(outdir, 'sql-wasm.wasm'));
await Promise.all([
  build({
    ...shared,
    format: 'cjs',
    entryPoints: {
      broker: path.join(root, 'src/programs/broker.ts'),
      'index-worker': path.join(root, 'src/programs/indexWorker.ts'),
      peer: path.join(bench, 'programs/peer.ts'),
      relay: path.join(bench, 'programs/relay.ts'),
      keeper: path.join(bench, 'programs/keeper.ts'),
      'rpc-relay': path.join(bench, 'programs/rpcRelay.ts'),
      disk: path.join(bench, 'programs/disk.ts'),
      seed: path.join(bench, 'programs/seed.ts'),
      crowd: path.join(bench, 'programs/crowd.ts'),
      talkers: path.join(bench, 'programs/talkers.ts'),
      publisher: path.join(bench, 'programs/publisher.ts'),
      'bare-mcp': path.join(bench, 'programs/bareMcp.ts'),
    },
  }),
  build({
    ...shared,
    absWorkingDir: root,
    format: 'cjs',
    entryPoints: { hook: path.join(root, 'src/programs/hook.ts') },
    alias: hookBuild.alias,
    define: { ...shared.define, ...hookBuild.define },
  }),
  build({
    ...shared,
    format: 'esm',
    packages: 'external',
    outExtension: { '.js': '.mjs' },
    entryPoints: { bench: path.join(bench, 'bench.ts') },
  }),
]);

const child = spawn(process.execPath, [path.join(outdir, 'bench.mjs'), ...process.argv.slice(2)], { stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.once('close', (code) => process.exit(code ?? 1));
