import * as vscode from 'vscode';

/** As much of the API of VS Code's own git extension as is used here (version 1). */
export interface Repository {
  readonly rootUri: vscode.Uri;
  readonly state: {
    readonly HEAD?: { readonly name?: string; readonly commit?: string } | undefined;
    readonly mergeChanges: readonly Change[];
    readonly indexChanges: readonly Change[];
    readonly workingTreeChanges: readonly Change[];
    /** Missing before VS Code 1.86: untracked files then stand among the working tree's. */
    readonly untrackedChanges?: readonly Change[];
  };
  /** What a file holds at a commit; at '' in the index. */
  show(commit: string, path: string): Promise<string>;
}

export interface Change {
  readonly uri: vscode.Uri;
  /** One of git's Status: see `deleted` and `added`. */
  readonly status: number;
}

/** Numbers of the git extension's Status: INDEX_DELETED, DELETED, DELETED_BY_US, DELETED_BY_THEM, BOTH_DELETED. */
export const deletedStates: ReadonlySet<number> = new Set([2, 6, 14, 15, 17]);
/** INDEX_ADDED, UNTRACKED, INTENT_TO_ADD. */
export const addedStates: ReadonlySet<number> = new Set([1, 7, 9]);

interface GitApi {
  readonly repositories: readonly Repository[];
  getRepository(file: vscode.Uri): Repository | null;
}

interface GitExtension {
  readonly enabled: boolean;
  getAPI(version: 1): GitApi;
}

/** Undefined where git is off or not there. */
export async function gitApi(): Promise<GitApi | undefined> {
  const extension = vscode.extensions.getExtension<GitExtension>('vscode.git');
  if (!extension) return undefined;
  try {
    const git = extension.isActive ? extension.exports : await extension.activate();
    return git.enabled ? git.getAPI(1) : undefined;
  } catch {
    return undefined;
  }
}

/** The commit that a file's working tree stands on, and where the tree is. */
export async function headAt(file: vscode.Uri): Promise<{ commit?: string; worktree?: string }> {
  const repository = (await gitApi())?.getRepository(file);
  if (!repository) return {};
  const commit = repository.state.HEAD?.commit;
  return {
    worktree: repository.rootUri.fsPath,
    ...(commit !== undefined && /^[0-9a-f]{40}$/.test(commit) && { commit }),
  };
}
