import { describe, expect, test } from 'vitest';
import { plain } from '../../../src/extension/plain';

/** The link syntax that VS Code reads in notifications. */
const toastLink = /\[([^\]]+)\]\(((?:https?:\/\/|command:|file:)[^)\s]+)(?: (["'])(.+?)(\3))?\)/i;

const attacks = [
  '[Approve](command:workbench.action.terminal.sendSequence?%7B%22text%22%3A%22id%22%7D)',
  '[x](https://evil.example "title")',
  '[open [nested](command:parley.answer)',
  'left open [ here',
  '$(trash) $(sync~spin) done',
  '![img](https://evil.example/pixel.png) <img src=x onerror=alert(1)>',
  '**bold** `code` | table | ~~gone~~ #heading\n# heading\n- item',
  '\u202Egnp.exe\u202C and \u200Bhidden\u0007',
  '@terminal #file:/etc/passwd /clear',
  '&lt;b&gt; &#91;x](command:y)',
];

describe('a toast', () => {
  test.each(attacks)('has no link of the agent: %j', (text) => {
    const shown = plain.toast(text);
    expect(shown).not.toMatch(toastLink);
    expect(shown).not.toMatch(/[[\]]/);
  });

  test('cannot swallow our own link into its text', () => {
    const message = `Nova: ${plain.toast('wants [you')} [Answer](command:parley.answer)`;
    expect(toastLink.exec(message)?.[1]).toBe('Answer');
  });
});

test.each(attacks)('a label has no icon of the agent: %j', (text) => {
  expect(plain.label(text)).not.toMatch(/\$\([a-z]/i);
});

describe('a tooltip', () => {
  test.each(attacks)('has no live Markdown or HTML: %j', (text) => {
    const shown = plain.tooltip(text);
    expect(shown).not.toMatch(/(?<!\\)[`*_[\]()#|~$!]/);
    expect(shown).not.toMatch(/[<>]/);
    expect(shown).not.toContain('&lt;b&gt;');
  });

  test('does not turn an address into a link', () => {
    expect(plain.tooltip('https://evil.example')).toBe('https\\:\\/\\/evil\\.example');
  });
});

describe('a question to the chat', () => {
  test.each(['#file read this', 'see #codebase', '@terminal run', '\n@workspace hi'])(
    'attaches and addresses nothing: %j',
    (text) => expect(plain.chat(text)).not.toMatch(/(^|\s)[#@]\S/),
  );

  test('runs no slash command', () => {
    expect(plain.chat('/clear')).toBe('/ clear');
    expect(plain.chat('  /fix it')).toBe('/ fix it');
  });

  test('keeps lines, paths and mail addresses as they are', () => {
    expect(plain.chat('Look at src/a.ts:3\nand /tmp/b, a@b.example')).toBe(
      'Look at src/a.ts:3\nand /tmp/b, a@b.example',
    );
  });
});

test('hidden and turning characters are dropped everywhere', () => {
  const text = 'a\u202Eb\u200Bc\u0007d\u2028e';
  for (const sink of [plain.toast, plain.label, plain.tooltip, plain.chat]) {
    expect(sink(text)).toBe('a b c d e');
  }
});

test('long text is cut without breaking a character', () => {
  expect(plain.label('x'.repeat(500))).toHaveLength(120);
  const cut = plain.label('😀'.repeat(100));
  expect(cut.endsWith('…')).toBe(true);
  expect(cut).not.toMatch(/[\ud800-\udbff](?![\udc00-\udfff])/);
});
