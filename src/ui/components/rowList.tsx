import { Component, createRef, type ComponentChild, type JSX } from 'preact';
import { anchorAt, endSlack, offsets, rowAt, sizes, topOf, windowAt, type Anchor } from '../rowLayout';
import type { Row } from '../rows';
import type { Span } from '../seenTracker';

export interface RowListProps {
  readonly rows: readonly Row[];
  readonly label: string;
  /** Gets the list while it stands, to send it somewhere. (Preact gives a `ref` to elements only.) */
  readonly handle: { current: RowList | null };
  readonly draw: (row: Row) => ComponentChild;
  /** Where the reader was before; without one, at the line "new" or else at the end. */
  readonly start: Anchor | undefined;
  /** The reader moved, or rows moved under the reader. */
  readonly onMove: (view: ListView) => void;
  /** The first loaded row came into view. */
  readonly onTop: () => void;
  /** A key was pressed in the list. */
  readonly onKey: (event: KeyboardEvent) => void;
}

export interface ListView {
  readonly anchor: Anchor;
  /** Rows of which the reader sees the end, and half at least. */
  readonly visible: readonly Span[];
  /** Index of the first row below the view. */
  readonly below: number;
}

/** How far above the line "new" a thread is opened at, so that one sees what it follows, px. */
export const leadIn = 120;

/** Space between a row that the keyboard comes to and the edge, px. */
const margin = 8;

/** Distance from the top at which older rows are asked for, px. */
const nearTop = 400;

/** Rows that come and go hold nobody's place. */
const unsteady: ReadonlySet<Row['kind']> = new Set(['older', 'day', 'new', 'outgoing']);

/** Where the rows stand. What does not depend on heights is kept when these change. */
interface Layout {
  readonly rows: readonly Row[];
  readonly keys: readonly string[];
  readonly indexes: ReadonlyMap<string, number>;
  readonly sizes: Float64Array;
  readonly places: Float64Array;
}

interface Scroll {
  readonly top: number;
  readonly height: number;
}

/**
 * A scrolled list that holds only the rows near the view. The reader's place is an anchor (a row, or the end): when rows
 * come, go, or change their height, the view moves with its anchor.
 */
export class RowList extends Component<RowListProps, Scroll> {
  override state: Scroll = { top: 0, height: 0 };
  readonly #box = createRef<HTMLDivElement>();
  readonly #rows = createRef<HTMLDivElement>();
  readonly #above = createRef<HTMLDivElement>();
  readonly #below = createRef<HTMLDivElement>();
  /** The rows that are in the document: `from` (included) to `to` (excluded). */
  #drawn = { from: 0, to: 0 };
  readonly #heights = new Map<string, number>();
  readonly #watched = new WeakSet<Element>();
  readonly #watch = new ResizeObserver((entries) => {
    for (const { target } of entries) if (!target.isConnected) this.#watch.unobserve(target);
    this.#measure();
  });
  #anchor: Anchor;
  #width = 0;
  #last: Layout | undefined;
  /** The row that gets the keyboard once it is there. */
  #focusing: string | undefined;

  constructor(props: RowListProps) {
    super(props);
    const fresh = props.rows.find(({ kind }) => kind === 'new');
    const held = props.start;
    const known = held !== undefined && held !== 'end' && props.rows.some(({ key }) => key === held.key);
    this.#anchor = known ? held : fresh ? { key: fresh.key, delta: leadIn } : 'end';
  }

  /** Goes to a row's top, or to the end, and follows it. */
  goTo(anchor: Anchor): void {
    this.#anchor = anchor;
    this.#settle();
  }

  /** Gives the keyboard to a row, and moves the view no further than it takes to show all of it. */
  focusRow(key: string): void {
    const box = this.#box.current;
    const { indexes, places } = this.#layout(this.props.rows);
    const index = indexes.get(key);
    if (!box || index === undefined) return;
    const top = places[index] ?? 0;
    const height = (places[index + 1] ?? top) - top;
    const below = top + height - box.scrollTop - box.clientHeight;
    if (top < box.scrollTop || height > box.clientHeight) this.#anchor = { key, delta: margin };
    else if (below > 0) this.#anchor = { key, delta: box.clientHeight - height - margin };
    this.#focusing = key;
    this.#settle();
    this.#giveFocus();
  }

  override componentDidMount(): void {
    this.props.handle.current = this;
    if (this.#box.current) this.#watch.observe(this.#box.current);
    this.#measure();
  }

  override getSnapshotBeforeUpdate(): boolean {
    return this.#box.current?.contains(document.activeElement) ?? false;
  }

  override componentDidUpdate(_props: RowListProps, _state: Scroll, hadFocus: boolean): void {
    // A row that scrolls out of existence hands its focus to the list, not to nowhere.
    if (hadFocus && document.activeElement === document.body) this.#box.current?.focus({ preventScroll: true });
    this.#measure();
    this.#giveFocus();
  }

  override componentWillUnmount(): void {
    this.props.handle.current = null;
    this.#watch.disconnect();
  }

  override render({ rows, label, draw, onKey }: RowListProps, { top, height }: Scroll): JSX.Element {
    const { places } = this.#layout(rows);
    const { from, to } = windowAt(places, top, height);
    this.#drawn = { from, to };
    return (
      <div
        ref={this.#box}
        class="list"
        role="log"
        aria-label={label}
        aria-live="off"
        tabIndex={0}
        onScroll={this.#onScroll}
        onKeyDown={onKey}
      >
        <div ref={this.#above} class="space" />
        <div ref={this.#rows}>
          {rows.slice(from, to).map((row) => (
            <div key={row.key} data-key={row.key} class="row">
              {draw(row)}
            </div>
          ))}
        </div>
        <div ref={this.#below} class="space" />
      </div>
    );
  }

  readonly #onScroll = (): void => {
    const box = this.#box.current;
    if (!box) return;
    const { keys, places } = this.#layout(this.props.rows);
    this.#anchor = anchorAt(keys, places, box.scrollTop, box.clientHeight, (index) => {
      const kind = this.props.rows[index]?.kind;
      return kind !== undefined && !unsteady.has(kind);
    });
    this.#look();
  };

  #giveFocus(): void {
    if (this.#focusing === undefined) return;
    for (const row of (this.#rows.current?.children ?? []) as Iterable<HTMLElement>) {
      if (row.dataset['key'] !== this.#focusing) continue;
      this.#focusing = undefined;
      const [inner] = row.children as HTMLCollectionOf<HTMLElement>;
      inner?.focus({ preventScroll: true });
      return;
    }
  }

  /** Takes the heights of what is there, makes room for what is not, and puts the view back to its anchor. */
  #measure(): void {
    const box = this.#box.current;
    const rows = this.#rows.current;
    if (!box || !rows) return;
    this.#makeRoom();
    if (box.clientWidth !== this.#width) {
      this.#width = box.clientWidth;
      this.#heights.clear();
      this.#last = undefined;
    }
    const { indexes, sizes: rowSizes } = this.#layout(this.props.rows);
    let changed = false;
    for (const row of rows.children as HTMLCollectionOf<HTMLElement>) {
      const key = row.dataset['key'] ?? '';
      const { height } = row.getBoundingClientRect();
      if (Math.abs((this.#heights.get(key) ?? -1) - height) > 0.4) {
        this.#heights.set(key, height);
        const index = indexes.get(key);
        if (index !== undefined) rowSizes[index] = height;
        changed = true;
      }
      if (!this.#watched.has(row)) {
        this.#watched.add(row);
        this.#watch.observe(row);
      }
    }
    if (changed && this.#last) {
      this.#last = { ...this.#last, places: offsets(rowSizes) };
      this.#makeRoom();
    }
    this.#settle();
    // Rows that are lower than they were taken to be leave room for more.
    const { from, to } = windowAt(this.#layout(this.props.rows).places, box.scrollTop, box.clientHeight);
    if (changed && (from < this.#drawn.from || to > this.#drawn.to)) this.forceUpdate();
  }

  /** The space of the rows that are not in the document. Not drawn with the rows: it changes when they are measured. */
  #makeRoom(): void {
    const { places } = this.#layout(this.props.rows);
    const { from, to } = this.#drawn;
    const total = places[places.length - 1] ?? 0;
    if (this.#above.current) this.#above.current.style.height = `${places[from] ?? 0}px`;
    if (this.#below.current) this.#below.current.style.height = `${total - (places[to] ?? total)}px`;
  }

  #settle(): void {
    const box = this.#box.current;
    if (!box) return;
    const { keys, indexes, places } = this.#layout(this.props.rows);
    const top = topOf(this.#anchor, indexes, places, box.clientHeight);
    if (top !== undefined && Math.abs(box.scrollTop - top) >= 1) box.scrollTop = top;
    // Whoever sees the end follows it, however they came there.
    if (box.scrollTop >= (places[keys.length] ?? 0) - box.clientHeight - endSlack) this.#anchor = 'end';
    this.#look();
  }

  #look(): void {
    const box = this.#box.current;
    if (!box) return;
    const { rows, onMove, onTop } = this.props;
    const { places } = this.#layout(rows);
    const top = box.scrollTop;
    const height = box.clientHeight;
    if (top !== this.state.top || height !== this.state.height) this.setState({ top, height });
    const first = rowAt(places, top);
    const last = rowAt(places, top + height);
    onMove({ anchor: this.#anchor, visible: this.#visible(first, last, top, height, places), below: last + 1 });
    if (top < nearTop && rows[0]?.kind === 'older' && this.#heights.size > 0) onTop();
  }

  #visible(first: number, last: number, top: number, height: number, places: Float64Array): Span[] {
    const spans: Span[] = [];
    for (const [index, row] of this.props.rows.slice(first, last + 1).entries()) {
      if (!('first' in row) || row.first === 0) continue;
      const start = places[first + index] ?? 0;
      const end = places[first + index + 1] ?? 0;
      const shown = Math.min(end, top + height) - Math.max(start, top);
      const whole = Math.min(end - start, height);
      if (end <= top + height + 1 && shown >= whole / 2) spans.push({ first: row.first, last: row.last });
    }
    return spans;
  }

  /** The rows' keys and places, reckoned once for each change of rows. */
  #layout(rows: readonly Row[]): Layout {
    if (this.#last?.rows === rows) return this.#last;
    const keys = rows.map(({ key }) => key);
    const rowSizes = sizes(keys, this.#heights);
    const indexes = new Map(keys.map((key, index) => [key, index]));
    this.#last = { rows, keys, indexes, sizes: rowSizes, places: offsets(rowSizes) };
    return this.#last;
  }
}
