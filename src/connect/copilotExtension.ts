import { ringerSocketSource } from './ringerSocket';

/**
 * The extension that Copilot CLI loads into each session when its flag EXTENSIONS is on: it listens on a socket in Parley's
 * home, takes rings there as JSON lines, and hands them to the session. Without Parley it does nothing. Tried with 1.0.102,
 * which tells an extension when a permission was given and not when it is asked for: there no ring is said to be held.
 */
export function copilotExtension(): string {
  return `// Written by Parley (parley connect copilot --remove takes it out).
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import * as path from 'node:path';
import { joinSession } from '@github/copilot-sdk/extension';
${ringerSocketSource}
const session = await joinSession({});

/** What the session waits for from its user: by the request's id, in words. */
const waits = new Map();
const words = {
  permission: 'permission prompt',
  user_input: 'input needed',
  elicitation: 'input needed',
  exit_plan_mode: 'plan approval',
};
/** Rings that were held: by the message's id, who is told when the session takes it in. */
const held = new Map();

session.on(({ type, data }) => {
  const [, what, moment] = /^(permission|user_input|elicitation|exit_plan_mode)\\.(requested|completed)$/.exec(type) ?? [];
  if (moment === 'requested' && data.resolvedByHook !== true) waits.set(data.requestId, words[what]);
  if (moment === 'completed') waits.delete(data.requestId);
  if (type === 'session.idle') waits.clear();
  if (type === 'user.message') {
    held.get(data.messageId)?.();
    held.delete(data.messageId);
  }
});

async function answer(asked, { say }) {
  if (asked.test === true) return { session: session.sessionId, version: process.env.COPILOT_CLI_BINARY_VERSION };
  if (typeof asked.ring !== 'string') return { error: 'that is no ring' };
  const [waiting] = waits.values();
  // After the tool that runs; at once when the session is idle.
  const sent = await session.send({ prompt: asked.ring, mode: 'immediate' });
  if (waiting !== undefined) held.set(sent, () => say({ taken: true }));
  return { sent, waits: waiting };
}

listenForRings('copilot', session.sessionId, answer);
// The socket's file goes with the process.
for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => process.exit(0));
`;
}
