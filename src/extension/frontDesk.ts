import * as vscode from 'vscode';
import type { Clock } from '../client/clock';
import {
  commands,
  contextKeys,
  conversationView,
  late,
  mcpProvider,
  threadPanelType,
  unopened,
  type CommandName,
  type ViewName,
} from './contributions';
import { Owned } from './disposable';
import { opening } from './texts/opening';
import { RowTree } from './trees/rowTree';

/**
 * How long the window may take to open, in milliseconds, before the person is told. Mostly it takes less than a second, and
 * some seconds where the disk is slow and the programs are copied into the home. Who has looked at progress for a minute
 * wants to know, and nobody expects any more that what they asked for then is still done.
 */
export const openingLimit = 60_000;

/** The parts of the window that answer what VS Code asks. */
export interface Answering {
  /** Runs a command; `args`: what the menu, the key or the link gave. What goes wrong is told to the person there. */
  readonly run: (command: CommandName, args: readonly unknown[]) => Promise<void>;
  readonly conversation: vscode.WebviewViewProvider;
  readonly panels: vscode.WebviewPanelSerializer;
  readonly links: vscode.UriHandler;
  readonly tools: vscode.McpServerDefinitionProvider<vscode.McpHttpServerDefinition>;
}

export type Trees = Readonly<Record<Exclude<ViewName, 'conversation'>, RowTree>>;

/**
 * All that VS Code may ask of Parley once it is active, registered at once: it answers when the window's parts are there,
 * which are loaded after activation. A tree that has no rows yet shows progress.
 *
 * When the parts cannot be had, the person is told once, with what to do, and again at each command after that; the log has
 * the error, and the trees say the same. So it is when they are not there within {@link openingLimit}: commands and links that
 * waited end with that, undone. When the parts come after all, all goes on from there.
 *
 * It MUST import little: what this file needs is read before VS Code counts Parley as active.
 */
export class FrontDesk extends Owned {
  readonly trees: Trees = {
    roster: this.own(new RowTree('parley.roster')),
    inbox: this.own(new RowTree('parley.inbox')),
    threads: this.own(new RowTree('parley.threads')),
  };
  readonly #log: vscode.LogOutputChannel;
  /** Undefined when they could not be had: that is told by then. It never rejects. */
  readonly #parts: Promise<Answering | undefined>;
  /** The same; undefined also when they were not there within the limit, which is told by then. */
  readonly #partsInTime: Promise<Answering | undefined>;
  #state: 'opening' | 'late' | 'open' | 'failed' | 'closed' = 'opening';

  /** `log` MUST outlive `answering`. */
  constructor(answering: Promise<Answering>, log: vscode.LogOutputChannel, clock: Pick<Clock, 'after'>) {
    super();
    this.#log = log;
    let stop: () => void = () => undefined;
    const limit = new Promise<undefined>((resolve) => {
      stop = clock.after(openingLimit, () => {
        this.#beLate();
        resolve(undefined);
      });
    });
    this.#parts = answering.then(
      (parts) => {
        stop();
        if (this.#state !== 'closed') this.#state = 'open';
        return parts;
      },
      (error: unknown) => {
        stop();
        this.#giveUp(error);
        return undefined;
      },
    );
    this.#partsInTime = Promise.race([this.#parts, limit]);
    this.ending(() => {
      stop();
      this.#state = 'closed';
    });
    for (const name of Object.keys(commands) as CommandName[]) {
      const run = async (...args: unknown[]): Promise<void> => this.#run(name, args);
      this.own(vscode.commands.registerCommand(`parley.${name}`, run));
    }
    this.own(
      vscode.window.registerWebviewViewProvider(conversationView, {
        resolveWebviewView: async (view, ...given) =>
          this.#fill(view.webview, (parts) => parts.conversation.resolveWebviewView(view, ...given)),
      }),
    );
    this.own(
      vscode.window.registerWebviewPanelSerializer(threadPanelType, {
        deserializeWebviewPanel: async (panel, state) =>
          this.#fill(panel.webview, (parts) => parts.panels.deserializeWebviewPanel(panel, state)),
      }),
    );
    this.own(vscode.window.registerUriHandler({ handleUri: async (uri) => this.#open(uri) }));
    this.own(vscode.lm.registerMcpServerDefinitionProvider(mcpProvider.id, this.#tools()));
  }

  async #run(name: CommandName, args: readonly unknown[]): Promise<void> {
    // The log is there from the first, for whoever wonders why nothing else is.
    if (name === 'showLog' && this.#state !== 'open') this.#log.show();
    else await (await this.#asked())?.run(name, args);
  }

  async #open(uri: vscode.Uri): Promise<void> {
    await (await this.#asked())?.links.handleUri(uri);
  }

  /** The parts, for what the person asks; undefined when the answer is a notification, which is there by then. */
  async #asked(): Promise<Answering | undefined> {
    if (this.#state !== 'late' && this.#state !== 'failed') return this.#soon();
    this.#tell();
    return undefined;
  }

  /** The parts; undefined when they cannot be had, or the limit is over and they are not there. */
  async #soon(): Promise<Answering | undefined> {
    return this.#state === 'open' ? this.#parts : this.#partsInTime;
  }

  /** `fill` makes a page of ours of it when the parts are there, however late. Until then it says why it is empty. */
  async #fill(webview: vscode.Webview, fill: (parts: Answering) => unknown): Promise<void> {
    let parts = await this.#soon();
    if (!parts) {
      if (this.#state === 'late') webview.html = pageSaying(opening.late);
      parts = await this.#parts;
    }
    if (parts) await fill(parts);
    else webview.html = pageSaying(opening.failed);
  }

  #tools(): Answering['tools'] {
    const changed = this.own(new vscode.EventEmitter<void>());
    void Promise.all([this.#parts, this.#partsInTime]).then(([parts, inTime]) => {
      const onDidChange = parts?.tools.onDidChangeMcpServerDefinitions;
      if (onDidChange) this.own(onDidChange(() => changed.fire()));
      // Who asked for the tools was told that there are none.
      if (parts && !inTime) changed.fire();
    });
    return {
      onDidChangeMcpServerDefinitions: changed.event,
      provideMcpServerDefinitions: async (token) => (await this.#soon())?.tools.provideMcpServerDefinitions(token),
      resolveMcpServerDefinition: async (...given) =>
        (await this.#soon())?.tools.resolveMcpServerDefinition?.(...given),
    };
  }

  /** Commands and links that wait are answered by this one telling. */
  #beLate(): void {
    this.#state = 'late';
    this.#log.warn(`This window is not open after ${openingLimit / 1000} s. It goes on when it can.`);
    // A tree that has rows already was drawn by the window, which has set the key.
    const waiting = Object.values(this.trees).filter((tree) => tree.isWaiting);
    if (waiting.length > 0) void vscode.commands.executeCommand('setContext', contextKeys.broker, late);
    for (const tree of waiting) tree.set([]);
    this.#tell();
  }

  /** What waits is answered by this one telling. */
  #giveUp(error: unknown): void {
    if (this.#state === 'closed') return;
    this.#state = 'failed';
    this.#log.error(error instanceof Error ? error : String(error));
    void vscode.commands.executeCommand('setContext', contextKeys.broker, unopened);
    for (const tree of Object.values(this.trees)) {
      tree.set([]);
      // A message would stand in the place of the welcome, which says what happened.
      tree.view.message = '';
      tree.view.badge = undefined;
    }
    this.#tell();
  }

  #tell(): void {
    const said = vscode.l10n.t(this.#state === 'late' ? opening.late : opening.failed);
    const reload = vscode.l10n.t(opening.reload);
    const showLog = vscode.l10n.t(opening.showLog);
    const show = this.#state === 'late' ? vscode.window.showWarningMessage : vscode.window.showErrorMessage;
    void show<string>(said, reload, showLog).then((chosen) => {
      if (chosen === reload) void vscode.commands.executeCommand('workbench.action.reloadWindow');
      if (chosen === showLog) this.#log.show();
    });
  }
}

/** In the place of a page: it has no scripts, and the person finds the buttons in the notification and the Roster. */
function pageSaying(text: string): string {
  const policy = `<meta http-equiv="Content-Security-Policy" content="default-src 'none'">`;
  return `<!DOCTYPE html><html><head>${policy}</head><body><p>${vscode.l10n.t(text)}</p></body></html>`;
}
