import * as z from 'zod';

/** How deep JSON from others may be nested: what walks it by calling itself MUST not run out of stack. */
const deepest = 64;

/** Whether the value is JSON, nested at most {@link deepest} levels. */
export function isJson(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > deepest) return false;
    const next: unknown[] = [];
    for (const item of level) {
      if (item === null || typeof item === 'string' || typeof item === 'boolean') continue;
      if (typeof item === 'number') {
        if (!Number.isFinite(item)) return false;
      } else if (Array.isArray(item)) for (const inner of item as unknown[]) next.push(inner);
      else if (typeof item === 'object') for (const inner of Object.values(item)) next.push(inner);
      else return false;
    }
    level = next;
  }
  return true;
}

/** Any JSON from others. */
export const jsonValue = z.unknown().refine(isJson, `must be JSON, nested at most ${deepest} levels`);
/** An object of JSON from others. */
export const jsonObject = z
  .record(z.string(), z.unknown())
  .refine(isJson, `must be JSON, nested at most ${deepest} levels`);
