import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import type { NearbyClient } from '../../src/nearby/session';
import { OneWordModel, words } from './oneWordModel';
import { openCodeConfig, provideClient, type OtherClient } from './otherClients';
import { equipment, provide } from './provision';
import { ScriptedModel } from './scriptedModel';
import { Terminal } from './terminal';
import { until } from './until';
import { endProcessesAtExit, endProcessesOf } from './workbenchProcesses';

/** What the user says first in each: it becomes the title where a client has one. */
export const firstWords = 'Mend the parser';

interface Setup {
  readonly client: OtherClient | undefined;
  readonly args: readonly string[];
  readonly env: (url: string) => Record<string, string>;
  /** Files that it finds, by their path in HOME. */
  readonly files: (url: string, project: string) => Readonly<Record<string, string>>;
  /** What its screen shows when it takes input. */
  readonly ready: RegExp;
}

const setups: Readonly<Record<NearbyClient, Setup>> = {
  'claude-code': {
    client: undefined,
    args: ['--permission-mode', 'manual'],
    env: (url) => ({
      ANTHROPIC_BASE_URL: url,
      ANTHROPIC_API_KEY: 'x',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      DISABLE_AUTOUPDATER: '1',
    }),
    files: (_, project) => ({
      '.claude.json': JSON.stringify({
        hasCompletedOnboarding: true,
        theme: 'dark',
        customApiKeyResponses: { approved: ['x'], rejected: [] },
        projects: { [project]: { hasTrustDialogAccepted: true, hasCompletedProjectOnboarding: true } },
      }),
    }),
    ready: /^\s*[❯>]/m,
  },
  codex: {
    client: 'codex',
    args: [],
    env: () => ({}),
    files: (url, project) => ({
      '.codex/config.toml': `model = "scripted"\nmodel_provider = "lab"\napproval_policy = "never"\nsandbox_mode = "danger-full-access"\ncheck_for_update_on_startup = false\n[model_providers.lab]\nname = "lab"\nbase_url = "${url}/v1"\nwire_api = "responses"\nrequires_openai_auth = false\nsupports_websockets = false\n[analytics]\nenabled = false\n[projects."${project}"]\ntrust_level = "trusted"\n`,
    }),
    ready: /Ask Codex/,
  },
  copilot: {
    client: 'copilot',
    args: [],
    env: (url) => ({
      COPILOT_OFFLINE: 'true',
      COPILOT_PROVIDER_BASE_URL: `${url}/v1`,
      COPILOT_MODEL: 'scripted',
      COPILOT_PROVIDER_API_KEY: 'x',
      COPILOT_AUTO_UPDATE: 'false',
    }),
    files: (_, project) => ({ '.copilot/config.json': JSON.stringify({ trustedFolders: [project] }) }),
    ready: /Interactive[\s\S]*scripted/,
  },
  gemini: {
    client: 'gemini',
    args: ['-m', 'gemini-2.5-flash'],
    env: (url) => ({ GEMINI_API_KEY: 'x', GOOGLE_GEMINI_BASE_URL: url }),
    files: () => ({
      '.gemini/settings.json': JSON.stringify({
        security: { auth: { selectedType: 'gemini-api-key' }, folderTrust: { enabled: false } },
        general: { enableAutoUpdate: false, enableAutoUpdateNotification: false },
        privacy: { usageStatisticsEnabled: false },
        telemetry: { enabled: false },
      }),
    }),
    ready: /Type your message/,
  },
  opencode: {
    client: 'opencode',
    args: [],
    env: () => ({ OPENCODE_DISABLE_MODELS_FETCH: '1', OPENCODE_DISABLE_AUTOUPDATE: '1' }),
    files: (url) => ({
      '.config/opencode/opencode.json': JSON.stringify(openCodeConfig(url)),
    }),
    ready: /Ask anything/,
  },
};

/** How long a client may take to show its prompt, or an answer, in milliseconds. */
const patience = 90_000;

/** A real client, interactive, in a HOME and a project of its own, that asks a model of ours. */
export class NearbyTerminal {
  readonly client: NearbyClient;
  readonly root: string;
  readonly home: string;
  readonly project: string;
  readonly #terminal: Terminal;
  readonly #model: Model;

  private constructor(client: NearbyClient, root: string, terminal: Terminal, model: Model) {
    this.client = client;
    this.root = root;
    this.home = path.join(root, 'home');
    this.project = path.join(root, 'project');
    this.#terminal = terminal;
    this.#model = model;
  }

  /** Starts it and waits until it takes input. */
  static async start(client: NearbyClient): Promise<NearbyTerminal> {
    await provide('codeServer');
    const setup = setups[client];
    const model = await startModel(client);
    const root = fs.realpathSync(fs.mkdtempSync(path.join(tmpdir(), 'parley-near-')));
    endProcessesAtExit(root);
    const [home, project] = [path.join(root, 'home'), path.join(root, 'project')];
    fs.mkdirSync(project);
    for (const [name, text] of Object.entries(setup.files(model.url, project))) {
      fs.mkdirSync(path.dirname(path.join(home, name)), { recursive: true });
      fs.writeFileSync(path.join(home, name), text);
    }
    const base = { PATH: process.env['PATH'] ?? '', LANG: 'C.UTF-8', TERM: 'xterm-256color', SHELL: '/bin/bash' };
    const env = { ...base, HOME: home, TMPDIR: root, ...setup.env(model.url) };
    const terminal = new Terminal(await program(setup.client), [...setup.args], env, project);
    const started = new NearbyTerminal(client, root, terminal, model);
    try {
      await started.shows(setup.ready);
    } catch (error) {
      await started.stop();
      throw error;
    }
    return started;
  }

  /** Says the first words and waits for the model's answer. */
  async turn(): Promise<void> {
    this.#terminal.write(firstWords);
    await this.shows(new RegExp(firstWords));
    // Enter in the same burst would count as part of a paste.
    this.#terminal.write('\r');
    await this.#model.answer();
    await this.shows(new RegExp(words.replace('.', '\\.')));
  }

  /** Waits until its model is asked something that holds these words, without anything typed. */
  async hears(text: string): Promise<void> {
    await this.#model.hears(text);
  }

  async shows(pattern: RegExp): Promise<void> {
    try {
      await until(`${this.client} to show ${pattern}`, () => pattern.test(this.#terminal.screen()), patience);
    } catch (error) {
      throw new Error(`${(error as Error).message}; its screen:\n${this.#terminal.screen()}`, { cause: error });
    }
  }

  async stop(): Promise<void> {
    this.#terminal.kill();
    await endProcessesOf(this.root);
    await this.#model.stop();
    fs.rmSync(this.root, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function program(client: OtherClient | undefined): Promise<string> {
  if (client !== undefined) return provideClient(client);
  await provide('claudeCode');
  return equipment.claude;
}

interface Model {
  readonly url: string;
  /** Answers one turn of the user's, where that does not happen by itself. */
  readonly answer: () => Promise<void>;
  /** Waits until it was asked something that holds these words. */
  readonly hears: (text: string) => Promise<void>;
  readonly stop: () => Promise<void>;
}

async function startModel(client: NearbyClient): Promise<Model> {
  if (client !== 'claude-code') {
    const model = await OneWordModel.start();
    return {
      url: model.url,
      answer: async () => undefined,
      hears: async (text) =>
        void (await until('the model to hear it', () => model.requests.some((body) => body.includes(text)), patience)),
      stop: async () => model.stop(),
    };
  }
  const model = await ScriptedModel.start();
  const brain = model.brain('nearby');
  const answer = async (): Promise<void> => (await brain.nextRequest()).say(words);
  const hears = async (text: string): Promise<void> => {
    const turn = await brain.nextRequest(patience);
    if (!JSON.stringify(turn.request).includes(text))
      throw new Error(`it was asked something else: ${turn.describe()}`);
    await turn.say(words);
  };
  return { url: brain.baseUrl, answer, hears, stop: async () => model.stop() };
}
