import { eraseTasks, eraseThread } from '../core/erasing';
import type { AgentId, ThreadId } from '../core/model';
import type { TaskId } from '../core/taskModel';
import type { Clock } from '../store/clock';
import type { Switchboard } from './switchboard';

/** How often it is looked what has been kept long enough (ms). */
export const retentionEvery = 3_600_000;
/** How soon after a start, and after a round that did not take all of it (ms). */
export const retentionSoon = 60_000;
/** Threads, and tasks, erased in one round. */
export const retentionRound = 200;

export interface RetentionParts {
  readonly board: Switchboard;
  /** In whose name threads are erased: the person's. */
  readonly by: AgentId;
  readonly clock: Clock;
  /** Threads that were closed before this time (ms), those first that closed first. */
  readonly closedBefore: (time: number, limit: number) => Promise<readonly ThreadId[]>;
  /** Tasks that were over before this time (ms), those first that ended first. */
  readonly endedBefore: (time: number, limit: number) => Promise<readonly TaskId[]>;
  /** Takes what was erased off the disk. */
  readonly purge: (offset: number) => Promise<void>;
  readonly log: (what: string, facts: object) => void;
}

/** Erases archived threads and ended tasks that are older than the limit `archiveKept`, in the background. */
export class Retention {
  readonly #parts: RetentionParts;
  #cancel: (() => void) | undefined;

  constructor(parts: RetentionParts) {
    this.#parts = parts;
    if (Number.isFinite(parts.board.world.limits.archiveKept)) this.#after(retentionSoon);
  }

  stop(): void {
    this.#cancel?.();
  }

  #after(milliseconds: number): void {
    this.#cancel = this.#parts.clock.after(milliseconds, () => void this.#round());
  }

  async #round(): Promise<void> {
    const { board, by, clock, closedBefore, endedBefore, purge, log } = this.#parts;
    let next = retentionEvery;
    try {
      const before = clock.now() - board.world.limits.archiveKept;
      const threads = await closedBefore(before, retentionRound);
      for (const thread of threads) board.run((step) => eraseThread(step, by, thread));
      // Those of the threads are gone with them by now.
      const tasks = await endedBefore(before, retentionRound);
      board.run((step) => eraseTasks(step, by, tasks));
      if (threads.length + tasks.length > 0) {
        await board.durable();
        await purge(board.state.lastErased);
        log('kept long enough', { threads: threads.length, tasks: tasks.length });
      }
      if (Math.max(threads.length, tasks.length) === retentionRound) next = retentionSoon;
    } catch (error) {
      log('retention failed', { error: String(error) });
    }
    this.#after(next);
  }
}
