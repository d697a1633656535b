import type { AgentId, MessageId, ReceiptState, SubjectId, ThreadId } from './model';
import { seenKept, type Pending, type Receipt, type State } from './state';

const rank: Readonly<Record<ReceiptState, number>> = {
  stored: 0,
  rung: 1,
  seen: 2,
  answered: 3,
  refused: 3,
  expired: 3,
};

/** Puts a message or call before its recipients. A word that nobody is there to hear leaves nothing pending. */
export function addPending(state: State, pending: Pending): void {
  if (pending.receipts.size === 0) return;
  const { id, receipts } = pending;
  const thread = state.threads.get(pending.thread ?? '');
  state.pending.set(id, pending);
  state.unwarned[thread?.mode ?? 'async'].add(id);
  for (const agent of thread ? receipts.keys() : []) {
    thread?.places.get(agent)?.unseen.push(id);
    countUnread(state, agent, 1);
  }
}

/** Moves a receipt forward, never back; what can move no more is let go. */
export function moveReceipt(state: State, subject: SubjectId, agent: AgentId, to: ReceiptState, time: number): void {
  const pending = state.pending.get(subject);
  const receipt = pending?.receipts.get(agent);
  if (!pending || !receipt || rank[to] <= rank[receipt.state]) return;
  receipt.state = to;
  receipt.at = time;
  const place = state.threads.get(pending.thread ?? '')?.places.get(agent);
  if (place) {
    if (drop(place.unseen, subject)) countUnread(state, agent, -1);
    if (to === 'seen') {
      place.seen.push(subject);
      const forgotten = place.seen.length > seenKept ? place.seen.shift() : undefined;
      if (forgotten !== undefined) settle(state, forgotten, agent);
    } else drop(place.seen, subject);
  } else if (rank[to] >= rank.seen) dropLastWord(state, agent, pending);
  const isLast = rank[to] === 3 || (to === 'seen' && pending.kind === 'message' && !place);
  if (isLast) settle(state, subject, agent);
  else checkWarned(state, pending);
}

export function refuseReceipt(state: State, subject: SubjectId, agent: AgentId, code: string, time: number): void {
  const receipt = state.pending.get(subject)?.receipts.get(agent);
  if (receipt) receipt.code = code;
  moveReceipt(state, subject, agent, 'refused', time);
}

/** The sender was told that this recipient has not seen it. */
export function setTold(state: State, subject: SubjectId, agent: AgentId): void {
  const pending = state.pending.get(subject);
  const receipt = pending?.receipts.get(agent);
  if (!pending || !receipt) return;
  receipt.told = true;
  checkWarned(state, pending);
}

/** Lets a receipt go that can move no more, and the pending entry with the last of them. */
export function settle(state: State, subject: SubjectId, agent: AgentId): void {
  const pending = state.pending.get(subject);
  const receipt = pending?.receipts.get(agent);
  if (!pending || !receipt) return;
  if (pending.kind === 'call') state.calls.get(pending.id)?.settled.set(agent, receipt);
  const task = pending.kind === 'task' ? state.tasks.get(pending.id) : undefined;
  if (task) task.receipt = receipt;
  pending.receipts.delete(agent);
  if (pending.receipts.size === 0) forget(state, subject);
  else checkWarned(state, pending);
}

export function forget(state: State, subject: SubjectId): void {
  state.pending.delete(subject);
  state.unwarned.live.delete(subject);
  state.unwarned.async.delete(subject);
}

/** Whether the sender can still be warned that the recipient has not seen it. */
export function canWarn(receipt: Receipt): boolean {
  return !receipt.told && rank[receipt.state] < rank.seen;
}

/** The thread closed before the agent was shown these. */
export function keepLastWords(state: State, agent: AgentId, thread: ThreadId, messages: readonly MessageId[]): void {
  const own = state.lastWords.get(agent) ?? new Map<ThreadId, MessageId[]>();
  own.set(thread, [...messages]);
  state.lastWords.set(agent, own);
}

/** The agent was shown this message of a closed thread, or nobody will show it any more. */
export function dropLastWord(state: State, agent: AgentId, { id, thread }: Pending): void {
  const own = state.lastWords.get(agent);
  const messages = own?.get(thread ?? '');
  if (!own || !messages || !drop(messages, id)) return;
  countUnread(state, agent, -1);
  if (messages.length === 0) own.delete(thread ?? '');
  if (own.size === 0) state.lastWords.delete(agent);
}

export function countUnread(state: State, agent: AgentId, change: number): void {
  const count = (state.unread.get(agent) ?? 0) + change;
  if (count > 0) state.unread.set(agent, count);
  else state.unread.delete(agent);
}

function checkWarned(state: State, { id, receipts }: Pending): void {
  for (const receipt of receipts.values()) if (canWarn(receipt)) return;
  state.unwarned.live.delete(id);
  state.unwarned.async.delete(id);
}

/** Whether it was there. Mostly it is the oldest or the newest: both are found at once. */
function drop<T>(list: T[], value: T): boolean {
  const index = list.at(-1) === value ? list.length - 1 : list.indexOf(value);
  if (index < 0) return false;
  list.splice(index, 1);
  return true;
}
