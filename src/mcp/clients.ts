/** What an MCP client is known to bear. Times in seconds. */
export interface ClientTraits {
  /** Longest wait of one tool call; the client's own limit less a margin. */
  readonly longestWait: number;
  /** The same when progress extends the client's limit and it asked for progress. */
  readonly withProgress?: number;
  /**
   * It puts `structuredContent` before its model in the place of the text. The text is shorter and says whose words are
   * whose, so such a client is offered no structured results.
   */
  readonly textOnly?: boolean;
}

/** Wait of a tool call that names none. Every client known bears it. */
export const defaultWait = 25;

const unknownClient: ClientTraits = { longestWait: 50 };

/**
 * By `clientInfo.name`; measured on the real clients in November 2026. Claude Code moves a call that takes longer than two
 * minutes to the background; VS Code has no limit of its own but drops a stream that is silent for 300 s.
 */
const known: Readonly<Record<string, ClientTraits>> = {
  'claude-code': { longestWait: 110, textOnly: true },
  'claude-ai': { longestWait: 45 },
  'codex-mcp-client': { longestWait: 50, textOnly: true }, // 300 s since June 2026, 60 s before, and the version does not tell which
  opencode: { longestWait: 50, withProgress: 240 },
  'gemini-cli-mcp-client': { longestWait: 540 },
  'copilot-cli': { longestWait: 50, withProgress: 170 },
  'Visual Studio Code': { longestWait: 240, textOnly: true },
  'Visual Studio Code - Insiders': { longestWait: 240, textOnly: true },
};

export function traitsOf(clientName: string | undefined): ClientTraits {
  return (
    (clientName !== undefined && Object.hasOwn(known, clientName) ? known[clientName] : undefined) ?? unknownClient
  );
}

/** Seconds that a call may wait: what was asked for, or the default, capped by what the client bears. */
export function allowedWait(asked: number | undefined, traits: ClientTraits, hasProgress: boolean): number {
  const cap = (hasProgress ? traits.withProgress : undefined) ?? traits.longestWait;
  return Math.min(Math.max(asked ?? defaultWait, 0), cap);
}
