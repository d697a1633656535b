import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { commands, manifest, menus, settings } from '../../../src/extension/contributions';

const root = path.join(import.meta.dirname, '../../..');
const read = (file: string): Record<string, unknown> =>
  JSON.parse(readFileSync(path.join(root, file), 'utf8')) as Record<string, unknown>;

test('package.json and package.nls.json are as the table says (else: npm run contributions)', () => {
  const { contributes, capabilities, strings } = manifest();
  const written = read('package.json');
  expect(written['contributes']).toEqual(contributes);
  expect(written['capabilities']).toEqual(capabilities);
  expect(read('package.nls.json')).toEqual(strings);
});

test('every string of the manifest has its key, and every key its use', () => {
  const { contributes, capabilities, strings } = manifest();
  const text = JSON.stringify([contributes, capabilities]);
  const used = [...text.matchAll(/%([\w.]+)%/g)].map((match) => match[1]);
  expect(new Set(used)).toEqual(new Set(Object.keys(strings)));
});

test('menus name commands that exist', () => {
  for (const items of Object.values(menus)) for (const { command } of items) expect(commands).toHaveProperty(command);
});

test('settings that name places or spend money cannot come from a workspace', () => {
  expect(settings.home.scope).toBe('machine');
  expect(settings['chat.mayWake'].scope).toBe('machine');
});

test('the README names each setting with its default, and no command or setting that does not exist', () => {
  const readme = readFileSync(path.join(root, 'README.md'), 'utf8');
  const titles = Object.values(commands).map(({ title }) => title as string);
  const named = [...readme.matchAll(/\*Parley: ([^*]+)\*|\*([^*\s][^*\n]*…)\*/g)].map(
    ([, palette, menu]) => palette ?? menu,
  );
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((name) => !titles.includes(name ?? ''))).toEqual([]);
  const ids = new Set([...readme.matchAll(/`parley\.([a-zA-Z.]+)`/g)].map((match) => match[1]));
  expect([...ids].sort()).toEqual(Object.keys(settings).sort());
  for (const [name, { default: value }] of Object.entries(settings)) {
    const said = new RegExp(`^\\| \`parley\\.${name}\` \\| (.+?) \\|`, 'm').exec(readme)?.[1];
    const shown = { true: 'on', false: 'off', '': 'empty' }[String(value)] ?? `\`${value}\``;
    // The place of the home follows from the user's own folder.
    expect(said, name).toBe(name === 'home' ? '`~/.parley`' : shown);
  }
});
