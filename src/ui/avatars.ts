/** Colours that an agent can have; the stylesheet has a class for each, `tint-0` and on. */
export const tintCount = 7;

/** The class of the person's own colour. */
export const ownTint = 'tint-own';

/**
 * The colour class of every participant: by its id, so that it is the same tomorrow; where two in one thread fall on the
 * same colour, the later one takes the next that is free.
 */
export function tints(participants: readonly { readonly agent: string }[], you: string): ReadonlyMap<string, string> {
  const taken = new Set<number>();
  const result = new Map<string, string>();
  for (const { agent } of participants) {
    if (result.has(agent)) continue;
    if (agent === you) {
      result.set(agent, ownTint);
      continue;
    }
    let tint = tintOf(agent);
    for (let tries = 1; tries < tintCount && taken.has(tint); tries++) tint = (tint + 1) % tintCount;
    taken.add(tint);
    result.set(agent, `tint-${tint}`);
  }
  return result;
}

/** An id's own colour, 0 to `tintCount` - 1: FNV-1a, because ids share their first characters. */
export function tintOf(agent: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < agent.length; index++) hash = Math.imul(hash ^ agent.charCodeAt(index), 0x01000193);
  return (hash >>> 0) % tintCount;
}

/** The letter in the circle. */
export function initial(name: string): string {
  return Array.from(name)[0]?.toUpperCase() ?? '?';
}
