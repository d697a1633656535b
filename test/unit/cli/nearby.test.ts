import { createServer } from 'node:net';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { expect, it } from 'vitest';
import { nearby } from '../../../src/cli/nearby';
import { Session, type GlobalFlags } from '../../../src/cli/session';
import { systemClock } from '../../../src/client/clock';
import { toParleyError } from '../../../src/contract/errors';
import type { Found, NearbySession } from '../../../src/nearby/session';
import { until } from '../../support/until';

const claude: NearbySession = {
  client: 'claude-code',
  version: '2.1.329',
  pid: 4711,
  start: '99',
  folder: '/home/ada/parser\u001b[2J',
  title: 'mend the \u202eparser',
  startedAt: 1,
  status: 'waiting',
  sessionId: '52ba1ee2-101a-4e27-9209-48d9f064e6b8',
  door: { kind: 'claude-inbox', socket: '/none.sock', token: 'secret' },
};
const openCode: NearbySession = {
  client: 'opencode',
  pid: 4712,
  start: '9',
  folder: '/x',
  startedAt: 2,
  status: 'unknown',
};
const both: Found = { sessions: [claude, openCode], unclear: [{ client: 'gemini', why: 'its record is not whole' }] };

interface Around {
  readonly flags?: GlobalFlags;
  readonly env?: Record<string, string>;
  readonly terminal?: boolean;
  readonly input?: string;
}

/** Runs it with these sessions around; answers what it printed, or the error's code. */
async function ran(
  flags: Parameters<typeof nearby>[1],
  found: Found = both,
  { terminal = true, input = '', env = {}, ...around }: Around = {},
): Promise<string> {
  let text = '';
  const sink = (): Writable & { isTTY: boolean } =>
    Object.assign(
      new Writable({
        write: (part: Buffer, _, done) => {
          text += part.toString();
          done();
        },
      }),
      { isTTY: terminal },
    );
  const stdin = Object.assign(new PassThrough(), { isTTY: terminal });
  stdin.end(input);
  const options = {
    argv: [],
    env: { NO_COLOR: '1', ...env },
    home: '/home/ada/.parley',
    stdin,
    stdout: sink(),
    stderr: sink(),
    cwd: '/',
    version: '1',
    clock: systemClock,
    processes: { self: 2, parent: 1, look: () => undefined, isAlive: () => true },
    autostart: { program: '/none', env: {} },
    signal: new AbortController().signal,
  };
  try {
    await nearby(new Session(options, around.flags ?? {}), flags, async () => found);
    return text;
  } catch (error) {
    return `${text}${toParleyError(error).code}`;
  }
}

it('shows each session on a line, without anything that a terminal obeys, and what could not be made out', async () => {
  const text = await ran({});
  expect(text).toMatch(/Claude Code 2\.1\.329 +waits for you +4711 +\/home\/ada\/parser\[2J +mend the parser +since/);
  expect(text).toMatch(/OpenCode +4712 +\/x/);
  expect(text).toContain('Gemini CLI: cannot tell, its record is not whole.');
  expect(text).toContain('parley nearby --invite 4711');
  expect(text).not.toMatch(/[\u001b\u202e]/);
  expect(await ran({}, { sessions: [], unclear: [] })).toBe('No session here that has not signed on.\n');
});

it('says once what holds for several clients', async () => {
  const why = 'Parley looks for sessions on Linux and macOS only';
  const unclear = (['codex', 'gemini'] as const).map((client) => ({ client, why }));
  expect(await ran({}, { sessions: [], unclear })).toContain(`\nCodex, Gemini CLI: cannot tell, ${why}.\n`);
});

it('tells programs all but the key to the session', async () => {
  const text = await ran({}, both, { flags: { json: true } });
  const { sessions } = JSON.parse(text) as { sessions: object[] };
  expect(sessions).toEqual([
    expect.objectContaining({ client: 'claude-code', pid: 4711, status: 'waiting', takesLine: true }),
    expect.objectContaining({ client: 'opencode', takesLine: false }),
  ]);
  expect(text).not.toContain('secret');
});

it('shows the line to paste where the client takes none, and sends nothing', async () => {
  const text = await ran({ invite: '4712' });
  expect(text).toContain('OpenCode takes no lines from others. Paste this into the session:');
  expect(text).toContain('/home/ada/.parley/bin/parley register');
});

it('sends the line it showed when the person says yes, and nothing otherwise', async () => {
  const folder = fs.mkdtempSync(path.join(tmpdir(), 'parley-cli-nearby-'));
  const socket = path.join(folder, 'inbox.sock');
  let heard = '';
  const server = createServer((connection) => connection.on('data', (part: Buffer) => (heard += part.toString())));
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  const found: Found = { sessions: [{ ...claude, door: { kind: 'claude-inbox', socket, token: 'k' } }], unclear: [] };
  try {
    expect(await ran({ invite: '52ba1e' }, found, { input: 'n\n' })).toMatch(/This goes to Claude Code[^]*bad_input$/);
    expect(await ran({ invite: '52ba1e' }, found, { terminal: false, input: 'y\n' })).toBe('forbidden');
    expect(await ran({ invite: '52ba1e' }, found, { env: { CLAUDECODE: '1' }, input: 'y\n' })).toBe('forbidden');
    expect(heard).toBe('');
    expect(await ran({ invite: '52ba1e' }, found, { input: 'y\n' })).toMatch(/Sent\.\n$/);
    await until('the line', () => heard.includes('You are invited to Parley'));
  } finally {
    await new Promise((resolve) => server.close(resolve));
    fs.rmSync(folder, { recursive: true, force: true });
  }
});

it.each([
  ['names none', '9999', 'session_gone'],
  ['is too short', '52ba', 'session_gone'],
  ['fits two', '4711', 'bad_input'],
])('refuses a word that %s', async (_, word, code) => {
  const twice = { sessions: [claude, { ...openCode, pid: code === 'bad_input' ? 4711 : 1 }], unclear: [] };
  expect(await ran({ invite: word }, twice)).toBe(code);
});
