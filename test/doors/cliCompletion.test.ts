import { execFileSync, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
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

/** What bash would offer after each of these lines of words, the last word of each begun; `list`: for a second Tab. */
function offered(
  lines: readonly (readonly string[])[],
  { agent, list = false }: { agent?: string; list?: boolean } = {},
): string[][] {
  const script = ['source <(parley completion bash)'];
  for (const words of lines) {
    const quoted = ['parley', ...words].map((word) => `'${word.replaceAll("'", "'\\''")}'`);
    script.push(
      `COMP_WORDS=(${quoted.join(' ')}) COMP_CWORD=${words.length} COMP_TYPE=${list ? 63 : 9}`,
      '_parley',
      'for one in "${COMPREPLY[@]}"; do printf "%s\\n" "$one"; done',
      'echo ==',
    );
  }
  const options = { env: cli.environment(agent), cwd: home, encoding: 'utf8' as const };
  const parts = execFileSync('bash', ['--norc', '-c', script.join('\n')], options)
    .split('==\n')
    .slice(0, -1);
  return parts.map((part) => part.split('\n').filter((line) => line !== ''));
}

describe('completion in bash', () => {
  it('offers commands, flags, the words of a flag and files, with no broker there, and starts none', () => {
    fs.writeFileSync(path.join(home, 'two words.txt'), '');
    const lines = [['ca'], ['call', 'Nova', '--urgency', ''], ['message', ''], ['send', 'x', '--ref', 'two']];
    expect(offered(lines, { agent: 'Atlas' })).toEqual([
      ['call', 'cancel', 'calls'],
      ['now', 'next', 'later'],
      [],
      ['two words.txt'],
    ]);
    expect(cli.brokerPid()).toBeUndefined();
  }, 60_000);

  it('offers who is there, and threads and calls by the end of their id with what they are about', async () => {
    await cli.json(undefined, 'register', '--name', 'Atlas', '--capabilities', 'coding');
    await cli.json(undefined, 'register', '--name', 'Nova');
    const said = await cli.json<Output<'message'>>('Atlas', 'message', 'Nova', 'hello', '--topic', 'The parser');
    const { call } = await cli.json<Output<'call'>>('Atlas', 'call', 'Nova', '--topic', 'Lunch');
    const lines = [
      ['message', 'a'],
      ['read', ''],
      ['accept', ''],
    ];
    expect(offered(lines, { agent: 'Nova', list: true })).toEqual([
      ['Atlas   available, coding'],
      [`${said.message.thread.slice(-8)}   The parser`],
      [`${call.id.slice(-8)}   Atlas: Lunch`],
    ]);
    expect(offered([['who', '--as', 'Nova', 'at']])).toEqual([['Atlas']]);
    // What was offered was not shown: it still waits.
    const inbox = await cli.json<Output<'inbox'>>('Nova', 'inbox');
    expect(inbox.threads.map(({ unread }) => unread)).toEqual([1]);
  }, 60_000);

  it('evaluates nothing of what was typed', () => {
    const mark = path.join(home, 'mark');
    const lines = [
      ['send', `$(touch ${mark})`, ''],
      ['send', '`touch ' + mark + '`', '--k'],
    ];
    expect(offered(lines)).toEqual([[], ['--key']]);
    expect(fs.existsSync(mark)).toBe(false);
  }, 60_000);

  if (!hasScript) process.stdout.write('skipped: there is no script(1) of util-linux to make a terminal\n');
  it.runIf(hasScript)(
    'finishes what is typed at a prompt, by Tab',
    async () => {
      await cli.json(undefined, 'register', '--name', 'Atlas');
      await cli.json(undefined, 'register', '--name', 'Nova');
      const typed = 'source <(parley completion bash)\nparley messa\tNo\t"hello there"\nexit\n';
      await cli.onTerminal('bash --noprofile --norc -i', typed, 'Atlas');
      const { events } = await cli.json<Output<'listen'>>('Nova', 'poll');
      expect(events).toMatchObject([{ what: 'message', message: { fromName: 'Atlas', content: 'hello there' } }]);
    },
    60_000,
  );
});

describe('the script', () => {
  for (const [shell, check] of [
    ['zsh', ['-n']],
    ['fish', ['--no-execute']],
  ] as const) {
    const isThere = spawnSync(shell, ['--version']).status === 0;
    if (!isThere) process.stdout.write(`skipped: there is no ${shell} here to read its script\n`);
    it.runIf(isThere)(`can be read by ${shell}`, async () => {
      const file = path.join(home, 'script');
      fs.writeFileSync(file, (await cli.run(undefined, ['completion', shell])).stdout);
      const read = spawnSync(shell, [...check, file], { encoding: 'utf8' });
      expect({ status: read.status, stderr: read.stderr }).toEqual({ status: 0, stderr: '' });
    });
  }

  it('is there for four shells, and no other', async () => {
    for (const shell of ['bash', 'zsh', 'fish', 'powershell']) {
      expect((await cli.run(undefined, ['completion', shell])).stdout).toContain('parley completion');
    }
    expect(await cli.run(undefined, ['completion', 'tcsh'])).toMatchObject({ code: 2, stdout: '' });
  });
});
