import path from 'node:path';
import * as vscode from 'vscode';
import { addedStates, deletedStates, gitApi, type Change, type Repository } from './git';
import type { Parcel } from './parcel';
import { largestPeek } from '../thread/places';
import { plain } from '../plain';
import type { Prompts } from '../prompts';
import { reviewRefs, type ChangedFile } from './reviewRefs';
import { words } from '../words';

type Which = 'all' | 'staged' | 'unstaged';

/** The working diff of a repository, for somebody to review; when there is none, what to tell the person. */
export async function reviewParcel(
  prompts: Prompts,
  about: vscode.Uri | undefined,
): Promise<Parcel | string | undefined> {
  const git = await gitApi();
  const own = about && git?.getRepository(about);
  const all = git?.repositories ?? [];
  if (all.length === 0) return words.send.noGit;
  const repository = own ?? (all.length === 1 ? all[0] : await whichRepository(prompts, all));
  if (!repository) return undefined;
  const { indexChanges, workingTreeChanges, untrackedChanges = [], mergeChanges } = repository.state;
  const unstaged = [...mergeChanges, ...workingTreeChanges, ...untrackedChanges];
  const name = plain.toast(path.basename(repository.rootUri.fsPath), 80);
  if (indexChanges.length + unstaged.length === 0) return words.send.nothingToReview(name);
  const which = await whichChanges(prompts, indexChanges.length > 0, unstaged.length > 0);
  if (which === undefined) return undefined;
  const changes = which === 'staged' ? indexChanges : which === 'unstaged' ? unstaged : [...unstaged, ...indexChanges];
  const files = await Promise.all(byFile(changes).map((change) => changedFile(repository, change, which)));
  const { commit, name: branch = '' } = repository.state.HEAD ?? {};
  const base = which !== 'unstaged' && commit !== undefined ? { commit } : {};
  const { refs, left } = reviewRefs(files, { worktree: repository.rootUri.fsPath, ...base });
  const short = (commit ?? '').slice(0, 8);
  const compared =
    which === 'unstaged'
      ? words.send.reviewUnstaged
      : which === 'staged'
        ? words.send.reviewStaged(short, branch)
        : words.send.reviewBase(short, branch);
  return {
    name: words.send.review(files.length),
    refs,
    text: [compared, ...(left.length === 0 ? [] : [words.send.reviewMore(left.length, left.join(', '))])].join('\n'),
    draft: words.send.reviewOf(files.length, path.basename(repository.rootUri.fsPath)),
    paths: files.map(({ uri }) => vscode.Uri.parse(uri).fsPath),
    capability: 'review',
  };
}

function whichRepository(prompts: Prompts, all: readonly Repository[]): Promise<Repository | undefined> {
  return prompts.chooseWhileReading(
    words.send.whichRepository,
    all.map((one) => ({
      label: plain.label(path.basename(one.rootUri.fsPath)),
      detail: plain.label(one.rootUri.fsPath, 400),
      value: one,
    })),
  );
}

/** Stays open when the thread of an earlier review takes the focus meanwhile. */
async function whichChanges(prompts: Prompts, staged: boolean, unstaged: boolean): Promise<Which | undefined> {
  if (!staged) return 'all';
  if (!unstaged) return 'staged';
  return prompts.chooseWhileReading<Which>(words.send.whichChanges, [
    { label: words.send.allChanges, detail: words.send.allChangesDetail, value: 'all' },
    { label: words.send.staged, detail: words.send.stagedDetail, value: 'staged' },
    { label: words.send.unstaged, detail: words.send.unstagedDetail, value: 'unstaged' },
  ]);
}

/** A file that is staged and then changed again stands in two lists. */
function byFile(changes: readonly Change[]): Change[] {
  const files = new Map<string, Change>();
  for (const change of changes) if (!files.has(change.uri.toString())) files.set(change.uri.toString(), change);
  return [...files.values()];
}

async function changedFile(repository: Repository, { uri, status }: Change, which: Which): Promise<ChangedFile> {
  const state = deletedStates.has(status) ? 'deleted' : addedStates.has(status) ? 'added' : 'changed';
  const at = (commit: string): Promise<string | undefined> =>
    repository.show(commit, uri.fsPath).then(asText, () => undefined);
  const before = state === 'added' ? undefined : await at(which === 'unstaged' ? '' : 'HEAD');
  const after = state === 'deleted' ? undefined : which === 'staged' ? await at('') : await textOf(uri);
  return {
    uri: uri.toString(),
    path: path.relative(repository.rootUri.fsPath, uri.fsPath),
    // What is staged as new and changed since is new to the last commit.
    state: state === 'changed' && before === undefined && after !== undefined ? 'added' : state,
    before,
    after,
  };
}

async function textOf(uri: vscode.Uri): Promise<string | undefined> {
  try {
    const { size } = await vscode.workspace.fs.stat(uri);
    if (size > largestPeek) return undefined;
    return asText(new TextDecoder('utf-8', { ignoreBOM: true }).decode(await vscode.workspace.fs.readFile(uri)));
  } catch {
    return undefined;
  }
}

function asText(text: string): string | undefined {
  return text.includes('\0') || text.length > largestPeek ? undefined : text;
}
