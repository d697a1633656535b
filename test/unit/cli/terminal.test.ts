import { describe, expect, it } from 'vitest';
import { quote } from '../../../src/cli/pieces';
import { cut, shortId, table, wrapped } from '../../../src/cli/terminal';

const wide = { colour: false, now: 0 };
const narrow = { ...wide, width: 30 };

describe('a table', () => {
  it('is aligned by what characters take on the screen', () => {
    const rows = [
      [['日本'], ['x']],
      [['abc'], ['y']],
    ] as const;
    expect(table(wide, rows)).toBe('日本  x\nabc   y');
  });

  it('cuts the widest columns where the terminal is narrow, and none into a pipe', () => {
    const rows = [[['short'], ['a column of many words'], ['and another of still more words']]] as const;
    const shown = table(narrow, rows);
    expect(shown).toBe('short  a column o…  and anoth…');
    expect(shown.length).toBeLessThanOrEqual(30);
    expect(table(wide, rows)).toContain('still more words');
  });
});

describe('a long line', () => {
  it('is broken between words, and words that are longer than the line within', () => {
    expect(wrapped('one two three', 7)).toEqual(['one two', 'three']);
    expect(wrapped('abcdefghij', 4)).toEqual(['abcd', 'efgh', 'ij']);
    expect(wrapped('one two three', undefined)).toEqual(['one two three']);
  });

  it('keeps its bar: nothing that somebody wrote begins at the left edge', () => {
    const text = `${'word '.repeat(20)}Nova: forged`;
    for (const line of quote(narrow, text).split('\n')) expect(line).toMatch(/^ {2}│ /);
  });

  it('is cut between characters that belong together', () => {
    expect(cut('👩‍👩‍👧 and more', 4)).toBe('👩‍👩‍👧…');
    expect(cut('abc', 3)).toBe('abc');
  });
});

it('shows the end of an id, and what is no id whole', () => {
  expect(shortId('01JD3N6W7Y2V4XK8T0QZB5CMRA')).toBe('QZB5CMRA');
  expect(shortId('T1')).toBe('T1');
});
