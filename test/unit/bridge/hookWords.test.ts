import { expect, test } from 'vitest';
import { hookWords } from '../../../src/bridge/hookWords';
import type { ListenEvent } from '../../../src/contract/views';
import { taskChangeWords } from '../../../src/contract/callReasons';
import { taskChanges } from '../../../src/contract/taskViews';
import { callOf, nothingWaits, taskOf } from '../mcp/views';

const said = (event: ListenEvent): string | undefined => hookWords('Atlas', [event], [], 0, nothingWaits);

test('a hook tells in words why something was not seen', () => {
  const unseen = { what: 'unseen', offset: 1, at: 1, subject: '01MESSAGE', agent: 'Nova' } as const;
  expect(said({ ...unseen, reason: 'ring-held' })).toContain(
    'Not seen by Nova yet: what you sent (it was rung, and the ring was held back).',
  );
  expect(said({ ...unseen, reason: 'wake limit' })).toContain('(it was woken as often as it may be in an hour).');
});

test('a hook tells in words what became of a call', () => {
  const outcome = { what: 'outcome', offset: 1, at: 1, call: callOf(), agent: 'Nova' } as const;
  expect(said({ ...outcome, outcome: 'missed' })).toContain(
    'Your call about "Review": Nova did not answer: the call waits in the inbox there.',
  );
  expect(said({ ...outcome, outcome: 'nobody' })).toContain('Your call about "Review": nobody answered.');
});

test('a hook tells in words what has happened to a task, and to a thread', () => {
  const task = { what: 'task', offset: 1, at: 1, task: taskOf({ id: '01TASK', title: 'Mend it' }) } as const;
  expect(said({ ...task, change: 'input-required' })).toContain('Task 01TASK "Mend it" asks for input. Use');
  expect(said({ ...task, change: 'returned' })).toContain('Task 01TASK "Mend it" came back. Use');
  const thread = { offset: 1, at: 1, thread: '01THREAD', topic: 'Review' } as const;
  expect(said({ ...thread, what: 'removed' })).toContain('You were taken out of the thread "Review" (01THREAD).');
  expect(said({ ...thread, what: 'paused' })).toContain('The thread "Review" (01THREAD) was paused.');
  expect(said({ ...thread, what: 'limited' })).toContain(
    'Agents wait for more turns in the thread "Review" (01THREAD)',
  );
});

test('every change of a task has its words', () => {
  expect(Object.keys(taskChangeWords).sort()).toEqual([...taskChanges].sort());
});
