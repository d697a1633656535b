import { existsSync } from 'node:fs';
import { stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ClaudeInboxRinger } from '../../../src/ringers/claudeInbox';
import type { LateReport } from '../../../src/ringers/ringer';
import { until } from '../../support/until';
import { ringerCompliance, ringOf } from './compliance';
import { FakeInbox } from './fakeInbox';

const ringerOf = (inbox: FakeInbox, reports: LateReport[] = []): ClaudeInboxRinger =>
  new ClaudeInboxRinger({
    socket: inbox.socket,
    token: 'secret',
    sessionId: 'session-1',
    folder: inbox.folder,
    report: (report) => reports.push(report),
  });

ringerCompliance('the Claude Code inbox', async () => {
  const inbox = await FakeInbox.start();
  return {
    ringer: ringerOf(inbox),
    received: (count) => until('the texts', () => inbox.texts.length >= count && inbox.texts, 2000),
    vanish: () => inbox.vanish(),
    stop: () => inbox.stop(),
  };
});

let inbox: FakeInbox;
let reports: LateReport[];
let ringer: ClaudeInboxRinger;
beforeEach(async () => {
  inbox = await FakeInbox.start();
  reports = [];
  ringer = ringerOf(inbox, reports);
});
afterEach(async () => {
  await ringer.dispose();
  await inbox.stop();
});

const written = async (count: number) => {
  await until('the lines', () => inbox.lines.length === 2 * count, 2000);
  return inbox.lines.filter(({ type }) => type === 'user');
};

test('the token goes first, then the message, to be read after the tool that runs now', async () => {
  await ringer.ring(ringOf());
  await written(1);
  expect(inbox.lines).toEqual([
    { type: 'auth', token: 'secret' },
    {
      msgV: 1,
      msg_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      type: 'user',
      priority: 'next',
      from: expect.stringMatching(/^uds:\/\S+\.sock$/),
      message: { role: 'user', content: ringOf().text },
    },
  ]);
});

test('each sender has an address of its own, beside the inbox, for us alone, and gone with us', async () => {
  await ringer.ring(ringOf());
  await ringer.ring(ringOf({ subject: '01OTHER', fromId: '01IRIS' }));
  await ringer.ring(ringOf({ subject: '01THIRD' }));
  const addresses = (await written(3)).map(({ from }) => (from ?? '').slice(4));
  expect(addresses[0]).toBe(addresses[2]);
  expect(addresses[0]).not.toBe(addresses[1]);
  for (const address of addresses) {
    expect(path.dirname(address)).toBe(path.dirname(inbox.socket));
    expect((await stat(address)).mode & 0o077).toBe(0);
  }
  await ringer.dispose();
  expect(addresses.some(existsSync)).toBe(false);
});

test.each([
  [{ status: 'held' }, 'held', /let the message in/],
  [{ status: 'expired', status_detail: 'refused' }, 'refused', /takes no messages/],
  [{ status: 'denied' }, 'refused', /declined/],
  [{ status: 'expired' }, 'failed', /expired/],
  [{ status: 'dropped', drop_reason: 'queue-full' }, 'failed', /queue-full/],
  [{ status: 'delivered' }, 'written', /let the message in/],
])('word of %j is reported as %s', async (status, result, detail) => {
  await ringer.ring(ringOf());
  const [sent] = await written(1);
  const address = (sent?.from ?? '').slice(4);
  const word = { type: 'control', action: 'peer_message_status', orig_msg_id: sent?.msg_id, from: 'uds:/x', ...status };
  await inbox.say(address, word, 3);
  await until('the report', () => reports.length > 0, 2000);
  expect(reports).toEqual([
    {
      subject: '01CALL',
      agent: '01NOVA',
      ringer: 'claude-inbox',
      result,
      detail: expect.stringMatching(detail) as unknown,
    },
  ]);
});

test('several messages that were dropped together are each reported', async () => {
  await ringer.ring(ringOf());
  await ringer.ring(ringOf({ subject: '01OTHER' }));
  const sent = await written(2);
  await inbox.say((sent[0]?.from ?? '').slice(4), {
    type: 'control',
    action: 'peer_message_status',
    status: 'dropped',
    drop_reason: 'rate-limited',
    orig_msg_id: sent[0]?.msg_id,
    dropped_msg_ids: sent.map(({ msg_id }) => msg_id),
  });
  await until('the reports', () => reports.length === 2, 2000);
  expect(reports.map(({ subject }) => subject)).toEqual(['01CALL', '01OTHER']);
});

test('words about nothing of ours, and nonsense, are passed over', async () => {
  await ringer.ring(ringOf());
  const [sent] = await written(1);
  const address = (sent?.from ?? '').slice(4);
  await inbox.say(address, { type: 'user', message: { content: 'hello' } });
  await inbox.say(address, { type: 'control', action: 'peer_message_status', status: 'held', orig_msg_id: 'other' });
  await inbox.say(address, {
    type: 'control',
    action: 'peer_message_status',
    status: 'new',
    orig_msg_id: sent?.msg_id,
  });
  await inbox.say(address, { x: 'y'.repeat(200_000) }).catch(() => undefined);
  await inbox.say(address, {
    type: 'control',
    action: 'peer_message_status',
    status: 'held',
    orig_msg_id: sent?.msg_id,
  });
  await until('the report', () => reports.length > 0, 2000);
  expect(reports).toHaveLength(1);
});

test('an open permission prompt is told: the ring is written, and held', async () => {
  await inbox.setState({ status: 'waiting', waitingFor: 'permission prompt' });
  expect(await ringer.ring(ringOf())).toEqual({ result: 'held', detail: 'permission prompt' });
  expect(await written(1)).toHaveLength(1);
  await inbox.setState({ status: 'idle' });
  expect(await ringer.ring(ringOf())).toEqual({ result: 'written' });
});

test('a record of another form is no obstacle', async () => {
  await inbox.setState({ status: { nested: true } });
  expect(await ringer.ring(ringOf())).toEqual({ result: 'written' });
});

test('sockets that a killed bridge left behind are swept, and no others', async () => {
  const folder = path.dirname(inbox.socket);
  const dead = path.join(folder, 'parley-999999-1.sock');
  const alive = path.join(folder, `parley-${process.pid}-77.sock`);
  const servers = [dead, alive].map((file) => createServer().listen(file));
  await Promise.all(servers.map((server) => new Promise((resolve) => server.once('listening', resolve))));
  await writeFile(path.join(folder, 'parley-999999-2.sock'), 'a file, not a socket');
  await ringer.ring(ringOf());
  expect([dead, alive, path.join(folder, 'parley-999999-2.sock')].map(existsSync)).toEqual([false, true, true]);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
});

test('without an inbox in the environment there is no such ringer', () => {
  const env = { CLAUDE_CODE_MESSAGING_SOCKET: '/x.sock', CLAUDE_CODE_MESSAGING_TOKEN: 't', HOME: '/h' };
  expect(ClaudeInboxRinger.of(env, () => undefined)?.name).toBe('claude-inbox');
  expect(ClaudeInboxRinger.of({ ...env, CLAUDE_CODE_MESSAGING_SOCKET: '' }, () => undefined)).toBeUndefined();
  expect(ClaudeInboxRinger.of({}, () => undefined)).toBeUndefined();
});
