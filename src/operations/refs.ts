import { createHash } from 'node:crypto';
import { promises as fs, type Stats } from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Broker } from '../broker/broker';
import type { RefView } from '../contract/views';
import { isKeyKnown } from '../core/keys';
import type { AgentId } from '../core/model';
import { Refusal } from '../core/refusal';
import { firstBytes } from '../core/text';
import { headOf } from './gitHead';

/** Files larger than this (bytes) are pointed to without what stands there. */
export const largestFile = 1024 * 1024;

/**
 * Checks the refs of a message and fills in what the sender left out (excerpt, hash, commit, worktree), where the file is
 * on this machine and inside the sender's workspace; nothing else is read. What the sender gave stays as it is. A ref with
 * a commit speaks of that commit: nothing is filled in from the file as it is now.
 *
 * @param key a key that the sender has used already: the message is a repeat, and nothing is read for it
 * @throws `too_many_refs`, `bad_ref` with what to do
 */
export async function filledRefs(
  broker: Broker,
  sender: AgentId,
  refs: readonly RefView[] | undefined,
  key?: string,
): Promise<RefView[] | undefined> {
  if (refs === undefined || refs.length === 0) return undefined;
  const { refsPerMessage: limit, refExcerptBytes } = broker.board.world.limits;
  if (refs.length > limit) throw new Refusal('too_many_refs', { count: refs.length, limit });
  const workspace = folderOf(broker.state.agents.get(sender)?.card.workspace ?? '');
  const isRepeat = isKeyKnown(broker.state, sender, key);
  const filled: RefView[] = [];
  // One after the other: fifty files at once would be fifty times the memory.
  for (const ref of refs) {
    const placed = placeOf(ref, workspace);
    const isWhole =
      isRepeat || placed.commit !== undefined || (placed.excerpt !== undefined && placed.hash !== undefined);
    filled.push(isWhole || workspace === undefined ? placed : await fill(placed, workspace, refExcerptBytes));
  }
  return filled;
}

/** The ref with an absolute uri, or one relative to the repository of its commit. @throws `bad_ref` */
function placeOf(ref: RefView, workspace: string | undefined): RefView {
  const { uri, range, hash, commit } = ref;
  if (commit !== undefined && !/^[0-9a-f]{7,40}$/i.test(commit))
    throw bad(ref, 'a commit has 7 to 40 hexadecimal digits.');
  if (hash !== undefined && !/^[0-9a-f]{64}$/i.test(hash))
    throw bad(ref, 'a hash is the SHA-256 of the text, 64 hexadecimal digits. Leave it out to have it made.');
  if (range && (range.end.line < range.start.line || isBackward(range)))
    throw bad(ref, 'its range ends before it begins.');
  if (/^file:/i.test(uri)) {
    if (pathOf(uri) === undefined) throw bad(ref, 'it is no file: uri of this machine. Give an absolute path.');
    return ref;
  }
  if (/^[a-z][a-z0-9+.-]+:/i.test(uri)) throw bad(ref, 'only files can be pointed to: give a path or a file: uri.');
  if (path.isAbsolute(uri)) return { ...ref, uri: pathToFileURL(uri).href };
  // Of a commit, the path in its repository is all that is needed.
  if (commit !== undefined) return ref;
  if (workspace === undefined)
    throw bad(ref, 'it is relative, and your workspace is not known. Give an absolute path, or set your workspace.');
  return { ...ref, uri: pathToFileURL(path.join(workspace, uri)).href };
}

function isBackward({ start, end }: NonNullable<RefView['range']>): boolean {
  return end.line === start.line && end.character < start.character;
}

/** What stands there now, when the file is in the workspace. @throws `bad_ref` when there is no such file or line */
async function fill(ref: RefView, workspace: string, excerptBytes: number): Promise<RefView> {
  const asked = pathOf(ref.uri) ?? '';
  const root = await realpath(workspace);
  // What is outside is not looked at, not even whether it is there.
  if (root === undefined || !(isInside(workspace, asked) || isInside(root, asked))) return ref;
  const file = await realpath(asked);
  if (file === undefined)
    throw bad(ref, 'there is no such file. Give the path from your workspace, or an absolute one.');
  if (!isInside(root, file)) return ref;
  const stats = await statOf(file);
  if (!stats?.isFile()) {
    // A folder can be pointed to, a line in it cannot.
    if (stats?.isDirectory() && !ref.range) return ref;
    throw bad(ref, 'it is no file with text.');
  }
  const git = ref.worktree === undefined ? await headOf(file, root) : undefined;
  if (stats.size > largestFile) return { ...ref, ...git };
  const text = await fs.readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined || text.includes('\0')) return { ...ref, ...git };
  const there = ref.range ? textIn(ref, text, ref.range) : text;
  return {
    ...ref,
    ...git,
    // Of a whole file the beginning says little; its hash tells whether it has changed.
    ...(ref.range && ref.excerpt === undefined && there !== '' && { excerpt: firstBytes(there, excerptBytes) }),
    hash: ref.hash ?? createHash('sha256').update(there).digest('hex'),
  };
}

/** The text of a range; a character beyond the end of its line means the end. @throws `bad_ref` */
function textIn(ref: RefView, text: string, { start, end }: NonNullable<RefView['range']>): string {
  const lines = text.split(/(?<=\n)/);
  // The end may stand at the beginning of the line after the last.
  if (start.line >= lines.length || end.line > lines.length || (end.line === lines.length && end.character > 0))
    throw bad(ref, `the file has ${lines.length} lines. Look again where it is.`);
  const until = (line: number, character: number): number => {
    const content = (lines[line] ?? '').replace(/\r?\n$/, '');
    return Math.min(character, content.length);
  };
  const taken = lines.slice(start.line, end.line);
  const last = end.character > 0 ? (lines[end.line] ?? '').slice(0, until(end.line, end.character)) : '';
  return (taken.join('') + last).slice(until(start.line, start.character));
}

/** The path of a workspace that is given as a path or a file: uri. */
function folderOf(workspace: string): string | undefined {
  const folder = /^file:/i.test(workspace) ? pathOf(workspace) : workspace;
  return folder !== undefined && path.isAbsolute(folder) ? path.normalize(folder) : undefined;
}

function pathOf(uri: string): string | undefined {
  try {
    return fileURLToPath(uri);
  } catch {
    return undefined;
  }
}

/** Whether the path is the folder or in it; both absolute. */
export function isInside(folder: string, file: string): boolean {
  const way = path.relative(folder, file);
  return way === '' || (!path.isAbsolute(way) && way !== '..' && !way.startsWith(`..${path.sep}`));
}

function realpath(file: string): Promise<string | undefined> {
  return fs.realpath(file).catch(() => undefined);
}

function statOf(file: string): Promise<Stats | undefined> {
  return fs.stat(file).catch(() => undefined);
}

function bad({ uri }: RefView, problem: string): Refusal {
  return new Refusal('bad_ref', { uri: uri.slice(0, 200), problem });
}
