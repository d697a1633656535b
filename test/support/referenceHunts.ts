import type { ReferenceModel } from './referenceModel';
import { mayRing, newCall, reach, ringOrQueue } from './referenceRinging';
import { isOver, refuse, type ModelAgent, type ModelCall, type ModelLeg } from './referenceTypes';

/* A match: whoever fits is rung, one after the other, in the words of the rules. */

export interface ModelMatching {
  readonly capability: string;
  readonly onlyAvailable: boolean;
  readonly urgency: ModelCall['urgency'];
  readonly content: string | undefined;
  readonly key: string | undefined;
}

/** Places the call of a hunt; whoever is tried first is found by what follows. */
export function matchCall(model: ReferenceModel, from: string, wish: ModelMatching): ModelCall {
  const { capability, onlyAvailable, urgency, content, key } = wish;
  const print = JSON.stringify(['match', capability, onlyAvailable, content]);
  const earlier = model.used(from, key, print);
  if (earlier !== undefined) return model.call(earlier as number);
  const isCalled = (name: string): boolean =>
    model
      .waitingAt(name)
      .some(
        (call) =>
          call.from === from &&
          call.into === undefined &&
          call.legs.some((leg) => leg.agent === name && (leg.state === 'ringing' || leg.state === 'queued')),
      );
  const fitting = model.state.agents.filter((agent) => {
    if (agent.name === from || agent.isPerson || fit(agent, capability) === 0) return false;
    if (agent.policy === 'decline' || isCalled(agent.name)) return false;
    return !onlyAvailable || model.presence(agent.name) === 'available';
  });
  if (fitting.length === 0) refuse('nobody_matches');
  const rank = (agent: ModelAgent): readonly number[] => {
    const presence = model.presence(agent.name);
    const free = presence === 'available' ? 0 : presence === 'offline' ? 2 : 1;
    return [-fit(agent, capability), free, agent.matched];
  };
  const line = fitting
    .sort((a, b) => compare(rank(a), rank(b)) || a.name.localeCompare(b.name))
    .map(({ name }) => name);
  const call = newCall(model, { from, to: [], urgency, content, line });
  model.keep(from, key, print, call.index);
  huntOn(model, call);
  return call;
}

/** 2: it says exactly this of itself; 1: a part of it; 0: nothing like it. */
function fit({ capabilities }: ModelAgent, wanted: string): number {
  if (capabilities.includes(wanted)) return 2;
  return capabilities.some((one) => one.includes(wanted) || wanted.includes(one)) ? 1 : 0;
}

function compare(a: readonly number[], b: readonly number[]): number {
  return a.map((value, index) => value - (b[index] ?? 0)).find((difference) => difference !== 0) ?? 0;
}

function tried(call: ModelCall): ModelLeg | undefined {
  return call.legs.find((leg) => !isOver(leg));
}

function untried({ line = [], legs }: ModelCall): readonly string[] {
  return line.filter((name) => !legs.some((leg) => leg.agent === name));
}

function nextFree(model: ReferenceModel, call: ModelCall): string | undefined {
  return untried(call).find((name) => mayRing(model, call, name));
}

/** Leaves who is tried in vain: gone or busy while it rings, or only waited for while another is free. */
export function huntOnward(model: ReferenceModel, call: ModelCall): boolean {
  const leg = tried(call);
  if (!leg || call.urgency === 'later') return false;
  const presence = model.presence(leg.agent);
  const isTalking = presence === 'in-call' && call.urgency !== 'now';
  // Who was there when the broker went down may come back.
  const isGone = presence === 'offline' && model.agent(leg.agent).goneAt > model.state.startedAt;
  const isVain =
    leg.state === 'ringing'
      ? isGone || presence === 'busy' || isTalking
      : !mayRing(model, call, leg.agent) && nextFree(model, call) !== undefined;
  if (isVain) passBy(model, call, leg);
  return isVain;
}

/** The hunt goes on without this one. */
export function passBy(model: ReferenceModel, call: ModelCall, leg: ModelLeg, by?: string): void {
  model.end(call, leg, 'passed', 'expired', by);
  model.tellParties(call, leg.agent, 'passed', by);
}

/** Tries the next who is free. When nobody is from the beginning, the best of them finds the call in the inbox. */
export function huntOn(model: ReferenceModel, call: ModelCall): boolean {
  if (!call.isHunting || tried(call)) return false;
  const next = nextFree(model, call) ?? (call.legs.length === 0 ? untried(call)[0] : undefined);
  const last = call.legs.at(-1);
  if (next !== undefined) {
    reach(model, call, next);
    ringOrQueue(model, call, next);
  } else if (last) {
    call.isHunting = false;
    model.tell(call.from, { what: 'outcome', call: call.index, agent: last.agent, outcome: 'nobody' });
  }
  return true;
}
