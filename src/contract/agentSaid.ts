import type { CallPolicy } from '../core/model';
import type { AgentView } from './views';

/**
 * What is said of an agent, after its name: what it does now, how it can be reached, what calls to it do. The tables are for
 * the person, in VS Code and by the doctor, who say them in the reader's language; the functions are for the terminal and for
 * models, in English and without "you": an agent may read what the person reads there.
 */

export const presenceTexts = {
  available: 'available',
  ringing: 'ringing',
  'in-call': 'in a call',
  busy: 'busy',
  offline: 'away',
} as const satisfies Record<AgentView['presence'], string>;

/** Few words, for a row. */
export const reachTexts = {
  listening: 'listens',
  wakes: 'can be woken',
  'next-turn': 'hears at its next turn',
  'waits-for-permission': 'waits for your permission',
  'when-it-asks': 'hears when it asks',
  offline: 'away',
} as const satisfies Record<AgentView['reach']['state'], string>;

export const policyTexts = {
  ring: 'rings for calls',
  accept: 'accepts every call',
  decline: 'takes no calls',
  'same-workspace': 'takes calls from its own workspace only',
  'ask-person': 'asks you about every call',
} as const satisfies Record<CallPolicy, string>;

export function presenceSaid(presence: AgentView['presence']): string {
  return presenceTexts[presence];
}

export function reachSaid(state: AgentView['reach']['state']): string {
  if (state === 'waits-for-permission') return 'waits for its user to permit something';
  return state === 'offline' ? 'away, finds in its inbox what you send' : reachTexts[state];
}

/** With the name of the policy, which is what `--policy` and the tool `profile` take: `takes no calls (decline)`. */
export function policySaid(policy: CallPolicy): string {
  const said = policy === 'ask-person' ? 'asks the person about every call' : policyTexts[policy];
  return `${said} (${policy})`;
}
