import { pairWindow, type ThreadRecord, othersIn, pairKey } from './state';
import { checkMaySend } from './govern';
import type { AgentId, MessageId, Ref } from './model';
import type { Step } from './step';
import { bytesBeyond, fingerprint, oneLine } from './text';

/** What somebody wants to say. */
export interface Draft {
  readonly content: string;
  readonly refs?: readonly Ref[] | undefined;
  readonly replyTo?: MessageId | undefined;
  /** Idempotency key, per sender. */
  readonly key?: string | undefined;
}

/** A topic as it is stored. @throws `empty_topic`, `topic_too_long` */
export function checkTopic(step: Step, topic: string): string {
  const line = oneLine(topic);
  const { topicLength } = step.world.limits;
  if (line === '') step.refuse('empty_topic');
  if (line.length > topicLength) step.refuse('topic_too_long', { length: line.length, limit: topicLength });
  return line;
}

/** @throws `message_too_long`, `too_many_refs`, `ref_too_long` */
export function checkSize(step: Step, content: string, refs: readonly Ref[]): void {
  const { limits } = step.world;
  const bytes = bytesBeyond(content, limits.messageBytes);
  if (bytes !== undefined) step.refuse('message_too_long', { bytes, limit: limits.messageBytes });
  if (refs.length > limits.refsPerMessage)
    step.refuse('too_many_refs', { count: refs.length, limit: limits.refsPerMessage });
  for (const ref of refs) {
    const size = bytesBeyond(ref.excerpt ?? '', limits.refExcerptBytes);
    if (size !== undefined) step.refuse('ref_too_long', { bytes: size, limit: limits.refExcerptBytes });
  }
}

/**
 * Everything that can be wrong with a message, and the limits of its sender. `thread` is undefined for a new one.
 * @throws `empty_text`, `message_too_long`, `too_many_refs`, `ref_too_long`, `unknown_message`, `inbox_full`,
 * `repeated_text`, `turn_limit`, `loop_guard`, `rate_limited`, `not_allowed_to_send`
 */
export function checkDraft(
  step: Step,
  from: AgentId,
  thread: ThreadRecord | undefined,
  draft: Draft,
  recipients: readonly AgentId[] = thread ? othersIn(thread, from) : [],
): void {
  const { state, world } = step;
  const { limits } = world;
  if (draft.content.trim() === '') step.refuse('empty_text');
  checkSize(step, draft.content, draft.refs ?? []);
  if (draft.replyTo !== undefined && (thread?.ids.lastIndexOf(draft.replyTo) ?? -1) < 0) {
    step.refuse('unknown_message', { message: oneLine(draft.replyTo).slice(0, 64) });
  }
  for (const agent of recipients) checkInbox(step, agent);
  if (state.agents.get(from)?.kind === 'human') return;
  checkMaySend(step, from);
  if (thread) {
    const { repeat } = thread;
    if (repeat?.from === from && repeat.times >= 2 && repeat.fingerprint === fingerprint(draft.content))
      step.refuse('repeated_text');
    const limit = Math.min(thread.turnLimit ?? Infinity, limits.turns);
    if (thread.turns >= limit) step.refuse('turn_limit', { limit });
  }
  checkPairs(step, from, recipients);
  takeToken(step, from);
}

/** @throws `loop_guard` when the agent has written enough to one of these without a person */
export function checkPairs(step: Step, from: AgentId, recipients: readonly AgentId[]): void {
  const { state, world, now } = step;
  const { pairMessagesPerHour: limit } = world.limits;
  for (const agent of recipients) {
    const pair = state.pairs.get(pairKey(from, agent));
    if (!pair || now - pair.at >= pairWindow || pair.count < limit) continue;
    step.refuse('loop_guard', { limit, with: state.agents.get(agent)?.name ?? agent });
  }
}

/** @throws `inbox_full` when nothing more may wait for the agent */
export function checkInbox(step: Step, agent: AgentId): void {
  const { state, world } = step;
  const items = (state.waiting.get(agent)?.length ?? 0) + (state.unread.get(agent) ?? 0);
  if (items >= world.limits.inboxItems) {
    step.refuse('inbox_full', { agent: state.agents.get(agent)?.name ?? agent, limit: world.limits.inboxItems });
  }
}

/** Token bucket: `messageBurst` at once, refilled at `messagesPerMinute`. @throws `rate_limited` with the wait in ms */
export function takeToken(step: Step, agent: AgentId): void {
  const { world, now } = step;
  const { messageBurst, messagesPerMinute } = world.limits;
  const perMs = messagesPerMinute / 60_000;
  const bucket = world.rates.get(agent) ?? { tokens: messageBurst, at: now };
  const tokens = Math.min(messageBurst, bucket.tokens + Math.max(0, now - bucket.at) * perMs);
  if (tokens < 1) step.refuse('rate_limited', { limit: messagesPerMinute, retryMs: Math.ceil((1 - tokens) / perMs) });
  world.rates.set(agent, { tokens: tokens - 1, at: now });
}

/** What of refs counts for a key: where they point. The broker fills in the rest, which may differ when one repeats oneself. */
export function keyedRefs(refs: readonly Ref[] | undefined): unknown[] {
  return (refs ?? []).map(({ uri, range, note }) => [uri, range ?? null, note ?? '']);
}
