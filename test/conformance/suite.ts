import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';

/** The revisions whose requirements are run, with how many scored scenarios each has for a server. */
export const revisions = { '2025-11-25': 30, '2026-07-28': 37 } as const;

export type Revision = keyof typeof revisions;

export interface ScenarioResult {
  readonly scenario: string;
  readonly scored: boolean;
  readonly passed: number;
  readonly failed: number;
  readonly warned: number;
  /** What went wrong, one line each. */
  readonly problems: readonly string[];
}

interface Check {
  readonly id: string;
  readonly status: string;
  readonly errorMessage?: string;
}

const root = process.cwd();
const require = createRequire(path.join(root, 'package.json'));

/** Node that the suite runs on: newer than the oldest that Parley does. */
const node = path.join(path.dirname(require.resolve('node/package.json')), 'bin/node');
const suite = path.join(root, 'node_modules/@modelcontextprotocol/conformance');

/**
 * Runs the official suite's scenarios for one revision against the server at `url`.
 * @returns one result for each scenario that ran, and what the suite printed. @throws when the suite did not run
 */
export async function runSuite(
  url: string,
  revision: Revision,
): Promise<{ readonly results: readonly ScenarioResult[]; readonly output: string; readonly exitCode: number }> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'parley-conformance-results-'));
  try {
    const args = [path.join(suite, 'dist/index.js'), 'server', '--url', url, '--requirements', revision, '-o', folder];
    const { output, exitCode } = await run(node, args);
    const unscored = await unscoredScenarios(revision);
    const results: ScenarioResult[] = [];
    for (const entry of (await readdir(folder)).sort()) {
      // server-<scenario>-<time>
      const scenario = entry.replace(/^server-/, '').replace(/-\d{4}-\d\d-\d\dT.*$/, '');
      const checks = JSON.parse(await readFile(path.join(folder, entry, 'checks.json'), 'utf8')) as Check[];
      const count = (status: string): number => checks.filter((check) => check.status === status).length;
      results.push({
        scenario,
        scored: !unscored.has(scenario),
        passed: count('SUCCESS'),
        failed: count('FAILURE'),
        warned: count('WARNING'),
        problems: checks
          .filter(({ status }) => status === 'FAILURE' || status === 'WARNING')
          .map(({ id, status, errorMessage = '' }) => `${status} ${id}: ${errorMessage}`),
      });
    }
    return { results, output, exitCode };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Scenarios that the revision's list runs and does not count. */
async function unscoredScenarios(revision: Revision): Promise<ReadonlySet<string>> {
  const text = await readFile(path.join(suite, `requirements/${revision}.yaml`), 'utf8');
  const part = text.slice(text.indexOf('\nnot_scored:'));
  return new Set([...part.matchAll(/- scenario: (\S+)/g)].map(([, name = '']) => name));
}

function run(
  program: string,
  args: readonly string[],
): Promise<{ readonly output: string; readonly exitCode: number }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: os.tmpdir(), stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8');
      stream.on('data', (text: string) => (output += text));
    }
    child.once('error', reject);
    child.once('close', (code) => resolve({ output, exitCode: code ?? 1 }));
  });
}
