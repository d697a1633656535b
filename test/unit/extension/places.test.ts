import { describe, expect, test } from 'vitest';
import { fileGlob, fileRank, hasChanged, peekAt, refTo } from '../../../src/extension/thread/places';

const text = Array.from({ length: 100 }, (_, line) => `line ${line + 1}`).join('\n');
const lines = (first: number, last: number) => ({
  start: { line: first - 1, character: 0 },
  end: { line: last, character: 0 },
});
const ref = (first: number, last: number) => refTo('file:///w/a.ts', text, lines(first, last));

describe('a peek', () => {
  test('shows the lines of the place with two around them', () => {
    expect(peekAt(text, ref(10, 11), 40, 'ts')).toEqual({
      state: 'shown',
      first: 7,
      lines: ['line 8', 'line 9', 'line 10', 'line 11', 'line 12', 'line 13'],
      more: 0,
      language: 'ts',
      changed: 'no',
    });
  });

  test('is bounded, and counts what is not shown', () => {
    const peek = peekAt(text, ref(1, 90), 40, 'ts');
    expect(peek).toMatchObject({ state: 'shown', first: 0, lines: { length: 40 }, more: 52 });
  });

  test('of a whole file is its beginning', () => {
    expect(peekAt(text, refTo('file:///w/a.ts', text), 3, 'ts')).toMatchObject({
      first: 0,
      lines: ['line 1', 'line 2', 'line 3'],
      more: 97,
      changed: 'no',
    });
  });

  test('says when the file ends before the place', () => {
    expect(peekAt('one\ntwo', ref(50, 51), 40, 'ts')).toEqual({ state: 'short', lines: 2 });
  });

  test('shows nothing of what is no text', () => {
    expect(peekAt('a\0b', { uri: 'x' }, 40, '')).toEqual({ state: 'unreadable' });
  });

  test.each([
    [{ start: { line: 3, character: 2 }, end: { line: 3, character: 2 } }, 'line 4'],
    [{ start: { line: 3, character: 0 }, end: { line: 3, character: 900 } }, 'line 4'],
    [{ start: { line: 99, character: 0 }, end: { line: 400, character: 0 } }, 'line 100'],
  ])('bears ranges that are empty or reach too far: %j', (range, line) => {
    const peek = peekAt(text, { uri: 'x', range }, 40, 'ts');
    expect(peek.state === 'shown' && peek.lines.includes(line)).toBe(true);
  });
});

describe('a place has changed', () => {
  test('when its hash is another', () => {
    const { hash } = ref(10, 11);
    expect(hasChanged('line 10\nline 11\n', hash)).toBe('no');
    expect(hasChanged('line 10\nline 12\n', hash)).toBe('yes');
  });

  test('not by other ends of lines', () => {
    expect(hasChanged('line 10\r\nline 11\r\n', ref(10, 11).hash)).toBe('no');
  });

  test('when what came with it does not stand there; without that nobody knows', () => {
    expect(hasChanged('one\ntwo', undefined, 'one')).toBe('no');
    expect(hasChanged('one\ntwo', undefined, 'two')).toBe('yes');
    expect(hasChanged('one\ntwo')).toBe('unknown');
  });
});

test('a ref holds at most 4 KiB of what stands there', () => {
  const long = refTo('file:///w/a.ts', `${'ü'.repeat(5000)}\n`, lines(1, 1));
  expect(Buffer.byteLength(long.excerpt ?? '')).toBeLessThanOrEqual(4096);
});

describe('a glob for a name', () => {
  test('finds it in either case, and its folders in order', () => {
    expect(fileGlob('Auth/mid.ts')).toBe('**/*[aA][uU][tT][hH]*/**/*[mM][iI][dD].[tT][sS]*');
  });

  test('takes what means something in globs for any character', () => {
    expect(fileGlob('a{b}*')).toBe('**/*[aA]?[bB]??*');
  });
});

test('names that begin with the query come first, then the shorter path', () => {
  const found = ['src/remiddle.ts', 'middle/x.ts', 'src/lib/middle.ts', 'src/middle.ts'];
  expect(found.toSorted((a, b) => fileRank(a, 'middle') - fileRank(b, 'middle'))).toEqual([
    'src/middle.ts',
    'src/lib/middle.ts',
    'src/remiddle.ts',
    'middle/x.ts',
  ]);
});
