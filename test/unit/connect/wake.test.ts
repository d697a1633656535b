import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { conditionOf } from '../../../src/connect/condition';
import { clientOf, type Place } from '../../../src/connect/clients';
import { clientNames } from '../../../src/connect/clientNames';
import { Desk } from './desk';

let desk: Desk;
beforeEach(() => void (desk = new Desk()));
afterEach(() => desk.dispose());

const waking = clientNames.filter((client) => 'wake' in clientOf(client));

describe('what a call needs to wake an idle session', () => {
  it('is set only where the person chose it', async () => {
    expect(waking).toEqual(['gemini', 'copilot']);
    for (const client of waking) await desk.connect(client, true, false);
    expect(desk.read('.gemini/settings.json')).not.toMatch(/inject|modelSteering|parley await/);
    expect(fs.existsSync(path.join(desk.user, '.copilot/settings.json'))).toBe(false);
    expect(fs.existsSync(path.join(desk.user, '.copilot/extensions'))).toBe(false);
  });

  it('stands in the settings of Gemini CLI, with leave to wait where its tools are allowed', async () => {
    await desk.connect('gemini', true);
    expect(JSON.parse(desk.read('.gemini/settings.json'))).toMatchObject({
      tools: { shell: { backgroundCompletionBehavior: 'inject' } },
      experimental: { modelSteering: true },
    });
    expect(desk.read('.gemini/policies/parley.toml')).toContain(`commandPrefix = "${desk.launcher} await"`);
    await desk.connect('gemini', false);
    expect(fs.existsSync(path.join(desk.user, '.gemini/policies'))).toBe(false);
  });

  it('is for Copilot CLI an extension, and the flag that loads it', async () => {
    await desk.connect('copilot');
    expect(JSON.parse(desk.read('.copilot/settings.json'))).toEqual({ enabledFeatureFlags: { EXTENSIONS: true } });
    expect(desk.read('.copilot/extensions/parley/extension.mjs')).toContain('joinSession');
  });

  it.each(waking)(
    '%s: is gone again when the person connects without it, and what was there before is back',
    async (client) => {
      desk.write('.copilot/settings.json', '{ "enabledFeatureFlags": { "EXTENSIONS": false } } // mine\n');
      desk.write(
        '.gemini/settings.json',
        '{ "tools": { "shell": { "backgroundCompletionBehavior": "notify" } } } // mine\n',
      );
      const before = desk.picture();
      await desk.connect(client, true, false);
      const without = desk.picture();
      await desk.connect(client);
      expect(desk.picture()).not.toEqual(without);
      await desk.connect(client, true, false);
      expect(desk.picture()).toEqual(without);
      await desk.remove(client);
      expect(desk.picture()).toEqual(before);
    },
  );

  it.each(waking)('%s: is no reason to call the connection stale, chosen or not', async (client) => {
    const place: Place = {
      launcher: desk.launcher,
      env: {},
      userFolder: desk.user,
      platform: 'linux',
      exists: fs.existsSync,
    };
    for (const isWoken of [true, false]) {
      await desk.connect(client, true, isWoken);
      expect((await conditionOf(desk.connector, client, place)).kind).toBe('whole');
    }
  });

  it('does not go without a record: the settings may be the person’s own', async () => {
    await desk.connect('copilot');
    fs.rmSync(desk.home, { recursive: true });
    await desk.remove('copilot');
    expect(JSON.parse(desk.read('.copilot/settings.json'))).toEqual({ enabledFeatureFlags: { EXTENSIONS: true } });
    expect(fs.existsSync(path.join(desk.user, '.copilot/extensions/parley/extension.mjs'))).toBe(false);
  });
});
