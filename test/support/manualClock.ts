import type { Clock } from '../../src/store/clock';

/** A clock that moves only when a test says so. */
export class ManualClock implements Clock {
  #now: number;
  #slept = 0;
  #timers: { at: number; order: number; run: () => void }[] = [];
  #order = 0;

  constructor(now = Date.UTC(2026, 0, 1)) {
    this.#now = now;
  }

  readonly now = (): number => this.#now;

  readonly monotonic = (): number => this.#now - this.#slept;

  readonly after = (milliseconds: number, run: () => void): (() => void) => {
    const timer = { at: this.#now + milliseconds, order: this.#order++, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((one) => one !== timer);
    };
  };

  /** Timers that have not run. */
  get pending(): number {
    return this.#timers.length;
  }

  /** The machine sleeps: the wall clock goes on, the monotonic one and the timers do not. */
  sleep(milliseconds: number): void {
    this.#now += milliseconds;
    this.#slept += milliseconds;
    this.#timers = this.#timers.map((timer) => Object.assign(timer, { at: timer.at + milliseconds }));
  }

  /** Moves on, running what becomes due in order; lets promises settle after each. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    for (;;) {
      await settled();
      const next = this.#timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at || a.order - b.order)[0];
      if (!next) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#now = Math.max(this.#now, next.at);
      next.run();
    }
    this.#now = end;
    await settled();
  }
}

/** Lets everything that waits for resolved promises run. */
export async function settled(): Promise<void> {
  for (let round = 0; round < 20; round++) await Promise.resolve();
  await new Promise((resolve) => setImmediate(resolve));
}
