import MarkdownIt from 'markdown-it';

/** An address that a link may name: https, to a host. Any other link stays the text that was written. */
export function isWebAddress(url: string): boolean {
  return /^https:\/\/[^/?#\s]+/i.test(url);
}

const parser = new MarkdownIt({ html: false, linkify: true, breaks: true, typographer: false });
// Pictures would be fetched; their text stays.
parser.disable('image');
parser.validateLink = isWebAddress;
parser.linkify.set({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false });

/**
 * An agent's Markdown as HTML. HTML in it becomes text. The result MUST still pass the sanitiser: this parser is the first
 * wall, not the only one.
 */
export function toHtml(text: string): string {
  return parser.render(text);
}
