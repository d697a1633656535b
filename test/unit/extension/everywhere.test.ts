import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { commands, manifest } from '../../../src/extension/contributions';
import { keys, leader } from '../../../src/extension/contributions/keys';
import { walkthrough } from '../../../src/extension/contributions/walkthrough';
import { goalOf, threadLink } from '../../../src/extension/window/linkPaths';
import { installedClients } from '../../../src/extension/standBy/terminalClients';

const root = path.join(import.meta.dirname, '../../..');
const thread = '01KAJ2X5V8QW3ERTYZ6GHJKMNP';

describe('a link', () => {
  test('leads to the thread that it was copied from', () => {
    const link = threadLink('vscode', 'parley.parley', thread);
    expect(link).toBe(`vscode://parley.parley/thread/${thread}`);
    expect(goalOf(new URL(link).pathname)).toEqual({ kind: 'thread', thread });
    expect(goalOf(`/thread/${thread.toLowerCase()}/`)).toEqual({ kind: 'thread', thread });
  });

  test('names an agent to call', () => {
    expect(goalOf('/call/Nova')).toEqual({ kind: 'call', agent: 'Nova' });
    expect(goalOf('/call/@Nova')).toEqual({ kind: 'call', agent: 'Nova' });
  });

  test.each([
    '',
    '/',
    '/thread',
    '/thread/',
    '/thread/../../etc',
    `/thread/${thread}/more`,
    `/thread/${thread}0`,
    `/Thread/${thread}`,
    '/call/',
    '/call/No va',
    '/call/Nova/now',
    '/call/[x](command:y)',
    `/call/${'N'.repeat(33)}`,
    '/erase/Nova',
    'thread/01',
  ])('that says anything else leads nowhere: %s', (link) => {
    expect(goalOf(link)).toBeUndefined();
  });
});

describe('clients that can be started', () => {
  const place = (files: readonly string[], platform: NodeJS.Platform = 'linux', PATH = '/a:/b') => ({
    launcher: '',
    env: { PATH },
    userFolder: '',
    platform,
    exists: (file: string) => files.includes(file),
  });

  test('are those whose program is on the PATH', () => {
    expect(installedClients(place(['/b/claude', '/a/codex', '/c/gemini']))).toEqual(['claude-code', 'codex']);
    expect(installedClients(place([]))).toEqual([]);
    expect(installedClients({ ...place(['/b/claude']), env: {} })).toEqual([]);
  });

  test('are found by their Windows names there', () => {
    const folder = path.join('C:\\tools', 'gemini.cmd');
    expect(installedClients(place([folder], 'win32', 'C:\\none;C:\\tools'))).toEqual(['gemini']);
  });
});

describe('what stands in the manifest', () => {
  const contributes = manifest().contributes as {
    readonly keybindings: readonly { readonly command: string; readonly key: string; readonly when?: string }[];
    readonly configuration: readonly { readonly title: string; readonly properties: object }[];
    readonly walkthroughs: readonly { readonly steps: readonly { readonly completionEvents: readonly string[] }[] }[];
    readonly menus: { readonly commandPalette: readonly { readonly command: string; readonly when: string }[] };
  };

  test('one key does one thing at a time', () => {
    const seen = new Map<string, string[]>();
    for (const { key, when } of keys) seen.set(key, [...(seen.get(key) ?? []), when]);
    for (const [key, whens] of seen) expect(new Set(whens).size, key).toBe(whens.length);
    for (const { key } of contributes.keybindings)
      expect(key).toMatch(new RegExp(`^${leader.replace(/\+/g, '\\+')} [a-z]$`));
  });

  test('every setting stands in one section', () => {
    const all = contributes.configuration.flatMap(({ properties }) => Object.keys(properties));
    expect(new Set(all).size).toBe(all.length);
    expect(all).toContain('parley.home');
    for (const { title, properties } of contributes.configuration)
      expect(Object.keys(properties), title).not.toEqual([]);
  });

  test('the walkthrough has four steps with a picture each, and names commands that exist', () => {
    const steps = Object.values(walkthrough.steps);
    expect(steps).toHaveLength(4);
    for (const { picture, text, done } of steps) {
      expect(existsSync(path.join(root, 'media', picture)), picture).toBe(true);
      expect(readFileSync(path.join(root, 'media', picture), 'utf8')).not.toMatch(/<script|href=|foreignObject/);
      const named = [
        ...text.matchAll(/\(command:parley\.(\w+)\)/g),
        ...done.join(' ').matchAll(/onCommand:parley\.(\w+)/g),
      ];
      expect(named.length).toBeGreaterThan(0);
      for (const [, command = ''] of named) expect(commands).toHaveProperty(command);
    }
  });

  test('what needs something that a menu brings along is not offered in the palette', () => {
    const palette = Object.fromEntries(contributes.menus.commandPalette.map(({ command, when }) => [command, when]));
    expect(palette['parley.sendProblem']).toBe('false');
    expect(palette['parley.sendSelection']).toBe('editorIsOpen');
  });
});
