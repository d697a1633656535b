import { describe, expect, it } from 'vitest';
import type { CallPolicy } from '../../../src/core/model';
import { policyOf } from '../../../src/core/govern';
import { reportRing } from '../../../src/core/receipts';
import { waitingFor } from '../../../src/core/presence';
import { day, hour, minute, Office, refusal, second } from './office';

function people() {
  const office = new Office();
  const kim = office.person();
  const [ada, bea, cleo] = office.agents('Ada', 'Bea', 'Cleo') as [string, string, string];
  return { office, kim, ada, bea, cleo };
}

describe('call me back', () => {
  it('is a plain call to who is free', () => {
    const { office, ada, bea } = people();
    expect(office.leg(office.call(ada, bea, { callBack: true }), bea).state).toBe('ringing');
  });

  it('rings nothing at who is not, and tells the caller once when they are free', () => {
    const { office, ada, bea, cleo } = people();
    const thread = office.talk(bea, cleo);
    office.listen(bea);
    const call = office.call(ada, bea, { callBack: true });
    expect(office.leg(call, bea)).toMatchObject({ state: 'awaited', queued: 'in-call' });
    expect(office.heard(bea)).toEqual(['call']);
    expect(office.heard(ada)).toEqual([]);
    office.leave(cleo, thread);
    expect(office.leg(call, bea).state).toBe('free');
    expect(office.presence(bea)).toBe('available');
    expect(office.heard(ada)).toEqual(['Bea free']);
    expect(office.heard(bea).at(-1)).toBe('Bea free');
    office.busy(bea);
    office.busy(bea, false);
    expect(office.heard(ada)).toEqual(['Bea free']);
    expect(office.leg(office.call(ada, bea), bea).state).toBe('ringing');
  });

  it('waits for both: who asked is told when it is there to hear it', () => {
    const { office, ada, bea } = people();
    office.goOffline(bea);
    const call = office.call(ada, bea, { callBack: true });
    office.goOffline(ada);
    office.comeBack(bea);
    expect(office.leg(call, bea).state).toBe('awaited');
    office.comeBack(ada);
    expect(office.leg(call, bea).state).toBe('free');
  });

  it('lets queued calls ring first', () => {
    const { office, ada, bea, cleo } = people();
    office.busy(bea);
    const back = office.call(ada, bea, { callBack: true });
    const queued = office.call(cleo, bea);
    office.busy(bea, false);
    expect(office.leg(queued, bea).state).toBe('ringing');
    expect(office.leg(back, bea).state).toBe('awaited');
    office.answer(bea, queued, 'decline');
    expect(office.leg(back, bea).state).toBe('free');
  });

  it('can be taken back, expires after seven days, and warns nobody that it was not seen', () => {
    const { office, ada, bea } = people();
    office.busy(bea);
    const call = office.call(ada, bea, { callBack: true });
    expect(refusal(() => office.call(ada, bea, { callBack: true })).code).toBe('already_calling');
    office.cancel(ada, call);
    expect(office.leg(call, bea).state).toBe('cancelled');
    const second_ = office.call(ada, bea, { callBack: true });
    office.listen(ada);
    office.pass(hour);
    expect(office.heard(ada)).toEqual([]);
    office.pass(7 * day);
    expect(office.leg(second_, bea).state).toBe('expired');
    expect(office.heard(ada)).toEqual(['Bea expired']);
  });

  it('may be answered by the callee itself: the caller is rung', () => {
    const { office, ada, bea } = people();
    office.busy(bea);
    const call = office.call(ada, bea, { callBack: true });
    const { ringBack = '' } = office.answer(bea, call);
    expect(office.leg(ringBack, ada).state).toBe('ringing');
    expect(office.state.calls.get(ringBack)?.call.callBack).toBeUndefined();
  });
});

describe('the person’s rule', () => {
  it('and the agent’s own policy: the stricter holds; to ring and to accept are equally open', () => {
    const { office, kim, ada } = people();
    const strict = (own: CallPolicy, allowed: CallPolicy): string => {
      office.policy(ada, own);
      office.govern(kim, ada, { policy: allowed });
      const agent = office.state.agents.get(ada);
      return agent ? policyOf(office.state, agent) : '';
    };
    expect(strict('accept', 'ring')).toBe('accept');
    expect(strict('ring', 'accept')).toBe('ring');
    expect(strict('accept', 'same-workspace')).toBe('same-workspace');
    expect(strict('ask-person', 'same-workspace')).toBe('ask-person');
    expect(strict('same-workspace', 'ask-person')).toBe('ask-person');
    expect(strict('ask-person', 'decline')).toBe('decline');
    expect(strict('decline', 'ring')).toBe('decline');
  });

  it('for one agent comes before the rule for everyone, and neither governs the person', () => {
    const { office, kim, ada, bea } = people();
    office.govern(kim, undefined, { policy: 'decline' });
    office.govern(kim, bea, { policy: 'ring' });
    expect(refusal(() => office.call(bea, ada)).code).toBe('call_declined_by_policy');
    expect(office.leg(office.call(ada, bea), bea).state).toBe('ringing');
    expect(office.leg(office.call(ada, kim), kim).state).toBe('ringing');
    office.govern(kim, undefined, { policy: null });
    expect(office.leg(office.call(bea, ada), ada).state).toBe('merged');
    expect(office.state.rules.size).toBe(1);
  });

  it('that became strict ends a call that waited', () => {
    const { office, kim, ada, bea } = people();
    office.busy(bea);
    const call = office.call(ada, bea);
    office.govern(kim, bea, { policy: 'decline' });
    office.busy(bea, false);
    expect(office.leg(call, bea)).toMatchObject({ state: 'declined', reason: 'takes no calls' });
  });

  it('makes an event only when it changes something', () => {
    const { office, kim, ada } = people();
    office.govern(kim, ada, { hold: true, wakesPerHour: 5 });
    const { length } = office.events;
    office.govern(kim, ada, { wakesPerHour: 5 });
    office.govern(kim, ada, {});
    expect(office.events).toHaveLength(length);
    expect(refusal(() => office.govern(kim, 'nobody', { hold: true })).code).toBe('unknown_agent');
  });

  it('that an agent may not send refuses its calls, words and invitations, and nobody else’s', () => {
    const { office, kim, ada, bea, cleo } = people();
    const thread = office.talk(ada, bea);
    office.govern(kim, ada, { maySend: false });
    for (const act of [
      () => office.call(ada, cleo),
      () => office.match(ada, { topic: 'x', agents: ['Cleo'] }),
      () => office.invite(ada, 'Cleo'),
      () => office.transfer(ada, 'Cleo'),
      () => office.send(ada, 'hi', thread),
      () => office.message(ada, 'Cleo', 'hi'),
    ])
      expect(refusal(act).code).toBe('not_allowed_to_send');
    office.send(bea, 'hi', thread);
    office.govern(kim, ada, { maySend: null });
    office.send(ada, 'hi', thread);
  });
});

describe('hold', () => {
  it('lets nothing ring, not even what is urgent: calls wait, and ring after', () => {
    const { office, kim, ada, bea, cleo } = people();
    const first = office.call(ada, bea);
    office.govern(kim, bea, { hold: true });
    expect(office.leg(first, bea)).toMatchObject({ state: 'queued', queued: 'held' });
    const urgent = office.call(cleo, bea, { urgency: 'now' });
    expect(office.leg(urgent, bea)).toMatchObject({ state: 'queued', queued: 'held' });
    office.govern(kim, bea, { hold: null });
    expect(office.leg(first, bea)).toMatchObject({ state: 'ringing', deadline: office.now + 120 * second });
  });

  it('ends what rings when its seven days are over already', () => {
    const { office, kim, ada, bea } = people();
    office.goOffline(bea);
    const call = office.call(ada, bea);
    office.pass(7 * day - second);
    office.comeBack(bea);
    office.pass(2 * second);
    expect(office.leg(call, bea).state).toBe('ringing');
    office.govern(kim, bea, { hold: true });
    expect(office.leg(call, bea).state).toBe('expired');
  });
});

describe('all paused', () => {
  it('stops what rings; it rings anew when all goes on, told once', () => {
    const { office, kim, ada, bea } = people();
    const call = office.call(ada, bea);
    office.pauseAll(kim);
    expect(office.leg(call, bea)).toMatchObject({ state: 'queued', queued: 'paused' });
    office.pass(hour);
    expect(office.leg(call, bea).state).toBe('queued');
    office.resumeAll(kim);
    expect(office.leg(call, bea)).toMatchObject({ state: 'ringing', deadline: office.now + 120 * second });
  });

  it('survives a restart, and closes no thread and warns nobody meanwhile', () => {
    const { office, kim, ada, bea } = people();
    const thread = office.talk(ada, bea);
    office.send(ada, 'Hello', thread);
    office.listen(ada);
    office.pauseAll(kim);
    office.pauseAll(kim);
    office.reload();
    office.pass(2 * hour);
    expect(office.state.paused).toBeDefined();
    expect(office.thread(thread).state).toBe('open');
    expect(office.heard(ada)).toEqual([]);
    office.resumeAll(kim);
    office.pass(2 * minute - second);
    expect(office.heard(ada)).toEqual([]);
    office.pass(second);
    expect(office.heard(ada)).toEqual(['unseen']);
  });
});

describe('ask the person', () => {
  function asking() {
    const made = people();
    made.office.policy(made.bea, 'ask-person');
    return { ...made, call: made.office.call(made.ada, made.bea) };
  }

  it('rings at the person; the agent is neither told nor has it in its inbox', () => {
    const { office, kim, ada, bea, call } = asking();
    expect(office.leg(call, bea)).toMatchObject({ state: 'ringing', asks: kim, deadline: office.now + 45 * second });
    expect(office.heard(kim)).toEqual(['call']);
    expect(office.heard(bea)).toEqual([]);
    expect(waitingFor(office.state, bea)).toMatchObject({ calls: 0, ringing: 0 });
    expect(waitingFor(office.state, kim)).toMatchObject({ calls: 1, ringing: 1 });
    expect(refusal(() => office.answer(bea, call))).toMatchObject({ code: 'person_decides', person: 'Kim' });
    expect(refusal(() => office.answer(bea, undefined)).code).toBe('unknown_call');
    expect(refusal(() => office.answer(ada, call)).code).toBe('not_your_call');
  });

  it('until the person lets it answer: it is told, and has the time of a ring', () => {
    const { office, kim, bea, call } = asking();
    office.pass(30 * second);
    office.permit(kim, call, 'Bea');
    expect(office.heard(bea)).toEqual(['call']);
    expect(office.leg(call, bea).asks).toBeUndefined();
    office.pass(119 * second);
    expect(office.present(office.answer(bea, undefined).thread)).toEqual(['Ada', 'Bea']);
  });

  it('is answered by the person without naming anybody, or declined for it; the agent is told then', () => {
    const { office, kim, bea, call } = asking();
    const { thread } = office.answer(kim, undefined);
    expect(office.present(thread)).toEqual(['Ada', 'Kim']);
    expect(office.leg(call, bea)).toMatchObject({ state: 'accepted', by: kim });
    expect(office.heard(bea)).toEqual(['Bea accepted']);
    const again = asking();
    again.office.answer(again.kim, again.call, 'decline', { leg: again.bea });
    expect(again.office.heard(again.ada)).toEqual(['Bea declined']);
  });

  it('lapses as a ring does: the caller and the person are told, the agent is not', () => {
    const { office, kim, ada, bea, call } = asking();
    office.pass(45 * second);
    expect(office.leg(call, bea).state).toBe('missed');
    expect(office.heard(ada)).toEqual(['Bea missed']);
    expect(office.heard(kim)).toEqual(['call', 'Bea missed']);
    expect(office.heard(bea)).toEqual([]);
    office.permit(kim, call, 'Bea');
    expect(office.heard(bea)).toEqual(['call']);
    expect(waitingFor(office.state, bea).calls).toBe(1);
  });

  it('does not ask about the person’s own calls, nor about what was let through before a restart', () => {
    const { office, kim, bea, call } = asking();
    office.permit(kim, call, 'Bea');
    office.reload();
    expect(office.leg(call, bea).asks).toBeUndefined();
    office.answer(bea, call);
    const own = office.call(kim, bea, { urgency: 'now' });
    expect(office.leg(own, bea)).toMatchObject({ state: 'ringing' });
    expect(office.leg(own, bea).asks).toBeUndefined();
  });

  it('goes on asking after a restart', () => {
    const { office, kim, bea, call } = asking();
    office.now += hour;
    office.reload();
    expect(office.leg(call, bea)).toMatchObject({ state: 'ringing', asks: kim });
  });
});

describe('wakes', () => {
  it('are counted for an hour, over a restart too', () => {
    const { office, ada, bea } = people();
    const call = office.call(ada, bea);
    const ring = () => office.run((step) => reportRing(step, call, bea, { ringer: 'r', result: 'written' }, true));
    ring();
    office.pass(59 * minute);
    ring();
    office.reload();
    expect(office.state.wakes.get(bea)).toHaveLength(2);
    office.pass(2 * minute);
    ring();
    expect(office.state.wakes.get(bea)).toHaveLength(2);
  });
});
