import type { KeyUse } from './events';
import type { AgentId } from './model';
import type { KeyRecord, KeyResult, State } from './state';
import type { Step } from './step';
import { fingerprint, hash } from './text';

/** A part longer than this goes into a fingerprint by its own: a message's text is hashed once for all that ask. */
const longPart = 64;

/** What a key is used for: `parts` are all that it stands for, the operation's name first. */
export function keyUse(key: string | undefined, parts: readonly unknown[]): KeyUse | undefined {
  if (key === undefined) return undefined;
  const short = parts.map((part) => (typeof part === 'string' && part.length > longPart ? fingerprint(part) : part));
  return { key, fingerprint: hash(JSON.stringify(short)) };
}

/** What the key led to before, if it was used. @throws `key_conflict` when it was used for something else */
export function usedKey(step: Step, from: AgentId, use: KeyUse | undefined): KeyResult | undefined {
  if (use === undefined) return undefined;
  const record = step.state.keys.get(from)?.get(use.key);
  if (!record || step.now - record.at >= step.world.limits.keysKept) return undefined;
  if (record.fingerprint !== use.fingerprint) step.refuse('key_conflict', { key: use.key });
  return record.result;
}

/** Whether the agent used this key before, for whatever it was. */
export function isKeyKnown(state: State, agent: AgentId, key: string | undefined): boolean {
  return key !== undefined && state.keys.get(agent)?.has(key) === true;
}

/** The agent used the key (if it gave one), and this is what it led to. */
export function rememberKey(
  state: State,
  agent: AgentId,
  use: KeyUse | undefined,
  at: number,
  result: KeyResult,
): void {
  if (use === undefined) return;
  let own = state.keys.get(agent);
  if (!own) state.keys.set(agent, (own = new Map<string, KeyRecord>()));
  own.set(use.key, { fingerprint: use.fingerprint, at, result });
}

/** Lets go of keys that were used before this time (ms). */
export function forgetKeys(state: State, before: number): void {
  for (const [agent, own] of state.keys) {
    for (const [key, { at }] of own) if (at <= before) own.delete(key);
    if (own.size === 0) state.keys.delete(agent);
  }
}

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
