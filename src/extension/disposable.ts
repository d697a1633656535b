/** Something that is to be let go of. VS Code's own disposables fit. */
export interface Disposable {
  dispose(): unknown;
}

/**
 * Owns what was acquired and disposes it, the latest first. What is added after the end is disposed at once, and one that
 * throws keeps none of the others from their turn.
 */
export class Owned implements Disposable {
  #things: Disposable[] | undefined = [];

  own<T extends Disposable>(thing: T): T {
    if (this.#things) this.#things.push(thing);
    else thing.dispose();
    return thing;
  }

  /** Owns a function that ends something. */
  ending(end: () => void): void {
    this.own({ dispose: end });
  }

  dispose(): void {
    const things = this.#things ?? [];
    this.#things = undefined;
    const errors: unknown[] = [];
    for (const thing of things.reverse()) {
      try {
        thing.dispose();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, 'not everything could be disposed');
  }
}

/** Tells listeners one after the other; one that throws does not keep it from the next. */
export class Signal<T> {
  readonly #listeners = new Set<(value: T) => void>();
  readonly #onError: (error: unknown) => void;

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  on(listener: (value: T) => void): Disposable {
    this.#listeners.add(listener);
    return { dispose: () => this.#listeners.delete(listener) };
  }

  tell(value: T): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(value);
      } catch (error) {
        this.#onError(error);
      }
    }
  }
}
