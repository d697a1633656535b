import { describe, expect, it } from 'vitest';
import { forwardClock } from '../../../src/store/clock';

/** A machine whose clocks the test sets. */
function machine() {
  const clocks = { wall: 1_800_000_000_000, monotonic: 5000.5 };
  const now = forwardClock(
    () => clocks.wall,
    () => clocks.monotonic,
  );
  return {
    now,
    pass(milliseconds: number) {
      clocks.wall += milliseconds;
      clocks.monotonic += milliseconds;
    },
    setWall: (milliseconds: number) => void (clocks.wall += milliseconds),
  };
}

describe('the clock of the machine', () => {
  it('shows what the wall clock shows, in whole milliseconds', () => {
    const { now, pass } = machine();
    expect(now()).toBe(1_800_000_000_000);
    pass(1234);
    expect(now()).toBe(1_800_000_001_234);
    pass(0.75);
    expect(now()).toBe(1_800_000_001_234);
  });

  it('goes on evenly when the wall clock is set back, and never back itself', () => {
    const { now, pass, setWall } = machine();
    setWall(-3_600_000);
    expect(now()).toBe(1_800_000_000_000);
    pass(60_000);
    expect(now()).toBe(1_800_000_060_000);
    // Set right again, it is where it is.
    setWall(3_600_000);
    expect(now()).toBe(1_800_000_060_000);
  });

  it('follows a wall clock that is set ahead, or went on while the machine slept', () => {
    const { now, pass, setWall } = machine();
    setWall(3_600_000);
    expect(now()).toBe(1_800_003_600_000);
    pass(1000);
    expect(now()).toBe(1_800_003_601_000);
  });
});
