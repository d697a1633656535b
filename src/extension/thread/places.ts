import { createHash } from 'node:crypto';
import type { PanelPeek } from '../../contract/panelUpdates';
import type { RefView } from '../../contract/views';
import { firstBytes } from '../../core/text';

/** Files larger than this are not read for a peek, bytes. */
export const largestPeek = 1024 * 1024;
/** Lines before and after the place that a peek shows with it. */
const around = 2;
/** Characters of one line in a peek. */
const longestLine = 500;
/** Of what a ref points to, this much goes with it, bytes: the broker takes no more. */
const excerptBytes = 4 * 1024;

type Range = NonNullable<RefView['range']>;

/**
 * What stands at a ref's place in the text of its file, and whether that has changed since the ref was made.
 * @param most - lines that may be shown
 */
export function peekAt(text: string, { range, hash, excerpt }: RefView, most: number, language: string): PanelPeek {
  if (text.includes('\0')) return { state: 'unreadable' };
  const lines = linesOf(text);
  if (range && range.start.line >= lines.length) return { state: 'short', lines: lines.length };
  const there = range ? textIn(lines, range) : text;
  const changed = hasChanged(there, hash, excerpt);
  const last = range ? Math.min(lines.length - 1, range.end.line - (range.end.character === 0 ? 1 : 0)) : most;
  const first = Math.max(0, (range?.start.line ?? 0) - (range ? around : 0));
  const end = Math.min(lines.length, Math.max(last, range?.start.line ?? 0) + 1 + (range ? around : 0));
  const shown = lines.slice(first, Math.min(end, first + most));
  return {
    state: 'shown',
    first,
    lines: shown.map((line) => line.replace(/\r?\n$/, '').slice(0, longestLine)),
    more: Math.max(0, (range ? end : lines.length) - first - shown.length),
    language: language.slice(0, 64),
    changed,
  };
}

/**
 * Whether a place has other content than when the ref was made: by its hash, else by the beginning that came with it.
 * Editors and hashes see the same text with other ends of lines: that is no change.
 */
export function hasChanged(there: string, hash?: string, excerpt?: string): 'yes' | 'no' | 'unknown' {
  const forms = [there, there.replace(/\r\n/g, '\n')];
  if (hash !== undefined) return forms.some((form) => sha256(form) === hash.toLowerCase()) ? 'no' : 'yes';
  if (excerpt === undefined || excerpt === '') return 'unknown';
  const before = excerpt.replace(/\r\n/g, '\n');
  return (forms[1] ?? '').startsWith(before) ? 'no' : 'yes';
}

/** A ref to a place, with what stands there. Without a range: to the file. */
export function refTo(uri: string, text: string, range?: Range): RefView {
  const there = range ? textIn(linesOf(text), range) : text;
  return {
    uri,
    ...(range && { range, excerpt: firstBytes(there, excerptBytes) }),
    hash: sha256(there),
  };
}

/** The text of a range; what lies beyond the end of a line or of the file is not there. */
export function textIn(lines: readonly string[], { start, end }: Range): string {
  const cut = (line: number, character: number): number => {
    const content = (lines[line] ?? '').replace(/\r?\n$/, '');
    return Math.min(character, content.length);
  };
  const taken = lines.slice(start.line, end.line).join('');
  const rest = end.character > 0 ? (lines[end.line] ?? '').slice(0, cut(end.line, end.character)) : '';
  return (taken + rest).slice(cut(start.line, start.character));
}

/** A glob that finds files whose path has the query's parts in order, in either case. */
export function fileGlob(query: string): string {
  const parts = query
    .replace(/\\/g, '/')
    .split('/')
    .map((part) => Array.from(part, eitherCase).join(''))
    .filter((part) => part !== '');
  return `**/*${parts.join('*/**/*')}*`;
}

/** Characters that mean something in a glob match as any one character. */
function eitherCase(character: string): string {
  if (/[*?[\]{}!,]/.test(character)) return '?';
  const [lower, upper] = [character.toLowerCase(), character.toUpperCase()];
  return lower === upper || lower.length > 1 || upper.length > 1 ? character : `[${lower}${upper}]`;
}

/** Lower is better: the name begins with the query, has it, or only its path does; then the shorter path. */
export function fileRank(path: string, query: string): number {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  const wanted = query.slice(query.lastIndexOf('/') + 1).toLowerCase();
  const where = name.startsWith(wanted) ? 0 : name.includes(wanted) ? 1 : 2;
  return where * 10_000 + path.length;
}

function linesOf(text: string): string[] {
  return text.split(/(?<=\n)/);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
