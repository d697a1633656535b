import { findAgent, knownAgent } from './agents';
import { checkMaySend } from './govern';
import { checkSize, checkTopic, keyedRefs, takeToken } from './drafts';
import { keyUse, usedKey } from './keys';
import type { AgentId, Ref, ThreadId, ThreadMode, TurnOrder } from './model';
import { present, type ThreadRecord } from './state';
import type { Step } from './step';
import { currentThread, isIn, join, leaveThread, note, openThread, passTurns, say, turnLimitOf } from './threads';

export interface RoomOpening {
  readonly topic: string;
  readonly mode?: ThreadMode | undefined;
  readonly closedToNewcomers?: boolean | undefined;
  readonly turns?: TurnOrder | undefined;
  /** At most the limit `turns`, which holds when none is given. */
  readonly turnLimit?: number | undefined;
  /** The first message. */
  readonly content?: string | undefined;
  readonly refs?: readonly Ref[] | undefined;
  /** What else the key stands for, e.g. whom the opener invites. */
  readonly keyed?: readonly unknown[] | undefined;
  readonly key?: string | undefined;
}

/**
 * Opens a room with its opener alone in it. It lives until nobody is in it or, when live, until it is idle.
 * @throws `empty_topic`, `topic_too_long`, `message_too_long`, `ref_too_long`, `too_many_refs`, `turn_limit_too_high`,
 * `key_conflict`, `too_many_rooms`, `not_allowed_to_send`, `rate_limited` (opening a room counts as a message)
 */
export function openRoom(step: Step, from: AgentId, opening: RoomOpening): ThreadId {
  const agent = knownAgent(step, from);
  const { mode = 'live', closedToNewcomers = false, turns = 'free', turnLimit, refs = [], keyed = [] } = opening;
  const topic = checkTopic(step, opening.topic);
  const content = opening.content?.trim() === '' ? undefined : opening.content;
  checkSize(step, content ?? '', refs);
  const { limits } = step.world;
  if (turnLimit !== undefined && turnLimit > limits.turns) step.refuse('turn_limit_too_high', { limit: limits.turns });
  const parts = ['open', topic, mode, closedToNewcomers, turns, turnLimit ?? 0, content ?? '', keyedRefs(refs), keyed];
  const key = keyUse(opening.key, parts);
  const earlier = usedKey(step, from, key);
  if (earlier?.kind === 'thread') return earlier.thread;
  if (agent.kind !== 'human') {
    checkRooms(step, from);
    checkMaySend(step, from);
    takeToken(step, from);
  }
  const thread = step.newId();
  step.emit({
    type: 'thread.opened',
    payload: {
      thread,
      topic,
      mode,
      home: step.state.home,
      open: !closedToNewcomers,
      room: true,
      ...(turns === 'round-robin' && { order: turns }),
      ...(turnLimit !== undefined && { turnLimit }),
      by: from,
      ...(key && { key }),
    },
  });
  join(step, thread, from);
  if (content !== undefined || refs.length > 0) say(step, thread, from, { content: content ?? '', refs });
  return thread;
}

/** @throws `too_many_rooms` when the agent has opened enough of those that are open */
function checkRooms(step: Step, agent: AgentId): void {
  const { rooms: limit } = step.world.limits;
  let opened = 0;
  for (const { room, by } of step.state.threads.values()) if (room && by === agent) opened++;
  if (opened >= limit) step.refuse('too_many_rooms', { limit });
}

/**
 * Comes into an open room; the person may come into any thread.
 * @throws `unknown_thread`, `thread_closed`, `already_in`, `not_open`, `thread_full`
 */
export function joinRoom(step: Step, from: AgentId, id: ThreadId): ThreadRecord {
  const agent = knownAgent(step, from);
  const thread = openThread(step, id);
  if (isIn(thread, from)) step.refuse('already_in', { thread: id });
  if (agent.kind !== 'human') {
    if (!thread.open) step.refuse('not_open', { thread: id });
    checkPlace(step, thread);
  }
  join(step, id, from);
  return thread;
}

/** @throws `thread_full` when nobody more may come in */
export function checkPlace(step: Step, thread: ThreadRecord): void {
  const { participants: limit } = step.world.limits;
  if (present(thread).length >= limit) step.refuse('thread_full', { limit });
}

/**
 * Gives the thread another topic.
 * @throws what {@link reachable} throws, `empty_topic`, `topic_too_long`, `thread_paused`, `not_allowed_to_send`, `rate_limited`
 */
export function renameThread(step: Step, by: AgentId, id: ThreadId, wanted: string): void {
  const thread = reachable(step, by, id);
  const topic = checkTopic(step, wanted);
  const agent = knownAgent(step, by);
  if (thread.state === 'paused' && agent.kind !== 'human') step.refuse('thread_paused', { thread: id });
  if (topic === thread.topic) return;
  if (agent.kind !== 'human') {
    checkMaySend(step, by);
    takeToken(step, by);
  }
  step.emit({ type: 'thread.renamed', payload: { thread: id, topic, by } });
  note(step, id, `${agent.name} gave this thread another topic: ${topic}`, by);
}

/** Only the person writes from now on. A thread that is paused already stays so. @throws `unknown_thread`, `thread_closed` */
export function pauseThread(step: Step, by: AgentId, id: ThreadId): void {
  if (openThread(step, id).state === 'open') step.emit({ type: 'thread.paused', payload: { thread: id, by } });
}

/** The thread goes on. @throws `unknown_thread`, `thread_closed` */
export function resumeThread(step: Step, by: AgentId, id: ThreadId): void {
  const thread = openThread(step, id);
  if (thread.state !== 'paused') return;
  step.emit({ type: 'thread.resumed', payload: { thread: id, by } });
  passTurns(step, thread);
}

/** Lets agents send so many messages more until a person speaks; default: as many as at first. @throws `unknown_thread`, `thread_closed` */
export function grantTurns(step: Step, by: AgentId, id: ThreadId, wanted: number | undefined): void {
  const thread = openThread(step, id);
  const turns = wanted ?? turnLimitOf(step, thread);
  step.emit({ type: 'thread.granted', payload: { thread: id, turns, by } });
  note(step, id, `${knownAgent(step, by).name} granted more turns: ${turns}.`, by);
  passTurns(step, thread);
}

/**
 * The person takes an agent out of a thread. It may come back by an invitation, or into an open room by itself.
 * @throws `unknown_agent`, `not_in_thread`, `no_current_thread`, `which_thread`, `unknown_thread`, `thread_closed`
 */
export function removeFromThread(step: Step, by: AgentId, threadId: ThreadId | undefined, name: string): ThreadId {
  const agent = findAgent(step, name);
  const thread = openThread(step, threadId ?? currentThread(step, by));
  if (!isIn(thread, agent.id)) step.refuse('not_in_thread', { name: agent.name, topic: thread.topic });
  if (agent.id === by) {
    leaveThread(step, thread, by);
    return thread.id;
  }
  note(step, thread.id, `${knownAgent(step, by).name} takes ${agent.name} out.`, by);
  leaveThread(step, thread, agent.id, by);
  return thread.id;
}

/** The thread, when this one is in it or is the person. @throws `unknown_thread`, `thread_closed`, `not_participant` */
export function reachable(step: Step, by: AgentId, id: ThreadId): ThreadRecord {
  const thread = openThread(step, id);
  if (!isIn(thread, by) && knownAgent(step, by).kind !== 'human')
    step.refuse('not_participant', { thread: id, topic: thread.topic });
  return thread;
}
