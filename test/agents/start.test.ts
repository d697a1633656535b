import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { afterEach, describe, expect, it } from 'vitest';
import { launchChromium } from '../support/chromium';
import { equipment } from '../support/provision';
import { until } from '../support/until';
import { processesOf } from '../support/workbenchProcesses';
import { WorkbenchWindow } from '../support/workbenchWindow';

/** How long a run may take: it may have to build first. */
const runPatience = 120_000;

interface Run {
  readonly child: ChildProcess;
  readonly output: () => string;
  /** The run's own folder, once it has said which. */
  readonly folder: () => string | undefined;
  /** Exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
}

const runs: Run[] = [];

afterEach(async () => {
  for (const { child, ended } of runs.splice(0)) {
    // It cleans up after itself; killed outright it would leave its broker and its folder.
    if (child.exitCode === null && child.signalCode === null && child.pid !== undefined)
      process.kill(-child.pid, 'SIGTERM');
    await ended;
  }
});

/** In a terminal of an editor `code` is not the desktop's, so the workbench for a browser is opened. */
const withoutDesktop = { VSCODE_IPC_HOOK_CLI: '/none' };

/** `npm start -- …` in a process group of its own, as a terminal runs it. */
function npmStart(args: readonly string[], env: Readonly<Record<string, string>> = withoutDesktop): Run {
  const child = spawn('npm', ['start', '--silent', '--', ...args], {
    cwd: equipment.root,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    env: { ...process.env, ...env },
  });
  let output = '';
  child.stdout.on('data', (data: Buffer) => (output += data.toString()));
  child.stderr.on('data', (data: Buffer) => (output += data.toString()));
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) =>
    child.once('close', (code, signal) => resolve(code ?? signal)),
  );
  const folder = (): string | undefined => /lives in (\S+) and/.exec(output)?.[1];
  const run = { child, output: () => output, folder, ended };
  runs.push(run);
  return run;
}

/** Waits for what a run is to say; a run that ends before has failed. */
function during<T>(run: Run, what: string, look: (output: string) => T | undefined | false): Promise<T> {
  return until(
    what,
    () => {
      const found = look(run.output());
      if (found !== undefined && found !== false) return found;
      if (run.child.exitCode !== null) throw new Error(`The run ended before ${what}:\n${run.output()}`);
      return undefined;
    },
    runPatience,
  );
}

/** The lines of the conversation, without their times and receipts. */
function told(output: string): string[] {
  return output.split('\n').flatMap((line) => /^\d\d:\d\d:\d\d\.\d{3} {2}(.*)$/.exec(line)?.[1] ?? []);
}

function expectNothingLeft(folder: string | undefined): void {
  if (folder === undefined) throw new Error('The run did not say where it lives');
  expect(processesOf(folder)).toEqual([]);
  expect(existsSync(folder)).toBe(false);
}

function processRunning(program: string, folder: string): number {
  const found = processesOf(folder).find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(program));
  if (found === undefined) throw new Error(`No process of the run runs ${program}`);
  return found;
}

/** The text of a file that ends with a newline by now. */
function whole(file: string): string | undefined {
  if (!existsSync(file)) return undefined;
  const text = readFileSync(file, 'utf8');
  return text.endsWith('\n') ? text : undefined;
}

describe('npm start -- --headless', () => {
  it(
    'prints who calls, who answers, what is said and who leaves, and ends with 0 when the thread is archived',
    { timeout: runPatience },
    async () => {
      const run = npmStart(['--headless']);
      const code = await run.ended;
      const lines = told(run.output());
      expect(code, run.output()).toBe(0);
      expect(lines).toContain('Atlas calls Nova: Review of splitLines');
      expect(lines).toContain('Nova is rung');
      expect(lines).toContain('Nova answers');
      const speakers = lines.flatMap((line) => /^#\d+ (\w+): ./.exec(line)?.[1] ?? []);
      expect(speakers).toEqual(['Atlas', 'Nova', 'Atlas', 'Nova', 'Atlas', 'Nova', 'Atlas']);
      expect(lines.slice(-2)).toEqual([expect.stringMatching(/^#\d+ Nova leaves$/), 'the thread is archived']);
      // Gapless numbers, and every message that was replied to got there and was answered.
      const numbers = lines.flatMap((line) => /^#(\d+) /.exec(line)?.[1] ?? []).map(Number);
      expect(numbers).toEqual(numbers.map((_number, index) => index + 1));
      for (const number of numbers.slice(2, -2)) {
        for (const receipt of ['stored', 'seen by', 'answered by']) {
          expect(run.output()).toMatch(new RegExp(`^ +#${number} ${receipt}`, 'm'));
        }
      }
      expect(run.output()).not.toContain('\u001b');
      expectNothingLeft(run.folder());
    },
  );

  it('leaves no process and no folder when Ctrl-C ends it in the middle', { timeout: runPatience }, async () => {
    const run = npmStart(['--headless', '--pace', '2']);
    await during(run, 'the first message', (output) => /^ +#3 seen by Nova/m.test(output));
    const folder = run.folder();
    // The broker, the two agents, what they started, each under a process of its own.
    expect(processesOf(folder ?? '').length).toBeGreaterThan(3);
    if (run.child.pid !== undefined) process.kill(-run.child.pid, 'SIGINT');
    expect(await run.ended).not.toBe(0);
    expect(run.output()).not.toContain('the thread is archived');
    expectNothingLeft(folder);
  });

  it('ends with the reason when an agent fails', { timeout: runPatience }, async () => {
    const run = npmStart(['--headless', '--pace', '1']);
    await during(run, 'both agents', (output) => output.includes('Atlas signed on'));
    const folder = run.folder() ?? '';
    process.kill(processRunning('nova.mjs', folder), 'SIGKILL');
    expect(await run.ended).toBe(1);
    expect(run.output()).toContain('npm start failed: the agent nova ended with SIGKILL');
    expectNothingLeft(folder);
  });

  it('refuses an option that it does not know', async () => {
    const run = npmStart(['--headles']);
    expect(await run.ended).toBe(1);
    expect(run.output()).toContain("Unknown option '--headles'");
  });
});

describe('npm start', () => {
  let browser: Browser | undefined;
  afterEach(async () => browser?.close());

  it(
    'opens a workbench behind a password, in which the agents talk, and Ctrl-C leaves nothing',
    { timeout: 2 * runPatience },
    async () => {
      const run = npmStart(['--pace', '0']);
      const address = await during(
        run,
        'the address',
        (output) => /^Open +(http:\/\/127\.0\.0\.1:\S+)$/m.exec(output)?.[1],
      );
      const password = /^Password +(\S{16})$/m.exec(run.output())?.[1] ?? '';
      browser = await launchChromium();
      const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
      await page.goto(address);
      expect(told(run.output())).toEqual([]);
      await page.fill('input[type=password]', password);
      await page.keyboard.press('Enter');
      await page.waitForURL((url) => url.pathname === '/');
      const window = new WorkbenchWindow(page, address);
      await window.open();
      await window.openContainer('Parley');
      await during(run, 'the end of the conversation', (output) => output.includes('The conversation is whole'));
      await window
        .row(/Review of splitLines/)
        .first()
        .waitFor();
      await window.row(/Away/).first().waitFor();
      await window.screenshot('start');
      // VS Code's terminals find the command, and the home of this run.
      const folder = run.folder() ?? '';
      await window.typeInTerminal('parley --as Nova --json who > roster.json');
      const roster = await until('the roster', () => whole(path.join(folder, 'project/roster.json')));
      expect(roster).toContain('"name":"Atlas"');
      if (run.child.pid !== undefined) process.kill(-run.child.pid, 'SIGINT');
      expect(await run.ended).not.toBe(0);
      expectNothingLeft(folder);
    },
  );

  it(
    'opens the desktop VS Code with folders of its own, and ends when its window closes',
    { timeout: runPatience },
    async () => {
      const folder = await mkdtemp(path.join(tmpdir(), 'parley-desktop-'));
      const calls = path.join(folder, 'calls');
      // Stands for the desktop's VS Code, which no test machine has: notes how it is called, and stays with --wait.
      await writeFile(
        path.join(folder, 'code'),
        `#!/bin/sh\necho "$@" >> ${calls}\ncase "$*" in *--wait*) while [ ! -e ${folder}/close ]; do sleep 0.1; done;; esac\n`,
        { mode: 0o755 },
      );
      const run = npmStart([], {
        PATH: `${folder}${path.delimiter}${process.env['PATH'] ?? ''}`,
        DISPLAY: ':0',
        VSCODE_IPC_HOOK_CLI: '',
      });
      await during(run, 'the window', (output) => output.includes('VS Code opens.'));
      const own = run.folder() ?? '';
      const folders = `--user-data-dir ${own}/data --extensions-dir ${own}/extensions`;
      const [install = '', open = ''] = readFileSync(calls, 'utf8').split('\n');
      expect(install.startsWith(folders)).toBe(true);
      expect(install.endsWith(`--install-extension ${equipment.vsix}`)).toBe(true);
      expect(open.startsWith(folders)).toBe(true);
      expect(open.endsWith(`${own}/project`)).toBe(true);
      await writeFile(path.join(folder, 'close'), '');
      expect(await run.ended, run.output()).toBe(0);
      expect(run.output()).toContain('The window has closed.');
      expectNothingLeft(own);
      await rm(folder, { recursive: true });
    },
  );
});
