import { spawn } from 'node:child_process';
import * as path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ConnectedHome } from '../support/connectedHome';
import { OneWordModel, words } from '../support/oneWordModel';
import { provideClient } from '../support/otherClients';
import { equipment } from '../support/provision';

/** The plugin folder as it is in the real Copilot CLI, which asks a model of ours. */

let home: ConnectedHome;
let model: OneWordModel;

beforeAll(async () => {
  home = await ConnectedHome.make();
  model = await OneWordModel.start();
  await home.parley('register', '--name', 'Nova');
}, 120_000);
afterAll(async () => {
  await model?.stop();
  await home?.dispose();
});

it('Copilot CLI takes server, hooks and skill from the plugin folder, and nothing without it', async () => {
  const program = await provideClient('copilot');
  const atlas = await home.broker.agent('Atlas');
  const turn = async (...more: string[]): Promise<{ said: string; asked: string }> => {
    model.requests.splice(0);
    const env = home.env({
      COPILOT_OFFLINE: 'true',
      COPILOT_PROVIDER_BASE_URL: `${model.url}/v1`,
      COPILOT_MODEL: 'scripted',
      COPILOT_PROVIDER_API_KEY: 'x',
      COPILOT_AUTO_UPDATE: 'false',
      PARLEY_AGENT: 'Nova',
    });
    const child = spawn(program, ['-p', 'hello', '--allow-all-tools', ...more], {
      cwd: home.project,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 120_000,
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (said += part.toString()));
    await new Promise((resolve) => child.once('close', resolve));
    return { said, asked: model.requests.join('\n') };
  };

  await atlas.ask('message', { to: 'Nova', text: 'Left for the plugin: look at the lexer' });
  const { said, asked } = await turn('--plugin-dir', path.join(equipment.root, 'plugin'));
  expect(said).toContain(words);
  expect(asked).toMatch(/parley-who|parley_who|parley__who/);
  expect(asked).toContain('Left for the plugin: look at the lexer');
  expect(asked).toContain('Talk with the other coding agents on this machine over Parley');

  const without = await turn();
  expect(without.said).toContain(words);
  expect(without.asked).not.toMatch(/parley-who|parley_who|parley__who/);
});
