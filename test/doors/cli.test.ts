import { execFile, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { errorTexts } from '../../src/contract/errors';
import type { Output } from '../../src/contract/operations';
import type { ListenEvent } from '../../src/contract/views';
import { bundlePrograms, temporaryHome, testEdition } from '../support/brokerProcess';
import { until } from '../support/until';

let programs: string;
let home: string;
const children: ChildProcess[] = [];

beforeAll(async () => {
  programs = await bundlePrograms(testEdition, ['broker', 'index-worker', 'parley']);
});

beforeEach(() => {
  home = temporaryHome();
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await endBroker();
  fs.rmSync(home, { recursive: true, force: true });
});

afterAll(() => fs.rmSync(programs, { recursive: true, force: true }));

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function environment(): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], HOME: home, PARLEY_HOME: home };
}

/** Runs one command as a process, as a script would. */
function parley(...words: string[]): Promise<Ran> {
  return new Promise((resolve) => {
    const run = [path.join(programs, 'parley.js'), ...words];
    execFile(process.execPath, run, { env: environment() }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

/** The output of a command that must succeed. */
async function json<T>(...words: string[]): Promise<T> {
  const { code, stdout, stderr } = await parley(...words, '--json');
  expect({ code, stderr }, words.join(' ')).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as T;
}

function brokerPid(): number | undefined {
  try {
    return (JSON.parse(fs.readFileSync(path.join(home, 'broker.json'), 'utf8')) as { pid: number }).pid;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A zombie has ended; only nobody has taken note.
    return !/\) Z /.test(fs.readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** Ends the broker of this home, and waits until it is gone. */
async function endBroker(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
  const pid = brokerPid();
  if (pid === undefined || !isAlive(pid)) return;
  process.kill(pid, signal);
  await until('the broker to end', () => !isAlive(pid));
}

/** A `watch` that goes on, and the events that it has printed. */
function watching(name: string): { readonly child: ChildProcess; readonly events: () => ListenEvent[] } {
  const child = spawn(process.execPath, [path.join(programs, 'parley.js'), '--as', name, 'watch'], {
    env: environment(),
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  children.push(child);
  let text = '';
  child.stdout.on('data', (data: Buffer) => (text += data.toString()));
  const events = (): ListenEvent[] =>
    text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as ListenEvent);
  return { child, events };
}

describe('two agents with nothing but the command line', () => {
  it('register, call, talk over a killed broker, and leave', async () => {
    const atlas = await json<{ agent: { id: string } }>(
      'register',
      '--name',
      'Atlas',
      '--capabilities',
      'coding,review',
    );
    await json('register', '--name', 'Nova');

    const roster = await json<Output<'who'>>('--as', 'Atlas', 'who', '--capability', 'coding');
    expect(roster.agents.map(({ id, name, capabilities }) => ({ id, name, capabilities }))).toEqual([
      { id: atlas.agent.id, name: 'Atlas', capabilities: ['coding', 'review'] },
    ]);

    const calling = json<Output<'call'>>(
      '--as',
      'Atlas',
      'call',
      'Nova',
      '--topic',
      'The parser',
      '--message',
      'A minute?',
      '--wait',
      '15',
    );
    const inbox = await until('the call to wait for Nova', async () => {
      const found = await json<Output<'inbox'>>('--as', 'Nova', 'inbox');
      return found.calls.length > 0 && found;
    });
    expect(inbox.calls[0]).toMatchObject({ fromName: 'Atlas', topic: 'The parser', message: 'A minute?' });

    const accepted = await json<Output<'answer'>>('--as', 'Nova', 'accept', '--message', 'Go on');
    const thread = accepted.thread ?? '';
    expect(accepted.messages.map(({ content }) => content)).toContain('A minute?');
    expect((await calling).thread).toBe(thread);

    await json('--as', 'Atlas', 'send', 'It drops the last line');
    const before = brokerPid();
    await endBroker('SIGKILL');
    const read = await json<Output<'read'>>('--as', 'Nova', 'read');
    expect(brokerPid()).not.toBe(before);
    expect(read.thread).toMatchObject({ id: thread, mode: 'live', state: 'open' });
    await json('--as', 'Nova', 'send', 'Found it');

    const messages = (await json<Output<'read'>>('--as', 'Atlas', 'read', thread)).messages;
    expect(
      messages.filter(({ type }) => type === 'message').map(({ fromName, content }) => [fromName, content]),
    ).toEqual([
      ['Atlas', 'A minute?'],
      ['Nova', 'Go on'],
      ['Atlas', 'It drops the last line'],
      ['Nova', 'Found it'],
    ]);
    expect(messages.map(({ seq }) => seq)).toEqual(messages.map((_, index) => index + 1));

    expect(await json<Output<'leave'>>('--as', 'Nova', 'leave')).toMatchObject({ thread, closed: true });
    const closed = await parley('--as', 'Atlas', 'send', 'Too late', '--thread', thread);
    expect(closed).toMatchObject({ code: errorTexts.thread_closed.exit, stdout: '' });
  }, 60_000);

  it('hear by watch what comes, each thing once, while the broker is killed in between', async () => {
    await json('register', '--name', 'Atlas');
    await json('register', '--name', 'Nova');
    const nova = watching('Nova');
    const texts = (): string[] =>
      nova
        .events()
        .flatMap((event) =>
          event.what === 'message' && event.message.type === 'message' ? [event.message.content] : [],
        );
    await json('--as', 'Atlas', 'message', 'Nova', 'one');
    await until('the first message', () => texts().includes('one'));
    await endBroker('SIGKILL');
    await json('--as', 'Atlas', 'message', 'Nova', 'two');
    await until('the second message', () => texts().includes('two'));
    expect(texts()).toEqual(['one', 'two']);
    const ended = new Promise((resolve) => nova.child.once('exit', resolve));
    nova.child.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(await json<Output<'listen'>>('--as', 'Nova', 'poll')).toMatchObject({ events: [] });
  }, 60_000);

  it('start one broker between them when they come at once', async () => {
    const ran = await Promise.all(['Ada', 'Bea', 'Cleo', 'Dara'].map((name) => parley('register', '--name', name)));
    expect(ran.map(({ code, stderr }) => ({ code, stderr }))).toEqual(ran.map(() => ({ code: 0, stderr: '' })));
    const { agents } = await json<Output<'who'>>('--as', 'Ada', 'who');
    expect(
      agents
        .filter(({ kind }) => kind === 'agent')
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['Ada', 'Bea', 'Cleo', 'Dara']);
  }, 60_000);
});

describe('the person', () => {
  const hasScript = spawnSync('script', ['--version']).status === 0;
  if (!hasScript) process.stdout.write('skipped: there is no script(1) of util-linux to make a terminal\n');

  /** Runs the words on a terminal of their own. */
  function onTerminal(...words: string[]): Ran {
    const command = [process.execPath, path.join(programs, 'parley.js'), ...words].join(' ');
    const ran = spawnSync('script', ['-qec', command, '/dev/null'], { env: environment(), encoding: 'utf8' });
    return { code: ran.status ?? -1, stdout: ran.stdout, stderr: ran.stderr };
  }

  it.runIf(hasScript)(
    'is who runs a command on a terminal, and alone may stop the broker',
    async () => {
      // Nobody registers here: on a terminal below one who did, one is that agent.
      expect(await json('broker', 'start')).toMatchObject({ started: true, version: testEdition.version });
      expect((await parley('broker', 'stop')).code).toBe(errorTexts.forbidden.exit);
      expect(onTerminal('who').stdout).toMatch(/\(you\).*the person/);
      const pid = brokerPid() ?? 0;
      expect(onTerminal('broker', 'stop')).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('has stopped') as string,
      });
      expect(isAlive(pid)).toBe(false);
      expect((await parley('broker', 'status')).code).toBe(errorTexts.broker_gone.exit);
      expect((await parley('doctor')).code).toBe(0);
    },
    60_000,
  );
});
