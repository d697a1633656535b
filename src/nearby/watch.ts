import { keyOf, type Found, type NearbySession } from './session';

/** How often somebody who looks is shown the state of things, in milliseconds. */
export const lookEvery = 5000;

export interface WatchParts {
  readonly look: () => Promise<Found>;
  /** Runs once after so many milliseconds, unless the function returned is called first. */
  readonly after: (milliseconds: number, run: () => void) => () => void;
}

/** The sessions nearby, for as long as somebody looks: without a looker nothing is read and no timer runs. */
export class NearbyWatch {
  readonly #parts: WatchParts;
  readonly #listeners = new Set<() => void>();
  readonly #lookers = new Set<object>();
  #found: Found = { sessions: [], unclear: [] };
  #shown = '';
  #cancel: (() => void) | undefined;
  #looking: Promise<void> | undefined;

  constructor(parts: WatchParts) {
    this.#parts = parts;
  }

  /** What the last look found; stays as it was when nobody looks. */
  get sessions(): readonly NearbySession[] {
    return this.#found.sessions;
  }

  /** What it could not make out. */
  get unclear(): Found['unclear'] {
    return this.#found.unclear;
  }

  /** Told after a look that found something else than the one before; until the function returned is called. */
  onDidChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Somebody looks from now on, until the function returned is called. The first look begins at once. */
  look(): () => void {
    const looker = {};
    this.#lookers.add(looker);
    if (this.#lookers.size === 1) this.#begin();
    return () => {
      this.#lookers.delete(looker);
      if (this.#lookers.size === 0) this.#stop();
    };
  }

  /** Looks now, or waits for the look that is under way. */
  refresh(): Promise<void> {
    this.#looking ??= this.#parts
      .look()
      .then((found) => this.#take(found))
      .finally(() => (this.#looking = undefined));
    return this.#looking;
  }

  dispose(): void {
    this.#lookers.clear();
    this.#listeners.clear();
    this.#stop();
  }

  #begin(): void {
    this.#stop();
    // A look never rejects; whoever was told and failed must not end the looking.
    void this.refresh()
      .catch(() => undefined)
      .then(() => {
        if (this.#lookers.size > 0 && !this.#cancel) this.#cancel = this.#parts.after(lookEvery, () => this.#begin());
      });
  }

  #stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #take(found: Found): void {
    this.#found = found;
    const shown = JSON.stringify(found.sessions.map((session) => [keyOf(session), session]));
    if (shown === this.#shown) return;
    this.#shown = shown;
    for (const listener of this.#listeners) listener();
  }
}
