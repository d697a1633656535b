import * as vscode from 'vscode';
import {
  commands,
  conversationView,
  mcpProvider,
  threadPanelType,
  type CommandName,
  type ViewName,
} from './contributions';
import { Owned } from './disposable';
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
 * It MUST import little: what this file needs is read before VS Code counts Parley as active.
 */
export class FrontDesk extends Owned {
  readonly trees: Trees = {
    roster: this.own(new RowTree('parley.roster')),
    inbox: this.own(new RowTree('parley.inbox')),
    threads: this.own(new RowTree('parley.threads')),
  };
  readonly #answering: Promise<Answering>;

  constructor(answering: Promise<Answering>) {
    super();
    this.#answering = answering;
    for (const name of Object.keys(commands) as CommandName[]) {
      const run = async (...args: unknown[]): Promise<void> => (await answering).run(name, args);
      this.own(vscode.commands.registerCommand(`parley.${name}`, run));
    }
    this.own(
      vscode.window.registerWebviewViewProvider(conversationView, {
        resolveWebviewView: async (...given) => (await answering).conversation.resolveWebviewView(...given),
      }),
    );
    this.own(
      vscode.window.registerWebviewPanelSerializer(threadPanelType, {
        deserializeWebviewPanel: async (...given) => (await answering).panels.deserializeWebviewPanel(...given),
      }),
    );
    this.own(vscode.window.registerUriHandler({ handleUri: async (uri) => (await answering).links.handleUri(uri) }));
    this.own(vscode.lm.registerMcpServerDefinitionProvider(mcpProvider.id, this.#tools()));
  }

  #tools(): Answering['tools'] {
    const changed = this.own(new vscode.EventEmitter<void>());
    this.#answering.then(
      ({ tools: { onDidChangeMcpServerDefinitions: onDidChange } }) => {
        if (onDidChange) this.own(onDidChange(() => changed.fire()));
      },
      // Who loads the parts tells of that.
      () => undefined,
    );
    return {
      onDidChangeMcpServerDefinitions: changed.event,
      provideMcpServerDefinitions: async (token) => (await this.#answering).tools.provideMcpServerDefinitions(token),
      resolveMcpServerDefinition: async (...given) =>
        (await this.#answering).tools.resolveMcpServerDefinition?.(...given),
    };
  }
}
