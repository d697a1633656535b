import { expect, test } from 'vitest';
import type { RingAnswer } from '../../../src/contract/wire';
import { DoorRinger, longestRing, mostWaiting } from '../../../src/ringers/doorRinger';
import { DoorClosed, type Door, type Ringer } from '../../../src/ringers/ringer';
import { RingerList } from '../../../src/ringers/ringerList';
import { compareVersions, TriedVersions } from '../../../src/ringers/versions';
import { ManualClock } from '../../support/manualClock';
import { ringOf } from './compliance';

/** A ringer whose door is open, closed, or of a version that it was not tried with. */
function ringerOf(name: string, state: 'open' | 'closed' | 'untried' = 'open'): Ringer & { rung: string[] } {
  const rung: string[] = [];
  const door: Door = {
    name,
    look: () => (state === 'closed' ? Promise.reject(new DoorClosed('closed today')) : Promise.resolve()),
    test: () => Promise.resolve({ did: 'knocked twice', version: '1.2.3' }),
    ring: ({ text }) => {
      rung.push(text);
      return Promise.resolve<RingAnswer>({ result: 'written' });
    },
  };
  const tried =
    state === 'untried' ? new TriedVersions('Codex', { least: '0.169.0', below: '1' }, () => '1.0.0') : undefined;
  return Object.assign(new DoorRinger({ door, clock: new ManualClock(), tried }), { rung });
}

test('a list rings with the ringer that is asked for, and with none that it has not', async () => {
  const [first, second] = [ringerOf('codex-socket'), ringerOf('codex-queue')];
  const list = new RingerList([first, second]);
  expect(list.names).toEqual(['codex-socket', 'codex-queue']);
  expect(await list.ring(ringOf({ ringer: 'codex-queue' }))).toEqual({ result: 'written' });
  expect([first.rung.length, second.rung.length]).toEqual([0, 1]);
  expect(await list.ring(ringOf({ ringer: 'claude-inbox' }))).toEqual({
    result: 'failed',
    detail: 'no such ringer here',
  });
});

test('a list is available where any of its ringers is', async () => {
  expect(await new RingerList([ringerOf('codex-socket', 'closed'), ringerOf('codex-queue')]).available()).toBe(true);
  expect(await new RingerList([ringerOf('codex-socket', 'closed')]).available()).toBe(false);
  expect(await new RingerList([]).available()).toBe(false);
});

test('ringers are tested in order until one works', async () => {
  const list = new RingerList([
    ringerOf('codex-socket', 'closed'),
    ringerOf('codex-queue', 'untried'),
    ringerOf('opencode-plugin'),
    ringerOf('opencode-port'),
  ]);
  expect(await list.selfTests()).toMatchObject([
    { ringer: 'codex-socket', works: false, detail: 'closed today' },
    { ringer: 'codex-queue', works: false, detail: 'Codex is 1.0.0; this way in is used from 0.169.0 to below 1' },
    { ringer: 'opencode-plugin', works: true, did: 'knocked twice', version: '1.2.3' },
  ]);
});

test('a door that its client does not document is left alone in a version that it was not tried with', async () => {
  const ringer = ringerOf('codex-socket', 'untried');
  expect(await ringer.ring(ringOf())).toMatchObject({ result: 'failed' });
  expect(ringer.rung).toEqual([]);
});

test.each([
  ['0.169.0', undefined],
  ['v0.170.1-alpha.2', undefined],
  ['0.168.9', /is 0\.168\.9/],
  ['1.0', /is 1\.0/],
  ['latest', /not known/],
  [undefined, /not known/],
])('version %s', (version, problem) => {
  const said = new TriedVersions('Codex', { least: '0.169.0', below: '1' }, () => version).problem();
  if (problem) expect(said).toMatch(problem);
  else expect(said).toBeUndefined();
});

test('versions are compared by their numbers', () => {
  expect(compareVersions('1.10.0', '1.9.9')).toBeGreaterThan(0);
  expect(compareVersions('2.1', '2.1.0')).toBe(0);
  expect(compareVersions('0.9', '1')).toBeLessThan(0);
});

test('a text of the longest size goes through, a longer one does not', async () => {
  const ringer = ringerOf('codex-socket');
  expect(await ringer.ring(ringOf({ text: 'x'.repeat(longestRing) }))).toEqual({ result: 'written' });
  const answer = await ringer.ring(ringOf({ subject: '01OTHER', text: 'é'.repeat(longestRing / 2 + 1) }));
  expect(answer).toEqual({ result: 'failed', detail: `the ring is longer than ${longestRing} bytes` });
});

test('more rings than may wait fail at once', async () => {
  const clock = new ManualClock();
  const door: Door = {
    name: 'codex-socket',
    look: () => Promise.resolve(),
    test: () => Promise.resolve({ did: 'knocked twice' }),
    ring: () => new Promise(() => undefined),
  };
  const ringer = new DoorRinger({ door, clock });
  const rings = Array.from({ length: mostWaiting }, (_one, at) => ringer.ring(ringOf({ subject: `01CALL${at}` })));
  expect(await ringer.ring(ringOf())).toEqual({ result: 'failed', detail: `${mostWaiting} rings wait already` });
  await ringer.dispose();
  expect(new Set((await Promise.all(rings)).map(({ result }) => result))).toEqual(new Set(['failed']));
});
