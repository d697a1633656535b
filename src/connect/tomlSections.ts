import { parse } from 'smol-toml';

/** A table of a TOML text, from its header to the line before the next. */
export interface TomlSection {
  /** Its dotted name; none for what stands above the first header. */
  readonly path: readonly string[];
  /** `[[…]]`: one of a list of tables. */
  readonly isItem: boolean;
  /** Offsets of its first character, and of the end of its last line that is no comment and not blank. */
  readonly start: number;
  readonly end: number;
}

/** The tables in their order. The text MUST be TOML: strings and lists over several lines are only skipped here. */
export function sectionsOf(text: string): TomlSection[] {
  const starts = headerOffsets(text);
  return starts.map((start, index) => {
    const next = starts[index + 1] ?? text.length;
    const header = /^[^\r\n]*/.exec(text.slice(start))?.[0] ?? '';
    return { ...nameOf(header), start, end: start + lastLineEnd(text.slice(start, next)) };
  });
}

/** Where a line begins with a header, outside strings and lists. */
function headerOffsets(text: string): number[] {
  const found: number[] = [];
  let depth = 0;
  let isLineStart = true;
  for (let at = 0; at < text.length;) {
    const rest = text.slice(at, at + 3);
    const character = text[at] ?? '';
    if (character === '\n') isLineStart = true;
    if (character === '#') {
      at = lineEnd(text, at);
      continue;
    }
    if (rest === '"""' || rest === "'''") {
      at = afterString(text, at, rest);
    } else if (character === '"' || character === "'") {
      at = afterString(text, at, character);
    } else if (character === '[' && isLineStart && depth === 0) {
      found.push(at);
      at = lineEnd(text, at);
      continue;
    } else {
      if ('[{'.includes(character)) depth++;
      if (']}'.includes(character)) depth--;
      at++;
    }
    if (!/\s/.test(character)) isLineStart = false;
  }
  return found;
}

/** Behind the string that begins there. */
function afterString(text: string, start: number, quote: string): number {
  for (let at = start + quote.length; at < text.length; at++) {
    if (text[at] === '\\' && quote.startsWith('"')) at++;
    else if (text.startsWith(quote, at)) {
      // Up to two quotation marks may stand right before the closing three.
      while (quote.length === 3 && text.startsWith(quote, at + 1)) at++;
      return at + quote.length;
    }
  }
  return text.length;
}

function lineEnd(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  return end < 0 ? text.length : end;
}

function nameOf(header: string): Pick<TomlSection, 'path' | 'isItem'> {
  const path: string[] = [];
  let value: unknown = parse(header);
  const isItem = header.startsWith('[[');
  for (;;) {
    if (Array.isArray(value)) value = value[0] as unknown;
    const [entry] = Object.entries(value as object);
    if (!entry) return { path, isItem };
    path.push(entry[0]);
    value = entry[1] as unknown;
  }
}

/** Behind the last line that says something, with its line end. */
function lastLineEnd(section: string): number {
  let end = 0;
  let offset = 0;
  for (const line of section.split(/(?<=\n)/)) {
    offset += line.length;
    if (!/^\s*(?:#.*)?$/.test(line.trimEnd())) end = offset;
  }
  return end;
}
