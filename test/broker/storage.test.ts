import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../../src/client/client';
import { toParleyError } from '../../src/contract/errors';
import { BrokerProcess, bundlePrograms, openLimits, temporaryHome } from '../support/brokerProcess';
import { until } from '../support/until';

let programs: string;
const running: BrokerProcess[] = [];

beforeAll(async () => {
  programs = await bundlePrograms(undefined, ['broker', 'index-worker', 'clock-broker']);
}, 60_000);

afterEach(async () => {
  for (const broker of running.splice(0)) await broker.dispose();
});

afterAll(() => fs.rmSync(programs, { recursive: true }));

async function started(): Promise<BrokerProcess> {
  const broker = new BrokerProcess(programs, temporaryHome({ limits: openLimits }));
  running.push(broker);
  await broker.start();
  return broker;
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'no error',
    (error: unknown) => toParleyError(error).code,
  );
}

/** A file's bytes in lower case; nothing when it was replaced meanwhile. */
function read(file: string): string {
  try {
    return fs.readFileSync(file, 'latin1').toLowerCase();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

/** Files of the home in which these bytes stand, in whatever case. */
function filesWith(home: string, secret: string): string[] {
  const found: string[] = [];
  for (const entry of fs.readdirSync(home, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    if (read(file).includes(secret.toLowerCase())) found.push(path.relative(home, file));
  }
  return found;
}

/** A call of Atlas to Nova that is answered, some words, and its end. */
async function talk(atlas: Client, nova: Client, words: string): Promise<string> {
  const refs = [{ uri: `file:///src/${words}Uri.ts`, excerpt: `${words}Excerpt`, note: `${words}Note` }];
  const call = await atlas.ask('call', {
    to: 'Nova',
    topic: `About ${words}Topic`,
    message: `First ${words}First`,
    refs,
  });
  const { thread = '' } = await nova.ask('answer', { answer: 'accept', message: `Hello ${words}Hello` });
  expect(call.call.to[0]?.state).toBe('ringing');
  await atlas.ask('send', { thread, text: `Said ${words}Said`, key: 'k1' + words.length });
  await nova.ask('leave', { thread });
  return thread;
}

async function call(from: Client, to: Client, words: string): Promise<{ thread?: string | undefined }> {
  await from.ask('call', { to: 'Cora', topic: `About ${words}` });
  const { thread = '' } = await to.ask('answer', { answer: 'accept', message: 'Yes.' });
  await to.ask('leave', { thread });
  return { thread };
}

describe('a thread that is erased', () => {
  it('is in no byte of the home, nor after a restart; all else is as it was', async () => {
    const broker = await started();
    const [atlas, nova] = [await broker.agent('Atlas'), await broker.agent('Nova')];
    const thread = await talk(atlas, nova, 'xyzzy');
    const other = await talk(atlas, nova, 'keepsake');
    // A stop leaves a checkpoint; the next start reads the journal into the index.
    await broker.end('SIGTERM');
    await broker.start();
    const person = await broker.person();
    await person.ask('search', { query: 'xyzzySaid' });
    await until('the index to be on disk', () => filesWith(broker.home, 'xyzzy').includes('state.db'), 15_000);
    const before = await person.ask('read', { thread: other });
    expect(filesWith(broker.home, 'xyzzy').map((file) => path.dirname(file))).toEqual(
      expect.arrayContaining(['.', 'checkpoints', 'journal']),
    );

    expect(await person.ask('erase', { thread })).toEqual({ thread, messages: 6 });
    expect(filesWith(broker.home, 'xyzzy')).toEqual([]);
    expect(filesWith(broker.home, 'keepsake')).not.toEqual([]);
    expect(await codeOf(person.ask('read', { thread }))).toBe('unknown_thread');
    expect(await codeOf(person.ask('erase', { thread }))).toBe('unknown_thread');
    expect((await person.ask('search', { query: 'xyzzy' })).hits).toEqual([]);
    expect((await person.ask('sql', { query: `select * from requests where topic like '%xyzzy%'` })).rows).toEqual([]);
    expect(await person.ask('read', { thread: other })).toEqual(before);

    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      await broker.end(signal);
      await broker.start();
      const again = await broker.person();
      expect(await again.ask('read', { thread: other })).toMatchObject({ messages: before.messages });
      expect(await codeOf(again.ask('read', { thread }))).toBe('unknown_thread');
      expect(filesWith(broker.home, 'xyzzy')).toEqual([]);
    }
  }, 60_000);

  it('was waiting in an inbox, in a feed, as a call of several and as a call back: all of it goes', async () => {
    const broker = await started();
    const [atlas, nova, sage] = [await broker.agent('Atlas'), await broker.agent('Nova'), await broker.agent('Sage')];
    await sage.ask('profile', { presence: 'busy' });
    await atlas.ask('call', { to: ['Nova', 'Sage'], topic: 'xyzzyTopic', message: 'xyzzyFirst' });
    const { thread = '' } = await nova.ask('answer', { answer: 'accept' });
    await nova.ask('send', { thread, text: 'xyzzyUnseen' });
    await nova.ask('leave', { thread });
    const person = await broker.person();
    expect((await sage.ask('inbox', {})).calls).toHaveLength(1);
    await person.ask('erase', { thread });
    expect((await sage.ask('inbox', {})).calls).toEqual([]);
    expect(JSON.stringify(await atlas.ask('listen', {}))).not.toContain('xyzzy');
    expect((await atlas.ask('inbox', {})).waiting).toMatchObject({ unread: 0, calls: 0 });
    expect(filesWith(broker.home, 'xyzzy')).toEqual([]);
  }, 60_000);

  it('is erased by the person alone, and not while it is open', async () => {
    const broker = await started();
    const [atlas, nova] = [await broker.agent('Atlas'), await broker.agent('Nova')];
    await atlas.ask('message', { to: 'Nova', topic: 'Notes', text: 'Hello' });
    const [thread] = (await nova.ask('threads', {})).threads;
    const person = await broker.person();
    expect(await codeOf(atlas.ask('erase', { thread: thread?.id ?? '' }))).toBe('forbidden');
    expect(await codeOf(person.ask('erase', { thread: thread?.id ?? '' }))).toBe('thread_open');
    expect((await nova.ask('read', { thread: thread?.id ?? '' })).messages).toHaveLength(3);
    expect(await codeOf(person.ask('erase', { thread: 'nothing' }))).toBe('unknown_thread');
  });
});

describe('archived threads and ended tasks with the limit archiveKept', () => {
  it('are erased when they are older, and others are kept', async () => {
    const home = temporaryHome({ limits: { ...openLimits, archiveKept: 3 * 24 * 3_600_000 } });
    const broker = new BrokerProcess(programs, home, process.execPath, 'clock-broker');
    running.push(broker);
    broker.turnClock(0);
    await broker.start();
    const [older, newer] = [await broker.agent('Atlas'), await broker.agent('Nova')];
    await talk(older, newer, 'xyzzy');
    const { task: done } = await older.ask('delegate', { to: 'Nova', title: 'Mend xyzzyTask' });
    await newer.ask('report', { task: done.id, state: 'completed', text: 'Done: xyzzyResult' });
    const { task: open } = await older.ask('delegate', { to: 'Nova', title: 'Keep at it' });
    broker.turnClock(2 * 24 * 3_600_000);
    const [atlas, nova] = [await broker.agent('Bea'), await broker.agent('Cora')];
    const { thread = '' } = await call(atlas, nova, 'keepsake');
    await broker.end('SIGTERM');
    fs.writeFileSync(path.join(home, 'test-clock'), String(4 * 24 * 3_600_000));
    await broker.start();
    broker.turnClock(4 * 24 * 3_600_000 + 2 * 60_000);
    await until('the older thread to be erased', () => filesWith(home, 'xyzzy').length === 0, 20_000);
    const person = await broker.person();
    expect((await person.ask('read', { thread })).messages).toHaveLength(4);
    expect((await person.ask('tasks', { state: 'over' })).tasks).toEqual([]);
    expect((await person.ask('tasks', { state: 'open' })).tasks.map(({ id }) => id)).toEqual([open.id]);
    expect((await person.ask('threads', {})).threads.map(({ topic }) => topic)).toEqual(['About keepsake']);
  }, 60_000);
});

describe('the broker with --repair', () => {
  const repair = (home: string): { status: number | null; output: unknown } => {
    const { status, stdout } = spawnSync(process.execPath, [path.join(programs, 'broker.js'), '--repair'], {
      env: { ...process.env, PARLEY_HOME: home },
      encoding: 'utf8',
    });
    return { status, output: JSON.parse(stdout) as unknown };
  };

  it('refuses while a broker runs, mends a damaged home, and leaves a sound one alone', async () => {
    const broker = await started();
    const [atlas, nova] = [await broker.agent('Atlas'), await broker.agent('Nova')];
    const thread = await talk(atlas, nova, 'before');
    const { status, output } = repair(broker.home);
    expect(status).toBe(53);
    expect(output).toMatchObject({ error: { code: 'broker_already_running' } });
    await broker.end('SIGKILL');
    fs.writeFileSync(path.join(broker.home, 'manifest.json'), 'damaged');
    await broker.start();
    const person = await broker.person();
    expect((await person.ask('status', {})).readOnly).toContain('manifest_lost');
    await broker.end('SIGTERM');
    expect(repair(broker.home)).toMatchObject({ status: 0, output: { report: { changed: true, gaps: [] } } });
    expect(repair(broker.home)).toMatchObject({ status: 0, output: { report: { changed: false } } });
    await broker.start();
    const again = await broker.person();
    expect((await again.ask('status', {})).readOnly).toBeUndefined();
    expect((await again.ask('read', { thread })).messages).toHaveLength(6);
    await broker.agent('Sage');
  }, 60_000);
});
