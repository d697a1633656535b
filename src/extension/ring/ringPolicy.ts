import type { AgentView } from '../../contract/views';
import type { Disturb } from '../contributions';
import type { Ring } from './ringBook';

/** How long an agent's own ringers have before the person is asked, in milliseconds from the first ring. */
export const ringerPatience = 8_000;

/** Whether a ring is for the person: at once, never, or from a time on unless something changes before. */
export type Disturbance =
  { readonly when: 'now' } | { readonly when: 'never' } | { readonly when: 'at'; readonly time: number };

const never: Disturbance = { when: 'never' };
const at = (time: number, now: number): Disturbance => (time <= now ? { when: 'now' } : { when: 'at', time });

/** What the decision depends on besides the ring. */
export interface Facts {
  readonly setting: Disturb;
  /** The person wants to be left alone now. */
  readonly quiet: boolean;
  /** The person's id. */
  readonly you: string;
  readonly caller: AgentView | undefined;
  readonly callee: AgentView | undefined;
  readonly now: number;
}

/**
 * `whenNeeded`: the person is called, the callee's policy asks the person, or no ringer got through within
 * {@link ringerPatience}. An agent that is muted disturbs neither by calling nor by being called. A ringer got through when the client took its bytes or the agent was handed the call.
 */
export function disturbance(ring: Ring, { setting, quiet, you, caller, callee, now }: Facts): Disturbance {
  if (setting === 'none' || quiet) return never;
  if (ring.call.from === you) return never;
  // What must be decided is shown whatever is muted: nobody else would ever answer it.
  if (ring.isAsked) return { when: 'now' };
  if (callee?.muted || caller?.muted) return never;
  if (ring.agent === you || setting === 'all') return { when: 'now' };
  if (ring.seen || ring.reports.some((report) => report.result === 'written')) return never;
  if (callee?.reach.state === 'listening') return never;
  return at(ring.rangAt + ringerPatience, now);
}

/** Whether the ring is in the person's inbox and badge. What keeps notifications away does not keep it from there. */
export function isForPerson(ring: Ring, facts: Omit<Facts, 'setting' | 'quiet'>): boolean {
  return disturbance(ring, { ...facts, setting: 'whenNeeded', quiet: false }).when === 'now';
}
