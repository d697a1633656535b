import { describe, expect, test } from 'vitest';
import { badgeOf, inboxRows, ringClock } from '../../../src/extension/trees/inboxRows';
import type { Picture } from '../../../src/extension/picture';
import { pastCallsTooltip } from '../../../src/extension/trees/rosterRow';
import { filtered, RosterRows, rosterRows } from '../../../src/extension/trees/rosterRows';
import type { Row } from '../../../src/extension/trees/row';
import { threadRows } from '../../../src/extension/trees/threadRows';
import { defaultTopic, sharedPlatform } from '../../../src/core/model';
import { clockTime, tongue } from '../../../src/extension/words';
import { agent, callToYou, noon, picture, placed, processorTime, thread, you } from './support';

/** The rows of a group, by the group's name. */
function under(rows: readonly Row[], label: string): readonly Row[] {
  return rows.find((row) => row.label === label)?.children ?? [];
}

const labels = (rows: readonly Row[]): string[] => rows.map((row) => row.label);

describe('the roster', () => {
  test('has the person first, then who is here by name, and folds who is away', () => {
    const rows = rosterRows(
      picture({
        agents: [agent('Zora'), agent('Bea', { presence: 'offline' }), you, agent('Nova', { presence: 'busy' })],
      }),
    );
    expect(rows.map((row) => [row.label, labels(row.children ?? [])])).toEqual([
      ['Here', ['You', 'Nova', 'Zora']],
      ['Away', ['Bea']],
    ]);
    expect(rows.map((row) => row.aria)).toEqual(['Here, 3 agents', 'Away, 1 agent']);
    expect(rows.map((row) => row.collapsed)).toEqual([false, true]);
  });

  test('has names in order whatever their case', () => {
    const agents = ['nova', 'Vera', 'atlas', 'Nora_2', 'Nova2'].map((name) => agent(name));
    const names = under(rosterRows(picture({ agents })), 'Here').map(({ label }) => label);
    expect(names).toEqual(['atlas', 'Nora_2', 'nova', 'Nova2', 'Vera']);
  });

  test('has a shared server with how many tools it offers, and no word of when it hears', () => {
    const tools = [{ name: 'draw', description: '' }];
    const box = agent('Box', { platform: sharedPlatform, policy: 'decline', tools });
    const [row] = under(rosterRows(picture({ agents: [box] })), 'Here');
    expect(row).toMatchObject({ description: '1 tool · MCP server', aria: 'Box, MCP server, available, 1 tool' });
    // It is not offered to be called.
    expect(row?.kind).toBe('server');
    expect(row?.tooltip()).not.toContain('it hears');
  });

  test('has who works in this window’s folder before the others', () => {
    const agents = [
      agent('Ann', { workspace: '/work/shopping' }),
      agent('Bob', { workspace: '/work/shop/web' }),
      agent('Own'),
      you,
    ];
    const rows = rosterRows(picture({ agents, ownAgent: 'OWN', folders: ['/work/shop'] }));
    expect(labels(under(rows, 'Here'))).toEqual(['You', 'Own', 'Bob', 'Ann']);
  });

  test('has agents of other machines, and sessions that have not signed on, in groups of their own', () => {
    const rows = rosterRows(picture({ agents: [you, agent('Nova'), agent('Far', { kind: 'remote' })] }), {
      nearby: [{ id: 's1', client: 'Codex', pid: 7, folder: '/work/shop', startedAt: noon, status: 'idle' }],
    });
    expect(labels(rows)).toEqual(['Here', 'Nearby', 'Other Machines']);
    expect(under(rows, 'Nearby')[0]).toMatchObject({
      label: 'Codex',
      description: 'shop · idle',
      kind: 'nearby',
      aria: 'Codex, shop, idle, has not signed on',
      target: { session: 's1' },
    });
    expect(labels(under(rows, 'Other Machines'))).toEqual(['Far']);
    const session = { id: 's1', client: 'Codex', pid: 7, folder: '', startedAt: noon };
    expect(rosterRows(picture({ broker: { state: 'connecting' } }), { nearby: [session] })).toEqual([]);
  });

  test('says until when the person is left alone', () => {
    const quiet = { on: true, until: noon + 3_600_000 };
    const roster = new RosterRows();
    const busy = { ...you, presence: 'busy' as const };
    const agents = [busy, agent('Nova')];
    const shown = (one: Picture): string | undefined => under(roster.rows(one), 'Here')[0]?.description;
    expect(shown(picture({ agents }))).toBe('busy');
    expect(shown(picture({ agents, quiet }))).toBe(`busy until ${clockTime(quiet.until, noon)}`);
    expect(shown(picture({ agents }))).toBe('busy');
  });

  test('shows with a filter only who fits all its words by name, client or capability, the away ones open', () => {
    const agents = [
      you,
      agent('Nova', { capabilities: ['code review'] }),
      agent('Oona', { capabilities: ['Review'], presence: 'offline' }),
      agent('Pia', { platform: 'Codex' }),
    ];
    const shown = (filter: string): string[] =>
      rosterRows(picture({ agents }), { filter }).flatMap((row) => labels(row.children ?? []));
    expect(shown('review')).toEqual(['Nova', 'Oona']);
    expect(shown('REVIEW nova')).toEqual(['Nova']);
    expect(shown('codex')).toEqual(['Pia']);
    expect(shown('nobody')).toEqual([]);
    expect(rosterRows(picture({ agents }), { filter: 'review' })[1]?.collapsed).toBe(false);
    expect(filtered(picture({ agents }), 'review')).toEqual({ shown: 2, all: 4 });
  });

  test('keeps the row of an agent of whom nothing has changed', () => {
    const roster = new RosterRows();
    const [nova, oona] = [agent('Nova'), agent('Oona')];
    const before = under(roster.rows(picture({ agents: [nova, oona] })), 'Here');
    const after = under(roster.rows(picture({ agents: [nova, { ...oona, hold: true }] })), 'Here');
    expect(after[0]).toBe(before[0]);
    expect(after[1]).not.toBe(before[1]);
    const tomorrow = under(roster.rows(picture({ agents: [nova, oona], now: noon + 86_400_000 })), 'Here');
    expect(tomorrow[0]).not.toBe(before[0]);
  });

  test('says on what an agent works, its version and what it is good at', () => {
    const [row] = under(
      rosterRows(
        picture({
          agents: [
            agent('Nova', {
              version: '2.1',
              task: { id: 'T', title: 'Mend $(the) parser' },
              capabilities: ['a', 'b', 'c', 'd'],
            }),
          ],
        }),
      ),
      'Here',
    );
    expect(row?.description).toBe('listens · works on “Mend $ (the) parser” · Claude Code 2.1 · a, b, c, …');
    expect(row?.aria).toBe('Nova, Claude Code, available, listens, works on “Mend $ (the) parser”, a, b, c, d');
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
          agent('Pia', { reach: { state: 'when-it-asks', detail: 'its socket [is] gone' } }),
        ],
      }),
    );
    const here = under(rows, 'Here');
    expect(here.map((row) => row.aria)).toEqual([
      'Nova, Claude Code, in a call with Atlas, you, can be woken',
      'Oona, Claude Code, available, waits for your permission',
      'Pia, Claude Code, available, hears when it asks',
    ]);
    expect(here.map((row) => row.description)).toEqual([
      'in a call with Atlas, you · Claude Code',
      'waits for your permission · Claude Code',
      'hears when it asks · Claude Code',
    ]);
    expect(here[0]?.tooltip()).toContain('woken through Claude Code, last time in 42 ms');
    expect(here.at(-1)?.tooltip()).toContain('In the way\\: its socket \\[is\\] gone\\.');
  });

  test('says what the person has ruled, and knows it for the menus', () => {
    const agents = [
      agent('Nova', { hold: true, muted: true }),
      agent('Oona'),
      agent('Pia', { presence: 'ringing' }),
      agent('Quinn'),
    ];
    const rows = under(rosterRows(picture({ agents, ownAgent: 'QUINN' })), 'Here');
    expect(rows.map((row) => row.kind)).toEqual(['agent.own', 'agent.held.muted', 'agent', 'agent.ringing']);
    expect(rows[1]?.description).toBe('listens · held · muted · Claude Code');
    expect(rows[1]?.aria).toBe('Nova, Claude Code, available, listens, held, muted');
  });

  test('takes what agents say of themselves as plain text', () => {
    const [group] = rosterRows(
      picture({
        agents: [agent('Nova', { platform: '$(flame) Evil', description: '[x](command:y) <b>', capabilities: ['*'] })],
      }),
    );
    const row = group?.children?.[0];
    expect(row?.description).toContain('$ (flame) Evil');
    expect(row?.tooltip()).toContain('\\[x\\]\\(command\\:y\\) &lt;b&gt;');
  });

  test('of 1,000 agents is made in 16 ms', () => {
    const agents = Array.from({ length: 1000 }, (_, index) =>
      agent(`Agent${index}`, { presence: index % 3 ? 'available' : 'offline' }),
    );
    const full = picture({ agents: [you, ...agents] });
    const times = Array.from({ length: 15 }, () => {
      const began = process.cpuUsage();
      expect(rosterRows(full).map((row) => row.children?.length)).toEqual([667, 334]);
      return processorTime(began);
    });
    // Processor time, and the least of it: the turns of other processes on the machine are not counted.
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
      ['thread/t1', 'thread.unread'],
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

test('what rings has a clock that runs, and says the same to a screen reader all the while', () => {
  const ring = { call: placed('c1'), agent: 'NOVA', rangAt: noon, deadline: noon + 1, reports: [], seen: false };
  const rung = picture({ agents: [you, agent('Nova'), agent('Atlas')], rings: [ring] });
  const later = { ...rung, now: noon + 67_900 };
  expect([rung, later].map((one) => inboxRows(one)[0]?.description)).toEqual([
    '0:00 · topic of c1',
    '1:00 · topic of c1',
  ]);
  expect([rung, later, picture()].map(ringClock)).toEqual(['0:00', '1:07', undefined]);
  expect(inboxRows(later)[0]?.aria).toBe(inboxRows(rung)[0]?.aria);
});

test('the hover of an agent tells its last calls: who, about what, how each ended', () => {
  const call = { id: 'c', from: 'NOVA', fromName: 'Nova', topic: '[x](command:y)', placedAt: noon };
  const to = [
    { agent: 'ATLAS', name: 'Atlas', state: 'accepted' },
    { agent: 'BEA', name: 'Bea', state: 'missed' },
  ];
  const calls = [{ ...call, to }];
  const [, nova] = pastCallsTooltip('NOVA', calls, picture()).split('\n- ');
  expect(nova).toContain('to Atlas, Bea · “\\[x\\]\\(command\\:y\\)” · answered, not answered');
  expect(pastCallsTooltip('BEA', calls, picture())).toMatch(/from Nova · .* · not answered$/);
  expect(pastCallsTooltip('BEA', [], picture())).toBe('');
});

describe('the threads', () => {
  test('have the topic that nobody chose in the display language, in the inbox too', () => {
    const messages = thread('t1', { topic: defaultTopic, unread: 1 });
    const shown = picture({ threads: [messages, thread('t2', { topic: 'Messaging' })], unread: [messages] });
    tongue.speak('de', { Messages: 'Nachrichten' });
    try {
      expect(threadRows(shown).flatMap(({ children = [] }) => labels(children))).toEqual(['Nachrichten', 'Messaging']);
      expect(inboxRows(shown)[0]).toMatchObject({ label: 'Nachrichten' });
    } finally {
      tongue.speak('en');
    }
  });

  test('are live, then left messages, then archived in a fold', () => {
    const rows = threadRows(
      picture({
        threads: [thread('old', { state: 'closed' }), thread('notes', { mode: 'async' }), thread('now', { unread: 4 })],
      }),
    );
    expect(rows.map((row) => [row.label, row.children?.map((one) => one.id)])).toEqual([
      ['Live', ['now']],
      ['Asynchronous', ['notes']],
      ['Archived', ['old']],
    ]);
    const now = rows[0]?.children?.[0];
    expect(now?.description).toBe(`4 unread · Atlas, Nova · ${clockTime(noon, noon)}`);
    expect(now?.aria).toBe(`topic of now, Atlas, Nova, live, 4 unread, ${clockTime(noon, noon)}`);
    expect(now?.kind).toBe('thread.unread');
  });

  test('say when there are more archived ones, and end with a row that brings them', () => {
    const closed = thread('old', { state: 'closed' });
    const [group] = threadRows(picture({ threads: [closed], archivedMore: true }));
    expect(group).toMatchObject({ description: '1+', aria: 'Archived, 1 threads and more', collapsed: false });
    expect(group?.children?.map((row) => row.opens)).toEqual(['openThread', 'moreArchived']);
  });

  test('have a topic that is a command link as plain text', () => {
    const topic = '$(zap) [go](command:evil)';
    const row = threadRows(picture({ threads: [thread('t1', { topic })] }))[0]?.children?.[0];
    expect(row?.label).toBe('$ (zap) [go](command:evil)');
    expect(row?.tooltip()).toMatch(/^\*\*\\\$\\\(zap\\\) \\\[go\\\]/);
  });
});

describe('a thread whose agents have used up their turns', () => {
  const limited = thread('t1', { topic: 'Parser', turnsLeft: 0, unread: 2 });

  test('says so in the Threads and stands in the Inbox once, where more can be granted', () => {
    expect(threadRows(picture({ threads: [limited] }))[0]?.children?.[0]).toMatchObject({
      kind: 'thread.limited.unread',
      description: `2 unread · waits for you to grant more turns · Atlas, Nova · ${clockTime(noon, noon)}`,
    });
    const rows = inboxRows(picture({ threads: [limited], unread: [limited] }));
    expect(rows.map((row) => [row.label, row.description, row.kind])).toEqual([
      ['Parser', 'wants more turns · Atlas, Nova', 'thread.limited.unread'],
    ]);
    expect(badgeOf(picture({ threads: [limited] }))).toEqual({ value: 1, tooltip: '1 thread at the turn limit' });
  });

  test('is one like all others while it is paused, closed, or has turns left', () => {
    for (const change of [{ state: 'paused' }, { state: 'closed' }, { turnsLeft: 3 }] as const) {
      expect(inboxRows(picture({ threads: [{ ...limited, ...change }] }))).toEqual([]);
    }
    const kinds = threadRows(picture({ threads: [{ ...limited, state: 'paused' }, thread('t2', { turnsLeft: 3 })] }));
    expect(kinds[0]?.children?.map((row) => row.kind)).toEqual(['thread.paused.unread', 'thread']);
  });
});
