import { describe, expect, test } from 'vitest';
import { badgeOf, inboxRows } from '../../../src/extension/inboxRows';
import { rosterRows } from '../../../src/extension/rosterRows';
import { threadRows } from '../../../src/extension/threadRows';
import { agent, callToYou, noon, picture, placed, thread, you } from './support';

describe('the roster', () => {
  test('has the person first, then who is here by name, and folds who is away', () => {
    const rows = rosterRows(
      picture({
        agents: [agent('Zora'), agent('Bea', { presence: 'offline' }), you, agent('Nova', { presence: 'busy' })],
      }),
    );
    expect(rows.map((row) => row.label)).toEqual(['You', 'Nova', 'Zora', 'Away']);
    expect(rows[3]?.children?.map((row) => row.label)).toEqual(['Bea']);
  });

  test('is empty, so that the view can say what to do, while nobody but the person and this window is there', () => {
    expect(rosterRows(picture({ agents: [you, agent('Ada')], ownAgent: 'ADA' }))).toEqual([]);
  });

  test('says presence and reach in words, for the eye and for a screen reader', () => {
    const rows = rosterRows(
      picture({
        agents: [
          agent('Nova', {
            presence: 'in-call',
            inCallWith: ['Atlas', 'Person'],
            reach: { state: 'wakes', ringer: 'claude-inbox', milliseconds: 42 },
          }),
          agent('Oona', { reach: { state: 'waits-for-permission' } }),
        ],
      }),
    );
    expect(rows.map((row) => row.aria)).toEqual([
      'Nova, Claude Code, in a call with Atlas, you, wakes',
      'Oona, Claude Code, available, waits for your permission',
    ]);
    expect(rows.map((row) => row.description)).toEqual([
      'Claude Code · in a call with Atlas, you',
      'Claude Code · waits for your permission',
    ]);
    expect(rows[0]?.tooltip()).toContain('woken through Claude Code, last time in 42 ms');
  });

  test('says what the person has ruled, and knows it for the menus', () => {
    const rows = rosterRows(picture({ agents: [agent('Nova', { hold: true, muted: true }), agent('Oona')] }));
    expect(rows.map((row) => row.kind)).toEqual(['agent.held.muted', 'agent']);
    expect(rows[0]?.description).toBe('Claude Code · listening · held · muted');
    expect(rows[0]?.aria).toBe('Nova, Claude Code, available, listening, held, muted');
  });

  test('takes what agents say of themselves as plain text', () => {
    const [row] = rosterRows(
      picture({
        agents: [agent('Nova', { platform: '$(flame) Evil', description: '[x](command:y) <b>', capabilities: ['*'] })],
      }),
    );
    expect(row?.description).not.toContain('$(flame)');
    expect(row?.tooltip()).toContain('\\[x\\]\\(command\\:y\\) &lt;b&gt;');
  });

  test('of 1,000 agents is made in 16 ms', () => {
    const agents = Array.from({ length: 1000 }, (_, index) =>
      agent(`Agent${index}`, { presence: index % 3 ? 'available' : 'offline' }),
    );
    const full = picture({ agents: [you, ...agents] });
    const times = Array.from({ length: 15 }, () => {
      const began = performance.now();
      expect(rosterRows(full)).toHaveLength(668);
      return performance.now() - began;
    });
    // The least, so that the turns of other processes on the machine are not counted.
    expect(Math.min(...times)).toBeLessThan(16);
  });
});

describe('the inbox', () => {
  const full = picture({
    agents: [you, agent('Nova'), agent('Atlas')],
    calls: [callToYou('c2', 'missed'), callToYou('c1', 'ringing'), callToYou('c3', 'queued')],
    unread: [thread('t1', { unread: 2 })],
    rings: [{ call: placed('c4'), agent: 'NOVA', rangAt: noon, deadline: noon + 60_000, reports: [], seen: false }],
  });

  test('has what rings first, then missed calls, then unread threads', () => {
    expect(inboxRows(full).map((row) => [row.id, row.kind])).toEqual([
      [`call/c1/${you.id}`, 'call.ringing'],
      ['call/c4/NOVA', 'call.ringingAgent'],
      [`call/c2/${you.id}`, 'call.waiting'],
      [`call/c3/${you.id}`, 'call.waiting'],
      ['thread/t1', 'thread'],
    ]);
    expect(inboxRows(full).map((row) => row.label)).toEqual([
      'Nova calls you',
      'Atlas calls Nova',
      'Nova called you',
      'Nova called you',
      'topic of t1',
    ]);
  });

  test('shows a ring of the person once, whether the event or the inbox told of it first', () => {
    const ring = {
      call: placed('c1', { from: 'NOVA' }),
      agent: you.id,
      rangAt: noon,
      deadline: noon + 1,
      reports: [],
      seen: false,
    };
    const early = picture({ agents: [agent('Nova')], rings: [ring] });
    const later = picture({ agents: [agent('Nova')], rings: [ring], calls: [callToYou('c1', 'ringing')] });
    expect(inboxRows(early).map((row) => row.label)).toEqual(['Nova calls you']);
    expect(inboxRows(later).map((row) => row.id)).toEqual(inboxRows(early).map((row) => row.id));
  });

  test('has a badge that counts ringing, missed and unread, and none when nothing waits', () => {
    expect(badgeOf(full)).toEqual({ value: 5, tooltip: '2 ringing, 2 missed, 1 unread thread' });
    expect(badgeOf(picture())).toBeUndefined();
  });
});

describe('the threads', () => {
  test('are live, then left messages, then archived in a fold', () => {
    const rows = threadRows(
      picture({
        threads: [thread('old', { state: 'closed' }), thread('notes', { mode: 'async' }), thread('now', { unread: 4 })],
      }),
    );
    expect(rows.map((row) => row.id)).toEqual(['now', 'notes', 'archived']);
    expect(rows[0]?.description).toBe('Atlas, Nova · 4 unread');
    expect(rows[2]?.children?.map((row) => row.id)).toEqual(['old']);
    expect(rows[0]?.aria).toBe('topic of now, Atlas, Nova, live, 4 unread');
  });

  test('have a topic that is a command link as plain text', () => {
    const topic = '$(zap) [go](command:evil)';
    const [row] = threadRows(picture({ threads: [thread('t1', { topic })] }));
    expect(row?.label).toBe('$ (zap) [go](command:evil)');
    expect(row?.tooltip()).toMatch(/^\*\*\\\$\\\(zap\\\) \\\[go\\\]/);
  });
});

describe('a thread whose agents have used up their turns', () => {
  const limited = thread('t1', { topic: 'Parser', turnsLeft: 0, unread: 2 });

  test('says so in the Threads and stands in the Inbox once, where more can be granted', () => {
    expect(threadRows(picture({ threads: [limited] }))[0]).toMatchObject({
      kind: 'thread.limited',
      description: 'Atlas, Nova · waits for you to grant more turns · 2 unread',
    });
    const rows = inboxRows(picture({ threads: [limited], unread: [limited] }));
    expect(rows.map((row) => [row.label, row.description, row.kind])).toEqual([
      ['Parser', 'Atlas, Nova · wants more turns', 'thread.limited'],
    ]);
    expect(badgeOf(picture({ threads: [limited] }))).toEqual({ value: 1, tooltip: '1 thread at the turn limit' });
  });

  test('is one like all others while it is paused, closed, or has turns left', () => {
    for (const change of [{ state: 'paused' }, { state: 'closed' }, { turnsLeft: 3 }] as const) {
      expect(inboxRows(picture({ threads: [{ ...limited, ...change }] }))).toEqual([]);
    }
    const kinds = threadRows(picture({ threads: [{ ...limited, state: 'paused' }, thread('t2', { turnsLeft: 3 })] }));
    expect(kinds.map((row) => row.kind)).toEqual(['thread.paused', 'thread']);
  });
});
