import * as fs from 'node:fs';
import * as path from 'node:path';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { commandNames } from '../../../src/cli/cli';
import { fieldsOf } from '../../../src/cli/flags';
import { operationCommands } from '../../../src/cli/commands';
import { plainJson } from '../../../src/cli/terminal';
import { IdentityStore } from '../../../src/client/identityStore';
import { errorTexts } from '../../../src/contract/errors';
import { FakeBroker, temporaryHome } from '../client/fakeBroker';
import { agentOf } from '../mcp/views';
import { answered, run, type Answering, type RunOptions } from './run';

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

it('an agent that takes another name is found under it from then on', async () => {
  const agent = agentOf({ id: 'N', name: 'Echo' });
  const ran = await answering('profile', (one) => one.answer({ agent, waiting }), ['profile', '--name', 'Echo']);
  expect(ran).toMatchObject({ code: 0, stderr: '' });
  expect(new IdentityStore(home).byName('Echo')).toMatchObject({ id: 'N', name: 'Echo', formerly: ['Nova'] });
});

describe('errors', () => {
  it('are one readable line, and the exit code of their own', async () => {
    const ran = await answering('inbox', (one) => one.refuse('rate_limited', { limit: 120, retryMs: 400 }), ['inbox']);
    expect(ran).toMatchObject({ code: errorTexts.rate_limited.exit, stdout: '' });
    expect(ran.stderr).toBe('parley: Too many messages: at most 120 a minute. Try again in 400 ms.\n');
  });

  it('stand on standard output too with --json', async () => {
    const ran = await answering('inbox', (one) => one.refuse('unknown_agent', { agent: 'Zed' }), ['inbox', '--json']);
    expect(JSON.parse(ran.stdout)).toMatchObject({ error: { code: 'unknown_agent', facts: { agent: 'Zed' } } });
    expect(ran.stderr).toMatch(/^parley: There is no agent "Zed"/);
  });

  it('name the flag that is wrong or missing, before the broker is asked', async () => {
    const missing = await run(home, ['--as', 'Nova', 'call', 'Atlas']);
    expect(missing).toMatchObject({
      code: errorTexts.bad_input.exit,
      stderr: expect.stringContaining('--topic is missing') as string,
    });
    const number = await run(home, ['--as', 'Nova', 'poll', '--wait', 'soon']);
    expect(number).toMatchObject({
      code: errorTexts.bad_input.exit,
      stderr: expect.stringContaining('--wait') as string,
    });
    const unknown = await run(home, ['dance']);
    expect(unknown).toMatchObject({
      code: errorTexts.bad_input.exit,
      stderr: expect.stringContaining("unknown command 'dance'") as string,
    });
    expect(unknown.stderr).toContain('"parley help" lists the commands.');
    const choice = await run(home, ['--as', 'Nova', 'presence', 'away']);
    expect(choice.code).toBe(errorTexts.bad_input.exit);
  });

  it('say what a value must be', async () => {
    for (const [argv, problem] of [
      [['poll', '--wait', '-1'], '--wait must be at least 0'],
      [['poll', '--wait', '601'], '--wait must be at most 600'],
      [['poll', '--limit', '1.5'], '--limit must be a whole number'],
      [['send', 'x', '--key', ''], '--key must not be empty'],
      [['send', 'x', '--thread', 'x'.repeat(65)], '--thread must have at most 64 characters'],
      [['delegate', 'Bea', 'x', '--deadline', '0'], '--deadline must be more than 0'],
      [['profile', '--tools', '{}'], '--tools must be a JSON array'],
      [['profile', '--tools', '[1]'], '--tools[0] must be a JSON object'],
      [['profile', '--tools', '[{"name":"lint","description":""}]'], '--tools[0].input is missing'],
      [['use', 'Bea', 'lint', '--args', '[]'], '--args must be a JSON object'],
      [['do-not-disturb', 'maybe'], '<on|off> must be on or off'],
      [['presence', 'away'], '<available|busy> must be one of available, busy'],
      [['threads', '--state', 'old'], 'It must be one of archived, open, closed, all'],
    ] as const) {
      const ran = await run(home, ['--as', 'Nova', ...argv]);
      expect(ran).toMatchObject({
        code: errorTexts.bad_input.exit,
        stderr: expect.stringContaining(problem) as string,
      });
    }
  });

  it('say who could be meant when nobody is', async () => {
    const ran = await run(home, ['inbox']);
    expect(ran.code).toBe(errorTexts.who_are_you.exit);
    expect(ran.stderr).toContain('Known here: Nova');
  });

  it('say that only the person stops the broker: not from a pipe, not with an agent around', async () => {
    const piped = await run(home, ['broker', 'stop']);
    expect(piped.code).toBe(errorTexts.forbidden.exit);
    const agent = await run(home, ['broker', 'stop'], { terminal: true, env: { CLAUDECODE: '1' } });
    expect(agent.code).toBe(errorTexts.forbidden.exit);
  });

  it('never let what an agent wrote move the cursor', async () => {
    const ran = await answering(
      'inbox',
      (one) => one.refuse('unknown_agent', { agent: '\u001b[2J\u009b31mZed\u202e' }),
      ['inbox', '--json'],
    );
    expect(ran.stderr + ran.stdout).not.toMatch(/[\u001b\u009b\u202e]/);
  });
});

describe('output', () => {
  const evil = 'first\u001b]0;title\u0007\r\nNova: forged\u009b2J\u202e';
  const event = {
    what: 'message',
    offset: 1,
    at: 0,
    topic: 'x',
    message: {
      id: 'M',
      thread: 'T',
      from: 'A',
      fromName: 'At\u001b[31mlas',
      fromPlatform: '',
      fromKind: 'agent',
      type: 'message',
      content: evil,
      refs: [],
      seq: 1,
      timestamp: 0,
      receipts: [],
    },
  };

  it("sets an agent's text off by a bar, without its control characters", async () => {
    const output = { ...sent, events: [event] };
    const ran = await answering('send', (one) => one.answer(output), ['send', 'x', '--wait', '1']);
    expect(ran.stdout).toContain('  │ first]0;title\n  │ Nova: forged2J\n');
    expect(ran.stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  });

  it('is the same value as JSON, without them as well', () => {
    const json = plainJson({ evil });
    expect(json).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
    expect(JSON.parse(json)).toEqual({ evil });
  });

  it('is coloured on a terminal, and not with NO_COLOR, --no-color, a dumb terminal, or into a pipe', async () => {
    const roster = { agents: [], waiting: { unread: 2, calls: 1, ringing: 1 } };
    const shown = async (argv: string[], more?: RunOptions): Promise<string> => {
      const { stdout } = await answering('who', (one) => one.answer(roster), ['who', ...argv], more);
      await fake?.kill();
      return stdout;
    };
    expect(await shown([], { terminal: true })).toContain('\u001b[33m1 ringing, 2 unread (parley inbox)\u001b[39m');
    for (const more of [{ terminal: true, env: { NO_COLOR: '1' } }, { terminal: true, env: { TERM: 'dumb' } }, {}]) {
      expect(await shown([], more)).toBe('Nobody is there.\n1 ringing, 2 unread (parley inbox)\n');
    }
    expect(await shown(['--no-color'], { terminal: true })).not.toContain('\u001b');
  });

  it('counts as seen once it was printed', async () => {
    const ran = await answering('listen', (one) => one.answer({ events: [event], cursor: 1, more: 0, waiting }, 'D1'), [
      'poll',
    ]);
    expect(JSON.parse(ran.stdout)).toEqual(event);
    expect((await fake?.requests('confirm'))?.[0]?.input).toEqual({ deliveries: ['D1'], via: 'parley-cli' });
  });

  it('does not count as seen when nobody took it', async () => {
    const broken = Object.assign(
      new Writable({
        write: (_chunk, _encoding, done) => done(Object.assign(new Error('gone'), { code: 'EPIPE' })),
      }),
      { isTTY: false },
    );
    const ran = await answering(
      'listen',
      (one) => one.answer({ events: [event], cursor: 1, more: 0, waiting }, 'D1'),
      ['poll'],
      { stdout: broken },
    );
    expect(ran.code).toBe(1);
    expect(fake?.asked.map(({ method }) => method)).toEqual(['listen']);
  });

  it('that a full disk does not take is an error of its own', async () => {
    const stdout = Object.assign(
      new Writable({
        write: (_chunk, _encoding, done) =>
          done(Object.assign(new Error('no space left on device'), { code: 'ENOSPC', syscall: 'write' })),
      }),
      { isTTY: false },
    );
    const ran = await answering('inbox', (one) => one.answer({ calls: [], threads: [], more: 0, waiting }), ['inbox'], {
      stdout,
    });
    expect(ran.code).toBe(errorTexts.file_failed.exit);
    expect(ran.stderr).toContain('standard output cannot be read or written (ENOSPC)');
  });

  it('of a tool that failed says so, in the exit code too', async () => {
    const failed = { use: 'U', result: { content: 'no such file' }, isError: true, waiting };
    const ran = await answering('useTool', (one) => one.answer(failed), ['use', 'Bea', 'lint']);
    expect(ran).toMatchObject({ code: 1, stdout: 'The tool says that it failed.\n  │ no such file\n' });
  });

  it('is the whole output of the operation with --json', async () => {
    const ran = await answering('send', (one) => one.answer(sent), ['send', 'x', '--json']);
    expect(JSON.parse(ran.stdout)).toEqual(sent);
  });

  it('of an invitation that was accepted does not say that one talks with who invited: they may have left', async () => {
    const call = { id: 'C', from: 'A', fromName: 'Atlas', fromPlatform: '', topic: 'x', urgency: 'next', refs: [] };
    const to = [{ agent: 'N', name: 'Nova', state: 'accepted' }];
    for (const [into, said] of [
      [{}, 'You talk with Atlas about "x".'],
      [{ into: 'T', transfer: true }, 'You are in the thread about "x" now.'],
    ] as const) {
      const output = { call: { ...call, placedAt: 0, to, ...into }, thread: 'T', messages: [], events: [], waiting };
      const ran = await answering('answer', (one) => one.answer(output), ['accept']);
      expect(ran.stdout).toContain(said);
      await fake?.kill();
    }
  });
});

describe('watch', () => {
  it("prints an agent's events as lines and confirms each after it was taken", async () => {
    const broker = (fake = await FakeBroker.start(home));
    const stop = new AbortController();
    const running = run(home, ['--as', 'Nova', 'watch'], { signal: stop.signal });
    await broker.requests('subscribe');
    expect(broker.hellos[0]).toMatchObject({ present: true, seat: false, token: 'nova-token' });
    broker.tell({ delivery: 'D1', event: { what: 'closed', offset: 1, at: 0, thread: 'T', topic: 'x' } });
    const [confirmed] = await broker.requests('confirm');
    expect(confirmed?.input['deliveries']).toEqual(['D1']);
    stop.abort();
    const ran = await running;
    expect(ran).toMatchObject({ code: 0, stdout: '{"what":"closed","offset":1,"at":0,"thread":"T","topic":"x"}\n' });
  });

  it('prints everything for the person', async () => {
    const broker = (fake = await FakeBroker.start(home));
    fs.writeFileSync(path.join(home, 'admin.token'), 'person');
    const stop = new AbortController();
    const running = run(home, ['watch'], { signal: stop.signal, terminal: true });
    await broker.requests('watch');
    expect(broker.hellos[0]?.token).toBe('person');
    broker.notify('event', { type: 'reach', agent: 'A' });
    // A request that is answered after the notification was read.
    await broker.ring({});
    stop.abort();
    expect((await running).stdout).toBe('{"type":"reach","agent":"A"}\n');
  });
});

describe('register', () => {
  it('keeps the token in the home and shows it to nobody', async () => {
    const broker = (fake = await FakeBroker.start(home));
    const running = run(home, ['register', '--name', 'Atlas', '--capabilities', 'coding', '--json']);
    const [request] = await broker.requests('register');
    expect(request).toMatchObject({
      token: undefined,
      input: { name: 'Atlas', capabilities: ['coding'], platform: 'Command line', workspace: '/somewhere' },
    });
    request?.answer({ agent: { id: 'A1', name: 'Atlas' }, token: 'very-secret' });
    const ran = await running;
    expect(JSON.parse(ran.stdout)).toEqual({ agent: { id: 'A1', name: 'Atlas' } });
    expect(ran.stdout + ran.stderr).not.toContain('very-secret');
    expect(new IdentityStore(home).byName('atlas')?.token).toBe('very-secret');
  });

  it('comes back as the same agent, and changes its card', async () => {
    const broker = (fake = await FakeBroker.start(home));
    const running = run(home, ['register', '--name', 'Nova', '--description', 'new']);
    const [request] = await broker.requests('profile');
    expect(request).toMatchObject({ token: 'nova-token', input: { description: 'new' } });
    request?.refuse('bad_name');
    expect((await running).code).toBe(errorTexts.bad_name.exit);
  });

  it('takes the name from PARLEY_AGENT, or from --as, when none is given', async () => {
    const broker = (fake = await FakeBroker.start(home));
    const env = { PARLEY_AGENT: 'Zed' };
    for (const [argv, expected] of [
      [['register'], 'Zed'],
      [['--as', 'Bea', 'register'], 'Bea'],
      [['register', '--name', 'Cy'], 'Cy'],
    ] as const) {
      const count = broker.asked.length + 1;
      const running = run(home, argv, { env });
      const request = (await broker.requests('register', count)).at(-1);
      expect(request?.input['name']).toBe(expected);
      request?.refuse('name_taken', { name: expected });
      await running;
    }
    const again = run(home, ['register'], { env: { PARLEY_AGENT: 'Nova' } });
    const [request] = await broker.requests('profile');
    expect(request).toMatchObject({ token: 'nova-token', input: {} });
    request?.refuse('bad_name');
    await again;
  });

  it('signs on anew when the broker does not know the kept token any more', async () => {
    const broker = (fake = await FakeBroker.start(home, { tokens: ['other'] }));
    const running = run(home, ['register', '--name', 'Nova']);
    const [request] = await broker.requests('register');
    expect(request?.token).toBeUndefined();
    request?.answer({ agent: { id: 'N2', name: 'Nova' }, token: 'fresh' });
    await running;
    expect(new IdentityStore(home).list()).toMatchObject([{ id: 'N2', token: 'fresh' }]);
  });
});

describe('help', () => {
  it('has every command, each with an example', async () => {
    const help = await run(home, ['--help']);
    expect(help.code).toBe(0);
    for (const name of commandNames()) {
      expect(help.stdout, name).toMatch(new RegExp(`^ {2}${name}\\b`, 'm'));
      const own = await run(home, [name, '--help']);
      expect(own, name).toMatchObject({ code: 0, stdout: expect.stringContaining('Example:\n  parley ') as string });
    }
  });

  it('has every command, and the README too', async () => {
    const readme = fs.readFileSync(path.resolve(import.meta.dirname, '../../../README.md'), 'utf8');
    const [, table = ''] = /^## The command line\n(.*?)^## /ms.exec(readme) ?? [];
    for (const name of commandNames()) expect(table, name).toMatch(new RegExp(`[` + '`' + ` |]${name}\\b`));
    expect((await run(home, ['help'])).stdout).toContain('Calls:\n  call ');
  });

  it('says of every flag what it is for', async () => {
    for (const { name, operation } of [...operationCommands, { name: 'register', operation: 'register' } as const]) {
      for (const field of fieldsOf(operation)) {
        // `accept`, `decline` and `later` say it themselves.
        if (field.name !== 'answer') expect(field.description, `${name} --${field.name}`).not.toBe('');
      }
    }
    expect((await run(home, ['poll', '--help'])).stdout).toMatch(/--wait <seconds> +seconds to wait until there is/);
    expect((await run(home, ['accept', '--help'])).stdout).toContain('--for <agent>');
    expect((await run(home, ['threads', '--help'])).stdout).toContain('--state <open|archived|all>');
    expect((await run(home, ['register', '--help'])).stdout).not.toMatch(/Answers a token/);
  });

  it('is shown for no word at all, for help, and for the help of a command', async () => {
    const { stdout } = await run(home, ['--help']);
    expect(await run(home, [])).toEqual({ code: 0, stdout, stderr: '' });
    expect(await run(home, ['help'])).toEqual({ code: 0, stdout, stderr: '' });
    expect(await run(home, ['help', 'call'])).toEqual(await run(home, ['call', '--help']));
  });

  it('says that there is no such command, and shows nothing else, for the help of one that there is not', async () => {
    const ran = await run(home, ['help', 'dance']);
    expect(ran).toMatchObject({ code: errorTexts.bad_input.exit, stdout: '' });
    expect(ran.stderr).toContain("unknown command 'dance'");
  });

  it('goes to standard error for broker without a word after it', async () => {
    const { stdout } = await run(home, ['broker', '--help']);
    expect(await run(home, ['broker'])).toEqual({ code: errorTexts.bad_input.exit, stdout: '', stderr: stdout });
  });
});
