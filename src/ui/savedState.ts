import * as z from 'zod';
import { panelDraft, panelPageSize, panelRefs, type PanelDraft } from '../contract/panel';
import { refView } from '../contract/views';
import type { Host } from './host';
import type { Outgoing } from './page';
import type { Anchor } from './rowLayout';

/** Threads whose drafts are kept. */
const draftsKept = 20;

const outgoing = z.object({
  key: z.string(),
  text: z.string(),
  refs: z.array(refView).max(panelRefs),
  replyTo: z.string().optional(),
  error: z.string().optional(),
  after: z.number().optional(),
});
const schema = z.object({
  thread: z.string().optional(),
  drafts: z.array(z.tuple([z.string(), panelDraft])).max(draftsKept),
  place: z.object({ thread: z.string(), key: z.string(), delta: z.number() }).optional(),
  outgoing: z.array(outgoing.extend({ thread: z.string() })).max(panelPageSize),
});
type Saved = z.infer<typeof schema>;

/** What outlives a reload of the page: the thread, drafts, the reader's place, and what was on its way. */
export class SavedState {
  readonly #host: Host;
  #saved: Saved;

  constructor(host: Host) {
    this.#host = host;
    const read = schema.safeParse(host.saved());
    this.#saved = read.success ? read.data : { drafts: [], outgoing: [] };
  }

  get thread(): string | undefined {
    return this.#saved.thread;
  }

  draft(thread: string): PanelDraft | undefined {
    return this.#saved.drafts.find(([id]) => id === thread)?.[1];
  }

  /** Where the reader was; `undefined`: at the end, or never here. */
  place(thread: string): Anchor | undefined {
    const { place } = this.#saved;
    return place?.thread === thread ? { key: place.key, delta: place.delta } : undefined;
  }

  outgoing(thread: string): Outgoing[] {
    return this.#saved.outgoing
      .filter((one) => one.thread === thread)
      .map(({ key, text, refs, replyTo, error }) => {
        return { key, text, refs, replyTo, ...(error !== undefined && { error }) };
      });
  }

  setThread(thread: string): void {
    if (thread !== this.#saved.thread) this.#set({ thread });
  }

  setDraft(thread: string, draft: PanelDraft): void {
    const others = this.#saved.drafts.filter(([id]) => id !== thread).slice(0, draftsKept - 1);
    this.#set({ drafts: [[thread, draft], ...others] });
  }

  setPlace(thread: string, anchor: Anchor): void {
    this.#set({ place: anchor === 'end' ? undefined : { thread, ...anchor } });
  }

  setOutgoing(thread: string, list: readonly Outgoing[]): void {
    const others = this.#saved.outgoing.filter((one) => one.thread !== thread);
    if (list.length === 0 && others.length === this.#saved.outgoing.length) return;
    const own = list.map(({ key, text, refs, replyTo, error }) => {
      return { thread, key, text, refs: [...refs], replyTo, error };
    });
    this.#set({ outgoing: [...own, ...others].slice(0, panelPageSize) });
  }

  #set(change: Partial<Saved>): void {
    this.#saved = { ...this.#saved, ...change };
    this.#host.save(this.#saved);
  }
}
