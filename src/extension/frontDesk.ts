import * as vscode from 'vscode';
import {
  commands,
  contextKeys,
  conversationView,
  mcpProvider,
  threadPanelType,
  unopened,
  type CommandName,
  type ViewName,
} from './contributions';
import { Owned } from './disposable';
import { opening } from './texts/opening';
import { RowTree } from './trees/rowTree';

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
 * the error, and the trees say the same.
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
  #state: 'waits or answers' | 'failed' | 'closed' = 'waits or answers';

  /** `log` MUST outlive `answering`. */
  constructor(answering: Promise<Answering>, log: vscode.LogOutputChannel) {
    super();
    this.#log = log;
    this.#parts = answering.catch((error: unknown) => this.#giveUp(error));
    this.ending(() => (this.#state = 'closed'));
    for (const name of Object.keys(commands) as CommandName[]) {
      const run = async (...args: unknown[]): Promise<void> => this.#run(name, args);
      this.own(vscode.commands.registerCommand(`parley.${name}`, run));
    }
    this.own(
      vscode.window.registerWebviewViewProvider(conversationView, {
        resolveWebviewView: async (view, ...given) => {
          const parts = await this.#parts;
          if (parts) await parts.conversation.resolveWebviewView(view, ...given);
          else view.webview.html = failedPage();
        },
      }),
    );
    this.own(
      vscode.window.registerWebviewPanelSerializer(threadPanelType, {
        deserializeWebviewPanel: async (panel, state) => {
          const parts = await this.#parts;
          if (parts) await parts.panels.deserializeWebviewPanel(panel, state);
          else panel.webview.html = failedPage();
        },
      }),
    );
    this.own(vscode.window.registerUriHandler({ handleUri: async (uri) => this.#open(uri) }));
    this.own(vscode.lm.registerMcpServerDefinitionProvider(mcpProvider.id, this.#tools()));
  }

  async #run(name: CommandName, args: readonly unknown[]): Promise<void> {
    if (this.#state !== 'failed') await (await this.#parts)?.run(name, args);
    else if (name === 'showLog') this.#log.show();
    else this.#tell();
  }

  async #open(uri: vscode.Uri): Promise<void> {
    if (this.#state === 'failed') this.#tell();
    else await (await this.#parts)?.links.handleUri(uri);
  }

  #tools(): Answering['tools'] {
    const changed = this.own(new vscode.EventEmitter<void>());
    void this.#parts.then((parts) => {
      const onDidChange = parts?.tools.onDidChangeMcpServerDefinitions;
      if (onDidChange) this.own(onDidChange(() => changed.fire()));
    });
    return {
      onDidChangeMcpServerDefinitions: changed.event,
      provideMcpServerDefinitions: async (token) => (await this.#parts)?.tools.provideMcpServerDefinitions(token),
      resolveMcpServerDefinition: async (...given) => (await this.#parts)?.tools.resolveMcpServerDefinition?.(...given),
    };
  }

  /** What waits is answered by this one telling. */
  #giveUp(error: unknown): undefined {
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
    const [failed, reload, showLog] = [opening.failed, opening.reload, opening.showLog].map((text) =>
      vscode.l10n.t(text),
    ) as [string, string, string];
    void vscode.window.showErrorMessage(failed, reload, showLog).then((chosen) => {
      if (chosen === reload) void vscode.commands.executeCommand('workbench.action.reloadWindow');
      if (chosen === showLog) this.#log.show();
    });
  }
}

/** In the place of a page: it has no scripts, and the person finds the buttons in the notification and the Roster. */
function failedPage(): string {
  const policy = `<meta http-equiv="Content-Security-Policy" content="default-src 'none'">`;
  return `<!DOCTYPE html><html><head>${policy}</head><body><p>${vscode.l10n.t(opening.failed)}</p></body></html>`;
}
