import type { RefView } from '../../contract/views';
import { defaultLimits } from '../../core/limits';
import { hunksOf, type Hunk } from './diffHunks';
import { refTo } from '../thread/places';
import { words } from '../words';

/** One file that has changed. Texts are undefined when they are not text, or too large to compare. */
export interface ChangedFile {
  readonly uri: string;
  /** From the root of the repository. */
  readonly path: string;
  readonly state: 'changed' | 'added' | 'deleted';
  readonly before: string | undefined;
  readonly after: string | undefined;
}

export interface ReviewRefs {
  readonly refs: readonly RefView[];
  /** Paths of files that no ref points to: there are more than a message holds. */
  readonly left: readonly string[];
}

/**
 * Pointers to what changed: to each place, or to each file when there are more places than a message holds.
 * @param git the commit and the worktree that all of them belong to
 */
export function reviewRefs(
  files: readonly ChangedFile[],
  git: Pick<RefView, 'commit' | 'worktree'>,
  most = defaultLimits.refsPerMessage,
): ReviewRefs {
  const places = files.map((file) => placesOf(file));
  const fits = places.reduce((sum, { length }) => sum + length, 0) <= most;
  const refs = fits ? places.flat() : files.slice(0, most).map(wholeFile);
  return {
    refs: refs.map((ref) => ({ ...ref, ...git })),
    left: fits ? [] : files.slice(most).map(({ path }) => path),
  };
}

function placesOf(file: ChangedFile): RefView[] {
  const { uri, before, after, state } = file;
  if (state !== 'changed' || before === undefined || after === undefined) return [wholeFile(file)];
  const hunks = hunksOf(before, after);
  if (hunks === undefined || hunks.length === 0) return [wholeFile(file)];
  const last = Math.max(0, after.split(/(?<=\n)/).length - 1);
  return hunks.map((hunk) => {
    // Where lines were only taken away, the line that stands there now is the place.
    const line = Math.min(hunk.line, last);
    const range = { start: { line, character: 0 }, end: { line: line + Math.max(1, hunk.lines), character: 0 } };
    return { ...refTo(uri, after, range), note: linesNote([hunk]) };
  });
}

function wholeFile({ uri, state, before, after }: ChangedFile): RefView {
  if (state === 'deleted') return { uri, note: words.send.deleted };
  const note =
    state === 'added'
      ? words.send.added
      : linesNote((before !== undefined && after !== undefined && hunksOf(before, after)) || []);
  return { ...(after === undefined ? { uri } : refTo(uri, after)), ...(note !== '' && { note }) };
}

/** `+3 −1`: lines that came and went; empty when nothing can be said. */
function linesNote(hunks: readonly Hunk[]): string {
  if (hunks.length === 0) return '';
  const sum = (of: (hunk: Hunk) => number): number => hunks.reduce((total, hunk) => total + of(hunk), 0);
  return words.send.lines(
    sum(({ lines }) => lines),
    sum(({ removed }) => removed),
  );
}
