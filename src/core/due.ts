import { ringWaiting } from './follow';
import { dueTasks, nextDueTask, resumeTasks, sweepTasks } from './dueTasks';
import { trimFeed } from './feed';
import { ruleOf, silence } from './govern';
import { pass } from './hunts';
import { expireOld } from './inboxCalls';
import { aloneSince, closeLonely, followInvitations, lonelyDue } from './invitations';
import { forgetKeys } from './keys';
import { noRinger, type AgentId, type SubjectId } from './model';
import { canWarn, dropLastWord, forget } from './pending';
import { presenceOf, waitingFor } from './presence';
import { dueQuiet, nextQuiet } from './quiet';
import { aftermath, isOver, present, type CallRecord, type Receipt, type State, type ThreadRecord } from './state';
import type { Step, World } from './step';
import { closeThread, leaveThread, passTurns } from './threads';
import { skipDue } from './turns';

/**
 * Everything that time alone brings about: rings that lapse, calls that expire, threads that fall idle, warnings that are
 * due. What is too much for one step is due still, and comes with the next.
 */
export function due(step: Step): void {
  lapseCalls(step);
  dueTasks(step);
  dueQuiet(step);
  idleThreads(step);
  closeLonely(step);
  // At once, and not after all: who has no other call waiting may retire in this same step.
  followInvitations(step, [...step.events]);
  watchdog(step);
  retire(step);
  ringWaiting(step);
}

/**
 * Gives calls that rang through a restart, or through a sleep of the machine, the time they had left, at least
 * `ringAfterRestart` from `since` (ms since the epoch) on.
 * @returns whether that is done: what is too much for one step comes with the next, to be called with the same `since`
 */
export function resume(step: Step, since = step.now): boolean {
  // The broker may have ended in the middle of a pause.
  silence(step);
  if (!resumeTasks(step, since)) return false;
  const earliest = since + step.world.limits.ringAfterRestart;
  for (const [call, { legs }] of step.state.calls) {
    for (const leg of legs.values()) {
      if (leg.state !== 'ringing' || (leg.deadline ?? 0) >= earliest) continue;
      if (step.isFull()) return false;
      const { agent, asks } = leg;
      const payload = { call, agent, deadline: earliest, ...(asks !== undefined && { asks }) };
      step.emit({ type: 'call.rang', payload });
    }
  }
  return true;
}

/** When {@link due} has something to do next, in ms since the epoch; undefined when nothing waits for time. */
export function nextDue(state: State, world: World): number | undefined {
  const { limits } = world;
  let next: number | undefined;
  const at = (time: number | undefined): void => {
    if (time !== undefined && time !== Infinity && (next === undefined || time < next)) next = time;
  };
  for (const [agent, calls] of state.waiting) {
    for (const id of calls) {
      const record = state.calls.get(id);
      const leg = record?.legs.get(agent);
      at(leg?.state === 'ringing' ? leg.deadline : record && record.call.placedAt + limits.callExpiry);
    }
  }
  for (const thread of state.threads.values()) {
    at(skipDue(state, world, thread)?.at);
    if (thread.mode !== 'live') continue;
    if (thread.state === 'open' && !state.paused) at(silentSince(state, thread, world) + limits.threadIdle);
    for (const agent of present(thread)) {
      const since = world.offlineSince(agent);
      if (since !== undefined) at(since + limits.offlineLeave);
    }
  }
  for (const leaving of retiring(state, world)) at(leaving.at);
  at(nextDueTask(state, world));
  at(nextQuiet(state));
  at(lonelyDue(state, world));
  if (state.paused) return next;
  for (const [subjects, patience] of unwarned(state, world)) {
    const [oldest] = subjects;
    const pending = oldest === undefined ? undefined : state.pending.get(oldest);
    at(pending && Math.max(pending.at, state.resumedAt ?? 0) + patience);
  }
  return next;
}

/**
 * A time in which nobody could speak, or be heard, or in which the person kept the one whom the other waits for from being
 * rung, is no silence; `Infinity` while it is so.
 */
function silentSince(state: State, thread: ThreadRecord, { awakeSince }: World): number {
  const { lastAt, resumedAt } = thread;
  return Math.max(lastAt, resumedAt ?? 0, awakeSince ?? 0, state.resumedAt ?? 0, aloneSince(state, thread));
}

/** What the watchdog looks at, oldest first, and for how long it lets each be unseen. */
function unwarned({ unwarned: { live, async } }: State, { limits }: World): (readonly [Set<SubjectId>, number])[] {
  return [
    [live, limits.watchdogLive],
    [async, limits.watchdogAsync],
  ];
}

function lapseCalls(step: Step): void {
  const { state, now } = step;
  for (const [agent, calls] of [...state.waiting]) {
    for (const id of [...calls]) {
      const record = state.calls.get(id);
      const leg = record?.legs.get(agent);
      if (!record || !leg || isOver(leg)) continue;
      if (step.isFull()) return;
      if (leg.state === 'ringing') {
        if ((leg.deadline ?? 0) > now) continue;
        if (record.call.line === undefined) step.emit({ type: 'call.missed', payload: { call: id, agent } });
        else {
          pass(step, id, agent, 'no-answer');
          continue;
        }
      }
      expireOld(step, record, agent);
    }
  }
}

function idleThreads(step: Step): void {
  const { state, now, world } = step;
  for (const thread of [...state.threads.values()]) {
    if (step.isFull()) return;
    passTurns(step, thread);
    if (thread.mode !== 'live') continue;
    const isOpen = thread.state === 'open' && !state.paused;
    if (isOpen && silentSince(state, thread, world) + world.limits.threadIdle <= now) {
      closeThread(step, thread.id, 'idle');
      continue;
    }
    for (const agent of present(thread)) {
      const since = world.offlineSince(agent);
      if (since === undefined || since + world.limits.offlineLeave > now) continue;
      if (state.threads.has(thread.id)) leaveThread(step, thread, agent);
    }
  }
}

/** Tells a sender, once per recipient, what was not seen in time, with the reason known. While all is paused nobody is told. */
function watchdog(step: Step): void {
  const { state, now, world } = step;
  if (state.paused) return;
  for (const [subjects, patience] of unwarned(state, world)) {
    for (const subject of subjects) {
      const pending = state.pending.get(subject);
      if (!pending || Math.max(pending.at, state.resumedAt ?? 0) + patience > now) break;
      for (const [agent, receipt] of pending.receipts) {
        if (!canWarn(receipt)) continue;
        if (step.isFull()) return;
        const reason = whyUnseen(step, agent, receipt);
        step.emit({ type: 'watchdog.told', payload: { subject, sender: pending.from, agent, reason } });
      }
    }
  }
}

function whyUnseen({ state, world }: Step, agent: AgentId, { state: how, report }: Receipt): string {
  if (!world.isConnected(agent)) return 'offline';
  if (report && report.ringer === noRinger) return report.detail ?? 'not-listening';
  if (report && report.result !== 'written') return `ring-${report.result}`;
  if (how === 'rung') return 'rung-not-seen';
  if (ruleOf(state, agent).hold) return 'held';
  return presenceOf(state, true, agent) === 'busy' ? 'busy' : 'not-listening';
}

function retire(step: Step): void {
  const { state, now, world } = step;
  for (const { agent, at } of [...retiring(state, world)]) {
    if (at > now) continue;
    if (step.isFull()) return;
    for (const id of [...(state.inThreads.get(agent) ?? [])]) {
      const thread = state.threads.get(id);
      if (thread) leaveThread(step, thread, agent);
    }
    step.emit({ type: 'agent.retired', payload: { agent } });
  }
}

/** Who leaves the roster when: generated name, offline, nothing waiting for it, no call of its own that can be answered. */
function* retiring(state: State, world: World): Generator<{ readonly agent: AgentId; readonly at: number }> {
  let callers: Set<AgentId> | undefined;
  for (const { id, kind, generated } of state.agents.values()) {
    if (kind !== 'agent' || !generated) continue;
    const since = world.offlineSince(id);
    if (since === undefined) continue;
    const { unread } = waitingFor(state, id);
    // Also those that it may not know of yet.
    const calls = state.waiting.get(id)?.length ?? 0;
    callers ??= new Set([...state.calls.values()].filter(isOpen).map(({ call }) => call.from));
    if (unread + calls === 0 && !callers.has(id) && !state.openTasks.has(id))
      yield { agent: id, at: since + world.limits.retireAfter };
  }
}

function isOpen({ overAt }: CallRecord): boolean {
  return overAt === undefined;
}

/** Lets go of what nothing can ask for any more. Changes no outcome: it MAY run at any time or never. */
export function sweep(state: State, { limits }: Pick<World, 'limits'>, now: number): void {
  for (const own of state.feeds.values()) trimFeed(own, now - limits.eventsKept, 2 * limits.inboxItems);
  for (const [id, { overAt }] of state.calls) {
    if (overAt === undefined || overAt + aftermath > now) continue;
    state.calls.delete(id);
  }
  for (const [id, pending] of state.pending) {
    const { kind, thread, at } = pending;
    // Of a closed thread: its last words were in the feeds for this long.
    const isGone = kind === 'message' && !state.threads.has(thread ?? '');
    if (!isGone || at + limits.eventsKept > now) continue;
    for (const agent of pending.receipts.keys()) dropLastWord(state, agent, pending);
    forget(state, id);
  }
  sweepTasks(state, now);
  for (const [id, { at }] of state.closed) if (at + aftermath <= now) state.closed.delete(id);
  forgetKeys(state, now - limits.keysKept);
  for (const [pair, { at }] of state.pairs) if (at + limits.eventsKept <= now) state.pairs.delete(pair);
}
