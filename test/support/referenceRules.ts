import { checkPlace, expireOld, miss } from './referenceCalls';
import { follow } from './referenceFollow';
import { passBy } from './referenceHunts';
import { closeLonely, endInvitations } from './referenceInvitations';
import type { ReferenceModel } from './referenceModel';
import { grantTurns, passAbsent, skipAt, whoseTurn } from './referenceTurns';
import {
  found,
  legAt,
  refuse,
  type ModelAgent,
  type ModelMessage,
  type ModelReceipt,
  type ModelThread,
} from './referenceTypes';

/** What agents, the person and time do to the {@link ReferenceModel}, in the words of the rules. */

export interface ModelWords {
  readonly content: string;
  readonly replyTo?: number | undefined;
  readonly key?: string | undefined;
}

export function send(
  model: ReferenceModel,
  from: string,
  index: number | undefined,
  { content, replyTo, key }: ModelWords,
): ModelMessage {
  const print = JSON.stringify(['send', index, content, replyTo]);
  const earlier = model.used(from, key, print) as { thread: number; seq: number } | undefined;
  if (earlier) return found(model.thread(earlier.thread).messages[earlier.seq - 1]);
  const thread = model.openThreadAt(from, index);
  const { isPerson } = model.agent(from);
  if (!thread.present.includes(from) && !isPerson) refuse('not_participant');
  // In a room, and where somebody is invited, one may yet come.
  const mayCome = thread.room !== undefined || model.invited(thread).length > 0;
  if (!mayCome && !thread.present.some((name) => name !== from)) refuse('nobody_there');
  if (!isPerson && (whoseTurn(model, thread) ?? from) !== from) refuse('not_your_turn');
  if (replyTo !== undefined && !thread.messages[replyTo - 1]) refuse('unknown_message');
  if (!isPerson && thread.room && thread.room.spent >= thread.room.turnLimit) refuse('turn_limit');
  if (!thread.present.includes(from)) model.join(thread, from);
  const message = model.say(thread, from, content, replyTo);
  model.keep(from, key, print, { thread: thread.index, seq: message.seq });
  follow(model);
  return message;
}

export function leaveMessage(model: ReferenceModel, from: string, to: string, words: ModelWords): ModelMessage {
  const { content, key } = words;
  if (from === to) refuse('cannot_call_yourself');
  const print = JSON.stringify(['message', to, content]);
  const earlier = model.used(from, key, print) as { thread: number; seq: number } | undefined;
  if (earlier) return found(model.thread(earlier.thread).messages[earlier.seq - 1]);
  const isOfTwo = (one: ModelThread): boolean =>
    one.isOpen && [from, to].every((name) => one.pair.includes(name) && one.present.includes(name));
  const existing = model.state.threads.find((one) => isOfTwo(one) && one.present.length === 2);
  const opening = { topic: 'Messages', mode: 'async', members: [from, to], isDirect: true } as const;
  const thread = existing ?? model.openThread(opening);
  const message = model.say(thread, from, content);
  model.keep(from, key, print, { thread: thread.index, seq: message.seq });
  follow(model);
  return message;
}

export function leave(model: ReferenceModel, from: string, index: number | undefined, close: boolean): void {
  const thread = model.openThreadAt(from, index);
  if (!thread.present.includes(from) && !(close && model.agent(from).isPerson))
    refuse(thread.left.includes(from) ? 'already_left' : 'not_participant');
  if (close) model.closeThread(thread, from);
  else model.leaveThread(thread, from);
  follow(model);
}

/** A room with its opener alone in it. */
export function openRoom(
  model: ReferenceModel,
  by: string,
  room: { topic: string; isOpenToAll: boolean; isRoundRobin: boolean; turnLimit: number },
): ModelThread {
  const { topic, ...rest } = room;
  const turns = { turn: undefined, skips: 0, skippedAt: {}, spent: 0, isLimited: false };
  return model.openThread({ topic, mode: 'live', members: [by], room: { ...rest, ...turns } });
}

export function joinRoom(model: ReferenceModel, by: string, index: number): void {
  const thread = model.openThreadAt(by, index);
  if (thread.present.includes(by)) refuse('already_in');
  if (!model.agent(by).isPerson && thread.room?.isOpenToAll !== true) refuse('not_open');
  checkPlace(model, thread, by);
  model.join(thread, by);
  follow(model);
}

/** The person lets agents go on. */
export function grant(model: ReferenceModel, by: string, index: number, turns: number | undefined): void {
  grantTurns(model, by, model.openThreadAt(by, index), turns);
}

export function changeProfile(
  model: ReferenceModel,
  name: string,
  change: { readonly busy?: boolean; readonly policy?: ModelAgent['policy'] },
): void {
  Object.assign(model.agent(name), change);
  follow(model);
}

/** A connection of the agent came up. */
export function arrive(model: ReferenceModel, name: string): void {
  const agent = model.agent(name);
  agent.connected = true;
  agent.graceUntil = undefined;
  follow(model);
}

/** Its connection went; `dropped`: without a goodbye. */
export function depart(model: ReferenceModel, name: string, dropped: boolean): void {
  const agent = model.agent(name);
  agent.connected = false;
  agent.goneAt = model.state.now;
  agent.graceUntil = dropped ? model.state.now + model.limits.dropGrace : undefined;
  follow(model);
}

/** The broker was down until now: nobody is connected, and what rang rings on for a while. */
export function restart(model: ReferenceModel): void {
  const { now, agents, calls } = model.state;
  model.state.startedAt = now;
  for (const agent of agents) Object.assign(agent, { connected: false, graceUntil: undefined, goneAt: now });
  for (const leg of calls.flatMap((call) => call.legs)) {
    if (leg.state === 'ringing') leg.deadline = Math.max(leg.deadline ?? 0, now + model.limits.ringAfterRestart);
  }
  happen(model);
}

/** Time goes on to `end`; everything happens when it is due. */
export function pass(model: ReferenceModel, end: number): void {
  for (;;) {
    const next = Math.min(...moments(model).filter((time) => time > model.state.now));
    if (next > end) break;
    model.state.now = next;
    for (const agent of model.state.agents) {
      if (agent.graceUntil !== undefined && agent.graceUntil <= next) agent.graceUntil = undefined;
    }
    happen(model);
  }
  model.state.now = end;
}

/** Every time at which something may happen. */
function moments(model: ReferenceModel): number[] {
  const { agents, calls, threads } = model.state;
  const { callExpiry, threadIdle, offlineLeave } = model.limits;
  return [
    ...agents.flatMap(({ graceUntil, goneAt }) => [graceUntil ?? Infinity, goneAt + offlineLeave]),
    ...calls.flatMap(({ placedAt, legs }) => [placedAt + callExpiry, ...legs.map((leg) => leg.deadline ?? Infinity)]),
    ...calls.flatMap(({ legs }) => legs.map(({ cameAt }) => cameAt + model.limits.watchdogAsync)),
    ...calls.map(({ placedAt }) => placedAt + model.limits.ringAgent),
    ...threads.flatMap((thread) => [thread.lastAt + threadIdle, skipAt(model, thread)]),
    ...threads.flatMap(({ messages }) => messages.map(({ at, patience }) => at + patience)),
  ];
}

/** What is due now: rings lapse and calls expire, threads fall idle, who is away leaves, senders are warned. */
function happen(model: ReferenceModel): void {
  const { now, threads } = model.state;
  for (const name of [...model.state.waiting]) {
    for (const call of model.waitingAt(name)) {
      const leg = legAt(call, name);
      if (leg.state === 'ringing') {
        if (found(leg.deadline) > now) continue;
        if (call.line) {
          passBy(model, call, leg);
          continue;
        }
        miss(model, call, leg);
      }
      expireOld(model, call, leg);
    }
  }
  for (const thread of threads.filter((one) => one.isOpen && one.mode === 'live')) {
    passAbsent(model, thread);
    if (thread.lastAt + model.limits.threadIdle <= now) {
      model.closeThread(thread);
      continue;
    }
    for (const name of [...thread.present]) {
      const agent = model.agent(name);
      const isLongGone = !model.isThere(agent) && agent.goneAt + model.limits.offlineLeave <= now;
      if (isLongGone && thread.isOpen) model.leaveThread(thread, name);
    }
  }
  closeLonely(model);
  endInvitations(model);
  warn(model, (subject) => subject.patience === model.limits.watchdogLive);
  warn(model, (subject) => subject.patience !== model.limits.watchdogLive);
  follow(model);
}

interface Subject {
  readonly at: number;
  readonly patience: number;
  readonly from: string;
  readonly receipts: readonly ModelReceipt[];
}

/** Tells senders, once for each recipient, what was not seen in time. */
function warn(model: ReferenceModel, which: (subject: Subject) => boolean): void {
  const { now, calls, threads } = model.state;
  const patience = model.limits.watchdogAsync;
  const subjects: Subject[] = [
    ...calls
      .flatMap(({ from, legs }) =>
        legs.map((leg) => ({ at: leg.cameAt, patience, from, receipts: [leg.receipt], leg })),
      )
      .sort((one, other) => one.leg.came - other.leg.came),
    ...threads.flatMap((thread) => thread.messages),
  ];
  for (const { at, patience: most, from, receipts } of subjects.filter(which).sort((a, b) => a.at - b.at)) {
    if (at + most > now) continue;
    for (const receipt of receipts) {
      if (receipt.state !== 'stored' || receipt.warned) continue;
      receipt.warned = true;
      const presence = model.presence(receipt.agent);
      const reason = presence === 'offline' || presence === 'busy' ? presence : 'not-listening';
      model.tell(from, { what: 'unseen', agent: receipt.agent, reason });
    }
  }
}

/** What waits for the agent, in counts. */
export function waitingCounts(
  model: ReferenceModel,
  name: string,
): { grants?: number; unread: number; calls: number; ringing: number } {
  const limited = model.state.threads.filter((one) => one.isOpen && one.room?.isLimited === true).length;
  return {
    ...(model.agent(name).isPerson && limited > 0 && { grants: limited }),
    unread: model.unread(name),
    calls: model.waitingAt(name).length,
    ringing: model.ringingAt(name).length,
  };
}
