import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { launchChromium } from './chromium';
import { bundleHostTests } from './hostTests';
import { equipment } from './provision';
import { startWorkbench, type WorkbenchOptions } from './workbench';

export interface HostRun extends Omit<WorkbenchOptions, 'vsix' | 'open' | 'vscodeOptions'> {
  /** The unpacked extension under test. */
  readonly extension: string;
  /** A TypeScript or JavaScript file that exports `run(): Promise<void>`; it may import `vscode`. */
  readonly tests: string;
  /** How long the whole run may take, in milliseconds. */
  readonly timeout?: number;
}

export interface HostResult {
  /** Zero when `run()` was fulfilled. */
  readonly code: number;
  /** What the tests wrote to the console, and the error that ended them. */
  readonly log: string;
}

/**
 * Runs tests inside the extension host of a real VS Code. The test file is bundled first. VS Code runs in its smoke-test
 * mode here, which shows no toasts and no dialogs: what a person sees is tested from outside, with a window.
 */
export async function runInHost({ extension, tests, timeout = 120_000, ...options }: HostRun): Promise<HostResult> {
  const bundle = await mkdtemp(path.join(tmpdir(), 'parley-host-'));
  const entry = path.join(bundle, 'index.js');
  const logFile = path.join(bundle, 'log');
  await writeFile(logFile, '');
  await bundleHostTests({ root: equipment.root, tests, outfile: entry, logFile });
  const workbench = await startWorkbench({ ...options, open: false, vscodeOptions: ['enable-smoke-test-driver'] });
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    const ended = new Promise<number>((resolve) => void page.exposeFunction('codeAutomationExit', resolve));
    await page.exposeFunction('codeAutomationLog', () => undefined);
    const remote = (file: string): string => `vscode-remote://127.0.0.1:${workbench.port}${file}`;
    const payload = [
      ['extensionDevelopmentPath', remote(extension)],
      ['extensionTestsPath', remote(entry)],
      ['skipWelcome', 'true'],
    ];
    // As long as any window may take: a busy machine loads it in more than Playwright's half a minute.
    await page.goto(`${workbench.address()}&payload=${encodeURIComponent(JSON.stringify(payload))}`, {
      timeout: 90_000,
    });
    const code = await Promise.race([ended, pause(timeout, undefined, { ref: false })]);
    const log = await readFile(logFile, 'utf8');
    if (code === undefined) throw new Error(`The tests in the host took over ${timeout} ms; they wrote:\n${log}`);
    return { code, log };
  } finally {
    await browser.close();
    await workbench.stop();
    await rm(bundle, { recursive: true, force: true });
  }
}
