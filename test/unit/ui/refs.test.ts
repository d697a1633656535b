import { describe, expect, test } from 'vitest';
import type { RefView } from '../../../src/contract/views';
import { refLabel } from '../../../src/ui/refs';

const lines = (first: number, last: number, character = 0): RefView['range'] => ({
  start: { line: first - 1, character: 0 },
  end: { line: last, character },
});

describe('a ref reads', () => {
  test.each<[string, RefView, string]>([
    ['whole lines', { uri: 'src/a.ts', range: lines(42, 57) }, 'src/a.ts:42–57'],
    ['one line', { uri: 'src/a.ts', range: lines(18, 18) }, 'src/a.ts:18'],
    ['a part of a line', { uri: 'src/a.ts', range: lines(18, 17, 9) }, 'src/a.ts:18'],
    ['a cursor', { uri: 'src/a.ts', range: lines(1, 0) }, 'src/a.ts:1'],
    ['a whole file', { uri: 'src/a.ts' }, 'src/a.ts'],
    ['a file in its worktree', { uri: 'file:///home/me/app/src/a%20b.ts', worktree: '/home/me/app' }, 'src/a b.ts'],
    ['a long path', { uri: 'file:///home/me/work/app/src/core/a.ts' }, '…/app/src/core/a.ts'],
    ['a path too long for a label', { uri: `src/${'x'.repeat(200)}.ts` }, `…${'x'.repeat(116)}.ts`],
    ['what is no valid escape', { uri: 'src/100%.ts' }, 'src/100%.ts'],
    ['without hidden characters', { uri: 'src/a\u202Ets.exe' }, 'src/a ts.exe'],
  ])('%s', (_, ref, label) => {
    expect(refLabel(ref)).toBe(label);
  });
});

test('a place in a folder of the window is named from there, whatever its worktree', () => {
  const ref = { uri: 'file:///w/shop/web/src/a.ts', worktree: '/w/shop' };
  expect(refLabel(ref, ['/elsewhere', '/w/shop/web'])).toBe('src/a.ts');
  expect(refLabel(ref, ['/w/shop/we'])).toBe('web/src/a.ts');
});
