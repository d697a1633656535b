import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { errorTexts } from '../../src/contract/errors';
import type { Output } from '../../src/contract/operations';
import { bundlePrograms, temporaryHome, testEdition } from '../support/brokerProcess';
import { CliProcess, hasScript } from '../support/cliProcess';

let programs: string;
let home: string;
let cli: CliProcess;

beforeAll(async () => {
  programs = await bundlePrograms(testEdition, ['broker', 'index-worker', 'parley']);
});

beforeEach(() => {
  home = temporaryHome();
  cli = new CliProcess(programs, home);
});

afterEach(async () => {
  await cli.dispose();
  fs.rmSync(home, { recursive: true, force: true });
});

afterAll(() => fs.rmSync(programs, { recursive: true, force: true }));

/** Runs a poll whose output nobody takes: its reader is gone before the first byte. */
function pollIntoNothing(agent: string): Promise<number | null> {
  return new Promise((resolve) => {
    const child = spawn(path.join(cli.bin, 'parley'), ['poll', '--wait', '30'], {
      env: cli.environment(agent),
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    child.stdout.destroy();
    child.on('exit', resolve);
  });
}

it('tells again what a poll could not write, and counts it as unseen until then', async () => {
  await cli.json(undefined, 'register', '--name', 'Atlas');
  await cli.json(undefined, 'register', '--name', 'Nova');
  const { message } = await cli.json<Output<'message'>>('Atlas', 'message', 'Nova', 'hello');
  const receipt = async (): Promise<string | undefined> => {
    const { messages } = await cli.json<Output<'read'>>('Atlas', 'read', message.thread);
    return messages.find(({ id }) => id === message.id)?.receipts[0]?.state;
  };
  for (let time = 0; time < 2; time++) expect(await pollIntoNothing('Nova')).toBe(1);
  expect(await receipt()).toBe('stored');
  const { stdout } = await cli.run('Nova', ['poll']);
  const told = stdout.trim().split('\n').map((line) => JSON.parse(line) as { what: string; message?: { content: string } }); // prettier-ignore
  expect(told).toMatchObject([{ what: 'message', message: { content: 'hello' } }]);
  expect(await receipt()).toBe('seen');
  expect((await cli.run('Nova', ['poll'])).stdout).toBe('');
}, 120_000);

it('ends a watch in silence when its reader goes, and when it is interrupted', async () => {
  await cli.json(undefined, 'register', '--name', 'Atlas');
  await cli.json(undefined, 'register', '--name', 'Nova');
  const ended = new Promise<[number | null, string]>((resolve) => {
    const child = spawn('bash', ['-c', 'set -o pipefail; parley watch | head -n 1'], {
      env: cli.environment('Nova'),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let errors = '';
    child.stderr.on('data', (data: Buffer) => (errors += data.toString()));
    child.on('close', (code) => resolve([code, errors]));
  });
  const rung = cli.watch('Nova');
  // The first line ends `head`; the second finds nobody who reads.
  for (const text of ['one', 'two', 'three']) await cli.json('Atlas', 'message', 'Nova', text);
  expect(await ended).toEqual([0, '']);
  const interrupted = new Promise((resolve) => rung.child.once('exit', resolve));
  rung.child.kill('SIGINT');
  expect(await interrupted).toBe(0);
}, 120_000);

if (!hasScript) process.stdout.write('skipped: there is no script(1) of util-linux to make a terminal\n');

it.runIf(hasScript)(
  'exports everything, takes it in elsewhere, and mends a damaged home',
  async () => {
    await cli.json(undefined, 'broker', 'start');
    const person = (line: string) => cli.onTerminal(line);
    expect(await person('parley create --topic "Kept for later"')).toMatchObject({ code: 0 });
    const file = path.join(home, 'all.jsonl');
    expect((await person(`parley export --out ${file}`)).stdout).toMatch(/Exported \d+ KiB to/);
    expect(fs.readFileSync(file, 'utf8')).toContain('Kept for later');
    expect((await person(`parley import ${file}`)).stdout).toContain('was here already');
    expect((await person('parley import /nowhere/all.jsonl')).code).toBe(errorTexts.file_failed.exit);
    fs.writeFileSync(file, 'damaged\n');
    expect((await person(`parley import ${file}`)).code).toBe(errorTexts.import_refused.exit);
    expect((await person("parley sql 'select topic from conversations'")).stdout).toMatch(/topic.*Kept for later/s);

    expect((await person('parley doctor --repair')).code).toBe(errorTexts.broker_already_running.exit);
    expect((await cli.run(undefined, ['doctor', '--repair'])).code).toBe(errorTexts.forbidden.exit);
    expect((await person('parley broker stop')).code).toBe(0);
    expect((await person('parley doctor --repair')).stdout).toContain('Nothing was wrong');
    fs.writeFileSync(path.join(home, 'manifest.json'), 'damaged');
    expect((await person('parley doctor --repair')).stdout).toContain('The home can be written again.');
    expect((await person('parley threads')).stdout).toContain('Kept for later');
  },
  180_000,
);
