import { describe, expect, it } from 'vitest';
import { littleGroup, quickSync, restAfterSlow, SyncPace } from '../../../src/store/syncPace';

describe('the pace of syncs', () => {
  it('syncs a lone write in place, and whoever comes within the length of a sync after it in the background', () => {
    const pace = new SyncPace();
    expect(pace.isInPlace(100, 1)).toBe(true);
    pace.done(100, 100.2);
    expect(pace.isInPlace(100.3, 1)).toBe(false);
    expect(pace.isInPlace(100.41, 1)).toBe(true);
  });

  it('keeps syncing in place after a single slow one', () => {
    const pace = new SyncPace();
    const slow = 5 * quickSync;
    pace.done(0, slow);
    expect(pace.isInPlace(2 * slow, 1)).toBe(true);
    pace.done(2 * slow, 2 * slow + quickSync / 2);
    pace.done(4 * slow, 5 * slow);
    expect(pace.isInPlace(6 * slow, 1)).toBe(true);
  });

  it('leaves a disk that was slow twice in a row to the background, then tries it again', () => {
    const pace = new SyncPace();
    const slow = 5 * quickSync;
    pace.done(0, slow);
    pace.done(2 * slow, 3 * slow);
    const rests = 3 * slow + restAfterSlow * slow;
    expect(pace.isInPlace(rests - 1, 1)).toBe(false);
    expect(pace.isInPlace(rests, 1)).toBe(true);
    pace.done(rests, rests + slow);
    expect(pace.isInPlace(rests + 2 * slow, 1), 'still slow').toBe(false);
  });

  it('leaves to the background what many wrote together, and the first of the next of them, who comes alone', () => {
    const pace = new SyncPace();
    expect(pace.isInPlace(1, littleGroup + 1)).toBe(false);
    expect(pace.isInPlace(2, 1)).toBe(false);
    expect(pace.isInPlace(3, littleGroup)).toBe(true);
  });
});
