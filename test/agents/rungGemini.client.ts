import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../../src/client/client';
import { ConnectedHome } from '../support/connectedHome';
import { honestHooks } from '../support/honestHooks';
import { hundredRings, problemsOf } from '../support/hundredRings';
import { RungGemini } from '../support/rungGemini';
import { ToolModel } from '../support/toolModel';
import { until } from '../support/until';

/** The real Gemini CLI, rung through `parley await` in its background, as `parley connect gemini --wake` sets it up. */

const patience = 60_000;
let home: ConnectedHome;
let model: ToolModel;
let gemini: RungGemini;
let atlas: Client;
let person: Client;
let nova: string;

const ofGemini = async () => (await atlas.ask('who', {})).agents.find(({ platform }) => platform === 'Gemini CLI');
const isArmed = async () => (await ofGemini())?.reach.ringer === 'background-shell';

beforeAll(async () => {
  home = await ConnectedHome.make();
  model = await ToolModel.start();
  RungGemini.prepare(home);
  await home.parley('connect', 'gemini', '--yes', '--allow', '--wake');
  atlas = await home.broker.agent('Atlas');
  person = await home.broker.person();
  gemini = await RungGemini.start(home, model, isArmed);
}, 180_000);
afterAll(async () => {
  await gemini?.tui.stop();
  await model?.stop();
  await home?.dispose();
});

describe('a Gemini CLI session', () => {
  it('is on the roster once it is up, and is woken by nothing before it waits for rings', async () => {
    const isThere = async () => {
      const found = await ofGemini();
      return found !== undefined && found.reach.state !== 'offline' && found;
    };
    const signedOn = await until('it to be there', isThere, patience);
    nova = signedOn.name;
    expect(['when-it-asks', 'next-turn']).toContain(signedOn.reach.state);
  });

  it('is told at its begin how to wait, and waits then', { timeout: 120_000 }, async () => {
    const asked = await gemini.begin('Hello there');
    expect(asked.body).toContain(`run this in the background (is_background) before you end a turn`);
    expect(asked.body).toContain(`${home.launcher} await`);
    await asked.say('I wait.');
    await until('it to wait', isArmed, patience);
    expect((await ofGemini())?.reach).toMatchObject({ state: 'wakes', ringer: 'background-shell' });
    expect((await atlas.ask('who', {})).agents.filter(({ platform }) => platform === 'Gemini CLI')).toHaveLength(1);
  });

  it(
    'hears what its hook said behind tools that worked, and of one that failed nothing counts as seen',
    { timeout: 120_000 },
    async () => {
      const turn = await gemini.begin('Please look around');
      const tools = [
        [{ name: 'list_directory' }, { dir_path: '.' }],
        [{ name: 'read_file' }, { file_path: 'nowhere.txt' }],
        [{ name: 'run_shell_command' }, { command: 'sleep 1', is_background: true, description: 'Sleeps' }],
        [{ name: 'run_shell_command' }, { command: 'exit 3', description: 'Fails' }],
      ] as const;
      const figures = await honestHooks({ process: gemini, agent: nova }, turn, tools, { caller: atlas, person });
      expect(figures.falseSeen).toEqual([]);
      expect(figures.byHook).toBe(4);
    },
  );

  it('hears of rings', { timeout: 1_200_000 }, async () => {
    const rings = Number(process.env['PARLEY_RINGS'] ?? 100);
    const figures = await hundredRings(gemini, {
      rings,
      bare: Math.max(5, Math.round(rings / 5)),
      caller: atlas,
      person,
      callee: nova,
    });
    expect(problemsOf(figures)).toEqual([]);
  });

  it(
    'that its user clears has not seen what its hook could not tell it, and hears it after its next tool',
    { timeout: 120_000 },
    async () => {
      const seen = async (thread: string) =>
        (await atlas.ask('read', { thread })).messages.at(-1)?.receipts.some(({ state }) => state === 'seen');
      await until('it to be idle', () => gemini.isIdle(), patience);
      await person.ask('govern', { agent: nova, hold: true });
      const words = 'Left while it is cleared';
      const { message } = await atlas.ask('message', { to: nova, text: words });
      gemini.tui.press('/clear');
      await gemini.tui.shows(/Clear the screen and start/);
      let looks = 0;
      // An Enter that comes before its list of commands is ready is lost. An empty composer has these words.
      await until(
        'the command to be taken',
        () => {
          if (/Type your message/.test(gemini.tui.screen())) return true;
          if (looks++ % 40 === 0) gemini.tui.press('\r');
          return false;
        },
        patience,
      );
      const turn = await gemini.begin('What is here');
      expect(turn.body).not.toContain(words);
      expect(await seen(message.thread)).toBe(false);
      await turn.run({ name: 'list_directory' }, { dir_path: '.' });
      const asked = await until('its next request', () => gemini.take('What is here'), patience);
      expect(asked.body).toContain(words);
      await until('it to count as seen', () => seen(message.thread), patience);
      await person.ask('govern', { agent: nova, hold: null });
      await asked.say('Heard.');
    },
  );
});
