import { expect, test } from 'vitest';
import { initial, ownTint, tintCount, tintOf, tints } from '../../../src/ui/avatars';

const ids = (count: number): { agent: string }[] =>
  Array.from({ length: count }, (_, index) => ({ agent: `01JD0000000000000000${String(index).padStart(6, '0')}` }));

test('an agent has the same colour whoever else is in the thread', () => {
  const [one] = ids(1);
  const alone = tints(ids(1), 'me').get(one?.agent ?? '');
  expect(alone).toBe(`tint-${tintOf(one?.agent ?? '')}`);
  expect(tints(ids(5), 'me').get(one?.agent ?? '')).toBe(alone);
});

test('no two agents share a colour while there are colours left', () => {
  const colours = [...tints(ids(tintCount), 'me').values()];
  expect(new Set(colours).size).toBe(tintCount);
});

test('more agents than colours still each get one', () => {
  expect([...tints(ids(50), 'me').values()].every((colour) => /^tint-[0-6]$/.test(colour))).toBe(true);
});

test('the person has a colour of their own', () => {
  expect(tints([{ agent: 'me' }, { agent: 'other' }], 'me').get('me')).toBe(ownTint);
});

test('colours are spread over ids that differ at their end only', () => {
  const counts = new Array<number>(tintCount).fill(0);
  for (const { agent } of ids(700)) counts[tintOf(agent)] = (counts[tintOf(agent)] ?? 0) + 1;
  expect(Math.min(...counts)).toBeGreaterThan(50);
});

test('the letter is the first of the name, whole', () => {
  expect(initial('atlas')).toBe('A');
  expect(initial('😀x')).toBe('😀');
  expect(initial('')).toBe('?');
});
