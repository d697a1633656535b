import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Client } from '../../src/client/client';
import type { AgentView } from '../../src/contract/views';
import { BrokerProcess, bundlePrograms, temporaryHome, testEdition } from '../support/brokerProcess';
import { until } from '../support/until';
import { FakeCodex, type FakeThread } from '../unit/ringers/fakeCodex';
import { BridgeProcess } from './bridgeProcess';

/** The ringers of a client that says its session only with its calls, from its server's socket to the roster. */

let programs: string;
let broker: BrokerProcess;
let person: Client;
let codex: FakeCodex;
let bridge: BridgeProcess;

beforeAll(async () => {
  programs = await bundlePrograms(testEdition, ['broker', 'index-worker', 'parley']);
}, 60_000);
afterAll(() => fs.rmSync(programs, { recursive: true, force: true }));
beforeEach(async () => {
  broker = new BrokerProcess(programs, temporaryHome());
  await broker.start();
  person = await broker.person();
  codex = await FakeCodex.start();
  const env = { PARLEY_HOME: broker.home, CODEX_HOME: codex.folder, PARLEY_AGENT: 'Nova' };
  bridge = new BridgeProcess(programs, env);
}, 60_000);
afterEach(async () => {
  await bridge.kill();
  await codex.stop();
  await broker.dispose();
}, 60_000);

const threadOf = (id: string, status: FakeThread['status'] = { type: 'idle' }): FakeThread => ({
  id,
  cwd: fs.realpathSync(programs),
  createdAt: Math.floor(Date.now() / 1000),
  status,
});

const nova = (look: (agent: AgentView) => boolean): Promise<AgentView> =>
  until('Nova', async () => (await person.ask('who', {})).agents.find((one) => one.name === 'Nova' && look(one)));

/** A call of a tool as Codex makes it. */
const who = (threadId: string) =>
  bridge.request('tools/call', { name: 'who', arguments: {}, _meta: { threadId, sessionId: threadId } });

test('the only thread that it can be signs on at once, with a door that was tested, and is rung', async () => {
  codex.threads = [threadOf('thread-1')];
  await bridge.introduce('codex-mcp-client', '0.169.0');
  const { reach } = await nova((agent) => agent.reach.testedAt !== undefined);
  expect(reach).toMatchObject({ state: 'wakes', ringer: 'codex-socket' });
  expect(reach.milliseconds).toBeGreaterThanOrEqual(0);
  expect(codex.rings.texts).toEqual([]);
  await person.ask('call', { to: 'Nova', topic: 'Review', wait: 0 });
  expect((await codex.rings.received(1))[0]).toContain('is calling you');
});

test('of two that it may be, its first call tells which: from then on it can be rung, and its hooks know it', async () => {
  codex.threads = [threadOf('thread-1'), threadOf('thread-2')];
  await bridge.introduce('codex-mcp-client', '0.169.0');
  await who('thread-2');
  await nova((agent) => agent.reach.state === 'wakes');
  codex.threads = [threadOf('thread-1', { type: 'notLoaded' }), threadOf('thread-2')];
  await person.ask('call', { to: 'Nova', topic: 'Review', wait: 0 });
  await codex.rings.received(1);
  const [file = ''] = fs.readdirSync(path.join(broker.home, 'identities'));
  const kept = JSON.parse(fs.readFileSync(path.join(broker.home, 'identities', file), 'utf8')) as object;
  expect(kept).toMatchObject({ name: 'Nova', sessions: ['codex:thread-2'] });
});

test('a thread that waits for its user is told, until it asks for something itself', async () => {
  codex.threads = [threadOf('thread-1', { type: 'active', activeFlags: ['waitingOnApproval'] })];
  await bridge.introduce('codex-mcp-client', '0.169.0');
  await nova((agent) => agent.reach.state === 'wakes');
  const { call } = await person.ask('call', { to: 'Nova', topic: 'Review', wait: 0 });
  await nova((agent) => agent.reach.state === 'waits-for-permission');
  expect(codex.rings.texts).toHaveLength(1);
  codex.threads = [threadOf('thread-1')];
  await who('thread-1');
  await nova((agent) => agent.reach.state !== 'waits-for-permission');
  expect(call.to[0]?.receipt?.state).not.toBe('seen');
});

test('without its server the next ringer is asked, and what both said is known', async () => {
  codex.threads = [threadOf('thread-1')];
  await bridge.introduce('codex-mcp-client', '0.169.0');
  await who('thread-1');
  await nova((agent) => agent.reach.state === 'wakes');
  await codex.vanish();
  const told: string[] = [];
  person.watch((event) => {
    if (event.type === 'receipt.rung') told.push(`${event.payload.report.ringer}: ${event.payload.report.result}`);
  });
  await person.ask('call', { to: 'Nova', topic: 'Review', wait: 0 });
  await until('both reports', () => told.length === 2);
  // There is no program codex here.
  expect(told).toEqual(['codex-socket: failed', 'codex-queue: failed']);
  await nova((agent) => agent.reach.state === 'when-it-asks');
});
