import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { panelHtml, type PanelUpdate } from '../contract/panel';
import type { ThreadView } from '../contract/views';
import { threadPanelType } from './contributions';
import { Owned } from './disposable';
import { plain } from './plain';
import { ThreadFeed, type ThreadFeedOptions } from './threadFeed';
import { words } from './words';

export interface ThreadPanelsOptions extends Pick<
  ThreadFeedOptions,
  'line' | 'lookout' | 'clock' | 'actions' | 'onError'
> {
  readonly extension: vscode.Uri;
}

/** The thread views: at most one per thread, each a page that renders what its feed tells it. */
export class ThreadPanels extends Owned implements vscode.WebviewPanelSerializer {
  readonly #options: ThreadPanelsOptions;
  readonly #open = new Set<{ readonly feed: ThreadFeed; readonly panel: vscode.WebviewPanel }>();

  constructor(options: ThreadPanelsOptions) {
    super();
    this.#options = options;
    this.own(vscode.window.registerWebviewPanelSerializer(threadPanelType, this));
    this.ending(() => {
      for (const { panel } of [...this.#open]) panel.dispose();
    });
  }

  /** Shows the thread, in its view if it has one already. */
  open(thread: string): void {
    const shown = [...this.#open].find(({ feed }) => feed.thread === thread);
    if (shown) {
      shown.panel.reveal();
      return;
    }
    const where = vscode.window.activeTextEditor ? vscode.ViewColumn.Beside : vscode.ViewColumn.Active;
    const panel = vscode.window.createWebviewPanel(threadPanelType, words.product, where, webviewOptions(this.#media));
    this.#attach(panel, thread);
  }

  /** After a reload the page knows itself which thread it showed. */
  deserializeWebviewPanel(panel: vscode.WebviewPanel): Promise<void> {
    panel.webview.options = webviewOptions(this.#media);
    this.#attach(panel, undefined);
    return Promise.resolve();
  }

  get #media(): vscode.Uri {
    return vscode.Uri.joinPath(this.#options.extension, 'dist');
  }

  #attach(panel: vscode.WebviewPanel, thread: string | undefined): void {
    const { webview } = panel;
    const address = (file: string): string => webview.asWebviewUri(vscode.Uri.joinPath(this.#media, file)).toString();
    const { extension, ...options } = this.#options;
    const feed = new ThreadFeed({
      ...options,
      thread,
      post: (update: PanelUpdate) => void webview.postMessage(update),
      onThread: (shown: ThreadView) => (panel.title = plain.label(shown.topic, 40)),
    });
    const icon = (theme: string): vscode.Uri => vscode.Uri.joinPath(extension, 'media', `thread-${theme}.svg`);
    panel.iconPath = { light: icon('light'), dark: icon('dark') };
    const entry = { feed, panel };
    this.#open.add(entry);
    const listening = webview.onDidReceiveMessage((posted: unknown) => void feed.handle(posted));
    panel.onDidDispose(() => {
      listening.dispose();
      feed.dispose();
      this.#open.delete(entry);
    });
    webview.html = panelHtml({
      script: address('ui.js'),
      style: address('ui.css'),
      cspSource: webview.cspSource,
      nonce: randomBytes(24).toString('hex'),
      language: vscode.env.language,
      bundle: vscode.l10n.bundle,
    });
  }
}

function webviewOptions(media: vscode.Uri): vscode.WebviewOptions {
  return { enableScripts: true, enableForms: false, enableCommandUris: false, localResourceRoots: [media] };
}
