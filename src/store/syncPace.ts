/** Records that one sender has written at once. */
export const littleGroup = 4;
/** A sync that takes longer than this (ms) holds up everybody when done in place. */
export const quickSync = 1;
/** After so many slow ones in a row the disk is slow: one alone happens to a quick disk once in a hundred times. */
export const slowInRow = 2;
/** Then syncs go to the background for so many times the last one's length: the hold-ups stay below a tenth of the time. */
export const restAfterSlow = 20;

/**
 * Whether a file is synced in place, which holds up the event loop, or in the background, which costs two changes of
 * threads (a third of what a quick disk takes: 40 of 140 µs measured). Times in ms of one clock that only goes forward.
 */
export class SyncPace {
  /** Whoever comes so soon after a sync is one of many, who wait together in the background. */
  #restsUntil = 0;
  #slow = 0;
  /** The last write was of one sender: the first of many who come together is alone as well. */
  #wasLittle = true;

  /** To be asked once for each sync, of so many records. */
  isInPlace(now: number, records: number): boolean {
    const wasLittle = this.#wasLittle;
    this.#wasLittle = records <= littleGroup;
    return this.#wasLittle && wasLittle && now >= this.#restsUntil;
  }

  /** A sync was done in place. */
  done(began: number, ended: number): void {
    const took = ended - began;
    this.#slow = took > quickSync ? this.#slow + 1 : 0;
    this.#restsUntil = ended + (this.#slow >= slowInRow ? restAfterSlow * took : took);
  }
}
