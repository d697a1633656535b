import type { HookMoment } from '../contract/hooks';

/** What of a hook's input is read. Whatever else is in it is the client's business. */
export interface HookInput {
  readonly session?: string | undefined;
  /** The client's own name of the moment. */
  readonly event?: string | undefined;
  readonly tool?: string | undefined;
  /** How the session began, e.g. `startup`, `resume`, `clear`. */
  readonly source?: string | undefined;
  /** The turn goes on already because of an earlier answer. */
  readonly isRepeat: boolean;
  /** The tool that ran ended with an error, where the client says so. */
  readonly hasFailed: boolean;
  readonly cwd?: string | undefined;
  /** Has a time: told apart by it, where two clients run the same hook. */
  readonly isTimed: boolean;
}

interface HookClient {
  /** As people know it. */
  readonly platform: string;
  /** `clientInfo.name` of its MCP client. */
  readonly clientName: string;
  /** The variable in which its programs find the session. */
  readonly variable: string | undefined;
  /**
   * How its bridge knows an agent that the hook made for its own: both find the same session in their environment, both run
   * in the same process of the client, which has one session at a time, or not at all.
   */
  readonly shares: 'session' | 'process' | 'nothing';
  /** Text for the model, while the turn or session goes on. */
  readonly context: (text: string, event: string) => object;
  /** Text with which the turn goes on instead of ending. */
  readonly goOn: (text: string) => object;
}

const specific = (text: string, event: string): object => ({
  hookSpecificOutput: { hookEventName: event, additionalContext: text },
});
const block = (reason: string): object => ({ decision: 'block', reason });

/** The forms are those that the real clients took, November 2026; Cursor's is from its documentation. */
const clients = {
  'claude-code': {
    platform: 'Claude Code',
    clientName: 'claude-code',
    variable: 'CLAUDE_CODE_SESSION_ID',
    shares: 'session',
    context: specific,
    goOn: block,
  },
  codex: {
    platform: 'Codex',
    clientName: 'codex-mcp-client',
    variable: 'CODEX_THREAD_ID',
    shares: 'nothing',
    context: specific,
    goOn: block,
  },
  gemini: {
    platform: 'Gemini CLI',
    clientName: 'gemini-cli-mcp-client',
    variable: 'GEMINI_SESSION_ID',
    shares: 'process',
    context: specific,
    goOn: (reason) => ({ decision: 'deny', reason }),
  },
  copilot: {
    platform: 'Copilot CLI',
    clientName: 'copilot-cli',
    variable: 'COPILOT_AGENT_SESSION_ID',
    shares: 'session',
    context: (text) => ({ additionalContext: text }),
    goOn: block,
  },
  vscode: {
    platform: 'VS Code',
    clientName: 'Visual Studio Code',
    variable: undefined,
    shares: 'nothing',
    context: specific,
    goOn: (reason) => ({ hookSpecificOutput: { hookEventName: 'Stop', ...block(reason) } }),
  },
  cursor: {
    platform: 'Cursor',
    clientName: 'cursor',
    variable: undefined,
    shares: 'nothing',
    context: (text) => ({ additional_context: text }),
    goOn: (text) => ({ followup_message: text }),
  },
  opencode: {
    platform: 'OpenCode',
    clientName: 'opencode',
    variable: 'OPENCODE_SESSION_ID',
    shares: 'nothing',
    context: (text) => ({ text }),
    goOn: (text) => ({ text }),
  },
} as const satisfies Readonly<Record<string, HookClient>>;

export type HookClientName = keyof typeof clients;

export function hookClient(name: HookClientName): HookClient {
  return clients[name];
}

/** The event's name where the client did not say it. */
export const eventNames: Readonly<Record<HookMoment, string>> = {
  'session-start': 'SessionStart',
  'after-tool': 'PostToolUse',
  stop: 'Stop',
};

/**
 * Who runs the hook. What the configuration says is believed, but for two: VS Code runs the hooks of Claude Code, and both
 * and Copilot CLI run those of the plugin. Copilot CLI then speaks like VS Code, and is told by its environment.
 */
export function clientOfHook(
  named: string | undefined,
  input: HookInput,
  env: Readonly<Record<string, string | undefined>>,
): HookClientName | undefined {
  if (named !== 'claude-code' && named !== 'plugin') {
    return named !== undefined && Object.hasOwn(clients, named) ? (named as HookClientName) : undefined;
  }
  if (!input.isTimed) return 'claude-code';
  if (named === 'plugin' && (env['COPILOT_CLI'] ?? '') !== '') return 'copilot';
  return input.event === undefined && named === 'plugin' ? 'copilot' : 'vscode';
}

/**
 * Whether the client keeps what a hook says at this moment from its model, so that it MUST say nothing. Gemini CLI 0.61.0 hands
 * on the error alone of a tool that failed, and nothing at all when its user clears the session.
 */
export function isUnheard(client: HookClientName, moment: HookMoment, { hasFailed, source }: HookInput): boolean {
  if (client !== 'gemini') return false;
  return (moment === 'after-tool' && hasFailed) || (moment === 'session-start' && source === 'clear');
}

/** Reads what the client wrote; something that is no object says nothing. */
export function readHookInput(text: string): HookInput {
  let given: Record<string, unknown> = {};
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null) given = parsed as Record<string, unknown>;
  } catch {
    // Nothing is known then.
  }
  const word = (...names: string[]): string | undefined =>
    names.map((name) => given[name]).find((value): value is string => typeof value === 'string' && value !== '');
  return {
    session: word('session_id', 'sessionId', 'conversation_id'),
    event: word('hook_event_name', 'hookEventName'),
    tool: word('tool_name', 'toolName'),
    source: word('source'),
    isRepeat: given['stop_hook_active'] === true,
    hasFailed: hasError(given['tool_response']),
    cwd: word('cwd'),
    isTimed: given['timestamp'] !== undefined,
  };
}

function hasError(response: unknown): boolean {
  if (typeof response !== 'object' || response === null) return false;
  const { error } = response as { readonly error?: unknown };
  return error !== undefined && error !== null;
}
