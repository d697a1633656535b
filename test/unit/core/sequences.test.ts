import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Player } from './player';
import { runSeed } from '../../support/faultsRandom';

/** How many sequences: `PARLEY_RUNS`. From which seed: `PARLEY_SEED`. */
const runs = Number(process.env['PARLEY_RUNS'] ?? 10_000);
const seed = runSeed();
const length = 100;

describe('any sequence of commands', () => {
  it('keeps every invariant', () => {
    const { stackTraceLimit } = Error;
    // Every second command is refused: that needs no stacks.
    Error.stackTraceLimit = 0;
    const counts = new Map<string, number>();
    // Shrunk by leaving commands out, which is far quicker than making numbers smaller.
    const sequence = fc.noShrink(fc.array(fc.noBias(fc.nat()), { minLength: length, maxLength: length }));
    fc.assert(
      fc.property(sequence, (numbers) => {
        const player = new Player();
        try {
          player.play(numbers);
        } catch (error) {
          Error.stackTraceLimit = stackTraceLimit;
          throw explain(shrink(numbers), error);
        }
        for (const [what, count] of player.counts) counts.set(what, (counts.get(what) ?? 0) + count);
      }),
      { numRuns: runs, seed },
    );
    // A generator that never gets there proves nothing.
    if (runs >= 1000) expect(reached.filter((what) => !counts.has(what))).toEqual([]);
    Error.stackTraceLimit = stackTraceLimit;
  }, 600_000);
});

/** Leaves out every command without which the sequence still fails: from half of them at a time down to each alone. */
function shrink(numbers: readonly number[]): number[] {
  let kept = [...numbers];
  for (let size = numbers.length / 2; size >= 1; size = size > 1 ? Math.ceil(size / 2) : 0) {
    for (let index = kept.length - size; index >= 0; index--) {
      const fewer = kept.toSpliced(index, size);
      if (fails(fewer)) kept = fewer;
    }
  }
  return kept;
}

function fails(numbers: readonly number[]): boolean {
  try {
    new Player().play(numbers);
    return false;
  } catch {
    return true;
  }
}

/** The same failure with the commands that lead to it, in words. */
function explain(numbers: readonly number[], error: unknown): Error {
  const player = new Player(true);
  let why = error;
  try {
    player.play(numbers);
  } catch (told) {
    why = told;
  }
  const text = why instanceof Error ? (why.stack ?? why.message) : String(why);
  return new Error(`${text}\nafter\n${player.trace.join('\n')}\n`);
}

const reached = [
  'agent.registered', 'agent.profiled', 'agent.retired',
  'call.placed', 'call.queued', 'call.rang', 'call.accepted', 'call.declined', 'call.missed', 'call.cancelled',
  'call.merged', 'call.returned', 'call.expired', 'call.hunted', 'call.passed', 'call.nobody', 'call.awaited', 'call.freed',
  'call.permitted', 'agent.governed', 'all.paused', 'all.resumed',
  'thread.opened', 'thread.closed', 'thread.paused', 'thread.resumed', 'message.sent',
  'thread.renamed', 'thread.granted', 'thread.limited', 'turn.skipped', 'broadcast.sent',
  'receipt.rung', 'receipt.seen', 'receipt.refused', 'watchdog.told',
  'already_calling', 'already_left', 'call_declined_by_policy', 'call_over', 'cannot_call_yourself', 'inbox_full',
  'key_conflict', 'loop_guard', 'name_taken', 'no_current_thread', 'not_participant', 'not_your_call', 'rate_limited',
  'repeated_text', 'roster_full', 'thread_closed', 'thread_full', 'thread_paused', 'turn_limit', 'unknown_call',
  'already_in', 'nobody_there', 'not_in_thread', 'not_open', 'not_your_turn', 'turn_limit_too_high',
  'unknown_message', 'unknown_thread', 'which_thread', 'nobody_matches', 'not_allowed_to_send', 'person_decides',
]; // prettier-ignore
