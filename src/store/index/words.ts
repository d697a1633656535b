/** Words of a query that count; the others are passed over. */
export const mostWords = 32;

/** A query as it is looked for: everything in it MUST be there. */
export interface Wanted {
  /** For SQLite's `match`. */
  readonly match: string;
  /** As a person reads it: `parser*`, `"last line"`. */
  readonly words: readonly string[];
}

/** The longest word that is looked for, in UTF-16 units; of a longer one the beginning is. */
const longestWord = 64;

/**
 * Reads what somebody typed. Between quotes stands a phrase, taken as it is; anything else between spaces is one phrase
 * whose last word may be the beginning of a longer one (`src/store.ts` finds "src", "store" and "ts…" in a row). Whatever is
 * not a letter or a digit only separates, so that no text is an error.
 *
 * @returns nothing when there is no word in it
 */
export function wantedOf(text: string): Wanted | undefined {
  const match: string[] = [];
  const words: string[] = [];
  let count = 0;
  for (const [piece, quoted] of text.normalize('NFC').matchAll(/"([^"]*)"?|[^\s"]+/gu)) {
    const found = (quoted ?? piece).match(/[\p{L}\p{N}\p{M}\p{Co}]+/gu) ?? [];
    const phrase = found.slice(0, mostWords - count).map((word) => word.slice(0, longestWord));
    const last = phrase.at(-1);
    if (last === undefined) continue;
    count += phrase.length;
    // One letter begins too much to be looked for.
    const isBeginning = quoted === undefined && !/^[a-z0-9]$/i.test(last);
    const joined = phrase.join(' ') + (isBeginning ? '*' : '');
    match.push(`"${joined}"`);
    words.push(phrase.length > 1 || quoted !== undefined ? `"${joined}"` : joined);
    if (count >= mostWords) break;
  }
  return match.length === 0 ? undefined : { match: match.join(' '), words };
}
