/** Time as the page gets it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Runs `action` once after `milliseconds`. The answer takes it back. */
  after(milliseconds: number, action: () => void): () => void;
}
