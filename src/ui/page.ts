import type { PanelDraft } from '../contract/panel';
import type { BrokerState, PanelSnapshot, PanelUpdate } from '../contract/panelUpdates';
import type { MessageView, RefView, ThreadView } from '../contract/views';

/** How long "is typing" holds after the last sign, ms. */
export const typingHolds = 6000;

/** A message of the person's on its way. */
export interface Outgoing {
  /** The idempotency key that it goes out under, however often. */
  readonly key: string;
  readonly text: string;
  readonly refs: readonly RefView[];
  /** The message that it replies to. */
  readonly replyTo?: string | undefined;
  /** The last seq that was here when it was sent. */
  readonly after?: number | undefined;
  /** The seq that the broker gave it: it goes once the message itself is there. */
  readonly seq?: number;
  /** Why it was refused. */
  readonly error?: string;
}

export interface Typing {
  readonly agent: string;
  readonly name: string;
  readonly until: number;
}

export interface OpenThread {
  readonly state: 'thread';
  readonly you: { readonly id: string; readonly name: string };
  readonly thread: ThreadView;
  /** In order of seq, without a gap, up to the latest. */
  readonly messages: readonly MessageView[];
  /** Messages before these. */
  readonly older: number;
  readonly loadingOlder: boolean;
  /** The first message that was unread when it came: the line "new" stands before it. */
  readonly divider: number | undefined;
  readonly outgoing: readonly Outgoing[];
  readonly typing: readonly Typing[];
  /** What the host kept of the person's words here. */
  readonly draft?: PanelDraft | undefined;
  /** Paths of the window's folders. */
  readonly folders?: readonly string[] | undefined;
}

export type View = { readonly state: 'loading' } | Exclude<PanelSnapshot, { state: 'thread' }> | OpenThread;

/** Everything that the page shows: what the last snapshot and the updates after it make. */
export interface Page {
  readonly view: View;
  readonly broker: BrokerState;
  /** The broker's clock minus the page's, ms. */
  readonly skew: number;
}

export const emptyPage: Page = { view: { state: 'loading' }, broker: { state: 'connected' }, skew: 0 };

export interface Applied {
  readonly page: Page;
  /** A message is missing between what is shown and what came: ask for a snapshot. */
  readonly gap: boolean;
}

/**
 * The page after one update. `now`: the page's clock; `focused`: the person has the page in focus; `kept`: what was on its
 * way in a thread that is shown anew.
 */
export function apply(
  page: Page,
  update: PageUpdate,
  now: number,
  focused: boolean,
  kept: readonly Outgoing[] = [],
): Applied {
  if (update.type === 'snapshot') return { page: show(page, update, now, kept), gap: false };
  if (update.type === 'broker') return { page: { ...page, broker: update.broker }, gap: false };
  const { view } = page;
  const id = update.type === 'thread' ? update.thread.id : update.thread;
  // An update for a thread that was shown a moment ago.
  if (view.state !== 'thread' || id !== view.thread.id) return { page, gap: false };
  const gap = update.type === 'messages' && leavesGap(view, update.messages);
  return { page: gap ? page : { ...page, view: change(view, update, now, focused) }, gap };
}

/** An update that changes what the page shows; the others answer a question of one part of it. */
export type PageUpdate = Exclude<PanelUpdate, { type: 'peeked' | 'found' | 'taken' | 'selection' }>;
type ThreadUpdate = Exclude<PageUpdate, { type: 'snapshot' | 'broker' }>;

function change(view: OpenThread, update: ThreadUpdate, now: number, focused: boolean): OpenThread {
  switch (update.type) {
    case 'thread':
      return { ...view, thread: update.thread };
    case 'messages':
      return withMessages(view, update.messages, focused);
    case 'older':
      return update.before === firstSeq(view)
        ? { ...view, messages: [...update.messages, ...view.messages], older: update.older, loadingOlder: false }
        : { ...view, loadingOlder: false };
    case 'typing': {
      const others = view.typing.filter(({ agent }) => agent !== update.agent);
      return { ...view, typing: [...others, { agent: update.agent, name: update.name, until: now + typingHolds }] };
    }
    case 'sent':
      return settle({
        ...view,
        outgoing: view.outgoing.map((outgoing) =>
          outgoing.key === update.key ? answered(outgoing, update) : outgoing,
        ),
      });
  }
}

function answered(outgoing: Outgoing, { seq, error }: ThreadUpdate & { type: 'sent' }): Outgoing {
  const { key, text, refs, replyTo, after } = outgoing;
  const said = { key, text, refs, replyTo, after };
  if (error !== undefined) return { ...said, error };
  return seq === undefined ? said : { ...said, seq };
}

function show(page: Page, update: PageUpdate & { type: 'snapshot' }, now: number, kept: readonly Outgoing[]): Page {
  const { snapshot, broker } = update;
  const skew = update.now - now;
  if (snapshot.state !== 'thread') return { view: snapshot, broker, skew };
  const before = page.view.state === 'thread' && page.view.thread.id === snapshot.thread.id ? page.view : undefined;
  const loaded = before ? joinLoaded(before, snapshot) : snapshot;
  const view: OpenThread = settle({
    ...snapshot,
    ...loaded,
    loadingOlder: false,
    divider: before?.divider ?? firstUnread(snapshot),
    outgoing: before?.outgoing ?? kept,
    typing: [],
  });
  return { view, broker, skew };
}

type ThreadSnapshot = PanelSnapshot & { state: 'thread' };

/** Keeps what was loaded before a snapshot that touches or overlaps it, so that the reader's place stays. */
function joinLoaded(before: OpenThread, snapshot: ThreadSnapshot): { messages: MessageView[]; older: number } {
  const { messages, older } = snapshot;
  const first = messages[0]?.seq ?? 1;
  const last = before.messages.at(-1)?.seq ?? 0;
  if (last < first - 1) return { messages, older };
  const earlier = before.messages.filter(({ seq }) => seq < first);
  return { messages: [...earlier, ...messages], older: earlier.length === 0 ? older : before.older };
}

/** The first loaded message that the person has not been shown, by its own receipt. */
function firstUnread({ messages, you }: Pick<OpenThread, 'messages' | 'you'>): number | undefined {
  return messages.find((message) => isUnread(message, you.id))?.seq;
}

function isUnread({ receipts }: MessageView, you: string): boolean {
  return receipts.some(({ agent, state }) => agent === you && (state === 'stored' || state === 'rung'));
}

/**
 * The last seq before which nothing waits to be shown to the person. 0 when unread messages are not loaded yet: then none
 * can be told from what came before them.
 */
export function shownUpTo(view: Pick<OpenThread, 'messages' | 'you' | 'thread'>): number {
  const loaded = view.messages.filter((message) => isUnread(message, view.you.id));
  const [first] = loaded;
  if (loaded.length < view.thread.unread) return 0;
  return first === undefined ? view.thread.messages : first.seq - 1;
}

export function firstSeq(view: OpenThread): number {
  return view.messages[0]?.seq ?? view.thread.messages + 1;
}

export function lastSeq(view: OpenThread): number {
  return view.messages.at(-1)?.seq ?? view.thread.messages;
}

function leavesGap(view: OpenThread, messages: readonly MessageView[]): boolean {
  let next = lastSeq(view) + 1;
  for (const { seq } of messages) {
    if (seq > next) return true;
    if (seq === next) next++;
  }
  return false;
}

function withMessages(view: OpenThread, messages: readonly MessageView[], focused: boolean): OpenThread {
  const fresh = messages.filter(({ seq }) => seq > lastSeq(view));
  const changed = new Map(messages.map((message) => [message.seq, message]));
  const foreign = fresh.find(({ from }) => from !== view.you.id);
  const last = fresh.at(-1);
  return settle({
    ...view,
    messages: [...view.messages.map((message) => changed.get(message.seq) ?? message), ...fresh],
    thread:
      last === undefined
        ? view.thread
        : { ...view.thread, messages: Math.max(view.thread.messages, last.seq), lastAt: last.timestamp },
    // What comes while the person looks elsewhere is new to them when they are back.
    divider: focused ? view.divider : (view.divider ?? foreign?.seq),
    typing: view.typing.filter(({ agent }) => !fresh.some(({ from }) => from === agent)),
  });
}

/** Takes out what was on its way and has arrived. */
function settle(view: OpenThread): OpenThread {
  const last = lastSeq(view);
  const outgoing = view.outgoing.filter(({ seq }) => seq === undefined || seq > last);
  return outgoing.length === view.outgoing.length ? view : { ...view, outgoing };
}
