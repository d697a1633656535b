import type { Disposable } from '../disposable';

/** A session of a known client that runs on this machine and has not signed on. All texts are the client's own: data. */
export interface NearbySession {
  /** Unique among the sessions, and stable while it runs. */
  readonly id: string;
  /** What the client is called before a person, e.g. `Claude Code`. */
  readonly client: string;
  readonly version?: string;
  readonly pid: number;
  /** Absolute path of the folder that it works in; empty where that is not known. */
  readonly folder: string;
  readonly title?: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** What it does now, in the client's words, e.g. `idle`. */
  readonly status?: string;
}

/** Where the Roster's group Nearby comes from. The Roster says when somebody looks, so that nobody has to look meanwhile. */
export interface NearbySessions {
  /** Those that were found last. */
  readonly sessions: readonly NearbySession[];
  onDidChange(listener: () => void): Disposable;
  /** Somebody looks at the group from now on, or no longer. */
  look(isSeen: boolean): void;
}

/** Nobody nearby. */
export const nobodyNearby: NearbySessions = {
  sessions: [],
  onDidChange: () => ({ dispose: () => undefined }),
  look: () => undefined,
};
