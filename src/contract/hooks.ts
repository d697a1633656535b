/** What a client's hook tells us: the session began, a tool has run, the turn ends. */
export const hookMoments = ['session-start', 'after-tool', 'stop'] as const;

export type HookMoment = (typeof hookMoments)[number];
