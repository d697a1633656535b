/**
 * Most bytes of JSON that the input of one request may have. What a request leads to goes into the journal, and one record
 * there holds 1 MiB; the rest is for what the broker adds, like the hashes of refs. Refused beyond: `too_large`.
 */
export const mostInputBytes = 768 * 1024;

/** One character of JSON at its longest, e.g. `\u0001`, and what stands around a number or a key. */
const longestUnit = 6;
const longestNumber = 32;

/** Whether the value takes more than {@link mostInputBytes} as JSON. Written out only when it may be so. */
export function isTooLarge(value: unknown): boolean {
  return bound(value) > mostInputBytes && Buffer.byteLength(JSON.stringify(value)) > mostInputBytes;
}

/** Never less than the bytes of its JSON. */
function bound(value: unknown): number {
  if (typeof value === 'string') return longestUnit * value.length + 2;
  if (typeof value !== 'object' || value === null) return longestNumber;
  let bytes = 2;
  for (const key in value) bytes += longestUnit * key.length + 4 + bound((value as Record<string, unknown>)[key]);
  return bytes;
}
