import { describe, expect, test } from 'vitest';
import { panelHtml, panelRequest } from '../../../src/contract/panel';
import { list } from '../../../src/ui/words';

const html = panelHtml({
  script: 'https://x/ui.js?a="b"&c',
  style: 'https://x/ui.css',
  cspSource: "https://*.cdn 'self'",
  nonce: 'abc123',
  language: 'en"><script>',
});

describe('the document', () => {
  test('lets one script run, by its nonce, and nothing inline or evaluated', () => {
    expect(html).toContain("default-src 'none'; script-src 'nonce-abc123'; style-src https://*.cdn 'self'");
    expect(html).not.toContain('unsafe');
    expect(html.match(/<script/g)).toHaveLength(1);
  });

  test('quotes what it is given', () => {
    expect(html).toContain('src="https://x/ui.js?a=&quot;b&quot;&amp;c"');
    expect(html).toContain('lang="en&quot;&gt;&lt;script&gt;"');
  });
});

describe('a request to open a link', () => {
  test.each(['javascript:alert(1)', 'command:x', 'http://example.org', 'file:///x', 'https:', ''])(
    'is refused for "%s"',
    (url) => {
      expect(panelRequest.safeParse({ type: 'openLink', url }).success).toBe(false);
    },
  );

  test('passes for https', () => {
    expect(panelRequest.safeParse({ type: 'openLink', url: 'https://example.org/x' }).success).toBe(true);
  });
});

test('lists read as one speaks', () => {
  expect(list([])).toBe('');
  expect(list(['A'])).toBe('A');
  expect(list(['A', 'B'])).toBe('A and B');
  expect(list(['A', 'B', 'C'])).toBe('A, B and C');
  expect(list(['A', 'B', 'C', 'D'])).toBe('A, B and 2 others');
});
