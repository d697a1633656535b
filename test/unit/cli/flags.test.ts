import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fieldsOf, flagName } from '../../../src/cli/flags';
import { operationCommands } from '../../../src/cli/commands';
import { refAt } from '../../../src/cli/refs';
import { systemClock } from '../../../src/client/clock';
import { IdentityStore } from '../../../src/client/identityStore';
import { errorTexts } from '../../../src/contract/errors';
import { operationNames, operations } from '../../../src/contract/operations';
import { FakeBroker, temporaryHome } from '../client/fakeBroker';
import { answered, run, type Answering } from './run';

let home: string;
let fake: FakeBroker | undefined;

beforeEach(() => {
  home = temporaryHome();
  new IdentityStore(home).add({ id: 'N', name: 'Nova', token: 'nova-token', sessions: [], savedAt: 1 });
});

afterEach(async () => {
  await fake?.kill();
  fake = undefined;
  fs.rmSync(home, { recursive: true, force: true });
});

const answering: Answering = (...asked) => answered(home, (broker) => (fake = broker), ...asked);

const waiting = { unread: 0, calls: 0, ringing: 0 };
const sent = { message: { id: 'M', thread: 'T', seq: 3, timestamp: 0 }, receipts: [], events: [], waiting };

describe('flags', () => {
  it('come from the contract: every field of every operation is a flag, an argument, preset, or left out on purpose', () => {
    for (const command of operationCommands) {
      const fields = fieldsOf(command.operation).map(({ name }) => name);
      const named = [
        ...(command.positional ?? []).map(({ field }) => field),
        ...Object.keys(command.preset ?? {}),
        ...(command.without ?? []),
      ];
      for (const name of named) expect(fields, `${command.name}: ${name}`).toContain(name);
      expect(command.example, command.name).toMatch(new RegExp(`^parley ${command.name}\\b`));
    }
    expect(flagName('replyTo')).toBe('--reply-to');
  });

  it('reach every operation that the contract gives to the command line', () => {
    const reached = new Set([
      ...operationCommands.flatMap(({ operation, otherwise }) => [operation, otherwise?.operation]),
      'register',
      'status',
      'stop',
      'export',
      'import',
      'share',
      'shares',
      'unshare',
    ]);
    for (const name of operationNames) {
      if (operations[name].doors.some((door) => door === 'cli')) expect(reached, name).toContain(name);
    }
  });

  it('become the input: words joined, lists split, numbers read', async () => {
    const { request, code } = await answering('send', (one) => one.answer(sent), [
      'send',
      'two',
      'words',
      '--wait',
      '1.5',
      '--reply-to',
      'M1',
      '--thread',
      'T1',
    ]);
    expect(code).toBe(0);
    expect(request.input).toMatchObject({ text: 'two words', wait: 1.5, replyTo: 'M1', thread: 'T1' });
    expect(request.token).toBe('nova-token');
  });

  it('take several names, and a list', async () => {
    const { request } = await answering('call', (one) => one.refuse('unknown_agent', { agent: 'Bea' }), [
      'call',
      'Atlas',
      'Bea',
      '--topic',
      'x',
    ]);
    expect(request.input).toMatchObject({ to: ['Atlas', 'Bea'], topic: 'x' });
    await fake?.kill();
    const profile = await answering('profile', (one) => one.refuse('bad_name'), [
      'profile',
      '--capabilities',
      'a, b',
      '--capabilities',
      'c',
    ]);
    expect(profile.request.input).toEqual({ capabilities: ['a', 'b', 'c'] });
  });

  it('read the text from standard input for -', async () => {
    const { request } = await answering('send', (one) => one.answer(sent), ['send', '-'], {
      input: 'line one\nline two\n',
    });
    expect(request.input['text']).toBe('line one\nline two');
  });

  it('refuse more on standard input than a message may have', async () => {
    await FakeBroker.start(home).then((broker) => (fake = broker));
    const ran = await run(home, ['--as', 'Nova', 'send', '-'], { input: 'x'.repeat(70_000) });
    expect(ran.code).toBe(errorTexts.message_too_long.exit);
  });

  it('take archived for closed', async () => {
    for (const word of ['archived', 'closed']) {
      const { request } = await answering('threads', (one) => one.answer({ threads: [], waiting }), [
        'threads',
        '--state',
        word,
      ]);
      expect(request.input).toEqual({ state: 'closed' });
      await fake?.kill();
    }
  });

  it('can be turned on, off, and taken back', async () => {
    fs.writeFileSync(path.join(home, 'admin.token'), 'person');
    for (const [words, value] of [
      [['--hold'], true],
      [['--hold', 'on'], true],
      [['--hold', 'off'], false],
      [['--hold', 'default'], null],
    ] as const) {
      const { request } = await answering('govern', (one) => one.refuse('forbidden'), ['rule', 'Bea', ...words], {
        terminal: true,
      });
      expect(request).toMatchObject({ token: 'person', input: { agent: 'Bea', hold: value } });
      await fake?.kill();
    }
    const rate = ['rule', '--wakes-per-hour', 'default', '--policy', 'default'];
    const { request } = await answering('govern', (one) => one.refuse('forbidden'), rate, { terminal: true });
    expect(request.input).toEqual({ wakesPerHour: null, policy: null });
  });

  it('take times and spans of time as people say them', async () => {
    const hour = 3_600_000;
    const now = new Date(2026, 10, 21, 14, 30).getTime();
    const clock = { ...systemClock, now: () => now };
    for (const [word, time] of [
      ['2h', now - 2 * hour],
      ['2h ago', now - 2 * hour],
      ['today', new Date(2026, 10, 21).getTime()],
      ['yesterday', new Date(2026, 10, 20).getTime()],
      ['2026-11-19', new Date(2026, 10, 19).getTime()],
      ['2026-11-19 08:15', new Date(2026, 10, 19, 8, 15).getTime()],
      ['1700000000000', 1_700_000_000_000],
    ] as const) {
      const words = ['search', 'x', '--after', word];
      const { request } = await answering('search', (one) => one.refuse('forbidden'), words, { clock });
      expect(request.input).toEqual({ query: 'x', after: time });
      await fake?.kill();
    }
    const words = ['delegate', 'Bea', 'Mend', 'it', '--deadline', '90m'];
    const { request } = await answering('delegate', (one) => one.refuse('forbidden'), words);
    expect(request.input).toMatchObject({ to: 'Bea', title: 'Mend it', deadline: 5400 });
    expect((await run(home, ['--as', 'Nova', 'search', 'x', '--after', 'soon'])).stderr).toContain('2h ago, 3d');
  });

  it('take JSON as it is, from a file, and from standard input', async () => {
    const file = path.join(home, 'args.json');
    fs.writeFileSync(file, '{"words":["a"]}');
    for (const [words, input] of [
      [['--args', '{"words":["a"]}'], ''],
      [['--args-file', file], ''],
      [['--args', '-'], '{"words":["a"]}'],
    ] as const) {
      const use = ['use', '@Bea', 'echo', ...words];
      const { request } = await answering('useTool', (one) => one.refuse('forbidden'), use, { input });
      expect(request.input).toMatchObject({ agent: 'Bea', tool: 'echo', args: { words: ['a'] } });
      await fake?.kill();
    }
    const lie = await run(home, ['--as', 'Nova', 'use', 'Bea', 'echo', '--args', '{']);
    expect(lie).toMatchObject({
      code: errorTexts.bad_input.exit,
      stderr: expect.stringContaining('not JSON') as string,
    });
    const gone = await run(home, ['--as', 'Nova', 'use', 'Bea', 'echo', '--args-file', '/nowhere']);
    expect(gone).toMatchObject({ code: errorTexts.bad_input.exit });
  });

  it('take back a task where there is no such call', async () => {
    const broker = (fake = await FakeBroker.start(home));
    const id = '01JD3N6W7Y2V4XK8T0QZB5CMRA';
    const running = run(home, ['--as', 'Nova', 'cancel', id]);
    (await broker.requests('cancel'))[0]?.refuse('unknown_call');
    const [request] = await broker.requests('cancelTask');
    expect(request?.input).toEqual({ task: id, key: expect.any(String) as string });
    request?.refuse('unknown_task');
    expect((await running).code).toBe(errorTexts.unknown_call.exit);
  });

  it('point to lines of a file with what stands there', () => {
    const file = path.join(home, 'a.txt');
    fs.writeFileSync(file, 'one\ntwo\nthree\n');
    expect(refAt(`${file}:2-3`)).toMatchObject({
      uri: `file://${file}`,
      range: { start: { line: 1, character: 0 }, end: { line: 3, character: 0 } },
      excerpt: 'two\nthree\n',
    });
    expect(refAt(file)).toEqual({ uri: `file://${file}` });
    fs.writeFileSync(file, 'é'.repeat(5000));
    expect(Buffer.byteLength(refAt(`${file}:1`).excerpt ?? '')).toBe(4096);
    expect(() => refAt(`${file}:9`)).toThrow('has no line 9');
    expect(() => refAt(`${file}:3-2`)).toThrow('Lines count from 1');
    expect(() => refAt(path.join(home, 'none'))).toThrow('There is no file');
  });

  it('make accept, decline and later of one operation', async () => {
    for (const [word, answer] of [
      ['accept', 'accept'],
      ['decline', 'decline'],
      ['later', 'later'],
    ] as const) {
      const { request } = await answering('answer', (one) => one.refuse('unknown_call'), [word, 'C1']);
      expect(request.input).toMatchObject({ call: 'C1', answer });
      await fake?.kill();
    }
  });
});
