import { keyUse, usedKey } from './drafts';
import type { AgentId } from './model';
import type { KeyResult } from './state';
import type { Step } from './step';

/**
 * Does something once under its key; later, the first result is answered again. `parts` are all that the key stands for, the
 * operation's name first. For what has no fact of its own that could carry the key.
 * @throws `key_conflict` when the key was used for something else, and what `act` throws
 */
export function once<R extends KeyResult>(
  step: Step,
  agent: AgentId,
  given: string | undefined,
  parts: readonly [string, ...unknown[]],
  act: () => R,
): R {
  const key = keyUse(given, parts);
  // The operation's name is part of the fingerprint, and an operation has results of one kind.
  const earlier = usedKey(step, agent, key) as R | undefined;
  if (earlier) return earlier;
  const result = act();
  if (key) step.emit({ type: 'key.used', payload: { agent, key, result } });
  return result;
}
