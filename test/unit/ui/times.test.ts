import { describe, expect, test } from 'vitest';
import { elapsed, running, Times } from '../../../src/ui/times';

const at = (text: string): number => Date.parse(text);
const utc = new Times('en', 'UTC');

describe('elapsed time is given in the largest whole unit', () => {
  test.each([
    [-5, '0 s'],
    [999, '0 s'],
    [12_400, '12 s'],
    [59_999, '59 s'],
    [60_000, '1 min'],
    [3_599_999, '59 min'],
    [3_600_000, '1 h'],
    [86_400_000 * 4, '4 d'],
  ])('%i ms is %s', (milliseconds, text) => {
    expect(elapsed(milliseconds)).toBe(text);
  });
});

describe('a running clock', () => {
  test.each([
    [-1, '0:00'],
    [134_000, '2:14'],
    [3_734_000, '1:02:14'],
    [36_000_000, '10:00:00'],
  ])('shows %i ms as %s', (milliseconds, text) => {
    expect(running(milliseconds)).toBe(text);
  });
});

describe('times of day', () => {
  test('have no leading zero and 24 hours', () => {
    expect(utc.clock(at('2026-11-21T09:41:07Z'))).toBe('9:41:07');
    expect(utc.clock(at('2026-11-21T00:05:00Z'))).toBe('0:05:00');
    expect(utc.clock(at('2026-11-21T23:59:59Z'))).toBe('23:59:59');
  });

  test('follow the time zone', () => {
    expect(new Times('en', 'Asia/Kolkata').clock(at('2026-11-21T20:00:00Z'))).toBe('1:30:00');
  });

  test('carry the day only when it is not the day of now', () => {
    const now = at('2026-11-21T12:00:00Z');
    expect(utc.moment(at('2026-11-21T09:41:07Z'), now)).toBe('9:41:07');
    expect(utc.moment(at('2026-11-20T09:41:07Z'), now)).toBe('Friday, November 20, 9:41:07');
    expect(utc.moment(at('2025-11-20T09:41:07Z'), now)).toBe('November 20, 2025, 9:41:07');
  });
});

describe('days', () => {
  test('change at midnight of the time zone, not of UTC', () => {
    const kolkata = new Times('en', 'Asia/Kolkata');
    const before = at('2026-11-21T18:29:59Z');
    const after = at('2026-11-21T18:30:00Z');
    expect(kolkata.sameDay(before, after)).toBe(false);
    expect(utc.sameDay(before, after)).toBe(true);
  });
});
