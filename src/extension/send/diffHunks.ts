import { diffLines } from 'diff';

/** One place that was changed, in the new text. Lines count from 0; of a pure deletion no line is left there. */
export interface Hunk {
  readonly line: number;
  readonly lines: number;
  readonly removed: number;
}

/** Texts that differ in more lines than this are told apart as a whole: the work grows with the square of it. */
const mostEdits = 500;

/** The places where two texts differ, without context, in order; undefined when they differ in too much to say. */
export function hunksOf(before: string, after: string): Hunk[] | undefined {
  const parts = diffLines(before, after, { maxEditLength: mostEdits });
  if (parts === undefined) return undefined;
  const hunks: Hunk[] = [];
  let line = 0;
  let removed = 0;
  const keep = (lines: number): void => {
    if (lines > 0 || removed > 0) hunks.push({ line, lines, removed });
    removed = 0;
  };
  for (const part of parts) {
    if (part.removed) removed = part.count;
    else {
      keep(part.added ? part.count : 0);
      line += part.count;
    }
  }
  keep(0);
  return hunks;
}
