import { chmod, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { DoorRinger } from '../../../src/ringers/doorRinger';
import { headlessClients, headlessSession } from '../../../src/ringers/headlessClients';
import { HeadlessResumeDoor, resumeLimit } from '../../../src/ringers/headlessResume';
import { DoorClosed, type LateReport } from '../../../src/ringers/ringer';
import { ManualClock } from '../../support/manualClock';
import { until } from '../../support/until';
import { ringerCompliance, ringOf } from './compliance';

interface Run {
  readonly words: readonly string[];
  readonly input: string;
  readonly folder: string;
  readonly agent: string | undefined;
}

/**
 * Stands for a client's program: it is no client. It writes down how it was run and what it read, and goes on for as long as a
 * file `stay` is there; with a file `fail` it ends with code 3.
 */
class StandIn {
  readonly folder: string;
  readonly reports: LateReport[] = [];
  readonly notes: string[] = [];
  readonly seen: string[] = [];
  readonly clock = new ManualClock();
  obstacle: string | undefined;
  ringer: DoorRinger;

  private constructor(folder: string, sessions: readonly string[]) {
    this.folder = folder;
    const door = new HeadlessResumeDoor({
      find: () => {
        const session = headlessSession(sessions);
        if (this.obstacle !== undefined || !session) throw new DoorClosed(this.obstacle ?? 'no session');
        return Promise.resolve({ session, program: this.#program, folder: this.folder });
      },
      env: { PARLEY_AGENT: 'Nova' },
      clock: this.clock,
      report: (report) => this.reports.push(report),
      note: (text) => this.notes.push(text),
      began: ({ client, folder: place, ended }) => {
        this.seen.push(`${client} in ${place === folder ? 'its folder' : place}`);
        void ended.then(() => this.seen.push('over'));
      },
    });
    this.ringer = new DoorRinger({ door, clock: this.clock });
  }

  static async start(session = 'claude-code:session-1', version = '2.1.329'): Promise<StandIn> {
    const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'parley-headless-')));
    const one = new StandIn(folder, [session]);
    await writeFile(
      one.#program,
      `#!${process.execPath}
const fs = require('node:fs');
const at = (name) => require('node:path').join(__dirname, name);
const words = process.argv.slice(2);
if (words[0] === '--version') {
  console.log('The Client ${version}.');
  process.exit(0);
}
let input = '';
process.stdin.on('data', (data) => (input += data)).on('end', () => {
  const run = { words, input, folder: process.cwd(), agent: process.env.PARLEY_AGENT };
  fs.appendFileSync(at('runs'), JSON.stringify(run) + '\\n');
  if (fs.existsSync(at('fail'))) {
    console.error('first line\\nNo conversation found');
    process.exit(3);
  }
  if (fs.existsSync(at('stay'))) setInterval(() => undefined, 1000);
});
`,
    );
    await chmod(one.#program, 0o700);
    return one;
  }

  get #program(): string {
    return path.join(this.folder, 'client');
  }

  put(file: 'stay' | 'fail'): Promise<void> {
    return writeFile(path.join(this.folder, file), '');
  }

  async runs(count: number): Promise<Run[]> {
    let runs: Run[] = [];
    await until('the runs', async () => {
      const text = await readFile(path.join(this.folder, 'runs'), 'utf8').catch(() => '');
      runs = text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Run);
      return runs.length >= count;
    });
    return runs;
  }

  /** Resolves when as many runs have ended. */
  async ended(count: number): Promise<void> {
    await until('the ends', () => this.notes.filter((note) => /ended with/.test(note)).length >= count);
  }

  vanish(): Promise<void> {
    return rm(this.#program, { force: true });
  }

  async stop(): Promise<void> {
    await this.ringer.dispose();
    await rm(this.folder, { recursive: true, force: true });
  }
}

ringerCompliance('a session brought back by a stand-in for its client', async () => {
  const standIn = await StandIn.start();
  let rings = 0;
  return {
    ringer: standIn.ringer,
    received: async (count) => (await standIn.runs(count)).map(({ input }) => input),
    vanish: () => standIn.vanish(),
    stop: () => standIn.stop(),
    anotherUser: false,
    free: () => standIn.ended(++rings),
  };
});

async function withStandIn(work: (standIn: StandIn) => Promise<void>, ...given: [string?, string?]): Promise<void> {
  const standIn = await StandIn.start(...given);
  try {
    await work(standIn);
  } finally {
    await standIn.stop();
  }
}

test('the client runs in the workspace under the agent’s name, and is told why on its input', () =>
  withStandIn(async (standIn) => {
    expect(await standIn.ringer.ring(ringOf())).toEqual({ result: 'written' });
    const [run] = await standIn.runs(1);
    expect(run).toMatchObject({ folder: standIn.folder, agent: 'Nova', input: ringOf().text });
    expect(run?.words.slice(0, 2)).toEqual(['-p', '--resume=session-1']);
    expect(run?.words.join(' ')).not.toContain('Atlas');
    await standIn.ended(1);
    expect(standIn.reports).toEqual([]);
  }));

test.each([
  ['codex:t-1', '0.169.0', ['exec', 'resume', '--skip-git-repo-check', 't-1', '-'], true],
  ['opencode:ses_1', '1.18.33', ['run', '--session=ses_1'], true],
  ['copilot:c-1', '1.0.102', ['--resume=c-1', '--allow-tool=parley', `--prompt=${ringOf().text}`], false],
])('%s: a stand-in is given the words of the real one', (session, version, words, readsInput) =>
  withStandIn(
    async (standIn) => {
      expect(await standIn.ringer.ring(ringOf())).toEqual({ result: 'written' });
      expect((await standIn.runs(1))[0]).toMatchObject({ words, input: readsInput ? ringOf().text : '' });
    },
    session,
    version,
  ),
);

test('while one run goes on there is no second', () =>
  withStandIn(async (standIn) => {
    await standIn.put('stay');
    await standIn.ringer.ring(ringOf());
    const again = await standIn.ringer.ring(ringOf({ subject: '01NEXT' }));
    expect(again).toEqual({ result: 'failed', detail: 'its session is being brought back already' });
    expect(await standIn.runs(1)).toHaveLength(1);
  }));

test('a run that fails is told afterwards, with what the client said last', () =>
  withStandIn(async (standIn) => {
    await standIn.put('fail');
    expect(await standIn.ringer.ring(ringOf())).toEqual({ result: 'written' });
    await standIn.ended(1);
    expect(standIn.reports).toEqual([
      {
        subject: '01CALL',
        agent: '01NOVA',
        ringer: 'headless-resume',
        result: 'failed',
        detail: 'it ended with 3: No conversation found',
      },
    ]);
  }));

test('a run is ended after its time, which is told', () =>
  withStandIn(async (standIn) => {
    await standIn.put('stay');
    await standIn.ringer.ring(ringOf());
    await standIn.runs(1);
    await standIn.clock.advance(resumeLimit);
    await standIn.ended(1);
    expect(standIn.reports[0]?.detail).toBe('it ran for 10 minutes and was ended');
  }));

test('a run can be shown for as long as it lasts', () =>
  withStandIn(async (standIn) => {
    await standIn.put('stay');
    await standIn.ringer.ring(ringOf());
    await standIn.runs(1);
    expect(standIn.seen).toEqual(['Claude Code in its folder']);
    await standIn.ringer.dispose();
    expect(standIn.seen).toEqual(['Claude Code in its folder', 'over']);
  }));

test('disposed of, it takes the run with it', () =>
  withStandIn(async (standIn) => {
    await standIn.put('stay');
    await standIn.ringer.ring(ringOf());
    await standIn.runs(1);
    await standIn.ringer.dispose();
    expect(standIn.notes.at(-1)).toMatch(/ended with/);
  }));

test.each(['2.1.299', '3.0.0', 'newest'])('a version that was not tried is not run: %s', (version) =>
  withStandIn(
    async (standIn) => {
      const answer = await standIn.ringer.ring(ringOf());
      expect(answer).toMatchObject({ result: 'failed', detail: expect.stringMatching(/is used from/) as unknown });
      expect(await standIn.ringer.selfTest()).toMatchObject({ works: false });
      expect(await standIn.runs(0)).toEqual([]);
    },
    'claude-code:session-1',
    version,
  ),
);

test('what stands in the way is the reason', () =>
  withStandIn(async (standIn) => {
    standIn.obstacle = 'its session runs';
    expect(await standIn.ringer.ring(ringOf())).toEqual({ result: 'failed', detail: 'its session runs' });
  }));

test('the latest session counts that a client here can go on with, and whose id is no flag', () => {
  expect(headlessSession(['claude-code:a', 'codex:b', 'gemini:c', 'vscode:d'])?.client.program).toBe('codex');
  expect(headlessSession(['claude-code:a', 'claude-code:--dangerous', 'codex:x y'])?.id).toBe('a');
  expect(headlessSession([])).toBeUndefined();
});

test('no client is given a shell’s words: each argument stands on its own', () => {
  for (const client of headlessClients)
    for (const word of client.arguments('id', 'the words')) expect(word).toMatch(/^(--prompt=the words|[\w=*,-]+)$/);
});
