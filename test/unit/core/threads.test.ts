import { describe, expect, it } from 'vitest';
import { currentThread } from '../../../src/core/threads';
import { day, hour, minute, Office, refusal, replay } from './office';

function three() {
  const office = new Office();
  const [ada, bea, cleo] = office.agents('Ada', 'Bea', 'Cleo') as [string, string, string];
  return { office, ada, bea, cleo };
}

describe('a live thread', () => {
  it('numbers its messages from 1 without a gap', () => {
    const { office, ada, bea } = three();
    const thread = office.talk(ada, bea);
    expect(office.send(ada, 'one').seq).toBe(3);
    expect(office.send(bea, 'two').seq).toBe(4);
    office.leave(bea);
    const seqs = office.events.flatMap((event) => (event.type === 'message.sent' ? [event.payload.message.seq] : []));
    expect(seqs).toEqual([1, 2, 3, 4, 5]);
    expect(office.state.threads.has(thread)).toBe(false);
  });

  it('is closed when fewer than two remain, and then takes nothing', () => {
    const { office, ada, bea, cleo } = three();
    const thread = office.talk(ada, bea, cleo);
    office.leave(ada);
    expect(office.present(thread)).toEqual(['Bea', 'Cleo']);
    office.leave(bea);
    expect(office.state.threads.has(thread)).toBe(false);
    expect(office.heard(cleo)).toEqual(expect.arrayContaining(['Ada leaves', 'Bea leaves', 'closed']));
    expect(refusal(() => office.send(cleo, 'hello?', thread))).toEqual({ code: 'thread_closed', thread });
    expect(refusal(() => office.leave(cleo, thread)).code).toBe('thread_closed');
  });

  it('is closed after 30 minutes without a message', () => {
    const { office, ada, bea } = three();
    const thread = office.talk(ada, bea);
    office.pass(29 * minute);
    office.send(ada, 'still here');
    office.pass(30 * minute - 1);
    expect(office.state.threads.has(thread)).toBe(true);
    office.pass(1);
    expect(office.state.threads.has(thread)).toBe(false);
    expect(office.told(bea).at(-1)).toMatchObject({ what: 'closed', thread, reason: 'idle', topic: 'Review' });
  });

  it('loses a participant who was offline for 30 minutes, not one who was away for less', () => {
    const { office, ada, bea, cleo } = three();
    const thread = office.talk(ada, bea, cleo);
    office.goOffline(bea);
    office.pass(20 * minute);
    office.send(ada, 'hm');
    office.comeBack(bea);
    office.goOffline(bea);
    office.pass(20 * minute);
    office.send(ada, 'hm again');
    expect(office.present(thread)).toEqual(['Ada', 'Bea', 'Cleo']);
    office.pass(10 * minute);
    expect(office.present(thread)).toEqual(['Ada', 'Cleo']);
    expect(office.heard(cleo)).toContain('Bea leaves');
  });

  it('is the current thread when it is the only one; else the choices are told', () => {
    const { office, ada, bea, cleo } = three();
    const current = () => office.run((step) => currentThread(step, bea));
    expect(refusal(current)).toEqual({ code: 'no_current_thread' });
    office.message(ada, 'Bea', 'an async thread does not count');
    expect(refusal(current)).toEqual({ code: 'no_current_thread' });
    const first = office.talk(ada, bea);
    expect(current()).toBe(first);
    const call = office.call(cleo, bea, { topic: 'Urgent', urgency: 'now' });
    const second = office.answer(bea, call).thread;
    expect(refusal(current)).toEqual({ code: 'which_thread', choices: [`${first} Review`, `${second ?? ''} Urgent`] });
    office.leave(bea, second);
    expect(current()).toBe(first);
  });

  it('takes no word of who is not in it, or is no more', () => {
    const { office, ada, bea, cleo } = three();
    const thread = office.talk(ada, bea);
    expect(refusal(() => office.send(cleo, 'hi', thread)).code).toBe('not_participant');
    expect(refusal(() => office.leave(cleo, thread)).code).toBe('not_participant');
    expect(refusal(() => office.leave(cleo, thread, true)).code).toBe('not_participant');
    expect(refusal(() => office.send(ada, 'hi', 'nowhere')).code).toBe('unknown_thread');
  });

  it('tells who leaves twice that they have left', () => {
    const { office, ada, bea, cleo } = three();
    const thread = office.talk(ada, bea, cleo);
    office.leave(bea);
    expect(refusal(() => office.leave(bea, thread))).toEqual({ code: 'already_left', thread });
    expect(refusal(() => office.send(bea, 'one more thing', thread)).code).toBe('not_participant');
  });

  it('is closed for everyone by a participant or by the person', () => {
    const { office, ada, bea, cleo } = three();
    const kim = office.person();
    const first = office.talk(ada, bea, cleo);
    office.leave(ada, first, true);
    expect(office.told(cleo).at(-1)).toMatchObject({ what: 'closed', thread: first, reason: 'closed' });
    expect(office.told(bea).at(-1)).toMatchObject({ what: 'closed', reason: 'closed' });
    const second = office.talk(ada, bea);
    office.leave(kim, second, true);
    expect(office.told(ada).at(-1)).toMatchObject({ what: 'closed', thread: second, reason: 'closed' });
    expect(office.state.threads.size).toBe(0);
  });

  it('lets the person in with their first word', () => {
    const { office, ada, bea } = three();
    const kim = office.person();
    const thread = office.talk(ada, bea);
    office.send(kim, 'may I?', thread);
    expect(office.present(thread)).toEqual(['Ada', 'Bea', 'Kim']);
    expect(office.heard(ada)).toEqual(expect.arrayContaining(['Kim joins', 'Kim says may I?']));
  });

  it('takes only the person’s word while it is paused', () => {
    const { office, ada, bea } = three();
    const kim = office.person();
    const thread = office.talk(ada, bea);
    office.run((step) => step.emit({ type: 'thread.paused', payload: { thread, by: kim } }));
    expect(refusal(() => office.send(ada, 'hm'))).toEqual({ code: 'thread_paused', thread });
    office.send(kim, 'wait', thread);
    office.pass(2 * hour);
    expect(office.state.threads.has(thread)).toBe(true);
    office.run((step) => step.emit({ type: 'thread.resumed', payload: { thread, by: kim } }));
    office.send(ada, 'on we go');
    expect(office.heard(bea)).toEqual(expect.arrayContaining(['paused', 'resumed', 'Ada says on we go']));
    expect(office.heard(kim)).not.toContain('paused');
  });
});

describe('a message to one agent', () => {
  it('opens an async thread of the two and goes on in it', () => {
    const { office, ada, bea } = three();
    office.goOffline(bea);
    const first = office.message(ada, 'Bea', 'one');
    office.pass(30 * day);
    const second = office.message(bea, 'ada', 'two', ' messages ');
    expect(second).toMatchObject({ thread: first.thread, seq: first.seq + 1 });
    expect(office.thread(first.thread)).toMatchObject({ mode: 'async', topic: 'Messages', pair: [ada, bea] });
    expect(office.texts(first.thread)).toEqual(['Ada: one', 'Bea: two']);
  });

  it('tells the recipient of the message and the sender of nothing', () => {
    const { office, ada, bea } = three();
    office.message(ada, 'Bea', 'one');
    expect(office.heard(bea)).toEqual(['Ada says one']);
    expect(office.heard(ada)).toEqual([]);
  });

  it('opens another thread for another topic, and after one of the two has left', () => {
    const { office, ada, bea } = three();
    const first = office.message(ada, 'Bea', 'one').thread;
    expect(office.message(ada, 'Bea', 'one', 'Build').thread).not.toBe(first);
    office.leave(bea, first);
    const next = office.message(ada, 'Bea', 'two').thread;
    expect(next).not.toBe(first);
    expect(office.message(bea, 'Ada', 'three').thread).toBe(next);
  });

  it('does not go on in the thread of a late call', () => {
    const { office, ada, bea } = three();
    const call = office.call(ada, bea, { topic: 'Messages', urgency: 'later' });
    office.goOffline(ada);
    const { thread } = office.answer(bea, call);
    expect(office.message(bea, 'Ada', 'hi').thread).not.toBe(thread);
  });

  it('goes to another, and to somebody', () => {
    const { office, ada } = three();
    expect(refusal(() => office.message(ada, 'ADA', 'hi')).code).toBe('cannot_call_yourself');
    expect(refusal(() => office.message(ada, 'Zoe', 'hi')).code).toBe('unknown_agent');
    expect(refusal(() => office.message(ada, 'Bea', 'hi', '\u0007')).code).toBe('empty_topic');
    expect(office.state.threads.size).toBe(0);
  });
});

describe('an async thread', () => {
  it('outlives silence and absence', () => {
    const { office, ada, bea } = three();
    const { thread } = office.message(ada, 'Bea', 'hi');
    office.goOffline(ada);
    office.goOffline(bea);
    office.pass(60 * day);
    expect(office.present(thread)).toEqual(['Ada', 'Bea']);
  });

  it('stays when one leaves, and is closed when nobody is left', () => {
    const { office, ada, bea } = three();
    const { thread } = office.message(ada, 'Bea', 'hi');
    office.leave(ada, thread);
    expect(office.present(thread)).toEqual(['Bea']);
    office.leave(bea, thread);
    expect(office.state.threads.has(thread)).toBe(false);
  });

  it('does not keep an agent with a generated name on the roster: it leaves when it is retired', () => {
    const { office, ada } = three();
    const passer = office.agent(undefined);
    const { thread } = office.message(passer, 'Ada', 'hi');
    office.goOffline(passer);
    office.pass(day);
    expect(office.state.agents.has(passer)).toBe(false);
    expect(office.present(thread)).toEqual(['Ada']);
    expect(office.state.inThreads.has(passer)).toBe(false);
    expect(office.heard(ada)).toHaveLength(2);
    expect(replay(office.events)).toStrictEqual(office.state);
  });

  it('is not the end of a caller whose call can still be answered', () => {
    const { office, bea } = three();
    const passer = office.agent(undefined);
    const call = office.call(passer, bea);
    office.goOffline(passer);
    office.pass(6 * day);
    expect(office.state.agents.has(passer)).toBe(true);
    expect(office.present(office.answer(bea, call).thread)).toHaveLength(2);
    const next = office.agent(undefined);
    office.call(next, bea);
    office.goOffline(next);
    office.pass(8 * day);
    expect(office.state.agents.has(next)).toBe(false);
  });
});
