/** What a person is shown, and how: colours where they are wanted, times against a clock. */
export interface Terminal {
  readonly colour: boolean;
  /** Milliseconds since the epoch. */
  readonly now: number;
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
 * bidi controls, zero-width spaces, line separators, and halves of surrogate pairs.
 */
const unprintable =
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\p{Surrogate}/gu;

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
    /[\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
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

/** Rows of cells as aligned columns, two spaces between; a cell is [text, style]. Trailing empty cells take no room. */
export function table(terminal: Terminal, rows: readonly (readonly Cell[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach(([text], index) => (widths[index] = Math.max(widths[index] ?? 0, text.length)));
  }
  return rows
    .map((row) => {
      const last = row.findLastIndex(([text]) => text !== '');
      return row
        .slice(0, last + 1)
        .map(([text, style], index) => {
          const shown = style === undefined ? text : styled(terminal, style, text);
          return index === last ? shown : shown + ' '.repeat((widths[index] ?? 0) - text.length);
        })
        .join('  ');
    })
    .join('\n');
}

export type Cell = readonly [text: string, style?: Style];
