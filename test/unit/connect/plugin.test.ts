import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, it } from 'vitest';
import { version } from '../../../package.json';
import { hookCommand, powerShellHook, runsOurHook } from '../../../src/connect/hookCommands';
import { pluginFiles } from '../../../src/connect/plugin';
import { hookMoments } from '../../../src/contract/hooks';

const folder = path.resolve(import.meta.dirname, '../../../plugin');

describe('the plugin', () => {
  it('in the package is as src/connect/plugin.ts says (else: npm run contributions)', () => {
    const written = fs
      .readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name));
    const found = Object.fromEntries(
      written.map((file) => [path.relative(folder, file), fs.readFileSync(file, 'utf8')]),
    );
    expect(found).toEqual(pluginFiles(version));
  });
});

describe('a hook of ours', () => {
  it.each(['linux', 'darwin', 'win32'] as const)(
    'is known again in the configuration of a client on %s',
    (platform) => {
      const launcher =
        platform === 'win32' ? 'C:\\Users\\A B\\.parley\\bin\\parley.cmd' : `/home/a "b" $c/.parley/bin/parley`;
      for (const moment of hookMoments) {
        const command = hookCommand(launcher, moment, 'codex', platform);
        expect(runsOurHook({ hooks: [{ type: 'command', command }] })).toBe(true);
      }
      expect(runsOurHook(hookCommand('/opt/other-name', 'stop', 'gemini', 'linux'))).toBe(true);
      expect(runsOurHook({ bash: hookCommand(launcher, 'stop', 'copilot', 'linux') })).toBe(true);
      expect(runsOurHook({ powershell: powerShellHook(launcher, 'stop', 'copilot') })).toBe(true);
    },
  );

  it('is not taken for one of somebody else', () => {
    expect(runsOurHook({ command: '"other" hook stop work' })).toBe(false);
    expect(runsOurHook({ command: 'parley-like-thing hook' })).toBe(false);
    expect(runsOurHook('echo parley')).toBe(false);
  });
});
