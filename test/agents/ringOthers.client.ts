import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import versions from '../../scripts/equipment.json';
import type { Client } from '../../src/client/client';
import type { AgentView } from '../../src/contract/views';
import { ConnectedHome } from '../support/connectedHome';
import { hundredRings, problemsOf } from '../support/hundredRings';
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
  let thread: string;

  it('Codex, rung by a message from Atlas, calls OpenCode, which is rung and accepts', async () => {
    await caller.ask('message', { to: 'Nova', text: 'Please ask Iris about the parser' });
    const rung = await codexModel.asked('Hear them with the parley tool', patience);
    await rung.use(codex.tool('listen'), { wait: 0 });
    const heard = await codexModel.asked('Please ask Iris about the parser', patience);
    await heard.use(codex.tool('call'), { to: ['Iris'], topic: 'The parser', message: 'Which file?', wait: 0 });
    const asked = await openCodeModel.asked('"The parser', patience).catch(() => openCodeModel.asked('The parser'));
    const call = /call \\"([0-9A-Z]{26})\\"/.exec(asked.body)?.[1];
    expect(call).toBeDefined();
    await asked.use(openCode.tool('answer'), { call, answer: 'accept', message: 'The first one' });
    const placed = await codexModel.asked('The parser', patience);
    await placed.say('Rung.');
    const accepted = await openCodeModel.asked('The parser', patience);
    await accepted.say('Accepted.');
    thread = await until('the thread', async () => {
      const { threads } = await person.ask('threads', {});
      return threads.find(({ topic }) => topic === 'The parser')?.id;
    });
  });

  it('each hears the other while idle, and answers', async () => {
    const rung = await codexModel.asked('The first one', 5000).catch(() => codexModel.asked('parley', patience));
    await rung.use(codex.tool('send'), { message: 'And the second?', thread });
    await (await codexModel.asked('And the second?', patience)).say('Sent.');
    const back = await openCodeModel.asked('parley', patience);
    await back.use(openCode.tool('listen'), { wait: 0 });
    const heard = await openCodeModel.asked('And the second?', patience);
    await heard.use(openCode.tool('send'), { message: 'Is fine as it is', thread });
    await (await openCodeModel.asked('Is fine as it is', patience)).say('Sent.');
    const last = await codexModel.asked('parley', patience);
    await last.use(codex.tool('listen'), { wait: 0 });
    const end = await codexModel.asked('Is fine as it is', patience);
    await end.use(codex.tool('leave'), { thread });
    await (await codexModel.asked('Is fine as it is', patience)).say('Goodbye.');
    const { messages, thread: view } = await person.ask('read', { thread, limit: 50 });
    expect(view.state).toBe('closed');
    const said = messages
      .filter(({ type }) => type === 'message')
      .map(({ fromName, content }) => `${fromName}: ${content}`);
    expect(said).toEqual([
      'Nova: Which file?',
      'Iris: The first one',
      'Nova: And the second?',
      'Iris: Is fine as it is',
    ]);
  });
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
