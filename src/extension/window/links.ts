import type { CommandName } from '../contributions';
import type { Target } from '../trees/row';

/** Target of a command as it came in: from a row of a tree, a link in a notification, or the palette (none). */
export function targetOf(argument: unknown): Target {
  if (typeof argument !== 'object' || argument === null) return {};
  const { target } = argument as { target?: unknown };
  const from = (typeof target === 'object' && target !== null ? target : argument) as Readonly<Record<string, unknown>>;
  const id = (name: keyof Target, pattern = /^[0-9A-Za-z]{1,64}$/): Target => {
    const value = from[name];
    return typeof value === 'string' && pattern.test(value) ? { [name]: value } : {};
  };
  return { ...id('agent'), ...id('call'), ...id('thread'), ...id('session', /^[\w:.-]{1,128}$/) };
}

/** A link for a notification's message that runs one of our commands. The title is ours, the target holds ids only. */
export function commandLink(title: string, command: CommandName, target: Target): string {
  return `[${title}](command:parley.${command}?${encodeURIComponent(JSON.stringify([target]))})`;
}
