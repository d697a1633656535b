import { expect, test } from 'vitest';
import type { AgentView } from '../../../src/contract/views';
import type { StandBy } from '../../../src/contract/wire';
import { Signal } from '../../../src/extension/disposable';
import { handsOff, Hands, lineObstacle } from '../../../src/extension/standBy/lineObstacle';
import type { Picture } from '../../../src/extension/picture';
import {
  findResumable,
  mayResume,
  resumeEnvironment,
  type ResumableParts,
} from '../../../src/extension/standBy/resumable';
import { names, StandByDesk, type Permissions } from '../../../src/extension/standBy/standBy';
import type { Ringer } from '../../../src/ringers/ringer';
import { settled } from '../../support/manualClock';
import { ringOf } from '../ringers/compliance';
import { agent, picture, you } from './support';

const fail = (error: unknown): never => {
  throw error;
};

/** A desk whose ringers write down whom they rang. */
function deskWith(agents: readonly AgentView[], first: Permissions) {
  const state = { permissions: first, picture: picture({ agents }), closed: new Map<string, string>() };
  const pictures = new Signal<Picture>(fail);
  const told: (readonly StandBy[])[] = [];
  const did: string[] = [];
  const ringer = (id: string, name: string): Ringer => ({
    name,
    available: () => Promise.resolve({ available: true }),
    ring: ({ subject }) => {
      did.push(`${name} rang ${id} for ${subject}`);
      return Promise.resolve({ result: 'written' });
    },
    selfTest: () => Promise.reject(new Error('not tested')),
    dispose: () => {
      did.push(`${name} of ${id} ended`);
      return Promise.resolve();
    },
  });
  const desk = new StandByDesk({
    line: { standBy: (agents) => void told.push(agents) },
    lookout: {
      pictures,
      get picture() {
        return state.picture;
      },
    },
    permissions: () => state.permissions,
    ringers: (id) => [ringer(id, 'typed-line')],
    isOurs: ({ name }) => Promise.resolve(name !== 'Elsewhere'),
    closed: ({ name }) => Promise.resolve(state.closed.get(name)),
    onError: fail,
  });
  const look = async (): Promise<void> => {
    desk.look();
    await settled();
  };
  const draw = async (now: readonly AgentView[]): Promise<void> => {
    state.picture = picture({ agents: now });
    pictures.tell(state.picture);
    await settled();
  };
  return { desk, state, told, did, look, draw };
}

const nova = agent('Nova');

test('while nothing is allowed the broker is told nothing', async () => {
  const { look, told } = deskWith([nova], { 'typed-line': '' });
  await look();
  expect(told).toEqual([]);
});

test('the window stands by for those who are named and whom it can ring, and never for the person', async () => {
  const { look, told, draw } = deskWith([nova, agent('Iris'), agent('Elsewhere'), you], { 'typed-line': 'nova' });
  await look();
  expect(told).toEqual([[{ agent: 'NOVA', ringers: ['typed-line'] }]]);
  await draw([nova, agent('Iris'), you]);
  expect(told).toHaveLength(1);
});

test('with a star it stands by for everyone, and for those who come later', async () => {
  const { look, told, draw } = deskWith([nova, you], { 'typed-line': '*' });
  await look();
  await draw([nova, agent('Iris'), you]);
  expect(told.map((one) => one.map(({ agent: id }) => id))).toEqual([['NOVA'], ['NOVA', 'IRIS']]);
});

test('a permission that is taken back ends what it allowed', async () => {
  const { look, told, did, desk, state } = deskWith([nova], { 'typed-line': 'Nova' });
  await look();
  expect(await desk.ring(ringOf({ agent: 'NOVA', ringer: 'typed-line' }))).toEqual({ result: 'written' });
  state.permissions = { 'typed-line': '' };
  // Before the broker has heard of it.
  expect(await desk.ring(ringOf({ agent: 'NOVA', ringer: 'typed-line' }))).toMatchObject({ result: 'failed' });
  await look();
  expect(told.at(-1)).toEqual([]);
  expect(did).toEqual(['typed-line rang NOVA for 01CALL', 'typed-line of NOVA ended']);
});

test('the broker is told what is in the way, and when that is past', async () => {
  const { look, told, state } = deskWith([nova], { 'typed-line': 'Nova' });
  state.closed.set('Nova', 'in hand');
  await look();
  await look();
  state.closed.clear();
  await look();
  const offer = { agent: 'NOVA', ringers: ['typed-line'] };
  expect(told).toEqual([[{ ...offer, closed: { 'typed-line': 'in hand' } }], [offer]]);
});

test('a ring for somebody who is not named fails', async () => {
  const { desk } = deskWith([nova, agent('Iris')], { 'typed-line': 'Iris' });
  const failed = { result: 'failed', detail: 'the person does not allow it any more' };
  expect(await desk.ring(ringOf({ agent: 'NOVA', ringer: 'typed-line' }))).toEqual(failed);
  expect(await desk.ring(ringOf({ agent: 'NOBODY', ringer: 'typed-line' }))).toEqual(failed);
  expect(await desk.ring(ringOf({ agent: 'IRIS', ringer: 'headless-resume' }))).toEqual(failed);
});

test.each([
  ['', false],
  ['Nova', true],
  ['atlas, NOVA', true],
  ['*', true],
  ['Nov', false],
  ['Nova-2', false],
])('a list of names “%s” holds Nova: %s', (list, holds) => {
  expect(names(list, 'Nova')).toBe(holds);
});

const free = { front: 'claude', wanted: 'claude', isInHand: false, leftAt: undefined, now: 100_000 };

test.each([
  [free, undefined],
  [{ ...free, front: 'bash' }, /not in the foreground/],
  [{ ...free, front: undefined }, /cannot be told/],
  [{ ...free, isInHand: true }, /may be typing/],
  [{ ...free, leftAt: 100_000 - handsOff + 1 }, /a moment ago/],
  [{ ...free, leftAt: 100_000 - handsOff }, undefined],
])('a terminal %j has in the way: %s', (state, reason) => {
  if (reason) expect(lineObstacle(state)).toMatch(reason);
  else expect(lineObstacle(state)).toBeUndefined();
});

test('a terminal is in hand while it is, and was until it was left', () => {
  const clock = { time: 10, now: () => clock.time };
  const hands = new Hands(clock);
  const [one, other] = [{}, {}];
  expect(hands.hold(one)).toBe(true);
  clock.time = 20;
  expect(hands.hold(one)).toBe(false);
  expect([hands.isHeld(one), hands.leftAt(one)]).toEqual([true, undefined]);
  hands.hold(other);
  expect([hands.isHeld(one), hands.leftAt(one)]).toEqual([false, 20]);
  clock.time = 30;
  hands.hold(undefined);
  expect([hands.leftAt(one), hands.leftAt(other)]).toEqual([20, 30]);
});

/** A window on /work with Nova's session in the home. */
function place(changes: Partial<ResumableParts> = {}): ResumableParts {
  const identity = { id: 'NOVA', name: 'Nova', token: 't', sessions: ['claude-code:s-1'], savedAt: 0 };
  return {
    identities: () => [identity],
    folders: () => ['/work'],
    isOurs: () => Promise.resolve(true),
    place: () => ({ env: { PATH: '/bin:/opt/bin' }, platform: 'linux', exists: (file) => file === '/opt/bin/claude' }),
    running: () => Promise.resolve({ sessions: [], unclear: [] }),
    ...changes,
  };
}

const inWork = { id: 'NOVA', workspace: '/work/app' };

test('an agent whose folder is open here is brought back by the program on the PATH, in its folder', async () => {
  expect(mayResume(inWork, place())).toBe(true);
  const found = await findResumable(inWork, place());
  expect(found).toMatchObject({ program: '/opt/bin/claude', folder: '/work/app', session: { id: 's-1' } });
});

const itsSession = {
  client: 'claude-code',
  pid: 7,
  start: '1',
  folder: '/work/app',
  startedAt: 0,
  status: 'idle',
  sessionId: 's-1',
} as const;

test.each([
  ['its folder is not open', { folders: () => ['/workshop', '/work/app/inner'] }, /not open/],
  ['its folder is another window’s', { isOurs: () => Promise.resolve(false) }, /another window/],
  ['no session of it is kept', { identities: () => [] }, /no session/],
  ['the program is not there', { place: () => ({ ...place().place(), exists: () => false }) }, /not on the PATH/],
  ['its session runs', { running: () => Promise.resolve({ sessions: [itsSession], unclear: [] }) }, /its session runs/],
])('nobody is brought back when %s', async (_what, changes: Partial<ResumableParts>, reason) => {
  await expect(findResumable(inWork, place(changes))).rejects.toThrow(reason);
});

test('an agent whose folder is no path is never brought back', () => {
  expect(mayResume({ id: 'NOVA', workspace: '' }, place())).toBe(false);
  expect(mayResume({ id: 'NOVA', workspace: 'work' }, place())).toBe(false);
});

test('a client that is brought back gets the agent’s name, and nothing of another agent or of the editor', () => {
  const env = { PATH: '/bin', ANTHROPIC_API_KEY: 'k', CLAUDE_CODE_SESSION_ID: 'x', CLAUDECODE: '1', VSCODE_PID: '1' };
  expect(resumeEnvironment({ ...env, ELECTRON_RUN_AS_NODE: '1' }, '/home/.parley', 'Nova')).toEqual({
    PATH: '/bin',
    ANTHROPIC_API_KEY: 'k',
    PARLEY_HOME: '/home/.parley',
    PARLEY_AGENT: 'Nova',
  });
});
