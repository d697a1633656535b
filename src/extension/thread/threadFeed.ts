import { toParleyError } from '../../contract/errors';
import type { Input, Output } from '../../contract/operations';
import { panelFolders, panelPageSize, panelRequest, type PanelRequest } from '../../contract/panel';
import type { BrokerState, PanelUpdate } from '../../contract/panelUpdates';
import type { MessageView, ThreadView } from '../../contract/views';
import type { Watched } from '../../contract/wire';
import type { Client } from '../../client/client';
import type { Clock } from '../../client/clock';
import type { Disposable } from '../disposable';
import type { Drafts } from './drafts';
import { failureText } from '../errorWords';
import type { Lookout } from '../lookout';
import type { PageQuestions, Selected } from './pageQuestions';
import { seqRuns } from './seqRuns';
import { words } from '../words';

/** What a page may ask of the editor. Nothing here trusts the page's words: each asks or checks for itself. */
export interface PageActions {
  openRef(ref: Extract<PanelRequest, { type: 'openRef' }>['ref'], thread: ThreadView): Promise<void>;
  openLink(url: string): Promise<void>;
  copy(text: string): Promise<void>;
  /** Whether the person really wants to end the thread for everyone. */
  confirmEnd(thread: ThreadView): Promise<boolean>;
  /** Asks whom, and rings them. */
  invite(thread: ThreadView): Promise<void>;
  /** Asks to whom, rings them, and leaves. */
  transfer(thread: ThreadView): Promise<void>;
  /** Puts text into the text editor that was used last. */
  insert(text: string): Promise<void>;
  startBroker(): Promise<void>;
}

export interface ThreadFeedOptions {
  readonly line: Pick<Client, 'state' | 'ask' | 'receive'>;
  readonly lookout: Pick<Lookout, 'picture' | 'events' | 'pictures'>;
  readonly clock: Clock;
  readonly post: (update: PanelUpdate) => void;
  readonly actions: PageActions;
  readonly questions: PageQuestions;
  readonly drafts: Pick<Drafts, 'of' | 'keep'>;
  /** The thread that the page shows, once it is known what it is. */
  readonly onThread: (thread: ThreadView) => void;
  readonly onError: (error: unknown) => void;
  readonly thread?: string | undefined;
}

/** Events within this time are shown together. Milliseconds. */
const gathering = 25;

/**
 * The host's side of one thread view: answers the page's requests and tells it what changed. It keeps only what it needs
 * to know what the page has: the seq of the last message, and which message a receipt belongs to.
 */
export class ThreadFeed implements Disposable {
  readonly #options: ThreadFeedOptions;
  readonly #ends: Disposable[];
  #thread: string | undefined;
  #shown: ThreadView | undefined;
  #lastSeq = 0;
  readonly #seqs = new Map<string, number>();
  readonly #stale = new Set<number>();
  #headStale = false;
  #ready = false;
  #broker: string;
  #cancelTimer: (() => void) | undefined;
  #updating: Promise<void> = Promise.resolve();
  #finding = new AbortController();

  constructor(options: ThreadFeedOptions) {
    this.#options = options;
    this.#thread = options.thread;
    const { lookout } = options;
    this.#broker = lookout.picture.broker.state;
    this.#ends = [
      lookout.events.on((event) => this.#heard(event)),
      lookout.pictures.on(() => this.#brokerMoved()),
      options.questions.onSelected((selected) => this.#tellSelection(selected)),
    ];
  }

  get thread(): string | undefined {
    return this.#thread;
  }

  /** Shows another thread. */
  show(thread: string): void {
    this.#thread = thread;
    if (this.#ready) void this.#snapshot();
  }

  /** Takes what the page posted; what does not fit the protocol is dropped. */
  async handle(posted: unknown): Promise<void> {
    const parsed = panelRequest.safeParse(posted);
    if (!parsed.success) return;
    const request = parsed.data;
    try {
      await this.#handle(request);
    } catch (error) {
      this.#options.onError(error);
    }
  }

  dispose(): void {
    this.#cancelTimer?.();
    this.#finding.abort();
    for (const end of this.#ends) end.dispose();
  }

  async #handle(request: PanelRequest): Promise<void> {
    const { actions, line } = this.#options;
    switch (request.type) {
      case 'ready':
        this.#ready = true;
        this.#thread ??= request.thread;
        this.#tellSelection(this.#options.questions.selected);
        return this.#snapshot();
      case 'send':
        return this.#send(request);
      case 'seen':
        if (this.#isConnected()) await line.ask('seen', { thread: request.thread, seq: request.seq });
        return;
      case 'loadOlder':
        return this.#older(request.thread, request.before);
      case 'leave':
        await line.ask('leave', { thread: request.thread });
        return;
      case 'close':
        if (this.#shown?.id === request.thread && (await actions.confirmEnd(this.#shown))) {
          await line.ask('leave', { thread: request.thread, close: true });
        }
        return;
      case 'pause':
      case 'resume':
      case 'grant':
        await line.ask(request.type, { thread: request.thread });
        return;
      case 'invite':
        if (this.#shown?.id === request.thread) await actions.invite(this.#shown);
        return;
      case 'transfer':
        if (this.#shown?.id === request.thread) await actions.transfer(this.#shown);
        return;
      case 'draft':
        return this.#options.drafts.keep(request.thread, request.draft);
      case 'typing':
        if (this.#isConnected()) await line.ask('typing', { thread: request.thread });
        return;
      case 'openRef':
        if (this.#shown) await actions.openRef(request.ref, this.#shown);
        return;
      case 'peek':
      case 'find':
      case 'take':
        if (this.#shown) await this.#answer(request, this.#shown);
        return;
      case 'insert':
        return actions.insert(request.text);
      case 'openLink':
        return actions.openLink(request.url);
      case 'copy':
        return actions.copy(request.text);
      case 'startBroker':
        return actions.startBroker();
    }
  }

  async #answer(request: Extract<PanelRequest, { id: string }>, thread: ThreadView): Promise<void> {
    const { questions, post } = this.#options;
    const { id } = request;
    switch (request.type) {
      case 'peek':
        post({
          type: 'peeked',
          id,
          peek: await questions.peek(request.ref, thread).catch(() => ({ state: 'unreadable' }) as const),
        });
        return;
      case 'find': {
        // Who types on wants no answer to what stood there before.
        this.#finding.abort();
        const { signal } = (this.#finding = new AbortController());
        const found = await questions.find(request.kind, request.query, thread, signal);
        if (!signal.aborted) post({ type: 'found', id, ...found });
        return;
      }
      case 'take':
        post({ type: 'taken', id, ...(await questions.take(request)) });
        return;
    }
  }

  #tellSelection(selected: Selected | undefined): void {
    if (this.#ready && selected) this.#options.post({ type: 'selection', ...selected });
  }

  /** Everything that the page needs to begin, or why there is nothing. */
  async #snapshot(): Promise<void> {
    const { lookout, clock, post } = this.#options;
    const broker = this.#brokerState();
    const thread = this.#thread;
    if (thread === undefined) {
      post({ type: 'snapshot', snapshot: { state: 'none' }, broker, now: clock.now() });
      return;
    }
    const { you } = lookout.picture;
    if (broker.state === 'gone' || !you) {
      post({ type: 'broker', broker });
      return;
    }
    this.#headStale = false;
    this.#stale.clear();
    try {
      const page = await this.#read({ thread, limit: panelPageSize });
      if (thread !== this.#thread) return;
      this.#seqs.clear();
      this.#lastSeq = 0;
      this.#note(page.messages);
      this.#head(page.thread);
      const snapshot = {
        state: 'thread',
        you,
        thread: page.thread,
        messages: page.messages,
        older: page.more,
        draft: this.#options.drafts.of(thread),
        folders: this.#options.questions.folders.slice(0, panelFolders),
      } as const;
      post({ type: 'snapshot', snapshot, broker, now: clock.now() });
    } catch (error) {
      const { code } = toParleyError(error);
      if (code === 'unknown_thread') {
        post({ type: 'snapshot', snapshot: { state: 'missing', thread }, broker, now: clock.now() });
      } else if (code === 'broker_gone') post({ type: 'broker', broker: this.#brokerState() });
      else throw error;
    }
  }

  async #send({ thread, key, text, refs, replyTo }: Extract<PanelRequest, { type: 'send' }>): Promise<void> {
    const { line, post, questions } = this.#options;
    try {
      const filled = refs && (await questions.fill(refs));
      const input = { thread, key, text, ...(filled && { refs: filled }), ...(replyTo !== undefined && { replyTo }) };
      const { message } = await line.ask('send', input);
      // The page takes a `sent` as the end of its draft, so the message has to be there before.
      if (thread === this.#thread) await this.#update();
      post({ type: 'sent', thread, key, seq: message.seq });
    } catch (error) {
      post({ type: 'sent', thread, key, error: failureText(error) });
    }
  }

  async #older(thread: string, before: number): Promise<void> {
    const page = await this.#read({ thread, before, limit: panelPageSize });
    if (thread !== this.#thread) return;
    this.#note(page.messages);
    this.#options.post({ type: 'older', thread, before, messages: page.messages, older: page.more });
  }

  #brokerMoved(): void {
    const { state } = this.#options.lookout.picture.broker;
    if (state === this.#broker) return;
    this.#broker = state;
    if (!this.#ready) return;
    // While it is away something may have been said: what the page has is void.
    if (state === 'connected') void this.#snapshot().catch(this.#options.onError);
    else if (state === 'gone') this.#options.post({ type: 'broker', broker: this.#brokerState() });
  }

  #heard(event: Watched): void {
    if (!this.#ready || this.#thread === undefined) return;
    switch (event.type) {
      case 'message.sent':
        if (event.payload.message.thread !== this.#thread) return;
        for (const answered of event.payload.answers) this.#receiptOf(answered);
        this.#headStale = true;
        break;
      case 'receipt.seen':
        for (const subject of [...event.payload.messages, ...event.payload.calls]) this.#receiptOf(subject);
        break;
      case 'receipt.rung':
      case 'receipt.refused':
        this.#receiptOf(event.payload.subject);
        break;
      case 'thread.erased':
        // What the page shows is gone, and must not stand there any longer.
        if (event.payload.thread === this.#thread) void this.#snapshot().catch(this.#options.onError);
        return;
      case 'thread.closed':
      case 'thread.paused':
      case 'thread.resumed':
      case 'thread.renamed':
      case 'thread.granted':
      case 'thread.limited':
      case 'turn.skipped':
        this.#headStale ||= event.payload.thread === this.#thread;
        break;
      case 'agent.profiled':
        this.#headStale ||= this.#shown?.participants.some((one) => one.agent === event.payload.agent) ?? false;
        break;
      case 'typing': {
        const { picture } = this.#options.lookout;
        if (event.thread !== this.#thread || event.agent === picture.you?.id) return;
        const name = picture.agents.get(event.agent)?.name;
        if (name !== undefined) this.#options.post({ type: 'typing', thread: event.thread, agent: event.agent, name });
        return;
      }
      default:
        return;
    }
    if ((!this.#headStale && this.#stale.size === 0) || this.#cancelTimer) return;
    this.#cancelTimer = this.#options.clock.after(gathering, () => {
      void this.#update().catch((error: unknown) => {
        if (toParleyError(error).code !== 'broker_gone') this.#options.onError(error);
      });
    });
  }

  /** Notes that the receipts of this message, or of the thread's call, have changed. */
  #receiptOf(subject: string): void {
    const seq = this.#seqs.get(subject);
    if (seq !== undefined) this.#stale.add(seq);
    if (subject === this.#shown?.call?.id) this.#headStale = true;
  }

  /** Tells the page what is new, one update after the other. */
  #update(): Promise<void> {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const next = this.#updating.catch(() => undefined).then(() => this.#tellNews());
    this.#updating = next;
    return next;
  }

  async #tellNews(): Promise<void> {
    const thread = this.#thread;
    if (thread === undefined || !this.#isConnected()) return;
    const stale = [...this.#stale].sort((a, b) => a - b);
    this.#stale.clear();
    this.#headStale = false;
    const changed: MessageView[] = [];
    for (const [first, last] of seqRuns(stale)) {
      const page = await this.#read({ thread, after: first - 1, limit: last - first + 1 });
      changed.push(...page.messages);
    }
    let head: ThreadView | undefined;
    for (;;) {
      const page = await this.#read({ thread, after: this.#lastSeq, limit: panelPageSize });
      if (thread !== this.#thread) return;
      changed.push(...page.messages);
      head = page.thread;
      this.#note(page.messages);
      if (page.more === 0 || page.messages.length === 0) break;
    }
    if (changed.length > 0) this.#options.post({ type: 'messages', thread, messages: changed });
    this.#head(head);
    this.#options.post({ type: 'thread', thread: head });
  }

  #head(thread: ThreadView): void {
    this.#shown = thread;
    this.#options.onThread(thread);
  }

  #note(messages: readonly MessageView[]): void {
    for (const { id, seq } of messages) {
      this.#seqs.set(id, seq);
      this.#lastSeq = Math.max(this.#lastSeq, seq);
    }
  }

  #isConnected(): boolean {
    return this.#options.line.state.kind === 'connected';
  }

  #brokerState(): BrokerState {
    const { broker } = this.#options.lookout.picture;
    if (broker.state === 'gone') return { state: 'gone', reason: failureText(broker.error).slice(0, 500) };
    return this.#isConnected() ? { state: 'connected' } : { state: 'gone', reason: words.status.connecting };
  }

  /** The page says itself what was seen, when it was: reading for it confirms nothing. */
  async #read(input: Input<'read'>): Promise<Output<'read'>> {
    return (await this.#options.line.receive('read', input)).output;
  }
}
