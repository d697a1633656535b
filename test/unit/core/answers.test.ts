import { describe, expect, it } from 'vitest';
import { changeProfile } from '../../../src/core/agents';

import { day, minute, Office, refusal, second } from './office';

function three() {
  const office = new Office();
  const [ada, bea, cleo] = office.agents('Ada', 'Bea', 'Cleo') as [string, string, string];
  return { office, ada, bea, cleo };
}

describe('the first in the journal wins', () => {
  const outcomes = [
    ['accepted', (office: Office, _: string, bea: string, call: string) => void office.answer(bea, call)],
    ['declined', (office: Office, _: string, bea: string, call: string) => void office.answer(bea, call, 'decline')],
    ['cancelled', (office: Office, ada: string, _: string, call: string) => office.cancel(ada, call)],
  ] as const;

  it.each(outcomes)('after it was %s every other answer learns the outcome and who', (outcome, act) => {
    const { office, ada, bea } = three();
    const call = office.call(ada, bea);
    act(office, ada, bea, call);
    const thread = office.state.calls.get(call)?.thread;
    const over = {
      code: 'call_over',
      call,
      outcome,
      by: outcome === 'cancelled' ? 'Ada' : 'Bea',
      ...(thread !== undefined && { thread }),
    };
    const offset = office.state.offset;
    expect(refusal(() => office.answer(bea, call))).toEqual(over);
    expect(refusal(() => office.answer(bea, call, 'decline'))).toEqual(over);
    expect(refusal(() => office.answer(bea, call, 'later'))).toEqual(over);
    expect(refusal(() => office.cancel(ada, call))).toEqual(over);
    expect(office.state.offset).toBe(offset);
  });

  it('tells after an expiry that time ended the call', () => {
    const { office, ada, bea } = three();
    const call = office.call(ada, bea, { urgency: 'later' });
    office.pass(7 * day);
    expect(refusal(() => office.answer(bea, call))).toMatchObject({
      code: 'call_over',
      outcome: 'expired',
      by: 'time',
    });
  });

  it('names the acceptance when one of several legs was accepted and the others ended otherwise', () => {
    const { office, ada, bea, cleo } = three();
    const call = office.call(ada, [bea, cleo]);
    office.answer(bea, call, 'decline');
    office.answer(cleo, call);
    expect(refusal(() => office.cancel(ada, call))).toMatchObject({
      code: 'call_over',
      outcome: 'accepted',
      by: 'Cleo',
    });
  });

  it('refuses an answer to a call of another, and to none', () => {
    const { office, ada, bea, cleo } = three();
    const call = office.call(ada, bea);
    expect(refusal(() => office.answer(cleo, call))).toEqual({ code: 'not_your_call', call });
    expect(refusal(() => office.answer(cleo, call, 'accept', { leg: bea }))).toEqual({ code: 'not_your_call', call });
    expect(refusal(() => office.cancel(bea, call))).toEqual({ code: 'not_your_call', call });
    expect(refusal(() => office.answer(bea, 'no\u202esuch'))).toEqual({ code: 'unknown_call', call: 'no such' });
  });
});

describe('two who call each other', () => {
  it('are connected by the older call; the newer ends merged', () => {
    const { office, ada, bea } = three();
    const older = office.call(ada, bea, { topic: 'Older', content: 'from Ada' });
    const newer = office.call(bea, ada, { topic: 'Newer', content: 'from Bea' });
    expect(office.leg(older, bea).state).toBe('accepted');
    expect(office.leg(newer, ada).state).toBe('merged');
    const thread = office.state.calls.get(older)?.thread;
    expect(office.thread(thread).topic).toBe('Older');
    expect(office.state.calls.get(newer)?.thread).toBe(thread);
    expect(office.heard(bea)).not.toContain('Ada merged');
    expect(office.texts(thread)).toEqual(['Ada: from Ada', 'Bea: from Bea']);
    expect(office.heard(ada)).toContain('Bea accepted');
    expect(office.state.threads.size).toBe(1);
    expect(office.state.waiting.size).toBe(0);
  });

  it('are connected too when the older call had waited in a queue', () => {
    const { office, ada, bea, cleo } = three();
    const first = office.call(cleo, bea);
    const older = office.call(ada, bea, { topic: 'Older' });
    const newer = office.call(bea, ada, { topic: 'Newer', content: 'from Bea' });
    expect(office.leg(newer, ada).state).toBe('ringing');
    office.pass(second);
    office.answer(bea, first, 'decline');
    expect(office.leg(older, bea).state).toBe('accepted');
    expect(office.leg(newer, ada).state).toBe('merged');
    expect(office.heard(bea)).toContain('Ada merged');
    expect(office.texts(office.state.calls.get(older)?.thread)).toEqual(['Bea: from Bea']);
  });
});

describe('the person', () => {
  it('answers for an agent: joins as themself, and caller and agent are told', () => {
    const { office, ada, bea } = three();
    const kim = office.person();
    const call = office.call(ada, bea, { content: 'hi' });
    const { thread } = office.answer(kim, call, 'accept', { leg: bea });
    expect(office.present(thread)).toEqual(['Ada', 'Kim']);
    expect(office.leg(call, bea)).toMatchObject({ state: 'accepted', by: kim });
    expect(office.heard(ada)).toContain('Bea accepted');
    expect(office.heard(bea)).toEqual(['call', 'Bea accepted']);
    expect(refusal(() => office.answer(bea, call))).toMatchObject({ code: 'call_over', by: 'Kim' });
  });

  it('answers for a second agent of a call without joining its thread twice', () => {
    const { office, ada, bea, cleo } = three();
    const kim = office.person();
    const call = office.call(ada, [bea, cleo]);
    const { thread } = office.answer(kim, call, 'accept', { leg: bea });
    expect(office.answer(kim, call, 'accept', { leg: cleo }).thread).toBe(thread);
    expect(office.thread(thread).ids).toHaveLength(2);
  });

  it('declines for an agent, which is told', () => {
    const { office, ada, bea } = three();
    const kim = office.person();
    const call = office.call(ada, bea);
    office.answer(kim, call, 'decline', { leg: bea });
    expect(office.heard(bea)).toEqual(['call', 'Bea declined']);
    expect(refusal(() => office.answer(bea, call))).toMatchObject({ outcome: 'declined', by: 'Kim' });
  });

  it('frees an agent that joins only an async thread for its next call', () => {
    const { office, ada, bea, cleo } = three();
    const dora = office.agent('Dora');
    const call = office.call(ada, [bea, dora], { urgency: 'later' });
    office.goOffline(ada);
    office.answer(dora, call);
    const first = office.call(cleo, bea);
    const next = office.call(dora, bea);
    office.answer(bea, call);
    expect(office.leg(next, bea).state).toBe('queued');
    office.answer(bea, first, 'decline');
    expect(office.leg(next, bea).state).toBe('ringing');
  });

  it('frees the agent for its next call', () => {
    const { office, ada, bea, cleo } = three();
    const kim = office.person();
    const first = office.call(ada, bea);
    const next = office.call(cleo, bea);
    office.answer(kim, first, 'accept', { leg: bea });
    expect(office.leg(next, bea).state).toBe('ringing');
  });

  it('cannot accept for an agent the call that they placed themself', () => {
    const { office, bea } = three();
    const kim = office.person();
    const call = office.call(kim, bea);
    expect(refusal(() => office.answer(kim, call, 'accept', { leg: bea }))).toEqual({ code: 'not_your_call', call });
    expect(office.leg(call, bea).state).toBe('ringing');
  });
});

describe('answering late', () => {
  it('rings the caller back when it is there; then the talk begins with the first message', () => {
    const { office, ada, bea } = three();
    const call = office.call(ada, bea, { topic: 'Review', content: 'look', urgency: 'next' });
    office.pass(minute * 2);
    const answered = office.answer(bea, call);
    expect(answered).toEqual({ call, ringBack: answered.ringBack });
    const back = answered.ringBack ?? '';
    expect(office.leg(call, bea).state).toBe('returned');
    expect(office.lastCall()).toMatchObject({ from: bea, topic: 'Review', returns: call, placedAt: office.now });
    expect(office.leg(back, ada).state).toBe('ringing');
    expect(office.heard(ada)).toEqual(['Bea missed', 'Bea returned', 'call']);
    const { thread } = office.answer(ada, back);
    expect(office.present(thread)).toEqual(['Bea', 'Ada']);
    expect(office.texts(thread)).toEqual(['Ada: look']);
    expect(refusal(() => office.answer(bea, call))).toMatchObject({
      code: 'call_over',
      outcome: 'returned',
      by: 'Bea',
    });
  });

  it.each(['offline', 'busy', 'in-call', 'ringing'])('opens an async thread with the caller when that is %s', (how) => {
    const { office, ada, bea, cleo } = three();
    const call = office.call(ada, bea, { content: 'look' });
    office.pass(2 * minute);
    if (how === 'offline') office.goOffline(ada);
    if (how === 'busy') office.run((step) => changeProfile(step, ada, { busy: true }));
    if (how === 'in-call') office.talk(cleo, ada);
    if (how === 'ringing') office.call(cleo, ada);
    expect(office.presence(ada)).toBe(how);
    const { thread, ringBack } = office.answer(bea, call);
    expect(ringBack).toBeUndefined();
    expect(office.thread(thread)).toMatchObject({ mode: 'async', topic: 'Review' });
    expect(office.present(thread)).toEqual(['Ada', 'Bea']);
    expect(office.texts(thread)).toEqual(['Ada: look']);
    expect(office.leg(call, bea).state).toBe('accepted');
  });

  it('rings the caller back from a queue, and for a call that was only for later too', () => {
    const { office, ada, bea } = three();
    const call = office.call(ada, bea, { urgency: 'later' });
    const { ringBack } = office.answer(bea, call);
    expect(office.leg(ringBack ?? '', ada).state).toBe('ringing');
  });

  it('opens an async thread when the caller was gone before a queued call rang, not when it went while it rang', () => {
    const { office, ada, bea, cleo } = three();
    office.goOffline(bea);
    const queued = office.call(ada, bea, { content: 'look' });
    office.goOffline(ada);
    office.pass(31 * minute);
    office.comeBack(bea);
    expect(office.leg(queued, bea).state).toBe('ringing');
    const { thread } = office.answer(bea, queued);
    expect(office.thread(thread)).toMatchObject({ mode: 'async' });
    office.pass(minute);
    expect(office.present(thread)).toEqual(['Ada', 'Bea']);
    const ringing = office.call(cleo, bea);
    office.goOffline(cleo);
    expect(office.thread(office.answer(bea, ringing).thread).mode).toBe('live');
  });

  it('joins the open thread of a call that another callee accepted', () => {
    const { office, ada, bea, cleo } = three();
    const call = office.call(ada, [bea, cleo]);
    const { thread } = office.answer(bea, call);
    office.pass(2 * minute);
    expect(office.answer(cleo, call)).toEqual({ call, thread });
    expect(office.present(thread)).toEqual(['Ada', 'Bea', 'Cleo']);
  });

  it('joins it also when the caller has left it and is free', () => {
    const { office, ada, bea, cleo } = three();
    const dora = office.agent('Dora');
    const call = office.call(ada, [bea, cleo, dora]);
    const { thread } = office.answer(bea, call);
    office.answer(cleo, call);
    office.pass(2 * minute);
    office.leave(ada, thread);
    expect(office.answer(dora, call)).toEqual({ call, thread });
    expect(office.present(thread)).toEqual(['Bea', 'Cleo', 'Dora']);
  });

  it('opens a thread anew when the first one is closed, and the call names the new one', () => {
    const { office, ada, bea, cleo } = three();
    const call = office.call(ada, [bea, cleo]);
    office.answer(bea, call);
    office.leave(ada);
    const { thread } = office.answer(cleo, call);
    expect(office.present(thread)).toEqual(['Ada', 'Cleo']);
    expect(office.state.calls.get(call)?.thread).toBe(thread);
  });

  it('by the person for an agent rings the caller back for the person, and the agent is told', () => {
    const { office, ada, bea } = three();
    const kim = office.person();
    const call = office.call(ada, bea);
    office.pass(2 * minute);
    office.listen(bea);
    const { ringBack } = office.answer(kim, call, 'accept', { leg: bea });
    expect(office.state.calls.get(ringBack ?? '')?.call.from).toBe(kim);
    expect(office.heard(bea)).toEqual(['Bea returned']);
    expect(refusal(() => office.answer(bea, call))).toMatchObject({ outcome: 'returned', by: 'Kim' });
  });

  it('posts nothing in the name of a caller for whom the person takes the ring back', () => {
    const { office, ada, bea } = three();
    const kim = office.person();
    const call = office.call(ada, bea, { content: 'look' });
    office.pass(2 * minute);
    const { ringBack } = office.answer(bea, call);
    const { thread } = office.answer(kim, ringBack, 'accept', { leg: ada });
    expect(office.present(thread)).toEqual(['Bea', 'Kim']);
    expect(office.texts(thread)).toEqual([]);
  });

  it('leaves a queued call in the inbox without another ring when it is put off', () => {
    const { office, ada, bea } = three();
    office.goOffline(bea);
    const call = office.call(ada, bea);
    office.answer(bea, call, 'later');
    office.comeBack(bea);
    expect(office.leg(call, bea).state).toBe('missed');
    expect(office.presence(bea)).toBe('available');
  });
});
