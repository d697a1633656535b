/** Every ringer by name: what it is called before a person, and whether it runs only when the person permits it. */
export const ringers: Readonly<Record<string, { readonly label: string; readonly needsPermission: boolean }>> = {
  listen: { label: 'an open listen', needsPermission: false },
  'claude-inbox': { label: 'Claude Code', needsPermission: false },
  'vscode-chat': { label: 'the VS Code chat', needsPermission: true },
  notification: { label: 'a notification in VS Code', needsPermission: false },
};

/** An unknown ringer is taken for one that needs permission. */
export function ringerNeedsPermission(name: string): boolean {
  return ringers[name]?.needsPermission ?? true;
}
