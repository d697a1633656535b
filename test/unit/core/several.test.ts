import { describe, expect, it } from 'vitest';
import { minute, Office, refusal } from './office';

function four() {
  const office = new Office();
  const [ada, bea, cleo, dora] = office.agents('Ada', 'Bea', 'Cleo', 'Dora') as [string, string, string, string];
  return { office, ada, bea, cleo, dora, call: office.call(ada, ['Bea', 'Cleo', 'Dora'], { content: 'Hello' }) };
}

describe('a call to several', () => {
  it('opens one thread with the first acceptance, which the others join; the caller hears of each', () => {
    const { office, ada, bea, cleo, dora, call } = four();
    const { thread } = office.answer(cleo, call);
    expect(office.present(thread)).toEqual(['Ada', 'Cleo']);
    office.answer(bea, call, 'decline', { reason: 'no' });
    expect(office.answer(dora, call).thread).toBe(thread);
    expect(office.present(thread)).toEqual(['Ada', 'Cleo', 'Dora']);
    expect(office.texts(thread)).toEqual(['Ada: Hello']);
    expect(office.heard(ada)).toEqual(['Cleo accepted', 'Bea declined', 'Dora accepted', 'Dora joins']);
    expect([...(office.state.calls.get(call)?.legs.keys() ?? [])]).toEqual([bea, cleo, dora]);
  });

  it('stays for the others when one declines, leaves it for later or does not answer', () => {
    const { office, bea, cleo, dora, call } = four();
    office.answer(bea, call, 'decline');
    office.answer(cleo, call, 'later');
    office.pass(2 * minute);
    expect([bea, cleo, dora].map((one) => office.leg(call, one).state)).toEqual(['declined', 'missed', 'missed']);
    expect(office.state.calls.get(call)?.overAt).toBeUndefined();
  });

  it('taken back ends for those who have not answered, and for nobody else', () => {
    const { office, ada, bea, cleo, call } = four();
    const { thread } = office.answer(bea, call);
    office.cancel(ada, call);
    expect(office.leg(call, bea).state).toBe('accepted');
    expect(office.present(thread)).toEqual(['Ada', 'Bea']);
    expect(refusal(() => office.answer(cleo, call))).toMatchObject({
      code: 'call_over',
      outcome: 'cancelled',
      by: 'Ada',
    });
    expect(refusal(() => office.cancel(ada, call))).toMatchObject({ code: 'call_over', outcome: 'accepted' });
  });

  it('answered late joins while the thread is open, and opens another when it is archived', () => {
    const { office, ada, bea, cleo, dora, call } = four();
    const { thread } = office.answer(bea, call);
    office.pass(2 * minute);
    expect(office.answer(cleo, call).thread).toBe(thread);
    office.leave(ada, thread, true);
    const { ringBack = '' } = office.answer(dora, call);
    expect(office.leg(ringBack, ada).state).toBe('ringing');
    expect(office.answer(ada, ringBack).thread).not.toBe(thread);
  });

  it('rings whom it can and waits for the others', () => {
    const office = new Office();
    const [ada, bea, cleo] = office.agents('Ada', 'Bea', 'Cleo') as [string, string, string];
    office.busy(bea);
    const call = office.call(ada, [bea, cleo], { callBack: true });
    expect([bea, cleo].map((one) => office.leg(call, one).state)).toEqual(['awaited', 'ringing']);
    office.answer(cleo, call);
    office.busy(bea, false);
    expect(office.leg(call, bea).state).toBe('free');
    expect(office.state.calls.get(call)?.overAt).toBeDefined();
  });
});
