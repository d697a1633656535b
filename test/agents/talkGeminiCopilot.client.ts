import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../../src/client/client';
import type { AgentView } from '../../src/contract/views';
import { ConnectedHome } from '../support/connectedHome';
import { talk, type Talker } from '../support/realTalk';
import { RungCopilot } from '../support/rungCopilot';
import { RungGemini } from '../support/rungGemini';
import { ToolModel } from '../support/toolModel';
import { until } from '../support/until';

/**
 * Gemini CLI and Copilot CLI as a person has them in two terminals, set up by `parley connect`: each is rung while it is idle,
 * and they talk with each other. Only their models are scripted.
 */

const patience = 60_000;
let home: ConnectedHome;
let geminiModel: ToolModel;
let copilotModel: ToolModel;
let gemini: RungGemini;
let copilot: RungCopilot;
let caller: Client;
let person: Client;

const onRoster = async (platform: string): Promise<AgentView | undefined> =>
  (await caller.ask('who', {})).agents.find((agent) => agent.platform === platform);
const isArmed = async (): Promise<boolean> => (await onRoster('Gemini CLI'))?.reach.ringer === 'background-shell';

beforeAll(async () => {
  home = await ConnectedHome.make();
  geminiModel = await ToolModel.start();
  copilotModel = await ToolModel.start();
  RungGemini.prepare(home);
  await home.parley('connect', 'gemini', '--yes', '--allow', '--wake');
  await home.parley('connect', 'copilot', '--yes', '--wake');
  caller = await home.broker.agent('Atlas');
  person = await home.broker.person();
  gemini = await RungGemini.start(home, geminiModel, isArmed);
  copilot = await RungCopilot.start(home, copilotModel, ['--allow-tool=parley']);
  await copilot.isUp();
}, 300_000);
afterAll(async () => {
  await gemini?.tui.stop();
  await copilot?.tui.stop();
  await geminiModel?.stop();
  await copilotModel?.stop();
  await home?.dispose();
}, 60_000);

async function talker(process: RungGemini | RungCopilot, platform: string, ringer: string): Promise<Talker> {
  const agent = await until(
    `${platform} with its best ringer`,
    async () => {
      const found = await onRoster(platform);
      return found?.reach.ringer === ringer ? found : undefined;
    },
    patience,
  );
  expect(agent.reach.state).toBe('wakes');
  return { process, agent: agent.name };
}

describe('Gemini CLI and Copilot CLI', () => {
  it('talk with each other in a call that either makes, both rung while idle', { timeout: 300_000 }, async () => {
    await (await gemini.begin('Hello there')).say('I wait.');
    const one = await talker(gemini, 'Gemini CLI', 'background-shell');
    const other = await talker(copilot, 'Copilot CLI', 'copilot-extension');
    await talk(one, other, caller, person);
    await talk(other, one, caller, person);
  });
});
