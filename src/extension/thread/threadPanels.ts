import * as vscode from 'vscode';
import type { ThreadView } from '../../contract/views';
import { threadPanelType } from '../contributions';
import { Owned } from '../disposable';
import { plain } from '../plain';
import { ThreadPage, webviewOptions, type ThreadPageParts } from './threadPage';
import { topicText, words } from '../words';

/** The thread views in the editor area: at most one per thread, each a page that renders what its feed tells it. */
export class ThreadPanels extends Owned implements vscode.WebviewPanelSerializer {
  readonly #parts: ThreadPageParts;
  readonly #open = new Set<{ readonly page: ThreadPage; readonly panel: vscode.WebviewPanel }>();

  constructor(parts: ThreadPageParts) {
    super();
    this.#parts = parts;
    this.ending(() => {
      for (const { panel } of [...this.#open]) panel.dispose();
    });
  }

  /** Shows the thread, in its view if it has one already. */
  open(thread: string): void {
    const shown = [...this.#open].find(({ page }) => page.feed.thread === thread);
    if (shown) {
      shown.panel.reveal();
      return;
    }
    const where = vscode.window.activeTextEditor ? vscode.ViewColumn.Beside : vscode.ViewColumn.Active;
    const options = webviewOptions(this.#parts.extension);
    this.#attach(vscode.window.createWebviewPanel(threadPanelType, words.product, where, options), thread);
  }

  /** After a reload the page knows itself which thread it showed. */
  deserializeWebviewPanel(panel: vscode.WebviewPanel): Promise<void> {
    this.#attach(panel, undefined);
    return Promise.resolve();
  }

  #attach(panel: vscode.WebviewPanel, thread: string | undefined): void {
    const icon = (theme: string): vscode.Uri =>
      vscode.Uri.joinPath(this.#parts.extension, 'media', `thread-${theme}.svg`);
    panel.iconPath = { light: icon('light'), dark: icon('dark') };
    const page = new ThreadPage(this.#parts, panel.webview, {
      thread,
      onThread: (shown: ThreadView) => (panel.title = plain.label(topicText(shown.topic), 40)),
    });
    const entry = { page, panel };
    this.#open.add(entry);
    panel.onDidDispose(() => {
      page.dispose();
      this.#open.delete(entry);
    });
  }
}
