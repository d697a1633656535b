import { realpath } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import type { ThreadView } from '../../contract/views';

/** Finds the files that refs name. What they name was written by agents. */
export class PlaceFiles {
  readonly #workspaceOf: (agent: string) => string | undefined;

  /** `workspaceOf`: the folder of an agent, for places that are named relative to it. */
  constructor(workspaceOf: (agent: string) => string | undefined) {
    this.#workspaceOf = workspaceOf;
  }

  /** The file that a ref names: `file:` without a host, an absolute path, or one relative to a folder of the thread. */
  async find(uri: string, thread: ThreadView): Promise<vscode.Uri | undefined> {
    if (/^file:\/\/\//i.test(uri)) return local(vscode.Uri.parse(uri, true));
    if (/^[a-z][a-z0-9+.-]+:/i.test(uri) && !/^[a-z]:[\\/]/i.test(uri)) return undefined;
    // A path that begins with two separators names another machine on Windows, and asks it for one's password.
    if (/^[\\/]{2}/.test(uri)) return undefined;
    if (path.isAbsolute(uri)) return vscode.Uri.file(uri);
    for (const folder of this.#folders(thread)) {
      const file = vscode.Uri.joinPath(folder, uri);
      if (await exists(file)) return file;
    }
    return undefined;
  }

  /** Whether the file lies in a folder of this window or of who is in the thread, wherever links lead. */
  async isInside(file: vscode.Uri, thread: ThreadView): Promise<boolean> {
    if (file.scheme !== 'file') return vscode.workspace.getWorkspaceFolder(file) !== undefined;
    const real = await realpath(file.fsPath).catch(() => undefined);
    if (real === undefined) return false;
    for (const folder of this.#folders(thread)) {
      const root = folder.scheme === 'file' ? await realpath(folder.fsPath).catch(() => undefined) : undefined;
      if (root !== undefined && holds(root, real)) return true;
    }
    return false;
  }

  #folders(thread: ThreadView): vscode.Uri[] {
    return [
      ...(vscode.workspace.workspaceFolders ?? []).map((folder) => folder.uri),
      ...thread.participants.flatMap(({ agent }) => {
        const folder = this.#workspaceOf(agent);
        return folder !== undefined && path.isAbsolute(folder) ? [vscode.Uri.file(folder)] : [];
      }),
    ];
  }
}

function holds(folder: string, file: string): boolean {
  const way = path.relative(folder, file);
  return way === '' || (!path.isAbsolute(way) && way !== '..' && !way.startsWith(`..${path.sep}`));
}

function local(uri: vscode.Uri): vscode.Uri | undefined {
  return uri.authority === '' ? uri : undefined;
}

async function exists(file: vscode.Uri): Promise<boolean> {
  try {
    await vscode.workspace.fs.stat(file);
    return true;
  } catch {
    return false;
  }
}
