import { beforeEach, describe, expect, test } from 'vitest';
import { selectionPrint, type PanelDraft, type PanelRequest } from '../../../src/contract/panel';
import type { PanelUpdate } from '../../../src/contract/panelUpdates';
import type { Host } from '../../../src/ui/host';
import { typingHolds, type OpenThread } from '../../../src/ui/page';
import { draftRests, ThreadPanel, typingTold } from '../../../src/ui/threadPanel';
import { atlas, many, message, nova, person, receipt, snapshot, start, threadId } from '../../ui/harness/scenes';
import { FakeClock } from './fakeClock';

class FakeHost implements Host {
  readonly posted: PanelRequest[] = [];
  state: unknown;

  post(request: PanelRequest): void {
    this.posted.push(request);
  }
  saved(): unknown {
    return this.state;
  }
  save(state: unknown): void {
    this.state = structuredClone(state);
  }
  of(type: PanelRequest['type']): PanelRequest[] {
    return this.posted.filter((one) => one.type === type);
  }
}

let host: FakeHost;
let clock: FakeClock;
let panel: ThreadPanel;
let focused: boolean;

function newPanel(): ThreadPanel {
  let keys = 0;
  return new ThreadPanel({ host, clock, isFocused: () => focused, newKey: () => `key-${++keys}` });
}

function show(messages: Parameters<typeof snapshot>[0], more = {}, older = 0): void {
  const update: PanelUpdate = {
    type: 'snapshot',
    snapshot: snapshot(messages, more, older),
    broker: { state: 'connected' },
    now: start,
  };
  panel.receive(update);
}

function view(): OpenThread {
  const { view: shown } = panel.page;
  if (shown.state !== 'thread') throw new Error(`the page shows ${shown.state}`);
  return shown;
}

const draft = (text: string): PanelDraft => ({ text, refs: [], at: 0 });
const seqs = (): number[] => view().messages.map(({ seq }) => seq);
const gone: PanelUpdate = { type: 'broker', broker: { state: 'gone', reason: 'killed' } };
const back: PanelUpdate = { type: 'broker', broker: { state: 'connected' } };

beforeEach(() => {
  host = new FakeHost();
  clock = new FakeClock();
  focused = true;
  panel = newPanel();
});

describe('the handshake', () => {
  test('begins with ready, and after a reload names the thread that was shown', () => {
    panel.start();
    expect(host.posted).toEqual([{ type: 'ready' }]);
    show([message(1, atlas, start, 'Hi')]);
    panel = newPanel();
    panel.start();
    expect(host.posted.at(-1)).toEqual({ type: 'ready', thread: threadId });
  });

  test('drops what is not of the protocol', () => {
    show([message(1, atlas, start, 'Hi')]);
    const before = panel.page;
    for (const data of [
      undefined,
      'snapshot',
      { type: 'snapshot' },
      { type: 'messages', thread: threadId, messages: [{}] },
    ])
      panel.receive(data);
    expect(panel.page).toBe(before);
  });

  test('drops updates of another thread', () => {
    show([message(1, atlas, start, 'Hi')]);
    panel.receive({ type: 'messages', thread: 'other', messages: [message(2, nova, start, 'No')] });
    expect(seqs()).toEqual([1]);
  });

  test('survives a saved state that is not ours', () => {
    host.state = { drafts: 'x' };
    panel = newPanel();
    panel.start();
    expect(host.posted).toEqual([{ type: 'ready' }]);
  });
});

describe('messages', () => {
  test('are added in order, and those known are replaced', () => {
    show([message(1, atlas, start, 'Hi')]);
    const seen = message(1, atlas, start, 'Hi', { receipts: [receipt(nova, 'seen', start)] });
    panel.receive({ type: 'messages', thread: threadId, messages: [seen, message(2, nova, start, 'Yes')] });
    expect(seqs()).toEqual([1, 2]);
    expect(view().messages[0]?.receipts).toHaveLength(1);
  });

  test('after a gap are not shown: the page asks for a snapshot', () => {
    show([message(1, atlas, start, 'Hi')]);
    panel.receive({ type: 'messages', thread: threadId, messages: [message(3, nova, start, 'Late')] });
    expect(seqs()).toEqual([1]);
    expect(host.of('ready')).toEqual([{ type: 'ready', thread: threadId }]);
  });

  test('that were loaded before stay when a snapshot joins them', () => {
    show(many(1, 10));
    show(many(8, 12), {}, 7);
    expect(seqs()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(view().older).toBe(0);
  });

  test('that were loaded before go when a snapshot does not reach them', () => {
    show(many(1, 10));
    show(many(20, 25), {}, 19);
    expect(seqs()[0]).toBe(20);
    expect(view().older).toBe(19);
  });

  test('older ones are asked for once, and put before', () => {
    show(many(201, 210), {}, 200);
    panel.loadOlder();
    panel.loadOlder();
    expect(host.of('loadOlder')).toEqual([{ type: 'loadOlder', thread: threadId, before: 201 }]);
    panel.receive({ type: 'older', thread: threadId, before: 201, messages: many(101, 200), older: 100 });
    expect(seqs()[0]).toBe(101);
    expect(view()).toMatchObject({ older: 100, loadingOlder: false });
  });
});

describe('the line "new"', () => {
  const unseen = { receipts: [receipt(person, 'stored', start)] };

  test('stands before the first message that the person was not shown', () => {
    show([message(1, atlas, start, 'Hi'), message(2, nova, start, 'New', unseen)], { unread: 1 });
    expect(view().divider).toBe(2);
  });

  test('comes with a message of another while the person looks elsewhere', () => {
    show([message(1, atlas, start, 'Hi')]);
    panel.receive({ type: 'messages', thread: threadId, messages: [message(2, nova, start, 'Watched')] });
    expect(view().divider).toBeUndefined();
    focused = false;
    panel.receive({
      type: 'messages',
      thread: threadId,
      messages: [message(3, person, start, 'Mine'), message(4, nova, start, 'New')],
    });
    expect(view().divider).toBe(4);
  });

  test('goes when the person speaks', () => {
    show([message(1, atlas, start, 'Hi', unseen)], { unread: 1 });
    panel.say(draft('I read it'));
    expect(view().divider).toBeUndefined();
  });
});

describe('what the person says', () => {
  beforeEach(() => show([message(1, atlas, start, 'Hi')]));

  test('is on its way until the message itself is there', () => {
    expect(panel.say(draft('Go'))).toBe(true);
    expect(view().outgoing).toEqual([{ key: 'key-1', text: 'Go', refs: [], after: 1 }]);
    panel.receive({ type: 'sent', thread: threadId, key: 'key-1', seq: 2 });
    expect(view().outgoing).toHaveLength(1);
    panel.receive({ type: 'messages', thread: threadId, messages: [message(2, person, start, 'Go')] });
    expect(view().outgoing).toEqual([]);
  });

  test('is nothing when it is blank', () => {
    expect(panel.say(draft(' \n'))).toBe(false);
    expect(host.of('send')).toEqual([]);
  });

  test('stands with the reason when it was refused, and can be tried again or dropped', () => {
    panel.say(draft('Go'));
    panel.receive({ type: 'sent', thread: threadId, key: 'key-1', error: 'Too many messages.' });
    const [refused] = view().outgoing;
    expect(refused?.error).toBe('Too many messages.');
    if (!refused) return;
    panel.retry(refused);
    expect(host.of('send')).toHaveLength(2);
    expect(view().outgoing).toEqual([{ key: 'key-1', text: 'Go', refs: [], after: 1 }]);
    panel.discard(refused);
    expect(view().outgoing).toEqual([]);
  });

  test('goes out again under the same key when the broker is back', () => {
    panel.say(draft('Go'));
    panel.receive(gone);
    panel.receive(back);
    const send = { type: 'send', thread: threadId, key: 'key-1', text: 'Go' };
    expect(host.of('send')).toEqual([send, send]);
  });

  test('survives a reload on its way', () => {
    panel.say(draft('Go'));
    panel = newPanel();
    panel.start();
    show([message(1, atlas, start, 'Hi')]);
    const send = { type: 'send', thread: threadId, key: 'key-1', text: 'Go' };
    expect(host.of('send')).toEqual([send, send]);
  });

  test('is kept as a draft per thread until it is said', () => {
    panel.setDraft(draft('half a thou'));
    expect(newPanel().draft().text).toBe('');
    panel = newPanel();
    show([message(1, atlas, start, 'Hi')]);
    expect(panel.draft().text).toBe('half a thou');
    panel.say(draft('half a thought'));
    expect(panel.draft().text).toBe('');
  });

  test('is kept by the host once it rests, so that another view of the thread has it', () => {
    panel.setDraft(draft('half a thou'));
    panel.setDraft(draft('half a thought'));
    clock.advance(draftRests);
    expect(host.of('draft')).toMatchObject([{ thread: threadId, draft: { text: 'half a thought', refs: [] } }]);
    panel = newPanel();
    const later = { ...draft('half a thought, from elsewhere'), at: clock.now() + 1 };
    const kept = { ...snapshot([message(1, atlas, start, 'Hi')]), draft: later };
    panel.receive({ type: 'snapshot', snapshot: kept, broker: { state: 'connected' }, now: start });
    expect(panel.draft().text).toBe('half a thought, from elsewhere');
    clock.advance(2);
    panel.say(panel.draft());
    expect(panel.draft().text).toBe('');
    clock.advance(draftRests);
    expect(host.of('draft').at(-1)).toMatchObject({ thread: threadId, draft: { text: '' } });
  });

  test('goes with the places it points to and with what it replies to', () => {
    const refs = [{ uri: 'src/a.ts' }];
    panel.say({ text: 'Here', refs, replyTo: 'm1' });
    const send = { type: 'send', thread: threadId, key: 'key-1', text: 'Here', refs, replyTo: 'm1' };
    expect(host.of('send')).toEqual([send]);
    panel = newPanel();
    show([message(1, atlas, start, 'Hi')]);
    expect(host.of('send')).toEqual([send, send]);
  });
});

describe('a question to the host', () => {
  beforeEach(() => show([message(1, atlas, start, 'Hi')]));

  test('is answered by its own answer, and by no other', async () => {
    const first = panel.find({ kind: 'agent', query: 'n' });
    const second = panel.find({ kind: 'agent', query: 'no' });
    const answer = { type: 'found', agents: [{ name: 'Nova', detail: '' }], places: [] } as const;
    panel.receive({ ...answer, id: 'key-2' });
    expect((await second)?.agents).toEqual(answer.agents);
    panel.receive({ type: 'taken', id: 'key-1', refs: [], refused: [] });
    panel.receive({ ...answer, id: 'key-1', agents: [] });
    expect((await first)?.agents).toEqual([]);
  });

  test('is given up when the page was hidden: what was told meanwhile is lost', async () => {
    const peek = panel.peek({ uri: 'src/a.ts' });
    panel.start();
    expect(await peek).toBeUndefined();
  });
});

test('what was selected last in the editor is known by its print, however its lines end', () => {
  show([message(1, atlas, start, 'Hi')]);
  const ref = { uri: 'src/a.ts' };
  panel.receive({ type: 'selection', print: selectionPrint('one\ntwo'), ref });
  expect(panel.selected(selectionPrint('one\r\ntwo'))).toEqual(ref);
  expect(panel.selected(selectionPrint('one two'))).toBeUndefined();
});

describe('seen', () => {
  const unseen = { receipts: [receipt(person, 'stored', start)] };

  test('is told for what was visible for a second', () => {
    show([message(1, atlas, start, 'Hi'), message(2, nova, start, 'New', unseen)], { unread: 1 });
    panel.setVisible([
      { first: 1, last: 1 },
      { first: 2, last: 2 },
    ]);
    clock.advance(1000);
    expect(host.of('seen')).toEqual([{ type: 'seen', thread: threadId, seq: 2 }]);
  });

  test('is not told while older unread messages are not even loaded', () => {
    show([message(9, nova, start, 'New', unseen)], { unread: 5 }, 8);
    panel.setVisible([{ first: 9, last: 9 }]);
    clock.advance(5000);
    expect(host.of('seen')).toEqual([]);
  });

  test('begins anew with another thread', () => {
    show([message(1, nova, start, 'New', unseen)], { unread: 1 });
    panel.setVisible([{ first: 1, last: 1 }]);
    const other = snapshot([{ ...message(1, nova, start, 'New', unseen), thread: 'other' }], {
      id: 'other',
      unread: 1,
    });
    panel.receive({ type: 'snapshot', snapshot: other, broker: { state: 'connected' }, now: start });
    clock.advance(5000);
    expect(host.of('seen')).toEqual([]);
  });
});

test('typing ends by itself, and with the message', () => {
  show([message(1, atlas, start, 'Hi')]);
  const typing: PanelUpdate = { type: 'typing', thread: threadId, agent: nova.agent, name: 'Nova' };
  panel.receive(typing);
  expect(view().typing).toHaveLength(1);
  clock.advance(typingHolds);
  expect(view().typing).toEqual([]);
  panel.receive(typing);
  panel.receive({ type: 'messages', thread: threadId, messages: [message(2, nova, start, 'Yes')] });
  expect(view().typing).toEqual([]);
});

test('the others are told that the person writes, at most once in a while and never without a broker', () => {
  show([message(1, atlas, start, 'Hi')]);
  panel.typed();
  panel.typed();
  expect(host.of('typing')).toEqual([{ type: 'typing', thread: threadId }]);
  clock.advance(typingTold);
  panel.typed();
  expect(host.of('typing')).toHaveLength(2);
  panel.receive(gone);
  clock.advance(typingTold);
  panel.typed();
  expect(host.of('typing')).toHaveLength(2);
});

test('clocks run by the broker’s time', () => {
  show([message(1, atlas, start, 'Hi')]);
  clock.advance(2500);
  expect(panel.now()).toBe(start + 2500);
});
