/** Runs once after that many milliseconds, unless the function returned is called first. */
export type After = (milliseconds: number, run: () => void) => () => void;

/**
 * Runs every so many milliseconds until the function returned is called: to say that a wait goes on (progress, a byte that keeps
 * the stream), not to look for anything.
 */
export function repeat(after: After, milliseconds: number, run: () => void): () => void {
  let cancel = (): void => undefined;
  const next = (): void => {
    cancel = after(milliseconds, () => {
      next();
      run();
    });
  };
  next();
  return () => cancel();
}
