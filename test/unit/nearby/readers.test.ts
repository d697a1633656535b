import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { lookAround } from '../../../src/nearby/lookAround';
import { nearbyClients, type Found, type NearbyClient } from '../../../src/nearby/session';
import { paperTable, place, type PlacedFixture } from '../../support/nearbyFixtures';

/** What the real clients wrote once, read again; and what becomes of it when something about it is not as it should be. */

let placed: PlacedFixture | undefined;
afterEach(() => {
  placed?.dispose();
  placed = undefined;
});

function fixture(client: NearbyClient): PlacedFixture {
  placed?.dispose();
  placed = place(client);
  return placed;
}

async function look(
  { given, machine }: PlacedFixture,
  identities: Parameters<typeof lookAround>[0]['identities'] = () => [],
): Promise<Found> {
  const { files, env, home } = given();
  return lookAround({ files, table: paperTable(machine), env, home, identities });
}

const nothing: Found = { sessions: [], unclear: [] };

/** The file of the fixture that the reader cannot do without, and its path. */
function recordOf({ home }: PlacedFixture, name: RegExp): string {
  const found = fs.readdirSync(home, { recursive: true, encoding: 'utf8' }).find((one) => name.test(one));
  if (found === undefined) throw new Error(`no file ${name}`);
  return path.join(home, found);
}

function changeJson(file: string, change: (value: Record<string, unknown>) => void): void {
  const value = JSON.parse(fs.readFileSync(file, 'utf8')) as Record<string, unknown>;
  change(value);
  fs.writeFileSync(file, JSON.stringify(value));
}

describe('what each real client wrote', () => {
  it('tells all of a Claude Code session', async () => {
    const one = fixture('claude-code');
    expect(await look(one)).toEqual({
      sessions: [
        {
          client: 'claude-code',
          version: '2.1.329',
          pid: one.machine.processes[0]?.pid,
          start: one.machine.processes[0]?.start,
          folder: one.project,
          title: expect.stringMatching(/^project-/) as string,
          startedAt: expect.any(Number) as number,
          status: 'idle',
          sessionId: '00000000-0000-4000-8000-000000000001',
          door: {
            kind: 'claude-inbox',
            socket: expect.stringMatching(/cc-socks/) as string,
            token: '0'.repeat(32),
          },
        },
      ],
      unclear: [],
    });
  });

  it('tells folder, title, version and state of a thread of Codex, which its daemon holds for a terminal', async () => {
    const one = fixture('codex');
    const { sessions, unclear } = await look(one);
    expect(unclear).toEqual([]);
    expect(sessions).toEqual([
      expect.objectContaining({
        client: 'codex',
        version: '0.169.0',
        folder: one.project,
        title: 'Mend the parser',
        status: 'idle',
      }),
    ]);
    const daemon = one.machine.processes.find(({ command }) => command.includes('--managed-daemon'));
    expect(sessions[0]?.pid).toBe(daemon?.pid);
    // The thread's id holds the time at which it was made.
    expect(Math.abs((sessions[0]?.startedAt ?? 0) - (daemon?.startedAt ?? 0))).toBeLessThan(10_000);
  });

  it('tells folder, title, version and state of a Copilot CLI session', async () => {
    const one = fixture('copilot');
    expect((await look(one)).sessions).toEqual([
      expect.objectContaining({
        client: 'copilot',
        version: '1.0.102',
        folder: one.project,
        title: 'Mend the parser',
        status: 'idle',
      }),
    ]);
  });

  it('tells folder and title of a Gemini CLI session, and that its state is not known', async () => {
    const one = fixture('gemini');
    expect((await look(one)).sessions).toEqual([
      expect.objectContaining({ client: 'gemini', folder: one.project, title: 'Mend the parser', status: 'unknown' }),
    ]);
  });

  it('tells the folder of an OpenCode process, once though it is started through a script', async () => {
    const one = fixture('opencode');
    const [child] = one.machine.processes;
    if (!child) throw new Error('no process');
    one.machine.processes.unshift({ ...child, pid: 4, parent: 1, command: ['node', '/usr/bin/opencode.js'] });
    one.machine.processes[1] = { ...child, parent: 4 };
    const { sessions } = await look(one);
    expect(sessions).toEqual([
      {
        client: 'opencode',
        pid: child.pid,
        start: child.start,
        startedAt: child.startedAt,
        folder: one.project,
        status: 'unknown',
      },
    ]);
  });
});

describe('a process', () => {
  it.each(nearbyClients)('of %s that has ended leaves no session behind', async (client) => {
    const one = fixture(client);
    expect((await look(one)).sessions).toHaveLength(1);
    one.machine.processes.splice(0);
    expect(await look(one)).toEqual(nothing);
  });

  it('with the pid of a Claude Code session that began at another time is not that session', async () => {
    const one = fixture('claude-code');
    const [process] = one.machine.processes;
    if (!process) throw new Error('no process');
    one.machine.processes[0] = { ...process, start: String(Number(process.start) + 1) };
    expect(await look(one)).toEqual(nothing);
  });

  it('that began after the record was written is not that session, where the system tells starts in its own words', async () => {
    const one = fixture('claude-code');
    const [process] = one.machine.processes;
    if (!process) throw new Error('no process');
    one.machine.processes[0] = { ...process, start: 'Sat Nov 21 15:54:25 2026' };
    expect((await look(one)).sessions).toHaveLength(1);
    one.machine.processes[0] = {
      ...process,
      start: 'Sat Nov 21 18:00:00 2026',
      startedAt: process.startedAt + 7_200_000,
    };
    expect(await look(one)).toEqual(nothing);
  });

  it('whose key to its inbox is of an earlier one has no door', async () => {
    const one = fixture('claude-code');
    changeJson(recordOf(one, /\.key$/), (key) => (key['procStart'] = '1'));
    const { sessions, unclear } = await look(one);
    expect([sessions.length, sessions[0]?.door, unclear]).toEqual([1, undefined, []]);
  });

  it('that a record names and that is not the one of its file is not believed', async () => {
    const one = fixture('claude-code');
    changeJson(recordOf(one, /sessions\/\d+\.json$/), (record) => (record['pid'] = 1));
    expect(await look(one)).toEqual(nothing);
  });

  it('of Copilot CLI that holds nothing open is no session, whatever a crash left in its folder', async () => {
    const one = fixture('copilot');
    one.machine.openFiles = {};
    expect(await look(one)).toEqual(nothing);
  });
});

describe('a thread of the Codex daemon', () => {
  it('counts no longer when its terminal was closed', async () => {
    const one = fixture('codex');
    one.machine.processes = one.machine.processes.filter(({ command }) => command.includes('app-server'));
    expect(await look(one)).toEqual(nothing);
  });

  it('takes a line at the control socket of its folder; of a terminal without a daemon in its queue', async () => {
    const one = fixture('codex');
    const folder = path.join(one.home, '.codex');
    expect((await look(one)).sessions[0]?.door).toEqual({ kind: 'codex-server', folder });
    const daemon = one.machine.processes.findIndex(({ command }) => command.includes('--managed-daemon'));
    const alone = one.machine.processes[daemon];
    if (!alone) throw new Error('no daemon');
    one.machine.processes = [{ ...alone, command: ['/usr/bin/codex', '--no-daemon'] }];
    expect((await look(one)).sessions[0]?.door).toEqual({ kind: 'codex-queue', folder, program: '/usr/bin/codex' });
    one.machine.processes = [{ ...alone, command: ['/usr/bin/codex', 'app-server'] }];
    expect((await look(one)).sessions[0]?.door).toBeUndefined();
  });

  it('that another thread began is no session of its own', async () => {
    const one = fixture('codex');
    const file = recordOf(one, /rollout-.*\.jsonl$/);
    const text = fs.readFileSync(file, 'utf8');
    expect(text).toContain('"thread_source":"user"');
    fs.writeFileSync(file, text.replace('"thread_source":"user"', '"thread_source":"subagent"'));
    expect(await look(one)).toEqual(nothing);
  });

  it('before its first turn is where all terminals of Codex are', async () => {
    const one = fixture('codex');
    for (const files of Object.values(one.machine.openFiles)) {
      const at = files.findIndex((file) => file.endsWith('.jsonl'));
      if (at >= 0) files.splice(at, 1);
    }
    expect((await look(one)).sessions).toEqual([expect.objectContaining({ folder: one.project, status: 'idle' })]);
  });

  it('works while its last turn has begun and not ended', async () => {
    const one = fixture('codex');
    const file = recordOf(one, /rollout-.*\.jsonl$/);
    fs.appendFileSync(file, `${JSON.stringify({ type: 'event_msg', payload: { type: 'task_started' } })}\n`);
    expect((await look(one)).sessions[0]?.status).toBe('busy');
    fs.appendFileSync(file, `${JSON.stringify({ type: 'event_msg', payload: { type: 'turn_aborted' } })}\n{"type":"ev`);
    expect((await look(one)).sessions[0]?.status).toBe('idle');
  });
});

describe('Copilot CLI', () => {
  it('with two sessions in one process tells of both', async () => {
    const one = fixture('copilot');
    const [held = []] = Object.values(one.machine.openFiles);
    const first = held.find((file) => file.includes('session-state')) ?? '';
    held.push(first.replace('00000000-0000-4000-8000', '00000000-0000-4000-9000'));
    const ids = (await look(one)).sessions.map(({ sessionId }) => sessionId);
    expect(ids.sort()).toEqual(['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-9000-000000000001']);
  });
});

describe('Gemini CLI', () => {
  it('with two processes in one folder tells of each only the session that began after it and before the other', async () => {
    const one = fixture('gemini');
    const chat = recordOf(one, /chats\/.*\.jsonl$/);
    const first = one.machine.processes.find(({ command }) => command.some((word) => word.startsWith('--max-old')));
    if (!first) throw new Error('no process');
    const later = first.startedAt + 60_000;
    one.machine.processes.push({ ...first, pid: 77, parent: 1, start: '99', startedAt: later });
    one.machine.folders['77'] = one.project;
    const text = fs
      .readFileSync(chat, 'utf8')
      .replace(/"startTime":"[^"]*"/, `"startTime":"${new Date(later + 3000).toISOString()}"`);
    const second = path.join(path.dirname(chat), 'session-2026-11-21T15-59-0a0b0c0d.jsonl');
    fs.writeFileSync(second, text.replaceAll(/0{8}-0{4}-4000-8000-0{11}1/g, 'second'));
    const { sessions } = await look(one);
    expect(sessions.map(({ pid, sessionId }) => [pid, sessionId])).toEqual([
      [77, 'second'],
      [first.pid, '00000000-0000-4000-8000-000000000001'],
    ]);
  });
});

describe('a file that is not as its client writes it', () => {
  const record = /sessions\/\d+\.json$/;
  const hostile: readonly (readonly [string, (file: string) => void, string])[] = [
    ['half written', (file) => fs.truncateSync(file, 40), 'its record is not whole'],
    ['empty', (file) => fs.truncateSync(file, 0), 'its record is not whole'],
    [
      'of another form',
      (file) => fs.writeFileSync(file, '{"version":9}'),
      'its record has a form that Parley does not know',
    ],
    ['a list', (file) => fs.writeFileSync(file, '[1]'), 'its record has a form that Parley does not know'],
    ['no text', (file) => fs.writeFileSync(file, Buffer.from([0xff, 0xfe, 0, 1])), 'its record is not whole'],
    ['huge', (file) => fs.truncateSync(file, 300 * 1024 * 1024), 'its record is larger than any that it writes'],
    [
      'a link',
      (file) => (fs.renameSync(file, `${file}.real`), fs.symlinkSync(`${file}.real`, file)),
      'its file is a link',
    ],
    ['a folder', (file) => (fs.rmSync(file), fs.mkdirSync(file)), 'what should be its file is none'],
  ];

  it.each(hostile)('(%s) is said not to be understood, and is no error', async (_, spoil, why) => {
    const one = fixture('claude-code');
    expect((await look(one)).sessions).toHaveLength(1);
    spoil(recordOf(one, record));
    expect(await look(one)).toEqual({ sessions: [], unclear: [{ client: 'claude-code', why }] });
  });

  it('spoils no other session of that client', async () => {
    const one = fixture('claude-code');
    const [process] = one.machine.processes;
    if (!process) throw new Error('no process');
    one.machine.processes.push({ ...process, pid: 5 });
    fs.writeFileSync(path.join(path.dirname(recordOf(one, record)), '5.json'), '{');
    const { sessions, unclear } = await look(one);
    expect([sessions.length, unclear.length]).toEqual([1, 1]);
  });

  it.each([
    ['codex', /rollout-.*\.jsonl$/],
    ['copilot', /workspace\.yaml$/],
    ['copilot', /open-sessions-state\.json$/],
    ['copilot', /events\.jsonl$/],
    ['gemini', /chats\/.*\.jsonl$/],
  ] as const)('leaves %s with what else is known when %s is garbage', async (client, name) => {
    const one = fixture(client);
    // What the machine itself says of the process; nobody asked for it when the fixture was kept.
    one.machine.folders = Object.fromEntries(one.machine.processes.map(({ pid }) => [pid, one.project]));
    fs.writeFileSync(recordOf(one, name), `\0{"type": [}\n${'x'.repeat(400_000)}`);
    const { sessions } = await look(one);
    expect(sessions).toEqual([expect.objectContaining({ client, folder: one.project })]);
  });

  it('keeps of a long or folded title one short line', async () => {
    const one = fixture('claude-code');
    changeJson(recordOf(one, record), (value) => (value['name'] = `a\n\tb ${'c'.repeat(5000)}`));
    const title = (await look(one)).sessions[0]?.title ?? '';
    expect(title.length).toBe(120);
    expect(title.startsWith('a b ccc')).toBe(true);
  });

  it('takes a value in the YAML of Copilot CLI that is more than plain for unknown', async () => {
    const one = fixture('copilot');
    const file = recordOf(one, /workspace\.yaml$/);
    fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace(/^name: .*$/m, 'name: "quoted: \\u0041"'));
    expect((await look(one)).sessions[0]?.title).toBeUndefined();
  });
});

describe('an agent of ours', () => {
  const identity = { id: '1', name: 'Nova', token: 't', sessions: [] as string[], savedAt: 1 };

  it.each(nearbyClients.filter((client) => client !== 'opencode'))(
    'is not nearby when it signed on in that session of %s',
    async (client) => {
      const one = fixture(client);
      const [session] = (await look(one)).sessions;
      const known = { ...identity, sessions: [`${client}:${session?.sessionId ?? ''}`] };
      expect((await look(one, () => [known])).sessions).toEqual([]);
      expect((await look(one, () => [{ ...known, sessions: [`${client}:other`] }])).sessions).toHaveLength(1);
    },
  );

  it('is not nearby when its process registered it, and is when that was an earlier process with the same pid', async () => {
    const one = fixture('opencode');
    const [session] = (await look(one)).sessions;
    const process = { pid: session?.pid ?? 0, start: session?.start ?? '' };
    expect((await look(one, () => [{ ...identity, process }])).sessions).toEqual([]);
    expect((await look(one, () => [{ ...identity, process: { ...process, start: '1' } }])).sessions).toHaveLength(1);
  });

  it('that the daemon of Codex serves says nothing of the other threads there', async () => {
    const one = fixture('codex');
    const [session] = (await look(one)).sessions;
    const process = { pid: session?.pid ?? 0, start: session?.start ?? '' };
    expect((await look(one, () => [{ ...identity, process }])).sessions).toHaveLength(1);
  });
});
