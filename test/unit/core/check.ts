/** @throws an error that names the invariant when it does not hold */
export function check(holds: boolean, invariant: string, detail?: unknown): void {
  if (!holds)
    throw new Error(`invariant broken: ${invariant}${detail === undefined ? '' : `: ${JSON.stringify(detail)}`}`);
}
