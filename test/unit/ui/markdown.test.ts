import { describe, expect, test } from 'vitest';
import { isWebAddress, firstWords, toHtml } from '../../../src/ui/markdown';

test('HTML in a message is text', () => {
  expect(toHtml('<b onclick="x()">hi</b>')).toBe('<p>&lt;b onclick=&quot;x()&quot;&gt;hi&lt;/b&gt;</p>\n');
});

describe('links other than https stay the text that was written', () => {
  test.each([
    'javascript:alert(1)',
    'command:workbench.action.quit',
    'vscode://x/y',
    'http://example.org',
    'file:///etc/passwd',
    'data:text/html,x',
    '//example.org',
    'src/a.ts',
  ])('%s', (url) => {
    expect(toHtml(`[click](${url})`)).not.toContain('<a');
    expect(isWebAddress(url)).toBe(false);
  });
});

test('pictures are never fetched', () => {
  expect(toHtml('![x](https://example.org/x.png)')).not.toContain('<img');
});

test('a bare https address is a link, a bare name is not', () => {
  expect(toHtml('see https://example.org/x')).toContain('<a href="https://example.org/x">');
  expect(toHtml('see example.org or a@example.org')).not.toContain('<a');
});

test('line breaks are kept', () => {
  expect(toHtml('one\ntwo')).toContain('one<br>\ntwo');
});

describe('the first words of a message', () => {
  test.each([
    ['It reads seconds:\n\n```ts\nconst inSeconds = true;\n```', 'It reads seconds: const inSeconds = true;'],
    ['And ~~one~~ *two* more:\n- a list\n- with `code`', 'And one two more: a list with code'],
    ['# Plan\n1. Read [the RFC](https://jwt.io)', 'Plan Read the RFC'],
    ['<b>not bold</b> & ![alt](https://x.y/z.png)', '<b>not bold</b> & !alt'],
    ['', ''],
  ])('of %j are %j', (text, first) => {
    expect(firstWords(text, 100)).toBe(first);
  });

  test('are cut at the wanted length, with a sign that they go on', () => {
    expect(firstWords('one two three', 7)).toBe('one two…');
    expect(firstWords('x'.repeat(100_000), 10)).toBe(`${'x'.repeat(10)}…`);
  });
});
