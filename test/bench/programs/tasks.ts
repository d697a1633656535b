import type { Answer, Round, Task } from '../children';

/** The child's end of `Program`: does the tasks that come, one after the other. */
export function takeTasks(doer: {
  open(options: object): Promise<void>;
  round(round: Round): Promise<number[]>;
}): void {
  process.on('message', (task: Task) => {
    const began = process.hrtime.bigint();
    const work = task.kind === 'open' ? doer.open(task.options).then(() => []) : doer.round(task);
    work.then(
      (times) => tell({ ok: true, times, elapsed: Number(process.hrtime.bigint() - began) / 1000 }),
      (error: unknown) =>
        tell({ ok: false, problem: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    );
  });
  process.once('disconnect', () => process.exit(0));
}

function tell(answer: Answer): void {
  process.send?.(answer);
}
