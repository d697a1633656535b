import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import versions from '../../scripts/equipment.json';
import type { Client } from '../../src/client/client';
import type { AgentView } from '../../src/contract/views';
import { ConnectedHome } from '../support/connectedHome';
import { honestHooks } from '../support/honestHooks';
import { hundredRings, idle, problemsOf } from '../support/hundredRings';
import { talk } from '../support/realTalk';
import { startCodex, startOpenCode, type RungClient } from '../support/rungClients';
import { ToolModel } from '../support/toolModel';
import { endProcessesAtExit, endProcessesOf } from '../support/workbenchProcesses';
import { until } from '../support/until';

/**
 * Codex and OpenCode as a person has them in two terminals, set up by `parley connect`: each is rung while it is idle, they
 * talk with each other, and each is rung a hundred times. Only their models are scripted.
 */

/** How often each is rung; less where time is short. */
const rings = Number(process.env['PARLEY_RINGS'] ?? 100);
/** What two real clients may take for a step on a busy machine (ms). */
const patience = 60_000;

let home: ConnectedHome;
let person: Client;
let caller: Client;
let codexModel: ToolModel;
let openCodeModel: ToolModel;
let codex: RungClient;
let openCode: RungClient;

beforeAll(async () => {
  home = await ConnectedHome.make();
  endProcessesAtExit(home.user);
  person = await home.broker.person();
  caller = await home.broker.agent('Atlas');
  codexModel = await ToolModel.start();
  openCodeModel = await ToolModel.start();
  codex = await startCodex({ home, model: codexModel, agent: 'Nova' }, versions.codex);
  openCode = await startOpenCode({ home, model: openCodeModel, agent: 'Iris' }, versions.opencode);
}, 300_000);
afterAll(async () => {
  codex?.stop();
  openCode?.stop();
  if (home) await endProcessesOf(home.user);
  await codexModel?.stop();
  await openCodeModel?.stop();
  await home?.dispose();
}, 60_000);

async function onRoster(name: string): Promise<AgentView | undefined> {
  return (await person.ask('who', {})).agents.find((agent) => agent.name === name);
}

describe('idle, and never spoken to', () => {
  it.each([
    ['Nova', 'Codex', versions.codex, 'codex-socket'],
    ['Iris', 'OpenCode', versions.opencode, 'opencode-plugin'],
  ])('%s (%s) is on the roster, with a door that was tested', async (name, platform, version, ringer) => {
    const agent = await until(
      `${name} with a tested ringer`,
      async () => {
        const found = await onRoster(name);
        return found?.reach.testedAt === undefined ? undefined : found;
      },
      patience,
    );
    expect(agent).toMatchObject({ platform, version, reach: { state: 'wakes', ringer } });
  });
});

describe('a call between the two', () => {
  it('Codex, rung while idle, calls OpenCode, which is rung while idle and accepts; they talk, and Codex hangs up', async () => {
    await talk({ process: codex, agent: 'Nova' }, { process: openCode, agent: 'Iris' }, caller, person);
  }, 300_000);

  it('OpenCode calls Codex in the same way', async () => {
    await talk({ process: openCode, agent: 'Iris' }, { process: codex, agent: 'Nova' }, caller, person);
  }, 300_000);
});

describe('Codex', () => {
  it('hears what its hook said behind commands that worked or failed', async () => {
    await idle(codex);
    await codex.type('Please look around');
    const turn = await until('the prompt', () => codex.take('Please look around'), patience);
    const tools = ['ls', 'exit 3', 'no-such-program'].map((cmd) => [{ name: 'exec_command' }, { cmd }] as const);
    const figures = await honestHooks({ process: codex, agent: 'Nova' }, turn, tools, { caller, person });
    expect(figures.falseSeen).toEqual([]);
    expect(figures.byHook).toBeGreaterThan(0);
  }, 120_000);
});

describe.each([
  ['Codex', 'Nova', () => codex],
  ['OpenCode', 'Iris', () => openCode],
])('%s, idle', (_client, callee, process) => {
  it(`hears at least 95 of 100 rings, as fast as by its bare door twice over, with honest receipts`, async () => {
    const bare = Math.max(5, Math.round(rings / 5));
    expect(problemsOf(await hundredRings(process(), { rings, bare, caller, person, callee }))).toEqual([]);
  }, 1_200_000);
});
