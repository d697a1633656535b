import { InvalidArgumentError } from 'commander';

/** Seconds of each unit that a span of time may have. */
const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** `90`, `90s`, `10m`, `2h` or `7d` in seconds. @throws InvalidArgumentError */
export function secondsOf(text: string): number {
  const parts = /^(-?\d+(?:\.\d+)?)([smhd]?)$/.exec(text.trim());
  if (!parts) throw new InvalidArgumentError('It must be a number of seconds, or like 10m, 2h or 7d.');
  return Number(parts[1]) * (units[parts[2] ?? ''] ?? 1);
}

/**
 * A time in milliseconds since the epoch: `2h` or `2h ago`, a date and time as ISO 8601 has it (local when it names no zone, `today`
 * and `yesterday` too), or the milliseconds themselves. @throws InvalidArgumentError
 */
export function timeOf(text: string, now: number): number {
  const given = text.trim();
  const [, span] = /^(\d+[smhd])(?:\s+ago)?$/.exec(given) ?? [];
  if (span !== undefined) return now - secondsOf(span) * 1000;
  if (/^\d{9,}$/.test(given)) return Number(given);
  if (given === 'today' || given === 'yesterday') {
    const midnight = new Date(now);
    midnight.setHours(0, 0, 0, 0);
    if (given === 'yesterday') midnight.setDate(midnight.getDate() - 1);
    return midnight.getTime();
  }
  // A date alone would be taken as UTC.
  const time = Date.parse(/^\d{4}-\d{2}-\d{2}$/.test(given) ? `${given}T00:00` : given.replace(' ', 'T'));
  if (!/^\d{4}-/.test(given) || Number.isNaN(time)) {
    throw new InvalidArgumentError('It must be like 2h ago, 3d, today, yesterday, or 2026-11-21 14:30.');
  }
  return time;
}
