// `npm run conformance`: builds the fixture server with Parley's own doors into .cache/conformance and points the official
// suite (@modelcontextprotocol/conformance) at it, once for each revision of MCP.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url))));
const outfile = path.join(root, '.cache/conformance/program.mjs');

await build({
  entryPoints: [path.join(root, 'test/conformance/program.ts')],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  packages: 'external',
  logLevel: 'error',
});

const child = spawn(process.execPath, [outfile], { cwd: root, stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.once('close', (code) => process.exit(code ?? 1));
