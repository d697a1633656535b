/** Repeatable randomness (mulberry32): the same seed gives the same run. */
export class SeededRandom {
  readonly seed: number;
  #state: number;

  constructor(seed: number) {
    this.seed = seed;
    this.#state = seed >>> 0;
  }

  /** In [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** A whole number in [from, to]. */
  between(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }
}

/**
 * The seed of this run: the same in every run, so that a change is judged by its own mistakes; `PARLEY_SEED=random` looks
 * further, `PARLEY_SEED=<number>` repeats what that found. Name it in every failure.
 */
export function runSeed(): number {
  const given = process.env['PARLEY_SEED'] ?? '20261121';
  return given === 'random' ? Date.now() % 0x7fffffff : Number(given);
}
