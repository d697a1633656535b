import { describe, expect, it } from 'vitest';
import type { AgentId } from '../../../src/core/model';
import { day, hour, minute, Office, refusal, second } from './office';

/** Ada and Bea talk; Cleo and Dora are there. */
function talking(limits: ConstructorParameters<typeof Office>[0] = {}) {
  const office = new Office(limits);
  const [ada, bea, cleo, dora] = office.agents('Ada', 'Bea', 'Cleo', 'Dora') as [string, string, string, string];
  const thread = office.talk(ada, bea);
  for (const agent of [ada, bea]) office.listen(agent);
  return { office, ada, bea, cleo, dora, thread };
}

describe('an invitation', () => {
  it('rings, and whose acceptance joins the thread; all in it are told', () => {
    const { office, ada, bea, cleo, thread } = talking();
    const call = office.invite(ada, 'Cleo', { content: 'You know parsers.' });
    expect(office.state.calls.get(call)?.call).toMatchObject({
      into: thread,
      topic: 'Review',
      content: 'You know parsers.',
    });
    expect(office.leg(call, cleo).state).toBe('ringing');
    expect(office.answer(cleo, undefined).thread).toBe(thread);
    expect(office.present(thread)).toEqual(['Ada', 'Bea', 'Cleo']);
    expect(office.heard(bea)).toEqual(['Cleo joins']);
    expect(office.heard(ada)).toEqual(['Cleo accepted', 'Cleo joins']);
    expect(office.state.invitations.size).toBe(0);
  });

  it('may ask several; each outcome is told to both sides', () => {
    const { office, bea, cleo, dora, thread } = talking();
    const call = office.invite(bea, ['Cleo', 'Dora']);
    office.answer(dora, call, 'decline', { reason: 'no' });
    office.answer(cleo, call);
    expect(office.present(thread)).toEqual(['Ada', 'Bea', 'Cleo']);
    expect(office.heard(bea)).toEqual(['Dora declined', 'Cleo accepted', 'Cleo joins']);
  });

  it('is anybody’s in the thread and the person’s anywhere, and nobody else’s', () => {
    const { office, ada, cleo, dora, thread } = talking();
    const kim = office.person();
    expect(refusal(() => office.invite(cleo, 'Dora', { thread })).code).toBe('not_participant');
    const call = office.invite(kim, 'Dora', { thread });
    office.answer(dora, call);
    expect(office.present(thread)).toEqual(['Ada', 'Bea', 'Dora']);
    expect(refusal(() => office.invite(ada, 'Dora')).code).toBe('already_in');
    expect(refusal(() => office.invite(ada, 'Ada')).code).toBe('cannot_call_yourself');
    expect(refusal(() => office.invite(ada, 'Nemo')).code).toBe('unknown_agent');
    expect(refusal(() => office.invite(ada, [])).code).toBe('unknown_agent');
    expect(refusal(() => office.invite(ada, 'Cleo', { thread: 'nowhere' })).code).toBe('unknown_thread');
    expect(refusal(() => office.invite(cleo, 'Dora')).code).toBe('no_current_thread');
  });

  it('counts as a place in the thread while it is open', () => {
    const { office, ada, cleo, dora } = talking({ participants: 3 });
    const call = office.invite(ada, 'Cleo');
    expect(refusal(() => office.invite(ada, 'Dora')).code).toBe('thread_full');
    expect(refusal(() => office.invite(ada, 'Cleo'))).toMatchObject({ code: 'already_calling', call });
    office.answer(cleo, call, 'decline');
    office.answer(dora, office.invite(ada, 'Dora'));
    expect(refusal(() => office.invite(ada, 'Cleo')).code).toBe('thread_full');
  });

  it('can be neither placed nor accepted while the thread is paused, but for the person', () => {
    const { office, ada, cleo, dora, thread } = talking();
    const kim = office.person();
    const call = office.invite(ada, 'Cleo');
    office.run((step) => step.emit({ type: 'thread.paused', payload: { thread, by: kim } }));
    expect(refusal(() => office.answer(cleo, call)).code).toBe('thread_paused');
    expect(refusal(() => office.invite(ada, 'Dora')).code).toBe('thread_paused');
    const byKim = office.invite(kim, 'Dora', { thread });
    expect(office.leg(byKim, dora).state).toBe('ringing');
    expect(office.leg(call, cleo).state).toBe('ringing');
  });

  it('ends when the thread closes meanwhile, told to both; a later answer opens nothing', () => {
    const { office, ada, bea, cleo, thread } = talking();
    const call = office.invite(ada, 'Cleo');
    office.leave(bea, thread, true);
    expect(office.leg(call, cleo)).toMatchObject({ state: 'expired', reason: 'thread_closed' });
    expect(office.heard(cleo)).toEqual(['call', 'Cleo expired']);
    expect(office.heard(ada)).toEqual(['closed', 'Cleo expired']);
    expect(refusal(() => office.answer(cleo, call))).toMatchObject({ code: 'thread_closed', thread });
    expect(refusal(() => office.answer(cleo, call, 'decline')).code).toBe('call_over');
  });

  it('answered late joins while the thread is open, and rings nobody back', () => {
    const { office, ada, cleo, thread } = talking();
    const call = office.invite(ada, 'Cleo');
    office.pass(2 * minute);
    expect(office.leg(call, cleo).state).toBe('missed');
    expect(office.answer(cleo, call)).toEqual({ call, thread });
    expect(office.present(thread)).toContain('Cleo');
  });

  it('is accepted at once by who takes every call, and by who comes in another way', () => {
    const { office, ada, cleo, dora, thread } = talking();
    const kim = office.person();
    office.policy(cleo, 'accept');
    office.invite(ada, 'Cleo');
    expect(office.present(thread)).toContain('Cleo');
    const call = office.invite(ada, kim);
    office.send(kim, 'I look in', thread);
    expect(office.leg(call, kim).state).toBe('accepted');
    expect(office.state.waiting.has(dora)).toBe(false);
  });

  it('does not meet a call the other way: both ring', () => {
    const { office, ada, cleo } = talking();
    const call = office.invite(ada, 'Cleo');
    const other = office.call(cleo, ada, { urgency: 'now' });
    expect([office.leg(call, cleo).state, office.leg(other, ada).state]).toEqual(['ringing', 'ringing']);
  });

  it('with the same key happens once', () => {
    const { office, ada, cleo } = talking();
    const call = office.invite(ada, 'Cleo', { key: 'k' });
    office.answer(cleo, call);
    expect(office.invite(ada, 'Cleo', { key: 'k' })).toBe(call);
    expect(refusal(() => office.invite(ada, 'Dora', { key: 'k' })).code).toBe('key_conflict');
  });
});

describe('a transfer', () => {
  it('is invitation and leave in one step; who stays learns who comes and why', () => {
    const { office, ada, bea, cleo, thread } = talking();
    const call = office.transfer(ada, 'Cleo', { reason: 'she wrote it' });
    expect(office.present(thread)).toEqual(['Bea']);
    expect(office.notesIn(thread)).toEqual(['Ada hands over to Cleo: she wrote it']);
    expect(office.heard(bea)).toHaveLength(2);
    office.answer(cleo, call);
    expect(office.present(thread)).toEqual(['Bea', 'Cleo']);
    office.send(bea, 'Hello', thread);
    expect(office.heard(ada).at(-1)).toBe('Cleo accepted');
  });

  it('closes the thread, told to who waited, when nobody comes', () => {
    for (const end of ['decline', 'lapse', 'cancel'] as const) {
      const { office, ada, bea, cleo, thread } = talking();
      const call = office.transfer(ada, 'Cleo');
      if (end === 'decline') office.answer(cleo, call, 'decline');
      if (end === 'lapse') office.pass(2 * minute);
      if (end === 'cancel') office.cancel(ada, call);
      expect(office.state.threads.has(thread), end).toBe(false);
      expect(office.heard(bea).at(-1), end).toBe('closed');
      expect(refusal(() => office.answer(cleo, call)).code, end).toBe('thread_closed');
    }
  });

  it('keeps the thread for as long as a ring when the other is not free, and no longer', () => {
    const { office, ada, bea, cleo, thread } = talking();
    office.busy(cleo);
    const call = office.transfer(ada, 'Cleo');
    office.pass(2 * minute - second);
    expect(office.present(thread)).toEqual(['Bea']);
    office.pass(second);
    expect(office.state.threads.has(thread)).toBe(false);
    expect(office.leg(call, cleo)).toMatchObject({ state: 'expired', reason: 'thread_closed' });
    expect(office.heard(bea).at(-1)).toBe('closed');
  });

  it('keeps the thread while all is paused, however long it had rung, and rings on after it', () => {
    const { office, ada, cleo, thread } = talking();
    const kim = office.person();
    const call = office.transfer(ada, 'Cleo');
    office.pass(minute);
    office.pauseAll(kim);
    expect(office.leg(call, cleo).state).toBe('queued');
    office.pass(10 * minute);
    expect(office.present(thread)).toEqual(['Bea']);
    office.resumeAll(kim);
    expect(office.leg(call, cleo).state).toBe('ringing');
    office.answer(cleo, call);
    expect(office.present(thread)).toEqual(['Bea', 'Cleo']);
  });

  describe.each([
    ['everyone', (): undefined => undefined],
    ['the one who was rung', (cleo: AgentId): AgentId => cleo],
  ])('while the person holds %s', (_, whom) => {
    it('keeps the thread, however long it had rung and however long the hold lasts, and rings on after it', () => {
      const { office, ada, bea, cleo, thread } = talking();
      const kim = office.person();
      office.busy(cleo);
      const call = office.transfer(ada, 'Cleo');
      office.pass(minute);
      office.busy(cleo, false);
      office.pass(90 * second);
      office.govern(kim, whom(cleo), { hold: true });
      expect(office.leg(call, cleo)).toMatchObject({ state: 'queued', queued: 'held' });
      office.pass(2 * hour);
      expect(office.present(thread)).toEqual(['Bea']);
      office.reload();
      office.govern(kim, whom(cleo), { hold: null });
      expect(office.leg(call, cleo)).toMatchObject({ state: 'ringing', deadline: office.now + 2 * minute });
      office.pass(minute);
      office.answer(cleo, call);
      expect(office.present(thread)).toEqual(['Bea', 'Cleo']);
      expect(office.heard(bea)).not.toContain('closed');
    });

    it('counts the wait from the end of the hold when the other is not free then', () => {
      const { office, ada, cleo, thread } = talking();
      const kim = office.person();
      office.busy(cleo);
      office.transfer(ada, 'Cleo');
      office.govern(kim, whom(cleo), { hold: true });
      office.pass(hour);
      office.govern(kim, whom(cleo), { hold: false });
      office.pass(2 * minute - second);
      expect(office.present(thread)).toEqual(['Bea']);
      office.pass(second);
      expect(office.state.threads.has(thread)).toBe(false);
    });

    it('closes the thread when the one who waits leaves, and when the invitation expires', () => {
      for (const end of ['leave', 'expire'] as const) {
        const { office, ada, bea, cleo, thread } = talking();
        const kim = office.person();
        office.govern(kim, whom(cleo), { hold: true });
        office.transfer(ada, 'Cleo');
        office.pass(7 * day - second);
        expect(office.present(thread), end).toEqual(['Bea']);
        if (end === 'leave') office.leave(bea, thread);
        else office.pass(second);
        expect(office.state.threads.has(thread), end).toBe(false);
      }
    });
  });

  it('counts no wait anew when a hold ends that was not on the one who was rung', () => {
    const { office, ada, cleo, thread } = talking();
    const kim = office.person();
    office.govern(kim, undefined, { hold: true });
    office.govern(kim, cleo, { hold: false });
    office.busy(cleo);
    office.transfer(ada, 'Cleo');
    office.pass(minute);
    office.govern(kim, undefined, { hold: null });
    office.pass(minute);
    expect(office.state.threads.has(thread)).toBe(false);
  });

  it('in a thread of three leaves the others talking', () => {
    const { office, ada, cleo, dora, thread } = talking();
    office.answer(dora, office.invite(ada, 'Dora'));
    office.answer(cleo, office.transfer(ada, 'Cleo'), 'decline');
    expect(office.present(thread)).toEqual(['Bea', 'Dora']);
  });

  it('is refused to who is not in the thread, to one who is, and while it is paused, and nothing changes', () => {
    const { office, ada, cleo, thread } = talking();
    const kim = office.person();
    expect(refusal(() => office.transfer(cleo, 'Dora', { thread })).code).toBe('not_participant');
    expect(refusal(() => office.transfer(kim, 'Dora', { thread })).code).toBe('not_participant');
    expect(refusal(() => office.transfer(ada, 'Bea')).code).toBe('already_in');
    expect(refusal(() => office.transfer(ada, 'Ada')).code).toBe('cannot_call_yourself');
    office.run((step) => step.emit({ type: 'thread.paused', payload: { thread, by: kim } }));
    expect(refusal(() => office.transfer(ada, 'Cleo')).code).toBe('thread_paused');
    expect(office.present(thread)).toEqual(['Ada', 'Bea']);
  });

  it('goes on after a restart', () => {
    const { office, ada, cleo, thread } = talking();
    const call = office.transfer(ada, 'Cleo');
    office.reload();
    office.answer(cleo, call);
    expect(office.present(thread)).toEqual(['Bea', 'Cleo']);
  });
});
