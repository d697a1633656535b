import { describe, expect, it } from 'vitest';
import { Pace } from '../../../src/store/pace';

describe('work in the background', () => {
  it('is due when enough has gathered', () => {
    const pace = new Pace(10, 50);
    expect(pace.isDue(9, 0)).toBe(false);
    expect(pace.isDue(10, 0)).toBe(true);
  });

  it('rests after each piece for nine times its length, unless too much has gathered', () => {
    const pace = new Pace(10, 50);
    pace.done(1000, 3000);
    expect(pace.isDue(10, 20_999)).toBe(false);
    expect(pace.isDue(49, 20_999)).toBe(false);
    expect(pace.isDue(50, 3000)).toBe(true);
    expect(pace.isDue(10, 21_000)).toBe(true);
    expect(pace.isDue(9, 21_000)).toBe(false);
  });
});
