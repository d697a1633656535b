import * as vscode from 'vscode';
import { Owned } from '../disposable';
import type { Row } from './row';
import { RowForest, type RowNode } from './rowDiff';

/** One of our trees: shows rows, and tells the editor of those alone that look different from before. */
export class RowTree extends Owned implements vscode.TreeDataProvider<RowNode> {
  readonly view: vscode.TreeView<RowNode>;
  readonly onDidChangeTreeData: vscode.Event<RowNode[] | undefined>;
  readonly #changed = this.own(new vscode.EventEmitter<RowNode[] | undefined>());
  readonly #forest = new RowForest();
  /** What is told of a row besides its own tooltip, as Markdown with what agents wrote escaped; asked when it is shown. */
  more: ((row: Row) => Promise<string>) | undefined;
  /** Until there are rows: resolves when the first are set. */
  #first: { readonly set: Promise<void>; readonly isSet: () => void } | undefined;

  constructor(id: string) {
    super();
    let isSet: () => void = () => undefined;
    this.#first = { set: new Promise((resolve) => (isSet = resolve)), isSet };
    this.onDidChangeTreeData = this.#changed.event;
    this.view = this.own(vscode.window.createTreeView(id, { treeDataProvider: this, showCollapseAll: false }));
  }

  /** Shows these rows from now on. @returns how many are drawn anew, with all that is below them */
  set(rows: readonly Row[]): number {
    const changes = this.#forest.set(rows);
    this.#first?.isSet();
    this.#first = undefined;
    if (changes === 'all') this.#changed.fire(undefined);
    else if (changes.length > 0) this.#changed.fire([...changes]);
    return changes === 'all' ? rows.length : changes.length;
  }

  /** Whether it has never had rows: the editor shows progress. */
  get isWaiting(): boolean {
    return this.#first !== undefined;
  }

  /** Before the first rows the editor is kept waiting, and shows that: an empty tree would say that nobody is there. */
  async getChildren(node?: RowNode): Promise<RowNode[]> {
    await this.#first?.set;
    return [...(node?.children ?? (node ? [] : this.#forest.nodes))];
  }

  getTreeItem({ row }: RowNode): vscode.TreeItem {
    const state = !row.children
      ? vscode.TreeItemCollapsibleState.None
      : row.collapsed
        ? vscode.TreeItemCollapsibleState.Collapsed
        : vscode.TreeItemCollapsibleState.Expanded;
    const item = new vscode.TreeItem(row.label, state);
    item.id = row.id;
    item.accessibilityInformation = { label: row.aria };
    if (row.description !== undefined) item.description = row.description;
    if (row.kind !== undefined) item.contextValue = row.kind;
    if (row.icon) {
      const color = row.icon.color === undefined ? undefined : new vscode.ThemeColor(row.icon.color);
      item.iconPath = new vscode.ThemeIcon(row.icon.name, color);
    }
    if (row.opens !== undefined) {
      item.command = { command: `parley.${row.opens}`, title: '', arguments: [row.target] };
    }
    return item;
  }

  /** Tooltips are made when they are shown: most never are. */
  async resolveTreeItem(item: vscode.TreeItem, { row }: RowNode): Promise<vscode.TreeItem> {
    // Without what had to be asked for there is still the row's own.
    const more = await this.more?.(row).catch(() => '');
    const parts = [row.tooltip(), more].filter((part) => part !== undefined && part !== '');
    item.tooltip = new vscode.MarkdownString(parts.join('\n\n---\n\n'));
    return item;
  }
}
