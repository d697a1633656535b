import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../../src/client/client';
import { ConnectedHome } from '../support/connectedHome';
import { honestHooks } from '../support/honestHooks';
import { hundredRings, problemsOf } from '../support/hundredRings';
import { RungCopilot } from '../support/rungCopilot';
import { ToolModel } from '../support/toolModel';
import { until } from '../support/until';

/** The real Copilot CLI, rung through the extension that `parley connect copilot --wake` installs. */

const patience = 60_000;
let home: ConnectedHome;
let model: ToolModel;
let copilot: RungCopilot;
let atlas: Client;
let person: Client;
let nova: string;

beforeAll(async () => {
  home = await ConnectedHome.make();
  model = await ToolModel.start();
  await home.parley('connect', 'copilot', '--yes', '--wake');
  atlas = await home.broker.agent('Atlas');
  person = await home.broker.person();
  copilot = await RungCopilot.start(home, model, ['--allow-tool=parley']);
  await copilot.isUp();
}, 180_000);
afterAll(async () => {
  await copilot?.tui.stop();
  await model?.stop();
  await home?.dispose();
});

const reach = async () => (await atlas.ask('who', { agent: nova })).agents[0]?.reach;

describe('an idle Copilot CLI session', () => {
  it('is on the roster once it is up, as one that its extension wakes, tested', async () => {
    nova = await until(
      'it to be on the roster',
      async () => (await atlas.ask('who', {})).agents.find(({ platform }) => platform === 'Copilot CLI')?.name ?? false,
      patience,
    );
    await until('its extension', async () => (await reach())?.ringer === 'copilot-extension', patience);
    expect(await reach()).toMatchObject({ state: 'wakes', ringer: 'copilot-extension' });
    expect((await reach())?.milliseconds).toBeGreaterThanOrEqual(0);
  });

  it(
    'with a permission prompt open takes a ring in, is not taken to have seen it, and hears it after the prompt',
    { timeout: 180_000 },
    async () => {
      await copilot.tui.submit('Please touch a file');
      await (
        await model.asked('Please touch a file', patience)
      ).use({ name: 'bash' }, { command: 'touch touched', description: 'Touches a file' });
      await copilot.tui.shows(/Do you want to run this command/);
      const call = { to: nova, topic: 'Held?', wait: 0, key: 'held' } as const;
      const receipt = async () => (await atlas.ask('call', call)).call.to[0]?.receipt;
      await until('the ring', async () => (await receipt())?.state === 'rung', patience);
      expect(await receipt()).toMatchObject({
        state: 'rung',
        ringer: 'copilot-extension',
        result: 'written',
      });
      const before = model.count;
      copilot.tui.press('\r');
      const { call: placed } = await atlas.ask('call', call);
      const asked = await model.asked(placed.id, patience);
      expect(model.count).toBeGreaterThan(before);
      expect((await receipt())?.state).not.toBe('answered');
      await asked.use({ name: 'parley-answer' }, { call: placed.id, answer: 'decline', reason: 'Busy' });
      await (await model.asked('Busy', patience)).say('Declined.');
      await until('it to be idle', () => copilot.isIdle(), patience);
    },
  );

  it('hears what its hook said behind tools that worked or failed', { timeout: 120_000 }, async () => {
    await copilot.tui.submit('Please look around');
    const turn = await until('the prompt', () => copilot.take('Please look around'), patience);
    const tools = [
      [{ name: 'view' }, { path: home.project }],
      [{ name: 'view' }, { path: `${home.project}/nowhere.txt` }],
      [{ name: 'glob' }, { pattern: '*' }],
    ] as const;
    const figures = await honestHooks({ process: copilot, agent: nova }, turn, tools, { caller: atlas, person });
    expect(figures.falseSeen).toEqual([]);
    expect(figures.byHook).toBeGreaterThan(0);
  });

  it('hears of rings', { timeout: 1_200_000 }, async () => {
    const rings = Number(process.env['PARLEY_RINGS'] ?? 100);
    const figures = await hundredRings(copilot, {
      rings,
      bare: Math.max(5, Math.round(rings / 5)),
      caller: atlas,
      person,
      callee: nova,
    });
    expect(problemsOf(figures)).toEqual([]);
  });
});
