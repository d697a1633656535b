import type { VersionRange } from './versions';

/** How a client's own program goes on with one of its sessions without a window. */
export interface HeadlessClient {
  /** As it is called before people, and as cards name their platform. */
  readonly title: string;
  readonly program: string;
  /** What sessions of it begin with in kept identities: `claude-code:3f2…`. */
  readonly prefix: string;
  /** The versions whose words these are. */
  readonly tried: VersionRange;
  /** The arguments for a session. The words go to its input, or where it takes none from there to `words`. */
  readonly arguments: (session: string, words: string) => readonly string[];
  readonly readsInput: boolean;
}

/**
 * Each is allowed Parley's tools and nothing else beyond what its configuration allows: without a window nobody could be
 * asked. Gemini CLI is not here: 0.61.0 knows its sessions by their place in a list that changes.
 */
export const headlessClients: readonly HeadlessClient[] = [
  {
    title: 'Claude Code',
    program: 'claude',
    prefix: 'claude-code',
    tried: { least: '2.1.300', below: '2.2' },
    arguments: (session) => ['-p', `--resume=${session}`, '--allowedTools=mcp__parley__*,mcp__plugin_parley_parley__*'],
    readsInput: true,
  },
  {
    title: 'Codex',
    program: 'codex',
    prefix: 'codex',
    tried: { least: '0.169.0', below: '0.170' },
    arguments: (session) => ['exec', 'resume', '--skip-git-repo-check', session, '-'],
    readsInput: true,
  },
  {
    title: 'OpenCode',
    program: 'opencode',
    prefix: 'opencode',
    tried: { least: '1.18.33', below: '1.19' },
    arguments: (session) => ['run', `--session=${session}`],
    readsInput: true,
  },
  {
    title: 'Copilot CLI',
    program: 'copilot',
    prefix: 'copilot',
    tried: { least: '1.0.100', below: '1.1' },
    arguments: (session, words) => [`--resume=${session}`, '--allow-tool=parley', `--prompt=${words}`],
    readsInput: false,
  },
];

/** A session that can be gone on with: the client, and the client's own id of it. */
export interface HeadlessSession {
  readonly client: HeadlessClient;
  readonly id: string;
}

/** The latest of these sessions (`claude-code:3f2…`), oldest first, that a client here can go on with. */
export function headlessSession(sessions: readonly string[]): HeadlessSession | undefined {
  for (const session of [...sessions].reverse()) {
    const [, prefix, id = ''] = /^([a-z-]+):(\w[\w.-]{0,99})$/.exec(session) ?? [];
    const client = headlessClients.find((one) => one.prefix === prefix);
    if (client) return { client, id };
  }
  return undefined;
}
