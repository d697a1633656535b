import * as vscode from 'vscode';

/** As much of the API of VS Code's own git extension as is used here. */
interface GitExtension {
  readonly enabled: boolean;
  getAPI(version: 1): {
    getRepository(file: vscode.Uri): { show(commit: string, path: string): Promise<string> } | null;
  };
}

/** What a file held at a commit. `undefined` without git, or when the commit or the file in it is not known here. */
export async function textAtCommit(file: vscode.Uri, commit: string): Promise<string | undefined> {
  const extension = vscode.extensions.getExtension<GitExtension>('vscode.git');
  if (!extension || !/^[0-9a-f]{7,40}$/i.test(commit)) return undefined;
  try {
    const git = extension.isActive ? extension.exports : await extension.activate();
    if (!git.enabled) return undefined;
    return await git.getAPI(1).getRepository(file)?.show(commit, file.fsPath);
  } catch {
    return undefined;
  }
}
