import type { AgentView } from '../contract/views';
import type { Disturb } from './contributions';
import type { Ring } from './ringBook';

/** How long an agent's own ringers have before the person is asked, in milliseconds from the first ring. */
export const ringerPatience = 8_000;

/** Whether a ring is for the person: at once, never, or from a time on unless something changes before. */
export type Disturbance =
  { readonly when: 'now' } | { readonly when: 'never' } | { readonly when: 'at'; readonly time: number };

const never: Disturbance = { when: 'never' };
const at = (time: number, now: number): Disturbance => (time <= now ? { when: 'now' } : { when: 'at', time });

/**
 * `whenNeeded`: the person is called, the callee's policy asks the person, or no ringer got through within
 * {@link ringerPatience}. A ringer got through when the client took its bytes or the agent was handed the call.
 */
export function disturbance(
  ring: Ring,
  { setting, you, callee, now }: { setting: Disturb; you: string; callee: AgentView | undefined; now: number },
): Disturbance {
  if (setting === 'none') return never;
  if (ring.call.from === you) return never;
  if (ring.agent === you || setting === 'all' || callee?.policy === 'ask-person') return { when: 'now' };
  if (ring.seen || ring.reports.some((report) => report.result === 'written')) return never;
  if (callee?.reach.state === 'listening') return never;
  return at(ring.rangAt + ringerPatience, now);
}

/** Whether the ring is in the person's inbox and badge. `none` keeps notifications away, not what stands there. */
export function isForPerson(ring: Ring, facts: Omit<Parameters<typeof disturbance>[1], 'setting'>): boolean {
  return disturbance(ring, { ...facts, setting: 'whenNeeded' }).when === 'now';
}
