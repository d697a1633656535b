import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checks, examine, isHealthy } from '../../../src/health/examine';
import type { Check } from '../../../src/health/finding';
import { openHome } from '../../../src/health/fixes';
import { encodeManifest, homeFormat } from '../../../src/store/manifest';
import { Ward } from './ward';

let ward: Ward;
beforeEach(() => void (ward = new Ward()));
afterEach(() => ward.dispose());

const mode = (file: string): number => fs.statSync(file).mode & 0o777;
const manifest = { epoch: 1, segments: [], checkpoints: [], snapshots: [], archives: [] };

describe('the doctor', () => {
  it('looks at each thing of its table once, in order, and tells of each as it goes', async () => {
    const told: string[] = [];
    const findings = await examine(ward.patient(), ({ check }) => void told.push(check));
    expect(told).toEqual(checks.map(({ id }) => id));
    expect(findings.map(({ check }) => check)).toEqual(told);
    expect(new Set(told).size).toBe(told.length);
    expect(checks.every(({ title }) => title() !== '')).toBe(true);
  });

  it('says so when a check itself fails, and goes on', async () => {
    const broken: Check = { id: 'x', group: 'home', title: () => 'X', look: () => Promise.reject(new Error('no')) };
    const well: Check = {
      id: 'y',
      group: 'home',
      title: () => 'Y',
      look: () => ({ state: 'ok', found: '', todo: '' }),
    };
    const findings = await examine(ward.patient(), undefined, [broken, well]);
    expect(findings.map(({ state }) => state)).toEqual(['fail', 'ok']);
    expect(isHealthy(findings)).toBe(false);
  });

  it('leaves nothing behind in the home', async () => {
    const before = fs.readdirSync(ward.home, { recursive: true });
    await examine(ward.patient());
    expect(fs.readdirSync(ward.home, { recursive: true })).toEqual(before);
  });
});

describe('the home', () => {
  it('that is not there, or is no folder, is told', async () => {
    expect(await ward.find('home', { home: path.join(ward.root, 'none') })).toMatchObject({ state: 'warn' });
    expect(await ward.find('home', { home: ward.write('file', '') })).toMatchObject({ state: 'fail' });
    expect(await ward.find('home')).toMatchObject({ state: 'ok', found: ward.home });
  });

  it('that others can open is closed to them, with every token in it', async () => {
    ward.write('.parley/admin.token', 'x', 0o644);
    ward.write('.parley/identities/N.json', '{}', 0o640);
    fs.chmodSync(ward.home, 0o755);
    const found = await ward.find('permissions');
    expect(found).toMatchObject({ state: 'warn', fix: { name: 'closeHome' } });
    await found.fix?.run();
    expect(await ward.find('permissions')).toMatchObject({ state: 'ok', found: 'yours alone' });
    expect(mode(path.join(ward.home, 'identities/N.json'))).toBe(0o600);
  });

  it('that its owner may not write is opened to its owner alone', async () => {
    fs.chmodSync(ward.home, 0o500);
    await openHome(ward.home).run();
    expect(mode(ward.home)).toBe(0o700);
    expect((await ward.find('writing')).state).toBe('ok');
  });

  it('is asked how durable it is, and told when its settings cannot be read', async () => {
    expect((await ward.find('settings')).found).toContain('durability fsync');
    ward.write('.parley/settings.json', '{"durability": "os"}');
    expect((await ward.find('settings')).found).toContain('durability os');
    ward.write('.parley/settings.json', '{"durability": ');
    expect(await ward.find('settings')).toMatchObject({
      state: 'fail',
      todo: expect.stringContaining('settings.json') as string,
    });
    ward.write('.parley/settings.json', '{"durability": "never"}');
    expect((await ward.find('settings')).state).toBe('fail');
  });

  it('of a newer format is told apart from one that is damaged, which can be repaired', async () => {
    expect((await ward.find('format')).state).toBe('none');
    ward.write('.parley/manifest.json', encodeManifest({ ...manifest, format: homeFormat }));
    expect(await ward.find('format')).toMatchObject({ state: 'ok', found: `format ${homeFormat}` });
    ward.write('.parley/manifest.json', encodeManifest({ ...manifest, format: homeFormat - 1 }));
    expect((await ward.find('format')).found).toContain('brings up to date');
    ward.write('.parley/manifest.json', encodeManifest({ ...manifest, format: homeFormat + 7 }));
    const newer = await ward.find('format');
    expect(newer).toMatchObject({ state: 'fail', found: `format ${homeFormat + 7}; this program knows ${homeFormat}` });
    expect(newer.fix).toBeUndefined();
    ward.write('.parley/manifest.json', 'damaged');
    expect(await ward.find('format')).toMatchObject({ state: 'fail', fix: { name: 'repairHome' } });
  });
});

describe('the launcher', () => {
  it('that is missing can be put there again where the program around can do that', async () => {
    expect((await ward.find('launcher')).fix).toBeUndefined();
    ward.hands.placePrograms = () => Promise.resolve(ward.launch('echo 1.0.0'));
    const found = await ward.find('launcher');
    expect(found).toMatchObject({ state: 'warn', fix: { name: 'placePrograms' } });
    await found.fix?.run();
    expect((await ward.find('launcher')).found).toMatch(/^answers as version 1\.0\.0 in \d+ ms$/);
  });

  it('is really run: another version, a failure and a file that cannot be run are told', async () => {
    ward.launch('echo 0.9.0');
    expect(await ward.find('launcher')).toMatchObject({
      state: 'warn',
      found: 'answers as version 0.9.0; this program is 1.0.0',
    });
    ward.launch('echo "no runtime" >&2', 'exit 3');
    expect((await ward.find('launcher')).found).toContain('it ended with 3 (no runtime)');
    ward.write('.parley/bin/parley', 'not a program', 0o600);
    expect((await ward.find('launcher')).state).toBe('fail');
  });
});

describe('the hooks', () => {
  it('are each run once as a client would, with words of a session that nobody has, and timed', async () => {
    ward.launch(`cat >> ${ward.user}/said`, `echo " $*" >> ${ward.user}/said`);
    const found = await ward.find('hooks');
    expect(found.state).toBe('ok');
    expect(found.found).toMatch(/session-start \d+ ms, after-tool \d+ ms, stop \d+ ms$/);
    const said = fs.readFileSync(path.join(ward.user, 'said'), 'utf8').trim().split('\n');
    expect(said.map((line) => line.replace(/^.*\} /, ''))).toEqual([
      'hook session-start codex',
      'hook after-tool codex',
      'hook stop codex',
    ]);
    expect(said[0]).toContain('"session_id":"parley-doctor"');
  });

  it('that would disturb their client are told, with what mends them', async () => {
    ward.hands.placePrograms = () => Promise.resolve();
    ward.launch('exit 2');
    expect(await ward.find('hooks')).toMatchObject({ state: 'fail', fix: { name: 'placePrograms' } });
    ward.launch('[ "$2" != stop ] || echo "{}"');
    expect((await ward.find('hooks')).found).toContain('the hook stop would disturb its client');
  });
});
