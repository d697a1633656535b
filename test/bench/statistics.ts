/** The value below which the share `q` (0…1) of the numbers lies; NaN of none. */
export function quantile(numbers: readonly number[], q: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? NaN;
}

export function median(numbers: readonly number[]): number {
  return quantile(numbers, 0.5);
}

/** What one contender did in one round, in µs. */
export interface Result {
  readonly p50: number;
  readonly p99: number;
  /** Processor time of one message in each process on its way. */
  readonly cpu: readonly number[];
}
