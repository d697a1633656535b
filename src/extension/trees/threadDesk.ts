import type { ConversationView } from '../thread/conversationView';
import type { Prompts } from '../prompts';
import type { Target } from './row';
import type { ThreadPanels } from '../thread/threadPanels';

/** Where threads are shown: in the editor area, or in the sidebar's view. */
export class ThreadDesk {
  readonly #panels: Pick<ThreadPanels, 'open'>;
  readonly #conversation: Pick<ConversationView, 'open' | 'follow' | 'thread'>;
  readonly #prompts: Pick<Prompts, 'thread'>;
  readonly #inSidebar: () => boolean;

  /** `inSidebar`: the person wants threads to open there. */
  constructor(
    panels: Pick<ThreadPanels, 'open'>,
    conversation: Pick<ConversationView, 'open' | 'follow' | 'thread'>,
    prompts: Pick<Prompts, 'thread'>,
    inSidebar: () => boolean,
  ) {
    this.#panels = panels;
    this.#conversation = conversation;
    this.#prompts = prompts;
    this.#inSidebar = inSidebar;
  }

  /** Shows the thread where the person wants threads; the sidebar's view follows in any case. */
  open(thread: string): void {
    this.#conversation.follow(thread);
    if (this.#inSidebar()) void this.#conversation.open(thread);
    else this.#panels.open(thread);
  }

  async showInSidebar({ thread }: Target): Promise<void> {
    const chosen = thread ?? (await this.#prompts.thread());
    if (chosen !== undefined) await this.#conversation.open(chosen);
  }

  /** Without a target: the thread that the sidebar shows. */
  async openInEditor({ thread }: Target): Promise<void> {
    const chosen = thread ?? this.#conversation.thread ?? (await this.#prompts.thread());
    if (chosen !== undefined) this.#panels.open(chosen);
  }
}
