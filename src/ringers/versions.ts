/** Versions of a client that an undocumented door of its was tried with: from `least` on, below `below`. */
export interface VersionRange {
  readonly least: string;
  readonly below: string;
}

/** Holds a client's version against those that a door was tried with. */
export class TriedVersions {
  readonly #client: string;
  readonly #range: VersionRange;
  readonly #version: () => string | undefined;

  /** @param version the client's own, once it is known */
  constructor(client: string, range: VersionRange, version: () => string | undefined) {
    this.#client = client;
    this.#range = range;
    this.#version = version;
  }

  /** Why this door is left alone; undefined when it may be used. */
  problem(): string | undefined {
    const version = this.#version();
    const { least, below } = this.#range;
    const tried = `this way in is used from ${least} to below ${below}`;
    if (version === undefined || numbers(version) === undefined) {
      return `the version of ${this.#client} is not known; ${tried}`;
    }
    const isTried = compareVersions(version, least) >= 0 && compareVersions(version, below) < 0;
    return isTried ? undefined : `${this.#client} is ${version.slice(0, 32)}; ${tried}`;
  }
}

/** Negative, 0 or positive; by the numbers alone, what follows them (`-beta.1`) is left out. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [numbers(a) ?? [], numbers(b) ?? []];
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Undefined when it does not begin like a version. */
function numbers(version: string): readonly number[] | undefined {
  const found = /^v?(\d{1,9}(?:\.\d{1,9}){0,3})/.exec(version)?.[1];
  return found?.split('.').map(Number);
}
