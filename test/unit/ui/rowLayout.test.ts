import { describe, expect, test } from 'vitest';
import { anchorAt, estimatedHeight, offsets, rowAt, sizes, topOf, windowAt } from '../../../src/ui/rowLayout';

const keys = Array.from({ length: 1000 }, (_, index) => `row-${index}`);
const heights = new Map(keys.map((key) => [key, 50]));
const placed = (rows: readonly string[], known = heights): Float64Array => offsets(sizes(rows, known));
const indexed = (rows: readonly string[]): Map<string, number> => new Map(rows.map((key, index) => [key, index]));
const places = placed(keys);
const always = (): boolean => true;

test('rows that were never measured count with an estimate', () => {
  expect([...placed(['a', 'b', 'c'], new Map([['b', 10]]))]).toEqual([
    0,
    estimatedHeight,
    estimatedHeight + 10,
    estimatedHeight * 2 + 10,
  ]);
});

describe('the window', () => {
  test('holds what is visible and little more, whatever the length of the list', () => {
    const { from, to, above, below } = windowAt(places, 25_000, 500);
    expect(from).toBeLessThanOrEqual(500);
    expect(to).toBeGreaterThanOrEqual(510);
    expect(to - from).toBeLessThan(50);
    expect(above + (to - from) * 50 + below).toBe(50_000);
  });

  test('begins at the first row and ends at the last', () => {
    expect(windowAt(places, 0, 500)).toMatchObject({ from: 0, above: 0 });
    expect(windowAt(places, 49_500, 500)).toMatchObject({ to: 1000, below: 0 });
  });

  test('of an empty list is empty', () => {
    expect(windowAt(placed([]), 0, 500)).toEqual({ from: 0, to: 0, above: 0, below: 0 });
  });
});

test('every point belongs to the row that covers it', () => {
  expect([-10, 0, 49, 50, 49_999, 60_000].map((y) => rowAt(places, y))).toEqual([0, 0, 0, 1, 999, 999]);
});

describe('the reader’s place', () => {
  test('stays on its row when rows come above it', () => {
    const anchor = anchorAt(keys, places, 25_020, 500, always);
    const more = ['new-1', 'new-2', ...keys];
    expect(topOf(anchor, indexed(more), placed(more), 500)).toBe(25_020 + 2 * estimatedHeight);
  });

  test('at the end follows the end', () => {
    const anchor = anchorAt(keys, places, 49_498, 500, always);
    expect(anchor).toBe('end');
    const more = [...keys, 'new'];
    expect(topOf(anchor, indexed(more), placed(more), 500)).toBe(49_500 + estimatedHeight);
  });

  test('is held by the next row that stays when the first visible one does not', () => {
    const anchor = anchorAt(keys, places, 25_020, 500, (index) => index !== 500);
    expect(anchor).toEqual({ key: 'row-501', delta: 30 });
  });

  test('is not moved when its row is gone', () => {
    expect(topOf({ key: 'erased', delta: 0 }, indexed(keys), places, 500)).toBeUndefined();
  });
});
