import * as fs from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../../../src/client/clock';
import { toParleyError } from '../../../src/contract/errors';
import { invitation, invite } from '../../../src/nearby/invite';
import type { NearbySession } from '../../../src/nearby/session';
import { until } from '../../support/until';

let folder: string;
let server: Server;
const heard: string[] = [];
const socket = (): string => path.join(folder, 'inbox.sock');

beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(tmpdir(), 'parley-invite-'));
  server = createServer((connection) => connection.on('data', (part: Buffer) => heard.push(part.toString())));
  await new Promise<void>((resolve) => server.listen(socket(), resolve));
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  fs.rmSync(folder, { recursive: true, force: true });
});

const parts = { clock: systemClock, env: process.env };
const line = invitation('/home/ada/.parley/bin/parley');

function session(more: Partial<NearbySession>): NearbySession {
  return { client: 'claude-code', pid: 7, start: '1', folder: '/x', startedAt: 1, status: 'idle', ...more };
}

/** What became of it: the error's code and problem, or the answer. */
async function outcome(one: NearbySession): Promise<unknown> {
  return invite(one, line, parts).catch((error: unknown) => {
    const { code, facts } = toParleyError(error);
    return { code, ...facts };
  });
}

it('writes the line, and the key, into the inbox of a session of a version that is known', async () => {
  const door = { kind: 'claude-inbox', socket: socket(), token: 'its-key' } as const;
  expect(await outcome(session({ version: '2.1.329', door }))).toEqual({ result: 'written' });
  await until('both lines', () => heard.join('').split('\n').length > 2);
  const [auth, message] = heard.join('').trim().split('\n').map((text) => JSON.parse(text) as { token?: string; message?: { content: string } }); // prettier-ignore
  expect([auth?.token, message?.message?.content]).toEqual(['its-key', line]);
});

it.each([
  ['has no door', {}],
  [
    'is of a version that was not tried',
    { version: '9.0.0', door: { kind: 'claude-inbox', socket: '/none', token: '' } },
  ],
  ['has lost its inbox', { version: '2.1.329', door: { kind: 'claude-inbox', socket: '/none.sock', token: '' } }],
  ['runs without its server', { client: 'codex', version: '0.169.0', door: { kind: 'codex-server', folder: '/none' } }],
  [
    'cannot run its program',
    { client: 'codex', sessionId: 'x', door: { kind: 'codex-queue', folder: '/', program: '/none' } },
  ],
] as const)('says why the line did not get into a session that %s', async (_, more) => {
  const failure = (await outcome(session(more))) as { code: string; problem: string };
  expect(failure.code).toBe('invitation_failed');
  expect(failure.problem).toMatch(/\w{4}/);
});

it('names the command so that a shell takes it, also where its path has spaces', () => {
  expect(invitation('/home/ada/my home/parley')).toContain('"/home/ada/my home/parley" register.');
});
