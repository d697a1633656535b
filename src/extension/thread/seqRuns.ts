import { panelPageSize } from '../../contract/panel';

/** Runs of numbers without a gap, each at most a page of the thread view long: `[3, 4, 5, 9]` are `[3, 5]` and `[9, 9]`. */
export function seqRuns(sorted: readonly number[]): [number, number][] {
  const found: [number, number][] = [];
  for (const seq of sorted) {
    const last = found.at(-1);
    if (last && seq === last[1] + 1 && seq - last[0] < panelPageSize) last[1] = seq;
    else found.push([seq, seq]);
  }
  return found;
}
