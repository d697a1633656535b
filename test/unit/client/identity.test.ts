import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { agentEnvironment, isSandboxed } from '../../../src/client/agentEnvironment';
import { comingBack, newIdentity, whoAmI, type Surroundings } from '../../../src/client/identity';
import { IdentityStore } from '../../../src/client/identityStore';
import { lastingAncestor, machineProcesses, stillRuns, type ProcessInfo } from '../../../src/client/processes';
import type { Identity } from '../../../src/contract/home';
import { temporaryHome } from './fakeBroker';

let home: string;
let store: IdentityStore;

beforeEach(() => {
  home = temporaryHome();
  store = new IdentityStore(home);
});

afterEach(() => fs.rmSync(home, { recursive: true, force: true }));

/** parley (99) ← bash -c (30) ← agent (20) ← terminal's shell (10) ← init (1). */
const tree: ProcessInfo[] = [
  { pid: 30, parent: 20, start: 's30', command: ['/bin/bash', '-c', 'parley who'] },
  { pid: 20, parent: 10, start: 's20', command: ['node', 'agent.js'] },
  { pid: 10, parent: 1, start: 's10', command: ['-zsh'] },
];

function around(more: Partial<Surroundings> = {}, alive = tree): Surroundings {
  return {
    env: {},
    isTerminal: false,
    processes: {
      self: 99,
      parent: 30,
      look: (pid) => alive.find((one) => one.pid === pid),
      isAlive: (pid) => alive.some((one) => one.pid === pid),
    },
    ...more,
  };
}

function keep(name: string, more: Partial<Identity> = {}): Identity {
  const identity: Identity = { id: `ID${name}`, name, token: `token-${name}`, sessions: [], savedAt: 1, ...more };
  store.add(identity);
  return identity;
}

describe('who am I', () => {
  it('is whoever --as names, before everything else, without regard to case', () => {
    keep('Nova');
    keep('Atlas');
    keep('Bea', { process: { pid: 20, start: 's20' } });
    const who = whoAmI(store, around({ as: 'nova', env: { PARLEY_AGENT: 'Atlas' }, isTerminal: true }));
    expect(who).toMatchObject({ kind: 'agent', identity: { name: 'Nova' } });
  });

  it('is whoever PARLEY_AGENT names, before session and process', () => {
    keep('Atlas');
    keep('Bea', { sessions: ['claude-code:s1'], process: { pid: 20, start: 's20' } });
    const env = { PARLEY_AGENT: 'Atlas', CLAUDE_CODE_SESSION_ID: 's1' };
    expect(whoAmI(store, around({ env }))).toMatchObject({ identity: { name: 'Atlas' } });
  });

  it('is found under the name that it took, and under the one it had', () => {
    const nova = keep('Nova');
    store.keepName({ id: nova.id, name: 'Echo' });
    for (const as of ['echo', 'Nova'])
      expect(whoAmI(store, around({ as }))).toMatchObject({ identity: { id: nova.id, name: 'Echo' } });
    const other = keep('Other');
    store.keepName({ id: other.id, name: 'Nova' });
    expect(whoAmI(store, around({ as: 'Nova' })), 'who has the name goes before who had it').toMatchObject({
      identity: { id: other.id },
    });
    store.keepName({ id: 'of somebody else', name: 'Zed' });
    expect(store.list()).toHaveLength(2);
  });

  it("needs the named agent's token in the home, and says who is there", () => {
    keep('Atlas');
    expect(() => whoAmI(store, around({ as: 'Nova', isTerminal: true }))).toThrow(
      expect.objectContaining({ code: 'who_are_you', facts: { choices: ['Atlas'] } }),
    );
  });

  it("is the client's session, before the process", () => {
    keep('Nova', { sessions: ['codex:t9'] });
    keep('Bea', { process: { pid: 20, start: 's20' } });
    expect(whoAmI(store, around({ env: { CODEX_THREAD_ID: 't9' } }))).toMatchObject({ identity: { name: 'Nova' } });
  });

  it('is the nearest process above that registered', () => {
    keep('Far', { process: { pid: 10, start: 's10' } });
    keep('Near', { process: { pid: 20, start: 's20' } });
    expect(whoAmI(store, around({ isTerminal: true }))).toMatchObject({ identity: { name: 'Near' } });
  });

  it('is not whoever registered from an earlier process with the same pid', () => {
    keep('Old', { process: { pid: 20, start: 'before' } });
    expect(() => whoAmI(store, around())).toThrow(expect.objectContaining({ code: 'who_are_you' }));
  });

  it('is not the agent of another session that started this one', () => {
    keep('Outer', { sessions: ['codex:t1'], process: { pid: 10, start: 's10' } });
    expect(() => whoAmI(store, around({ env: { CLAUDE_CODE_SESSION_ID: 'new' } }))).toThrow(
      expect.objectContaining({ code: 'who_are_you' }),
    );
  });

  it('asks when two registered from the same process', () => {
    keep('Atlas', { process: { pid: 20, start: 's20' }, savedAt: 2 });
    keep('Nova', { process: { pid: 20, start: 's20' } });
    keep('Other');
    expect(() => whoAmI(store, around())).toThrow(
      expect.objectContaining({ code: 'who_are_you', facts: { choices: ['Atlas', 'Nova'], several: 2 } }),
    );
  });

  it('is the person on a terminal without any of these', () => {
    keep('Atlas');
    expect(whoAmI(store, around({ isTerminal: true }))).toEqual({ kind: 'person' });
  });

  it("is never the person where an agent's client shows", () => {
    for (const sign of ['CLAUDECODE', 'GEMINI_CLI', 'OPENCODE', 'CURSOR_AGENT', 'AGENT', 'CODEX_SANDBOX']) {
      expect(() => whoAmI(store, around({ isTerminal: true, env: { [sign]: '1' } })), sign).toThrow(
        expect.objectContaining({ code: 'who_are_you', facts: {} }),
      );
    }
  });
});

describe('the environment of clients', () => {
  it('names the session as the client and its own id', () => {
    expect(agentEnvironment({ CLAUDE_CODE_SESSION_ID: 'a' })).toEqual({
      platform: 'Claude Code',
      session: 'claude-code:a',
    });
    expect(agentEnvironment({ CODEX_THREAD_ID: 'b' })).toEqual({ platform: 'Codex', session: 'codex:b' });
    expect(agentEnvironment({ COPILOT_AGENT_SESSION_ID: 'c' })).toEqual({
      platform: 'Copilot CLI',
      session: 'copilot:c',
    });
    expect(agentEnvironment({ GEMINI_SESSION_ID: 'd' })).toEqual({ platform: 'Gemini CLI', session: 'gemini:d' });
    expect(agentEnvironment({ OPENCODE_SESSION_ID: 'e' })).toEqual({ platform: 'OpenCode', session: 'opencode:e' });
  });

  it('knows no session from the pid of OpenCode, which has several', () => {
    expect(agentEnvironment({ OPENCODE: '1', OPENCODE_PID: '7' })).toEqual({ platform: 'OpenCode' });
  });

  it('is nobody where nothing is set, or set to nothing', () => {
    expect(agentEnvironment({ PATH: '/bin', CLAUDE_CODE_SESSION_ID: '' })).toBeUndefined();
    expect(isSandboxed({ SANDBOX: '' })).toBe(false);
    expect(isSandboxed({ CODEX_SANDBOX_NETWORK_DISABLED: '1' })).toBe(true);
  });
});

describe('coming back under a name', () => {
  it('is for the process that registered and those below it', () => {
    keep('Nova', { process: { pid: 20, start: 's20' } });
    expect(comingBack(store, 'NOVA', around())?.name).toBe('Nova');
  });

  it('is not for others while the one who registered still runs', () => {
    keep('Nova', { process: { pid: 77, start: 's77' } });
    const alive = [...tree, { pid: 77, parent: 1, start: 's77', command: [] }];
    expect(comingBack(store, 'Nova', around({}, alive))).toBeUndefined();
    expect(comingBack(store, 'Nova', around({}, tree))?.name).toBe('Nova');
  });

  it('is for the same session wherever it runs, and not for another', () => {
    keep('Nova', { sessions: ['claude-code:a'] });
    expect(comingBack(store, 'Nova', around({ env: { CLAUDE_CODE_SESSION_ID: 'a' } }))?.name).toBe('Nova');
    expect(comingBack(store, 'Nova', around({ env: { CLAUDE_CODE_SESSION_ID: 'b' } }))).toBeUndefined();
  });

  it('without a name is for whoever one is already', () => {
    keep('Nova', { process: { pid: 10, start: 's10' } });
    expect(comingBack(store, undefined, around())?.name).toBe('Nova');
    expect(comingBack(store, undefined, around({}, []))).toBeUndefined();
  });
});

describe('what is kept', () => {
  it('is one file each that only its owner can read, in a folder likewise', () => {
    keep('Nova');
    const file = path.join(home, 'identities', 'IDNova.json');
    expect(fs.statSync(file).mode & 0o777).toBe(0o600);
    expect(fs.statSync(path.dirname(file)).mode & 0o777).toBe(0o700);
    store.update({ ...keep('Atlas'), savedAt: 5 });
    expect(fs.statSync(path.join(home, 'identities', 'IDAtlas.json')).mode & 0o777).toBe(0o600);
    expect(fs.readdirSync(path.dirname(file)).sort()).toEqual(['IDAtlas.json', 'IDNova.json']);
  });

  it('is never written over by a new one', () => {
    keep('Nova');
    expect(() => keep('Nova')).toThrow(expect.objectContaining({ code: 'home_read_only' }));
  });

  it('leaves out files that are not whole', () => {
    keep('Nova');
    fs.writeFileSync(path.join(home, 'identities', 'torn.json'), '{"id":"x"');
    expect(store.list().map(({ name }) => name)).toEqual(['Nova']);
  });

  it('remembers a session once, and the latest 32 of them', () => {
    let nova = keep('Nova');
    for (let index = 0; index < 40; index++) nova = store.addSession(nova, `codex:${index}`);
    nova = store.addSession(nova, 'codex:39');
    expect(nova.sessions).toHaveLength(32);
    expect(store.byName('nova')?.sessions.at(-1)).toBe('codex:39');
  });

  it('names the process that outlives a single command, and the session', () => {
    const surroundings = around({ env: { GEMINI_SESSION_ID: 'g' } });
    expect(newIdentity({ id: 'I', name: 'Nova', token: 't' }, surroundings, 5)).toEqual({
      id: 'I',
      name: 'Nova',
      token: 't',
      sessions: ['gemini:g'],
      process: { pid: 20, start: 's20' },
      savedAt: 5,
    });
  });
});

describe('the processes of this machine', () => {
  const processes = machineProcesses();

  it('know this one, its parent, and that it runs', () => {
    const self = processes.look(process.pid);
    expect(self).toMatchObject({ pid: process.pid, parent: process.ppid });
    expect(self?.start).not.toBe('');
    expect(stillRuns(processes, { pid: process.pid, start: self?.start ?? '' })).toBe(true);
    expect(stillRuns(processes, { pid: process.pid, start: 'another' })).toBe(false);
    expect(lastingAncestor(processes)).toBeDefined();
  });

  it('know that there is none with a pid beyond the largest', () => {
    expect(processes.isAlive(2 ** 22 + 1)).toBe(false);
    expect(processes.look(2 ** 22 + 1)).toBeUndefined();
  });
});
