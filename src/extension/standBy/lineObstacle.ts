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
  readonly wanted: string;
}

/** What may be in the way of a line, as the broker is told and a person reads it. */
export const obstacles = {
  closed: 'its terminal is closed',
  unclear: 'what runs in its terminal cannot be told',
  otherProgram: 'its client is not in the foreground of its terminal',
  inHand: 'its terminal has the keyboard: somebody may be typing there',
  justLeft: 'somebody was at its terminal a moment ago',
} as const;

/**
 * Why no line may be typed into a terminal now; undefined when it may. The editor tells nobody of keystrokes, so a terminal
 * that may have the keyboard counts as one that somebody types in; and only the agent's own client may get the line, never
 * the shell that started it.
 */
export function lineObstacle({ isInHand, leftAt, now, front, wanted }: TerminalState): string | undefined {
  if (front === undefined) return obstacles.unclear;
  if (front !== wanted) return obstacles.otherProgram;
  if (isInHand) return obstacles.inHand;
  if (leftAt !== undefined && now - leftAt < handsOff) return obstacles.justLeft;
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

  /** From now on this one is in hand, or none. @returns whether that is another than before */
  hold(thing: T | undefined): boolean {
    if (this.#held === thing) return false;
    if (this.#held) this.#left.set(this.#held, this.#clock.now());
    this.#held = thing;
    return true;
  }

  isHeld(thing: T): boolean {
    return this.#held === thing;
  }

  leftAt(thing: T): number | undefined {
    return this.#left.get(thing);
  }
}
