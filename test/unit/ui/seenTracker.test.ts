import { beforeEach, expect, test } from 'vitest';
import { SeenTracker, seenAfter } from '../../../src/ui/seenTracker';
import { FakeClock } from './fakeClock';

let clock: FakeClock;
let reported: number[];
let tracker: SeenTracker;

beforeEach(() => {
  clock = new FakeClock();
  reported = [];
  tracker = new SeenTracker(clock, 4, (seq) => reported.push(seq));
});

test('a message counts once it was visible for a second, and not before', () => {
  tracker.show([{ first: 5, last: 5 }], true);
  clock.advance(seenAfter - 1);
  expect(reported).toEqual([]);
  clock.advance(1);
  expect(reported).toEqual([5]);
});

test('time without focus does not count', () => {
  tracker.show([{ first: 5, last: 5 }], false);
  clock.advance(10_000);
  tracker.show([{ first: 5, last: 5 }], true);
  clock.advance(seenAfter - 1);
  tracker.show([{ first: 5, last: 5 }], false);
  clock.advance(10_000);
  expect(reported).toEqual([]);
});

test('a message that leaves the view early has not been seen', () => {
  tracker.show([{ first: 5, last: 5 }], true);
  clock.advance(500);
  tracker.show([], true);
  tracker.show([{ first: 5, last: 5 }], true);
  clock.advance(900);
  expect(reported).toEqual([]);
});

test('a message counts although others come and go beside it', () => {
  tracker.show([{ first: 5, last: 5 }], true);
  clock.advance(600);
  tracker.show([{ first: 5, last: 6 }], true);
  clock.advance(400);
  expect(reported).toEqual([5]);
  clock.advance(600);
  expect(reported).toEqual([5, 6]);
});

test('who jumps over messages has not seen them, nor anything up to them', () => {
  tracker.show([{ first: 8, last: 9 }], true);
  clock.advance(5_000);
  expect(reported).toEqual([]);
  tracker.show([{ first: 5, last: 7 }], true);
  clock.advance(seenAfter);
  expect(reported).toEqual([9]);
});

test('what the broker counts as shown needs no showing', () => {
  tracker.assume(7);
  tracker.show([{ first: 3, last: 8 }], true);
  clock.advance(seenAfter);
  expect(reported).toEqual([8]);
});

test('nothing is reported after it was disposed', () => {
  tracker.show([{ first: 5, last: 5 }], true);
  tracker.dispose();
  clock.advance(5_000);
  expect(reported).toEqual([]);
});
