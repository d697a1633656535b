import { describe, expect, test } from 'vitest';
import type { CallView, LegView } from '../../../src/contract/views';
import { callLine } from '../../../src/ui/callLine';

const placedAt = 1_000_000;
const me = { id: 'me', name: 'Root' };

function leg(name: string, state: LegView['state'], more: Partial<LegView> = {}): LegView {
  return { agent: name, name, state, ...more };
}

function call(to: LegView[], more: Partial<CallView> = {}): CallView {
  return {
    id: 'call',
    from: 'Atlas',
    fromName: 'Atlas',
    fromPlatform: 'VS Code',
    topic: 'topic',
    urgency: 'next',
    refs: [],
    placedAt,
    to,
    ...more,
  };
}

function answered(name: string, ringer: string, result = 'written'): LegView['receipt'] {
  return { agent: name, name, state: 'answered', at: placedAt + 3_400, ringer, result };
}

test('a call that was answered says who, through what, and how fast', () => {
  const line = callLine(call([leg('Nova', 'accepted', { receipt: answered('Nova', 'claude-inbox') })]), me, placedAt);
  expect(line).toBe('Atlas called Nova · rung through Claude Code · Nova answered after 3 s');
});

test('without a receipt, the time is the one to the opening of the thread', () => {
  expect(callLine(call([leg('Nova', 'accepted')]), me, placedAt + 9_000)).toBe(
    'Atlas called Nova · Nova answered after 9 s',
  );
});

test('a ring that was not simply written says so', () => {
  const line = callLine(
    call([leg('Nova', 'ringing', { receipt: answered('Nova', 'claude-inbox', 'held') })]),
    me,
    placedAt,
  );
  expect(line).toBe('Atlas called Nova · rung through Claude Code (held back) · ringing Nova');
});

test('a ring that was not tried is no ring', () => {
  const line = callLine(call([leg('Nova', 'queued', { receipt: answered('Nova', 'none', 'refused') })]), me, placedAt);
  expect(line).toBe('Atlas called Nova · waits for Nova');
});

test('how an answer was handed over is no ringer', () => {
  const line = callLine(call([leg('Nova', 'accepted', { receipt: answered('Nova', 'mcp') })]), me, placedAt);
  expect(line).toBe('Atlas called Nova · Nova answered after 3 s');
});

test('the person is You, as caller and as callee', () => {
  expect(callLine(call([leg('me', 'ringing')]), me, placedAt)).toBe('Atlas called you · ringing you');
  expect(callLine(call([leg('Nova', 'queued')], { from: 'me' }), me, placedAt)).toBe(
    'You called Nova · waits for Nova',
  );
});

test('the reader is "you" within a sentence, after the others', () => {
  const several = call([leg('me', 'free'), leg('Nova', 'awaited'), leg('Echo', 'passed')]);
  expect(callLine(several, me, placedAt)).toBe(
    'Atlas called Nova, Echo and you · you are free · to be told when Nova is free · Echo was tried',
  );
  const many = ['Nova', 'Echo', 'Iris', 'Vega', 'me'].map((name) => leg(name, 'missed'));
  expect(callLine(call(many), me, placedAt)).toMatch(/^Atlas called Nova, 3 others and you · /);
});

test('a returned call reads as calling back', () => {
  expect(callLine(call([leg('Nova', 'ringing')], { returns: 'other' }), { id: 'x', name: 'Xena' }, placedAt)).toBe(
    'Atlas called Nova back · ringing Nova',
  );
});

describe('each callee’s part reads', () => {
  test.each([
    [leg('Nova', 'declined'), 'Nova declined'],
    [leg('Nova', 'declined', { reason: 'busy with a release' }), 'Nova declined: busy with a release'],
    [leg('Nova', 'declined', { by: 'Sam' }), 'Sam declined for Nova'],
    [leg('Nova', 'accepted', { by: 'Sam' }), 'Sam answered for Nova after 0 s'],
    [leg('Nova', 'accepted', { by: 'Root' }), 'You answered for Nova after 0 s'],
    [leg('Nova', 'missed'), 'not answered by Nova'],
    [leg('Nova', 'cancelled'), 'no longer calling Nova'],
    [leg('Nova', 'merged'), 'Nova called too: one call for both'],
    [leg('Nova', 'returned'), 'Nova called back'],
    [leg('Nova', 'expired'), 'Nova never answered'],
  ] as const)('%#', (one, text) => {
    expect(callLine(call([one]), me, placedAt)).toBe(`Atlas called Nova · ${text}`);
  });
});
