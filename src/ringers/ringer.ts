import type { RingAnswer, RingerTest, RingRequest } from '../contract/wire';

/** Whether a ringer has a chance of getting through now. */
export type Availability = { readonly available: true } | { readonly available: false; readonly reason: string };

/** What became of a ring later on, as its client told. */
export interface LateReport extends RingAnswer {
  /** The message or call that was rung for. */
  readonly subject: string;
  readonly agent: string;
  readonly ringer: string;
}

/** Time as ringers need it; tests bring their own. */
export interface RingerClock {
  /** Milliseconds, from any beginning. */
  now(): number;
  /** Runs once after that many milliseconds, unless the function returned is called first. */
  after(milliseconds: number, run: () => void): () => void;
}

/**
 * A way to get an agent's attention. Implementations MUST NOT throw or reject: whatever goes wrong is an answer (`failed`
 * with the reason in `detail`), and MUST NOT claim more than they saw: `written` says that the client took the bytes, not
 * that anybody read them. They run one ring at a time and answer each within a bound. Most are a {@link Door} inside a
 * `DoorRinger`, which sees to all of that; `test/unit/ringers/compliance.ts` holds every one of them to it.
 */
export interface Ringer {
  /** Its key in the contract's table of ringers. */
  readonly name: string;
  /** Cheap: connects to nothing where looking is enough. */
  available(): Promise<Availability>;
  ring(request: RingRequest): Promise<RingAnswer>;
  /** Measures the door without waking anybody, as far as the door allows that; what it did stands in the result. */
  selfTest(): Promise<RingerTest>;
  /** Calls back, until the function returned is called, whenever the door may have opened or closed. Polls nothing. */
  watch?(changed: () => void): () => void;
  /** Lets go of everything acquired. A ring after it fails. May be called twice. */
  dispose(): Promise<void>;
}

/** What is to be put before a client's model: {@link RingRequest} with the text made fit for any client. */
export interface Ring {
  readonly request: RingRequest;
  /** Without control characters, at most `longestRing` bytes, and never the same twice. */
  readonly text: string;
}

/** What a test of a door did and saw. */
export interface DoorTest {
  /** For a person, in the past tense: `asked its socket for its threads`. */
  readonly did: string;
  /** The client's version, where the door says it. */
  readonly version?: string | undefined;
}

/** The client has no such door now, and why, for a person. */
export class DoorClosed extends Error {}

/**
 * What is particular to one client: how its door is found, tested and rung. It may throw: `DoorClosed` when nothing can be
 * there (nothing was written), anything else when something went wrong. What hangs is left alone once the signal is aborted.
 */
export interface Door {
  readonly name: string;
  /** How long a ring may take (ms); default: `doorTimeout`. */
  readonly timeout?: number;
  /** Looks whether there is a door, without connecting where that is possible. @throws DoorClosed */
  look(signal: AbortSignal): Promise<void>;
  /** Goes in and out again, waking nobody. */
  test(signal: AbortSignal): Promise<DoorTest>;
  /** Resolves when the client took the ring; says no more than what the client said. */
  ring(ring: Ring, signal: AbortSignal): Promise<RingAnswer>;
  /** As a ringer's. */
  watch?(changed: () => void): () => void;
  dispose?(): Promise<void>;
}
