import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../../src/client/client';
import { ConnectedHome } from '../support/connectedHome';
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
  copilot = await RungCopilot.start(home, model, ['--allow-all-tools']);
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

  it('hears of rings', { timeout: 900_000 }, async () => {
    const rings = Number(process.env['PARLEY_RINGS'] ?? 100);
    const figures = await hundredRings(copilot, {
      rings,
      bare: Math.ceil(rings / 5),
      caller: atlas,
      person,
      callee: nova,
    });
    expect(problemsOf(figures)).toEqual([]);
  });
});
