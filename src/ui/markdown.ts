import MarkdownIt from 'markdown-it';
import { oneLine } from '../core/text';

/** An address that a link may name: https, to a host. Any other link stays the text that was written. */
export function isWebAddress(url: string): boolean {
  return /^https:\/\/[^/?#\s]+/i.test(url);
}

const parser = new MarkdownIt({ html: false, linkify: true, breaks: true, typographer: false });
// Pictures would be fetched; their text stays.
parser.disable('image');
parser.validateLink = isWebAddress;
parser.linkify.set({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false });

/** Characters of a message that are read for its first words. */
const longestRead = 2000;

/** The words that a Markdown text begins with, on one line and without its marks: code as it stands, links and pictures by their text. */
export function firstWords(text: string, most: number): string {
  const parts = parser
    .parse(text.slice(0, longestRead), {})
    .flatMap(({ type, content, children }) =>
      type === 'inline'
        ? [...(children ?? []), null].map((part) => wordsOf(part))
        : [isCode(type) ? `${content} ` : ''],
    );
  const line = oneLine(parts.join(''));
  return line.length > most ? `${line.slice(0, most)}…` : line;
}

const isCode = (type: string): boolean => type === 'fence' || type === 'code_block' || type === 'code_inline';

/** Null stands for the end of a paragraph. */
function wordsOf(part: { readonly type: string; readonly content: string } | null): string {
  if (part === null || part.type === 'softbreak' || part.type === 'hardbreak') return ' ';
  return part.type === 'text' || isCode(part.type) ? part.content : '';
}

/**
 * An agent's Markdown as HTML. HTML in it becomes text. The result MUST still pass the sanitiser: this parser is the first
 * wall, not the only one.
 */
export function toHtml(text: string): string {
  return parser.render(text);
}
