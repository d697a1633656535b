/** One message of an open loop: when it was to go, and when it was heard (ms of `performance.now`). */
export interface Timed {
  readonly intended: number;
  heard: number;
}

/**
 * Runs `send` `rate` times a second for `milliseconds`, whether or not the ones before are answered; each is told when it
 * was to go. Resolves when all are answered.
 */
export async function openLoop(
  rate: number,
  milliseconds: number,
  send: (index: number, intended: number) => Promise<unknown>,
): Promise<void> {
  const count = Math.round((rate * milliseconds) / 1000);
  const began = performance.now();
  const under: Promise<unknown>[] = [];
  for (let index = 0; index < count;) {
    const due = Math.min(count, Math.floor(((performance.now() - began) * rate) / 1000) + 1);
    for (; index < due; index++) under.push(send(index, began + (index * 1000) / rate));
    if (index < count) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(under);
}

/** The value below which the share `q` (0…1) lies. */
export function quantile(numbers: readonly number[], q: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? NaN;
}
