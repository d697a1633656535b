import { emptyState, type KeyRecord, type State } from './state';

/** Maps and sets have no JSON; a checkpoint writes them as these. Other keys that begin with `$` get one `$` more. */
type Encoded = { readonly $map: readonly (readonly [unknown, unknown])[] } | { readonly $set: readonly unknown[] };

/** The version of a checkpoint's shape. A newer one is not read. */
export const checkpointVersion = 2;

/**
 * What brings the state of the version before to each version, as `decode` gave it. A field that is only new needs none:
 * what a checkpoint lacks is as in the empty state. A checkpoint is the only copy of what the journal has no more, so
 * that no version may go without.
 */
const upgrades: Readonly<Record<number, (state: State) => State>> = {
  // Keys stood under `agent key` in one map.
  2: (state) => {
    const keys: State['keys'] = new Map();
    for (const [name, record] of state.keys as unknown as ReadonlyMap<string, KeyRecord>) {
      const gap = name.indexOf(' ');
      const agent = name.slice(0, gap);
      keys.set(agent, (keys.get(agent) ?? new Map<string, KeyRecord>()).set(name.slice(gap + 1), record));
    }
    return { ...state, keys };
  },
};

export interface Checkpoint {
  readonly version: number;
  readonly state: unknown;
}

/** The state as a JSON value that shares nothing with it. */
export function toCheckpoint(state: State): Checkpoint {
  return { version: checkpointVersion, state: encode(state) };
}

/** The state that `toCheckpoint` was given, by this version or an older one; undefined when it was a newer one. */
export function fromCheckpoint(checkpoint: Checkpoint): State | undefined {
  if (checkpoint.version > checkpointVersion) return undefined;
  let decoded = decode(checkpoint.state) as State;
  for (let version = checkpoint.version + 1; version <= checkpointVersion; version++) {
    decoded = upgrades[version]?.(decoded) ?? decoded;
  }
  return { ...emptyState(decoded.home), ...decoded };
}

function encode(value: unknown): unknown {
  if (value instanceof Map) return { $map: [...value].map(([key, item]) => [key, encode(item)]) } satisfies Encoded;
  if (value instanceof Set) return { $set: [...value] } satisfies Encoded;
  if (Array.isArray(value)) return value.map(encode);
  if (typeof value !== 'object' || value === null) return value;
  const encoded = Object.create(null) as Record<string, unknown>;
  for (const [key, item] of Object.entries(value)) {
    if (item !== undefined) encoded[key.startsWith('$') ? `$${key}` : key] = encode(item);
  }
  return encoded;
}

function decode(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(decode);
  if (typeof value !== 'object' || value === null) return value;
  if (Object.hasOwn(value, '$map')) {
    return new Map((value as { $map: [unknown, unknown][] }).$map.map(([key, item]) => [key, decode(item)]));
  }
  if (Object.hasOwn(value, '$set')) return new Set((value as { $set: unknown[] }).$set);
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key.startsWith('$') ? key.slice(1) : key, decode(item)]),
  );
}
