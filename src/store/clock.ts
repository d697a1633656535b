/** Time as the store needs it; tests hand in one that they turn by hand. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Milliseconds since some moment, for lengths of time: nobody can set it, and on most systems it stands while the machine sleeps. */
  monotonic(): number;
  /** Runs `run` once after `milliseconds`; the function returned cancels it. Must not keep the process alive. */
  after(milliseconds: number, run: () => void): () => void;
}

/**
 * A wall clock that never goes back. Set back, it goes on evenly from where it was, ahead of what the machine shows until the
 * process ends: a call that should ring for two minutes must not ring for an hour and two minutes. Set ahead, it follows at
 * once, as it does after a sleep of the machine; the two cannot be told apart.
 */
export function forwardClock(wall: () => number, monotonic: () => number): () => number {
  let ahead = wall() - monotonic();
  return () => {
    const elapsed = monotonic();
    ahead = Math.max(ahead, wall() - elapsed);
    // The monotonic clock has fractions; times of events are whole.
    return Math.floor(ahead + elapsed);
  };
}

/** The clock of the machine. */
export const machineClock: Clock = {
  now: forwardClock(
    () => Date.now(),
    () => performance.now(),
  ),
  monotonic: () => performance.now(),
  after(milliseconds, run) {
    const timer = setTimeout(run, milliseconds);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
