import * as vscode from 'vscode';
import { Owned } from './disposable';
import type { Row } from './row';

/** One of our trees: shows rows, and is told anew only when they differ from those it shows. */
export class RowTree extends Owned implements vscode.TreeDataProvider<Row> {
  readonly view: vscode.TreeView<Row>;
  readonly onDidChangeTreeData: vscode.Event<void>;
  readonly #changed = this.own(new vscode.EventEmitter<void>());
  #rows: readonly Row[] = [];
  #shown = '[]';

  constructor(id: string) {
    super();
    this.onDidChangeTreeData = this.#changed.event;
    this.view = this.own(vscode.window.createTreeView<Row>(id, { treeDataProvider: this, showCollapseAll: false }));
  }

  set(rows: readonly Row[]): void {
    this.#rows = rows;
    const shown = JSON.stringify(rows);
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#changed.fire();
  }

  getChildren(row?: Row): Row[] {
    return [...(row ? (row.children ?? []) : this.#rows)];
  }

  getTreeItem(row: Row): vscode.TreeItem {
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
    if (row.opens === 'thread') item.command = { command: 'parley.openThread', title: '', arguments: [row.target] };
    return item;
  }

  /** Tooltips are made when they are shown: most never are. */
  resolveTreeItem(item: vscode.TreeItem, row: Row): vscode.TreeItem {
    item.tooltip = new vscode.MarkdownString(row.tooltip());
    return item;
  }
}
