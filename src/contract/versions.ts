/** A program of ours: its version, and the build time (ms) that tells equal versions apart. */
export interface Edition {
  readonly version: string;
  readonly build: number;
}

/** Whether `a` is newer than `b`: by version, number by number, then by build time. A pre-release counts as its version. */
export function isNewer(a: Edition, b: Edition): boolean {
  const [left, right] = [numbers(a.version), numbers(b.version)];
  for (let index = 0; index < 3; index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return a.build > b.build;
}

function numbers(version: string): number[] {
  return version
    .split(/[-+]/, 1)
    .join('')
    .split('.')
    .map((part) => Number.parseInt(part, 10) || 0);
}
