import type { DurableEvent, Facts } from './events';
import { feed } from './feed';
import { rememberKey } from './keys';
import { addPending, keepLastWords, moveReceipt, settle } from './pending';
import type { AgentId } from './model';
import { fingerprint } from './text';
import { othersIn, pairKey, pairWindow, type Receipt, type State, type ThreadRecord } from './state';
import { beginTurns, passTurn, restartTurn, skipTurn } from './turns';

/** The types of events that change threads. */
export type ThreadEvent = Extract<
  DurableEvent,
  {
    readonly type:
      `thread.${'opened' | 'paused' | 'resumed' | 'renamed' | 'granted' | 'limited'}` | 'message.sent' | 'turn.skipped';
  }
>;

/** What `apply` does for an event of a thread; the feeds come after it. */
export function applyThread(state: State, event: ThreadEvent): void {
  const { time } = event;
  if (event.type === 'thread.opened') {
    open(state, event.payload, time);
    return;
  }
  if (event.type === 'message.sent') {
    applyMessage(state, event.payload, time);
    return;
  }
  const thread = state.threads.get(event.payload.thread);
  if (!thread) return;
  switch (event.type) {
    case 'thread.paused':
      thread.state = 'paused';
      break;
    case 'thread.resumed':
      thread.state = 'open';
      thread.resumedAt = time;
      restartTurn(thread, time);
      break;
    case 'thread.renamed':
      thread.topic = event.payload.topic;
      break;
    case 'thread.granted':
      thread.turns -= event.payload.turns;
      if (thread.turns < (thread.limited ?? 0)) endLimit(thread, time);
      break;
    case 'thread.limited':
      thread.limited = event.payload.limit;
      break;
    case 'turn.skipped':
      skipTurn(state, thread, event.payload.agent, time);
      break;
  }
}

function open(state: State, opened: Facts['thread.opened'], time: number): void {
  const { thread: id, key, by, ...rest } = opened;
  state.threads.set(id, {
    ...rest,
    ...(by !== undefined && { by }),
    id,
    state: 'open',
    openedAt: time,
    lastAt: time,
    ids: [],
    places: new Map(),
    turns: 0,
  });
  if (by !== undefined) rememberKey(state, by, key, time, { kind: 'thread', thread: id });
}

function applyMessage(state: State, { message, answers, key }: Facts['message.sent'], time: number): void {
  const thread = state.threads.get(message.thread);
  if (!thread) return;
  thread.ids.push(message.id);
  // A note of the broker keeps no thread from falling idle.
  if (message.type !== 'system') thread.lastAt = time;
  if (message.type === 'join') {
    // Who comes back comes last.
    thread.places.delete(message.from);
    thread.places.set(message.from, { joinedAt: time, unseen: [], seen: [] });
    let threads = state.inThreads.get(message.from);
    if (!threads) state.inThreads.set(message.from, (threads = new Set()));
    threads.add(thread.id);
    beginTurns(state, thread, message.from, time);
  }
  if (message.type === 'leave') {
    leavePlace(state, thread, message.from, time);
    if (thread.turn?.agent === message.from) passTurn(state, thread, message.from, time);
  }
  if (message.type === 'message') {
    const recipients = othersIn(thread, message.from);
    const receipts = new Map<AgentId, Receipt>();
    for (const agent of recipients) receipts.set(agent, { state: 'stored', at: time });
    const { id, seq, from } = message;
    addPending(state, { kind: 'message', id, thread: thread.id, seq, from, at: time, receipts });
    for (const answered of answers) moveReceipt(state, answered, message.from, 'answered', time);
    spend(state, thread, message.from, message.content, time, recipients);
  }
  const { id, seq, from } = message;
  rememberKey(state, from, key, time, { kind: 'message', thread: thread.id, message: id, seq });
}

/** Counts the message against the limits that keep agents from talking in circles, and passes the turn on. */
function spend(
  state: State,
  thread: ThreadRecord,
  from: AgentId,
  text: string,
  time: number,
  recipients: readonly AgentId[],
): void {
  const human = (agent: AgentId): boolean => state.agents.get(agent)?.kind === 'human';
  if (human(from)) {
    // What was granted beyond the limit stays.
    thread.turns = Math.min(thread.turns, 0);
    delete thread.repeat;
    endLimit(thread, time);
    for (const agent of recipients) {
      for (const other of recipients) if (agent < other) state.pairs.delete(pairKey(agent, other));
    }
    return;
  }
  thread.turns++;
  if (thread.order !== undefined) {
    thread.skips = 0;
    passTurn(state, thread, from, time);
  }
  const print = fingerprint(text);
  const same = thread.repeat?.from === from && thread.repeat.fingerprint === print;
  thread.repeat = { from, fingerprint: print, times: same ? (thread.repeat?.times ?? 0) + 1 : 1 };
  for (const agent of recipients) {
    if (human(agent)) continue;
    const key = pairKey(from, agent);
    const pair = state.pairs.get(key);
    if (!pair || time - pair.at >= pairWindow) state.pairs.set(key, { count: 1, at: time });
    else pair.count++;
  }
}

function endLimit(thread: ThreadRecord, time: number): void {
  if (thread.limited === undefined) return;
  delete thread.limited;
  restartTurn(thread, time);
}

function leavePlace(state: State, thread: ThreadRecord, agent: AgentId, time: number): void {
  const place = thread.places.get(agent);
  if (!place) return;
  for (const id of [...place.unseen]) moveReceipt(state, id, agent, 'expired', time);
  for (const id of place.seen) settle(state, id, agent);
  Object.assign(place, { leftAt: time, unseen: [], seen: [] });
  state.inThreads.get(agent)?.delete(thread.id);
}

export function applyClosed(
  state: State,
  payload: Facts['thread.closed'],
  event: DurableEvent,
  audience: AgentId[],
): void {
  const thread = state.threads.get(payload.thread);
  if (!thread) return;
  feed(state, event, audience);
  for (const agent of thread.places.keys()) state.inThreads.get(agent)?.delete(thread.id);
  for (const [agent, place] of thread.places) {
    // Nothing can answer in a closed thread, but who listens next is still told its last words.
    for (const id of place.seen) settle(state, id, agent);
    if (place.unseen.length > 0) keepLastWords(state, agent, thread.id, place.unseen);
  }
  state.threads.delete(thread.id);
  state.closed.set(thread.id, { at: event.time, topic: thread.topic });
}
