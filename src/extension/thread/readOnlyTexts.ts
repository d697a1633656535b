import * as vscode from 'vscode';
import { Owned } from '../disposable';

/** Scheme of documents that exist only to be read. */
const scheme = 'parley-text';
/** Texts that are kept, the latest: an editor that was closed asks for its text no more. */
const mostTexts = 40;

/** Documents that exist only to be read: both sides of a change, a page of the doctor. */
export class ReadOnlyTexts extends Owned implements vscode.TextDocumentContentProvider {
  readonly #texts = new Map<string, string>();
  #made = 0;

  constructor() {
    super();
    this.own(vscode.workspace.registerTextDocumentContentProvider(scheme, this));
  }

  /** A document with this text. The file that it stands for gives it its name and its language. */
  keep(file: string, text: string): vscode.Uri {
    const uri = vscode.Uri.file(file).with({ scheme, query: String(++this.#made) });
    this.#texts.set(uri.toString(), text);
    for (const old of [...this.#texts.keys()].slice(0, -mostTexts)) this.#texts.delete(old);
    return uri;
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.#texts.get(uri.toString()) ?? '';
  }
}
