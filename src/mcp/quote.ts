import { oneLine } from '../core/text';

/** Line ends of every kind, those that only some programs know among them. */
const lineEnd = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/;

/**
 * What can hide or reorder text: control characters but tab and line feed, bidi controls, zero-width characters, the tags
 * that models read and people do not see, halves of characters.
 */
const hidden =
  /[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e0fff}]|\p{Surrogate}/gu;

/** Empty lines in a row that are shown as they are; more are counted. */
const emptyLines = 2;

/** An agent's words without anything that hides or reorders them, its line ends all alike. */
export function plainText(words: string): string {
  return words.split(lineEnd).join('\n').replace(hidden, '');
}

/**
 * An agent's words as a block in which every line begins with "> ". Lines of ours never do, so no words can pass for
 * them.
 */
export function quoteBlock(words: string): string {
  const quoted: string[] = [];
  let empty = 0;
  for (const line of [...plainText(words).split('\n'), undefined]) {
    if (line?.trim() === '') {
      empty++;
      continue;
    }
    if (empty > emptyLines) quoted.push(`> [${empty} empty lines]`);
    else for (; empty > 0; empty--) quoted.push('>');
    empty = 0;
    if (line !== undefined) quoted.push(`> ${line}`);
  }
  return quoted.join('\n');
}

/** An agent's words inside a sentence of ours: one line, in quotation marks that it cannot close. */
export function quoteLine(words: string, longest = 300): string {
  const line = oneLine(words).replaceAll('"', "'");
  return line.length > longest ? `"${line.slice(0, longest - 1)}…"` : `"${line}"`;
}

/** What became of a ring, with a client's own words perhaps among ours: nothing in it closes a parenthesis or quotation of ours. */
export function ringLine(words: string): string {
  return oneLine(words.replace(/[()[\]{}<>"`]/g, ' ')).slice(0, 200);
}

/** A label that an agent gave itself (platform, version, name): letters, digits and a few marks, at most 40 characters. */
export function label(words: string): string {
  return oneLine(words)
    .replace(/[^\p{L}\p{N} ._@+/-]/gu, '')
    .slice(0, 40)
    .trim();
}
