import type { RingAnswer, RingRequest } from '../contract/wire';

/** Whether a ringer has a chance of getting through now. */
export type Availability = { readonly available: true } | { readonly available: false; readonly reason: string };

/** What became of a ring later on, as its client told. */
export interface LateReport extends RingAnswer {
  /** The message or call that was rung for. */
  readonly subject: string;
  readonly agent: string;
  readonly ringer: string;
}

/**
 * A way to get an agent's attention. Implementations MUST NOT throw or reject: whatever goes wrong is an answer (`failed`
 * with the reason in `detail`), and MUST NOT claim more than they saw: `written` says that the client took the bytes, not
 * that anybody read them.
 */
export interface Ringer {
  /** Its key in the contract's table of ringers. */
  readonly name: string;
  available(): Promise<Availability>;
  ring(request: RingRequest): Promise<RingAnswer>;
  /** Lets go of everything acquired. A ring after it fails. May be called twice. */
  dispose(): Promise<void>;
}
