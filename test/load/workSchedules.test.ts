import { expect, it } from 'vitest';
import { runSeed, SeededRandom } from '../support/faultsRandom';
import { lengthOf } from '../support/long';
import { WorkPlayer } from '../support/workPlayer';

/** How many schedules: `PARLEY_SCHEDULES`. From which seed: `PARLEY_SEED`. */
const schedules = Number(process.env['PARLEY_SCHEDULES'] ?? lengthOf(200, 10_000));
const seed = runSeed();
/** Steps of one schedule. */
const steps = 40;

it(
  `tasks, rooms and broadcasts are what the reference model says, after every step of ${schedules} random schedules (seed ${seed})`,
  async () => {
    const { stackTraceLimit } = Error;
    // Many of the commands are refused: that needs no stacks.
    Error.stackTraceLimit = 0;
    const random = new SeededRandom(seed);
    const counts = new Map<string, number>();
    try {
      for (let schedule = 0; schedule < schedules; schedule++) {
        const player = new WorkPlayer();
        const numbers = Array.from({ length: steps }, () => Math.floor(random.next() * 2 ** 52));
        await player.play(numbers).catch((error: unknown) => {
          throw new Error(`schedule ${schedule}: ${String(error)}\nafter\n${player.trace.join('\n')}\n`);
        });
        for (const [what, count] of player.counts) counts.set(what, (counts.get(what) ?? 0) + count);
      }
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
    }
    // A generator that never gets there proves nothing.
    expect(reached.filter((what) => !counts.has(what))).toEqual([]);
  },
  lengthOf(300_000, 3_600_000),
);

const reached = [
  'crash', 'again', 'done', 'unknown_task', 'not_your_task', 'task_over', 'task_returned', 'stale_fence',
  'no_input_wanted', 'too_many_tasks', 'assignee_full', 'cannot_call_yourself', 'too_many_rooms', 'already_in',
  'already_left', 'not_participant', 'not_open', 'not_in_thread', 'thread_closed', 'thread_paused',
]; // prettier-ignore
