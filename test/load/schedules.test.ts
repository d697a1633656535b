import { describe, expect, it } from 'vitest';
import { runSeed, SeededRandom } from '../support/faultsRandom';
import { lengthOf } from '../support/long';
import { SchedulePlayer } from '../support/schedulePlayer';

/** How many schedules: `PARLEY_SCHEDULES`. From which seed: `PARLEY_SEED`. */
const schedules = Number(process.env['PARLEY_SCHEDULES'] ?? lengthOf(300, 10_000));
const seed = runSeed();
/** Steps of one schedule. */
const steps = 40;

describe('agents that call, match, invite, answer, take turns, drop and come back, and a broker that crashes', () => {
  it(
    `see what the reference model says, after every step of ${schedules} random schedules (seed ${seed})`,
    async () => {
      const { stackTraceLimit } = Error;
      // A third of the commands are refused: that needs no stacks.
      Error.stackTraceLimit = 0;
      const random = new SeededRandom(seed);
      const counts = new Map<string, number>();
      try {
        for (let schedule = 0; schedule < schedules; schedule++) {
          const numbers = Array.from({ length: steps }, () => Math.floor(random.next() * 2 ** 52));
          const player = new SchedulePlayer();
          try {
            await player.play(numbers);
          } catch {
            Error.stackTraceLimit = stackTraceLimit;
            throw await explain(await shrink(numbers), schedule);
          }
          for (const [what, count] of player.counts) counts.set(what, (counts.get(what) ?? 0) + count);
        }
      } finally {
        Error.stackTraceLimit = stackTraceLimit;
      }
      // A generator that never gets there proves nothing.
      expect(reached.filter((what) => !counts.has(what))).toEqual([]);
    },
    lengthOf(600_000, 3_600_000),
  );
});

/** Leaves out every step without which it still fails: from half of them at a time down to each alone. */
async function shrink(numbers: readonly number[]): Promise<number[]> {
  let kept = [...numbers];
  for (let size = Math.ceil(numbers.length / 2); size >= 1; size = size > 1 ? Math.ceil(size / 2) : 0) {
    for (let index = kept.length - size; index >= 0; index--) {
      const fewer = kept.toSpliced(index, size);
      if ((await failure(fewer)) !== undefined) kept = fewer;
    }
  }
  return kept;
}

async function failure(numbers: readonly number[]): Promise<unknown> {
  try {
    await new SchedulePlayer().play(numbers);
    return undefined;
  } catch (error) {
    return error;
  }
}

/** The same failure with the steps that lead to it, in words. */
async function explain(numbers: readonly number[], schedule: number): Promise<Error> {
  const player = new SchedulePlayer();
  const why = await player.play(numbers).then(
    () => 'it does not fail again',
    (error: unknown) => (error instanceof Error ? (error.stack ?? error.message) : String(error)),
  );
  return new Error(`schedule ${schedule}: ${why}\nafter\n${player.trace.join('\n')}\n`);
}

const reached = [
  'connect', 'drop', 'goodbye', 'crash', 'checkpoint', 'listenAndCrash', 'again', 'conflict',
  'done', 'unknown_call', 'not_your_call', 'call_over', 'already_calling', 'cannot_call_yourself',
  'call_declined_by_policy', 'thread_closed', 'not_participant', 'already_left', 'no_current_thread', 'key_conflict',
  'nobody_matches', 'already_in', 'thread_full', 'not_open', 'not_your_turn', 'turn_limit', 'nobody_there', 'which_thread',
  'transfer', 'call.hunted', 'call.passed', 'call.nobody', 'call.merged', 'call.returned', 'call.expired',
  'turn.skipped', 'thread.limited', 'thread.granted', 'watchdog.told',
]; // prettier-ignore
