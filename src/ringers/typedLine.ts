import type { RingAnswer, RingRequest } from '../contract/wire';
import { Repeats } from './repeats';
import { DoorClosed, type Door, type DoorTest, type Ring, type RingerClock } from './ringer';

/**
 * Between the line and the Enter that sends it (ms): clients take what comes in one piece, with its Enter, for something
 * pasted, and do not send it.
 */
export const enterPause = 250;

/** Lines that are remembered as unsent; of more the oldest are forgotten. */
const mostUnsent = 500;

/** A terminal in which the agent's client runs, as far as a line may be typed into it. */
export interface LineTerminal {
  /**
   * Why nothing may be typed now, for a person; undefined when it may. It MUST say so when anything but the client would get
   * the line, and whenever a person may be typing.
   */
  obstacle(): Promise<string | undefined>;
  /** Types as a keyboard would. */
  type(text: string): void;
}

export interface TypedLineParts {
  /** The terminal that its client runs in; undefined when there is none here. */
  readonly terminal: () => Promise<LineTerminal | undefined>;
  readonly clock: RingerClock;
}

/**
 * Types one line of our own into the terminal of the client. What agents wrote never stands in it, not even quoted: a terminal
 * takes characters for commands that no quote holds. Nothing is known of what becomes of it. A line that stands there unsent
 * is its user's to send or to take away: for the same call or message none is typed after it.
 */
export class TypedLineDoor implements Door {
  readonly name = 'typed-line';
  readonly #parts: TypedLineParts;
  readonly #repeats = new Repeats();
  /** Lines that stand in the terminal without their Enter, by subject, and why: they are not typed a second time. */
  readonly #unsent = new Map<string, string>();

  constructor(parts: TypedLineParts) {
    this.#parts = parts;
  }

  async look(): Promise<void> {
    await this.#free();
  }

  async test(): Promise<DoorTest> {
    await this.#free();
    return { did: 'looked at its terminal' };
  }

  async ring({ request }: Ring, signal: AbortSignal): Promise<RingAnswer> {
    const { subject } = request;
    const standing = this.#unsent.get(subject);
    if (standing !== undefined) return unsent(standing);
    const terminal = await this.#free();
    signal.throwIfAborted();
    this.#stands(subject, 'unknown');
    terminal.type(typeable(this.#repeats.distinct({ subject, text: lineFor(request) })));
    await this.#pause(enterPause);
    // Somebody came meanwhile, or the client went: the line stays where it is, and nothing is sent for them.
    const obstacle = await terminal.obstacle();
    if (obstacle !== undefined) {
      this.#stands(subject, obstacle);
      return unsent(obstacle);
    }
    signal.throwIfAborted();
    terminal.type('\r');
    this.#unsent.delete(subject);
    return { result: 'written' };
  }

  #stands(subject: string, why: string): void {
    this.#unsent.set(subject, why);
    for (const oldest of this.#unsent.keys()) {
      if (this.#unsent.size <= mostUnsent) break;
      this.#unsent.delete(oldest);
    }
  }

  /** @throws DoorClosed */
  async #free(): Promise<LineTerminal> {
    const terminal = await this.#parts.terminal();
    if (!terminal) throw new DoorClosed('its terminal is not in this window');
    const obstacle = await terminal.obstacle();
    if (obstacle !== undefined) throw new DoorClosed(obstacle);
    return terminal;
  }

  #pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => void this.#parts.clock.after(milliseconds, resolve));
  }
}

const unsent = (why: string): RingAnswer => ({
  result: 'held',
  detail: `its line stands in the terminal, not sent: ${why}`,
});

/** What a name or an id may be made of; anything else is not typed. */
const plainWord = /^[A-Za-z0-9][A-Za-z0-9_@.-]{0,64}$/;

/** The line for a ring: who rings, and what to do. The sender's name is the only word in it that is not ours. */
function lineFor({ kind, from, call, subject }: RingRequest): string {
  const who = plainWord.test(from) ? from : 'somebody';
  if (kind === 'call' && call !== undefined && plainWord.test(call))
    return `Parley: you have a call from ${who}. Answer it with the parley tool answer, call ${call}.`;
  const what = plainWord.test(subject) ? ` ${subject}` : '';
  return `Parley: ${who} has something for you. Hear it with the parley tool listen.${what}`;
}

/** One line of characters that neither a client's prompt nor a shell takes for anything but words. */
function typeable(text: string): string {
  return text
    .replaceAll(/[^A-Za-z0-9 _@.,:-]+/g, ' ')
    .replaceAll(/ {2,}/g, ' ')
    .trim();
}
