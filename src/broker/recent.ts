import type { DurableEvent } from '../core/events';
import type { Message, MessageId, ThreadId } from '../core/model';

/** How much message text is kept at hand, in characters. What is older is read from the index. */
const mostCharacters = 8 * 1024 * 1024;

/** The latest messages, so that whoever listens is told without a look into the index. */
export class Recent {
  readonly #messages = new Map<MessageId, Message>();
  /** In the order in which they came; those before {@link #oldest} are let go. A map that is emptied from its beginning is slow there. */
  #order: Message[] = [];
  #oldest = 0;
  #characters = 0;

  add(event: DurableEvent): void {
    if (event.type === 'thread.erased') this.#forget(event.payload.thread);
    if (event.type !== 'message.sent') return;
    const { message } = event.payload;
    this.#messages.set(message.id, message);
    this.#order.push(message);
    this.#characters += weight(message);
    while (this.#characters > mostCharacters) this.#forgetOldest();
  }

  #forgetOldest(): void {
    const oldest = this.#order[this.#oldest++];
    if (!oldest) return;
    this.#messages.delete(oldest.id);
    this.#characters -= weight(oldest);
    if (this.#oldest < this.#order.length / 2) return;
    this.#order = this.#order.slice(this.#oldest);
    this.#oldest = 0;
  }

  #forget(thread: ThreadId): void {
    for (const [id, message] of this.#messages) {
      if (message.thread !== thread) continue;
      this.#messages.delete(id);
      this.#characters -= weight(message);
    }
  }

  get(id: MessageId): Message | undefined {
    return this.#messages.get(id);
  }
}

function weight(message: Message): number {
  return 200 + message.content.length + message.refs.reduce((sum, ref) => sum + 100 + (ref.excerpt?.length ?? 0), 0);
}
