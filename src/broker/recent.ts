import type { DurableEvent } from '../core/events';
import type { Message, MessageId } from '../core/model';

/** How much message text is kept at hand, in characters. What is older is read from the index. */
const mostCharacters = 8 * 1024 * 1024;

/** The latest messages, so that whoever listens is told without a look into the index. */
export class Recent {
  readonly #messages = new Map<MessageId, Message>();
  #characters = 0;

  add(event: DurableEvent): void {
    if (event.type !== 'message.sent') return;
    const { message } = event.payload;
    this.#messages.set(message.id, message);
    this.#characters += weight(message);
    for (const [id, oldest] of this.#messages) {
      if (this.#characters <= mostCharacters) break;
      this.#messages.delete(id);
      this.#characters -= weight(oldest);
    }
  }

  get(id: MessageId): Message | undefined {
    return this.#messages.get(id);
  }
}

function weight(message: Message): number {
  return 200 + message.content.length + message.refs.reduce((sum, ref) => sum + 100 + (ref.excerpt?.length ?? 0), 0);
}
