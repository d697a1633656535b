import { describe, expect, test } from 'vitest';
import { toParleyError } from '../../../src/contract/errors';
import type { TaskView } from '../../../src/contract/taskViews';
import { compose, type ToolOperation } from '../../../src/mcp/answers';
import { fit } from '../../../src/mcp/text';
import { tools } from '../../../src/mcp/tools';
import { callOf, heard, nothingWaits, taskOf, threadOf } from './views';

/** What a model reads of this output. */
function read(operation: ToolOperation, output: object, input: Readonly<Record<string, unknown>> = {}): string {
  return fit(compose(operation, { waiting: nothingWaits, ...output } as never, input)).text;
}

describe('what was said', () => {
  const message = { id: '01M', thread: '01THREAD', seq: 3, timestamp: 1 };
  const stored = { agent: '01NOVA', name: 'Nova', state: 'stored', at: 1 };

  test('and answered within the wait is not told to be said to nobody', () => {
    const text = read('send', { message, receipts: [], events: [heard({ seq: 4 })] }, { wait: 25 });
    expect(text).toMatch(/^Said as #3 in thread 01THREAD\.\n#4 Message from Nova/);
  });

  test('in a room that nobody else is in is told to be', () => {
    const text = read('send', { message, receipts: [], nobodyElse: true, events: [] }, { wait: 25 });
    expect(text).toBe('Said as #3 in thread 01THREAD (nobody else is in it).');
  });

  test('without a reply in time says how that comes; without a wait it does not', () => {
    const output = { message, receipts: [stored], events: [] };
    const said = 'Said as #3 in thread 01THREAD (stored for Nova).';
    expect(read('send', output, { wait: 25 })).toBe(`${said} No reply yet: it comes by listen.`);
    expect(read('message', output)).toBe(said);
    expect(read('send', output, { wait: 0 })).toBe(said);
  });
});

describe('a task', () => {
  const offered: Partial<TaskView> = {
    state: 'submitted',
    offered: true,
    text: 'All of them.',
    refs: [{ uri: 'file:///w/a.ts' }] as TaskView['refs'],
    deadline: Date.UTC(2026, 10, 22, 12),
  };
  const howToAnswer = 'Answer with answer (call = the task id): accept, decline or later.';

  test('says to who has it what it is about, when it is due, and how to answer', () => {
    const event = { what: 'task', offset: 1, at: 1, change: 'offered', task: taskOf(offered) };
    const text = read('listen', { events: [event], cursor: 1, more: 0 });
    expect(text.split('\n')).toEqual([
      'Task 01TASK "Tests", from Atlas to Nova: offered; state submitted; due 2026-11-22T12:00:00.000Z; fence 1.',
      '> All of them.',
      'Points to: "/w/a.ts"',
      howToAnswer,
    ]);
    expect(read('inbox', { calls: [], threads: [], tasks: [taskOf(offered)] })).toContain(howToAnswer);
  });

  test('does not ask who gave it, or who has just taken it, for an answer', () => {
    for (const text of [
      read('delegate', { task: taskOf(offered), events: [] }),
      read('useTool', { use: '01TASK', result: { content: '' }, isError: false, task: taskOf(offered) }),
      read('answer', { task: taskOf({ ...offered, state: 'working', offered: false }) }, { answer: 'accept' }),
    ])
      expect(text).not.toContain('accept, decline');
  });

  test('that is offered stays to be answered after "later"', () => {
    expect(read('answer', { task: taskOf(offered) }, { answer: 'later' })).toContain(howToAnswer);
  });

  test('in a list, where it may be one that one gave, says whose answer it waits for', () => {
    const text = read('tasks', { tasks: [taskOf(offered)], more: 0 });
    expect(text).not.toContain(howToAnswer);
    expect(text).toContain('Nova has not answered it yet');
  });

  test('that asks for something says who answers, and with what', () => {
    const task = taskOf({ state: 'input-required', said: 'Which branch?' });
    expect(read('task', { task, history: [] })).toContain('Atlas answers the question with report (task, input).');
  });

  test('of which words were left out says so, and where they are', () => {
    const text = read('inbox', { calls: [], threads: [], tasks: [taskOf({ ...offered, cut: true })] });
    expect(text).toContain('Cut here: read with task = its id has all of it.');
  });

  test('with several changes at once is told in words once, as it is now', () => {
    const task = taskOf({ state: 'input-required', said: 'Which branch?' });
    const event = (change: string) => ({ what: 'task', offset: 1, at: 1, change, task });
    const other = { ...event('working'), task: taskOf({ id: '02TASK', state: 'working' }) };
    const events = [event('working'), event('progress'), other, event('input-required')];
    const text = read('listen', { events, cursor: 1, more: 0 });
    expect(text.match(/Which branch/g)).toHaveLength(1);
    expect(text.split('\n').slice(0, 3)).toEqual([
      'Task 01TASK: working; see below.',
      'Task 01TASK: progress; see below.',
      expect.stringMatching(/^Task 02TASK "Tests", from Atlas to Nova: working; fence 1\./),
    ]);
  });
});

test('whoever opens a room is told what became of each invitation, and not what it says', () => {
  const call = callOf({
    into: '01THREAD',
    message: 'Come.',
    to: [{ agent: '01NOVA', name: 'Nova', state: 'ringing' }],
  });
  const text = read('open', { thread: threadOf(), calls: [call] });
  expect(text).toContain('Call 01CALL: Nova is being rung.');
  expect(text).not.toContain('Come.');
});

test('a list of threads that is as long as was asked for says that there may be more', () => {
  const threads = [threadOf(), threadOf({ id: '02THREAD' })];
  expect(read('threads', { threads }, { limit: 2 })).toMatch(
    /^Your threads, latest first \(a higher limit may show more\):/,
  );
  expect(read('threads', { threads }, { limit: 2, rooms: true })).toContain('(a higher limit may show more)');
  expect(read('threads', { threads }, { limit: 3 })).toMatch(/^Your threads, latest first:/);
});

describe('a tool that is called without what it needs', () => {
  test.each([
    ['call', {}, /"to".*"topic".*"capability"/],
    ['delegate', { title: 'Mend it' }, /"to".*"title".*"cancel"/],
    ['use_tool', { tool: 'count' }, /"agent"/],
  ])('%s %j names it', (name, args, expected) => {
    const tool = tools.find((one) => one.name === name);
    let refused: unknown;
    try {
      tool?.plan(args, {});
    } catch (error) {
      refused = error;
    }
    expect(toParleyError(refused)).toMatchObject({
      code: 'bad_input',
      message: expect.stringMatching(expected) as string,
    });
  });
});
