/** The MCP client that the bridge stands for, as it introduced itself. */
export interface BridgedClient {
  readonly name: string;
  readonly version: string;
}

interface KnownClient {
  /** As people know it. */
  readonly platform: string;
  /** What the names of its own environment variables begin with. */
  readonly variables: string;
}

/** By `clientInfo.name`. */
const known: Readonly<Record<string, KnownClient>> = {
  'claude-code': { platform: 'Claude Code', variables: 'CLAUDE' },
  'codex-mcp-client': { platform: 'Codex', variables: 'CODEX_' },
  opencode: { platform: 'OpenCode', variables: 'OPENCODE' },
  'gemini-cli-mcp-client': { platform: 'Gemini CLI', variables: 'GEMINI_' },
  'copilot-cli': { platform: 'Copilot CLI', variables: 'COPILOT_' },
};

const lookUp = (name: string): KnownClient | undefined => (Object.hasOwn(known, name) ? known[name] : undefined);

export function platformOf(name: string): string | undefined {
  return lookUp(name)?.platform;
}

/**
 * The environment without what other clients put there: one that was started from another's terminal inherits the session
 * of that one, and is not that agent. A client that we do not know keeps everything.
 */
export function ownEnvironment(name: string, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const own = lookUp(name);
  if (!own) return env;
  const foreign = Object.values(known).filter((client) => client !== own);
  return Object.fromEntries(
    Object.entries(env).filter(([variable]) => !foreign.some(({ variables }) => variable.startsWith(variables))),
  );
}
