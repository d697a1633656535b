import { isAbsolute, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { RefView } from '../contract/views';

/** `path`, `path:12`, `path:12-20`; lines count from 1, the last one is included. */
const place = /^(?<where>.+?)(?::(?<first>\d{1,9})(?:-(?<last>\d{1,9}))?)?$/s;

/**
 * A place in the code as models write it, as a ref. A relative path is taken from `workspace`; without one it stays as
 * it is.
 */
export function parseRef(text: string, workspace?: string): RefView {
  const { where = text, first, last } = place.exec(text)?.groups ?? {};
  const uri = asUri(where, workspace);
  if (first === undefined) return { uri };
  const start = Math.max(Number(first), 1) - 1;
  const end = Math.max(Number(last ?? first), start + 1);
  return { uri, range: { start: { line: start, character: 0 }, end: { line: end, character: 0 } } };
}

function asUri(where: string, workspace: string | undefined): string {
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(where)) return where;
  if (isAbsolute(where)) return pathToFileURL(where).href;
  return workspace !== undefined && isAbsolute(workspace) ? pathToFileURL(join(workspace, where)).href : where;
}

/** The same the other way: `/w/app/a.ts:12-20`. */
export function formatRef({ uri, range }: RefView): string {
  const where = asPath(uri);
  if (!range) return where;
  const first = range.start.line + 1;
  const last = range.end.character === 0 ? Math.max(range.end.line, first) : range.end.line + 1;
  return first === last ? `${where}:${first}` : `${where}:${first}-${last}`;
}

function asPath(uri: string): string {
  try {
    return uri.startsWith('file:') ? fileURLToPath(uri) : uri;
  } catch {
    return uri; // a file uri of another platform
  }
}
