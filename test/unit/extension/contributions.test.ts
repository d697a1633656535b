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
