import type { HookMoment } from '../contract/hooks';

/** How long a client waits for a hook, in seconds. A hook answers in a tenth of one; without a broker it says nothing at once. */
export const hookTimeout = 10;

/**
 * The line that a client hands to its shell. With the launcher gone it succeeds in silence: a hook must never be in the way of
 * a client that is still configured.
 */
export function hookCommand(launcher: string, moment: HookMoment, client: string, platform: NodeJS.Platform): string {
  const words = `hook ${moment} ${client}`;
  if (platform === 'win32') return `if exist "${launcher}" "${launcher}" ${words}`;
  const quoted = launcher.replace(/[\\"$`]/g, '\\$&');
  return `[ ! -x "${quoted}" ] || exec "${quoted}" ${words}`;
}

/** The same for PowerShell. */
export function powerShellHook(launcher: string, moment: HookMoment, client: string): string {
  const quoted = `'${launcher.replaceAll("'", "''")}'`;
  return `if (Test-Path ${quoted}) { & ${quoted} hook ${moment} ${client} }`;
}

/** Whether a hook of a client, in whatever form it writes them, runs ours. */
export function runsOurHook(hook: unknown): boolean {
  const text = typeof hook === 'string' ? hook : JSON.stringify(hook);
  // By its words, not by the launcher's name: --launcher may name any.
  return /["'\\] hook (?:session-start|after-tool|stop) (?:claude-code|codex|gemini|copilot|cursor)\b/.test(text);
}
