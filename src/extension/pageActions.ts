import { createHash } from 'node:crypto';
import path from 'node:path';
import * as vscode from 'vscode';
import type { RefView, ThreadView } from '../contract/views';
import { plain } from './plain';
import type { PageActions } from './threadFeed';
import { words } from './words';

export interface EditorActionsParts {
  readonly startBroker: () => Promise<void>;
  readonly invite: (thread: string) => Promise<void>;
  /** The folder of an agent, for places that are named relative to it. */
  readonly workspaceOf: (agent: string) => string | undefined;
}

/** What a thread's page may ask of the editor. What it names was written by agents: every step checks or asks. */
export class EditorActions implements PageActions {
  readonly #parts: EditorActionsParts;

  constructor(parts: EditorActionsParts) {
    this.#parts = parts;
  }

  async openRef(ref: RefView, thread: ThreadView): Promise<void> {
    const file = await this.#find(ref.uri, thread);
    if (!file) {
      void vscode.window.showWarningMessage(words.told.cannotOpen(plain.toast(ref.uri)));
      return;
    }
    try {
      const document = await vscode.workspace.openTextDocument(file);
      const range = ref.range && document.validateRange(toRange(ref.range));
      await vscode.window.showTextDocument(document, { preview: true, ...(range && { selection: range }) });
      if (range && ref.hash !== undefined && sha256(document.getText(range)) !== ref.hash.toLowerCase()) {
        void vscode.window.showInformationMessage(words.told.changedSince(plain.toast(path.basename(file.fsPath))));
      }
    } catch {
      void vscode.window.showWarningMessage(words.told.cannotOpen(plain.toast(ref.uri)));
    }
  }

  async openLink(url: string): Promise<void> {
    const detail = plain.toast(url, 2048);
    const options = { modal: true, detail };
    if ((await vscode.window.showWarningMessage(words.ask.openLink, options, words.ask.open)) === words.ask.open) {
      await vscode.env.openExternal(vscode.Uri.parse(url, true));
    }
  }

  async copy(text: string): Promise<void> {
    await vscode.env.clipboard.writeText(text);
  }

  async confirmEnd(thread: ThreadView): Promise<boolean> {
    const options = { modal: true, detail: words.ask.endThreadDetail };
    const question = words.ask.endThread(plain.toast(thread.topic));
    return (await vscode.window.showWarningMessage(question, options, words.ask.end)) === words.ask.end;
  }

  invite({ id }: ThreadView): Promise<void> {
    return this.#parts.invite(id);
  }

  startBroker(): Promise<void> {
    return this.#parts.startBroker();
  }

  /** The file that a ref names: `file:` without a host, an absolute path, or one relative to a folder of the thread. */
  async #find(uri: string, thread: ThreadView): Promise<vscode.Uri | undefined> {
    if (/^file:\/\/\//i.test(uri)) return local(vscode.Uri.parse(uri, true));
    if (/^[a-z][a-z0-9+.-]+:/i.test(uri) && !/^[a-z]:[\\/]/i.test(uri)) return undefined;
    // A path that begins with two separators names another machine on Windows, and asks it for one's password.
    if (/^[\\/]{2}/.test(uri)) return undefined;
    if (path.isAbsolute(uri)) return vscode.Uri.file(uri);
    const folders = [
      ...(vscode.workspace.workspaceFolders ?? []).map((folder) => folder.uri),
      ...thread.participants.flatMap(({ agent }) => {
        const folder = this.#parts.workspaceOf(agent);
        return folder !== undefined && path.isAbsolute(folder) ? [vscode.Uri.file(folder)] : [];
      }),
    ];
    for (const folder of folders) {
      const file = vscode.Uri.joinPath(folder, uri);
      if (await exists(file)) return file;
    }
    return undefined;
  }
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

function toRange({ start, end }: NonNullable<RefView['range']>): vscode.Range {
  return new vscode.Range(start.line, start.character, end.line, end.character);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
