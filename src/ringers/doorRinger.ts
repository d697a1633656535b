import type { RingAnswer, RingerTest, RingRequest } from '../contract/wire';
import { DoorClosed, type Availability, type Door, type Ringer, type RingerClock } from './ringer';
import { Repeats } from './repeats';
import type { TriedVersions } from './versions';

/** How long a door may take for one ring (ms): a client that does anything at all takes a tenth of that. */
export const doorTimeout = 5000;
/** How long it may take for a test (ms), for which nobody waits: a client that starts up has other things to do. */
export const testTimeout = 20_000;
/** Rings that wait for the one under way; the broker tries the next ringer for more. */
export const mostWaiting = 32;
/** Longest text of a ring, in bytes: ours have a tenth of that. */
export const longestRing = 16 * 1024;

const ended = 'the session has ended';

export interface DoorRingerParts {
  readonly door: Door;
  readonly clock: RingerClock;
  /** For a door that its client does not document: the versions that it was tried with, and the client's own. */
  readonly tried?: TriedVersions | undefined;
}

/** Makes a ringer of a door: nothing it does throws, hangs, runs twice at a time, or goes on once it is disposed of. */
export class DoorRinger implements Ringer {
  readonly name: string;
  readonly #door: Door;
  readonly #clock: RingerClock;
  readonly #tried: TriedVersions | undefined;
  readonly #repeats = new Repeats();
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #isDisposed = false;
  readonly #under = new Set<AbortController>();

  constructor({ door, clock, tried }: DoorRingerParts) {
    this.name = door.name;
    this.#door = door;
    this.#clock = clock;
    this.#tried = tried;
  }

  async available(): Promise<Availability> {
    const reason = await this.#closed();
    return reason === undefined ? { available: true } : { available: false, reason };
  }

  ring(request: RingRequest): Promise<RingAnswer> {
    if (this.#waiting >= mostWaiting) {
      return Promise.resolve({ result: 'failed', detail: `${mostWaiting} rings wait already` });
    }
    this.#waiting++;
    const answer = this.#last.then(() => this.#ring(request)).finally(() => this.#waiting--);
    this.#last = answer;
    return answer;
  }

  async selfTest(): Promise<RingerTest> {
    const began = this.#clock.now();
    const since = (): number => Math.max(0, this.#clock.now() - began);
    const reason = await this.#closed();
    if (reason !== undefined) {
      return { ringer: this.name, works: false, did: 'looked for its door', milliseconds: since(), detail: reason };
    }
    try {
      const { did, version } = await this.#bounded((signal) => this.#door.test(signal), testTimeout);
      return { ringer: this.name, works: true, did, milliseconds: since(), ...(version !== undefined && { version }) };
    } catch (error) {
      return {
        ringer: this.name,
        works: false,
        did: 'tried its door',
        milliseconds: since(),
        detail: reasonOf(error),
      };
    }
  }

  watch(changed: () => void): () => void {
    return this.#door.watch?.(changed) ?? ((): void => undefined);
  }

  async dispose(): Promise<void> {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    for (const under of this.#under) under.abort(new DoorClosed(ended));
    await this.#last;
    await this.#door.dispose?.().catch(() => undefined);
  }

  async #ring(request: RingRequest): Promise<RingAnswer> {
    const reason = await this.#closed();
    if (reason !== undefined) return { result: 'failed', detail: reason };
    const text = fit(this.#repeats.distinct(request));
    if (Buffer.byteLength(text) > longestRing) {
      return { result: 'failed', detail: `the ring is longer than ${longestRing} bytes` };
    }
    try {
      return await this.#bounded((signal) => this.#door.ring({ request, text }, signal), this.#door.timeout);
    } catch (error) {
      return { result: 'failed', detail: reasonOf(error) };
    }
  }

  /** Why nothing can get through now. */
  async #closed(): Promise<string | undefined> {
    if (this.#isDisposed) return ended;
    const untried = this.#tried?.problem();
    if (untried !== undefined) return untried;
    try {
      await this.#bounded((signal) => this.#door.look(signal));
      return undefined;
    } catch (error) {
      return reasonOf(error);
    }
  }

  /** The work, or an error when it takes too long or the ringer is disposed of meanwhile. */
  async #bounded<T>(work: (signal: AbortSignal) => Promise<T>, timeout = doorTimeout): Promise<T> {
    if (this.#isDisposed) throw new DoorClosed(ended);
    const under = new AbortController();
    const { signal } = under;
    this.#under.add(under);
    const cancel = this.#clock.after(timeout, () => under.abort(new Error(`it did not answer in ${timeout / 1000} s`)));
    const given = new Promise<never>((_resolve, reject) =>
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }),
    );
    try {
      return await Promise.race([work(signal), given]);
    } finally {
      cancel();
      this.#under.delete(under);
    }
  }
}

/** Control characters would end lines of protocols, or be commands of terminals; a tab and a line's end are none. */
function fit(text: string): string {
  return text.replaceAll(/\p{Surrogate}/gu, '\ufffd').replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, ' ');
}

function reasonOf(error: unknown): string {
  const said = error instanceof Error ? error.message : String(error);
  return said.trim() === '' ? 'it failed without a reason' : said.slice(0, 200);
}
