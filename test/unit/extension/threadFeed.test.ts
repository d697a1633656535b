import { beforeEach, describe, expect, test } from 'vitest';
import { ParleyError } from '../../../src/contract/errors';
import { panelUpdate, type PanelUpdate } from '../../../src/contract/panelUpdates';
import type { MessageView, ThreadView } from '../../../src/contract/views';
import type { Watched } from '../../../src/contract/wire';
import { Signal } from '../../../src/extension/disposable';
import { Drafts } from '../../../src/extension/thread/drafts';
import type { Found, Selected } from '../../../src/extension/thread/pageQuestions';
import type { Picture } from '../../../src/extension/picture';
import { ThreadFeed, type ThreadFeedOptions } from '../../../src/extension/thread/threadFeed';
import { agent, event, picture, settle, TestClock, thread, you } from './support';

const fail = (error: unknown): never => {
  throw error;
};

/** A thread at a broker, a page that records what it is told, and a person who answers dialogs. */
class Scene {
  readonly clock = new TestClock();
  readonly told: PanelUpdate[] = [];
  readonly asked: { operation: string; input: Record<string, unknown> }[] = [];
  readonly done: string[] = [];
  readonly events = new Signal<Watched>(fail);
  readonly pictures = new Signal<Picture>(fail);
  readonly errors: unknown[] = [];
  head: ThreadView = thread('t1');
  messages: MessageView[] = [];
  refusal: ParleyError | undefined;
  picture = picture({ agents: [you, agent('Nova')] });
  confirms = true;
  readonly selections = new Signal<Selected>(fail);
  readonly drafts = new Drafts({ get: () => undefined, set: () => Promise.resolve() });
  /** Searches wait until they are let go. */
  readonly searches: { query: string; signal: AbortSignal; answer: () => void }[] = [];
  erased = false;
  readonly feed: ThreadFeed;

  constructor(shown: string | null = 't1') {
    const line = {
      state: { kind: 'connected' },
      receive: (_operation: string, input: { thread: string; after?: number; before?: number; limit: number }) =>
        this.#read(input),
      ask: (operation: string, input: Record<string, unknown>) => {
        this.asked.push({ operation, input });
        if (this.refusal) return Promise.reject(this.refusal);
        if (operation === 'send') {
          this.say(you.id, String(input['text']));
          return Promise.resolve({ message: { id: `m${this.messages.length}`, seq: this.messages.length } });
        }
        return Promise.resolve({});
      },
    } as unknown as ThreadFeedOptions['line'];
    const scene = this;
    this.feed = new ThreadFeed({
      line,
      lookout: {
        events: this.events,
        pictures: this.pictures,
        get picture() {
          return scene.picture;
        },
      },
      clock: this.clock,
      post: (update) => this.told.push(panelUpdate.parse(update)),
      actions: {
        openRef: ({ uri }) => this.#did(`openRef ${uri}`),
        openLink: (url) => this.#did(`openLink ${url}`),
        copy: (text) => this.#did(`copy ${text}`),
        confirmEnd: () => Promise.resolve(this.confirms),
        invite: ({ id }) => this.#did(`invite ${id}`),
        transfer: ({ id }) => this.#did(`transfer ${id}`),
        insert: (text) => this.#did(`insert ${text}`),
        startBroker: () => this.#did('startBroker'),
      },
      questions: {
        peek: () => Promise.resolve({ state: 'missing' }),
        find: (_kind, query, _thread, signal) => this.#find(query, signal),
        take: ({ uris }) => Promise.resolve({ refs: uris.map((uri) => ({ uri })), refused: [] }),
        fill: (refs) => Promise.resolve(refs.map((ref) => ({ ...ref, hash: 'as it is' }))),
        folders: ['/work/shop'],
        selected: undefined,
        onSelected: (listener) => this.selections.on(listener),
      },
      drafts: this.drafts,
      onThread: () => undefined,
      onError: (error) => this.errors.push(error),
      thread: shown ?? undefined,
    });
  }

  /** A message at the broker, and the event that tells of it. */
  say(from: string, content: string): Watched {
    const seq = this.messages.length + 1;
    const base = {
      id: `m${seq}`,
      thread: 't1',
      from,
      type: 'message',
      content,
      refs: [],
      seq,
      timestamp: seq,
    } as const;
    this.messages.push({ ...base, refs: [], fromName: from, fromPlatform: '', fromKind: 'agent', receipts: [] });
    this.head = { ...this.head, messages: seq };
    return event({ type: 'message.sent', payload: { message: base, answers: [] } });
  }

  types(): string[] {
    return this.told.map((update) => update.type);
  }

  /** The seqs that each `messages` update brought. */
  brought(): number[][] {
    return this.told.flatMap((update) => (update.type === 'messages' ? [update.messages.map(({ seq }) => seq)] : []));
  }

  goes(): void {
    this.picture = { ...this.picture, broker: { state: 'gone', error: new ParleyError('broker_gone') } };
    this.pictures.tell(this.picture);
  }

  returns(): void {
    this.picture = { ...this.picture, broker: { state: 'connected' } };
    this.pictures.tell(this.picture);
  }

  #read({ thread: id, after, before, limit }: { thread: string; after?: number; before?: number; limit: number }) {
    if (id !== 't1' || this.erased) return Promise.reject(new ParleyError('unknown_thread'));
    const from = this.messages.filter(({ seq }) => seq > (after ?? 0) && seq < (before ?? Infinity));
    const messages = after === undefined ? from.slice(-limit) : from.slice(0, limit);
    return Promise.resolve({ output: { thread: this.head, messages, more: from.length - messages.length } });
  }

  #find(query: string, signal: AbortSignal): Promise<Found> {
    return new Promise((resolve) => {
      const answer = (): void => resolve({ agents: [{ name: query, detail: '' }], places: [] });
      this.searches.push({ query, signal, answer });
    });
  }

  #did(what: string): Promise<void> {
    this.done.push(what);
    return Promise.resolve();
  }
}

let scene: Scene;
beforeEach(() => {
  scene = new Scene();
  for (let many = 0; many < 3; many++) scene.say('NOVA', `hello ${many}`);
});

describe('a page that is ready', () => {
  test('is told the thread with its latest messages, and how many are older', async () => {
    for (let many = 0; many < 400; many++) scene.say('NOVA', 'more');
    await scene.feed.handle({ type: 'ready' });
    expect(scene.told).toMatchObject([
      {
        type: 'snapshot',
        snapshot: { state: 'thread', you: { id: you.id }, older: 203 },
        broker: { state: 'connected' },
      },
    ]);
  });

  test('is told of no thread, and of one that is not to be seen', async () => {
    const empty = new Scene(null);
    await empty.feed.handle({ type: 'ready' });
    await empty.feed.handle({ type: 'ready', thread: 'gone' });
    expect(empty.told).toMatchObject([
      { snapshot: { state: 'none' } },
      { snapshot: { state: 'missing', thread: 'gone' } },
    ]);
  });

  test('does not go on showing what was erased', async () => {
    const scene = new Scene();
    scene.say('NOVA', 'A secret');
    await scene.feed.handle({ type: 'ready' });
    scene.erased = true;
    scene.events.tell(event({ type: 'thread.erased', payload: { thread: 'another', by: you.id } }));
    await settle();
    expect(scene.types()).toEqual(['snapshot']);
    scene.events.tell(event({ type: 'thread.erased', payload: { thread: 't1', by: you.id } }));
    await settle();
    expect(scene.told.at(-1)).toMatchObject({ snapshot: { state: 'missing', thread: 't1' } });
  });

  test('after a reload gets the thread that it showed', async () => {
    const reloaded = new Scene(null);
    reloaded.say('NOVA', 'hi');
    await reloaded.feed.handle({ type: 'ready', thread: 't1' });
    expect(reloaded.told).toMatchObject([{ snapshot: { state: 'thread', thread: { id: 't1' } } }]);
  });

  test('hears of a burst of messages in one update, each once and in order', async () => {
    await scene.feed.handle({ type: 'ready' });
    for (let many = 0; many < 5; many++) scene.events.tell(scene.say('NOVA', 'news'));
    await scene.clock.pass(100);
    expect(scene.brought()).toEqual([[4, 5, 6, 7, 8]]);
    expect(scene.types()).toEqual(['snapshot', 'messages', 'thread']);
  });

  test('hears of more messages than one page holds', async () => {
    await scene.feed.handle({ type: 'ready' });
    let last: Watched | undefined;
    for (let many = 0; many < 450; many++) last = scene.say('NOVA', 'news');
    if (last) scene.events.tell(last);
    await scene.clock.pass(100);
    expect(scene.brought().flat()).toEqual(Array.from({ length: 450 }, (_, index) => index + 4));
  });

  test('hears of changed receipts of the messages that it has, and of no others', async () => {
    await scene.feed.handle({ type: 'ready' });
    const seen = (messages: string[]) =>
      event({ type: 'receipt.seen', payload: { agent: 'NOVA', messages, calls: [], via: 'mcp' } });
    scene.events.tell(seen(['m1', 'm2', 'elsewhere']));
    await scene.clock.pass(100);
    scene.events.tell(seen(['elsewhere']));
    await scene.clock.pass(100);
    expect(scene.brought()).toEqual([[1, 2]]);
  });

  test('hears nothing of other threads', async () => {
    await scene.feed.handle({ type: 'ready' });
    const message = {
      id: 'x',
      thread: 't2',
      from: 'NOVA',
      type: 'message',
      content: '',
      refs: [],
      seq: 9,
      timestamp: 0,
    } as const;
    scene.events.tell(event({ type: 'message.sent', payload: { message, answers: [] } }));
    await scene.clock.pass(100);
    expect(scene.types()).toEqual(['snapshot']);
  });

  test('hears who is typing, but not of the person', async () => {
    await scene.feed.handle({ type: 'ready' });
    scene.events.tell({ type: 'typing', thread: 't1', agent: 'NOVA' });
    scene.events.tell({ type: 'typing', thread: 't1', agent: you.id });
    expect(scene.told.slice(1)).toEqual([{ type: 'typing', thread: 't1', agent: 'NOVA', name: 'Nova' }]);
  });
});

describe('what the person says', () => {
  test('is in the thread before the page is told that it was sent', async () => {
    await scene.feed.handle({ type: 'ready' });
    await scene.feed.handle({ type: 'send', thread: 't1', key: 'k1', text: 'Hi all' });
    expect(scene.asked).toEqual([{ operation: 'send', input: { thread: 't1', key: 'k1', text: 'Hi all' } }]);
    expect(scene.types()).toEqual(['snapshot', 'messages', 'thread', 'sent']);
    expect(scene.told.at(-1)).toMatchObject({ type: 'sent', key: 'k1', seq: 4 });
  });

  test('comes back with the reason when it is refused', async () => {
    await scene.feed.handle({ type: 'ready' });
    scene.refusal = new ParleyError('thread_closed');
    await scene.feed.handle({ type: 'send', thread: 't1', key: 'k1', text: 'Hi' });
    expect(scene.told.at(-1)).toMatchObject({
      type: 'sent',
      key: 'k1',
      error: expect.stringMatching(/archived/) as string,
    });
    expect(scene.errors).toEqual([]);
  });
});

describe('questions', () => {
  beforeEach(() => scene.feed.handle({ type: 'ready' }));

  test('about names are answered for what was typed last; the search before is given up', async () => {
    const first = scene.feed.handle({ type: 'find', id: 'q1', kind: 'agent', query: 'n' });
    const second = scene.feed.handle({ type: 'find', id: 'q2', kind: 'agent', query: 'no' });
    expect(scene.searches.map(({ query, signal }) => [query, signal.aborted])).toEqual([
      ['n', true],
      ['no', false],
    ]);
    for (const search of scene.searches) search.answer();
    await Promise.all([first, second]);
    expect(scene.told.slice(1)).toEqual([
      { type: 'found', id: 'q2', agents: [{ name: 'no', detail: '' }], places: [] },
    ]);
  });

  test('about places and drops are answered under their id', async () => {
    await scene.feed.handle({ type: 'peek', id: 'q1', ref: { uri: 'src/a.ts' } });
    await scene.feed.handle({ type: 'take', id: 'q2', uris: ['file:///w/a.ts'], files: [] });
    expect(scene.told.slice(1)).toEqual([
      { type: 'peeked', id: 'q1', peek: { state: 'missing' } },
      { type: 'taken', id: 'q2', refs: [{ uri: 'file:///w/a.ts' }], refused: [] },
    ]);
  });
});

test('places go out with what stands there now', async () => {
  await scene.feed.handle({ type: 'ready' });
  await scene.feed.handle({
    type: 'send',
    thread: 't1',
    key: 'k1',
    text: 'Here',
    refs: [{ uri: 'src/a.ts' }],
    replyTo: 'm1',
  });
  expect(scene.asked[0]?.input).toMatchObject({ refs: [{ uri: 'src/a.ts', hash: 'as it is' }], replyTo: 'm1' });
});

test('a draft comes back with the thread, in whichever view, until it is said', async () => {
  await scene.feed.handle({ type: 'ready' });
  const draft = { text: 'half a thought', refs: [], at: 1 };
  await scene.feed.handle({ type: 'draft', thread: 't1', draft });
  await scene.feed.handle({ type: 'ready' });
  expect(scene.told.at(-1)).toMatchObject({ snapshot: { draft } });
  await scene.feed.handle({ type: 'draft', thread: 't1', draft: { text: '', refs: [], at: 2 } });
  await scene.feed.handle({ type: 'ready' });
  expect(scene.told.at(-1)).toMatchObject({ snapshot: { draft: { text: '', at: 2 } } });
});

test('a page that is ready is told what is selected in the editor', async () => {
  const selected = { print: 'p', ref: { uri: 'src/a.ts' } };
  scene.selections.tell(selected);
  await scene.feed.handle({ type: 'ready' });
  scene.selections.tell(selected);
  expect(scene.told.slice(1)).toEqual([{ type: 'selection', ...selected }]);
});

describe('a broker that goes', () => {
  test('is told with the reason, and what was missed comes with a new snapshot', async () => {
    await scene.feed.handle({ type: 'ready' });
    scene.goes();
    scene.say('NOVA', 'while you were out');
    scene.returns();
    await settle();
    expect(scene.types()).toEqual(['snapshot', 'broker', 'snapshot']);
    expect(scene.told[1]).toMatchObject({
      broker: { state: 'gone', reason: expect.stringContaining('Start it') as string },
    });
    expect(scene.told[2]).toMatchObject({ snapshot: { messages: { length: 4 } } });
  });

  test('is told to a page that starts while it is away', async () => {
    scene.goes();
    await scene.feed.handle({ type: 'ready' });
    expect(scene.types()).toEqual(['broker']);
  });
});

describe('requests', () => {
  test.each([
    undefined,
    null,
    'ready',
    { type: 'exec', command: 'x' },
    { type: 'seen', thread: 't1', seq: -1 },
    { type: 'send', thread: 't1', key: '', text: 'x' },
    { type: 'openLink', url: 'command:workbench.action.quit' },
    { type: 'openLink', url: 'javascript:alert(1)' },
    { type: 'openLink', url: 'http://plain.example' },
  ])('that do not fit the protocol are dropped: %j', async (posted) => {
    await scene.feed.handle({ type: 'ready' });
    await scene.feed.handle(posted);
    expect(scene.asked).toEqual([]);
    expect(scene.done).toEqual([]);
    expect(scene.types()).toEqual(['snapshot']);
    expect(scene.errors).toEqual([]);
  });

  test('for older messages get them up to the page’s first', async () => {
    await scene.feed.handle({ type: 'ready' });
    await scene.feed.handle({ type: 'loadOlder', thread: 't1', before: 3 });
    expect(scene.told.at(-1)).toMatchObject({ type: 'older', before: 3, older: 0, messages: [{ seq: 1 }, { seq: 2 }] });
  });

  test('pausing, going on and granting turns go to the broker; whom to invite is asked by the editor', async () => {
    const scene = new Scene();
    await scene.feed.handle({ type: 'ready' });
    for (const type of ['pause', 'resume', 'grant', 'typing'] as const) await scene.feed.handle({ type, thread: 't1' });
    expect(scene.asked).toEqual(
      ['pause', 'resume', 'grant', 'typing'].map((operation) => ({ operation, input: { thread: 't1' } })),
    );
    await scene.feed.handle({ type: 'invite', thread: 't1' });
    await scene.feed.handle({ type: 'invite', thread: 'another' });
    await scene.feed.handle({ type: 'transfer', thread: 't1' });
    await scene.feed.handle({ type: 'transfer', thread: 'another' });
    await scene.feed.handle({ type: 'insert', text: 'code' });
    expect(scene.done).toEqual(['invite t1', 'transfer t1', 'insert code']);
  });

  test('to end the thread are asked about first', async () => {
    await scene.feed.handle({ type: 'ready' });
    scene.confirms = false;
    await scene.feed.handle({ type: 'close', thread: 't1' });
    expect(scene.asked).toEqual([]);
    scene.confirms = true;
    await scene.feed.handle({ type: 'close', thread: 't1' });
    expect(scene.asked).toEqual([{ operation: 'leave', input: { thread: 't1', close: true } }]);
  });

  test('to end a thread that the page does not show do nothing', async () => {
    await scene.feed.handle({ type: 'ready' });
    await scene.feed.handle({ type: 'close', thread: 't2' });
    expect(scene.asked).toEqual([]);
  });
});
