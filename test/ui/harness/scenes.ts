import type { PanelPeek, PanelPlace, PanelSnapshot } from '../../../src/contract/panelUpdates';
import type { CallView, MessageView, ReceiptView, ThreadView } from '../../../src/contract/views';

export type ThreadSnapshot = PanelSnapshot & { state: 'thread' };

/** Saturday 21 November 2026, 9:41:00 UTC. */
export const start = Date.UTC(2026, 10, 21, 9, 41, 0);
/** What the page's clock says when a scene is shown. */
export const nowInScenes = start + 74_000;

export const atlas = { agent: '01JD00000000000000000ATLAS', name: 'Atlas', platform: 'VS Code' };
export const nova = { agent: '01JD000000000000000000NOVA', name: 'Nova', platform: 'Claude Code' };
export const person = { agent: '01JD0000000000000000PERSON', name: 'Sam', platform: '' };
export const threadId = '01JD00000000000000THREAD01';

type Who = typeof atlas;

export function receipt(
  who: Who,
  state: ReceiptView['state'],
  at: number,
  more: Partial<ReceiptView> = {},
): ReceiptView {
  return { agent: who.agent, name: who.name, state, at, ...more };
}

export function message(
  seq: number,
  who: Who,
  at: number,
  content: string,
  more: Partial<MessageView> = {},
): MessageView {
  return {
    id: `01JD0000000000000MESSAGE${String(seq).padStart(5, '0')}`,
    thread: threadId,
    from: who.agent,
    fromName: who.name,
    fromPlatform: who.platform,
    fromKind: who === person ? 'human' : 'agent',
    type: 'message',
    content,
    refs: [],
    seq,
    timestamp: at,
    receipts: [],
    ...more,
  };
}

export function passage(seq: number, who: Who, at: number, type: 'join' | 'leave'): MessageView {
  return message(seq, who, at, '', { type });
}

export const call: CallView = {
  id: '01JD000000000000000000CALL',
  from: atlas.agent,
  fromName: atlas.name,
  fromPlatform: atlas.platform,
  topic: 'Review my auth middleware',
  urgency: 'next',
  refs: [],
  placedAt: start,
  to: [
    {
      agent: nova.agent,
      name: nova.name,
      state: 'accepted',
      receipt: receipt(nova, 'answered', start + 3_400, { ringer: 'claude-inbox', result: 'written' }),
    },
  ],
  thread: threadId,
};

export function participant(who: Who, left = false): ThreadView['participants'][number] {
  return { agent: who.agent, name: who.name, platform: who.platform, kind: who === person ? 'human' : 'agent', left };
}

export function thread(messages: readonly MessageView[], more: Partial<ThreadView> = {}): ThreadView {
  return {
    id: threadId,
    topic: 'Review my auth middleware',
    mode: 'live',
    state: 'open',
    home: '01JD0000000000000000BROKER',
    participants: [participant(atlas), participant(nova), participant(person)],
    openedAt: start - 60_000,
    lastAt: messages.at(-1)?.timestamp ?? start,
    messages: messages.at(-1)?.seq ?? 0,
    unread: 0,
    isOpen: false,
    turns: 'free',
    call,
    ...more,
  };
}

export function snapshot(messages: MessageView[], more: Partial<ThreadView> = {}, older = 0): ThreadSnapshot {
  return {
    state: 'thread',
    you: { id: person.agent, name: person.name },
    thread: thread(messages, more),
    messages,
    older,
  };
}

function ref(uri: string, first: number, last: number): MessageView['refs'][number] {
  return { uri, range: { start: { line: first - 1, character: 0 }, end: { line: last, character: 0 } } };
}

/** The conversation of the picture that the look was designed on. */
export function conversation(): MessageView[] {
  return [
    passage(1, atlas, start + 3_400, 'join'),
    passage(2, nova, start + 3_400, 'join'),
    message(
      3,
      atlas,
      start + 6_000,
      'The JWT check fails on expired tokens and I cannot see why. Start at the guard.',
      {
        refs: [ref('src/auth/middleware.ts', 42, 57), ref('test/auth.test.ts', 18, 18)],
        receipts: [receipt(nova, 'seen', start + 7_000, { ringer: 'mcp' })],
      },
    ),
    message(
      4,
      nova,
      start + 31_000,
      'You compare seconds with milliseconds: `exp` is in seconds, `Date.now()` is not.\n\n```ts\nif (payload.exp * 1000 < Date.now()) reject();\n```',
      { receipts: [receipt(atlas, 'answered', start + 52_000)] },
    ),
    message(5, atlas, start + 52_000, 'That was it. One more: should the clock skew be configurable?', {
      receipts: [
        receipt(nova, 'rung', nowInScenes - 12_000, { ringer: 'claude-inbox', result: 'written' }),
        receipt(person, 'stored', start + 52_000),
      ],
    }),
    passage(6, person, start + 60_000, 'join'),
    message(7, person, start + 70_000, '@Nova 60 seconds, fixed. No setting please.', {
      receipts: [
        receipt(atlas, 'stored', start + 70_000),
        receipt(nova, 'rung', nowInScenes - 12_000, {
          ringer: 'claude-inbox',
          result: 'held',
          detail: 'permission prompt',
        }),
      ],
    }),
  ];
}

/** Many messages of two agents, one every 20 s, from seq `first` to `last`. */
export function many(first: number, last: number): MessageView[] {
  return Array.from({ length: last - first + 1 }, (_, index) => {
    const seq = first + index;
    const who = seq % 3 === 0 ? nova : atlas;
    const lines = 1 + (seq % 5);
    const text = Array.from({ length: lines }, (_unused, line) => `Message ${seq}, line ${line + 1} of ${lines}.`).join(
      '\n',
    );
    return message(seq, who, start - (20_000 - seq) * 20_000, text);
  });
}

/** What the host says of a place that has changed since it was written. */
export const changedPeek: PanelPeek = {
  state: 'shown',
  first: 40,
  lines: [
    'export function guard(token: string): Payload {',
    '  const payload = verify(token, secret);',
    '  // Seconds since the epoch, as everywhere in a JWT.',
    '  if (payload.exp * 1000 < Date.now()) throw new Expired("token", 401);',
    '  return payload;',
    '}',
  ],
  more: 12,
  language: 'ts',
  changed: 'yes',
};

export const foundAgents = [
  { name: 'Nova', detail: 'Claude Code · in a call' },
  { name: 'Atlas', detail: 'VS Code · in a call' },
  { name: 'Vega', detail: 'Codex · available' },
];

export const foundPlaces: PanelPlace[] = [
  {
    label: 'middleware.ts',
    detail: 'src/auth/middleware.ts',
    kind: 'file',
    ref: { uri: 'file:///w/src/auth/middleware.ts' },
  },
  {
    label: 'guardMiddleware',
    detail: 'src/auth/middleware.ts:41',
    kind: 'symbol',
    ref: ref('file:///w/src/auth/middleware.ts', 41, 57),
  },
];
