/** A client of agents that this process runs in, as its environment tells. */
export interface AgentEnvironment {
  /** As people know it, e.g. `Claude Code`. */
  readonly platform: string;
  /** The client's own session id, e.g. `claude-code:3f2…`; undefined when the environment has none. */
  readonly session?: string;
}

interface ClientSigns {
  readonly platform: string;
  readonly prefix: string;
  /** Variables that hold the session id, best first. */
  readonly session: readonly string[];
  /** Variables that only say that the client is there. */
  readonly signs: readonly string[];
}

/** Measured on the real clients, November 2026. The order decides when one client runs inside another: it cannot be told which. */
const clients: readonly ClientSigns[] = [
  { platform: 'Claude Code', prefix: 'claude-code', session: ['CLAUDE_CODE_SESSION_ID'], signs: ['CLAUDECODE'] },
  {
    platform: 'Codex',
    prefix: 'codex',
    session: ['CODEX_THREAD_ID', 'CODEX_SESSION_ID'],
    signs: ['CODEX_SANDBOX', 'CODEX_SANDBOX_NETWORK_DISABLED'],
  },
  { platform: 'Copilot CLI', prefix: 'copilot', session: ['COPILOT_AGENT_SESSION_ID'], signs: ['COPILOT_CLI'] },
  { platform: 'Gemini CLI', prefix: 'gemini', session: ['GEMINI_SESSION_ID'], signs: ['GEMINI_CLI'] },
  // One OpenCode process serves several sessions, so OPENCODE_PID is no identity.
  { platform: 'OpenCode', prefix: 'opencode', session: ['OPENCODE_SESSION_ID'], signs: ['OPENCODE', 'OPENCODE_PID'] },
  { platform: 'Cursor', prefix: 'cursor', session: [], signs: ['CURSOR_AGENT'] },
];

/** Set by clients that we do not know by name. */
const otherSigns: readonly string[] = ['AGENT', 'AI_AGENT'];

/** Which client's agent runs us; undefined when the environment shows none, so that a person may be at the keyboard. */
export function agentEnvironment(env: NodeJS.ProcessEnv): AgentEnvironment | undefined {
  const has = (name: string): boolean => (env[name] ?? '') !== '';
  for (const client of clients) {
    const variable = client.session.find(has);
    if (variable !== undefined) {
      return { platform: client.platform, session: `${client.prefix}:${env[variable] ?? ''}` };
    }
  }
  const shown = clients.find((client) => client.signs.some(has));
  if (shown) return { platform: shown.platform };
  return otherSigns.some(has) ? { platform: 'Agent' } : undefined;
}

/** The environment without what tells of an agent's client, for a client that is started and is none of those. */
export function withoutAgent(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const told = new Set([...clients.flatMap(({ session, signs }) => [...session, ...signs]), ...otherSigns]);
  return Object.fromEntries(Object.entries(env).filter(([name]) => !told.has(name)));
}

/**
 * Whether an agent's sandbox holds this process: Codex (`CODEX_SANDBOX*`), Gemini CLI (`SANDBOX`), Claude Code
 * (`SANDBOX_RUNTIME`). A broker started in there would end with it, or could not reach what it must.
 */
export function isSandboxed(env: NodeJS.ProcessEnv): boolean {
  return ['CODEX_SANDBOX', 'CODEX_SANDBOX_NETWORK_DISABLED', 'SANDBOX_RUNTIME', 'SANDBOX'].some(
    (name) => (env[name] ?? '') !== '' && env[name] !== '0',
  );
}
