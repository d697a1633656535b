/** One durable event as the journal keeps it. What `type` and `payload` mean is the business of the core. */
export interface StoredEvent {
  /** Position in the journal: 1, 2, 3, … without a gap. */
  readonly offset: number;
  /** Milliseconds since the Unix epoch. */
  readonly time: number;
  /** Id of the broker where the event arose; at most 255 bytes. */
  readonly origin: string;
  /** At most 255 bytes. */
  readonly type: string;
  /** JSON; at most `maxPayloadBytes` when written out. */
  readonly payload: object;
}
