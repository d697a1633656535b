import * as fs from 'node:fs';
import type { Clock } from '../../src/store/clock';
import { endWith, runBroker } from '../../src/programs/runBroker';

/**
 * The broker with a clock that a test can turn: `PARLEY_TEST_CLOCK` names a file whose text is how far (ms) time is ahead.
 * On SIGUSR2 the file is read and what has become due runs.
 */
class TurnedClock implements Clock {
  readonly #file: string;
  #ahead = 0;
  readonly #timers = new Set<{ readonly at: number; readonly run: () => void; cancel: () => void }>();

  constructor(file: string) {
    this.#file = file;
    this.turn();
  }

  readonly now = (): number => Date.now() + this.#ahead;

  readonly monotonic = (): number => performance.now() + this.#ahead;

  readonly after = (milliseconds: number, run: () => void): (() => void) => {
    const timer = { at: this.now() + milliseconds, run, cancel: () => undefined as void };
    this.#set(timer);
    return () => {
      timer.cancel();
      this.#timers.delete(timer);
    };
  };

  turn(): void {
    this.#ahead = Number(fs.readFileSync(this.#file, 'utf8')) || 0;
    for (const timer of [...this.#timers].sort((a, b) => a.at - b.at)) {
      timer.cancel();
      this.#set(timer);
    }
  }

  #set(timer: { readonly at: number; readonly run: () => void; cancel: () => void }): void {
    this.#timers.add(timer);
    const real = setTimeout(
      () => {
        this.#timers.delete(timer);
        timer.run();
      },
      Math.max(0, timer.at - this.now()),
    );
    real.unref();
    timer.cancel = () => clearTimeout(real);
  }
}

const clock = new TurnedClock(process.env['PARLEY_TEST_CLOCK'] ?? '');
process.on('SIGUSR2', () => clock.turn());
runBroker(clock).catch(endWith);
