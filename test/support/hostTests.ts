import { build } from 'esbuild';

export interface HostTests {
  /** The project's root folder, where imports of packages are found. */
  readonly root: string;
  /** A TypeScript or JavaScript file that exports `run(): Promise<void>`; it may import `vscode`. */
  readonly tests: string;
  /** The JavaScript file to write, for `extensionTestsPath`. */
  readonly outfile: string;
  /** The file that gets what the tests write to the console. */
  readonly logFile: string;
}

/**
 * Makes one file of tests that run inside the extension host, and of all that they import. They get a console of their
 * own: the workbench's takes what all extensions and the workbench itself say, and does not let itself be replaced.
 *
 * This file MUST import nothing of ours: scripts/desktop.mjs loads it alone, as it is.
 */
export async function bundleHostTests({ root, tests, outfile, logFile }: HostTests): Promise<void> {
  const contents = `
    import { run as tests } from ${JSON.stringify(tests)};
    export const run = () => tests().catch((error) => { console.error(error); throw error; });`;
  const banner = `
    const console = (() => {
      const { format } = require('node:util');
      const log = (...parts) => require('node:fs').appendFileSync(${JSON.stringify(logFile)}, format(...parts) + '\\n');
      return { log, info: log, warn: log, error: log };
    })();`;
  await build({
    stdin: { contents, resolveDir: root },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['vscode'],
    logLevel: 'error',
    banner: { js: banner },
  });
}
