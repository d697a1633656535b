import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { panelHtml } from '../../contract/panel';
import type { PanelUpdate } from '../../contract/panelUpdates';
import { Owned } from '../disposable';
import { ThreadFeed, type ThreadFeedOptions } from './threadFeed';

/** What every page of a thread is made from, wherever it stands. */
export interface ThreadPageParts extends Omit<ThreadFeedOptions, 'post' | 'onThread' | 'thread'> {
  /** The extension's own folder. */
  readonly extension: vscode.Uri;
}

export interface ThreadPageOptions extends Pick<ThreadFeedOptions, 'onThread'> {
  readonly thread: string | undefined;
}

/** One page in one webview, and the feed that tells it what is there. */
export class ThreadPage extends Owned {
  readonly feed: ThreadFeed;

  constructor({ extension, ...parts }: ThreadPageParts, webview: vscode.Webview, options: ThreadPageOptions) {
    super();
    const media = vscode.Uri.joinPath(extension, 'dist');
    const address = (file: string): string => webview.asWebviewUri(vscode.Uri.joinPath(media, file)).toString();
    this.feed = this.own(
      new ThreadFeed({ ...parts, ...options, post: (update: PanelUpdate) => void webview.postMessage(update) }),
    );
    this.own(webview.onDidReceiveMessage((posted: unknown) => void this.feed.handle(posted)));
    webview.options = webviewOptions(extension);
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

/** A page runs our scripts, loads from `dist` alone, and can run no command. */
export function webviewOptions(extension: vscode.Uri): vscode.WebviewOptions {
  const localResourceRoots = [vscode.Uri.joinPath(extension, 'dist')];
  return { enableScripts: true, enableForms: false, enableCommandUris: false, localResourceRoots };
}
