import type { PanelDraft, PanelRequest } from '../contract/panel';
import { panelUpdate, type PanelUpdate } from '../contract/panelUpdates';
import type { RefView } from '../contract/views';
import type { Clock } from './clock';
import type { Host } from './host';
import {
  apply,
  emptyPage,
  firstSeq,
  lastSeq,
  shownUpTo,
  typingHolds,
  type OpenThread,
  type Outgoing,
  type Page,
} from './page';
import type { Anchor } from './rowLayout';
import { Questions, type Answer } from './questions';
import { refLabel } from './refs';
import { SavedState } from './savedState';
import { SeenTracker, type Span } from './seenTracker';

/** How often the others are told that the person writes, at most. Milliseconds. */
export const typingTold = 3000;

/** How long a draft rests before the host is told of it. Milliseconds. */
export const draftRests = 400;

/** What the thread's buttons ask for. */
export type Control = Extract<
  PanelRequest['type'],
  'leave' | 'close' | 'pause' | 'resume' | 'grant' | 'invite' | 'transfer'
>;

type Asking<T extends PanelRequest['type']> = Omit<Extract<PanelRequest, { type: T }>, 'type' | 'id'>;
/** What is selected in the editor: its text's print, and the place. */
export type Selected = Omit<Extract<PanelUpdate, { type: 'selection' }>, 'type'>;

export interface Surroundings {
  readonly host: Host;
  readonly clock: Clock;
  /** The person has the page in focus. */
  readonly isFocused: () => boolean;
  /** A new idempotency key. */
  readonly newKey: () => string;
}

/** The page's conduct: takes updates in, sends requests out, and says when what it shows has changed. */
export class ThreadPanel {
  readonly #around: Surroundings;
  readonly #saved: SavedState;
  readonly #listeners = new Set<() => void>();
  #page: Page = emptyPage;
  #tracker: { readonly thread: string; readonly seen: SeenTracker } | undefined;
  #visible: readonly Span[] = [];
  #typedAt = -Infinity;
  #selected: Selected | undefined;
  #keepDraft: (() => void) | undefined;
  readonly #questions: Questions;

  constructor(around: Surroundings) {
    this.#around = around;
    this.#saved = new SavedState(around.host);
    this.#questions = new Questions(around.newKey);
  }

  get page(): Page {
    return this.#page;
  }

  get clock(): Clock {
    return this.#around.clock;
  }

  /** The broker's time now. */
  now(): number {
    return this.#around.clock.now() + this.#page.skew;
  }

  /** Says that the page stands. Also after having been hidden: what was missed comes with the snapshot. */
  start(): void {
    this.#questions.giveUp();
    const thread = this.#thread?.thread.id ?? this.#saved.thread;
    this.#post({ type: 'ready', ...(thread !== undefined && { thread }) });
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** A message from the host. What is not one is dropped. */
  receive(data: unknown): void {
    const read = panelUpdate.safeParse(data);
    if (!read.success) return;
    const update = read.data;
    if (isAnswer(update)) {
      this.#questions.answered(update);
      return;
    }
    if (update.type === 'selection') {
      this.#selected = { print: update.print, ref: update.ref };
      return;
    }
    const wasGone = this.#page.broker.state === 'gone';
    const kept =
      update.type === 'snapshot' && update.snapshot.state === 'thread'
        ? this.#saved.outgoing(update.snapshot.thread.id)
        : [];
    const { page, gap } = apply(this.#page, update, this.clock.now(), this.#around.isFocused(), kept);
    this.#show(page);
    if (gap) this.start();
    const isBack = update.type === 'broker' && update.broker.state === 'connected' && wasGone;
    if (update.type === 'snapshot' || isBack) this.#repeatOutgoing();
    if (update.type === 'typing') this.clock.after(typingHolds, () => this.#forgetTyping());
  }

  /** What stands in the composer: what this view kept or what the host did, whichever was written later. */
  draft(): PanelDraft {
    const view = this.#thread;
    const own = view && this.#saved.draft(view.thread.id);
    const kept = view?.draft;
    const latest = own && kept ? (own.at >= kept.at ? own : kept) : (own ?? kept);
    return latest ?? { text: '', refs: [], at: 0 };
  }

  setDraft(written: Omit<PanelDraft, 'at'>): void {
    const thread = this.#thread?.thread.id;
    if (thread === undefined) return;
    const draft = { ...written, at: this.clock.now() };
    this.#saved.setDraft(thread, draft);
    this.#keepDraft?.();
    this.#keepDraft = this.clock.after(draftRests, () => this.#post({ type: 'draft', thread, draft }));
  }

  /** What was selected in the editor last, if this is its text. */
  selected(print: string): RefView | undefined {
    return this.#selected?.print === print ? this.#selected.ref : undefined;
  }

  /** The person has typed something: the others are told, at most once in {@link typingTold}. */
  typed(): void {
    const view = this.#thread;
    const now = this.clock.now();
    if (!view || this.#page.broker.state === 'gone' || now - this.#typedAt < typingTold) return;
    this.#typedAt = now;
    this.#post({ type: 'typing', thread: view.thread.id });
  }

  place(): Anchor | undefined {
    return this.#thread && this.#saved.place(this.#thread.thread.id);
  }

  setPlace(anchor: Anchor): void {
    if (this.#thread) this.#saved.setPlace(this.#thread.thread.id, anchor);
  }

  /** Says something as the person. Empty text says nothing. */
  say({ text, refs, replyTo }: Omit<PanelDraft, 'at'>): boolean {
    const view = this.#thread;
    if (!view || text.trim() === '') return false;
    const outgoing: Outgoing = { key: this.#around.newKey(), text, refs, replyTo, after: lastSeq(view) };
    this.setDraft({ text: '', refs: [] });
    this.#setOutgoing(view, [...view.outgoing, outgoing], undefined);
    this.#send(view, outgoing);
    return true;
  }

  /** Sends again what was refused, as it stands. */
  retry({ key, text, refs, replyTo, after }: Outgoing): void {
    const view = this.#thread;
    if (!view) return;
    const again: Outgoing = { key, text, refs, replyTo, after };
    this.#setOutgoing(
      view,
      view.outgoing.map((one) => (one.key === key ? again : one)),
      view.divider,
    );
    this.#send(view, again);
  }

  discard({ key }: Outgoing): void {
    const view = this.#thread;
    if (!view) return;
    this.#setOutgoing(
      view,
      view.outgoing.filter((one) => one.key !== key),
      view.divider,
    );
  }

  loadOlder(): void {
    const view = this.#thread;
    if (!view || view.older === 0 || view.loadingOlder || this.#page.broker.state === 'gone') return;
    this.#show({ ...this.#page, view: { ...view, loadingOlder: true } });
    this.#post({ type: 'loadOlder', thread: view.thread.id, before: firstSeq(view) });
  }

  /** Tells which messages are visible now. */
  setVisible(spans: readonly Span[]): void {
    this.#visible = spans;
    this.focusChanged();
  }

  focusChanged(): void {
    this.#tracker?.seen.show(this.#visible, this.#around.isFocused());
  }

  /** One of the thread's actions; its host asks where that cannot be undone. */
  control(type: Control): void {
    if (this.#thread) this.#post({ type, thread: this.#thread.thread.id });
  }

  peek(ref: RefView): Promise<Extract<Answer, { type: 'peeked' }> | undefined> {
    return this.#questions.ask('peeked', (id) => this.#post({ type: 'peek', id, ref }));
  }

  find({ kind, query }: Asking<'find'>): Promise<Extract<Answer, { type: 'found' }> | undefined> {
    return this.#questions.ask('found', (id) => this.#post({ type: 'find', id, kind, query }));
  }

  take(dropped: Asking<'take'>): Promise<Extract<Answer, { type: 'taken' }> | undefined> {
    return this.#questions.ask('taken', (id) => this.#post({ type: 'take', id, ...dropped }));
  }

  insert(text: string): void {
    this.#post({ type: 'insert', text });
  }

  /** A ref as one reads it in this window. */
  label(ref: RefView): string {
    return refLabel(ref, this.#thread?.folders);
  }

  openRef(ref: RefView): void {
    this.#post({ type: 'openRef', ref });
  }

  openLink(url: string): void {
    this.#post({ type: 'openLink', url });
  }

  copy(text: string): void {
    this.#post({ type: 'copy', text });
  }

  startBroker(): void {
    this.#post({ type: 'startBroker' });
  }

  get #thread(): OpenThread | undefined {
    return this.#page.view.state === 'thread' ? this.#page.view : undefined;
  }

  #post(request: PanelRequest): void {
    this.#around.host.post(request);
  }

  #show(page: Page): void {
    this.#page = page;
    const view = this.#thread;
    if (view) {
      this.#saved.setThread(view.thread.id);
      this.#saved.setOutgoing(view.thread.id, view.outgoing);
    }
    this.#track(view);
    for (const listener of this.#listeners) listener();
  }

  #track(view: OpenThread | undefined): void {
    if (view?.thread.id !== this.#tracker?.thread) {
      this.#tracker?.seen.dispose();
      this.#visible = [];
      this.#tracker = undefined;
      if (view) {
        const thread = view.thread.id;
        const report = (seq: number): void => this.#post({ type: 'seen', thread, seq });
        this.#tracker = { thread, seen: new SeenTracker(this.clock, 0, report) };
      }
    }
    if (view) this.#tracker?.seen.assume(shownUpTo(view));
  }

  /** Who speaks has read: their own word ends what was "new" (`divider` undefined). */
  #setOutgoing(view: OpenThread, outgoing: readonly Outgoing[], divider: number | undefined): void {
    this.#show({ ...this.#page, view: { ...view, outgoing, divider } });
  }

  #send(view: OpenThread, { key, text, refs, replyTo }: Outgoing): void {
    // Without a broker it stays on its way, and goes out when the broker is back.
    if (this.#page.broker.state !== 'connected') return;
    const more = { ...(refs.length > 0 && { refs: [...refs] }), ...(replyTo !== undefined && { replyTo }) };
    this.#post({ type: 'send', thread: view.thread.id, key, text, ...more });
  }

  /** The same key and text count once, so that repeating what was on its way loses nothing and doubles nothing. */
  #repeatOutgoing(): void {
    const view = this.#thread;
    for (const one of view?.outgoing ?? [])
      if (view && one.error === undefined && one.seq === undefined) this.#send(view, one);
  }

  #forgetTyping(): void {
    const view = this.#thread;
    if (!view) return;
    const now = this.clock.now();
    const typing = view.typing.filter(({ until }) => until > now);
    if (typing.length < view.typing.length) this.#show({ ...this.#page, view: { ...view, typing } });
  }
}

function isAnswer(update: PanelUpdate): update is Answer {
  return 'id' in update;
}
