import { readFileSync } from 'node:fs';

/** Processor time of a process's main thread since its start, in µs; NaN where the system does not tell (not Linux). */
export function processorTime(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1000;
  } catch {
    return NaN;
  }
}
