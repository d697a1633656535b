/** Time as the store needs it; tests hand in one that they turn by hand. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Milliseconds since some moment, for lengths of time: nobody can set it, and on most systems it stands while the machine sleeps. */
  monotonic(): number;
  /** Runs `run` once after `milliseconds`; the function returned cancels it. Must not keep the process alive. */
  after(milliseconds: number, run: () => void): () => void;
}

/** The clock of the machine. */
export const machineClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(milliseconds, run) {
    const timer = setTimeout(run, milliseconds);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
