/** Where a link of ours leads; undefined for every other. Links come from anywhere: nothing of one is trusted. */
export type LinkGoal =
  { readonly kind: 'thread'; readonly thread: string } | { readonly kind: 'call'; readonly agent: string };

/** `/thread/ID`, `/call/NAME`; what else a link says is not looked at. */
export function goalOf(path: string): LinkGoal | undefined {
  const [, thread] = /^\/thread\/([0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{26})\/?$/.exec(path) ?? [];
  if (thread !== undefined) return { kind: 'thread', thread: thread.toUpperCase() };
  const [, agent] = /^\/call\/@?([A-Za-z][A-Za-z0-9_-]{0,31})\/?$/.exec(path) ?? [];
  return agent === undefined ? undefined : { kind: 'call', agent };
}

/** The link to a thread. `scheme`: the editor's own, e.g. `vscode`. */
export function threadLink(scheme: string, extension: string, thread: string): string {
  return `${scheme}://${extension}/thread/${thread}`;
}
