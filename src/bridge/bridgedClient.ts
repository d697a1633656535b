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
  /** The field in the `_meta` of its calls that names its session, and the variable that has the same for its programs. */
  readonly session?: { readonly field: string; readonly variable: string };
  /** Our hook at the begin of a session makes an agent that the bridge knows for its own: see `shares` of the hook's clients. */
  readonly hasStart?: true;
}

/** By `clientInfo.name`. */
const known: Readonly<Record<string, KnownClient>> = {
  'claude-code': { platform: 'Claude Code', variables: 'CLAUDE' },
  'codex-mcp-client': {
    platform: 'Codex',
    variables: 'CODEX_',
    session: { field: 'threadId', variable: 'CODEX_THREAD_ID' },
  },
  opencode: { platform: 'OpenCode', variables: 'OPENCODE' },
  'gemini-cli-mcp-client': { platform: 'Gemini CLI', variables: 'GEMINI_', hasStart: true },
  'copilot-cli': { platform: 'Copilot CLI', variables: 'COPILOT_', hasStart: true },
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

/** Whether a hook of ours signs the client's sessions on when they begin, so that the bridge finds its agent made. */
export function signsOnByHook(name: string): boolean {
  return lookUp(name)?.hasStart === true;
}

/** The client's own name of its session in the `_meta` of a call; undefined when it says none, or something odd. */
export function sessionIn(name: string, meta: Readonly<Record<string, unknown>>): string | undefined {
  const field = lookUp(name)?.session?.field;
  const value = field === undefined ? undefined : meta[field];
  return typeof value === 'string' && /^[\w.:-]{1,128}$/.test(value) ? value : undefined;
}

/** The environment of a program that this session of the client runs, for a client that tells its session with its calls. */
export function withSession(name: string, env: NodeJS.ProcessEnv, session: string | undefined): NodeJS.ProcessEnv {
  const variable = lookUp(name)?.session?.variable;
  return variable === undefined || session === undefined ? env : { ...env, [variable]: session };
}
