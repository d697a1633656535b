import { expect, test } from 'vitest';
import { hookWords } from '../../../src/bridge/hookWords';
import type { ListenEvent } from '../../../src/contract/views';
import { callOf, nothingWaits } from '../mcp/views';

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
