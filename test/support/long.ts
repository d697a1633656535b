/** Whether the tests run at their full lengths: `npm run test:long`. */
export const isLong = process.env['PARLEY_LONG'] === '1';

/** The first in every run, the second in a long one. */
export function lengthOf(usual: number, long: number): number {
  return isLong ? long : usual;
}
