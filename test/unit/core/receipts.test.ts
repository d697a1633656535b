import { describe, expect, it } from 'vitest';
import type { RingReport } from '../../../src/core/model';
import { markSeen, markThreadSeen, reportRing } from '../../../src/core/receipts';
import { seenKept } from '../../../src/core/state';
import { day, minute, Office, second } from './office';
import { RoomOffice } from './roomOffice';

function two() {
  const office = new Office();
  const [ada, bea] = office.agents('Ada', 'Bea') as [string, string];
  return { office, ada, bea };
}

const rang = (office: Office, subject: string, agent: string, result: RingReport['result'] = 'written') =>
  office.run((step) => reportRing(step, subject, agent, { ringer: 'test', result }));

describe('a receipt', () => {
  it('goes from stored over rung and seen to answered', () => {
    const { office, ada, bea } = two();
    office.talk(ada, bea);
    const { message } = office.send(ada, 'hi');
    expect(office.receipt(message, bea)).toEqual({ state: 'stored', at: office.now });
    expect(office.receipt(message, ada)).toBeUndefined();
    office.now += second;
    rang(office, message, bea);
    expect(office.receipt(message, bea)).toMatchObject({
      state: 'rung',
      at: office.now,
      report: { result: 'written' },
    });
    office.now += second;
    office.see(bea, message);
    expect(office.receipt(message, bea)).toMatchObject({ state: 'seen', at: office.now });
    office.send(bea, 'hello');
    expect(office.state.pending.has(message)).toBe(false);
    expect(office.events.at(-1)).toMatchObject({ type: 'message.sent', payload: { answers: [message] } });
  });

  it('never goes back', () => {
    const { office, ada, bea } = two();
    office.talk(ada, bea);
    const { message } = office.send(ada, 'hi');
    office.see(bea, message);
    const offset = office.state.offset;
    rang(office, message, bea);
    office.see(bea, message);
    expect(office.state.offset).toBe(offset);
    office.run((step) =>
      step.emit({
        type: 'receipt.rung',
        payload: { subject: message, agent: bea, report: { ringer: 'x', result: 'written' } },
      }),
    );
    expect(office.receipt(message, bea)?.state).toBe('seen');
  });

  it('does not count as rung when the ringer was held, refused or failed', () => {
    const { office, ada, bea } = two();
    office.talk(ada, bea);
    const { message } = office.send(ada, 'hi');
    for (const result of ['held', 'refused', 'failed'] as const) {
      rang(office, message, bea, result);
      expect(office.receipt(message, bea)).toMatchObject({ state: 'stored', report: { result } });
    }
  });

  it('is made for each recipient, and only for those who were there', () => {
    const { office, ada, bea } = two();
    const cleo = office.agent('Cleo');
    office.talk(ada, bea, cleo);
    const { message } = office.send(ada, 'hi');
    office.see(bea, message);
    expect([office.receipt(message, bea)?.state, office.receipt(message, cleo)?.state]).toEqual(['seen', 'stored']);
    office.see(office.agent('Dora'), message);
    expect(office.state.pending.get(message)?.receipts.size).toBe(2);
  });

  it('in a thread of three is answered by a reply, not by the next word', () => {
    const { office, ada, bea } = two();
    const cleo = office.agent('Cleo');
    office.talk(ada, bea, cleo);
    const { message } = office.send(ada, 'hi');
    office.see(bea, message);
    office.send(bea, 'by the way');
    expect(office.receipt(message, bea)?.state).toBe('seen');
    office.send(bea, 'hello', undefined, { replyTo: message });
    expect(office.receipt(message, bea)).toBeUndefined();
    expect(office.receipt(message, cleo)?.state).toBe('stored');
  });

  it('in a thread of two is not answered by a word that crossed it', () => {
    const { office, ada, bea } = two();
    office.talk(ada, bea);
    const { message } = office.send(ada, 'hi');
    office.send(bea, 'are you there?');
    expect(office.receipt(message, bea)?.state).toBe('stored');
  });

  it('needs a message of this thread to reply to', () => {
    const { office, ada, bea } = two();
    const other = office.message(ada, 'Bea', 'elsewhere').message;
    office.talk(ada, bea);
    expect(() => office.send(bea, 'hm', undefined, { replyTo: other })).toThrow('unknown_message');
    expect(() => office.message(bea, 'Ada', 'hm', 'New', { replyTo: other })).toThrow('unknown_message');
  });

  it('expires for who leaves unseen; what was seen stays seen', () => {
    const { office, ada, bea } = two();
    const cleo = office.agent('Cleo');
    const thread = office.talk(ada, bea, cleo);
    const seen = office.send(ada, 'seen').message;
    const unseen = office.send(ada, 'unseen').message;
    office.see(bea, seen);
    const states: string[] = [];
    const place = office.thread(thread).places.get(bea);
    for (const id of [seen, unseen]) {
      const receipt = office.receipt(id, bea);
      office.run(() => undefined);
      if (receipt) states.push(receipt.state);
    }
    expect(states).toEqual(['seen', 'stored']);
    const [seenReceipt, unseenReceipt] = [office.receipt(seen, bea), office.receipt(unseen, bea)];
    office.leave(bea);
    expect([seenReceipt?.state, unseenReceipt?.state]).toEqual(['seen', 'expired']);
    expect(office.receipt(seen, bea)).toBeUndefined();
    expect(place).toMatchObject({ unseen: [], seen: [] });
    expect(office.receipt(seen, cleo)?.state).toBe('stored');
  });

  it('can still become seen after the thread was closed: last words are read too', () => {
    const { office, ada, bea } = two();
    office.talk(ada, bea);
    const early = office.send(ada, 'early').message;
    office.see(bea, early);
    const { message } = office.send(ada, 'bye');
    office.leave(ada);
    expect(office.receipt(early, bea)).toBeUndefined();
    const receipt = office.receipt(message, bea);
    expect(receipt?.state).toBe('stored');
    office.listen(bea);
    expect(receipt?.state).toBe('seen');
    expect(office.state.pending.has(message)).toBe(false);
  });

  it('is not kept for a word that nobody was there to hear', () => {
    const office = new RoomOffice();
    const ada = office.agent('Ada');
    const { message } = office.send(ada, 'anyone?', office.open(ada));
    expect(office.state.pending.has(message)).toBe(false);
  });

  it('is remembered as seen for the last 200 messages of a thread', () => {
    const office = new Office({ messageBurst: 1000, turns: 1000 });
    const [ada, bea] = office.agents('Ada', 'Bea') as [string, string];
    const thread = office.talk(ada, bea);
    const ids = Array.from({ length: seenKept + 5 }, (_, index) => office.send(ada, `m${index}`).message);
    office.see(bea, ...ids);
    expect([...(office.thread(thread).places.get(bea)?.seen ?? [])]).toEqual(ids.slice(5));
    expect(office.state.pending.size).toBe(seenKept);
    expect([...(office.thread(thread).places.get(bea)?.unseen ?? [])]).toEqual([]);
  });
});

describe('the receipt of a call', () => {
  it('is seen when it was told, and answered when it was accepted', () => {
    const { office, ada, bea } = two();
    const call = office.call(ada, bea);
    rang(office, call, bea);
    office.listen(bea);
    const receipt = office.receipt(call, bea);
    expect(receipt?.state).toBe('seen');
    office.answer(bea, call);
    expect(receipt?.state).toBe('answered');
    expect(office.state.pending.has(call)).toBe(false);
  });

  it('is refused when it was declined, and says so', () => {
    const { office, ada, bea } = two();
    const call = office.call(ada, bea);
    const receipt = office.receipt(call, bea);
    office.answer(bea, call, 'decline');
    expect(receipt).toMatchObject({ state: 'refused', code: 'declined' });
  });

  it('is expired when the call was cancelled or expired, and stays while it is only missed', () => {
    const { office, ada, bea } = two();
    const first = office.call(ada, bea);
    const cancelled = office.receipt(first, bea);
    office.cancel(ada, first);
    const second = office.call(ada, bea);
    const expired = office.receipt(second, bea);
    office.pass(day);
    expect([cancelled?.state, expired?.state]).toEqual(['expired', 'stored']);
    office.pass(6 * day);
    expect(expired?.state).toBe('expired');
    expect(office.state.pending.size).toBe(0);
  });
});

describe('a thread that was shown', () => {
  it('is seen up to the message that was shown', () => {
    const { office, ada, bea } = two();
    const thread = office.talk(ada, bea);
    const [one, two_] = [office.send(ada, 'one'), office.send(ada, 'two')];
    office.run((step) => markThreadSeen(step, bea, thread, one.seq, 'view'));
    expect([office.receipt(one.message, bea)?.state, office.receipt(two_.message, bea)?.state]).toEqual([
      'seen',
      'stored',
    ]);
    const offset = office.state.offset;
    office.run((step) => markThreadSeen(step, bea, thread, one.seq, 'view'));
    office.run((step) => markThreadSeen(step, office.agent('Cleo'), thread, 99, 'view'));
    expect(office.types(offset)).not.toContain('receipt.seen');
  });
});

describe('the watchdog', () => {
  it('tells the sender once after two minutes in a live thread, with the reason', () => {
    const { office, ada, bea } = two();
    office.talk(ada, bea);
    office.listen(ada);
    const { message } = office.send(ada, 'hi');
    office.goOffline(bea);
    office.pass(2 * minute - 1);
    expect(office.told(ada)).toEqual([]);
    office.pass(1);
    expect(office.told(ada)).toMatchObject([{ what: 'unseen', subject: message, agent: bea, reason: 'offline' }]);
    office.pass(10 * minute);
    expect(office.told(ada)).toHaveLength(1);
  });

  it('waits thirty minutes in an async thread and for a call', () => {
    const { office, ada, bea } = two();
    const { message } = office.message(ada, 'Bea', 'hi');
    const call = office.call(ada, bea, { urgency: 'later' });
    office.pass(30 * minute - 1);
    expect(office.heard(ada)).toEqual([]);
    office.pass(1);
    expect(office.told(ada)).toMatchObject([
      { what: 'unseen', subject: message },
      { what: 'unseen', subject: call },
    ]);
  });

  it('tells only of the recipients who have not seen it', () => {
    const { office, ada, bea } = two();
    const cleo = office.agent('Cleo');
    office.talk(ada, bea, cleo);
    office.listen(ada);
    const { message } = office.send(ada, 'hi');
    office.see(bea, message);
    office.pass(2 * minute);
    expect(office.told(ada)).toMatchObject([{ what: 'unseen', agent: cleo }]);
  });

  it('says nothing of what was seen', () => {
    const { office, ada, bea } = two();
    office.talk(ada, bea);
    office.listen(ada);
    office.send(ada, 'hi');
    office.listen(bea);
    office.pass(20 * minute);
    expect(office.told(ada)).toEqual([]);
  });

  it('tells of last words that nobody saw although the thread is closed', () => {
    const { office, ada, bea } = two();
    office.talk(ada, bea);
    const { message } = office.send(ada, 'bye');
    office.leave(ada);
    office.listen(ada);
    office.pass(hour30);
    expect(office.told(ada)).toMatchObject([{ what: 'unseen', subject: message, agent: bea, reason: 'not-listening' }]);
  });

  const hour30 = 30 * minute;

  it.each([
    [
      'busy',
      (office: Office, _: string, bea: string) =>
        office.run((step) => step.emit({ type: 'agent.profiled', payload: { agent: bea, busy: true } })),
    ],
    ['rung-not-seen', (office: Office, message: string, bea: string) => rang(office, message, bea)],
    ['ring-held', (office: Office, message: string, bea: string) => rang(office, message, bea, 'held')],
    ['ring-refused', (office: Office, message: string, bea: string) => rang(office, message, bea, 'refused')],
    ['ring-failed', (office: Office, message: string, bea: string) => rang(office, message, bea, 'failed')],
    ['not-listening', () => undefined],
  ] as const)('knows the reason %s', (reason, make) => {
    const { office, ada, bea } = two();
    office.talk(ada, bea);
    office.listen(ada);
    const { message } = office.send(ada, 'hi');
    make(office, message, bea);
    office.pass(2 * minute);
    expect(office.told(ada)).toMatchObject([{ reason }]);
  });
});

describe('marking as seen', () => {
  it('moves the position forward only, and never beyond what has happened', () => {
    const { office, ada, bea } = two();
    office.talk(ada, bea);
    office.listen(bea);
    const position = office.state.feeds.get(bea)?.position ?? 0;
    const move = (to: number) =>
      office.run((step) => markSeen(step, bea, { messages: [], calls: [], via: 'test', position: to }));
    move(position - 1);
    expect(office.state.feeds.get(bea)?.position).toBe(position);
    move(1e9);
    expect(office.state.feeds.get(bea)?.position).toBeLessThanOrEqual(office.state.offset);
    office.send(ada, 'hi');
    expect(office.heard(bea)).toEqual(['Ada says hi']);
  });
});
