import type { AgentId } from './model';
import { hoursText, nextSpan, parseHours, spanAt, type QuietPeriod, type Zone } from './quietHours';
import type { State } from './state';
import type { Step, World } from './step';

/** When the person is not to be disturbed. While they are not, they are `busy`: calls go to their inbox. */
export interface Quiet {
  /** Every week. */
  readonly hours?: readonly QuietPeriod[] | undefined;
  /** When it ends by itself, ms since the epoch; absent while the person is busy: when the person says so. */
  readonly until?: number | undefined;
  /** The beginning of the span of `hours` that was entered, or left by the person's word: it is not entered again. */
  readonly entered?: number | undefined;
  /** When the next span of `hours` begins. */
  readonly next?: number | undefined;
}

/** What the person decides; a field that is not there stays. */
export interface QuietChange {
  readonly on?: boolean | undefined;
  /** With `on`: when it ends by itself, ms since the epoch. */
  readonly until?: number | undefined;
  /** As {@link parseHours} reads it; null: no hours any more. */
  readonly hours?: string | null | undefined;
}

/** UTC, where the world does not say. */
const zoneOf = (world: World): Zone => world.zone ?? (() => 0);

/** The person, who is on every roster. */
export function personOf({ agents }: State): AgentId | undefined {
  for (const { id, kind } of agents.values()) if (kind === 'human') return id;
  return undefined;
}

/**
 * The person says when they are not to be disturbed: now, for a while, every week.
 * @throws `bad_hours` when the hours cannot be understood
 */
export function setQuiet(step: Step, person: AgentId, { on, until, hours }: QuietChange): void {
  const { state, now, world } = step;
  const periods = typeof hours === 'string' ? (parseHours(hours) ?? step.refuse('bad_hours', { hours })) : undefined;
  const before = state.quiet ?? {};
  const busy = state.agents.get(person)?.busy ?? false;
  let next: Quiet = before;
  let isBusy = busy;
  if (hours !== undefined && hoursText(periods ?? []) !== hoursText(before.hours ?? [])) {
    // What the old hours began they also end: the new ones begin their own.
    const isByHours = before.until !== undefined && before.entered !== undefined;
    if (isByHours) isBusy = false;
    next = { ...(periods && { hours: periods }), ...(!isByHours && { until: before.until }) };
  }
  if (on !== undefined) {
    const span = next.hours && spanAt(next.hours, now, zoneOf(world));
    isBusy = on;
    next = {
      ...(next.hours && { hours: next.hours }),
      // Within the hours a shorter while would let them be disturbed before the hours are over.
      ...(on && until !== undefined && { until: Math.max(until, span?.end ?? 0) }),
      ...(span && { entered: span.start }),
    };
  }
  change(step, person, next, isBusy);
  dueQuiet(step);
}

/** What time alone brings about: it ends, or its hours begin. */
export function dueQuiet(step: Step): void {
  const { state, now, world } = step;
  const person = personOf(state);
  if (person === undefined) return;
  const isBusy = (): boolean => state.agents.get(person)?.busy === true;
  // Read anew each time: what ends here may have been all that there was.
  const quiet = (): Quiet => state.quiet ?? {};
  if ((quiet().until ?? Infinity) <= now) {
    const { hours, entered } = quiet();
    change(step, person, { hours, entered }, false);
  }
  const { hours, entered, until, next = Infinity } = quiet();
  if (!hours || (next > now && entered !== undefined)) return;
  const span = spanAt(hours, now, zoneOf(world));
  if (!span || span.start === entered) {
    if (next <= now) change(step, person, quiet(), isBusy());
    return;
  }
  // Who is busy until they say otherwise stays so when the hours are over.
  const isOpen = isBusy() && until === undefined;
  const end = isOpen ? undefined : Math.max(until ?? 0, span.end);
  change(step, person, { hours, entered: span.start, until: end }, true);
}

/** When {@link dueQuiet} has something to do next, in ms since the epoch. */
export function nextQuiet({ quiet }: State): number | undefined {
  const next = Math.min(quiet?.until ?? Infinity, quiet?.next ?? Infinity);
  return next === Infinity ? undefined : next;
}

function change(step: Step, agent: AgentId, quiet: Quiet, busy: boolean): void {
  const { state, now, world } = step;
  const next = quiet.hours && nextSpan(quiet.hours, now, zoneOf(world));
  const entries = Object.entries({ ...quiet, next }).filter(([, value]) => value !== undefined);
  const tidy = Object.fromEntries(entries.sort(([a], [b]) => a.localeCompare(b))) as Quiet;
  const isSame = JSON.stringify(tidy) === JSON.stringify(state.quiet ?? {});
  if (isSame && busy === (state.agents.get(agent)?.busy ?? false)) return;
  step.emit({ type: 'person.quieted', payload: { agent, quiet: tidy, busy } });
}

/** Folds what the person decided into the state. */
export function applyQuieted(
  state: State,
  { agent: id, quiet, busy }: { readonly agent: AgentId; readonly quiet: Quiet; readonly busy: boolean },
): void {
  const agent = state.agents.get(id);
  if (agent) state.agents.set(id, { ...agent, busy });
  if (Object.keys(quiet).length === 0) delete state.quiet;
  else state.quiet = quiet;
}

/** The person has said themself whether they are busy: nothing ends that but their word. */
export function untilWord(state: State): void {
  if (state.quiet?.until === undefined) return;
  const kept: { -readonly [K in keyof Quiet]: Quiet[K] } = { ...state.quiet };
  delete kept.until;
  if (Object.keys(kept).length === 0) delete state.quiet;
  else state.quiet = kept;
}
