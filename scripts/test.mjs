// What `npm test` runs: every check of the project, one step after the other, each with its time. All steps run even
// when one fails, except those that need what it makes. The last line is the total: "<N> passed, <N> failed", where a
// failed step that is not a test run counts as one.
// Usage: node scripts/test.mjs [step ...]
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const output = path.join(root, 'test-output');
const minute = 60_000;

/** A vitest run of some projects that leaves its counts in test-output/<name>.json. */
const vitest = (name, ...projects) => ({
  report: path.join(output, `${name}.json`),
  command: [
    'vitest',
    'run',
    ...projects.map((project) => `--project=${project}`),
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=test-output/${name}.json`,
  ],
});

/** The tests of load and fault at their full lengths: `npm run test:long`. */
const faults = vitest('long', 'faults');
const long = {
  ...faults,
  // One file at a time: what they measure is how one broker bears its load.
  command: [...faults.command, '--testTimeout=3600000', '--no-file-parallelism'],
  env: { PARLEY_LONG: '1' },
};

/**
 * The steps in their order. `needs` names steps without which one makes no sense; `limit` is in milliseconds; one that is
 * `onRequest` runs only when it is named.
 */
const steps = [
  { name: 'types', command: ['npm', 'run', '--silent', 'types'], limit: 5 * minute },
  { name: 'lint', command: ['npm', 'run', '--silent', 'lint'], limit: 5 * minute },
  { name: 'format', command: ['npm', 'run', '--silent', 'format:check'], limit: 5 * minute },
  { name: 'build', command: ['npm', 'run', '--silent', 'build'], limit: 5 * minute },
  { name: 'unit', ...vitest('unit', 'unit', 'broker', 'faults'), limit: 20 * minute },
  { name: 'package', command: ['npm', 'run', '--silent', 'package'], limit: 5 * minute, needs: ['build'] },
  { name: 'provision', command: ['node', 'scripts/provision.mjs'], limit: 10 * minute },
  { name: 'ui', ...vitest('ui', 'ui'), limit: 10 * minute, needs: ['provision'] },
  { name: 'workbench', ...vitest('workbench', 'workbench'), limit: 25 * minute, needs: ['package', 'provision'] },
  { name: 'long', ...long, limit: 180 * minute, onRequest: true },
];

/** Their installations are too large for every run. Seconds with an empty cache of npm, on two cores that others used too. */
const leftOut =
  'not run here, but by npm run test:clients: Codex 0.169.0 (404 MB, 32 s to install), OpenCode 1.18.33 (354 MB, 27 s), Copilot CLI 1.0.102 (189 MB, 17 s), Gemini CLI 0.61.0 (100 MB, 29 s)';

const line = (text) => process.stdout.write(`${text}\n`);

/** Runs a step's command in a process group of its own and returns its exit code; ends the group at the limit. */
async function run({ name, command: [program, ...args], limit, env: more }) {
  const PATH = `${path.join(root, 'node_modules/.bin')}${path.delimiter}${process.env.PATH}`;
  const env = { ...process.env, PATH, NO_COLOR: '1', ...more };
  const child = spawn(program, args, { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'], detached: true });
  const end = () => process.kill(-child.pid, 'SIGKILL');
  process.once('SIGINT', end).once('SIGTERM', end);
  const timer = setTimeout(() => {
    line(`step ${name} took over ${limit / minute} min and is ended`);
    end();
  }, limit);
  const code = await new Promise((resolve) => child.once('error', () => resolve(127)).once('close', resolve));
  clearTimeout(timer);
  process.off('SIGINT', end).off('SIGTERM', end);
  return code;
}

/** The counts of a vitest report. A file that could not even be loaded has no failed test, and counts as one. */
async function counts(report, code) {
  if (!existsSync(report)) return { passed: 0, failed: 1 };
  const { numPassedTests, numPendingTests, numTodoTests, numFailedTests, testResults } = JSON.parse(
    await readFile(report, 'utf8'),
  );
  const broken = testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  );
  for (const file of broken) line(`could not run ${path.relative(root, file.name)}`);
  const skipped = numPendingTests + numTodoTests;
  if (skipped > 0) line(`${skipped} skipped`);
  const failed = numFailedTests + broken.length;
  return { passed: numPassedTests, failed: failed === 0 && code !== 0 ? 1 : failed };
}

const wanted = process.argv.slice(2);
const results = new Map();
const started = Date.now();
await mkdir(output, { recursive: true });
for (const step of steps) {
  if (wanted.length > 0 ? !wanted.includes(step.name) : step.onRequest) continue;
  const missing = (step.needs ?? []).find((name) => (results.get(name)?.failed ?? 0) > 0);
  if (missing !== undefined) {
    line(`== ${step.name}: not run, because ${missing} failed`);
    results.set(step.name, { passed: 0, failed: 1, seconds: 0 });
    continue;
  }
  line(`== ${step.name}`);
  const begun = Date.now();
  if (step.report !== undefined) await rm(step.report, { force: true });
  const code = await run(step);
  const tally = step.report === undefined ? { passed: 0, failed: code === 0 ? 0 : 1 } : await counts(step.report, code);
  results.set(step.name, { ...tally, seconds: (Date.now() - begun) / 1000 });
}

line('');
if (wanted.length === 0) line(leftOut);
let passed = 0;
let failed = 0;
for (const [name, result] of results) {
  passed += result.passed;
  failed += result.failed;
  const tests = result.passed > 0 ? `, ${result.passed} tests passed` : '';
  line(`${name.padEnd(10)} ${result.failed === 0 ? 'ok' : 'FAILED'} in ${result.seconds.toFixed(1)} s${tests}`);
}
line(`all in ${((Date.now() - started) / 1000).toFixed(1)} s`);
line(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
