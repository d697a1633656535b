import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** `npm run test:desktop` with a stand-in for VS Code, which records how it was started. */

const root = path.resolve(import.meta.dirname, '../../..');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'parley-desktop-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A program that writes down its arguments and its home, then runs these lines. */
function standIn(name: string, ...lines: string[]): string {
  const file = path.join(folder, name);
  const record = `printf '%s\\n' "$@" "PARLEY_HOME=$PARLEY_HOME" > ${file}.args`;
  writeFileSync(file, ['#!/bin/sh', record, ...lines, ''].join('\n'), { mode: 0o755 });
  return file;
}

function runDesktop(executable: string): Promise<{ exit: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const env = { ...process.env, VSCODE_EXECUTABLE: executable };
    const script = path.join(root, 'scripts/desktop.mjs');
    const node = path.join(root, 'node_modules/.bin/node');
    execFile(node, [script], { env, cwd: root }, (error, stdout, stderr) =>
      resolve({ exit: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
}

/** The tests write to the file that stands beside them. */
const log = 'for one in "$@"; do case $one in --extensionTestsPath=*) log=$(dirname "${one#*=}")/log;; esac; done';

describe('test:desktop', () => {
  it('starts VS Code on the project with the tests and a home, data and extensions of its own', async () => {
    const code = standIn('code-good', log, 'echo "it leaves nothing behind" >> "$log"');
    const { exit, stdout } = await runDesktop(code);
    expect(stdout).toContain('test:desktop: passed');
    expect(exit).toBe(0);
    const args = readFileSync(`${code}.args`, 'utf8').split('\n');
    expect(args).toContain(`--extensionDevelopmentPath=${root}`);
    for (const own of ['--extensionTestsPath=', '--user-data-dir=', '--extensions-dir=', 'PARLEY_HOME=']) {
      const value = args.find((arg) => arg.startsWith(own))?.slice(own.length) ?? '';
      expect(value.startsWith(path.join(tmpdir(), 'parley-dt-')), own).toBe(true);
    }
  });

  it('fails when VS Code ends without having run the tests to their end', async () => {
    const { exit, stderr } = await runDesktop(standIn('code-silent', 'exit 0'));
    expect(exit).toBe(1);
    expect(stderr).toContain('without running the tests to their end');
  });

  it('fails with what the tests wrote when they fail', async () => {
    const { exit, stderr } = await runDesktop(
      standIn('code-failing', log, 'echo "AssertionError: the tools" >> "$log"', 'exit 1'),
    );
    expect(exit).toBe(1);
    expect(stderr).toContain('AssertionError: the tools');
  });

  it('says so when the VS Code that is named is not there', async () => {
    const { exit, stderr } = await runDesktop(path.join(folder, 'nowhere'));
    expect(exit).toBe(1);
    expect(stderr).toContain('which VSCODE_EXECUTABLE names');
  });
});
