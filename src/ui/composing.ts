/** What a person is naming at the caret: an agent after `@`, a file or symbol after `#`. */
export interface Naming {
  readonly kind: 'agent' | 'place';
  /** What stands after the sign so far. */
  readonly query: string;
  /** Where the sign stands, in characters. */
  readonly start: number;
}

/** Characters of a name that is looked up, at most. */
const longestQuery = 100;

/** What is being named where the caret stands, if anything is. A sign within a word, as in a mail address, names nothing. */
export function namingAt(text: string, caret: number): Naming | undefined {
  const before = text.slice(Math.max(0, caret - longestQuery - 2), caret);
  const found = /(?:^|[\s([{"'])([@#])([^\s@#]*)$/u.exec(before);
  const [, sign, query] = found ?? [];
  if (sign === undefined || query === undefined || query.length > longestQuery) return undefined;
  return { kind: sign === '@' ? 'agent' : 'place', query, start: caret - query.length - 1 };
}

/** A text and where the caret stands in it. */
export interface Written {
  readonly text: string;
  readonly caret: number;
}

/** The text with what was being named replaced, and a space after it. */
export function named(text: string, { start, query }: Naming, name: string): Written {
  const after = text.slice(start + 1 + query.length);
  const gap = /^\s/.test(after) ? '' : ' ';
  return { text: text.slice(0, start) + name + gap + after, caret: start + name.length + 1 };
}

/** The text with a sign at the caret, apart from the word before it. */
export function signed(text: string, caret: number, sign: '@' | '#'): Written {
  const before = text.slice(0, caret);
  const gap = before === '' || /\s$/.test(before) ? '' : ' ';
  return { text: before + gap + sign + text.slice(caret), caret: caret + gap.length + 1 };
}
