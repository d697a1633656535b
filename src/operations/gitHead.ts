import { promises as fs } from 'node:fs';
import * as path from 'node:path';

/** The commit that a working tree stands on, and where the tree is. */
export interface GitHead {
  readonly commit?: string;
  readonly worktree: string;
}

/** A file of git that is larger (bytes) is not read: none that names a commit is, but one with every ref of a large repository. */
const largestRefs = 1024 * 1024;

/**
 * Reads, without running git, where the working tree around `file` stands. Looks up to `root` and no further: both are
 * real paths, and what is outside of `root` is not read. A linked worktree keeps its HEAD elsewhere, so its commit is
 * left out. Undefined outside of a repository.
 */
export async function headOf(file: string, root: string): Promise<GitHead | undefined> {
  for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
    const kind = await fs.lstat(path.join(folder, '.git')).catch(() => undefined);
    if (kind?.isDirectory()) {
      const commit = await commitOf(path.join(folder, '.git'));
      return { worktree: folder, ...(commit !== undefined && { commit }) };
    }
    if (kind?.isFile()) return { worktree: folder };
    if (kind || folder === root || path.dirname(folder) === folder) return undefined;
  }
}

async function commitOf(git: string): Promise<string | undefined> {
  const head = (await small(path.join(git, 'HEAD')))?.trim();
  const branch = head === undefined ? undefined : /^ref: (refs\/[\w./-]+)$/.exec(head)?.[1];
  if (branch === undefined) return asCommit(head);
  // A name that climbs is none that git made.
  if (branch.split('/').includes('..')) return undefined;
  const loose = asCommit((await small(path.join(git, branch)))?.trim());
  if (loose !== undefined) return loose;
  const packed = await small(path.join(git, 'packed-refs'));
  return asCommit(
    packed
      ?.split('\n')
      .find((line) => line.endsWith(` ${branch}`))
      ?.slice(0, 40),
  );
}

function asCommit(text: string | undefined): string | undefined {
  return text !== undefined && /^[0-9a-f]{40}$/.test(text) ? text : undefined;
}

/** The text of a regular file that is no link and not large. */
async function small(file: string): Promise<string | undefined> {
  try {
    const stats = await fs.lstat(file);
    return stats.isFile() && stats.size <= largestRefs ? await fs.readFile(file, 'utf8') : undefined;
  } catch {
    return undefined;
  }
}
