import { describe, expect, it } from 'vitest';
import { hour, minute, refusal, replay } from './office';
import { RoomOffice } from './roomOffice';

function four(limits = {}) {
  const office = new RoomOffice(limits);
  const [ada, bea, cleo] = office.agents('Ada', 'Bea', 'Cleo') as [string, string, string];
  return { office, ada, bea, cleo, kim: office.person() };
}

describe('a room', () => {
  it('lives with one in it, who may speak, and can be called meanwhile', () => {
    const { office, ada, bea } = four();
    const room = office.open(ada, { content: 'Who reviews with me?' });
    expect(office.present(room)).toEqual(['Ada']);
    expect(office.send(ada, 'anybody?', room).seq).toBe(3);
    expect(office.presence(ada)).toBe('available');
    office.join(room, bea);
    expect(office.presence(ada)).toBe('in-call');
    office.leave(bea, room);
    expect(office.presence(ada)).toBe('available');
    expect(office.state.threads.has(room)).toBe(true);
  });

  it('is closed when nobody is in it', () => {
    const { office, ada, bea } = four();
    const room = office.open(ada);
    office.join(room, bea);
    office.leave(ada, room);
    office.leave(bea, room);
    expect(office.state.closed.has(room)).toBe(true);
  });

  it('is closed after 30 minutes without a word when it is live, and stays when it is async', () => {
    const { office, ada } = four();
    const live = office.open(ada);
    const slow = office.open(ada, { mode: 'async' });
    office.pass(30 * minute);
    expect(office.state.closed.has(live)).toBe(true);
    office.pass(24 * hour);
    expect(office.state.threads.has(slow)).toBe(true);
  });

  it('tells who comes to those who are there, not to the one who comes', () => {
    const { office, ada, bea } = four();
    const room = office.open(ada);
    office.join(room, bea);
    expect(office.heard(ada)).toEqual(['Bea joins']);
    expect(office.heard(bea)).toEqual([]);
  });

  it('owes a newcomer nothing of what was said before', () => {
    const { office, ada, bea, cleo } = four();
    const room = office.open(ada);
    office.join(room, bea);
    const { message } = office.send(ada, 'hello', room);
    office.join(room, cleo);
    expect(office.state.unread.get(cleo)).toBeUndefined();
    expect(office.receipt(message, cleo)).toBeUndefined();
    expect(office.receipt(message, bea)?.state).toBe('stored');
  });

  it('closed to newcomers lets in nobody but the person', () => {
    const { office, ada, bea, kim } = four();
    const room = office.open(ada, { closedToNewcomers: true });
    expect(refusal(() => office.join(room, bea)).code).toBe('not_open');
    office.join(room, kim);
    expect(office.present(room)).toEqual(['Ada', 'Kim']);
  });

  it('is joined once, and not at all when it is full, closed or unknown', () => {
    const { office, ada, bea, cleo, kim } = four({ participants: 2 });
    const room = office.open(ada);
    expect(refusal(() => office.join(room, ada)).code).toBe('already_in');
    office.join(room, bea);
    expect(refusal(() => office.join(room, cleo))).toEqual({ code: 'thread_full', limit: 2 });
    office.join(room, kim);
    expect(refusal(() => office.join('nowhere', cleo)).code).toBe('unknown_thread');
    office.leave(ada, room, true);
    expect(refusal(() => office.join(room, cleo)).code).toBe('thread_closed');
  });

  it('lets the person into the thread of a call', () => {
    const { office, ada, bea, cleo, kim } = four();
    const thread = office.talk(ada, bea);
    office.join(thread, kim);
    expect(office.present(thread)).toEqual(['Ada', 'Bea', 'Kim']);
    expect(refusal(() => office.join(thread, cleo)).code).toBe('not_open');
  });

  it('is opened once with one key', () => {
    const { office, ada } = four();
    const room = office.open(ada, { key: 'k' });
    expect(office.open(ada, { key: 'k' })).toBe(room);
    expect(office.state.threads.size).toBe(1);
    expect(refusal(() => office.open(ada, { key: 'k', topic: 'Other' })).code).toBe('key_conflict');
  });

  it('comes back from its events as it was', () => {
    const { office, ada, bea, kim } = four();
    const room = office.open(ada, { turns: 'round-robin', turnLimit: 1, key: 'k' });
    office.join(room, bea);
    office.send(ada, 'one', room);
    office.grant(kim, room, 5);
    office.rename(kim, room, 'Another');
    expect(replay(office.events)).toEqual(office.state);
  });
});

describe('a thread as a whole', () => {
  it('takes another topic from one in it or from the person, and tells the others', () => {
    const { office, ada, bea, cleo, kim } = four();
    const room = office.open(ada);
    office.join(room, bea);
    office.rename(bea, room, 'Review of the parser');
    expect(office.thread(room).topic).toBe('Review of the parser');
    expect(office.heard(ada).at(-1)).toMatch(/system/);
    expect(office.notes(room)).toEqual(['Bea gave this thread another topic: Review of the parser']);
    expect(office.heard(bea)).toEqual([]);
    expect(refusal(() => office.rename(cleo, room, 'Mine')).code).toBe('not_participant');
    expect(refusal(() => office.rename(ada, room, ' ')).code).toBe('empty_topic');
    const before = office.events.length;
    office.rename(kim, room, 'Review of the parser');
    expect(office.types(before)).toEqual([]);
    office.rename(kim, room, 'Lexer');
    expect(office.thread(room).topic).toBe('Lexer');
  });

  it('paused takes words of the person alone, does not fall idle, and goes on with all its time', () => {
    const { office, ada, bea, kim } = four();
    const thread = office.talk(ada, bea);
    office.listen(ada);
    office.listen(bea);
    office.pause(kim, thread);
    office.pause(kim, thread);
    expect(office.heard(ada)).toEqual(['paused']);
    expect(refusal(() => office.send(ada, 'but', thread)).code).toBe('thread_paused');
    expect(refusal(() => office.rename(ada, thread, 'but')).code).toBe('thread_paused');
    office.send(kim, 'one moment', thread);
    office.pass(2 * hour);
    expect(office.state.threads.has(thread)).toBe(true);
    office.resume(kim, thread);
    office.pass(30 * minute - 1);
    expect(office.state.threads.has(thread)).toBe(true);
    office.send(ada, 'go on', thread);
    expect(office.heard(bea)).toEqual(['paused', 'Kim joins', 'Kim says one moment', 'resumed', 'Ada says go on']);
  });

  it('loses whom the person takes out; that one and the others are told, the person is not', () => {
    const { office, ada, bea, cleo, kim } = four();
    const room = office.open(ada);
    office.join(room, bea, cleo, kim);
    for (const agent of [ada, bea, cleo, kim]) office.listen(agent);
    const { message } = office.send(ada, 'secret', room);
    office.listen(kim);
    office.remove(kim, room, 'Bea');
    expect(office.present(room)).toEqual(['Ada', 'Cleo', 'Kim']);
    expect(office.told(bea).map(({ what }) => what)).toEqual(['message', 'message', 'removed']);
    expect(office.heard(cleo)).toEqual(['Ada says secret', expect.stringContaining('system'), 'Bea leaves']);
    expect(office.notes(room)).toEqual(['Kim takes Bea out.']);
    expect(office.heard(kim)).toEqual([]);
    expect(office.receipt(message, bea)).toBeUndefined();
    expect(refusal(() => office.remove(kim, room, 'Bea')).code).toBe('not_in_thread');
    expect(refusal(() => office.send(bea, 'let me in', room)).code).toBe('not_participant');
  });

  it('is left by the person who takes themself out, who is told nothing of it', () => {
    const { office, ada, bea, kim } = four();
    const room = office.open(ada);
    office.join(room, bea, kim);
    office.listen(kim);
    office.remove(kim, room, 'Kim');
    expect(office.present(room)).toEqual(['Ada', 'Bea']);
    expect(office.heard(kim)).toEqual([]);
    expect(office.notes(room)).toEqual([]);
  });

  it('of a call is closed when the person takes out one of two', () => {
    const { office, ada, bea, kim } = four();
    const thread = office.talk(ada, bea);
    office.remove(kim, thread, 'Bea');
    expect(office.state.closed.has(thread)).toBe(true);
    expect(office.heard(bea)).toContain('removed');
    expect(office.heard(ada)).toContain('closed');
  });

  it('that everybody else has left takes no more words, unless it is a room', () => {
    const { office, ada, bea } = four();
    const { thread } = office.message(ada, 'Bea', 'hello');
    office.leave(bea, thread);
    expect(refusal(() => office.send(ada, 'still there?', thread))).toEqual({
      code: 'nobody_there',
      thread,
      topic: 'Messages',
    });
    expect(office.message(ada, 'Bea', 'again').thread).not.toBe(thread);
  });
});

describe('a turn limit', () => {
  it('of a room may be lower than the setting, and not higher', () => {
    const { office, ada, bea } = four({ turns: 4 });
    expect(refusal(() => office.open(ada, { turnLimit: 5 }))).toEqual({ code: 'turn_limit_too_high', limit: 4 });
    const room = office.open(ada, { turnLimit: 2 });
    office.join(room, bea);
    office.send(ada, 'one', room);
    office.send(bea, 'two', room);
    expect(refusal(() => office.send(ada, 'three', room))).toEqual({ code: 'turn_limit', limit: 2 });
  });

  it('is told to all in the thread and to the person, once, when it is reached', () => {
    const { office, ada, bea, kim } = four({ turns: 2 });
    const thread = office.talk(ada, bea);
    office.send(ada, 'one', thread);
    expect(office.notes(thread)).toEqual([]);
    office.send(bea, 'two', thread);
    expect(office.notes(thread)).toHaveLength(1);
    expect(office.told(kim)).toEqual([expect.objectContaining({ what: 'limited', thread })]);
    expect(refusal(() => office.send(ada, 'three', thread)).code).toBe('turn_limit');
    expect(office.notes(thread)).toHaveLength(1);
  });

  it('goes on by what the person grants, which all are told', () => {
    const { office, ada, bea, kim } = four({ turns: 2 });
    const thread = office.talk(ada, bea);
    office.send(ada, 'one', thread);
    office.send(bea, 'two', thread);
    office.grant(kim, thread, 1);
    expect(office.notes(thread).at(-1)).toBe('Kim granted more turns: 1.');
    office.send(ada, 'three', thread);
    expect(refusal(() => office.send(bea, 'four', thread)).code).toBe('turn_limit');
    office.grant(kim, thread);
    office.send(bea, 'four', thread);
    office.send(ada, 'five', thread);
    expect(refusal(() => office.send(bea, 'six', thread)).code).toBe('turn_limit');
  });

  it('begins anew with a word of the person, who may always speak; what was granted beyond it stays', () => {
    const { office, ada, bea, kim } = four({ turns: 2 });
    const thread = office.talk(ada, bea);
    office.send(ada, 'one', thread);
    office.send(bea, 'two', thread);
    office.send(kim, 'well done', thread);
    office.grant(kim, thread, 3);
    office.send(kim, 'go on', thread);
    for (const text of ['a', 'b', 'c', 'd', 'e']) office.send(ada, text, thread);
    expect(refusal(() => office.send(ada, 'f', thread)).code).toBe('turn_limit');
  });
});

describe('a broadcast', () => {
  it('leaves the same message for each in a thread of its own, with one id', () => {
    const { office, ada, bea, cleo } = four();
    const { broadcast, sent, refused } = office.broadcast(ada, ['Bea', 'Cleo'], 'The build is red');
    expect(refused).toEqual([]);
    expect(sent.map(({ agent }) => agent)).toEqual([bea, cleo]);
    expect(new Set(sent.map(({ thread }) => thread)).size).toBe(2);
    const copies = office.events.flatMap((event) =>
      event.type === 'message.sent' && event.payload.message.type === 'message'
        ? [event.payload.message.broadcast]
        : [],
    );
    expect(copies).toEqual([broadcast, broadcast]);
    expect(office.heard(bea)).toEqual(['Ada says The build is red']);
    expect(office.heard(ada)).toEqual([]);
    expect(office.send(bea, 'seen', sent[0]?.thread).seq).toBe(4);
  });

  it('goes on in the thread that the two have', () => {
    const { office, ada, bea } = four();
    const { thread } = office.message(bea, 'Ada', 'hello');
    expect(office.broadcast(ada, ['Bea'], 'to all').sent[0]?.thread).toBe(thread);
  });

  it('names whom it cannot go to, and goes to the others', () => {
    const { office, ada } = four({ inboxItems: 1 });
    office.message(ada, 'Cleo', 'fills the inbox');
    const { sent, refused } = office.broadcast(ada, ['Ada', 'Bea', 'Cleo', 'Nobody', 'Bea'], 'news');
    expect(sent.map(({ agent }) => office.name(agent))).toEqual(['Bea']);
    expect(refused.map(({ name, code }) => [name, code])).toEqual([
      ['Ada', 'cannot_call_yourself'],
      ['Cleo', 'inbox_full'],
      ['Nobody', 'unknown_agent'],
    ]);
  });

  it('takes a token of the rate for each copy', () => {
    const { office, ada } = four({ messageBurst: 2 });
    const { sent, refused } = office.broadcast(ada, ['Bea', 'Cleo', 'Kim'], 'news');
    expect(sent).toHaveLength(2);
    expect(refused).toMatchObject([{ name: 'Kim', code: 'rate_limited' }]);
  });

  it('goes out once with one key, and answers the same again', () => {
    const { office, ada } = four({ messageBurst: 2 });
    const first = office.broadcast(ada, ['Bea', 'Cleo', 'Kim'], 'news', { draft: { content: 'news', key: 'k' } });
    const { length } = office.events;
    expect(office.broadcast(ada, ['Bea', 'Cleo', 'Kim'], 'news', { draft: { content: 'news', key: 'k' } })).toEqual(
      first,
    );
    expect(office.types(length)).toEqual([]);
    const other = () => office.broadcast(ada, ['Bea'], 'news', { draft: { content: 'other', key: 'k' } });
    expect(refusal(other).code).toBe('key_conflict');
  });

  it('of nothing, or of too much, goes to nobody', () => {
    const { office, ada, bea } = four({ messageBytes: 3 });
    expect(refusal(() => office.broadcast(ada, ['Bea'], ' ')).code).toBe('empty_text');
    expect(refusal(() => office.broadcast(ada, ['Bea'], 'four')).code).toBe('message_too_long');
    expect(office.heard(bea)).toEqual([]);
  });
});
