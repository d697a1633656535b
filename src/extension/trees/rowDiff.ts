import type { Row, Target } from './row';

/** A row at its place in a tree: the same object for as long as the row stays below the same parent, whatever it shows. */
export class RowNode {
  readonly id: string;
  #row: Row;
  #children: readonly RowNode[] = [];

  constructor(row: Row) {
    this.id = row.id;
    this.#row = row;
    this.#children = (row.children ?? []).map((child) => new RowNode(child));
  }

  get row(): Row {
    return this.#row;
  }

  /** What a command run on the row is about. */
  get target(): Target {
    return this.#row.target;
  }

  get children(): readonly RowNode[] {
    return this.#children;
  }

  /** Takes a new version of the row, and notes what is to be drawn anew. */
  take(row: Row, changes: Changes): void {
    const before = this.#row;
    // The same object: nothing below it is another either.
    if (before === row) return;
    this.#row = row;
    const { nodes, isSame } = matched(this.#children, row.children ?? []);
    this.#children = nodes;
    if (!isSame || looksDifferent(before, row)) changes.push(this);
    // What is drawn anew takes its children with it.
    const below = !isSame ? [] : changes;
    for (const [index, child] of nodes.entries()) {
      const next = row.children?.[index];
      if (next) child.take(next, below);
    }
  }
}

type Changes = RowNode[];

/** More changed rows than this are drawn anew with all the others: that is one message to the editor instead of many. */
const mostSingles = 100;

/** The roots of a tree of rows, and what of them is to be drawn anew. */
export class RowForest {
  #nodes: readonly RowNode[] = [];

  get nodes(): readonly RowNode[] {
    return this.#nodes;
  }

  /** Takes the rows. Answers what is to be drawn anew: nothing, all of it, or these with what is below them. */
  set(rows: readonly Row[]): readonly RowNode[] | 'all' {
    const { nodes, isSame } = matched(this.#nodes, rows);
    this.#nodes = nodes;
    const changes: Changes = [];
    for (const [index, node] of nodes.entries()) {
      const row = rows[index];
      if (row) node.take(row, changes);
    }
    if (!isSame || changes.length > mostSingles) return 'all';
    return changes;
  }
}

/** The nodes for these rows, known ones again. `isSame`: they are those before, in the same order. */
function matched(before: readonly RowNode[], rows: readonly Row[]): { nodes: readonly RowNode[]; isSame: boolean } {
  if (before.length === rows.length && before.every((node, index) => node.id === rows[index]?.id)) {
    return { nodes: before, isSame: true };
  }
  const known = new Map(before.map((node) => [node.id, node]));
  return { nodes: rows.map((row) => known.get(row.id) ?? new RowNode(row)), isSame: false };
}

/** Whether the editor would draw it otherwise. Tooltips are made when they are shown. */
function looksDifferent(a: Row, b: Row): boolean {
  return (
    a.label !== b.label ||
    a.description !== b.description ||
    a.aria !== b.aria ||
    a.kind !== b.kind ||
    a.icon?.name !== b.icon?.name ||
    a.icon?.color !== b.icon?.color ||
    a.opens !== b.opens ||
    (a.children === undefined) !== (b.children === undefined) ||
    Object.keys({ ...a.target, ...b.target }).some(
      (key) => a.target[key as keyof Target] !== b.target[key as keyof Target],
    )
  );
}
