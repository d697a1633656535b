import { build, type Plugin } from 'esbuild';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { panelHtml, type PanelRequest } from '../../../src/contract/panel';
import type { BrokerState, PanelSnapshot, PanelUpdate } from '../../../src/contract/panelUpdates';
import { nowInScenes } from './scenes';
import type { Theme } from './themes';

const root = path.resolve(import.meta.dirname, '../../..');
const origin = 'https://parley.test';

export interface Bundle {
  readonly script: string;
  readonly highlighter: string;
  readonly style: string;
}

/** Takes the first wall out of the page: its Markdown parser lets all HTML and all links through. */
const withoutFirstWall: Plugin = {
  name: 'without-first-wall',
  setup(hooks) {
    hooks.onLoad({ filter: /src[/\\]ui[/\\]markdown\.ts$/ }, async ({ path: file }) => {
      const source = await readFile(file, 'utf8');
      const contents = source.replace('html: false', 'html: true').replace('= isWebAddress', '= () => true');
      if (!contents.includes('html: true') || !contents.includes('() => true')) throw new Error('the wall has moved');
      return { contents, loader: 'ts' };
    });
  },
};

/** The page as `npm run build` makes it, from the sources as they are now. `breached`: without its first wall. */
export async function bundle(breached = false): Promise<Bundle> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: { ui: 'src/programs/ui.tsx' },
    outdir: 'dist',
    write: false,
    bundle: true,
    platform: 'browser',
    format: 'iife',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    logLevel: 'silent',
    plugins: breached ? [withoutFirstWall] : [],
  });
  const text = (end: string): string => outputFiles.find(({ path: file }) => file.endsWith(end))?.text ?? '';
  const coloured = await build({
    absWorkingDir: root,
    entryPoints: { highlighter: 'src/programs/highlighter.ts' },
    write: false,
    bundle: true,
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    logLevel: 'silent',
  });
  return { script: text('.js'), style: text('.css'), highlighter: coloured.outputFiles[0]?.text ?? '' };
}

declare global {
  interface Window {
    /** What the page posted to its host. */
    posted: PanelRequest[];
    /** What the page saved last. */
    savedState: unknown;
    /** Set by anything that an agent's text made run. */
    ran: string[];
    /** What the content security policy stopped. */
    violations: string[];
    /** What the page takes for having the focus. */
    focusIs: boolean;
  }
}

export interface StageOptions {
  readonly theme: Theme;
  readonly width: number;
  readonly height?: number;
  /** What `getState` answers: as after a reload. */
  readonly saved?: unknown;
  readonly focused?: boolean;
  /** The page's time is the machine's: for measuring. */
  readonly realTime?: boolean;
}

/** The page in a browser, with a host that records what it is told and says what a test says. */
export class Stage {
  readonly page: Page;
  readonly #context: BrowserContext;
  readonly #realTime: boolean;
  readonly #errors: string[] = [];
  /** Addresses that the page asked for and that are not its own. */
  readonly fetched: string[] = [];

  private constructor(context: BrowserContext, page: Page, realTime: boolean) {
    this.#realTime = realTime;
    this.#context = context;
    this.page = page;
    page.on('pageerror', (error) => this.#errors.push(error.message));
    page.on('console', (entry) => {
      if (entry.type() === 'error') this.#errors.push(entry.text());
    });
  }

  static async open(browser: Browser, files: Bundle, options: StageOptions): Promise<Stage> {
    const { theme, width, height = 720, saved, focused = true, realTime = false } = options;
    const context = await browser.newContext({
      viewport: { width, height },
      locale: 'en-GB',
      timezoneId: 'UTC',
      reducedMotion: 'reduce',
    });
    const page = await context.newPage();
    const stage = new Stage(context, page, realTime);
    if (!realTime) await page.clock.install({ time: nowInScenes });
    await page.addInitScript(
      ({ bodyClass, variables, state, focus }) => {
        Object.assign(window, { posted: [], ran: [], violations: [], focusIs: focus, savedState: state });
        document.hasFocus = () => window.focusIs;
        document.addEventListener('securitypolicyviolation', (event) =>
          window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`),
        );
        window.alert = (text: string) => void window.ran.push(text);
        document.addEventListener('DOMContentLoaded', () => {
          document.documentElement.style.background = 'var(--vscode-sideBar-background)';
          document.body.className = bodyClass;
          for (const [name, value] of Object.entries(variables))
            document.documentElement.style.setProperty(`--vscode-${name}`, value);
        });
        Object.assign(window, {
          acquireVsCodeApi: () => ({
            postMessage: (request: PanelRequest) => void window.posted.push(structuredClone(request)),
            getState: () => window.savedState,
            setState: (next: unknown) => void (window.savedState = structuredClone(next)),
          }),
        });
      },
      { bodyClass: theme.bodyClass, variables: theme.variables, state: saved, focus: focused },
    );
    const html = panelHtml({
      script: `${origin}/ui.js`,
      style: `${origin}/ui.css`,
      cspSource: origin,
      nonce: 'n0nceForTests1234567890',
      language: 'en',
    });
    const bodies: Record<string, { contentType: string; body: string }> = {
      '/': { contentType: 'text/html', body: html },
      '/ui.js': { contentType: 'text/javascript', body: files.script },
      '/highlighter.js': { contentType: 'text/javascript', body: files.highlighter },
      '/ui.css': { contentType: 'text/css', body: files.style },
    };
    await context.route('**/*', (route) => {
      const { pathname, origin: from } = new URL(route.request().url());
      const answer = from === origin ? bodies[pathname] : undefined;
      if (answer) return route.fulfill(answer);
      stage.fetched.push(route.request().url());
      return route.abort();
    });
    await page.goto(`${origin}/`);
    return stage;
  }

  async tell(update: PanelUpdate): Promise<void> {
    await this.page.evaluate((data) => {
      window.postMessage(data, '*');
      return new Promise((resolve) => {
        window.addEventListener('message', () => resolve(undefined), { once: true });
      });
    }, update);
    await this.settle();
  }

  async show(snapshot: PanelSnapshot, broker: BrokerState = { state: 'connected' }): Promise<void> {
    await this.tell({ type: 'snapshot', snapshot, broker, now: nowInScenes });
  }

  /** Lets drawing, effects and measuring come to rest. */
  async settle(): Promise<void> {
    if (this.#realTime) {
      await this.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
      return;
    }
    for (let turn = 0; turn < 3; turn++) await this.page.clock.runFor(50);
  }

  async posted<T extends PanelRequest['type']>(type: T): Promise<Extract<PanelRequest, { type: T }>[]> {
    const all = await this.page.evaluate(() => window.posted);
    return all.filter((one): one is Extract<PanelRequest, { type: T }> => one.type === type);
  }

  /** Answers the latest question of a kind, as the host would. */
  async answer<T extends 'peek' | 'find' | 'take'>(type: T, answer: (id: string) => PanelUpdate): Promise<void> {
    // The page asks once typing rests.
    await this.page.clock.runFor(200);
    const asked: readonly PanelRequest[] = await this.posted(type);
    const question = asked.at(-1);
    if (!question || !('id' in question)) throw new Error(`the page asked no ${type}`);
    await this.tell(answer(question.id));
  }

  /** What an agent's text made run. */
  ran(): Promise<string[]> {
    return this.page.evaluate(() => window.ran);
  }

  /** Script errors, what the policy stopped, and what an agent's text made run. */
  async faults(): Promise<string[]> {
    const seen = await this.page.evaluate(() => [...window.ran.map((one) => `ran: ${one}`), ...window.violations]);
    return [...this.#errors, ...seen];
  }

  async screenshot(name: string): Promise<void> {
    await this.page.screenshot({ path: path.join(root, 'test-output/screenshots', `${name}.png`) });
  }

  close(): Promise<void> {
    return this.#context.close();
  }
}
