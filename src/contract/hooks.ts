/** What a client's hook tells us: the session began, a tool has run, the turn ends. */
export const hookMoments = ['session-start', 'after-tool', 'stop'] as const;

export type HookMoment = (typeof hookMoments)[number];

/**
 * Set to 1 by who runs a hook and tells it whether its words were taken: its input is then one line, and after it has spoken
 * a second line {@link hookTaken} says so. Ended without that, nothing was taken.
 */
export const hookTakes = 'PARLEY_HOOK_TAKES';
export const hookTaken = 'taken';
