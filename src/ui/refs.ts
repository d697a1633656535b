import type { RefView } from '../contract/views';
import { oneLine } from '../core/text';

/** Folders of a path that a label shows at most. */
const foldersShown = 3;

/** Characters of a path in a label at most. */
const longestLabel = 120;

/**
 * A ref as one reads it: `src/auth/middleware.ts:42–57`, lines counted from 1 and both included. Named from the folder of
 * the window that it lies in, else from its worktree.
 * @param folders - paths of the window's folders
 */
export function refLabel({ uri, range, worktree }: RefView, folders: readonly string[] = []): string {
  const whole = pathOf(uri);
  const folder = folders.find((one) => whole.startsWith(`${one}/`)) ?? (worktree && pathOf(worktree));
  const path = clip(oneLine(shorten(whole, folder)));
  if (!range) return path;
  const first = range.start.line + 1;
  // The end is exclusive: at the start of a line, that line is not part of it.
  const last = range.end.line + (range.end.character === 0 ? 0 : 1);
  return last > first ? `${path}:${first}–${last}` : `${path}:${first}`;
}

function pathOf(uri: string): string {
  const path = uri.replace(/^file:\/\//i, '');
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** The end of a path says most. */
function clip(path: string): string {
  return path.length <= longestLabel ? path : `…${path.slice(1 - longestLabel)}`;
}

function shorten(path: string, folder: string | undefined): string {
  if (folder !== undefined && folder !== '' && path.startsWith(folder))
    return path.slice(folder.length).replace(/^\/+/, '');
  if (!path.startsWith('/')) return path;
  const parts = path.split('/').filter((part) => part !== '');
  return parts.length <= foldersShown + 1 ? path : `…/${parts.slice(-foldersShown - 1).join('/')}`;
}
