import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { CodexQueueDoor } from '../../../src/ringers/codexQueue';
import { codexFolder, CodexSocketDoor } from '../../../src/ringers/codexSocket';
import { DoorRinger } from '../../../src/ringers/doorRinger';
import { ManualClock } from '../../support/manualClock';
import { until } from '../../support/until';
import { ringerCompliance, ringOf } from './compliance';
import { FakeCodex, type FakeThread } from './fakeCodex';

const startedAt = Date.UTC(2026, 0, 1);
const threadOf = (changes: Partial<FakeThread> = {}): FakeThread => ({
  id: 'thread-1',
  cwd: '/work',
  createdAt: startedAt / 1000 - 1,
  status: { type: 'idle' },
  ...changes,
});

function socketRinger(codex: FakeCodex, thread: string | undefined, clock = new ManualClock(), found: string[] = []) {
  const door = new CodexSocketDoor({
    folder: codex.folder,
    workspace: '/work',
    thread: () => thread,
    found: (one) => void found.push(one),
    startedAt,
    clock,
  });
  return new DoorRinger({ door, clock });
}

ringerCompliance('the socket of Codex', async () => {
  const codex = await FakeCodex.start();
  codex.threads = [threadOf()];
  const clock = new ManualClock();
  return {
    ringer: socketRinger(codex, 'thread-1', clock),
    received: (count) => codex.rings.received(count),
    vanish: () => codex.vanish(),
    stop: () => codex.stop(),
    answering: {
      clock,
      hang: () => codex.rings.hang(),
      unanswered: (count) => codex.rings.unanswered(count),
      breakOff: () => codex.vanish(),
      mostAtOnce: () => codex.rings.mostAtOnce(),
    },
  };
});

async function withCodex(work: (codex: FakeCodex) => Promise<void>): Promise<void> {
  const codex = await FakeCodex.start();
  try {
    await work(codex);
  } finally {
    await codex.stop();
  }
}

test('a turn of its thread is started, after nothing that changes anything', () =>
  withCodex(async (codex) => {
    codex.threads = [threadOf(), threadOf({ id: 'thread-2' })];
    expect(await socketRinger(codex, 'thread-2').ring(ringOf())).toEqual({ result: 'written' });
    expect(codex.asked).toEqual(['initialize', 'initialized', 'thread/read', 'turn/start']);
  }));

test('its test tells the version, and starts no turn', () =>
  withCodex(async (codex) => {
    codex.threads = [threadOf()];
    expect(await socketRinger(codex, 'thread-1').selfTest()).toMatchObject({ works: true, version: '0.169.0' });
    expect(codex.asked).not.toContain('turn/start');
  }));

test.each([
  ['waitingOnApproval', 'permission prompt'],
  ['waitingOnUserInput', 'question to its user'],
  ['waitingOnSomethingNew', 'its user'],
])('a thread that is %s is told: the ring is written, and held', (flag, detail) =>
  withCodex(async (codex) => {
    codex.threads = [threadOf({ status: { type: 'active', activeFlags: [flag] } })];
    expect(await socketRinger(codex, 'thread-1').ring(ringOf())).toEqual({ result: 'held', detail });
    expect(codex.rings.texts).toHaveLength(1);
  }),
);

test.each([
  ['it does not know', [threadOf({ id: 'other' })], /not found/],
  ['that is not open', [threadOf({ status: { type: 'notLoaded' } })], /not open/],
])('a thread %s is not rung', (_what, threads, reason) =>
  withCodex(async (codex) => {
    codex.threads = threads;
    const answer = await socketRinger(codex, 'thread-1').ring(ringOf());
    expect(answer).toMatchObject({ result: 'failed', detail: expect.stringMatching(reason) as unknown });
    expect(codex.rings.texts).toEqual([]);
  }),
);

test('what Codex says against a turn is the reason', () =>
  withCodex(async (codex) => {
    codex.threads = [threadOf()];
    codex.refusal = 'a review runs';
    expect(await socketRinger(codex, 'thread-1').ring(ringOf())).toEqual({ result: 'failed', detail: 'a review runs' });
  }));

test('a server that speaks another way fails, and is not rung', () =>
  withCodex(async (codex) => {
    codex.threads = [threadOf()];
    codex.userAgent = undefined as unknown as string;
    expect((await socketRinger(codex, 'thread-1').ring(ringOf())).result).toBe('failed');
    expect(codex.rings.texts).toEqual([]);
  }));

test('before its first call the thread is the only one in our folder that began when we did', () =>
  withCodex(async (codex) => {
    codex.threads = [
      threadOf({ id: 'long-ago', createdAt: startedAt / 1000 - 3600 }),
      threadOf({ id: 'elsewhere', cwd: '/other' }),
      threadOf({ id: 'child', parentThreadId: 'ours' }),
      threadOf({ id: 'inner', ephemeral: true }),
      threadOf({ id: 'ours' }),
    ];
    const found: string[] = [];
    const ringer = socketRinger(codex, undefined, undefined, found);
    expect(await ringer.ring(ringOf())).toEqual({ result: 'written' });
    expect(found).toEqual(['ours']);
    // Who comes later is somebody else.
    codex.threads = [...codex.threads, threadOf({ id: 'later' })];
    expect(await ringer.ring(ringOf({ subject: '01OTHER' }))).toEqual({ result: 'written' });
    expect(found).toEqual(['ours']);
  }));

test.each([
  ['none', []],
  ['two', [threadOf({ id: 'one' }), threadOf({ id: 'two' })]],
])('with %s that it may be, nobody is rung', (_count, threads) =>
  withCodex(async (codex) => {
    codex.threads = threads;
    const ringer = socketRinger(codex, undefined);
    const reason = 'which of its threads is ours shows with the first use of Parley';
    expect(await ringer.available()).toEqual({ available: false, reason });
    expect(await ringer.ring(ringOf())).toEqual({ result: 'failed', detail: reason });
    expect(codex.rings.texts).toEqual([]);
  }),
);

test('while the thread is not known it is looked for again, three times', () =>
  withCodex(async (codex) => {
    const clock = new ManualClock();
    let thread: string | undefined;
    const door = new CodexSocketDoor({
      folder: codex.folder,
      workspace: '/work',
      thread: () => thread,
      found: () => undefined,
      startedAt,
      clock,
    });
    let looked = 0;
    const end = door.watch(() => looked++);
    await clock.advance(2000);
    expect(looked).toBe(2);
    thread = 'thread-1';
    await clock.advance(60_000);
    expect(looked).toBe(2);
    end();
    const endAgain = door.watch(() => looked++);
    endAgain();
    expect(clock.pending).toBe(0);
  }));

test('Codex’s folder is the one that it was given, else in the user’s', () => {
  expect(codexFolder({ CODEX_HOME: '/c', HOME: '/h' })).toBe('/c');
  expect(codexFolder({ CODEX_HOME: '', HOME: '/h' })).toBe('/h/.codex');
  expect(codexFolder({})).toBeUndefined();
});

/** A program `codex` that writes down each message it is to queue, or hangs while a file `hang` is there. */
class FakeQueue {
  readonly folder: string;
  readonly #program: string;

  private constructor(folder: string) {
    this.folder = folder;
    this.#program = path.join(folder, 'codex');
  }

  static async start(): Promise<FakeQueue> {
    const queue = new FakeQueue(await mkdtemp(path.join(tmpdir(), 'parley-queue-')));
    await writeFile(
      queue.#program,
      `#!${process.execPath}
const fs = require('node:fs');
const path = require('node:path');
const [command, thread, message] = process.argv.slice(2);
const at = (name) => path.join(__dirname, name);
if (command === '--version') console.log('codex-cli 0.169.0');
else if (command !== 'queue' || thread !== '--thread=thread-1') {
  console.error('first line\\nError: no rollout found for thread');
  process.exit(1);
} else {
  if (fs.existsSync(at('busy'))) fs.writeFileSync(at('twice'), '');
  fs.writeFileSync(at('busy'), String(process.pid));
  fs.appendFileSync(at('queued'), JSON.stringify(message.slice('--message='.length)) + '\\n');
  if (fs.existsSync(at('hang'))) setInterval(() => undefined, 1000);
  else fs.rmSync(at('busy'));
}
`,
    );
    await chmod(queue.#program, 0o700);
    return queue;
  }

  get program(): string {
    return this.#program;
  }

  async texts(): Promise<string[]> {
    const written = await readFile(path.join(this.folder, 'queued'), 'utf8').catch(() => '');
    return written
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as string);
  }

  async received(count: number): Promise<readonly string[]> {
    let texts: string[] = [];
    await until('the texts', async () => (texts = await this.texts()).length >= count, 5000);
    return texts;
  }

  hang(): Promise<void> {
    return writeFile(path.join(this.folder, 'hang'), '');
  }

  async breakOff(): Promise<void> {
    process.kill(Number(await readFile(path.join(this.folder, 'busy'), 'utf8')));
  }

  get isTwice(): boolean {
    return existsSync(path.join(this.folder, 'twice'));
  }

  async vanish(): Promise<void> {
    await rm(this.#program, { force: true });
  }

  async stop(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

const queueRinger = (queue: FakeQueue, thread: string | undefined, clock = new ManualClock()) =>
  new DoorRinger({ door: new CodexQueueDoor({ program: queue.program, env: {}, thread: () => thread }), clock });

ringerCompliance('the queue of Codex', async () => {
  const queue = await FakeQueue.start();
  const clock = new ManualClock();
  return {
    ringer: queueRinger(queue, 'thread-1', clock),
    received: (count) => queue.received(count),
    vanish: () => queue.vanish(),
    stop: () => queue.stop(),
    anotherUser: false,
    answering: {
      clock,
      hang: () => queue.hang(),
      unanswered: async (count) => void (await queue.received(count)),
      breakOff: () => queue.breakOff(),
      mostAtOnce: () => (queue.isTwice ? 2 : 1),
    },
  };
});

test('what the command says last when it fails is the reason', async () => {
  const queue = await FakeQueue.start();
  try {
    const answer = await queueRinger(queue, 'thread-2').ring(ringOf());
    expect(answer).toEqual({ result: 'failed', detail: 'Error: no rollout found for thread' });
    expect((await queueRinger(queue, undefined).available()).available).toBe(false);
    expect(await queueRinger(queue, 'thread-1').selfTest()).toMatchObject({ works: true, version: '0.169.0' });
  } finally {
    await queue.stop();
  }
});
