import type { ReferenceModel } from './referenceModel';
import { accepted, newCall, ringOrQueue } from './referenceRinging';
import { refuse, type ModelCall, type ModelThread } from './referenceTypes';

/* Inviting others into a thread, and handing it over, in the words of the rules. */

export interface ModelInviting {
  readonly thread: number | undefined;
  readonly to: readonly string[];
  readonly content: string | undefined;
  readonly key: string | undefined;
}

/** Asks others into a thread. Who is in it may, and the person anywhere. */
export function invite(model: ReferenceModel, from: string, inviting: ModelInviting): ModelCall {
  const { thread: index, to, content, key } = inviting;
  const print = JSON.stringify(['invite', index, to, content]);
  const earlier = model.used(from, key, print);
  if (earlier !== undefined) return model.call(earlier as number);
  const thread = mayInvite(model, from, index);
  const callees = checkInvited(model, from, thread, to);
  const call = newCall(model, { from, to: callees, urgency: 'next', content, into: thread.index });
  model.keep(from, key, print, call.index);
  for (const name of callees) ringOrQueue(model, call, name);
  return call;
}

/** Invites one, says so, and leaves. */
export function transfer(
  model: ReferenceModel,
  from: string,
  { thread: index, to, reason, key }: { thread: number | undefined; to: string; reason: string; key: string },
): ModelCall {
  const print = JSON.stringify(['transfer', index, to, reason]);
  const earlier = model.used(from, key, print);
  if (earlier !== undefined) return model.call(earlier as number);
  const thread = mayInvite(model, from, index);
  if (!thread.present.includes(from)) refuse('not_participant');
  const callees = checkInvited(model, from, thread, [to]);
  const call = newCall(model, { from, to: callees, urgency: 'next', content: reason, into: thread.index });
  model.keep(from, key, print, call.index);
  model.note(thread, `${from} hands over to ${to}: ${reason}`, from);
  ringOrQueue(model, call, to);
  model.leaveThread(thread, from);
  return call;
}

function mayInvite(model: ReferenceModel, from: string, index: number | undefined): ModelThread {
  const thread = model.openThreadAt(from, index);
  if (!thread.present.includes(from) && !model.agent(from).isPerson) refuse('not_participant');
  return thread;
}

function checkInvited(model: ReferenceModel, from: string, thread: ModelThread, to: readonly string[]): string[] {
  const invited = model.invited(thread);
  const callees = [...new Set(to)];
  for (const name of callees) {
    if (name === from) refuse('cannot_call_yourself');
    if (thread.present.includes(name)) refuse('already_in');
    if (invited.some(({ leg }) => leg.agent === name)) refuse('already_calling');
    if (model.agent(name).policy === 'decline') refuse('call_declined_by_policy');
  }
  if (thread.present.length + invited.length + callees.length > model.limits.participants) refuse('thread_full');
  return callees;
}

/** Invitations into a thread that was closed end; who came in by another way has accepted. */
export function endInvitations(model: ReferenceModel): boolean {
  let ended = false;
  for (const thread of model.state.threads) {
    for (const { call, leg } of model.invited(thread)) {
      if (thread.isOpen && !thread.present.includes(leg.agent)) continue;
      ended = true;
      if (thread.isOpen) {
        accepted(model, call, leg, leg.agent);
        call.thread = thread.index;
      } else {
        model.end(call, leg, 'expired', 'expired');
        model.tellParties(call, leg.agent, 'expired');
      }
    }
  }
  return ended;
}

/** A live thread in which one waits alone closes when nobody is expected any more. */
export function closeLonely(model: ReferenceModel): boolean {
  const lonely = model.state.threads.filter((thread) => {
    const isAlone = thread.isOpen && thread.mode === 'live' && !thread.room && thread.present.length < 2;
    return isAlone && model.expectedUntil(thread) <= model.state.now;
  });
  for (const thread of lonely) model.closeThread(thread);
  return lonely.length > 0;
}
