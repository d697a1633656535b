import {
  noRinger,
  type AgentId,
  type CallId,
  type MessageId,
  type RingReport,
  type SubjectId,
  type ThreadId,
} from './model';
import type { Step } from './step';
import { isIn, openThread } from './threads';

export interface Shown {
  readonly messages: readonly MessageId[];
  readonly calls: readonly CallId[];
  /** By what: `mcp`, `cli`, `subscription`, `hook`, `view`. */
  readonly via: string;
  /** Moves the agent's position, when it is beyond. */
  readonly position?: number | undefined;
}

/** An answer that held these whole was handed over in full. What was seen before makes no event. */
export function markSeen(step: Step, agent: AgentId, shown: Shown): void {
  const { pending, feeds } = step.state;
  const fresh = (id: SubjectId): boolean => {
    const state = pending.get(id)?.receipts.get(agent)?.state;
    return state === 'stored' || state === 'rung';
  };
  const messages = shown.messages.filter(fresh);
  const calls = shown.calls.filter(fresh);
  const moves = shown.position !== undefined && shown.position > (feeds.get(agent)?.position ?? 0);
  if (messages.length + calls.length === 0 && !moves) return;
  step.emit({
    type: 'receipt.seen',
    payload: { agent, messages, calls, via: shown.via, ...(moves && { position: shown.position }) },
  });
}

/** The thread was shown up to this seq. @throws `unknown_thread`, `thread_closed`, `not_participant` */
export function markThreadSeen(step: Step, agent: AgentId, id: ThreadId, seq: number, via: string): void {
  let unseen = step.state.lastWords.get(agent)?.get(id);
  if (!unseen) {
    const thread = openThread(step, id);
    if (!isIn(thread, agent)) return;
    unseen = thread.places.get(agent)?.unseen ?? [];
  }
  const messages = unseen.filter((message) => (step.state.pending.get(message)?.seq ?? Infinity) <= seq);
  markSeen(step, agent, { messages, calls: [], via });
}

/**
 * A ringer tried, or (`noRinger`) could not be. `wakes`: the agent was woken by it, which counts. What can neither move nor
 * counts makes no event; nor does what was reported before.
 */
export function reportRing(step: Step, subject: SubjectId, agent: AgentId, report: RingReport, wakes = false): void {
  const receipt = step.state.pending.get(subject)?.receipts.get(agent);
  const canMove = receipt?.state === 'stored' || receipt?.state === 'rung';
  const before = receipt?.report;
  const isNews = report.ringer !== noRinger || before?.ringer !== noRinger || before.detail !== report.detail;
  if (!wakes && !(canMove && isNews)) return;
  step.emit({ type: 'receipt.rung', payload: { subject, agent, report, ...(wakes && { wakes }) } });
}
