/** Names of what stands in a home (`PARLEY_HOME`, default `~/.parley`). */
export const homeFiles = {
  /** {@link BrokerRecord}. */
  broker: 'broker.json',
  lock: 'lock',
  /** The person's token, mode 0600. */
  adminToken: 'admin.token',
  /** One file per identity that this machine's programs hold: see {@link Identity}. */
  identities: 'identities',
  /** Programs by version, and the launcher. */
  bin: 'bin',
  /** `broker.log`, rotated. */
  logs: 'logs',
  settings: 'settings.json',
  /** The MCP servers that the person shares, mode 0600. */
  shares: 'shares.json',
  /** Left by a hand-over: programs older than this do not start a broker. */
  newest: 'newest.json',
} as const;

/** A saved identity, in `identities/<agent id>.json`, mode 0600. */
export interface Identity {
  readonly id: string;
  readonly name: string;
  /** Names that it had before: what was started under one of them still finds it. */
  readonly formerly?: readonly string[];
  readonly token: string;
  /** The client's own session ids that are this agent, e.g. `claude-code:3f2…`. */
  readonly sessions: readonly string[];
  /** The process that registered, to recognise its descendants. */
  readonly process?: { readonly pid: number; readonly start: string };
  readonly savedAt: number;
}
