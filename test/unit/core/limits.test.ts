import { describe, expect, it } from 'vitest';
import { oneLine, utf8Length } from '../../../src/core/text';
import { hour, minute, Office, refusal, second } from './office';

function two(limits: ConstructorParameters<typeof Office>[0] = {}) {
  const office = new Office(limits);
  const [ada, bea] = office.agents('Ada', 'Bea') as [string, string];
  return { office, ada, bea };
}

const noLoop = { pairMessagesPerHour: Infinity, turns: Infinity };

describe('sizes', () => {
  it('counts a text in bytes of UTF-8', () => {
    const encoder = new TextEncoder();
    for (const text of ['', 'a', 'ä', '€', '😀', 'a😀b', '\ud800', 'x\udc00\ud800y', '\ud800\ud800\udc00']) {
      expect(utf8Length(text)).toBe(encoder.encode(text).length);
    }
  });

  it('takes a message of 64 KiB and refuses one byte more', () => {
    const { office, ada, bea } = two();
    office.talk(ada, bea);
    office.send(ada, 'ä'.repeat(32 * 1024));
    const over = { code: 'message_too_long', bytes: 64 * 1024 + 1, limit: 64 * 1024 };
    expect(refusal(() => office.send(ada, `${'ä'.repeat(32 * 1024)}a`))).toEqual(over);
    expect(refusal(() => office.message(ada, 'Bea', 'a'.repeat(64 * 1024 + 1)))).toEqual(over);
    expect(refusal(() => office.call(ada, office.agent('Cleo'), { content: 'a'.repeat(64 * 1024 + 1) }))).toEqual(over);
  });

  it('takes a topic of 200 characters and refuses one more', () => {
    const { office, ada } = two();
    expect(refusal(() => office.call(ada, 'Bea', { topic: 't'.repeat(201) }))).toEqual({
      code: 'topic_too_long',
      length: 201,
      limit: 200,
    });
    expect(refusal(() => office.message(ada, 'Bea', 'hi', 't'.repeat(201))).code).toBe('topic_too_long');
    office.call(ada, 'Bea', { topic: ` ${'t'.repeat(200)} ` });
  });

  it('bounds refs and their excerpts', () => {
    const { office, ada, bea } = two();
    office.talk(ada, bea);
    const ref = { uri: 'file:///a', excerpt: 'a'.repeat(4096) };
    office.send(ada, 'fits', undefined, { refs: Array.from({ length: 50 }, () => ref) });
    expect(refusal(() => office.send(ada, 'x', undefined, { refs: [{ ...ref, excerpt: 'a'.repeat(4097) }] }))).toEqual({
      code: 'ref_too_long',
      bytes: 4097,
      limit: 4096,
    });
    expect(refusal(() => office.send(ada, 'x', undefined, { refs: Array.from({ length: 51 }, () => ref) }))).toEqual({
      code: 'too_many_refs',
      count: 51,
      limit: 50,
    });
  });

  it('refuses a message without text', () => {
    const { office, ada, bea } = two();
    office.talk(ada, bea);
    expect(refusal(() => office.send(ada, ' \n\t')).code).toBe('empty_text');
    expect(refusal(() => office.message(ada, 'Bea', '')).code).toBe('empty_text');
  });

  it('takes 49 callees, and not 50', () => {
    const office = new Office({ agents: 100 });
    const ada = office.agent('Ada');
    const others = office.agents(...Array.from({ length: 50 }, (_, index) => `A${index}`));
    expect(refusal(() => office.call(ada, others))).toEqual({ code: 'thread_full', limit: 50 });
    office.call(ada, others.slice(0, 49));
  });

  it('takes nothing more for a full inbox: no message and no call, until something is seen', () => {
    const { office, ada, bea } = two({ inboxItems: 3 });
    const cleo = office.agent('Cleo');
    const full = { code: 'inbox_full', agent: 'Bea', limit: 3 };
    const { message } = office.message(ada, 'Bea', 'one');
    office.message(ada, 'Bea', 'two', 'Other');
    office.call(ada, bea, { urgency: 'later' });
    expect(refusal(() => office.message(cleo, 'Bea', 'three'))).toEqual(full);
    expect(refusal(() => office.call(cleo, bea))).toEqual(full);
    office.see(bea, message);
    office.message(cleo, 'Bea', 'three');
    expect(refusal(() => office.message(cleo, 'Bea', 'four'))).toEqual(full);
  });
});

describe('the rate', () => {
  it('lets 30 messages through at once, then two a second', () => {
    const { office, ada, bea } = two(noLoop);
    office.talk(ada, bea);
    office.pass(minute);
    for (let count = 0; count < 30; count++) office.send(ada, `burst ${count}`);
    expect(refusal(() => office.send(ada, 'more'))).toEqual({ code: 'rate_limited', limit: 120, retryMs: 500 });
    office.now += 499;
    expect(refusal(() => office.send(ada, 'more')).code).toBe('rate_limited');
    office.now += 1;
    office.send(ada, 'more');
    expect(refusal(() => office.send(ada, 'and more')).code).toBe('rate_limited');
    office.send(bea, 'another has a rate of its own');
  });

  it('holds 120 a minute in the long run', () => {
    const { office, ada, bea } = two(noLoop);
    office.talk(ada, bea);
    let sent = 0;
    for (let tick = 0; tick < 600; tick++) {
      office.now += second / 10;
      try {
        office.send(ada, `tick ${tick}`);
        sent++;
      } catch {
        // Over the rate: that is what is counted.
      }
    }
    expect(sent).toBeGreaterThanOrEqual(120);
    expect(sent).toBeLessThanOrEqual(120 + 30);
  });

  it('is full again after a restart', () => {
    const { office, ada, bea } = two(noLoop);
    office.talk(ada, bea);
    for (let count = 0; count < 29; count++) office.send(ada, `burst ${count}`);
    office.restart();
    for (let count = 0; count < 30; count++) office.send(ada, `again ${count}`);
  });

  it('is not the person’s', () => {
    const { office, bea } = two();
    const kim = office.person();
    const thread = office.talk(kim, bea);
    for (let count = 0; count < 200; count++) office.send(kim, 'listen!', thread);
  });

  it('counts calls too, so that nobody rings without end', () => {
    const { office, ada, bea } = two();
    for (let count = 0; count < 30; count++) office.cancel(ada, office.call(ada, bea));
    expect(refusal(() => office.call(ada, bea)).code).toBe('rate_limited');
    office.now += 500;
    office.call(ada, bea);
  });

  it('does not count what was refused', () => {
    const { office, ada, bea } = two({ turns: 0 });
    const thread = office.talk(ada, bea);
    for (let count = 0; count < 100; count++)
      expect(refusal(() => office.send(ada, 'hm', thread)).code).toBe('turn_limit');
    expect(office.rates.get(ada)?.tokens).toBe(29);
  });
});

describe('loops', () => {
  it('refuses the same text a third time in a row', () => {
    const { office, ada, bea } = two();
    office.talk(ada, bea);
    office.send(ada, 'ok');
    office.send(ada, 'ok');
    expect(refusal(() => office.send(ada, 'ok'))).toEqual({ code: 'repeated_text' });
    office.send(ada, 'well');
    office.send(ada, 'ok');
  });

  it('keeps of a text only what tells it apart', () => {
    const { office, ada, bea } = two();
    const thread = office.talk(ada, bea);
    office.send(ada, 'a secret that is erased later');
    expect(JSON.stringify(office.thread(thread).repeat)).not.toContain('secret');
  });

  it('stops agents after 200 turns until a person speaks', () => {
    const { office, ada, bea } = two({ turns: 6, messagesPerMinute: 1e6, messageBurst: 1e6 });
    const kim = office.person();
    const thread = office.talk(ada, bea);
    for (let turn = 0; turn < 3; turn++) {
      office.send(ada, `ping ${turn}`);
      office.send(bea, `pong ${turn}`);
    }
    expect(refusal(() => office.send(ada, 'ping'))).toEqual({ code: 'turn_limit', limit: 6 });
    office.send(kim, 'go on', thread);
    office.send(ada, 'ping');
  });

  it('stops a pair after 500 messages an hour, across threads', () => {
    const { office, ada, bea } = two({ pairMessagesPerHour: 4 });
    const thread = office.talk(ada, bea);
    office.send(ada, 'one');
    office.send(bea, 'two');
    office.message(ada, 'Bea', 'three');
    office.message(bea, 'Ada', 'four', 'Other');
    const guard = { code: 'loop_guard', limit: 4, with: 'Bea' };
    expect(refusal(() => office.send(ada, 'five', thread))).toEqual(guard);
    expect(refusal(() => office.message(ada, 'Bea', 'five', 'Third'))).toEqual(guard);
    office.message(ada, office.agent('Cleo'), 'others are free');
    office.now += hour;
    office.send(ada, 'five', thread);
  });

  it('stops a pair that goes on by calls', () => {
    const office = new Office({ pairMessagesPerHour: 2 });
    const ada = office.agent('Ada');
    const bea = office.agent('Bea', { policy: 'accept' });
    for (const content of ['one', 'two']) {
      office.call(ada, bea, { content });
      office.leave(ada);
    }
    expect(refusal(() => office.call(ada, bea, { content: 'three' })).code).toBe('loop_guard');
    office.call(ada, bea);
  });

  it('lets a pair go on when a person has spoken with both', () => {
    const { office, ada, bea } = two({ pairMessagesPerHour: 2 });
    const kim = office.person();
    const thread = office.talk(ada, bea);
    office.send(ada, 'one');
    office.send(bea, 'two');
    expect(refusal(() => office.send(ada, 'three')).code).toBe('loop_guard');
    office.send(kim, 'go on', thread);
    office.send(ada, 'three');
  });
});

describe('a key', () => {
  it('makes the same message happen once, with the same result', () => {
    const { office, ada, bea } = two();
    const thread = office.talk(ada, bea);
    const first = office.send(ada, 'one', undefined, { key: 'k' });
    expect(first.repeated).toBe(false);
    const offset = office.state.offset;
    expect(office.send(ada, 'one', undefined, { key: 'k' })).toEqual({ ...first, repeated: true, kind: 'message' });
    office.leave(bea, thread);
    expect(office.send(ada, 'one', undefined, { key: 'k' })).toMatchObject({ message: first.message, repeated: true });
    expect(office.events.filter((event) => event.type === 'message.sent' && event.offset > offset)).toHaveLength(1);
  });

  it('makes the same call and the same left message happen once', () => {
    const { office, ada, bea } = two();
    const call = office.call(ada, bea, { key: 'k', content: 'hi' });
    expect(office.call(ada, bea, { key: 'k', content: 'hi' })).toBe(call);
    const sent = office.message(ada, 'Bea', 'hi', undefined, { key: 'm' });
    expect(office.message(ada, 'bea', 'hi', undefined, { key: 'm' })).toMatchObject({
      message: sent.message,
      repeated: true,
    });
  });

  it('is a conflict with other content, another place or another operation', () => {
    const { office, ada, bea } = two();
    office.talk(ada, bea);
    office.send(ada, 'one', undefined, { key: 'k' });
    const conflict = { code: 'key_conflict', key: 'k' };
    expect(refusal(() => office.send(ada, 'two', undefined, { key: 'k' }))).toEqual(conflict);
    expect(refusal(() => office.send(ada, 'one', undefined, { key: 'k', refs: [{ uri: 'file:///a' }] }))).toEqual(
      conflict,
    );
    expect(refusal(() => office.message(ada, 'Bea', 'one', undefined, { key: 'k' }))).toEqual(conflict);
    expect(refusal(() => office.call(ada, bea, { key: 'k' }))).toEqual(conflict);
  });

  it('is its sender’s own, and free again after 24 hours', () => {
    const { office, ada, bea } = two();
    office.message(ada, 'Bea', 'one', undefined, { key: 'k' });
    office.message(bea, 'Ada', 'two', undefined, { key: 'k' });
    office.now += 24 * hour - 1;
    expect(refusal(() => office.message(ada, 'Bea', 'three', undefined, { key: 'k' })).code).toBe('key_conflict');
    office.now += 1;
    expect(office.message(ada, 'Bea', 'three', undefined, { key: 'k' }).repeated).toBe(false);
  });

  it('still answers when the message would be over a limit now', () => {
    const { office, ada, bea } = two({ pairMessagesPerHour: 1 });
    office.talk(ada, bea);
    office.send(ada, 'one', undefined, { key: 'k' });
    expect(refusal(() => office.send(ada, 'two')).code).toBe('loop_guard');
    expect(office.send(ada, 'one', undefined, { key: 'k' }).repeated).toBe(true);
  });
});

describe('one line of text', () => {
  it('loses everything that can hide or reorder text', () => {
    const hidden = [
      '\u0000\u001b\u007f\u0085', // controls
      '\u200b\u200c\u200d\u2060\ufeff\u00ad\u180e', // invisible
      '\u200e\u200f\u061c\u202a\u202e\u2066\u2069', // bidi
      '\u2028\u2029\r\n\t', // line ends
      '\u{e0041}\u{e007f}\u{e0100}', // tags and variation selectors that smuggle text
    ];
    for (const text of hidden) expect(oneLine(`a${text}b`)).toBe('a b');
    expect(oneLine('\u202e')).toBe('');
  });

  it('keeps every script and emoji', () => {
    for (const text of ['Grüße', '日本語', 'שלום', '👍🏽', '❤️', '👩‍💻', 'a-b_c (d) [e](f)'])
      expect(oneLine(text)).toBe(text);
  });
});
