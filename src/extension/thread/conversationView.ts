import * as vscode from 'vscode';
import type { ThreadView } from '../../contract/views';
import { contextKeys, conversationView } from '../contributions';
import { Owned } from '../disposable';
import { plain } from '../plain';
import { topicText } from '../words';
import type { RowNode } from '../trees/rowDiff';
import { ThreadPage, type ThreadPageParts } from './threadPage';

/**
 * Where it is kept which thread the person has shown last in the sidebar of this workspace: the view stands there from then
 * on. The page remembers its thread as well, but VS Code may end before it has saved what a page remembers.
 */
const memoryKey = 'conversation';

/** The thread view in the sidebar: it shows the thread that was selected last, in a tree or by a command. */
export class ConversationView extends Owned implements vscode.WebviewViewProvider {
  readonly #parts: ThreadPageParts;
  readonly #memory: Pick<vscode.Memento, 'get' | 'update'>;
  #shown: { readonly page: ThreadPage; readonly view: vscode.WebviewView } | undefined;
  /** What to show once there is a page: at first, what was shown before a reload. */
  #wanted: string | undefined;

  constructor(parts: ThreadPageParts, memory: Pick<vscode.Memento, 'get' | 'update'>) {
    super();
    this.#parts = parts;
    this.#memory = memory;
    const kept = memory.get(memoryKey);
    if (typeof kept === 'string') this.#wanted = kept;
    // Before, it was only kept that there was one.
    if (kept === true || this.#wanted !== undefined) void this.#offer();
    this.ending(() => this.#shown?.page.dispose());
  }

  /** The thread that it shows, if any. */
  get thread(): string | undefined {
    return this.#shown?.page.feed.thread ?? this.#wanted;
  }

  /** Shows the thread, if the view is there to be seen; else when it is. */
  follow(thread: string): void {
    this.#wanted = thread;
    if (this.#shown && this.#shown.page.feed.thread !== thread) this.#shown.page.feed.show(thread);
  }

  /** Shows the thread and brings the view to the front. */
  async open(thread: string): Promise<void> {
    this.follow(thread);
    await Promise.all([this.#offer(), this.#memory.update(memoryKey, thread)]);
    await vscode.commands.executeCommand(`${conversationView}.focus`);
  }

  /** Lets the view stand in the sidebar. */
  async #offer(): Promise<void> {
    await vscode.commands.executeCommand('setContext', contextKeys.conversation, true);
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    this.#shown?.page.dispose();
    const page = new ThreadPage(this.#parts, view.webview, {
      thread: this.#wanted,
      onThread: (thread: ThreadView) => {
        view.description = plain.label(topicText(thread.topic), 60);
        if (this.#memory.get(memoryKey) !== thread.id) void this.#memory.update(memoryKey, thread.id);
      },
    });
    this.#shown = { page, view };
    view.onDidDispose(() => {
      page.dispose();
      if (this.#shown?.page === page) this.#shown = undefined;
    });
  }
}

/** The view shows the thread of the row that is selected in the tree. */
export function followSelection(tree: vscode.TreeView<RowNode>, view: ConversationView): vscode.Disposable {
  return tree.onDidChangeSelection(({ selection: [node] }) => {
    if (node?.row.target.thread !== undefined) view.follow(node.row.target.thread);
  });
}
