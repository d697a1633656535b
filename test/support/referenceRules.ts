import {
  found,
  freshReceipt,
  isOver,
  legAt,
  receiptOf,
  refuse,
  type ModelAgent,
  type ModelCall,
  type ModelLeg,
  type ModelMessage,
  type ModelReceipt,
  type ModelThread,
  type ReferenceModel,
} from './referenceModel';

/** What agents, the person and time do to the {@link ReferenceModel}, in the words of the rules. */

export interface ModelPlacing {
  readonly to: readonly string[];
  readonly urgency: 'now' | 'next' | 'later';
  readonly content: string | undefined;
  readonly key: string | undefined;
}

export function placeCall(model: ReferenceModel, from: string, { to, urgency, content, key }: ModelPlacing): ModelCall {
  const callees = [...new Set(to)];
  const print = JSON.stringify(['call', callees, content]);
  const earlier = model.used(from, key, print);
  if (earlier !== undefined) return model.call(earlier as number);
  for (const name of callees) {
    if (name === from) refuse('cannot_call_yourself');
    const isOpen = (leg: ModelLeg): boolean => leg.state === 'ringing' || leg.state === 'queued';
    if (model.waitingAt(name).some((call) => call.from === from && isOpen(legAt(call, name))))
      refuse('already_calling');
    if (model.agent(name).policy === 'decline') refuse('call_declined_by_policy');
  }
  const [only] = callees;
  const glare = only === undefined ? undefined : model.ringingAt(from).find((call) => call.from === only);
  const call = newCall(model, from, callees, urgency, content, false);
  model.keep(from, key, print, call.index);
  if (glare && callees.length === 1) merge(model, glare, call);
  else for (const name of callees) ringOrQueue(model, call, name);
  ringWhoIsFree(model);
  return call;
}

function newCall(
  model: ReferenceModel,
  from: string,
  to: readonly string[],
  urgency: ModelCall['urgency'],
  content: string | undefined,
  isReturn: boolean,
): ModelCall {
  const { calls, now } = model.state;
  const legs = to.map((agent): ModelLeg => ({ agent, state: 'queued', receipt: freshReceipt(agent) }));
  const call: ModelCall = {
    index: calls.length, from, urgency, content, placedAt: now, legs, isReturn, thread: undefined,
  }; // prettier-ignore
  calls.push(call);
  // Nobody waits longer than who waited before: the callees come last, in the order in which they were named.
  const { waiting } = model.state;
  for (const name of to) if (!waiting.includes(name)) waiting.push(name);
  return call;
}

/** Two call each other: the older call is accepted, the newer is merged into it. */
function merge(model: ReferenceModel, older: ModelCall, newer: ModelCall): void {
  const thread = accept(model, older, newer.from, newer.from, false);
  const leg = legAt(newer, older.from);
  model.end(leg, 'merged', 'answered');
  if (newer.placedAt !== model.state.now)
    model.tell(newer.from, { what: 'outcome', call: newer.index, agent: leg.agent, outcome: 'merged' });
  newer.thread = thread.index;
  sayFirst(model, thread, newer, older.from);
}

function mayRing(model: ReferenceModel, call: ModelCall, name: string): boolean {
  const presence = model.presence(name);
  if (call.urgency === 'later') return false;
  return presence === 'available' || (call.urgency === 'now' && presence !== 'offline' && presence !== 'busy');
}

function ringOrQueue(model: ReferenceModel, call: ModelCall, name: string): void {
  if (mayRing(model, call, name)) ring(model, call, name);
  else model.tell(name, { what: 'call', call: call.index });
}

function ring(model: ReferenceModel, call: ModelCall, name: string): void {
  const leg = legAt(call, name);
  const { now } = model.state;
  const agent = model.agent(name);
  // It was placed before the policy became strict. Who called is rung back all the same.
  if (agent.policy === 'decline' && !call.isReturn) {
    model.end(leg, 'declined', 'refused', name);
    model.tellParties(call, name, 'declined', name);
    return;
  }
  leg.state = 'ringing';
  leg.rangAt = now;
  leg.deadline = now + (agent.isPerson ? model.times.ringPerson : model.times.ringAgent);
  model.tell(name, { what: 'call', call: call.index });
  if (agent.policy === 'accept') accept(model, call, name, name, false);
}

/** Rings what waits for everybody who can be rung now, until nothing more rings. */
export function ringWhoIsFree(model: ReferenceModel): void {
  for (let rang = true; rang;) {
    rang = false;
    for (const name of [...model.state.waiting]) rang = ringNext(model, name) || rang;
  }
}

/** The oldest that waits and has not rung. */
function ringNext(model: ReferenceModel, name: string): boolean {
  const call = model.waitingAt(name).find((one) => legAt(one, name).state === 'queued' && mayRing(model, one, name));
  if (!call) return false;
  const other = model.ringingAt(call.from).find((one) => one.from === name);
  const [older, newer] = other && other.index < call.index ? [other, call] : [call, other];
  if (newer?.legs.length === 1) merge(model, older, newer);
  else ring(model, call, name);
  return true;
}

function accept(model: ReferenceModel, call: ModelCall, name: string, by: string, isLate: boolean): ModelThread {
  const leg = legAt(call, name);
  const opened = call.thread === undefined ? undefined : model.thread(call.thread);
  if (opened?.isOpen) {
    model.end(leg, 'accepted', 'answered', by);
    model.tellParties(call, name, 'accepted', by);
    if (!opened.present.includes(by)) model.join(opened, by);
    return opened;
  }
  const caller = model.agent(call.from);
  const callerWasGone = !model.isThere(caller) && caller.goneAt < (leg.rangAt ?? 0);
  const thread = model.openThread('Call', isLate || callerWasGone ? 'async' : 'live', [call.from, by], false);
  model.end(leg, 'accepted', 'answered', by);
  model.tellParties(call, name, 'accepted', by);
  call.thread = thread.index;
  sayFirst(model, thread, call, name);
  return thread;
}

/** What a call was placed with is said by who placed it; what a returned call was placed with, by who is called back. */
function sayFirst(model: ReferenceModel, thread: ModelThread, call: ModelCall, callee: string): void {
  const author = call.isReturn ? callee : call.from;
  if (call.content !== undefined && thread.present.includes(author))
    model.post(thread, author, 'message', call.content);
}

export interface ModelAnswered {
  readonly call: ModelCall;
  readonly thread: ModelThread | undefined;
}

export function answerCall(
  model: ReferenceModel,
  by: string,
  which: number | undefined,
  answer: 'accept' | 'decline' | 'later',
  forAgent = by,
): ModelAnswered {
  const ringing = model.ringingAt(forAgent);
  if (which === undefined && ringing.length > 1) refuse('which_call');
  const call = which === undefined ? (ringing[0] ?? refuse('unknown_call')) : model.call(which);
  const leg = call.legs.find((one) => one.agent === forAgent) ?? refuse('not_your_call');
  if (isOver(leg)) refuse('call_over');
  if (answer === 'accept' && by === call.from) refuse('not_your_call');
  let thread: ModelThread | undefined;
  if (answer === 'decline') {
    model.end(leg, 'declined', 'refused', by);
    model.tellParties(call, forAgent, 'declined', by);
  } else if (answer === 'later') {
    if (leg.state !== 'missed') miss(model, call, leg, by);
  } else if (leg.state === 'ringing') thread = accept(model, call, forAgent, by, false);
  else thread = answerLate(model, call, forAgent, by);
  ringWhoIsFree(model);
  if (thread) {
    // The answer shows what was said.
    for (const { seq } of thread.messages.slice(0, 100)) model.shown(by, thread.index, seq);
  }
  // It shows the call, which may ring at who answered for another too.
  const own = call.legs.find((one) => one.agent === by);
  if (own && !isOver(own) && own.receipt.state === 'stored') own.receipt.state = 'seen';
  return { call, thread };
}

function answerLate(model: ReferenceModel, call: ModelCall, name: string, by: string): ModelThread | undefined {
  const isOpen = call.thread !== undefined && model.thread(call.thread).isOpen;
  if (isOpen || model.presence(call.from) !== 'available') return accept(model, call, name, by, true);
  model.end(legAt(call, name), 'returned', 'answered', by);
  model.tellParties(call, name, 'returned', by);
  const urgency = call.urgency === 'later' ? 'next' : call.urgency;
  const back = newCall(model, by, [call.from], urgency, call.content, true);
  ringOrQueue(model, back, call.from);
  return back.thread === undefined ? undefined : model.thread(back.thread);
}

function miss(model: ReferenceModel, call: ModelCall, leg: ModelLeg, by?: string): void {
  leg.state = 'missed';
  delete leg.deadline;
  model.tellParties(call, leg.agent, 'missed', by);
}

export function cancelCall(model: ReferenceModel, from: string, index: number): void {
  const call = model.call(index);
  if (call.from !== from) refuse('not_your_call');
  const open = call.legs.filter((leg) => !isOver(leg));
  if (open.length === 0) refuse('call_over');
  for (const leg of open) {
    model.end(leg, 'cancelled', 'expired', from);
    model.tellParties(call, leg.agent, 'cancelled', from);
  }
  ringWhoIsFree(model);
}

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
  const thread = index === undefined ? model.currentThread(from) : model.thread(index);
  if (!thread.isOpen) refuse('thread_closed');
  const { isPerson } = model.agent(from);
  if (!thread.present.includes(from) && !isPerson) refuse('not_participant');
  if (!thread.present.some((name) => name !== from)) refuse('nobody_there');
  if (replyTo !== undefined && !thread.messages[replyTo - 1]) refuse('unknown_message');
  if (!thread.present.includes(from)) model.join(thread, from);
  const message = model.post(thread, from, 'message', content, replyTo);
  model.keep(from, key, print, { thread: thread.index, seq: message.seq });
  ringWhoIsFree(model);
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
  const thread = existing ?? model.openThread('Messages', 'async', [from, to], true);
  const message = model.post(thread, from, 'message', content);
  model.keep(from, key, print, { thread: thread.index, seq: message.seq });
  return message;
}

export function leave(model: ReferenceModel, from: string, index: number | undefined, close: boolean): void {
  const thread = index === undefined ? model.currentThread(from) : model.thread(index);
  if (!thread.isOpen) refuse('thread_closed');
  if (!thread.present.includes(from) && !(close && model.agent(from).isPerson))
    refuse(thread.left.includes(from) ? 'already_left' : 'not_participant');
  if (close) model.closeThread(thread, from);
  else model.leaveThread(thread, from);
  ringWhoIsFree(model);
}

export function changeProfile(
  model: ReferenceModel,
  name: string,
  change: { readonly busy?: boolean; readonly policy?: ModelAgent['policy'] },
): void {
  Object.assign(model.agent(name), change);
  ringWhoIsFree(model);
}

/** A connection of the agent came up. */
export function arrive(model: ReferenceModel, name: string): void {
  const agent = model.agent(name);
  agent.connected = true;
  agent.graceUntil = undefined;
  ringWhoIsFree(model);
}

/** Its connection went; `dropped`: without a goodbye. */
export function depart(model: ReferenceModel, name: string, dropped: boolean): void {
  const agent = model.agent(name);
  agent.connected = false;
  agent.goneAt = model.state.now;
  agent.graceUntil = dropped ? model.state.now + model.times.dropGrace : undefined;
}

/** The broker was down until now: nobody is connected, and what rang rings on for a while. */
export function restart(model: ReferenceModel): void {
  const { now, agents, calls } = model.state;
  for (const agent of agents) Object.assign(agent, { connected: false, graceUntil: undefined, goneAt: now });
  for (const leg of calls.flatMap((call) => call.legs)) {
    if (leg.state === 'ringing') leg.deadline = Math.max(leg.deadline ?? 0, now + model.times.ringAfterRestart);
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
  const { callExpiry, threadIdle, offlineLeave } = model.times;
  return [
    ...agents.flatMap(({ graceUntil, goneAt }) => [graceUntil ?? Infinity, goneAt + offlineLeave]),
    ...calls.flatMap(({ placedAt, legs }) => [placedAt + callExpiry, ...legs.map((leg) => leg.deadline ?? Infinity)]),
    ...calls.map(({ placedAt }) => placedAt + model.times.watchdogAsync),
    ...threads.map(({ lastAt }) => lastAt + threadIdle),
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
        miss(model, call, leg);
      }
      if (call.placedAt + model.times.callExpiry > now) continue;
      model.end(leg, 'expired', 'expired');
      model.tellParties(call, name, 'expired');
    }
  }
  for (const thread of threads.filter((one) => one.isOpen && one.mode === 'live')) {
    if (thread.lastAt + model.times.threadIdle <= now) {
      model.closeThread(thread);
      continue;
    }
    for (const name of [...thread.present]) {
      const agent = model.agent(name);
      const isLongGone = !model.isThere(agent) && agent.goneAt + model.times.offlineLeave <= now;
      if (isLongGone && thread.isOpen) model.leaveThread(thread, name);
    }
  }
  warn(model, (subject) => subject.patience === model.times.watchdogLive);
  warn(model, (subject) => subject.patience !== model.times.watchdogLive);
  ringWhoIsFree(model);
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
  const patience = model.times.watchdogAsync;
  const subjects: Subject[] = [
    ...calls.map(({ placedAt, from, legs }) => ({
      at: placedAt,
      patience,
      from,
      receipts: legs.map((leg) => leg.receipt),
    })),
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
export function waitingCounts(model: ReferenceModel, name: string): { unread: number; calls: number; ringing: number } {
  return {
    unread: model.unread(name),
    calls: model.waitingAt(name).length,
    ringing: model.ringingAt(name).length,
  };
}

/** How far the message got with the agent; undefined when it was not for it. */
export function receiptState(message: ModelMessage, name: string): string | undefined {
  return receiptOf(message, name)?.state;
}
