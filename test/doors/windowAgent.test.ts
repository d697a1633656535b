import { rm } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Client } from '../../src/client/client';
import { systemClock } from '../../src/client/clock';
import { IdentityStore } from '../../src/client/identityStore';
import { WindowAgent, type WindowAgentOptions } from '../../src/extension/window/windowAgent';
import { ManualClock } from '../support/manualClock';
import { BrokerProcess, bundlePrograms, temporaryHome } from '../support/brokerProcess';
import { until } from '../support/until';

/** The window's own agent against the real broker, without an editor around it. */

let programs: string;
let broker: BrokerProcess;
let person: Client;
let agents: WindowAgent[];
let taken: string[];

beforeAll(async () => {
  programs = await bundlePrograms();
});
afterAll(async () => rm(programs, { recursive: true, force: true }));

beforeEach(async () => {
  agents = [];
  taken = [];
  broker = new BrokerProcess(programs, temporaryHome());
  await broker.start();
  person = await broker.person();
});
afterEach(async () => {
  for (const agent of agents) agent.dispose();
  await broker.dispose();
});

/** What a workspace remembers, shared by the windows on it. */
function memory(): WindowAgentOptions['memory'] {
  let kept: string | undefined;
  return { get: () => kept, set: (id) => Promise.resolve(void (kept = id)) };
}

function open(
  workspace: WindowAgentOptions['memory'],
  card: ReturnType<WindowAgentOptions['card']> = {},
  other: Partial<WindowAgentOptions> = {},
): WindowAgent {
  const agent = new WindowAgent({
    connection: { home: broker.home, client: 'test', version: '0' },
    store: new IdentityStore(broker.home),
    memory: workspace,
    card: () => ({ platform: 'VS Code', ...card }),
    ringer: { name: 'vscode-chat', ring: () => Promise.resolve({ result: 'written' }) },
    tools: [
      {
        name: 'selection',
        description: 'What is selected.',
        input: { type: 'object' },
        run: () => ({ content: 'nothing' }),
      },
    ],
    clock: systemClock,
    mayTry: () => true,
    onError: (error) => {
      throw error;
    },
    onSeatTaken: (name) => void taken.push(name),
    ...other,
  });
  agents.push(agent);
  return agent;
}

async function here(): Promise<string[]> {
  const { agents: all } = await person.ask('who', {});
  return all.filter((one) => one.kind === 'agent' && one.presence !== 'offline').map(({ name }) => name);
}

describe('a window', () => {
  test('signs on once, however often it is told to', async () => {
    const agent = open(memory());
    await Promise.all([agent.signOn(), agent.signOn()]);
    await agent.signOn();
    expect(await here()).toEqual([agent.identity?.name]);
  });

  describe('that could not sign on', () => {
    /** The disk is full at the first attempt. */
    function full(): WindowAgentOptions['memory'] {
      const kept = memory();
      let attempts = 0;
      const set = (id: string): Promise<void> =>
        attempts++ === 0 ? Promise.reject(new Error('no space left on device')) : kept.set(id);
      return { get: kept.get, set };
    }

    test('says why, and tries again until it is on the roster', async () => {
      const clock = new ManualClock();
      const agent = open(full(), {}, { clock });
      await expect(agent.signOn()).rejects.toThrow('no space left on device');
      expect(agent.identity).toBeUndefined();
      await clock.advance(500);
      await until('the agent to be there', () => agent.identity !== undefined);
      expect(clock.pending).toBe(0);
      // The attempt that did not succeed has left nobody behind.
      expect(await here()).toEqual([agent.identity?.name]);
    });

    test('waits for its word where it may not try now, and not at all once the window is closed', async () => {
      const clock = new ManualClock();
      const agent = open(full(), {}, { clock, mayTry: () => false });
      await expect(agent.signOn()).rejects.toThrow();
      await clock.advance(60_000);
      expect(clock.pending).toBe(0);
      expect(agent.identity).toBeUndefined();
      await agent.signOn();
      expect(agent.identity).toBeDefined();

      const closed = open(full(), {}, { clock });
      await expect(closed.signOn()).rejects.toThrow();
      closed.dispose();
      expect(clock.pending).toBe(0);
    });
  });

  test('offers its tools to the others, and they are gone with it', async () => {
    const agent = open(memory());
    await agent.signOn();
    const name = agent.identity?.name ?? '';
    await until('the tool to be offered', async () => (await person.ask('tools', { agent: name })).tools.length === 1);
    const used = await person.ask('useTool', { agent: name, tool: 'selection' });
    expect(used.result.content).toBe('nothing');
    agent.dispose();
    await until('the tool to be gone', async () => (await person.ask('tools', { agent: name })).tools.length === 0);
  });

  test('comes back to its workspace as the agent that was there', async () => {
    const workspace = memory();
    const before = open(workspace);
    await before.signOn();
    before.dispose();
    const after = open(workspace);
    await after.signOn();
    expect(after.identity?.id).toBe(before.identity?.id);
    expect(taken).toEqual([]);
  });

  test('that finds another window as its agent takes a name of its own, and leaves the memory to the other', async () => {
    const workspace = memory();
    const [first, second] = [open(workspace), open(workspace)];
    await first.signOn();
    await second.signOn();
    expect(second.identity?.id).not.toBe(first.identity?.id);
    expect(taken).toEqual([first.identity?.name]);
    expect(workspace.get()).toBe(first.identity?.id);
    expect((await here()).sort()).toEqual([first.identity?.name, second.identity?.name].sort());
  });

  test('whose identity the broker does not know signs on anew', async () => {
    const workspace = memory();
    const store = new IdentityStore(broker.home);
    store.add({ id: 'STRANGER', name: 'Ghost', token: 'of-another-home', sessions: [], savedAt: 1 });
    await workspace.set('STRANGER');
    const agent = open(workspace);
    await agent.signOn();
    expect(agent.identity?.id).not.toBe('STRANGER');
    expect(workspace.get()).toBe(agent.identity?.id);
    expect(store.list().map(({ id }) => id)).toEqual([agent.identity?.id]);
  });

  test('gets the name that the person wants, or another when it is taken', async () => {
    const [first, second] = [open(memory(), { name: 'Desk' }), open(memory(), { name: 'desk' })];
    await first.signOn();
    await second.signOn();
    expect(first.identity?.name).toBe('Desk');
    expect(second.identity?.name).not.toMatch(/^desk$/i);
  });

  test('that comes back is renamed as the person wishes now', async () => {
    const workspace = memory();
    const before = open(workspace);
    await before.signOn();
    before.dispose();
    const after = open(workspace, { name: 'Desk', workspace: '/new/folder' });
    await after.signOn();
    expect(after.identity).toMatchObject({ id: before.identity?.id, name: 'Desk' });
    const { agents: all } = await person.ask('who', { agent: 'Desk' });
    expect(all).toMatchObject([{ name: 'Desk', workspace: '/new/folder' }]);
  });

  test('is back as itself when the broker is', async () => {
    const agent = open(memory());
    await agent.signOn();
    const names = await here();
    await broker.end();
    await broker.start();
    await until('the agent to be back', async () => (await here()).join() === names.join(), 5_000);
  });

  test('cannot be taken for a program in its terminals', async () => {
    const agent = open(memory());
    await agent.signOn();
    const [identity] = new IdentityStore(broker.home).list();
    expect(identity).toMatchObject({ id: agent.identity?.id, sessions: [expect.stringMatching(/^vscode:/)] });
    expect(identity?.process).toBeUndefined();
  });
});
