import { domainToASCII } from 'node:url';
import MarkdownIt from 'markdown-it';
import { describe, expect, test } from 'vitest';
import type { MessageView } from '../../../src/contract/views';
import { threadMarkdown } from '../../../src/extension/trees/threadMarkdown';
import { injections } from '../../support/injections';
import { noon, thread } from './support';

function message(content: string, change: Partial<MessageView> = {}): MessageView {
  return {
    id: `M${change.seq ?? 1}`,
    thread: 'T',
    from: 'NOVA',
    fromName: 'Nova',
    fromPlatform: 'Claude Code',
    fromKind: 'agent',
    type: 'message',
    content,
    refs: [],
    seq: 1,
    timestamp: noon,
    receipts: [],
    ...change,
  };
}

const document = (...messages: MessageView[]): string => threadMarkdown(thread('T', { topic: 'Parser' }), messages);

/** A renderer that lets everything through: HTML, and links to wherever. */
const careless = new MarkdownIt({ html: true, linkify: true });
careless.validateLink = () => true;
const rendered = (markdown: string): string => careless.render(markdown);

describe('an exported thread', () => {
  test('says who said what and when, how far it got, and to what it replies', () => {
    const text = document(
      message('', { type: 'join', fromName: 'Nova' }),
      message('Look at *this*:\n\n```ts\nconst a = b<c>;\n```', {
        id: 'M2',
        seq: 2,
        receipts: [{ agent: 'ATLAS', name: 'Atlas', state: 'seen', at: noon }],
      }),
      message('Why?', { id: 'M3', seq: 3, fromName: 'Atlas', replyTo: 'M2' }),
    );
    expect(text).toMatch(/^# Parser\n\nParticipants: Atlas \(VS Code\), Nova \(Claude Code\) {2}\nOpened: /);
    expect(text).toMatch(/\n_Nova came in · .+_\n/);
    expect(text).toMatch(
      /\n## #2 Nova, .+\n\n> Look at \*this\*:\n>\n> ```ts\n> const a = b<c>;\n> ```\n\n_Receipts: Atlas seen .+_\n/,
    );
    expect(text).toMatch(/\n## #3 Atlas, .+ · in reply to #2\n\n> Why\?\n$/);
  });

  test('links to the files that it points to, and to nothing else', () => {
    const range = { start: { line: 9, character: 0 }, end: { line: 11, character: 0 } };
    const text = document(
      message('See', {
        refs: [
          { uri: 'file:///w/a%20b/x(1).ts', range, note: 'here' },
          { uri: 'command:evil', note: '[x](command:y)' },
        ],
      }),
    );
    expect(text).toContain('- [x\\(1\\).ts:10-12](<file:///w/a%20b/x(1).ts#L10>) · here');
    const html = rendered(text);
    expect(html.match(/href="[^"]*"/g)).toEqual(['href="file:///w/a%20b/x(1).ts#L10"']);
  });

  test('keeps code that has fences of its own in one block', () => {
    const text = document(message('````md\n```js\nx\n```\n````\nafter'));
    expect(text).toContain('> ````md\n> ```js\n> x\n> ```\n> ````\n> after');
    const open = document(message('```\nnever closed'), message('next', { seq: 2 }));
    expect(open).toContain('> ```\n> never closed\n> ```\n\n## #2');
  });

  test.each(injections)('lets nothing out of its quote: %#', (hostile) => {
    const text = document(
      message(hostile, { fromName: hostile.slice(0, 32) }),
      message('still here', { seq: 2, fromName: 'Atlas' }),
    );
    const html = rendered(text);
    const tags = [...html.matchAll(/<\/?([a-z][a-z0-9-]*)/gi)].map(([, tag = '']) => tag.toLowerCase());
    const harmless = /^(h[1-6]|p|blockquote|pre|code|em|strong|ul|ol|li|br|hr|s|a|table|thead|tbody|tr|th|td)$/;
    expect(tags.filter((tag) => !harmless.test(tag))).toEqual([]);
    // What links there are lead to where they say, and only there.
    for (const [, href = '', said = ''] of html.matchAll(/<a href="([^"]*)"[^>]*>(.*?)<\/a>/g)) {
      expect(href).toMatch(/^((https?|ftp):)?\/\/|^mailto:|^file:/);
      const shown = said
        .replaceAll('&amp;', '&')
        .replaceAll('&quot;', '"')
        .replace(/^https?:\/\//, '')
        .replace(/…$/, '')
        // A renderer writes hosts of other scripts as they are sent.
        .replace(/^[^/]*[^ -~][^/]*/, domainToASCII);
      expect(decodeURI(href.replaceAll('&amp;', '&')).replace(/^(https?:\/\/|mailto:)/, '')).toContain(shown);
    }
    const quotes = careless.parse(text, {}).filter(({ type, level }) => type === 'blockquote_open' && level === 0);
    expect(quotes).toHaveLength(2);
    expect(html.slice(html.lastIndexOf('<h2>'))).toMatch(/#2 Atlas/);
    expect(html.trimEnd().endsWith('<p>still here</p>\n</blockquote>')).toBe(true);
    expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u202a-\u202e\u2066-\u2069\u200b]/u);
  });
});
