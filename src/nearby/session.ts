/** The clients whose sessions are found without their help. */
export const nearbyClients = ['claude-code', 'codex', 'copilot', 'gemini', 'opencode'] as const;

export type NearbyClient = (typeof nearbyClients)[number];

/** What each client is called before people. */
export const clientTitles: Readonly<Record<NearbyClient, string>> = {
  'claude-code': 'Claude Code',
  codex: 'Codex',
  copilot: 'Copilot CLI',
  gemini: 'Gemini CLI',
  opencode: 'OpenCode',
};

/** What a session does, as its client's own files say. `unknown`: they do not say. */
export type NearbyStatus = 'idle' | 'busy' | 'waiting' | 'unknown';

/** A session of a known client that runs on this machine, as our own user. All text is the client's: data, not markup. */
export interface NearbySession {
  readonly client: NearbyClient;
  /** The client's version, where its files say so. */
  readonly version?: string;
  readonly pid: number;
  /** When that process began, in the system's own words: with the pid it is that process and no later one. */
  readonly start: string;
  /** The folder that it works in, absolute; empty when that cannot be told. */
  readonly folder: string;
  /** At most {@link longestTitle} characters. */
  readonly title?: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly status: NearbyStatus;
  /** The client's own id; undefined where one process serves several sessions and does not say which. */
  readonly sessionId?: string;
  /** How a line can be sent to it, where its client lets anybody do that. */
  readonly door?: NearbyDoor;
}

/** A way into a session that its client offers to other programs of the user. Paths are absolute. */
export type NearbyDoor =
  | { readonly kind: 'claude-inbox'; readonly socket: string; readonly token: string }
  /** `folder`: the one that Codex keeps its things in. */
  | { readonly kind: 'codex-server'; readonly folder: string }
  | { readonly kind: 'codex-queue'; readonly folder: string; readonly program: string };

/** Something of a client that was seen and could not be understood; for a person, never an error. */
export interface Unclear {
  readonly client: NearbyClient;
  /** Why, as the end of the sentence "cannot tell: …". */
  readonly why: string;
}

/** What one reader found. */
export interface Found {
  readonly sessions: readonly NearbySession[];
  readonly unclear: readonly Unclear[];
}

/** Longest title that is kept, in characters. */
export const longestTitle = 120;

/** Ids of sessions as every client makes them; what is none is not believed. */
export const sessionIdForm = /^[\w.-]{1,100}$/;

/** The session's own key, equal to itself in each look: the client's id, or else its process. */
export function keyOf({ client, sessionId, pid }: NearbySession): string {
  return `${client}:${sessionId ?? pid}`;
}

/** One line of at most {@link longestTitle} characters; undefined when nothing is left. */
export function titleOf(text: string | undefined): string | undefined {
  const line = text?.replaceAll(/\s+/g, ' ').trim().slice(0, longestTitle);
  return line === '' ? undefined : line;
}
