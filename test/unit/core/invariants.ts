import { isDeepStrictEqual } from 'node:util';
import { nextDue } from '../../../src/core/due';
import type { AgentId, ReceiptState, SubjectId, ThreadId } from '../../../src/core/model';
import { ruleOf } from '../../../src/core/govern';
import { canWarn } from '../../../src/core/pending';
import { presenceOf } from '../../../src/core/presence';
import { isOver, present, type Receipt, type State } from '../../../src/core/state';
import type { World } from '../../../src/core/step';
import { check, type Shadow } from './shadow';

const rank: Readonly<Record<ReceiptState, number>> = {
  stored: 0,
  rung: 1,
  seen: 2,
  answered: 3,
  refused: 3,
  expired: 3,
};

/** How far each receipt was when it was looked at last. */
export class ReceiptWatch {
  readonly #seen = new Map<SubjectId, Map<AgentId, { rank: number; receipt: Receipt }>>();

  /** Receipts only move forward. */
  look(state: State): void {
    for (const [subject, { receipts }] of state.pending) {
      let own = this.#seen.get(subject);
      if (!own) this.#seen.set(subject, (own = new Map()));
      for (const [agent, receipt] of receipts) {
        const before = own.get(agent);
        const now = rank[receipt.state];
        if (before?.rank === now && before.receipt === receipt) continue;
        check(before === undefined || now >= before.rank, 'receipts only forward', { subject, agent, before, now });
        own.set(agent, { rank: now, receipt });
      }
    }
  }

  /** As it is, or as it was when it was let go. */
  last(subject: SubjectId, agent: AgentId): Receipt | undefined {
    return this.#seen.get(subject)?.get(agent)?.receipt;
  }
}

/** Feeds hold exactly what concerns each agent: nothing of others, nothing of its own, nothing skipped. */
export function checkFeeds(state: State, shadow: Shadow): void {
  check(state.feeds.size === shadow.concerns.size, 'everyone on the roster has a feed');
  for (const [agent, { entries }] of state.feeds) {
    const concerns = shadow.concerns.get(agent);
    check(concerns?.length === entries.length, 'feeds hold what concerns the agent and nothing else', {
      agent,
      entries,
      concerns,
    });
    for (let index = entries.length - 1; index >= Math.max(0, entries.length - 12); index--) {
      const same = entries[index]?.offset === concerns?.[index]?.offset;
      check(same, 'feeds hold what concerns the agent and nothing else', { agent, entries, concerns });
    }
  }
}

/** What holds after every command. */
export function checkRinging(state: State, world: World): void {
  for (const [agent, waiting] of state.waiting) {
    let ordinary = 0;
    let idle = false;
    for (const id of waiting) {
      const record = state.calls.get(id);
      const leg = record?.legs.get(agent);
      if (leg?.state === 'ringing' && record?.call.urgency !== 'now') ordinary++;
      if (leg?.state === 'queued' && record?.call.urgency !== 'later') idle = true;
      const isThere = world.isConnected(record?.call.from ?? '');
      if (leg?.state === 'awaited' && isThere) idle = true;
    }
    check(ordinary <= 1, 'one ordinary call rings at a time', { agent, waiting });
    if (!idle || state.paused || ruleOf(state, agent).hold) continue;
    const free = presenceOf(state, world.isConnected(agent), agent) === 'available';
    check(!free, 'a queued call rings when its callee is free', { agent, waiting });
  }
}

/** The indexes agree with the records that they index. Costs the whole state. */
export function checkIndexes(state: State): void {
  checkAgents(state);
  checkCalls(state);
  checkThreads(state);
}

function checkAgents(state: State): void {
  check(state.names.size === state.agents.size, 'names agree with agents');
  for (const agent of state.agents.values()) {
    check(state.names.get(agent.name.toLowerCase()) === agent.id, 'names agree with agents', agent.name);
    const feed = state.feeds.get(agent.id);
    check(feed !== undefined && feed.position <= state.offset, 'a position is never beyond what happened', agent.id);
    let last = 0;
    for (const { offset } of feed?.entries ?? []) {
      check(offset > last, 'feeds are in order', agent.id);
      last = offset;
    }
  }
  for (const map of [state.waiting, state.inThreads]) {
    for (const agent of map.keys()) check(state.agents.has(agent), 'indexes hold living agents', agent);
  }
}

function checkCalls(state: State): void {
  const waiting = new Map<AgentId, string[]>();
  let last = 0;
  for (const [id, { legs, overAt, offset }] of state.calls) {
    check(offset > last, 'calls are in order of their offsets');
    last = offset;
    let open = 0;
    for (const leg of legs.values()) {
      const receipt = state.pending.get(id)?.receipts.get(leg.agent);
      check(isOver(leg) === (receipt === undefined), 'a call has a pending receipt for each open leg', id);
      if (isOver(leg)) continue;
      open++;
      waiting.set(leg.agent, [...(waiting.get(leg.agent) ?? []), id]);
    }
    check((open === 0) === (overAt !== undefined), 'a call is over when its legs are', id);
  }
  check(waiting.size === state.waiting.size, 'waiting agrees with the calls');
  for (const [agent, ids] of state.waiting) {
    check(waiting.get(agent)?.join() === ids.join(), 'waiting agrees with the calls', { agent, ids });
  }
}

function checkThreads(state: State): void {
  let joined = 0;
  let receipts = 0;
  for (const thread of state.threads.values()) {
    const inside = present(thread);
    joined += inside.length;
    check(
      inside.length >= (thread.mode === 'live' && !thread.room && !state.invitations.has(thread.id) ? 2 : 1),
      'an open thread has participants',
      thread.id,
    );
    const turn = thread.turn?.agent;
    check(turn === undefined || inside.includes(turn), 'a turn is of somebody who is there', thread.id);
    check(turn === undefined || state.agents.get(turn)?.kind !== 'human', 'a person has no turn', thread.id);
    for (const [agent, place] of thread.places) {
      const isInside = place.leftAt === undefined;
      check(
        isInside === (state.inThreads.get(agent)?.has(thread.id) ?? false),
        'inThreads agrees with the threads',
        agent,
      );
      if (!isInside) check(place.unseen.length + place.seen.length === 0, 'nothing waits for who has left', thread.id);
      for (const [ids, states] of [
        [place.unseen, ['stored', 'rung']],
        [place.seen, ['seen']],
      ] as const) {
        for (const id of ids) {
          receipts++;
          const receipt = state.pending.get(id)?.receipts.get(agent);
          check(receipt !== undefined && states.some((one) => one === receipt.state), 'places agree with receipts', {
            id,
            agent,
          });
        }
      }
    }
  }
  let indexed = 0;
  for (const ids of state.inThreads.values()) indexed += ids.size;
  check(indexed === joined, 'inThreads agrees with the threads');
  checkCounts(state);
  for (const { kind, thread, receipts: own } of state.pending.values()) {
    check(own.size > 0, 'pending is what can still move');
    const open = kind === 'message' && state.threads.has(thread as ThreadId);
    if (open) receipts -= own.size;
    else for (const receipt of own.values()) check(rank[receipt.state] < 3, 'pending is what can still move');
  }
  check(receipts === 0, 'places agree with receipts');
}

function checkCounts(state: State): void {
  const unread = new Map<AgentId, number>();
  for (const { places } of state.threads.values()) {
    for (const [agent, { unseen }] of places) {
      if (unseen.length > 0) unread.set(agent, (unread.get(agent) ?? 0) + unseen.length);
    }
  }
  for (const [agent, threads] of state.lastWords) {
    check(threads.size > 0, 'last words are somebody’s');
    for (const [thread, messages] of threads) {
      check(messages.length > 0 && !state.threads.has(thread), 'last words are of closed threads');
      unread.set(agent, (unread.get(agent) ?? 0) + messages.length);
    }
  }
  check(isDeepStrictEqual(unread, state.unread), 'unread agrees with the threads');
  const watched = [...state.pending.values()]
    .filter(({ receipts }) => [...receipts.values()].some(canWarn))
    .map(({ id }) => id);
  const { live, async } = state.unwarned;
  check(watched.length === live.size + async.size, 'unwarned agrees with the receipts');
  for (const id of watched) {
    const thread = state.threads.get(state.pending.get(id)?.thread ?? '');
    check(
      thread ? state.unwarned[thread.mode].has(id) : live.has(id) || async.has(id),
      'unwarned agrees with the receipts',
      id,
    );
  }
}

/** After everything due was done, what is due next lies ahead: a timer never spins. */
export function checkTime(state: State, world: World, now: number): void {
  const next = nextDue(state, world);
  check(next === undefined || next > now, 'what was due is done', { now, next });
}
