import * as z from 'zod';
import { panelDraft, type PanelDraft } from '../../contract/panel';

/** Threads whose drafts are kept, the latest written. */
export const draftsKept = 50;
/** Characters of all drafts together: what the window keeps is read whole when it starts. */
export const draftsLength = 1_000_000;

const schema = z.array(z.tuple([z.string(), panelDraft]));

/** Where drafts outlive the window. */
export interface DraftMemory {
  get(): unknown;
  set(drafts: readonly (readonly [thread: string, draft: PanelDraft])[]): PromiseLike<void>;
}

/** What the person has written in threads and not sent, for whichever view of a thread comes next. */
export class Drafts {
  readonly #memory: DraftMemory;
  #drafts: readonly (readonly [string, PanelDraft])[];

  constructor(memory: DraftMemory) {
    this.#memory = memory;
    const read = schema.safeParse(memory.get());
    this.#drafts = read.success ? read.data : [];
  }

  of(thread: string): PanelDraft | undefined {
    return this.#drafts.find(([id]) => id === thread)?.[1];
  }

  /** An empty one is kept as well: it says that what an older view has is said or dropped. */
  async keep(thread: string, draft: PanelDraft): Promise<void> {
    const others = this.#drafts.filter(([id]) => id !== thread);
    let { length } = draft.text;
    const fitting = others.slice(0, draftsKept - 1).filter(([, one]) => (length += one.text.length) <= draftsLength);
    this.#drafts = [[thread, draft], ...fitting];
    await this.#memory.set(this.#drafts);
  }
}
