import { describe, expect, test } from 'vitest';
import { named, namingAt, signed } from '../../../src/ui/composing';
import { canDrop, dropped, type Dragged } from '../../../src/ui/drops';

const at = (text: string) => namingAt(text, text.length);

describe('a sign names something', () => {
  test.each([
    ['@', { kind: 'agent', query: '', start: 0 }],
    ['Ask @No', { kind: 'agent', query: 'No', start: 4 }],
    ['(#src/a', { kind: 'place', query: 'src/a', start: 1 }],
    ['line\n#a.ts', { kind: 'place', query: 'a.ts', start: 5 }],
  ])('in %j', (text, naming) => expect(at(text)).toEqual(naming));

  test.each(['mail@example.org', 'C#', '@Nova said', '', 'issue#3'])('and nothing in %j', (text) =>
    expect(at(text)).toBeUndefined(),
  );

  test('only where the caret stands, and while it is short', () => {
    expect(namingAt('@No and more', 3)).toEqual({ kind: 'agent', query: 'No', start: 0 });
    expect(namingAt('@No and more', 6)).toBeUndefined();
    expect(at(`@${'x'.repeat(101)}`)).toBeUndefined();
  });
});

test('what is chosen stands in the place of what was typed, with one space after it', () => {
  expect(named('Ask @No', { kind: 'agent', query: 'No', start: 4 }, '@Nova')).toEqual({
    text: 'Ask @Nova ',
    caret: 10,
  });
  expect(named('Ask @No please', { kind: 'agent', query: 'No', start: 4 }, '@Nova')).toEqual({
    text: 'Ask @Nova please',
    caret: 10,
  });
});

test('the buttons put their sign apart from the word before', () => {
  expect(signed('', 0, '@')).toEqual({ text: '@', caret: 1 });
  expect(signed('Ask', 3, '#')).toEqual({ text: 'Ask #', caret: 5 });
  expect(signed('Ask ', 4, '#')).toEqual({ text: 'Ask #', caret: 5 });
});

describe('what is dropped', () => {
  const data = (lists: Record<string, string>, files: { name: string; size: number }[] = []): Dragged => ({
    types: [...Object.keys(lists), ...(files.length > 0 ? ['Files'] : [])],
    getData: (type: string) => lists[type] ?? '',
    files,
  });

  test('by the editor is its addresses, as many as a message holds', () => {
    const list = 'file:///w/a.ts\r\n# a comment\r\nfile:///w/b.ts\r\nfile:///w/c.ts';
    expect(dropped(data({ 'text/uri-list': list }), 2)).toEqual({
      uris: ['file:///w/a.ts', 'file:///w/b.ts'],
      files: [],
    });
  });

  test('by the system is names and sizes', () => {
    expect(dropped(data({}, [{ name: 'a.ts', size: 3 }]), 9)).toEqual({ uris: [], files: [{ name: 'a.ts', size: 3 }] });
  });

  test('can be told from text that is dragged', () => {
    expect(canDrop(data({ 'text/uri-list': 'x' }))).toBe(true);
    expect(canDrop(data({ 'text/plain': 'x' }))).toBe(false);
  });
});
