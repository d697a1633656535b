import { findAgent, knownAgent } from './agents';
import { checkDraft, checkSize, checkTopic, keyedRefs, type Draft } from './drafts';
import { keyUse, usedKey } from './keys';
import type { BroadcastOutcome } from './events';
import { defaultTopic, type Agent, type AgentId } from './model';
import { Refusal } from './refusal';
import type { ThreadRecord } from './state';
import type { Step } from './step';
import { utf8Length } from './text';
import { openThreadFor, say, threadOfTwo } from './threads';

export interface Broadcasting {
  /** Names or ids; asked for once, and not for a repeat. */
  readonly to: () => readonly string[];
  /** What whom it goes to was chosen by: with the same key it must be the same. */
  readonly filter: readonly unknown[];
  readonly topic?: string | undefined;
  readonly draft: Draft;
}

/**
 * Leaves the same message for several, each in the thread of two with the sender. Whom it cannot go to is named with the
 * refusal, which keeps it from nobody else. Each copy takes a token of the sender's rate. The same key goes out once: later
 * the first outcome is answered again.
 * @throws `empty_text`, `message_too_long`, `too_many_refs`, `ref_too_long`, `empty_topic`, `topic_too_long`, `key_conflict`,
 * `broadcast_too_large`
 */
export function broadcast(step: Step, from: AgentId, { to, filter, topic, draft }: Broadcasting): BroadcastOutcome {
  const sender = knownAgent(step, from);
  if (draft.content.trim() === '') step.refuse('empty_text');
  checkSize(step, draft.content, draft.refs ?? []);
  const about = topic === undefined ? defaultTopic : checkTopic(step, topic);
  const key = keyUse(draft.key, ['broadcast', filter, about, draft.content, keyedRefs(draft.refs)]);
  const earlier = usedKey(step, from, key);
  if (earlier?.kind === 'broadcast') return earlier.outcome;

  // Everything is checked before the first copy goes out: a rule refuses nothing after it has changed something.
  const refused: BroadcastOutcome['refused'][number][] = [];
  const copies = new Map<AgentId, ThreadRecord | undefined>();
  const names = [...new Set(to())];
  checkWhole(step, draft, names.length);
  for (const name of names) {
    try {
      const recipient = findAgent(step, name);
      if (!copies.has(recipient.id)) copies.set(recipient.id, checkCopy(step, sender, recipient, about, draft));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const known = step.state.agents.get(name);
      refused.push({ name: known?.name ?? name.slice(0, 64), code: error.code, facts: error.facts });
    }
  }
  const id = step.newId();
  const sent = [...copies].map(([agent, existing]) => {
    const thread = existing?.id ?? openThreadFor(step, { topic: about, mode: 'async', pair: [from, agent] });
    const { message } = say(step, thread, from, { content: draft.content, refs: draft.refs }, { broadcast: id });
    return { agent, thread, message };
  });
  const outcome: BroadcastOutcome = { broadcast: id, sent, refused };
  if (key) step.emit({ type: 'broadcast.sent', payload: { from, outcome, key } });
  return outcome;
}

/** All copies are kept together or not at all, which a journal can do up to a bound. @throws `broadcast_too_large` */
function checkWhole(step: Step, { content, refs = [] }: Draft, copies: number): void {
  const { broadcastBytes: limit } = step.world.limits;
  const quotes = 2;
  const words = utf8Length(JSON.stringify(content)) - quotes;
  const bytes = copies * (words + (refs.length === 0 ? 0 : utf8Length(JSON.stringify(refs))));
  if (bytes > limit) step.refuse('broadcast_too_large', { bytes, limit, count: copies });
}

/** The thread that one copy goes into; undefined: a new one. */
function checkCopy(step: Step, sender: Agent, recipient: Agent, topic: string, draft: Draft): ThreadRecord | undefined {
  if (recipient.id === sender.id) step.refuse('cannot_call_yourself', { name: sender.name });
  const existing = threadOfTwo(step, sender.id, recipient.id, topic);
  if (existing?.state === 'paused' && sender.kind !== 'human') step.refuse('thread_paused', { thread: existing.id });
  checkDraft(step, sender.id, existing, draft, [recipient.id]);
  return existing;
}
