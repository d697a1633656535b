import type { ErrorCode } from '../contract/errors';

/** Pauses between attempts to reach a broker that is away: from the first, doubled up to the last. Milliseconds. */
const firstPause = 50;
const longestPause = 2000;
/** Attempts until a broker that is away is waited for by its record alone, and no more by the clock: after nine seconds. */
export const attemptsByClock = 9;

/** How long to wait after that many attempts before the next (ms). */
export function pauseAfter(attempts: number): number {
  return Math.min(firstPause * 2 ** attempts, longestPause);
}

/** No second attempt would end otherwise. */
export const hopeless: ReadonlySet<ErrorCode> = new Set([
  'unauthorized',
  'protocol_mismatch',
  'forbidden',
  'socket_foreign',
]);
/** Away, and perhaps back in a moment: requests wait. Everything else is told to those who wait. */
export const passing: ReadonlySet<ErrorCode> = new Set([
  'broker_gone',
  'broker_hangs',
  'broker_already_running',
  // A newer program takes over, or has; its broker is the one to wait for.
  'superseded',
]);
