import { setImmediate } from 'node:timers/promises';
import { until } from '../../support/until';

/** What a client of a test was given, and whether it answers. */
export class TakenRings {
  readonly texts: string[] = [];
  #hangs = false;
  #open = 0;
  #most = 0;

  /** The client takes this in. Resolves when it is to answer: never while it hangs. */
  async take(text: string): Promise<void> {
    this.texts.push(text);
    this.#open++;
    this.#most = Math.max(this.#most, this.#open);
    // Another ring would come in now, were it under way.
    await setImmediate();
    if (this.#hangs) await new Promise(() => undefined);
    this.#open--;
  }

  hang(): void {
    this.#hangs = true;
  }

  /** How many rings were there at once, at most. */
  mostAtOnce(): number {
    return this.#most;
  }

  async received(count: number): Promise<readonly string[]> {
    return until('the texts', () => this.texts.length >= count && this.texts, 3000);
  }

  async unanswered(count: number): Promise<void> {
    await until('the rings without an answer', () => this.#open >= count, 3000);
  }
}
