import path from 'node:path';
import * as vscode from 'vscode';
import type { RefView, ThreadView } from '../../contract/views';
import { Owned } from '../disposable';
import type { PlaceFiles } from './placeFiles';
import { hasChanged } from './places';
import { plain } from '../plain';
import type { PageActions } from './threadFeed';
import { topicText, words } from '../words';

export interface EditorActionsParts {
  readonly startBroker: () => Promise<void>;
  readonly invite: (thread: string) => Promise<void>;
  readonly transfer: (thread: string) => Promise<void>;
  readonly files: PlaceFiles;
}

/** What a thread's page may ask of the editor. What it names was written by agents: every step checks or asks. */
export class EditorActions extends Owned implements PageActions {
  readonly #parts: EditorActionsParts;
  /** The text editor that was used last: while a page has the keyboard, none is active. */
  #editor: vscode.TextEditor | undefined = vscode.window.activeTextEditor;

  constructor(parts: EditorActionsParts) {
    super();
    this.#parts = parts;
    this.own(vscode.window.onDidChangeActiveTextEditor((editor) => (this.#editor = editor ?? this.#editor)));
    this.own(
      vscode.window.onDidChangeVisibleTextEditors((editors) => {
        // One that was closed is no place to write to; one behind another tab comes back with a new object.
        const { document } = this.#editor ?? {};
        this.#editor = editors.find((one) => one.document === document) ?? this.#editor;
        if (document?.isClosed) this.#editor = undefined;
      }),
    );
  }

  async openRef(ref: RefView, thread: ThreadView): Promise<void> {
    const file = await this.#parts.files.find(ref.uri, thread);
    if (!file) {
      void vscode.window.showWarningMessage(words.told.cannotOpen(plain.toast(ref.uri)));
      return;
    }
    try {
      const document = await vscode.workspace.openTextDocument(file);
      const range = ref.range && document.validateRange(toRange(ref.range));
      await vscode.window.showTextDocument(document, { preview: true, ...(range && { selection: range }) });
      const there = document.getText(range ?? undefined);
      if (hasChanged(there, ref.hash, ref.range && ref.excerpt) === 'yes') {
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
    const question = words.ask.endThread(plain.toast(topicText(thread.topic)));
    return (await vscode.window.showWarningMessage(question, options, words.ask.end)) === words.ask.end;
  }

  invite({ id }: ThreadView): Promise<void> {
    return this.#parts.invite(id);
  }

  transfer({ id }: ThreadView): Promise<void> {
    return this.#parts.transfer(id);
  }

  async insert(text: string): Promise<void> {
    const editor = this.#editor;
    if (!editor) {
      void vscode.window.showInformationMessage(words.told.noEditor);
      return;
    }
    // Only what the person looks at is changed, and only in a way that they can undo.
    const shown = await vscode.window.showTextDocument(editor.document, {
      viewColumn: editor.viewColumn ?? vscode.ViewColumn.One,
      selection: editor.selection,
    });
    await shown.edit((edit) => shown.selections.forEach((selection) => edit.replace(selection, text)));
  }

  startBroker(): Promise<void> {
    return this.#parts.startBroker();
  }
}

function toRange({ start, end }: NonNullable<RefView['range']>): vscode.Range {
  return new vscode.Range(start.line, start.character, end.line, end.character);
}
