import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Client } from '../../src/client/client';
import { ConnectedHome } from '../support/connectedHome';
import { OneWordModel, words } from '../support/oneWordModel';
import { openCodeConfig, provideClient, type OtherClient } from '../support/otherClients';

/** `parley connect` with the other real clients, each asking a model of ours: they offer it our tools, and then no more. */

let home: ConnectedHome;
let model: OneWordModel;
let atlas: Client;

beforeAll(async () => {
  home = await ConnectedHome.make();
  model = await OneWordModel.start();
  await home.parley('register', '--name', 'Nova');
  atlas = await home.broker.agent('Atlas');
}, 120_000);
beforeEach(() => void model.requests.splice(0));
afterAll(async () => {
  await model?.stop();
  await home?.dispose();
});

interface Case {
  /** Its configuration before, which makes it ask our model. */
  readonly file: string;
  readonly text: () => string;
  readonly args: readonly string[];
  readonly env: () => Record<string, string>;
  /** How its request names our tool `who`. */
  readonly tool: RegExp;
  /** It has a hook at the begin of a session. */
  readonly hasStart: boolean;
}

const json = (value: object): string => `${JSON.stringify(value, undefined, 2)}\n`;

const cases: Readonly<Record<OtherClient, Case>> = {
  codex: {
    file: '.codex/config.toml',
    text: () =>
      `# mine\nmodel = "scripted" # ours\nmodel_provider = "lab"\napproval_policy = "never"\nsandbox_mode = "danger-full-access"\ncheck_for_update_on_startup = false\n[model_providers.lab]\nname = "lab"\nbase_url = "${model.url}/v1"\nwire_api = "responses"\nrequires_openai_auth = false\nsupports_websockets = false\n[analytics]\nenabled = false\n[projects."${home.project}"]\ntrust_level = "trusted"\n`,
    args: ['exec', '--skip-git-repo-check', '--dangerously-bypass-hook-trust', 'hello'],
    env: () => ({}),
    tool: /"mcp__parley"[\s\S]*"who"/,
    hasStart: true,
  },
  gemini: {
    file: '.gemini/settings.json',
    text: () =>
      json({
        security: { auth: { selectedType: 'gemini-api-key' }, folderTrust: { enabled: false } },
        general: { enableAutoUpdate: false, enableAutoUpdateNotification: false },
        privacy: { usageStatisticsEnabled: false },
        telemetry: { enabled: false },
      }),
    args: ['-m', 'gemini-2.5-flash', '-p', 'hello'],
    env: () => ({ GEMINI_API_KEY: 'x', GOOGLE_GEMINI_BASE_URL: model.url }),
    tool: /mcp_parley_who/,
    hasStart: true,
  },
  copilot: {
    file: '.copilot/mcp-config.json',
    text: () => json({ mcpServers: {} }),
    args: ['-p', 'hello', '--allow-all-tools'],
    env: () => ({
      COPILOT_OFFLINE: 'true',
      COPILOT_PROVIDER_BASE_URL: `${model.url}/v1`,
      COPILOT_MODEL: 'scripted',
      COPILOT_PROVIDER_API_KEY: 'x',
      COPILOT_AUTO_UPDATE: 'false',
    }),
    tool: /parley-who/,
    hasStart: true,
  },
  opencode: {
    file: '.config/opencode/opencode.json',
    text: () => json(openCodeConfig(model.url)),
    args: ['run', 'hello'],
    env: () => ({ OPENCODE_DISABLE_MODELS_FETCH: '1', OPENCODE_DISABLE_AUTOUPDATE: '1' }),
    tool: /parley_who/,
    hasStart: false,
  },
};

/** One headless turn of the client; answers what it printed and what it asked the model. */
async function turn(program: string, { args, env }: Case): Promise<{ said: string; asked: string }> {
  model.requests.splice(0);
  const child = spawn(program, args, {
    cwd: home.project,
    env: home.env({ ...env(), PARLEY_AGENT: 'Nova' }),
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 90_000,
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (said += part.toString()));
  await new Promise((resolve) => child.once('close', resolve));
  return { said, asked: model.requests.join('\n') };
}

describe.each(Object.keys(cases) as OtherClient[])('%s', (client) => {
  const one = cases[client];

  it('once connected offers its model our tools, tells it what waits where it has such a hook, and is as before when that is taken out', async () => {
    const program = await provideClient(client);
    const file = path.join(home.user, one.file);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, one.text());

    await home.parley('connect', client, '--yes', '--allow');
    const left = `Left for ${client}: the parser loses the last line`;
    await atlas.ask('message', { to: 'Nova', text: left });
    const began = performance.now();
    const { said, asked } = await turn(program, one);
    console.log(`${client}: a turn in ${((performance.now() - began) / 1000).toFixed(1)} s`);
    expect(said).toContain(words);
    expect(asked).toMatch(one.tool);
    if (one.hasStart) expect(asked).toContain(left);

    await home.parley('connect', client, '--remove', '--yes');
    expect(fs.readFileSync(file, 'utf8')).toBe(one.text());
    const after = await turn(program, one);
    expect(after.said).toContain(words);
    expect(after.asked).not.toMatch(one.tool);
    expect(Object.values(home.files(path.dirname(one.file))).join('\n')).not.toContain(home.launcher);
  });
});
