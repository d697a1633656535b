import { describe, expect, test } from 'vitest';
import type { OpenThread } from '../../../src/ui/page';
import { passageText, rows } from '../../../src/ui/rows';
import { Times } from '../../../src/ui/times';
import { atlas, call, message, nova, passage, person, snapshot, start } from '../../ui/harness/scenes';

const times = new Times('en', 'UTC');
const now = start + 60_000;

function open(messages: Parameters<typeof snapshot>[0], more: Partial<OpenThread> = {}, thread = {}): OpenThread {
  return {
    ...snapshot(messages, thread),
    loadingOlder: false,
    divider: undefined,
    outgoing: [],
    typing: [],
    ...more,
  };
}

const kinds = (view: OpenThread): string[] => rows(view, now, times).map(({ kind }) => kind);

describe('joins and leaves', () => {
  test('of caller and callee are told by the call’s line', () => {
    const messages = [
      passage(1, atlas, start, 'join'),
      passage(2, nova, start, 'join'),
      message(3, atlas, start, 'Hi'),
    ];
    expect(kinds(open(messages))).toEqual(['call', 'message']);
    expect(rows(open(messages), now, times)[0]).toMatchObject({ first: 1, last: 2 });
  });

  test('stand by themselves when no call opened the thread', () => {
    const messages = [
      passage(1, atlas, start, 'join'),
      passage(2, nova, start, 'join'),
      message(3, atlas, start, 'Hi'),
    ];
    const { call: _, ...thread } = snapshot(messages).thread;
    expect(kinds({ ...open(messages), thread })).toEqual(['passage', 'message']);
  });

  test('that follow each other are one line', () => {
    const messages = [
      message(3, atlas, start, 'Hi'),
      passage(4, person, start, 'join'),
      passage(5, nova, start, 'leave'),
      passage(6, nova, start, 'join'),
      message(7, atlas, start, 'So'),
    ];
    expect(kinds(open(messages, { older: 2 }))).toEqual(['older', 'message', 'passage', 'message']);
    expect(rows(open(messages, { older: 2 }), now, times)[2]).toMatchObject({ first: 4, last: 6 });
  });

  test('read as what they come to', () => {
    const run = [
      passage(1, atlas, start, 'join'),
      passage(2, person, start, 'join'),
      passage(3, nova, start, 'leave'),
      passage(4, atlas, start, 'leave'),
    ];
    expect(passageText(run, person.agent)).toBe('You joined · Atlas joined and left · Nova left');
    const both = [passage(1, person, start, 'join'), passage(2, nova, start, 'join')];
    expect(passageText(both, person.agent)).toBe('Nova and you joined');
  });
});

describe('messages of one author', () => {
  const pair = (gap: number, more = {}) => [
    message(1, atlas, start, 'One'),
    message(2, atlas, start + gap, 'Two', more),
  ];
  const continues = (view: OpenThread): unknown[] =>
    rows(view, now, times).flatMap((row) => (row.kind === 'message' ? [row.continues] : []));

  test('stand under one name within a minute', () => {
    expect(continues(open(pair(59_999)))).toEqual([false, true]);
    expect(continues(open(pair(60_000)))).toEqual([false, false]);
  });

  test('begin anew after the line "new", after a join, and when they reply', () => {
    expect(continues(open(pair(1), { divider: 2 }))).toEqual([false, false]);
    expect(continues(open(pair(1, { replyTo: 'x' })))).toEqual([false, false]);
    const apart = [message(1, atlas, start, 'One'), passage(2, person, start, 'join'), message(3, atlas, start, 'Two')];
    expect(continues(open(apart))).toEqual([false, false]);
  });

  test('of different authors never do', () => {
    expect(continues(open([message(1, atlas, start, 'One'), message(2, nova, start, 'Two')]))).toEqual([false, false]);
  });
});

test('the line "new" stands before the first message that was unread', () => {
  const messages = [message(1, atlas, start, 'One'), message(2, nova, start, 'Two')];
  expect(kinds(open(messages, { divider: 2 }))).toEqual(['call', 'message', 'new', 'message']);
});

test('days are said when they change, and the first when it is not today', () => {
  const day = 86_400_000;
  const messages = [message(1, atlas, start - day, 'Yesterday'), message(2, atlas, start, 'Today')];
  const { call: _, ...thread } = snapshot(messages).thread;
  expect(kinds({ ...open(messages), thread })).toEqual(['day', 'message', 'day', 'message']);
});

test('the call’s line comes only with the beginning of the thread', () => {
  const messages = [message(9, atlas, start, 'Late')];
  expect(kinds(open(messages, { older: 8 }))).toEqual(['older', 'message']);
  expect(call.placedAt).toBeLessThanOrEqual(start);
});

test('an archived thread ends with a line that says so; what is on its way comes last', () => {
  const view = open(
    [message(1, atlas, start, 'One')],
    { outgoing: [{ key: 'k', text: 'Hm', refs: [] }] },
    { state: 'closed' },
  );
  expect(kinds(view)).toEqual(['call', 'message', 'archived', 'outgoing']);
});

test('what the person sent stands here once, also when it comes before the word that it was taken', () => {
  const [before, after] = [message(1, person, start, 'Yes'), message(2, person, start, 'Yes')];
  const sent = { key: 'k', text: 'Yes', refs: [], after: 1 };
  expect(kinds(open([before], { outgoing: [sent] }))).toEqual(['call', 'message', 'outgoing']);
  expect(kinds(open([before, after], { outgoing: [sent] }))).toEqual(['call', 'message', 'message']);
  expect(kinds(open([before, after], { outgoing: [sent, { ...sent, key: 'l' }] })).at(-1)).toBe('outgoing');
  expect(kinds(open([before, after], { outgoing: [{ ...sent, error: 'refused' }] })).at(-1)).toBe('outgoing');
});

test('keys are unique', () => {
  const messages = [passage(1, atlas, start, 'join'), ...[2, 3, 4].map((seq) => message(seq, nova, start, 'x'))];
  const keys = rows(open(messages, { divider: 3 }), now, times).map(({ key }) => key);
  expect(new Set(keys).size).toBe(keys.length);
});
