import type { Clock } from '../../client/clock';

/** How long a terminal is left alone after the person had it in hand (ms). */
export const handsOff = 30_000;

export interface TerminalState {
  /** It is the active terminal of a window that has the focus: who types now may type there. */
  readonly isInHand: boolean;
  /** When (ms) it was in hand last; undefined: never in this session of the window. */
  readonly leftAt: number | undefined;
  readonly now: number;
  /** The program in its foreground; undefined where that cannot be known. */
  readonly front: string | undefined;
  /** The program of the agent's client. */
  readonly wanted: string | undefined;
}

/**
 * Why no line may be typed into a terminal now; undefined when it may. The editor tells nobody of keystrokes, so a terminal
 * that may have the keyboard counts as one that somebody types in; and only the agent's own client may get the line, never
 * the shell that started it.
 */
export function lineObstacle({ isInHand, leftAt, now, front, wanted }: TerminalState): string | undefined {
  if (wanted === undefined) return 'its client is not one that is started in a terminal';
  if (front === undefined) return 'what runs in its terminal cannot be told';
  if (front !== wanted) return 'its client is not in the foreground of its terminal';
  if (isInHand) return 'its terminal has the keyboard: somebody may be typing there';
  if (leftAt !== undefined && now - leftAt < handsOff) return 'somebody was at its terminal a moment ago';
  return undefined;
}

/** Remembers when each of several things was last in hand, of which at most one is. */
export class Hands<T extends object> {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #left = new WeakMap<T, number>();
  #held: T | undefined;

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  /** From now on this one is in hand, or none. */
  hold(thing: T | undefined): void {
    if (this.#held && this.#held !== thing) this.#left.set(this.#held, this.#clock.now());
    this.#held = thing;
  }

  isHeld(thing: T): boolean {
    return this.#held === thing;
  }

  leftAt(thing: T): number | undefined {
    return this.#left.get(thing);
  }
}
