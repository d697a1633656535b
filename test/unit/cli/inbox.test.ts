import * as fs from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { IdentityStore } from '../../../src/client/identityStore';
import { errorTexts } from '../../../src/contract/errors';
import { FakeBroker, temporaryHome } from '../client/fakeBroker';
import { run, type Ran } from './run';

const waiting = { unread: 1, calls: 0, ringing: 0 };
const parser = '01JD3N6W7Y2V4XK8T0QZB5CMRA';
const lexer = '01JD3N6W7Y2V4XK8T0QZB5CMZZ';
const call = '01JD3N6W7Y0000000000000001';
const task = '01JD3N6W7Y0000000000000TSK';

let home: string;
let fake: FakeBroker;

beforeEach(async () => {
  home = temporaryHome();
  new IdentityStore(home).add({ id: 'N', name: 'Nova', token: 'nova-token', sessions: [], savedAt: 1 });
  fake = await FakeBroker.start(home);
});

afterEach(async () => {
  await fake.kill();
  fs.rmSync(home, { recursive: true, force: true });
});

function thread(id: string): object {
  return { id, topic: 'x', mode: 'async', state: 'open', participants: [], messages: 2, unread: 1, lastAt: 0 };
}

function message(fromName: string, state: string): object {
  return { id: 'M', from: 'A', fromName, receipts: [{ agent: 'N', name: 'Nova', state, at: 0 }] };
}

/** What the client asks to find the whole id is answered; the command's own request is refused and returned. */
async function asks(method: string, argv: readonly string[]): Promise<{ input: object; ran: Ran }> {
  const running = run(home, ['--as', 'Nova', ...argv]);
  if (method === 'answer') {
    (await fake.requests('inbox'))[0]?.answer({ calls: [{ id: call }], threads: [], waiting }, 'D');
    if (!argv.some((word) => call.startsWith(word)))
      (await fake.requests('tasks'))[0]?.answer({ tasks: [{ id: task }], more: 0, waiting });
  } else (await fake.requests('threads'))[0]?.answer({ threads: [thread(parser), thread(lexer)], waiting });
  const [request] = await fake.requests(method);
  request?.refuse('forbidden');
  return { input: request?.input ?? {}, ran: await running };
}

describe('inbox', () => {
  it('names for each unread thread who wrote and the command that reads it, and shows nothing that counts as seen', async () => {
    const running = run(home, ['--as', 'Nova', 'inbox']);
    (await fake.requests('inbox'))[0]?.answer({ calls: [], threads: [thread(parser)], waiting });
    (await fake.requests('profile'))[0]?.answer({ agent: { id: 'N' }, waiting });
    const [read] = await fake.requests('read');
    expect(read?.input['thread']).toBe(parser);
    const messages = [message('Bea', 'seen'), message('Atlas', 'stored'), message('Atlas', 'rung')];
    read?.answer({ thread: thread(parser), messages, more: 0, waiting }, 'D');
    expect((await running).stdout).toContain(`\n  from Atlas · parley read QZB5CMRA\n`);
    expect(fake.asked.map(({ method }) => method)).not.toContain('confirm');
  });

  it('asks for no more when nothing waits', async () => {
    const running = run(home, ['--as', 'Nova', 'inbox']);
    (await fake.requests('inbox'))[0]?.answer({ calls: [], threads: [], waiting });
    expect((await running).stdout).toBe('Nothing waits.\n');
    expect(fake.asked.map(({ method }) => method)).toEqual(['inbox']);
  });
});

describe('a part of an id', () => {
  it('is enough at its end, in either case, when it fits one thread', async () => {
    expect((await asks('read', ['read', 'b5cmra'])).input).toEqual({ thread: parser });
  });

  it('is enough for a thread that is only in the list', async () => {
    expect((await asks('send', ['send', 'x', '--thread', 'B5CMZZ'])).input).toMatchObject({ thread: lexer });
  });

  it('is enough to answer a call, by its beginning', async () => {
    expect((await asks('answer', ['decline', call.slice(0, 12)])).input).toMatchObject({ call, answer: 'decline' });
    expect(fake.asked.map(({ method }) => method)).toEqual(['inbox', 'answer']);
  });

  it('is enough for a task that is offered, when no call has it', async () => {
    expect((await asks('answer', ['accept', '000tsk'])).input).toMatchObject({ call: task, answer: 'accept' });
  });

  it('goes to the broker as it is when it fits none', async () => {
    expect((await asks('leave', ['leave', 'nothing'])).input).toMatchObject({ thread: 'nothing' });
  });

  it('is refused with the ids that it fits when there are several', async () => {
    const running = run(home, ['--as', 'Nova', 'read', '01JD3N6W']);
    (await fake.requests('threads'))[0]?.answer({ threads: [thread(parser), thread(lexer)], waiting });
    const ran = await running;
    expect(ran.code).toBe(errorTexts.bad_input.exit);
    expect(ran.stderr).toContain(`01JD3N6W may be ${parser} or ${lexer}`);
  });

  it('is looked for page by page until a thread has it', async () => {
    const running = run(home, ['--as', 'Nova', 'read', 'b5cmra']);
    const page = Array.from({ length: 200 }, (_, index) => ({ ...thread(`T${index}`), lastAt: 1000 - index }));
    (await fake.requests('threads'))[0]?.answer({ threads: page, waiting });
    const second = (await fake.requests('threads', 2))[1];
    expect(second?.input).toMatchObject({ state: 'all', before: 801 });
    second?.answer({ threads: [thread(parser)], waiting });
    const [read] = await fake.requests('read');
    expect(read?.input).toEqual({ thread: parser });
    read?.refuse('forbidden');
    await running;
  });

  it('of a message is its number in the thread', async () => {
    const running = run(home, ['--as', 'Nova', 'send', 'yes', '--thread', parser, '--reply-to', '#7']);
    const [read] = await fake.requests('read');
    expect(read?.input).toEqual({ thread: parser, after: 6, limit: 1 });
    read?.answer({ thread: thread(parser), messages: [{ id: 'M7', seq: 7 }], more: 0, waiting });
    const [send] = await fake.requests('send');
    expect(send?.input).toMatchObject({ replyTo: 'M7' });
    send?.refuse('forbidden');
    await running;
  });

  it('is not looked for when it is whole, or shorter than six characters', async () => {
    for (const id of [parser, 'CMRA']) {
      const running = run(home, ['--as', 'Nova', 'read', id]);
      const count = fake.asked.length + 1;
      const request = (await fake.requests('read', count)).at(-1);
      expect(request?.input).toEqual({ thread: id });
      request?.refuse('unknown_thread');
      await running;
    }
  });
});
