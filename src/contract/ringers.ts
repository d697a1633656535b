import * as z from 'zod';

interface RingerFacts {
  /** What it is called before a person. */
  readonly label: string;
  /** It runs only when the person permits it. */
  readonly needsPermission: boolean;
  /** It makes a model work, which somebody pays for: counted against what its agent may be woken in an hour. */
  readonly wakes: boolean;
  /** It rings agents that are away, and nobody else: it brings their session back. */
  readonly forAway?: true;
  /** What it wrote stays where the agent's user sees it when the ring was held: it is not written there a second time. */
  readonly staysInSight?: true;
}

/** Every ringer by name. */
export const ringers: Readonly<Record<string, RingerFacts>> = {
  listen: { label: 'an open listen', needsPermission: false, wakes: false },
  'claude-inbox': { label: 'Claude Code', needsPermission: false, wakes: true },
  'codex-socket': { label: 'Codex', needsPermission: false, wakes: true },
  'codex-queue': { label: 'the queue of Codex', needsPermission: false, wakes: true },
  'opencode-plugin': { label: 'OpenCode', needsPermission: false, wakes: true },
  'opencode-port': { label: 'the port of OpenCode', needsPermission: false, wakes: true },
  'copilot-extension': { label: 'Copilot CLI', needsPermission: false, wakes: true },
  'copilot-port': { label: 'the port of Copilot CLI', needsPermission: false, wakes: true },
  'background-shell': { label: 'a command that waits in the background', needsPermission: false, wakes: true },
  'vscode-chat': { label: 'the VS Code chat', needsPermission: true, wakes: true },
  notification: { label: 'a notification in VS Code', needsPermission: false, wakes: false },
  'typed-line': { label: 'a line typed into the terminal', needsPermission: true, wakes: true, staysInSight: true },
  'headless-resume': { label: 'a session resumed without a window', needsPermission: true, wakes: true, forAway: true },
  none: { label: 'nobody', needsPermission: true, wakes: false },
};

/** An unknown ringer is taken for one that needs permission. */
export function ringerNeedsPermission(name: string): boolean {
  return ringers[name]?.needsPermission ?? true;
}

/** An unknown ringer is taken for one that wakes. */
export function ringerWakes(name: string): boolean {
  return ringers[name]?.wakes ?? true;
}

/** Whether the ringer is for agents that are away, and not for those who are there. */
export function ringsTheAway(name: string): boolean {
  return ringers[name]?.forAway === true;
}

/** Whether what the ringer wrote stays in sight when the ring was held. */
export function staysInSight(name: string): boolean {
  return ringers[name]?.staysInSight === true;
}

/** What `standBy` of the rpc door takes: a `StandBy` of the wire for each agent. */
export const standByInput = z.object({
  agents: z
    .array(
      z.object({
        agent: z.string().max(64),
        ringers: z.array(z.string().max(32)).max(4),
        closed: z.record(z.string().max(32), z.string().max(200)).optional(),
      }),
    )
    .max(1000),
});

/** What `tested` of the rpc door takes: a `RingerTest` of the wire for each ringer of a connection. */
export const testedInput = z.object({
  tests: z
    .array(
      z.object({
        ringer: z.string().max(32),
        works: z.boolean(),
        did: z.string().max(200),
        milliseconds: z.number().min(0),
        version: z.string().max(64).optional(),
        detail: z.string().max(500).optional(),
      }),
    )
    .max(16),
});
