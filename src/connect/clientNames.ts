/** What `parley connect` can set up. Apart from the rest, so that the command line's help need not load that. */
export const clientNames = ['claude-code', 'codex', 'opencode', 'gemini', 'copilot', 'cursor', 'vscode'] as const;

export type ClientName = (typeof clientNames)[number];
