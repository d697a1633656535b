/** Background work takes at most a tenth of the time: after each piece it rests for so many times its length. */
const restTimes = 9;

/**
 * When work is due that is never urgent and must not take a processor for itself while others need it: when `every` things
 * have gathered, and the rest after the piece before is over; rested or not, when `most` have. Times in ms of one clock.
 */
export class Pace {
  readonly #every: number;
  readonly #most: number;
  #restsUntil = -Infinity;

  constructor(every: number, most: number) {
    this.#every = every;
    this.#most = most;
  }

  isDue(gathered: number, now: number): boolean {
    return gathered >= this.#every && (gathered >= this.#most || now >= this.#restsUntil);
  }

  /** A piece of work was done; a failed one counts as well. */
  done(began: number, ended: number): void {
    this.#restsUntil = ended + restTimes * (ended - began);
  }
}
