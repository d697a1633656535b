import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** On which processor a process stays; undefined: wherever the system puts it. */
export interface Processors {
  /** The relay, broker or server has it to itself. */
  readonly middle: number;
  /** Sender and receiver share it. */
  readonly ends: number;
}

/**
 * Two processors that this process may use, when `taskset` is there to keep others on them. Where the scheduler puts three
 * processes changes what passing a message between them takes threefold, from one second to the next.
 */
export function findProcessors(): Processors | undefined {
  try {
    execFileSync('taskset', ['--version']);
    const allowed = /^Cpus_allowed_list:\s*(.*)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '';
    // "0-3,8": the first and the last are the least likely to be two halves of one core.
    const numbers = allowed.match(/\d+/g)?.map(Number) ?? [];
    const [ends, middle] = [numbers[0], numbers.at(-1)];
    return ends === undefined || middle === undefined || ends === middle ? undefined : { ends, middle };
  } catch {
    return undefined;
  }
}

/** The command that runs `program` on that processor. */
export function commandOn(processor: number | undefined, program: string, args: readonly string[]): [string, string[]] {
  return processor === undefined ? [program, [...args]] : ['taskset', ['-c', String(processor), program, ...args]];
}
