import type { ReferenceModel } from './referenceModel';
import {
  freshReceipt,
  isOver,
  legAt,
  type ModelCall,
  type ModelLeg,
  type ModelReceiptState,
  type ModelThread,
} from './referenceTypes';

/* How calls ring and are accepted, whoever placed them, in the words of the rules. */

export interface ModelCallPlan {
  readonly from: string;
  readonly to: readonly string[];
  readonly urgency: ModelCall['urgency'];
  readonly content?: string | undefined;
  readonly isReturn?: boolean;
  readonly into?: number;
  readonly line?: readonly string[];
}

export function newCall(model: ReferenceModel, plan: ModelCallPlan): ModelCall {
  const { calls, now } = model.state;
  const { from, urgency, content, isReturn = false, into, line } = plan;
  const call: ModelCall = {
    ...{ index: calls.length, from, urgency, content, placedAt: now, legs: [], isReturn, into, line },
    ...{ isHunting: line !== undefined, thread: undefined },
  };
  calls.push(call);
  for (const name of plan.to) reach(model, call, name);
  return call;
}

/** The call comes to somebody. Nobody waits longer than who waited before. */
export function reach(model: ReferenceModel, call: ModelCall, agent: string): void {
  const { state } = model;
  const came = 1 + Math.max(0, ...state.calls.flatMap(({ legs }) => legs.map((leg) => leg.came)));
  call.legs.push({ agent, state: 'queued', came, cameAt: state.now, receipt: freshReceipt(agent) });
  if (!state.waiting.includes(agent)) state.waiting.push(agent);
}

export function mayRing(model: ReferenceModel, call: ModelCall, name: string): boolean {
  const presence = model.presence(name);
  if (call.urgency === 'later') return false;
  return presence === 'available' || (call.urgency === 'now' && presence !== 'offline' && presence !== 'busy');
}

export function ringOrQueue(model: ReferenceModel, call: ModelCall, name: string): void {
  if (mayRing(model, call, name)) ring(model, call, name);
  else model.tell(name, { what: 'call', call: call.index });
}

function ring(model: ReferenceModel, call: ModelCall, name: string): void {
  const leg = legAt(call, name);
  const { now } = model.state;
  const { huntRing, ringPerson, ringAgent } = model.limits;
  const agent = model.agent(name);
  // It was placed before the policy became strict. Who called is rung back all the same.
  if (agent.policy === 'decline' && !call.isReturn) {
    model.end(call, leg, 'declined', 'refused', name);
    model.tellParties(call, name, 'declined', name);
    return;
  }
  leg.state = 'ringing';
  leg.rangAt = now;
  const patience = agent.isPerson ? ringPerson : ringAgent;
  leg.deadline = now + (call.line ? huntRing : patience);
  model.tell(name, { what: 'call', call: call.index });
  if (call.line) agent.matched = model.state.order;
  if (agent.policy === 'accept' && mayCome(model, call, name)) accept(model, call, name, name, false);
}

/** Whether there is a place in the thread that an invitation leads into. */
export function mayCome(model: ReferenceModel, { into }: ModelCall, name: string): boolean {
  if (into === undefined) return true;
  const { isOpen, present } = model.thread(into);
  return isOpen && (present.includes(name) || present.length < model.limits.participants);
}

/** The oldest that waits and has not rung. */
export function ringNext(model: ReferenceModel, name: string): boolean {
  const call = model.waitingAt(name).find((one) => legAt(one, name).state === 'queued' && mayRing(model, one, name));
  if (!call) return false;
  const other = model.ringingAt(call.from).find((one) => one.from === name);
  const [older, newer] = other && other.index < call.index ? [other, call] : [call, other];
  // An invitation leads elsewhere, and a hunt asks for anybody: neither is answered by calling back.
  const canMerge = newer?.legs.length === 1 && newer.into === undefined && !newer.line && older.into === undefined;
  if (newer && canMerge) merge(model, older, newer);
  else ring(model, call, name);
  return true;
}

/** Two call each other: the older call is accepted, the newer is merged into it. */
export function merge(model: ReferenceModel, older: ModelCall, newer: ModelCall): void {
  const thread = accept(model, older, newer.from, newer.from, false);
  const leg = legAt(newer, older.from);
  model.end(newer, leg, 'merged', 'answered');
  if (newer.placedAt !== model.state.now)
    model.tell(newer.from, { what: 'outcome', call: newer.index, agent: leg.agent, outcome: 'merged' });
  newer.thread = thread.index;
  sayFirst(model, thread, newer, older.from);
}

/** `by` speaks: the callee, or the person for it. */
export function accept(model: ReferenceModel, call: ModelCall, name: string, by: string, isLate: boolean): ModelThread {
  const leg = legAt(call, name);
  const known = call.into ?? call.thread;
  const opened = known === undefined ? undefined : model.thread(known);
  if (opened?.isOpen) {
    accepted(model, call, leg, by);
    call.thread = opened.index;
    if (!opened.present.includes(by)) model.join(opened, by);
    return opened;
  }
  const caller = model.agent(call.from);
  const callerWasGone = !model.isThere(caller) && caller.goneAt < (leg.rangAt ?? 0);
  const mode = isLate || callerWasGone ? 'async' : 'live';
  const thread = model.openThread({ topic: 'Call', mode, members: [call.from, by] });
  accepted(model, call, leg, by);
  call.thread = thread.index;
  sayFirst(model, thread, call, name);
  return thread;
}

export function accepted(model: ReferenceModel, call: ModelCall, leg: ModelLeg, by: string): void {
  model.end(call, leg, 'accepted', 'answered', by);
  model.tellParties(call, leg.agent, 'accepted', by);
}

/** What a call was placed with is said by who placed it; what a returned call was placed with, by who is called back. */
function sayFirst(model: ReferenceModel, thread: ModelThread, call: ModelCall, callee: string): void {
  const author = call.isReturn ? callee : call.from;
  if (call.content !== undefined && thread.present.includes(author)) model.say(thread, author, call.content);
}

/** Ends all of a call that can still be answered. */
export function endOpen(
  model: ReferenceModel,
  call: ModelCall,
  state: 'cancelled' | 'expired',
  receipt: ModelReceiptState,
  by?: string,
): void {
  for (const leg of call.legs.filter((one) => !isOver(one))) {
    model.end(call, leg, state, receipt, by);
    model.tellParties(call, leg.agent, state, by);
  }
}
