import { describe, expect, it } from 'vitest';
import { changeProfile } from '../../../src/core/agents';
import { day, minute, Office, refusal, replay, second } from './office';

function three() {
  const office = new Office();
  const [ada, bea, cleo] = office.agents('Ada', 'Bea', 'Cleo') as [string, string, string];
  return { office, ada, bea, cleo };
}

describe('placing a call', () => {
  it('rings a callee who is free', () => {
    const { office, ada, bea } = three();
    const call = office.call(ada, 'bea', { topic: ' Review\u202e  this ' });
    expect(office.leg(call, bea)).toMatchObject({ state: 'ringing', deadline: office.now + 120 * second });
    expect(office.lastCall()).toMatchObject({ from: ada, topic: 'Review this', urgency: 'next', refs: [] });
    expect(office.presence(bea)).toBe('ringing');
    expect(office.heard(bea)).toEqual(['call']);
    expect(office.heard(ada)).toEqual([]);
  });

  it('rings the person for 45 seconds', () => {
    const { office, ada } = three();
    const person = office.person();
    const call = office.call(ada, person);
    office.pass(45 * second - 1);
    expect(office.leg(call, person).state).toBe('ringing');
    office.pass(1);
    expect(office.leg(call, person).state).toBe('missed');
  });

  it('queues at a callee who is offline, and rings once when it comes', () => {
    const { office, ada, bea } = three();
    office.goOffline(bea);
    const call = office.call(ada, bea);
    expect(office.leg(call, bea)).toMatchObject({ state: 'queued', queued: 'offline' });
    expect(office.heard(ada)).toEqual([]);
    office.pass(minute);
    office.comeBack(bea);
    expect(office.leg(call, bea)).toMatchObject({ state: 'ringing', deadline: office.now + 120 * second });
    office.pass(2 * minute);
    expect(office.leg(call, bea).state).toBe('missed');
    office.goOffline(bea);
    office.comeBack(bea);
    office.pass(minute);
    expect(office.leg(call, bea).state).toBe('missed');
    expect(office.types().filter((type) => type === 'call.rang')).toHaveLength(1);
  });

  it('queues at a callee who is busy, and rings when it is not any more', () => {
    const { office, ada, bea } = three();
    office.run((step) => changeProfile(step, bea, { busy: true }));
    const call = office.call(ada, bea, { urgency: 'now' });
    expect(office.leg(call, bea)).toMatchObject({ state: 'queued', queued: 'busy' });
    office.run((step) => changeProfile(step, bea, { busy: false }));
    expect(office.leg(call, bea).state).toBe('ringing');
  });

  it('queues behind a call that rings; the oldest rings next', () => {
    const { office, ada, bea, cleo } = three();
    const dora = office.agent('Dora');
    const first = office.call(ada, bea);
    const second = office.call(cleo, bea);
    const third = office.call(dora, bea);
    expect(office.leg(second, bea)).toMatchObject({ state: 'queued', queued: 'ringing' });
    office.answer(bea, first, 'decline');
    expect(office.leg(second, bea).state).toBe('ringing');
    expect(office.leg(third, bea).state).toBe('queued');
    office.cancel(cleo, second);
    expect(office.leg(third, bea).state).toBe('ringing');
  });

  it('queues at a callee in a call, and rings when that is over', () => {
    const { office, ada, bea, cleo } = three();
    office.talk(ada, bea);
    const call = office.call(cleo, bea);
    expect(office.leg(call, bea)).toMatchObject({ state: 'queued', queued: 'in-call' });
    office.leave(ada);
    expect(office.leg(call, bea).state).toBe('ringing');
  });

  it('rings even in a call when it is urgent, and never when it is for later', () => {
    const { office, ada, bea, cleo } = three();
    office.talk(ada, bea);
    const urgent = office.call(cleo, bea, { urgency: 'now' });
    expect(office.leg(urgent, bea).state).toBe('ringing');
    const dora = office.agent('Dora');
    const later = office.call(bea, dora, { urgency: 'later' });
    expect(office.leg(later, dora)).toMatchObject({ state: 'queued', queued: 'later' });
    office.pass(day);
    expect(office.leg(later, dora).state).toBe('queued');
    expect(office.presence(dora)).toBe('available');
  });

  it('rings nobody while the person has paused everything', () => {
    const { office, ada, bea } = three();
    office.pauseAll(office.person());
    const call = office.call(ada, bea);
    expect(office.leg(call, bea)).toMatchObject({ state: 'queued', queued: 'paused' });
    office.resumeAll(office.person('Lou'));
    expect(office.leg(call, bea).state).toBe('ringing');
  });

  it('is refused without a callee, at oneself, to nobody known, and without a topic', () => {
    const { office, ada } = three();
    expect(refusal(() => office.call(ada, [])).code).toBe('unknown_agent');
    expect(refusal(() => office.call(ada, 'ada')).code).toBe('cannot_call_yourself');
    expect(refusal(() => office.call(ada, ['bea', 'Zoe'])).code).toBe('unknown_agent');
    expect(refusal(() => office.call(ada, 'bea', { topic: ' \u202e\n' })).code).toBe('empty_topic');
    expect(office.state.calls.size).toBe(0);
  });

  it('is refused to whom one is calling already, until that is over', () => {
    const { office, ada, bea, cleo } = three();
    const call = office.call(ada, bea);
    expect(refusal(() => office.call(ada, [cleo, bea]))).toEqual({ code: 'already_calling', name: 'Bea', call });
    office.cancel(ada, call);
    office.call(ada, bea);
    expect(office.presence(bea)).toBe('ringing');
  });

  it('goes once to an agent that is named twice', () => {
    const { office, ada, bea } = three();
    const call = office.call(ada, ['bea', '@BEA', bea]);
    expect(office.state.calls.get(call)?.legs.size).toBe(1);
  });
});

describe('accepting', () => {
  it('opens a live thread of the two with the first message', () => {
    const { office, ada, bea } = three();
    const call = office.call(ada, bea, { topic: 'Review', content: 'look at line 3', refs: [{ uri: 'file:///a' }] });
    const { thread } = office.answer(bea, call);
    expect(office.thread(thread)).toMatchObject({ topic: 'Review', mode: 'live', call, state: 'open', home: 'broker' });
    expect(office.present(thread)).toEqual(['Ada', 'Bea']);
    expect(office.texts(thread)).toEqual(['Ada: look at line 3']);
    expect(office.state.calls.get(call)?.thread).toBe(thread);
    expect(office.heard(ada)).toContain('Bea accepted');
    expect(office.heard(bea)).toContain('Ada says look at line 3');
    expect(office.presence(ada)).toBe('in-call');
  });

  it('takes the call that rings when none is named', () => {
    const { office, ada, bea } = three();
    expect(refusal(() => office.answer(bea, undefined)).code).toBe('unknown_call');
    const call = office.call(ada, bea);
    expect(office.answer(bea, undefined).call).toBe(call);
  });

  it('happens at once where the policy says so', () => {
    const office = new Office();
    const ada = office.agent('Ada');
    const bea = office.agent('Bea', { policy: 'accept' });
    const call = office.call(ada, bea, { content: 'hi' });
    expect(office.leg(call, bea).state).toBe('accepted');
    expect(office.present(office.state.calls.get(call)?.thread)).toEqual(['Ada', 'Bea']);
    expect(office.heard(bea)).toEqual(expect.arrayContaining(['call', 'Ada says hi']));
  });

  it('is never asked of an agent that takes no calls', () => {
    const office = new Office();
    const ada = office.agent('Ada');
    office.agent('Bea', { policy: 'decline' });
    expect(refusal(() => office.call(ada, 'Bea'))).toEqual({ code: 'call_declined_by_policy', name: 'Bea' });
  });

  it('of several callees makes one thread; the others join it as they accept', () => {
    const { office, ada, bea, cleo } = three();
    const call = office.call(ada, [bea, cleo]);
    const opened = office.answer(cleo, call).thread;
    expect(office.present(opened)).toEqual(['Ada', 'Cleo']);
    expect(office.answer(bea, call).thread).toBe(opened);
    expect(office.present(opened)).toEqual(['Ada', 'Cleo', 'Bea']);
    expect(office.heard(cleo)).toContain('Bea joins');
  });
});

describe('the other ends of a call', () => {
  it('is declined with a reason, which the caller is told', () => {
    const { office, ada, bea } = three();
    const call = office.call(ada, bea);
    office.answer(bea, call, 'decline', { reason: 'deep\u202e in tests' });
    expect(office.leg(call, bea)).toMatchObject({ state: 'declined', reason: 'deep in tests' });
    expect(office.heard(ada)).toEqual(['Bea declined']);
    expect(office.told(bea).map((entry) => entry.what)).toEqual(['call']);
  });

  it('is cancelled by its caller; the callee is told', () => {
    const { office, ada, bea, cleo } = three();
    const call = office.call(ada, [bea, cleo]);
    office.answer(bea, call, 'decline');
    office.cancel(ada, call);
    expect(office.leg(call, bea).state).toBe('declined');
    expect(office.leg(call, cleo).state).toBe('cancelled');
    expect(office.heard(cleo)).toEqual(['call', 'Cleo cancelled']);
    expect(office.state.waiting.size).toBe(0);
  });

  it('is missed when nobody answers, and both are told', () => {
    const { office, ada, bea } = three();
    const call = office.call(ada, bea);
    office.pass(120 * second);
    expect(office.leg(call, bea).state).toBe('missed');
    expect(office.heard(ada)).toEqual(['Bea missed']);
    expect(office.heard(bea)).toEqual(['call', 'Bea missed']);
    expect(office.state.waiting.get(bea)).toEqual([call]);
  });

  it('that rings when its seven days are over is missed and expired at its deadline', () => {
    const { office, ada, bea } = three();
    office.goOffline(bea);
    const call = office.call(ada, bea);
    office.pass(7 * day - second);
    office.comeBack(bea);
    office.pass(2 * minute);
    expect(office.leg(call, bea).state).toBe('expired');
    expect(office.heard(ada).slice(-2)).toEqual(['Bea missed', 'Bea expired']);
  });

  it('that rings when its seven days are over and is put off is over with that, and no answer comes too late', () => {
    const { office, ada, bea } = three();
    office.goOffline(bea);
    const call = office.call(ada, bea);
    office.pass(7 * day - second);
    office.comeBack(bea);
    office.pass(2 * second);
    expect(office.leg(call, bea).state).toBe('ringing');
    office.answer(bea, call, 'later');
    expect(office.heard(ada).slice(-2)).toEqual(['Bea missed', 'Bea expired']);
    expect(refusal(() => office.answer(bea, call))).toMatchObject({
      code: 'call_over',
      outcome: 'expired',
      by: 'time',
    });
  });

  it('is put off with later: it stops ringing and stays in the inbox', () => {
    const { office, ada, bea } = three();
    const call = office.call(ada, bea);
    office.answer(bea, call, 'later');
    const offset = office.state.offset;
    office.answer(bea, call, 'later');
    expect(office.state.offset).toBe(offset);
    expect(office.leg(call, bea).state).toBe('missed');
    expect(office.presence(bea)).toBe('available');
    expect(office.heard(ada)).toEqual(['Bea missed']);
    expect(office.heard(bea)).toEqual(['call']);
    expect(office.state.waiting.get(bea)).toEqual([call]);
  });

  it('expires after seven days, missed or queued', () => {
    const { office, ada, bea, cleo } = three();
    office.goOffline(cleo);
    const call = office.call(ada, [bea, cleo]);
    office.pass(7 * day - 1);
    expect([office.leg(call, bea).state, office.leg(call, cleo).state]).toEqual(['missed', 'queued']);
    office.pass(1);
    expect([office.leg(call, bea).state, office.leg(call, cleo).state]).toEqual(['expired', 'expired']);
    expect(office.heard(ada)).toEqual(expect.arrayContaining(['Bea expired', 'Cleo expired']));
    expect(office.state.waiting.size).toBe(0);
  });
});

describe('a restart', () => {
  it('lets a ringing call go on with the time that it had left', () => {
    const { office, ada, bea } = three();
    const call = office.call(ada, bea);
    const deadline = office.now + 120 * second;
    office.now += 60 * second;
    office.restart();
    expect(office.leg(call, bea)).toMatchObject({ state: 'ringing', deadline });
  });

  it('gives it at least ten seconds, however long the broker was away', () => {
    const { office, ada, bea } = three();
    const call = office.call(ada, bea);
    office.listen(bea);
    office.now += day;
    office.restart();
    expect(office.leg(call, bea)).toMatchObject({ state: 'ringing', deadline: office.now + 10 * second });
    expect(office.heard(bea)).toEqual([]);
    office.pass(10 * second - 1);
    expect(office.leg(call, bea).state).toBe('ringing');
    office.pass(1);
    expect(office.leg(call, bea).state).toBe('missed');
  });

  it('has the state that the events make', () => {
    const { office, ada, bea, cleo } = three();
    office.call(ada, [bea, cleo], { content: 'hi' });
    office.answer(bea, undefined);
    office.answer(cleo, undefined, 'decline');
    office.send(ada, 'well');
    office.leave(bea);
    expect(replay(office.events)).toStrictEqual(office.state);
  });
});

describe('same workspace only', () => {
  it('takes calls from the same folder and refuses others', () => {
    const office = new Office();
    const ada = office.agent('Ada', { workspace: '/work/app' });
    const cleo = office.agent('Cleo', { workspace: '/work/other' });
    const bea = office.agent('Bea', { workspace: '/work/app', policy: 'same-workspace' });
    expect(refusal(() => office.call(cleo, bea))).toEqual({ code: 'call_declined_by_policy', name: 'Bea' });
    expect(office.leg(office.call(ada, bea), bea).state).toBe('ringing');
  });

  it('takes none when nobody says where it works, but always the person’s', () => {
    const office = new Office();
    const ada = office.agent('Ada');
    const bea = office.agent('Bea', { policy: 'same-workspace' });
    expect(refusal(() => office.call(ada, bea)).code).toBe('call_declined_by_policy');
    expect(office.leg(office.call(office.person(), bea), bea).state).toBe('ringing');
  });
});
