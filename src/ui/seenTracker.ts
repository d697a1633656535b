import type { Clock } from './clock';

/** How long a message has to be visible in a focused view to count as seen, ms (design §7). */
export const seenAfter = 1000;

/** Messages from `first` to `last`, by seq. */
export interface Span {
  readonly first: number;
  readonly last: number;
}

/**
 * Says up to where the person was shown a thread. Only what stood in a focused view for a second counts, and only without a
 * gap: who jumps over messages has not seen them.
 */
export class SeenTracker {
  readonly #clock: Clock;
  readonly #report: (seq: number) => void;
  /** Since when each message that is visible now has been so. */
  readonly #since = new Map<number, number>();
  /** Seen, but not yet reported, because something before them is not. */
  readonly #ahead = new Set<number>();
  #upTo: number;
  #cancel: (() => void) | undefined;

  /** `upTo`: the last seq that the person was shown before; `report` gets each further one, rising. */
  constructor(clock: Clock, upTo: number, report: (seq: number) => void) {
    this.#clock = clock;
    this.#upTo = upTo;
    this.#report = report;
  }

  /** Nothing up to `seq` waits to be shown: the broker says so, or it was shown elsewhere. */
  assume(seq: number): void {
    this.#upTo = Math.max(this.#upTo, seq);
  }

  /** What is visible now; nothing while the view is not focused. */
  show(spans: readonly Span[], focused: boolean): void {
    this.#count();
    const now = this.#clock.now();
    const visible = new Set<number>();
    if (focused)
      for (const { first, last } of spans)
        for (let seq = Math.max(first, this.#upTo + 1); seq <= last; seq++) visible.add(seq);
    for (const seq of this.#since.keys()) if (!visible.has(seq)) this.#since.delete(seq);
    for (const seq of visible) if (!this.#since.has(seq) && !this.#ahead.has(seq)) this.#since.set(seq, now);
    this.#arm();
  }

  dispose(): void {
    this.#cancel?.();
    this.#since.clear();
  }

  #count(): void {
    const now = this.#clock.now();
    for (const [seq, since] of this.#since)
      if (now - since >= seenAfter) {
        this.#since.delete(seq);
        this.#ahead.add(seq);
      }
    const before = this.#upTo;
    while (this.#ahead.delete(this.#upTo + 1)) this.#upTo++;
    if (this.#upTo > before) this.#report(this.#upTo);
  }

  #arm(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    if (this.#since.size === 0) return;
    const due = Math.min(...this.#since.values()) + seenAfter;
    this.#cancel = this.#clock.after(Math.max(0, due - this.#clock.now()), () => {
      this.#count();
      this.#arm();
    });
  }
}
