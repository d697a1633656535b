/** Where the reader is: at the end, following it, or with a row at a distance from the top edge. */
export type Anchor = 'end' | { readonly key: string; readonly delta: number };

/** Rows `from` (included) to `to` (excluded), and the space that the others take, in pixels. */
export interface Window {
  readonly from: number;
  readonly to: number;
  readonly above: number;
  readonly below: number;
}

/** A row that was never measured is taken to be this high, px. */
export const estimatedHeight = 64;

/** Within this distance of the end, a view is at the end, px. */
export const endSlack = 4;

/** Rows rendered beyond each edge of what is visible, px. */
const overscan = 600;

/** The height of each row, as it was measured or else estimated. */
export function sizes(keys: readonly string[], heights: ReadonlyMap<string, number>): Float64Array {
  return Float64Array.from(keys, (key) => heights.get(key) ?? estimatedHeight);
}

/**
 * Places rows under each other by their heights, so that only those near the view need to exist. `offsets[i]` is the top of
 * row i; the last entry is the height of all. Reckoned for every frame that brings new rows: it takes a pass over numbers,
 * and nothing else.
 */
export function offsets(rowSizes: Float64Array): Float64Array {
  const result = new Float64Array(rowSizes.length + 1);
  let top = 0;
  for (let index = 0; index < rowSizes.length; index++) {
    result[index] = top;
    top += rowSizes[index] ?? 0;
  }
  result[rowSizes.length] = top;
  return result;
}

/** The rows that a view of `height` px at `top` needs. */
export function windowAt(places: Float64Array, top: number, height: number): Window {
  const count = places.length - 1;
  const total = places[count] ?? 0;
  const from = Math.max(0, rowAt(places, top - overscan));
  const to = Math.min(count, rowAt(places, top + height + overscan) + 1);
  return { from, to, above: places[from] ?? 0, below: total - (places[to] ?? total) };
}

/** The row that covers `y`: the first for what is above all, the last for what is below. */
export function rowAt(places: Float64Array, y: number): number {
  let low = 0;
  let high = places.length - 2;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((places[middle] ?? 0) <= y) low = middle;
    else high = middle - 1;
  }
  return low;
}

/**
 * Where the view's top edge belongs, for the reader to stay at the anchor. `undefined` when the anchor's row is gone: then
 * the view stays where it is.
 */
export function topOf(
  anchor: Anchor,
  indexes: ReadonlyMap<string, number>,
  places: Float64Array,
  height: number,
): number | undefined {
  const end = Math.max(0, (places[places.length - 1] ?? 0) - height);
  if (anchor === 'end') return end;
  const index = indexes.get(anchor.key);
  return index === undefined ? undefined : Math.min(end, Math.max(0, (places[index] ?? 0) - anchor.delta));
}

/**
 * The anchor of a view at `top`: the first visible row that `holds` (rows that come and go hold nobody's place), or the end
 * when it is within `endSlack`.
 */
export function anchorAt(
  keys: readonly string[],
  places: Float64Array,
  top: number,
  height: number,
  holds: (index: number) => boolean,
): Anchor {
  const end = (places[keys.length] ?? 0) - height;
  if (top >= end - endSlack) return 'end';
  for (let index = rowAt(places, top); index < keys.length; index++) {
    const key = keys[index];
    if (key !== undefined && holds(index)) return { key, delta: (places[index] ?? 0) - top };
  }
  return 'end';
}
