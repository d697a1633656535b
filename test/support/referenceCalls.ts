import { follow } from './referenceFollow';
import { matchCall, passBy, type ModelMatching } from './referenceHunts';
import { invite, transfer, type ModelInviting } from './referenceInvitations';
import type { ReferenceModel } from './referenceModel';
import { accept, endOpen, merge, newCall, ringOrQueue } from './referenceRinging';
import { isOver, legAt, refuse, type ModelCall, type ModelLeg, type ModelThread } from './referenceTypes';

/** What agents and the person do with calls, in the words of the rules. */

export interface ModelPlacing {
  readonly to: readonly string[];
  readonly urgency: 'now' | 'next' | 'later';
  readonly content: string | undefined;
  readonly key: string | undefined;
}

export function placeCall(model: ReferenceModel, from: string, placing: ModelPlacing): ModelCall {
  const { to, urgency, content, key } = placing;
  const callees = [...new Set(to)];
  const print = JSON.stringify(['call', callees, content]);
  const earlier = model.used(from, key, print);
  if (earlier !== undefined) return model.call(earlier as number);
  for (const name of callees) {
    if (name === from) refuse('cannot_call_yourself');
    const isOpen = (leg: ModelLeg): boolean => leg.state === 'ringing' || leg.state === 'queued';
    const isCalled = (call: ModelCall): boolean => call.from === from && call.into === undefined;
    if (model.waitingAt(name).some((call) => isCalled(call) && isOpen(legAt(call, name)))) refuse('already_calling');
    if (model.agent(name).policy === 'decline') refuse('call_declined_by_policy');
  }
  const [only] = callees;
  const glare = only === undefined ? undefined : model.ringingAt(from).find((call) => call.from === only);
  const call = newCall(model, { from, to: callees, urgency, content });
  model.keep(from, key, print, call.index);
  if (glare && glare.into === undefined && callees.length === 1) merge(model, glare, call);
  else for (const name of callees) ringOrQueue(model, call, name);
  follow(model);
  return call;
}

/** Whoever fits is rung, one after the other. */
export function placeMatch(model: ReferenceModel, from: string, matching: ModelMatching): ModelCall {
  const call = matchCall(model, from, matching);
  follow(model);
  return call;
}

export function placeInvitation(model: ReferenceModel, from: string, inviting: ModelInviting): ModelCall {
  const call = invite(model, from, inviting);
  follow(model);
  return call;
}

export function handOver(model: ReferenceModel, from: string, over: Parameters<typeof transfer>[2]): ModelCall {
  const call = transfer(model, from, over);
  follow(model);
  return call;
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
  if (answer === 'accept' && call.into !== undefined && !model.thread(call.into).isOpen) refuse('thread_closed');
  if (isOver(leg)) refuse('call_over');
  if (answer === 'accept' && by === call.from && call.into === undefined) refuse('not_your_call');
  let thread: ModelThread | undefined;
  if (answer === 'decline') {
    model.end(call, leg, 'declined', 'refused', by);
    model.tellParties(call, forAgent, 'declined', by);
  } else if (answer === 'later') {
    if (call.line) passBy(model, call, leg, by);
    else if (leg.state !== 'missed') {
      miss(model, call, leg, by);
      expireOld(model, call, leg);
    }
  } else {
    if (call.into !== undefined) checkPlace(model, model.thread(call.into), by);
    const isLate = leg.state !== 'ringing' && call.into === undefined;
    thread = isLate ? answerLate(model, call, forAgent, by) : accept(model, call, forAgent, by, false);
  }
  follow(model);
  if (thread) {
    // The answer shows what was said.
    for (const { seq } of thread.messages.slice(-100)) model.shown(by, thread.index, seq);
  }
  // It shows the call, which may ring at who answered for another too.
  const own = call.legs.find((one) => one.agent === by);
  if (own && !isOver(own) && own.receipt.state === 'stored') own.receipt.state = 'seen';
  return { call, thread };
}

/** There is always room for the person. */
export function checkPlace(model: ReferenceModel, { present }: ModelThread, name: string): void {
  if (model.agent(name).isPerson || present.includes(name)) return;
  if (present.length >= model.limits.participants) refuse('thread_full');
}

function answerLate(model: ReferenceModel, call: ModelCall, name: string, by: string): ModelThread | undefined {
  const isOpen = call.thread !== undefined && model.thread(call.thread).isOpen;
  if (isOpen || model.presence(call.from) !== 'available') return accept(model, call, name, by, true);
  model.end(call, legAt(call, name), 'returned', 'answered', by);
  model.tellParties(call, name, 'returned', by);
  const urgency = call.urgency === 'later' ? 'next' : call.urgency;
  const back = newCall(model, { from: by, to: [call.from], urgency, content: call.content, isReturn: true });
  ringOrQueue(model, back, call.from);
  return back.thread === undefined ? undefined : model.thread(back.thread);
}

export function miss(model: ReferenceModel, call: ModelCall, leg: ModelLeg, by?: string): void {
  leg.state = 'missed';
  delete leg.deadline;
  model.tellParties(call, leg.agent, 'missed', by);
}

/** What rings no more can be answered until it expires: at once, when that time came while it rang. */
export function expireOld(model: ReferenceModel, call: ModelCall, leg: ModelLeg): void {
  if (call.placedAt + model.limits.callExpiry > model.state.now) return;
  model.end(call, leg, 'expired', 'expired');
  model.tellParties(call, leg.agent, 'expired');
}

export function cancelCall(model: ReferenceModel, from: string, index: number): void {
  const call = model.call(index);
  if (call.from !== from) refuse('not_your_call');
  if (call.legs.every(isOver)) refuse('call_over');
  endOpen(model, call, 'cancelled', 'expired', from);
  follow(model);
}
