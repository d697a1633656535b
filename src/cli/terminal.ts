import stringWidth from 'string-width';

/** What a person is shown, and how: colours where they are wanted, times against a clock. */
export interface Terminal {
  readonly colour: boolean;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Columns. Undefined where lines may be of any length: into a pipe or a file. */
  readonly width?: number | undefined;
}

const codes = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
} as const;

export type Style = keyof typeof codes;

/** The text in that style; as it is where there is no colour. */
export function styled(terminal: Terminal, style: Style, text: string): string {
  if (!terminal.colour || text === '') return text;
  const [on, off] = codes[style];
  return `\u001b[${on}m${text}\u001b[${off}m`;
}

/** Colour goes to a terminal only, and not when NO_COLOR is set (no-color.org) or the terminal is dumb. */
export function wantsColour(stream: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv): boolean {
  return stream.isTTY === true && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
}

/**
 * What moves the cursor, colours, rings, hides or reorders text: control characters (C0 but for the line feed, DEL, C1),
 * bidi controls, zero-width spaces, line separators, tags that nobody sees, and halves of surrogate pairs.
 */
const unprintable =
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e0fff}]|\p{Surrogate}/gu;

/** An agent's text over several lines, without anything a terminal would obey. Tabs become two spaces. */
export function plainLines(text: string): string[] {
  return text.replace(/\r\n?/g, '\n').replace(/\t/g, '  ').replace(unprintable, '').split('\n');
}

/** An agent's text in one line. */
export function plain(text: string): string {
  return plainLines(text).join(' ').replace(/\s+/g, ' ').trim();
}

/** JSON on one line in which nothing is left that a terminal would obey; the same value as without. */
export function plainJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\u009f\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e0fff}]/gu,
    (characters) => characters.split('').map(escapedUnit).join(''),
  );
}

/** One unit of UTF-16 as JSON may write it. */
function escapedUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** How long ago, in the largest unit that fits. */
export function ago(now: number, then: number): string {
  const passed = now - then;
  if (passed < minute) return 'just now';
  if (passed < hour) return `${Math.floor(passed / minute)} min ago`;
  if (passed < day) return `${Math.floor(passed / hour)} h ago`;
  return `${Math.floor(passed / day)} d ago`;
}

/** The time of day, with the date when that is another. */
export function clockTime(now: number, then: number): string {
  const time = new Date(then);
  const two = (value: number): string => String(value).padStart(2, '0');
  const ofDay = `${two(time.getHours())}:${two(time.getMinutes())}`;
  if (new Date(now).toDateString() === time.toDateString()) return ofDay;
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())} ${ofDay}`;
}

/** Narrower than this (columns) no column of a table is made. */
const narrowestColumn = 8;
const gap = 2;

/**
 * Rows of cells as aligned columns, two spaces between; a cell is [text, style]. Trailing empty cells take no room. Where
 * the terminal is too narrow the widest columns are cut, with `…` for the rest.
 */
export function table(terminal: Terminal, rows: readonly (readonly Cell[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach(([text], index) => (widths[index] = Math.max(widths[index] ?? 0, stringWidth(text))));
  }
  const room = fitted(widths, terminal.width);
  return rows
    .map((row) => {
      const last = row.findLastIndex(([text]) => text !== '');
      return row
        .slice(0, last + 1)
        .map(([whole, style], index) => {
          const text = cut(whole, room[index] ?? 0);
          const shown = style === undefined ? text : styled(terminal, style, text);
          return index === last ? shown : shown + ' '.repeat(Math.max(0, (room[index] ?? 0) - stringWidth(text)));
        })
        .join(' '.repeat(gap));
    })
    .join('\n');
}

export type Cell = readonly [text: string, style?: Style];

/** The widths of columns that fit into the whole, the widest made narrower first. */
function fitted(widths: readonly number[], whole: number | undefined): number[] {
  const room = [...widths];
  if (whole === undefined) return room;
  let over = room.reduce((sum, width) => sum + width + gap, -gap) - whole;
  while (over > 0) {
    const widest = Math.max(...room);
    if (widest <= narrowestColumn) break;
    const next = Math.max(narrowestColumn, ...room.filter((width) => width < widest));
    const isAlone = room.indexOf(widest) === room.lastIndexOf(widest);
    const step = isAlone ? Math.min(over, widest - next || 1) : 1;
    room[room.lastIndexOf(widest)] = widest - step;
    over -= step;
  }
  return room;
}

const graphemes = new Intl.Segmenter();

/** As much of the text as fits into so many columns, with `…` when that is not all. */
export function cut(text: string, columns: number): string {
  if (stringWidth(text) <= columns) return text;
  let kept = '';
  let used = 1;
  for (const { segment } of graphemes.segment(text)) {
    used += stringWidth(segment);
    if (used > columns) break;
    kept += segment;
  }
  return `${kept.trimEnd()}…`;
}

/** A line in pieces that fit into so many columns, broken between words where that is possible. */
export function wrapped(line: string, columns: number | undefined): string[] {
  if (columns === undefined || stringWidth(line) <= columns) return [line];
  const lines: string[] = [];
  let current = '';
  for (const part of line.split(/(?<=\s)/)) {
    if (current !== '' && stringWidth(current + part.trimEnd()) > columns) {
      lines.push(current.trimEnd());
      current = '';
    }
    current += part;
    if (stringWidth(current.trimEnd()) <= columns) continue;
    // A word longer than the line.
    let rest = '';
    for (const { segment } of graphemes.segment(current)) {
      if (rest !== '' && stringWidth(rest + segment) > columns) {
        lines.push(rest);
        rest = '';
      }
      rest += segment;
    }
    current = rest;
  }
  return current === '' ? lines : [...lines, current.trimEnd()];
}

/** Characters of an id, a ULID, and those of its end that are shown: they differ where the beginning is the same. */
export const idLength = 26;
const shownOfId = 8;

/** The end of an id, which is enough to name it. What is no ULID stays whole. */
export function shortId(id: string): string {
  return id.length === idLength ? id.slice(-shownOfId) : plain(id);
}
