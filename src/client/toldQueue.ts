import type { Told } from '../contract/wire';
import type { ToldListener } from './options';

/**
 * Hands the agent's own events to one listener, one after the other, each once. What comes again (the link went before it
 * was confirmed) is confirmed anew and not handed over twice.
 */
export class ToldQueue {
  readonly #listener: ToldListener;
  readonly #confirm: (delivery: string) => void;
  /** Offsets count up; one agent is told at most one thing per offset. */
  #handled = 0;
  /** By offset: what is being handed over or waits for that, with its newest delivery. */
  readonly #open = new Map<number, Told>();
  #busy = false;

  constructor(listener: ToldListener, confirm: (delivery: string) => void) {
    this.#listener = listener;
    this.#confirm = confirm;
  }

  add(told: Told): void {
    const { offset } = told.event;
    if (offset <= this.#handled) {
      this.#confirm(told.delivery);
      return;
    }
    this.#open.set(offset, told);
    if (!this.#busy) this.#next();
  }

  /** The broker stands at this offset. One that stands lower than we have seen counts anew: so do we. */
  welcome(offset: number): void {
    if (offset < this.#handled) this.#handled = 0;
  }

  #next(): void {
    for (const [offset, told] of this.#open) {
      this.#busy = true;
      let handing: void | Promise<void>;
      try {
        handing = this.#listener(told.event);
      } catch {
        this.#end(offset, false);
        continue;
      }
      if (handing instanceof Promise) {
        handing.then(
          () => this.#end(offset, true),
          () => this.#end(offset, false),
        ).finally(() => this.#next()); // prettier-ignore
        return;
      }
      this.#end(offset, true);
    }
    this.#busy = false;
  }

  /** What a listener refused stays unseen; the broker tells it again over the next link. */
  #end(offset: number, isHandled: boolean): void {
    const told = this.#open.get(offset);
    this.#open.delete(offset);
    if (!told || !isHandled) return;
    this.#handled = Math.max(this.#handled, offset);
    this.#confirm(told.delivery);
  }
}
